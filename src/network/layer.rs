//! The traits of every layer: as configuration ([`Kind`]), and once it has its place in a network ([`Layer`]). Each kind's answers stand
//! together in one file of [`layers`](super::layers).

use core::fmt;
use std::sync::Arc;

use burn::backend::{Dispatch, DispatchTensor};
use burn::tensor::Tensor;

use super::features::Features;
use super::layout::Builder;
use super::tape::Pass;
use crate::Error;
use crate::kernels::{Activation, Dense, Fused, Kernels};
use crate::store::Store;

/// A kind of layer, with its fields, before it is built.
pub(crate) trait Kind {
    /// Its `type` in JSON.
    fn name(&self) -> &'static str;

    /// Checks its fields against the limits; `field` is the layer's path.
    fn check(&self, field: &str) -> Result<(), Error>;

    /// Shape of its output for an input of shape `input`, or an error if that does not fit it; `field` is the layer's path.
    fn output(&self, field: &str, input: Features) -> Result<Features, Error>;

    /// Number of values that it keeps in the stores.
    fn counts(&self, input: Features) -> Counts;

    /// Its description for people, such as `Linear 64 → 128`.
    fn label(&self, input: Features, output: Features) -> String;

    /// What the checks of a whole configuration need to know of it.
    fn properties(&self) -> Properties;

    /// Lays out its tensors, with first values.
    fn build(&self, builder: &mut Builder<'_>, input: Features, output: Features) -> Built;
}

/// Numbers of a layer's values.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counts {
    /// Parameters.
    pub trainable: usize,
    /// Running statistics.
    pub running: usize,
}

/// What the checks of a whole configuration need to know of each layer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Properties {
    /// Smallest and largest value that it gives, if it bounds them on both sides whatever enters.
    pub range: Option<[f32; 2]>,
    /// Whether it trains only on batches of two samples or more.
    pub needs_batch: bool,
    /// Whether gradient penalties are written out for it: a layer that computes answers [`Layer::penalised`]; the slopes of an
    /// activation do not depend on its input almost everywhere.
    pub in_penalty: bool,
}

/// What becomes of a layer in a network.
pub(crate) enum Built {
    /// No layer of its own: it only gives the same values another shape.
    Nothing,
    /// An activation; the layer before it may take it as the end of its own operation.
    Activation(Activation),
    /// A layer that computes.
    Layer(Arc<dyn Layer>),
    /// Two layers that compute, one after the other.
    Layers([Arc<dyn Layer>; 2]),
}

/// A layer that computes, with its place in the stores. Samples are flat rows `[batch, values]`.
///
/// `activation` ends its forward operation. Backward, `gradient` is always that of its values before that activation, and `below` is the
/// activation that made its input.
pub(crate) trait Layer: fmt::Debug {
    /// `activation(layer(x))`, and a note: what its backward pass needs besides its input and its output.
    fn forward(
        &self,
        x: Tensor<2>,
        run: &mut Run<'_, '_>,
        activation: Fused,
    ) -> (Tensor<2>, Option<Tensor<2>>);

    /// Whether it has parameters, so that [`Layer::parameter_gradients`] does anything.
    fn has_parameters(&self) -> bool {
        true
    }

    /// Writes the gradients of its parameters over those in `into`.
    fn parameter_gradients(&self, gradient: Tensor<2>, back: &Back<'_>, into: &mut Store);

    /// The gradient of its input, times the slope of `below`.
    fn input_gradient(&self, gradient: Tensor<2>, back: &Back<'_>, below: Fused) -> Tensor<2>;

    /// Computes both of these gradients at once, for a layer where they have work in common.
    fn both_gradients(
        &self,
        gradient: Tensor<2>,
        back: &Back<'_>,
        below: Fused,
        into: &mut Store,
    ) -> Tensor<2> {
        self.parameter_gradients(gradient.clone(), back, into);
        self.input_gradient(gradient, back, below)
    }

    /// Its part of a gradient penalty, if that is written out for it.
    fn penalised(&self) -> Option<&dyn Penalised>;

    /// Its place, if it is a dense layer with one output: logits and their gradient can be one operation then.
    fn logit(&self) -> Option<Dense> {
        None
    }
}

/// A layer's part of a gradient penalty; see [`penalty`](super::penalty).
pub(crate) trait Penalised {
    /// Carries `direction`, a change of its input, forward: through the layer without its biases, then times the slope of `activation`, which
    /// made its output.
    fn tangent(&self, direction: Tensor<2>, back: &Back<'_>, activation: Fused) -> Tensor<2>;

    /// Writes the gradients of its weights and biases, or adds those of its weights, as `terms` say; `gradient` is that of its output, before
    /// this layer's activation.
    fn merged_gradients(&self, gradient: Tensor<2>, terms: &Terms<'_>, into: &mut Store);
}

/// What a penalised weight gradient sums up: `(share x + direction) ⊗ gradient` over all rows.
pub(crate) struct Terms<'a> {
    /// The layer's input, and for each row the gradient of a loss by its raw output, `[batch, 1]`. `None`: there is no loss, and the sum is
    /// added to the gradients that are there.
    pub loss: Option<(&'a Tensor<2>, &'a Tensor<2>)>,
    /// The direction that came to the layer, `[rows, values]`: of the first rows, which are penalised.
    pub direction: &'a Tensor<2>,
}

impl Terms<'_> {
    /// The rows that take the place of the layer's input in its weight gradient.
    pub fn x(&self) -> DispatchTensor {
        let direction = self.direction.clone().into_dispatch();
        let Some((x, shares)) = self.loss else {
            return direction;
        };
        let (x, shares) = (x.clone().into_dispatch(), shares.clone().into_dispatch());
        Dispatch::blend_rows(x, shares, direction)
    }

    /// Whether the sum is added to the gradients that are there.
    pub fn accumulate(&self) -> bool {
        self.loss.is_none()
    }

    /// Writes the gradients of the biases from `at` on, where the first of so many `channels` have `biases`. A penalty gives biases none.
    pub fn write_biases(
        &self,
        gradient: Tensor<2>,
        at: usize,
        [channels, biases]: [usize; 2],
        into: &mut Store,
    ) {
        let Some((_, shares)) = self.loss else {
            return;
        };
        let (gradient, shares) = (gradient.into_dispatch(), shares.clone().into_dispatch());
        into.change(|into| {
            let into = Dispatch::bias_gradient(gradient, shares, into, at, channels, biases);
            (into, ())
        });
    }
}

/// What a forward pass has for each layer.
pub(crate) struct Run<'a, 'b> {
    pub parameters: &'a Store,
    pub running: &'a mut Store,
    pub pass: &'a mut Pass<'b>,
    /// The labels of the rows, `[batch, 1]`, if they have any.
    pub labels: Option<&'a Tensor<2>>,
}

/// What a backward pass has for a layer.
pub(crate) struct Back<'a> {
    pub parameters: &'a Store,
    /// Its input.
    pub x: &'a Tensor<2>,
    /// Its output. Missing from logits that were one operation with their gradient.
    pub y: Option<&'a Tensor<2>>,
    /// The note that it gave beside its output.
    pub note: Option<&'a Tensor<2>>,
    /// The labels of the rows, `[batch, 1]`, if they have any.
    pub labels: Option<&'a Tensor<2>>,
}

impl Back<'_> {
    /// The layer's input, for an operation.
    pub fn x(&self) -> DispatchTensor {
        self.x.clone().into_dispatch()
    }

    /// The layer's output.
    pub fn output(&self) -> &Tensor<2> {
        self.y.expect("only the last layer may lack it")
    }

    /// The layer's output, for an operation.
    pub fn y(&self) -> DispatchTensor {
        self.output().clone().into_dispatch()
    }

    /// What the layer noted down, for an operation.
    pub fn note(&self) -> Option<DispatchTensor> {
        self.note.map(|note| note.clone().into_dispatch())
    }
}

/// The error of a layer that cannot take `input`.
pub(crate) fn misfit(kind: &impl Kind, field: &str, input: Features, expected: &str) -> Error {
    let given = match input {
        Features::Row(values) => format!("a row of {values} values"),
        Features::Picture(_) => format!("a picture of {input} values"),
    };
    Error::config(field, format!("{} on {given}", kind.name()), expected)
}
