//! Activations: functions of each value alone.
//!
//! One whose slope follows from its output ([`Fused`]) joins the layer before it: that layer's operation ends with it, and the operation
//! that goes back to its output ends with its slope. Any other is a layer of its own, which finds its input and its output on the tape.

use burn::backend::Dispatch;
use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::kernels::{Activation, Fused, Kernels};
use crate::limits::{fraction, positive};
use crate::network::features::Features;
use crate::network::layer::{Back, Built, Counts, Kind, Layer, Penalised, Properties, Run, Terms};
use crate::network::layout::Builder;
use crate::store::Store;

/// `x` where positive, `slope * x` elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LeakyRelu {
    /// Slope on the negative side, in [0, 1).
    pub slope: f64,
}

/// `x` where positive, 0 elsewhere.
pub(crate) struct Relu;

/// `x` where positive, `alpha * (exp(x) - 1)` elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Elu {
    /// The output tends to minus this on the negative side; above 0.
    pub alpha: f64,
}

/// `x / (1 + exp(-x))`
pub(crate) struct Silu;

/// Hyperbolic tangent: values in [-1, 1].
pub(crate) struct Tanh;

/// Logistic function: values in [0, 1].
pub(crate) struct Sigmoid;

/// An activation's description of itself, from which its answers as a layer are made.
struct About {
    name: &'static str,
    label: String,
    activation: Activation,
    /// Smallest and largest value, if it has both.
    range: Option<[f32; 2]>,
    /// Whether it is made of straight lines: its slopes depend on nothing almost everywhere, as gradient penalties ask.
    straight: bool,
}

/// A kind of activation; the rest of a layer's answers are the same for all.
trait Activates {
    fn about(&self) -> About;

    /// Checks its fields against the limits; `field` is the layer's path.
    fn check(&self, field: &str) -> Result<(), Error>;
}

impl Activates for LeakyRelu {
    fn about(&self) -> About {
        About {
            name: "leakyRelu",
            label: format!("LeakyReLU {}", self.slope),
            activation: Activation::Fused(Fused::LeakyRelu(self.slope as f32)),
            range: None,
            straight: true,
        }
    }

    fn check(&self, field: &str) -> Result<(), Error> {
        fraction(&format!("{field}.slope"), self.slope)
    }
}

impl Activates for Relu {
    fn about(&self) -> About {
        About {
            name: "relu",
            label: "ReLU".into(),
            activation: Activation::Fused(Fused::LeakyRelu(0.0)),
            range: None,
            straight: true,
        }
    }

    fn check(&self, _field: &str) -> Result<(), Error> {
        Ok(())
    }
}

/// Source: Clevert, Unterthiner and Hochreiter 2016, equation 1.
impl Activates for Elu {
    fn about(&self) -> About {
        About {
            name: "elu",
            label: format!("ELU {}", self.alpha),
            activation: Activation::Elu(self.alpha as f32),
            range: None,
            straight: false,
        }
    }

    fn check(&self, field: &str) -> Result<(), Error> {
        positive(&format!("{field}.alpha"), self.alpha)
    }
}

/// Source: Elfwing, Uchibe and Doya 2018, equation 3; Ramachandran, Zoph and Le 2017 call it swish.
impl Activates for Silu {
    fn about(&self) -> About {
        About {
            name: "silu",
            label: "SiLU".into(),
            activation: Activation::Silu,
            range: None,
            straight: false,
        }
    }

    fn check(&self, _field: &str) -> Result<(), Error> {
        Ok(())
    }
}

impl Activates for Tanh {
    fn about(&self) -> About {
        About {
            name: "tanh",
            label: "Tanh".into(),
            activation: Activation::Fused(Fused::Tanh),
            range: Some([-1.0, 1.0]),
            straight: false,
        }
    }

    fn check(&self, _field: &str) -> Result<(), Error> {
        Ok(())
    }
}

impl Activates for Sigmoid {
    fn about(&self) -> About {
        About {
            name: "sigmoid",
            label: "Sigmoid".into(),
            activation: Activation::Fused(Fused::Sigmoid),
            range: Some([0.0, 1.0]),
            straight: false,
        }
    }

    fn check(&self, _field: &str) -> Result<(), Error> {
        Ok(())
    }
}

impl<A: Activates> Kind for A {
    fn name(&self) -> &'static str {
        self.about().name
    }

    fn check(&self, field: &str) -> Result<(), Error> {
        Activates::check(self, field)
    }

    fn output(&self, _field: &str, input: Features) -> Result<Features, Error> {
        Ok(input)
    }

    fn counts(&self, _input: Features) -> Counts {
        Counts::default()
    }

    fn label(&self, _input: Features, _output: Features) -> String {
        self.about().label
    }

    fn properties(&self) -> Properties {
        let about = self.about();
        Properties {
            range: about.range,
            needs_batch: false,
            in_penalty: about.straight,
        }
    }

    fn build(&self, _builder: &mut Builder<'_>, _input: Features, _output: Features) -> Built {
        Built::Activation(self.about().activation)
    }
}

/// The activation as the epilogue of another operation, if it can be one.
pub(crate) fn fused(activation: Activation) -> Option<Fused> {
    match activation {
        Activation::Fused(fused) => Some(fused),
        Activation::Elu(_) | Activation::Silu => None,
    }
}

/// A layer that only its activation ends: a fused one with no layer before it that could take it.
#[derive(Debug)]
pub(crate) struct Unchanged;

impl Layer for Unchanged {
    fn forward(
        &self,
        x: Tensor<2>,
        _run: &mut Run<'_, '_>,
        activation: Fused,
    ) -> (Tensor<2>, Option<Tensor<2>>) {
        (activated(x, activation), None)
    }

    fn has_parameters(&self) -> bool {
        false
    }

    fn parameter_gradients(&self, _gradient: Tensor<2>, _back: &Back<'_>, _into: &mut Store) {}

    fn input_gradient(&self, gradient: Tensor<2>, back: &Back<'_>, below: Fused) -> Tensor<2> {
        sloped(gradient, back.x, below)
    }

    fn penalised(&self) -> Option<&dyn Penalised> {
        Some(self)
    }
}

impl Penalised for Unchanged {
    fn tangent(&self, direction: Tensor<2>, back: &Back<'_>, activation: Fused) -> Tensor<2> {
        sloped(direction, back.output(), activation)
    }

    fn merged_gradients(&self, _gradient: Tensor<2>, _terms: &Terms<'_>, _into: &mut Store) {}
}

/// An activation that is a layer of its own, and that no other ends.
#[derive(Debug)]
pub(crate) struct Alone(pub Activation);

impl Layer for Alone {
    fn forward(
        &self,
        x: Tensor<2>,
        _run: &mut Run<'_, '_>,
        activation: Fused,
    ) -> (Tensor<2>, Option<Tensor<2>>) {
        assert_eq!(activation, Fused::Identity, "its own output is on the tape");
        let y = Dispatch::activation(x.into_dispatch(), self.0);
        (Tensor::from_dispatch(y), None)
    }

    fn has_parameters(&self) -> bool {
        false
    }

    fn parameter_gradients(&self, _gradient: Tensor<2>, _back: &Back<'_>, _into: &mut Store) {}

    fn input_gradient(&self, gradient: Tensor<2>, back: &Back<'_>, below: Fused) -> Tensor<2> {
        let gradient = gradient.into_dispatch();
        let gradient = Dispatch::activation_gradient(gradient, back.x(), back.y(), self.0);
        sloped(Tensor::from_dispatch(gradient), back.x, below)
    }

    fn penalised(&self) -> Option<&dyn Penalised> {
        None
    }
}

/// `activation(x)`
pub(crate) fn activated(x: Tensor<2>, activation: Fused) -> Tensor<2> {
    if activation == Fused::Identity {
        return x;
    }
    let y = Dispatch::activation(x.into_dispatch(), Activation::Fused(activation));
    Tensor::from_dispatch(y)
}

/// `gradient ⊙ activation'`, where the activation gave `y`
pub(crate) fn sloped(gradient: Tensor<2>, y: &Tensor<2>, activation: Fused) -> Tensor<2> {
    if activation == Fused::Identity {
        return gradient;
    }
    let y = y.clone().into_dispatch();
    let unread = y.clone(); // A fused activation's slope does not depend on its input.
    let gradient = Dispatch::activation_gradient(
        gradient.into_dispatch(),
        unread,
        y,
        Activation::Fused(activation),
    );
    Tensor::from_dispatch(gradient)
}
