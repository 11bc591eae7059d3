//! What both networks compute, as few large operations: each runs once per layer, forward or backward, and is written for the CPU
//! ([`cpu`](self)) and as GPU kernels ([`gpu`](self)). A backend extension of Burn's: Burn owns devices, tensors and their memory.
//!
//! Layers share storage. A network's parameters lie one after another in one tensor `params`, their gradients at the same places in
//! another; a layer knows its place. So an optimizer is one operation, whatever the network. Samples are flat rows `[batch, values]`,
//! pictures in the order channel, row, column.
//!
//! Backward, `gradient` is always that of the values before the layer's activation. A layer's input gradient therefore ends with the
//! slope of the activation of the layer below, which it finds from that layer's output `below`: see [`Fused::slope`].
//!
//! `tests/kernels.rs` compares every operation with plain Burn, on both devices.

#![allow(
    clippy::too_many_arguments,
    reason = "an operation takes its tensors one by one, as Burn's own do"
)]

#[cfg(feature = "cpu")]
mod cpu;
#[cfg(feature = "webgpu")]
mod gpu;
#[cfg(feature = "webgpu")]
pub use gpu::tuning;
mod spec;

pub use spec::{
    Activation, Conv, Decay, Dense, Epilogue, Fused, LossSlope, LossSlopes, Norm, Rule, Side,
};

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, backend_extension};

/// The operations. `into` tensors are written where the layer lies and given back; the rest of them stays as it was.
///
/// # Panics
/// If a tensor has too few values for the layer; its makers ([`Network`](crate::network::Network), [`Trainer`](crate::Trainer)) check.
#[backend_extension(Flex: cfg(feature = "cpu"), Cube: cfg(feature = "webgpu"))]
pub trait Kernels: Backend {
    /// `end(x W + b)`: `[batch, inputs]` to `[batch, outputs]`.
    fn linear(
        x: FloatTensor<Self>,
        params: FloatTensor<Self>,
        layer: Dense,
        end: Fused,
    ) -> FloatTensor<Self>;

    /// `gradient Wᵀ ⊙ end'(below)`: `[batch, outputs]` to `[batch, inputs]`.
    fn linear_input_gradient(
        gradient: FloatTensor<Self>,
        params: FloatTensor<Self>,
        below: FloatTensor<Self>,
        layer: Dense,
        end: Fused,
    ) -> FloatTensor<Self>;

    /// `xᵀ gradient` and the sums of the rows of `gradient`; with `add`, added to what is there.
    fn linear_weight_gradient(
        x: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        into: FloatTensor<Self>,
        layer: Dense,
        add: bool,
    ) -> FloatTensor<Self>;

    /// What the windows see: `[batch, big]` to `[batch, small]`. Convolution forward, its transpose backward.
    fn conv(
        big: FloatTensor<Self>,
        params: FloatTensor<Self>,
        below: FloatTensor<Self>,
        layer: Conv,
        end: Epilogue,
    ) -> FloatTensor<Self>;

    /// What the windows leave: `[batch, small]` to `[batch, big]`. Transposed convolution forward, convolution backward.
    fn conv_transpose(
        small: FloatTensor<Self>,
        params: FloatTensor<Self>,
        below: FloatTensor<Self>,
        layer: Conv,
        end: Epilogue,
    ) -> FloatTensor<Self>;

    /// The gradients of weights and biases, of both kinds of convolution.
    fn conv_weight_gradient(
        small: FloatTensor<Self>,
        big: FloatTensor<Self>,
        into: FloatTensor<Self>,
        layer: Conv,
    ) -> FloatTensor<Self>;

    /// Normalises each of `groups` equal parts of the batch by its own statistics. Gives the output; the statistics `[groups * 2 *
    /// channels]`, means and then `1 / sqrt(variance + eps)` of each group; and the running statistics, moved towards each group's in
    /// turn if `moving`.
    fn batch_norm(
        x: FloatTensor<Self>,
        params: FloatTensor<Self>,
        running: FloatTensor<Self>,
        layer: Norm,
        groups: usize,
        moving: bool,
        end: Fused,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);

    /// Normalises by the running statistics.
    fn batch_norm_running(
        x: FloatTensor<Self>,
        params: FloatTensor<Self>,
        running: FloatTensor<Self>,
        layer: Norm,
        end: Fused,
    ) -> FloatTensor<Self>;

    /// What both gradients of [`Kernels::batch_norm`] start from: `[groups, 2 * channels]`, for each group the gradients of gamma, then of
    /// beta. `statistics` are those that the forward pass gave.
    fn batch_norm_sums(
        x: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        statistics: FloatTensor<Self>,
        layer: Norm,
        groups: usize,
    ) -> FloatTensor<Self>;

    /// The input gradient of [`Kernels::batch_norm`], `[batch, n]`, times the slope of the activation below, whose output is `x`.
    fn batch_norm_input_gradient(
        x: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        statistics: FloatTensor<Self>,
        sums: FloatTensor<Self>,
        params: FloatTensor<Self>,
        layer: Norm,
        groups: usize,
        slope: Fused,
    ) -> FloatTensor<Self>;

    /// The gradients of gamma and beta: the sum over the groups of [`Kernels::batch_norm_sums`].
    fn batch_norm_weight_gradient(
        sums: FloatTensor<Self>,
        into: FloatTensor<Self>,
        layer: Norm,
        groups: usize,
    ) -> FloatTensor<Self>;

    /// `activation(x)`
    fn activation(x: FloatTensor<Self>, activation: Activation) -> FloatTensor<Self>;

    /// `gradient ⊙ activation'(x)`, where `y` is `activation(x)`. A fused activation does not look at `x`.
    fn activation_gradient(
        gradient: FloatTensor<Self>,
        x: FloatTensor<Self>,
        y: FloatTensor<Self>,
        activation: Activation,
    ) -> FloatTensor<Self>;

    /// `a ⊙ b`
    fn multiply(a: FloatTensor<Self>, b: FloatTensor<Self>) -> FloatTensor<Self>;

    /// The rows of `a`, then those of `b`.
    fn stack(a: FloatTensor<Self>, b: FloatTensor<Self>) -> FloatTensor<Self>;

    /// `share a + (1 - share) b`, row by row: `[batch, n]` both, shares `[batch, 1]`.
    fn blend(
        a: FloatTensor<Self>,
        b: FloatTensor<Self>,
        shares: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    /// Gradient of a loss by raw outputs `[batch, 1]`. The outputs themselves are written over the values of `journal` from `at` on.
    fn loss_gradient(
        outputs: FloatTensor<Self>,
        journal: FloatTensor<Self>,
        at: usize,
        loss: LossSlopes,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);

    /// [`Kernels::loss_gradient`] of the raw outputs `x W + b` of a layer with one output.
    fn logits(
        x: FloatTensor<Self>,
        params: FloatTensor<Self>,
        layer: Dense,
        journal: FloatTensor<Self>,
        at: usize,
        loss: LossSlopes,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);

    /// For input gradients `[batch, n]` of a critic: what `weight * mean((norm - 1)²)` asks of them, `[batch, n]`, and the norms
    /// `[batch, 1]`.
    fn penalty(
        input_gradients: FloatTensor<Self>,
        weight: f32,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);

    /// One update of all parameters; then each is clamped to ± `clip` (infinite: not at all). `moments` holds [`Rule::moments`] times as
    /// many values, all first ones first.
    fn optimize(
        params: FloatTensor<Self>,
        gradients: FloatTensor<Self>,
        moments: FloatTensor<Self>,
        rule: Rule,
        clip: f32,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);

    /// `keep * average + (1 - keep) * now`
    fn mix(average: FloatTensor<Self>, now: FloatTensor<Self>, keep: f32) -> FloatTensor<Self>;

    /// Scales all values by one factor where their norm is above `limit` (PyTorch's `clip_grad_norm_`).
    fn limit_norm(values: FloatTensor<Self>, limit: f32) -> FloatTensor<Self>;

    /// Writes `values` over those of `into` from `at` on.
    fn write(into: FloatTensor<Self>, values: FloatTensor<Self>, at: usize) -> FloatTensor<Self>;

    /// Hands the device all work that is queued, without waiting for it; gives the tensor back.
    fn submit(any: FloatTensor<Self>) -> FloatTensor<Self>;
}
