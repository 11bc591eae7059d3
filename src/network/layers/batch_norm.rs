//! `gamma * (x - mean) / sqrt(var + eps) + beta`

use std::sync::Arc;

use burn::backend::{Dispatch, DispatchTensor};
use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::kernels::{Fused, Kernels, Norm};
use crate::limits::{fraction, positive};
use crate::network::features::Features;
use crate::network::layer::{Back, Built, Counts, Kind, Layer, Penalised, Properties, Run};
use crate::network::layout::Builder;
use crate::network::tape::Pass;
use crate::store::Store;

/// `gamma * (x - mean) / sqrt(var + eps) + beta` with the biased batch variance; for each value of a row, for each channel of a
/// picture.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BatchNorm {
    /// Keras' convention: the share of the *old* running statistic that is kept. (Burn's own is 1 minus this.)
    pub momentum: f64,
    /// Added to the variance.
    pub eps: f64,
}

impl Kind for BatchNorm {
    fn name(&self) -> &'static str {
        "batchNorm"
    }

    fn check(&self, field: &str) -> Result<(), Error> {
        fraction(&format!("{field}.momentum"), self.momentum)?;
        positive(&format!("{field}.eps"), self.eps)
    }

    fn output(&self, _field: &str, input: Features) -> Result<Features, Error> {
        Ok(input)
    }

    fn counts(&self, input: Features) -> Counts {
        let (channels, _) = input.channels();
        Counts {
            trainable: 2 * channels,
            running: 2 * channels,
        }
    }

    fn label(&self, input: Features, _output: Features) -> String {
        format!("BatchNorm {}", input.channels().0)
    }

    fn properties(&self) -> Properties {
        Properties {
            range: None,
            needs_batch: true,
            in_penalty: false,
        }
    }

    fn build(&self, builder: &mut Builder<'_>, input: Features, _output: Features) -> Built {
        let (channels, spatial) = input.channels();
        let at = builder.parameter("gamma", &[channels], vec![1.0; channels]);
        builder.parameter_behind("beta", vec![0.0; channels]);
        let running_at = builder.running("runningMean", vec![0.0; channels]);
        builder.running("runningVar", vec![1.0; channels]);
        Built::Layer(Arc::new(Norm {
            at,
            running_at,
            channels,
            spatial,
            eps: self.eps as f32,
            keep: self.momentum as f32,
        }))
    }
}

impl Layer for Norm {
    /// Notes down the statistics `[1, groups * 2 * channels]`, if they are those of the batch.
    fn forward(
        &self,
        x: Tensor<2>,
        run: &mut Run<'_, '_>,
        activation: Fused,
    ) -> (Tensor<2>, Option<Tensor<2>>) {
        let (x, parameters) = (x.into_dispatch(), run.parameters.share());
        let (groups, moving) = match run.pass {
            Pass::Train { groups, .. } => (*groups, true),
            Pass::Batch => (1, false),
            Pass::Running => {
                let running = run.running.share();
                let y = Dispatch::batch_norm_running(x, parameters, running, *self, activation);
                return (Tensor::from_dispatch(y), None);
            }
        };
        let (y, statistics) = run.running.change(|running| {
            let (y, statistics, running) =
                Dispatch::batch_norm(x, parameters, running, *self, groups, moving, activation);
            (running, (y, statistics))
        });
        (
            Tensor::from_dispatch(y),
            Some(Tensor::from_dispatch(statistics)),
        )
    }

    fn parameter_gradients(&self, gradient: Tensor<2>, back: &Back<'_>, into: &mut Store) {
        Backward::new(*self, gradient, back).write(into);
    }

    fn input_gradient(&self, gradient: Tensor<2>, back: &Back<'_>, below: Fused) -> Tensor<2> {
        Backward::new(*self, gradient, back).input(below)
    }

    fn both_gradients(
        &self,
        gradient: Tensor<2>,
        back: &Back<'_>,
        below: Fused,
        into: &mut Store,
    ) -> Tensor<2> {
        let backward = Backward::new(*self, gradient, back);
        backward.write(into);
        backward.input(below)
    }

    fn penalised(&self) -> Option<&dyn Penalised> {
        None
    }
}

/// The backward pass through a BatchNorm: both gradients are made of the same sums over the batch.
struct Backward {
    layer: Norm,
    groups: usize,
    x: DispatchTensor,
    gradient: DispatchTensor,
    statistics: DispatchTensor,
    parameters: DispatchTensor,
    /// Sums over each group, `[groups, 2 * channels]`.
    sums: DispatchTensor,
}

impl Backward {
    fn new(layer: Norm, gradient: Tensor<2>, back: &Back<'_>) -> Self {
        let note = back
            .note
            .expect("only passes by the batch's statistics are run backward");
        let groups = note.shape().num_elements() / (2 * layer.channels);
        let (x, gradient) = (back.x(), gradient.into_dispatch());
        let statistics = note.clone().into_dispatch();
        let sums = Dispatch::batch_norm_sums(
            x.clone(),
            gradient.clone(),
            statistics.clone(),
            layer,
            groups,
        );
        Self {
            layer,
            groups,
            x,
            gradient,
            statistics,
            parameters: back.parameters.share(),
            sums,
        }
    }

    /// Writes the gradients of gamma and beta.
    fn write(&self, into: &mut Store) {
        let (sums, layer, groups) = (self.sums.clone(), self.layer, self.groups);
        into.change(|into| {
            let into = Dispatch::batch_norm_weight_gradient(sums, into, layer, groups);
            (into, ())
        });
    }

    /// The gradient of the input.
    fn input(self, below: Fused) -> Tensor<2> {
        let gradient = Dispatch::batch_norm_input_gradient(
            self.x,
            self.gradient,
            self.statistics,
            self.sums,
            self.parameters,
            self.layer,
            self.groups,
            below,
        );
        Tensor::from_dispatch(gradient)
    }
}
