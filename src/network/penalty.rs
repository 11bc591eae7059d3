//! Gradient penalties, without second derivatives: R1, R2 and that of the Wasserstein loss, each a function of the norm of the gradient of a
//! network's output by a sample.
//!
//! That gradient, `W_out ⊙ slopes @ W ⊙ slopes … @ W`, is a product in which the slopes (1 or the leak) do not depend on the weights
//! almost everywhere; so its own gradient is found by a second, forward pass along the same layers. A gradient of 1 goes back from the
//! output to the sample; there the penalty gives the direction in which it should change; that direction goes forward, and at each layer it
//! and the gradient that had come there make the gradient of the layer's weights.
//!
//! The loss itself needs the same backward pass, each row times the loss's slope at that row: so one pass serves both, and one weight gradient
//! for each layer, `(share x + direction) ⊗ gradient`, holds the loss and the penalty ([`Terms`]).

use burn::backend::Dispatch;
use burn::tensor::Tensor;

use super::layer::Terms;
use super::stage::{Stage, back, below};
use super::tape::Tape;
use crate::journal::{Journal, Span};
use crate::kernels::{Fused, Kernels, NormPenalties};
use crate::store::Store;

/// What a penalised backward pass goes by.
pub(super) struct Penalised<'a> {
    pub stages: &'a [Stage],
    pub parameters: &'a Store,
    /// The pass through the network.
    pub tape: &'a Tape,
    /// The gradient of each raw output by what the last layer gave, `[batch, output values]`.
    pub unit: Tensor<2>,
    /// Number of rows that are penalised, from the first on.
    pub rows: usize,
    pub penalties: NormPenalties,
}

impl Penalised<'_> {
    /// Writes the gradients of a loss and of the penalties by all parameters over those in `into`, where `shares` `[batch, 1]` is the gradient of
    /// the loss by the raw outputs; without a loss adds those of the penalties. Gives the place of the norms, one for each penalised row.
    ///
    /// # Panics
    /// If a layer has no part in a penalty; [`GanConfig::validate`](crate::GanConfig::validate) refuses such a configuration.
    pub fn gradients(
        self,
        shares: Option<&Tensor<2>>,
        journal: &mut Journal,
        into: &mut Store,
    ) -> Span {
        let mut gradients = Vec::new(); // of what left each layer before its activation, last layer first
        let mut gradient = self.unit;
        let trained = |stage: &Stage| stage.layer.has_parameters();
        let first = self.stages.iter().position(trained).unwrap_or(0);
        for (index, stage) in self.stages.iter().enumerate().rev() {
            gradients.push(gradient.clone());
            if index == first {
                gradient = first_rows(gradient, self.rows); // Only these need the gradient of their samples.
            }
            let back = back(self.tape, index, self.parameters);
            let below = below(self.stages, index).unwrap_or(Fused::Identity);
            gradient = stage.layer.input_gradient(gradient, &back, below);
        }
        let (direction, norms) = journal.note(self.rows, |journal, at| {
            Dispatch::penalty(gradient.into_dispatch(), journal, at, self.penalties)
        });
        let mut direction = Tensor::<2>::from_dispatch(direction); // [rows, input values]
        let gradients = gradients.into_iter().rev();
        for ((index, stage), gradient) in self.stages.iter().enumerate().zip(gradients) {
            let layer = stage.layer.penalised();
            let layer = layer.expect("validate() admits layers that have a part in a penalty");
            let back = back(self.tape, index, self.parameters);
            let terms = Terms {
                loss: shares.map(|shares| (back.x, shares)),
                direction: &direction,
            };
            layer.merged_gradients(gradient, &terms, into);
            if self.stages[index + 1..].iter().any(trained) {
                direction = layer.tangent(direction, &back, stage.activation);
            }
        }
        norms
    }
}

/// The first `count` rows.
fn first_rows(x: Tensor<2>, count: usize) -> Tensor<2> {
    if x.dims()[0] == count {
        return x;
    }
    Tensor::from_dispatch(Dispatch::first_rows(x.into_dispatch(), count))
}
