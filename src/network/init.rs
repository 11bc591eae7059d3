//! First values of weights and biases.

use serde::{Deserialize, Serialize};

use crate::rng::Rng;

/// First values of linear and convolutional layers. For a convolution, "in" and "out" are channels times the kernel's area; for its
/// transpose they are exchanged, as PyTorch and Keras have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Init {
    /// Keras' default: weights uniform in ±sqrt(6 / (in + out)), biases zero.
    GlorotUniform,
    /// Weights normal with mean 0 and deviation 0.02, biases zero (Radford et al. 2016, section 3).
    DcganNormal,
    /// PyTorch's default: weights and biases uniform in ±1 / sqrt(in).
    FanInUniform,
    /// Weights and biases standard normal (the toy's notebook).
    StandardNormal,
}

/// Values that one output of a layer sees, and outputs that see one input.
#[derive(Clone, Copy)]
pub(super) struct Fan {
    pub input: usize,
    pub output: usize,
}

/// Draws first values from a random stream: weights row by row, then biases, layer after layer.
pub(super) struct Draw<'a> {
    init: Init,
    rng: &'a mut Rng,
}

impl<'a> Draw<'a> {
    /// Draws as `init` says.
    pub fn new(init: Init, rng: &'a mut Rng) -> Self {
        Self { init, rng }
    }

    /// First values of so many weights.
    pub fn weights(&mut self, count: usize, fan: Fan) -> Vec<f32> {
        let spread = match self.init {
            Init::GlorotUniform => (6.0 / (fan.input + fan.output) as f64).sqrt(),
            Init::FanInUniform => 1.0 / (fan.input as f64).sqrt(),
            Init::DcganNormal => 0.02,
            Init::StandardNormal => 1.0,
        };
        self.values(count, spread)
    }

    /// First values of so many biases.
    pub fn biases(&mut self, count: usize, fan: Fan) -> Vec<f32> {
        let spread = match self.init {
            Init::GlorotUniform | Init::DcganNormal => return vec![0.0; count],
            Init::FanInUniform => 1.0 / (fan.input as f64).sqrt(),
            Init::StandardNormal => 1.0,
        };
        self.values(count, spread)
    }

    /// Values uniform in ± `spread`, or normal with that deviation.
    fn values(&mut self, count: usize, spread: f64) -> Vec<f32> {
        let spread = spread as f32;
        (0..count)
            .map(|_| match self.init {
                Init::GlorotUniform | Init::FanInUniform => {
                    (2.0 * self.rng.uniform() - 1.0) * spread
                }
                Init::DcganNormal | Init::StandardNormal => self.rng.normal() * spread,
            })
            .collect()
    }
}
