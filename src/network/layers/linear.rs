//! `x W + b`

use std::sync::Arc;

use burn::backend::Dispatch;
use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::activation::sloped;
use crate::Error;
use crate::kernels::{Dense, Fused, Kernels};
use crate::limits::{LIMITS, within};
use crate::network::features::Features;
use crate::network::init::Fan;
use crate::network::layer::{
    Back, Built, Counts, Kind, Layer, Penalised, Properties, Run, Terms, misfit,
};
use crate::network::layout::Builder;
use crate::store::Store;

/// `x W + b` of a row, W of shape `[in, units]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Linear {
    /// Output width.
    pub units: usize,
}

impl Kind for Linear {
    fn name(&self) -> &'static str {
        "linear"
    }

    fn check(&self, field: &str) -> Result<(), Error> {
        within(&format!("{field}.units"), self.units, LIMITS.units)
    }

    fn output(&self, field: &str, input: Features) -> Result<Features, Error> {
        match input {
            Features::Row(_) => Ok(Features::Row(self.units)),
            Features::Picture(_) => {
                let expected = "a row: a flatten layer before it";
                Err(misfit(self, field, input, expected))
            }
        }
    }

    fn counts(&self, input: Features) -> Counts {
        Counts {
            trainable: (input.values() + 1) * self.units,
            running: 0,
        }
    }

    fn label(&self, input: Features, output: Features) -> String {
        format!("Linear {input} → {output}")
    }

    fn properties(&self) -> Properties {
        Properties {
            range: None,
            needs_batch: false,
            in_penalty: true,
        }
    }

    fn build(&self, builder: &mut Builder<'_>, input: Features, _output: Features) -> Built {
        let dense = dense(builder, input.values(), self.units, self.units);
        Built::Layer(Arc::new(dense))
    }
}

/// Lays out a linear layer whose first outputs have `biases` biases.
pub(super) fn dense(
    builder: &mut Builder<'_>,
    inputs: usize,
    outputs: usize,
    biases: usize,
) -> Dense {
    let fan = Fan {
        input: inputs,
        output: outputs,
    };
    let weights = builder.draw.weights(inputs * outputs, fan);
    let first_biases = builder.draw.biases(biases, fan);
    let at = builder.parameter("weight", &[inputs, outputs], weights);
    builder.parameter_behind("bias", first_biases);
    Dense {
        at,
        inputs,
        outputs,
        biases,
    }
}

impl Layer for Dense {
    fn forward(
        &self,
        x: Tensor<2>,
        run: &mut Run<'_, '_>,
        activation: Fused,
    ) -> (Tensor<2>, Option<Tensor<2>>) {
        let parameters = run.parameters.share();
        let y = Dispatch::linear(x.into_dispatch(), parameters, *self, activation);
        (Tensor::from_dispatch(y), None)
    }

    fn parameter_gradients(&self, gradient: Tensor<2>, back: &Back<'_>, into: &mut Store) {
        weight_gradient(back.x.clone(), gradient, into, *self, false);
    }

    fn input_gradient(&self, gradient: Tensor<2>, back: &Back<'_>, below: Fused) -> Tensor<2> {
        let (gradient, parameters) = (gradient.into_dispatch(), back.parameters.share());
        let gradient =
            Dispatch::linear_input_gradient(gradient, parameters, back.x(), *self, below);
        Tensor::from_dispatch(gradient)
    }

    fn penalised(&self) -> Option<&dyn Penalised> {
        Some(self)
    }

    fn logit(&self) -> Option<Dense> {
        (self.outputs == 1).then_some(*self)
    }
}

impl Penalised for Dense {
    fn tangent(&self, direction: Tensor<2>, back: &Back<'_>, activation: Fused) -> Tensor<2> {
        let (direction, parameters) = (direction.into_dispatch(), back.parameters.share());
        let direction = Dispatch::linear(direction, parameters, self.unbiased(), Fused::Identity);
        sloped(Tensor::from_dispatch(direction), back.output(), activation)
    }

    fn merged_gradients(&self, gradient: Tensor<2>, terms: &Terms<'_>, into: &mut Store) {
        let x = Tensor::from_dispatch(terms.x());
        weight_gradient(
            x,
            gradient.clone(),
            into,
            self.unbiased(),
            terms.accumulate(),
        );
        if self.biases > 0 {
            let channels = [self.outputs, self.biases];
            terms.write_biases(gradient, self.bias_at(), channels, into);
        }
    }
}

impl Dense {
    /// The layer without its biases.
    fn unbiased(&self) -> Self {
        Self { biases: 0, ..*self }
    }
}

/// Writes the gradients of a layer's weights and biases, or adds them to those in `into`.
fn weight_gradient(
    x: Tensor<2>,
    gradient: Tensor<2>,
    into: &mut Store,
    layer: Dense,
    accumulate: bool,
) {
    let (x, gradient) = (x.into_dispatch(), gradient.into_dispatch());
    into.change(|into| {
        let into = Dispatch::linear_weight_gradient(x, gradient, into, layer, accumulate);
        (into, ())
    });
}
