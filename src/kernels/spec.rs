//! What an operation is told of its layer: places, sizes, activations, losses, update rules. The same for the CPU and for GPUs.

/// An activation that may end another operation, value by value, because its slope follows from its output.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fused {
    /// `x`
    Identity,
    /// `x` where positive, else `x` times this slope; 0 is ReLU.
    LeakyRelu(f32),
    /// Hyperbolic tangent.
    Tanh,
    /// `1 / (1 + exp(-x))`
    Sigmoid,
}

/// Any activation; one that is not fused is an operation of its own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Activation {
    /// One that may end another operation.
    Fused(Fused),
}

/// How an operation ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Epilogue {
    /// Forward: the layer's activation.
    Activate(Fused),
    /// Backward: times the slope of this activation, whose output is `below`.
    Slope(Fused),
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
