//! Values set to zero at random while training.

use std::sync::Arc;

use burn::backend::Dispatch;
use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};

use super::activation::{activated, sloped};
use crate::Error;
use crate::kernels::{Fused, Kernels};
use crate::limits::fraction;
use crate::network::features::Features;
use crate::network::layer::{Back, Built, Counts, Kind, Layer, Penalised, Properties, Run, Terms};
use crate::network::layout::Builder;
use crate::network::tape::Pass;
use crate::rng::Rng;
use crate::store::Store;

/// While training, each value becomes 0 with probability `rate`, and is divided by `1 - rate` otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Dropout {
    /// Share of values dropped.
    pub rate: f64,
}

impl Kind for Dropout {
    fn name(&self) -> &'static str {
        "dropout"
    }

    fn check(&self, field: &str) -> Result<(), Error> {
        fraction(&format!("{field}.rate"), self.rate)
    }

    fn output(&self, _field: &str, input: Features) -> Result<Features, Error> {
        Ok(input)
    }

    fn counts(&self, _input: Features) -> Counts {
        Counts::default()
    }

    fn label(&self, _input: Features, _output: Features) -> String {
        format!("Dropout {}", self.rate)
    }

    fn properties(&self) -> Properties {
        Properties {
            range: None,
            needs_batch: false,
            in_penalty: true,
        }
    }

    fn build(&self, _builder: &mut Builder<'_>, _input: Features, _output: Features) -> Built {
        Built::Layer(Arc::new(*self))
    }
}

impl Layer for Dropout {
    /// Notes down the factors `[batch, values]`, while training.
    fn forward(
        &self,
        x: Tensor<2>,
        run: &mut Run<'_, '_>,
        activation: Fused,
    ) -> (Tensor<2>, Option<Tensor<2>>) {
        match run.pass {
            Pass::Train { dropout, .. } => {
                let mask = mask(x.dims(), self.rate, dropout, &x.device());
                let y = Dispatch::multiply(x.into_dispatch(), mask.clone().into_dispatch());
                (activated(Tensor::from_dispatch(y), activation), Some(mask))
            }
            Pass::Batch | Pass::Running => (activated(x, activation), None),
        }
    }

    fn has_parameters(&self) -> bool {
        false
    }

    fn parameter_gradients(&self, _gradient: Tensor<2>, _back: &Back<'_>, _into: &mut Store) {}

    fn input_gradient(&self, gradient: Tensor<2>, back: &Back<'_>, below: Fused) -> Tensor<2> {
        let gradient = match back.note() {
            Some(mask) => Dispatch::multiply(gradient.into_dispatch(), mask),
            None => gradient.into_dispatch(),
        };
        sloped(Tensor::from_dispatch(gradient), back.x, below)
    }

    fn penalised(&self) -> Option<&dyn Penalised> {
        Some(self)
    }
}

impl Penalised for Dropout {
    fn tangent(&self, direction: Tensor<2>, back: &Back<'_>, activation: Fused) -> Tensor<2> {
        let direction = match back.note() {
            Some(mask) => Dispatch::multiply(direction.into_dispatch(), mask),
            None => direction.into_dispatch(),
        };
        sloped(Tensor::from_dispatch(direction), back.output(), activation)
    }

    fn merged_gradients(&self, _gradient: Tensor<2>, _terms: &Terms<'_>, _into: &mut Store) {}
}

/// Factors that drop each value with probability `rate`, made on the host: the same on every device.
fn mask(shape: [usize; 2], rate: f64, rng: &mut Rng, device: &Device) -> Tensor<2> {
    let kept = (1.0 / (1.0 - rate)) as f32;
    let mask: Vec<f32> = (0..shape[0] * shape[1])
        .map(|_| {
            if f64::from(rng.uniform()) < rate {
                0.0
            } else {
                kept
            }
        })
        .collect();
    Tensor::from_data(TensorData::new(mask, shape), device)
}
