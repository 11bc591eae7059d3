//! The arguments of operations: places, sizes, activations, losses, update rules. They are the same for the CPU and for GPUs.

/// Added to the squared norm of an input gradient in a penalty: keeps the derivative of the root finite at 0. A norm of 1 moves by 5e-13.
pub(super) const PENALTY_EPS: f32 = 1e-12;

/// Added to the norm that `limit_norm` divides by, as PyTorch's `clip_grad_norm_` does.
pub(super) const LIMIT_EPS: f32 = 1e-6;

/// An activation that may end another operation, value by value, because its slope follows from its output.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fused {
    /// `x`
    Identity,
    /// `x` where positive, else `x` times this slope; a slope of 0 makes it ReLU.
    LeakyRelu(f32),
    /// Hyperbolic tangent.
    Tanh,
    /// `1 / (1 + exp(-x))`
    Sigmoid,
}

/// Any activation. One that is not fused is an operation of its own, whose slope may depend on its input too.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Activation {
    /// An activation that may also end another operation.
    Fused(Fused),
    /// `x` where positive, else this times `exp(x) - 1`.
    Elu(f32),
    /// `x / (1 + exp(-x))`. It falls and rises again, so its output does not tell its slope.
    Silu,
}

/// The epilogue that ends an operation on the device: what is done to each value before the result is written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Epilogue {
    /// Forward: apply the layer's activation.
    Activate(Fused),
    /// Backward: multiply by the slope of this activation, whose output is the operand `below`.
    Slope(Fused),
}

/// Place and size of a linear layer: weights `[inputs, outputs]`, then its biases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dense {
    /// Place of the first weight in the parameters.
    pub at: usize,
    /// Length of a row that enters.
    pub inputs: usize,
    /// Length of a row that leaves.
    pub outputs: usize,
    /// Number of biases: they belong to the first outputs, mostly to all or to none.
    pub biases: usize,
}

/// What the sample's class does to a row. Forward, a value for each of `classes` is appended to the row: `constant + share * row[0]` at the
/// row's own class, 0 elsewhere. Backward is the transpose: these values are cut off, and `share` times the own class's is added to `row[0]`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LabelColumns {
    /// Number of classes.
    pub classes: usize,
    /// What the value at the own class is at least.
    pub constant: f32,
    /// How much of the row's first value is in it.
    pub share: f32,
}

/// Place and geometry of a convolution or its transpose, which differ in direction only: a window slides over the `big` picture and
/// takes a step for each pixel of the `small` one. Weights are `[small channels, big channels, kernel, kernel]`, biases follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conv {
    /// Place of the first weight in the parameters.
    pub at: usize,
    /// Channels, height and width of the picture that has a pixel for each window.
    pub small: [usize; 3],
    /// Channels, height and width of the picture that the window slides over.
    pub big: [usize; 3],
    /// Side of the window.
    pub kernel: usize,
    /// Distance from one window to the next, in pixels of `big`.
    pub stride: usize,
    /// Rows and columns of zeros on each side of `big`.
    pub padding: usize,
    /// The picture that biases are added to, one for each of its channels; `None`: there are no biases.
    pub bias: Option<Side>,
}

/// One of a [`Conv`]'s two pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The picture with a pixel for each window.
    Small,
    /// The picture that the window slides over.
    Big,
}

/// Place and size of a batch normalisation: gamma `[channels]`, then beta `[channels]`; in the running statistics the means
/// `[channels]`, then the (biased) variances `[channels]`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Norm {
    /// Place of gamma in the parameters.
    pub at: usize,
    /// Place of the means in the running statistics.
    pub running_at: usize,
    /// Number of channels; the values of one are normalised together.
    pub channels: usize,
    /// Number of values that a channel has in a row: 1, or the pixels of a picture.
    pub spatial: usize,
    /// Number added to the variance before its root is taken.
    pub eps: f32,
    /// Share of the old running statistics that is kept.
    pub keep: f32,
}

/// Derivative of a loss by a raw output `x`, before the mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LossSlope {
    /// `sigmoid(x) - target`, for cross-entropy.
    Logistic(f32),
    /// `x - target`, for half the squared distance.
    Difference(f32),
    /// -1 where `x < 1`, else 0: for the hinge loss on real samples.
    HingeReal,
    /// 1 where `x > -1`, else 0: for the hinge loss on generated samples.
    HingeFake,
    /// 1 everywhere, for Wasserstein losses.
    One,
}

/// Derivative of a loss by the raw outputs of a batch in two halves (real and generated samples): each half has its slope and its weight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LossSlopes {
    /// Number of outputs in the first half; the others are the second half.
    pub firsts: usize,
    /// The slope of each half, and the weight it is multiplied by.
    pub halves: [(LossSlope, f32); 2],
}

/// Derivative of a function of the difference of two raw outputs, `d = first - second`, before the mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PairSlope {
    /// `sigmoid(d)`, the derivative of `softplus(d)`: for the relativistic loss.
    Logistic,
    /// `d`, the derivative of half the square: for the approximated R1.
    Difference,
}

/// Derivative of a function of the differences of pairs of raw outputs, which lie in a journal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairSlopes {
    /// The derivative for one pair.
    pub slope: PairSlope,
    /// The weight that it is multiplied by.
    pub weight: f32,
    /// Number of pairs.
    pub count: usize,
    /// Where the first outputs of all pairs begin in their journal, and the second ones in theirs.
    pub outputs_at: [usize; 2],
    /// Where their derivatives begin in the gradient: those of the first outputs are added there, those of the second ones written. `None`: these
    /// outputs are constants.
    pub gradients_at: [Option<usize>; 2],
}

/// A penalty on the norm of each row of input gradients, `share / 2 * (norm - centre)²`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NormPenalty {
    /// The norm without a penalty: 0, or 1 for the Wasserstein loss.
    pub centre: f32,
    /// Twice the weight of the square, divided by the number of rows.
    pub share: f32,
}

/// Penalties on a batch of input gradients in two halves, at real samples and at fakes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NormPenalties {
    /// Number of rows in the first half; the others are the second half.
    pub firsts: usize,
    /// The penalty of each half.
    pub halves: [NormPenalty; 2],
}

/// A rule that moves parameters `p` by their gradients `g`. [`Rule::moments`] says how many values it keeps for each parameter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rule {
    /// `v = momentum v + g; p -= rate v`
    Sgd {
        /// Learning rate.
        rate: f32,
        /// Share of the old velocity; with 0 there is no velocity to keep.
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
        /// Number added to the root, which it divides by.
        eps: f32,
    },
    /// `v = alpha v + (1 - alpha) g²; p -= rate g / (sqrt(v) + eps)`
    RmsProp {
        /// Learning rate.
        rate: f32,
        /// Decay of `v`.
        alpha: Decay,
        /// Number added to the root, which it divides by.
        eps: f32,
    },
}

/// The shares of an old and a new value in their mean. Both are rounded from f64: in f32, 1 - 0.999 would be wrong in its fifth digit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decay {
    /// Share of the old value.
    pub keep: f32,
    /// Share of the new value.
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

impl Fused {
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

impl Dense {
    /// Place of the first bias.
    pub fn bias_at(&self) -> usize {
        self.at + self.inputs * self.outputs
    }
}

impl Conv {
    /// Number of weights that one channel of `small` has.
    pub fn taps(&self) -> usize {
        self.big[0] * self.kernel * self.kernel
    }

    /// Number of windows in a picture.
    pub fn windows(&self) -> usize {
        self.small[1] * self.small[2]
    }

    /// Place of the first bias.
    pub fn bias_at(&self) -> usize {
        self.at + self.small[0] * self.taps()
    }
}

impl Rule {
    /// Number of values kept for each parameter between updates.
    pub fn moments(self) -> usize {
        match self {
            Self::Sgd { momentum: 0.0, .. } => 0,
            Self::Sgd { .. } | Self::RmsProp { .. } => 1,
            Self::Adam { .. } => 2,
        }
    }
}
