//! The gradient penalty `weight * mean((norm - 1)²)`, where `norm` is that of the gradient of a network's output by a point.
//!
//! That gradient, `W_out ⊙ slopes @ W ⊙ slopes … @ W`, is a product in which the slopes (1 or the leak) do not depend on the weights
//! almost everywhere; so its own gradient is found by a second, forward pass along the same layers. The gradient goes back from the
//! output to the point; there the penalty gives the direction in which it should change; that direction goes forward, and at each layer it
//! and the gradient that had come there make the gradient of the layer's weights.

use burn::backend::Dispatch;
use burn::tensor::{Tensor, TensorData};

use super::layers::activation::sloped;
use super::stage::{Stage, back, below};
use super::tape::Tape;
use crate::kernels::{Fused, Kernels};
use crate::store::Store;

/// Adds to `into` the gradient of the penalty by the parameters, at the points that `tape` is a pass of; gives the norms `[batch, 1]`.
///
/// # Panics
/// If a layer has no part in the penalty; [`GanConfig::validate`](crate::GanConfig::validate) refuses such a configuration.
pub(super) fn penalise(
    stages: &[Stage],
    parameters: &Store,
    tape: &Tape,
    weight: f64,
    into: &mut Store,
) -> Tensor<2> {
    let (batch, device) = (tape.output().dims()[0], tape.output().device());
    let ones = TensorData::new(vec![1.0_f32; batch], [batch, 1]);
    let mut gradient = Tensor::<2>::from_data(ones, &device); // the output's own gradient
    let mut gradients = Vec::new(); // of what left each layer before its activation, last layer first
    for (index, stage) in stages.iter().enumerate().rev() {
        gradients.push(gradient.clone());
        let below = below(stages, index).unwrap_or(Fused::Identity);
        let back = back(tape, index, parameters);
        gradient = stage.layer.input_gradient(gradient, &back, below);
    }
    let (direction, norms) = Dispatch::penalty(gradient.into_dispatch(), weight as f32);
    let mut direction = Tensor::<2>::from_dispatch(direction); // [batch, input values]
    let gradients = gradients.into_iter().rev();
    for ((index, stage), gradient) in stages.iter().enumerate().zip(gradients) {
        let layer = stage.layer.penalised();
        let layer = layer.expect("validate() admits layers that have a part in the penalty");
        direction = layer.tangent(direction, gradient, tape.labels.as_ref(), parameters, into);
        direction = sloped(direction, &tape.outputs[index + 1], stage.activation);
    }
    Tensor::from_dispatch(norms)
}
