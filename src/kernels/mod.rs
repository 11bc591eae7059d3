//! What both networks compute, as few large operations: each runs once per layer, forward or backward, and is written for the CPU
//! ([`cpu`](self)) and as GPU kernels ([`gpu`](self)). A backend extension of Burn's: Burn owns devices, tensors and their memory.
//!
//! Layers share storage. A network's parameters lie one after another in one tensor `params`, their gradients at the same places in
//! another; a layer knows its place. So an optimizer is one operation, whatever the network. Samples are flat rows `[batch, values]`,
//! pictures in the order channel, row, column.
//!
//! Backward, `gradient` is always that of the values before the layer's activation. A layer's input gradient therefore ends with the
//! slope of the activation of the layer below, which it finds from that layer's output `below`: see [`Activation::slope`].
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

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, backend_extension};

/// What follows a layer, value by value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Activation {
    /// `x`
    Identity,
    /// `x` where positive, else `x` times this slope; 0 is ReLU.
    LeakyRelu(f32),
    /// Hyperbolic tangent.
    Tanh,
    /// `1 / (1 + exp(-x))`
    Sigmoid,
}

/// How an operation ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Epilogue {
    /// Forward: the layer's activation.
    Activate(Activation),
    /// Backward: times the slope of this activation, whose output is `below`.
    Slope(Activation),
}

/// Place and size of a linear layer: weights `[inputs, outputs]`, then `[outputs]` biases if it has any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dense {
    /// Of the first weight.
    pub at: usize,
    /// Values of a row that enters.
    pub inputs: usize,
    /// Values of a row that leaves.
    pub outputs: usize,
    /// Whether there are biases.
    pub bias: bool,
}

/// Place and geometry of a convolution or its transpose, which differ in direction only: a window slides over the `big` picture and
/// takes a step for each pixel of the `small` one. Weights are `[small channels, big channels, kernel, kernel]`, biases follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conv {
    /// Of the first weight.
    pub at: usize,
    /// Channels, height, width.
    pub small: [usize; 3],
    /// Channels, height, width.
    pub big: [usize; 3],
    /// Side of the window.
    pub kernel: usize,
    /// Pixels of `big` from one window to the next.
    pub stride: usize,
    /// Zeros around `big`.
    pub padding: usize,
    /// The picture that biases are added to, one a channel.
    pub bias: Option<Side>,
}

/// One of a [`Conv`]'s pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The one with a pixel for each window.
    Small,
    /// The one the window slides over.
    Big,
}

/// Place and size of a batch normalisation: gamma `[channels]`, then beta `[channels]`; in the running statistics the means
/// `[channels]`, then the (biased) variances `[channels]`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Norm {
    /// Of gamma in the parameters.
    pub at: usize,
    /// Of the means in the running statistics.
    pub running_at: usize,
    /// Groups of values that are normalised together.
    pub channels: usize,
    /// Values of a channel in a row.
    pub spatial: usize,
    /// Added to the variance.
    pub eps: f32,
    /// Share of the old running statistics that is kept.
    pub keep: f32,
}

/// Derivative of a loss by a raw output `x`, before the mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LossSlope {
    /// `sigmoid(x) - target`: of cross-entropy.
    Logistic(f32),
    /// `x - target`: of half the square.
    Difference(f32),
    /// -1 below 1: of the hinge loss on real samples.
    HingeReal,
    /// 1 above -1: of the hinge loss on generated samples.
    HingeFake,
    /// 1
    One,
}

/// Derivative of a loss by raw outputs: of the first `firsts` by the first slope, of the others by the second, each times its weight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LossSlopes {
    /// Outputs of the first half.
    pub firsts: usize,
    /// Of either half, with its weight.
    pub halves: [(LossSlope, f32); 2],
}

/// A rule that moves parameters `p` by their gradients `g`, with as many moments a parameter as [`Rule::moments`] says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rule {
    /// `v = momentum v + g; p -= rate v`
    Sgd {
        /// Learning rate.
        rate: f32,
        /// 0 needs no moment.
        momentum: f32,
    },
    /// `m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g²; p -= rate m / (sqrt(v * unbias) + eps)`.
    Adam {
        /// Learning rate divided by `1 - beta1^t`.
        rate: f32,
        /// Decay of `m`.
        beta1: Decay,
        /// Decay of `v`.
        beta2: Decay,
        /// `1 / (1 - beta2^t)`
        unbias: f32,
        /// Added to the root.
        eps: f32,
    },
    /// `v = alpha v + (1 - alpha) g²; p -= rate g / (sqrt(v) + eps)`
    RmsProp {
        /// Learning rate.
        rate: f32,
        /// Decay of `v`.
        alpha: Decay,
        /// Added to the root.
        eps: f32,
    },
}

/// A share that is kept, and the rest; in f32, 1 - 0.999 would be wrong in its fifth digit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decay {
    /// Of the old value.
    pub keep: f32,
    /// Of the new one.
    pub take: f32,
}

impl From<f64> for Decay {
    fn from(keep: f64) -> Self {
        Self {
            keep: keep as f32,
            take: (1.0 - keep) as f32,
        }
    }
}

impl Activation {
    /// The derivative at the input whose output is `y`.
    pub fn slope(self, y: f32) -> f32 {
        match self {
            Self::Identity => 1.0,
            Self::LeakyRelu(slope) => {
                if y > 0.0 {
                    1.0
                } else {
                    slope
                }
            }
            Self::Tanh => 1.0 - y * y,
            Self::Sigmoid => y * (1.0 - y),
        }
    }
}

impl Conv {
    /// Weights of one small channel.
    pub fn taps(&self) -> usize {
        self.big[0] * self.kernel * self.kernel
    }

    /// Windows of a picture.
    pub fn windows(&self) -> usize {
        self.small[1] * self.small[2]
    }

    /// Of the first bias.
    pub fn bias_at(&self) -> usize {
        self.at + self.small[0] * self.taps()
    }
}

impl Rule {
    /// Values kept for each parameter between updates.
    pub fn moments(self) -> usize {
        match self {
            Self::Sgd { momentum: 0.0, .. } => 0,
            Self::Sgd { .. } | Self::RmsProp { .. } => 1,
            Self::Adam { .. } => 2,
        }
    }
}

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
        end: Activation,
    ) -> FloatTensor<Self>;

    /// `gradient Wᵀ ⊙ end'(below)`: `[batch, outputs]` to `[batch, inputs]`.
    fn linear_input_gradient(
        gradient: FloatTensor<Self>,
        params: FloatTensor<Self>,
        below: FloatTensor<Self>,
        layer: Dense,
        end: Activation,
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
        end: Activation,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);

    /// Normalises by the running statistics.
    fn batch_norm_running(
        x: FloatTensor<Self>,
        params: FloatTensor<Self>,
        running: FloatTensor<Self>,
        layer: Norm,
        end: Activation,
    ) -> FloatTensor<Self>;

    /// The input gradient of [`Kernels::batch_norm`], times `end'(x)`, and the gradients of gamma and beta.
    fn batch_norm_gradient(
        x: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        statistics: FloatTensor<Self>,
        params: FloatTensor<Self>,
        into: FloatTensor<Self>,
        layer: Norm,
        groups: usize,
        end: Activation,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);

    /// `end(x)`, or `x ⊙ end'(below)`.
    fn epilogue(x: FloatTensor<Self>, below: FloatTensor<Self>, end: Epilogue)
    -> FloatTensor<Self>;

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
