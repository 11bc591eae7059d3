//! The moving average of G's weights: what the picture shows, never what trains.

use burn::tensor::Tensor;

use crate::network::Network;

/// An exponential moving average over the updates of a network, running statistics included.
///
/// Source: Yazıcı et al. 2019, "The unusual effectiveness of averaging in GAN training"; the quicker start is that of TensorFlow's
/// `ExponentialMovingAverage` with `num_updates`.
pub(super) struct Average {
    decay: f64,
    updates: u32,
    /// In the order of [`Network::tensors`].
    values: Vec<Tensor<1>>,
}

impl Average {
    /// Starts from the network as it is.
    pub(super) fn new(decay: f64, network: &Network) -> Self {
        Self {
            decay,
            updates: 0,
            values: tensors(network),
        }
    }

    /// Takes in one update of the network.
    pub(super) fn follow(&mut self, network: &Network) {
        let updates = f64::from(self.updates);
        let keep = self.decay.min((1.0 + updates) / (10.0 + updates));
        self.updates += 1;
        for (average, now) in self.values.iter_mut().zip(tensors(network)) {
            *average = average.clone().mul_scalar(keep) + now.mul_scalar(1.0 - keep);
        }
    }

    /// `network` with the averaged values.
    pub(super) fn of(&self, network: &Network) -> Network {
        network.with(&self.values)
    }
}

fn tensors(network: &Network) -> Vec<Tensor<1>> {
    let tensors = network.tensors().into_iter();
    tensors.map(|tensor| tensor.values).collect()
}
