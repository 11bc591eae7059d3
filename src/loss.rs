//! The losses that both players minimise, all from raw outputs of D, so that no `log(sigmoid)` can overflow.
//!
//! A loss is a mean over the batch. The device needs its derivative only ([`LossSlope`]); the figures that are shown are computed here from
//! the outputs that are read back, in f64. Sources stand beside the variants of [`LossConfig`].

use crate::config::LossConfig;
use crate::kernels::{LossSlope, LossSlopes, NormPenalty};

/// A loss as a function of one raw output `x`, and its derivative by `x`: a slope times a factor.
#[derive(Debug, Clone, Copy)]
pub struct Loss {
    /// The loss itself.
    value: Value,
    /// The derivative but for its factor.
    slope: LossSlope,
    /// The factor of the derivative.
    factor: f64,
}

/// The formula of a loss of a raw output `x`.
#[derive(Debug, Clone, Copy)]
enum Value {
    /// `softplus(-x) + smoothing x`, which is cross-entropy with target `1 - smoothing`.
    SoftplusBelow(f64),
    /// `softplus(x)`
    Softplus,
    /// `-softplus(x)`
    MinusSoftplus,
    /// `(x - target)² / 2`
    HalfSquare(f64),
    /// `max(0, 1 - x)`
    HingeReal,
    /// `max(0, 1 + x)`
    HingeFake,
    /// `x`
    Output,
    /// `-x`
    MinusOutput,
    /// 0: an output counts only beside its partner's.
    Nothing,
}

impl LossConfig {
    /// D's loss on real samples.
    pub fn real(&self) -> Loss {
        match *self {
            Self::Bce { label_smoothing: s } | Self::BceSaturating { label_smoothing: s } => {
                Loss::new(
                    Value::SoftplusBelow(s),
                    LossSlope::Logistic((1.0 - s) as f32),
                    1.0,
                )
            }
            Self::LeastSquares { label_smoothing } => half_square(1.0 - label_smoothing),
            Self::Hinge => Loss::new(Value::HingeReal, LossSlope::HingeReal, 1.0),
            Self::Wasserstein { .. } | Self::WassersteinGp { .. } => minus_output(),
            Self::Relativistic => nothing(),
        }
    }

    /// D's loss on generated samples.
    pub fn fake(&self) -> Loss {
        match *self {
            Self::Bce { .. } | Self::BceSaturating { .. } => {
                Loss::new(Value::Softplus, LossSlope::Logistic(0.0), 1.0)
            }
            Self::LeastSquares { .. } => half_square(0.0),
            Self::Hinge => Loss::new(Value::HingeFake, LossSlope::HingeFake, 1.0),
            Self::Wasserstein { .. } | Self::WassersteinGp { .. } => {
                Loss::new(Value::Output, LossSlope::One, 1.0)
            }
            Self::Relativistic => nothing(),
        }
    }

    /// G's loss, on generated samples.
    pub fn generator(&self) -> Loss {
        match *self {
            Self::Bce { .. } => Loss::new(Value::SoftplusBelow(0.0), LossSlope::Logistic(1.0), 1.0),
            Self::BceSaturating { .. } => {
                Loss::new(Value::MinusSoftplus, LossSlope::Logistic(0.0), -1.0)
            }
            Self::LeastSquares { .. } => half_square(1.0),
            Self::Hinge | Self::Wasserstein { .. } | Self::WassersteinGp { .. } => minus_output(),
            Self::Relativistic => nothing(),
        }
    }
}

impl Loss {
    fn new(value: Value, slope: LossSlope, factor: f64) -> Self {
        Self {
            value,
            slope,
            factor,
        }
    }

    /// The mean of the loss over raw outputs.
    pub fn mean(&self, outputs: &[f32]) -> f64 {
        let sum: f64 = outputs.iter().map(|x| self.value.at(f64::from(*x))).sum();
        sum / outputs.len() as f64
    }

    /// The derivatives of `scale` times the mean loss over `batch` outputs, for the device.
    pub fn slopes(&self, batch: usize, scale: f64) -> LossSlopes {
        slopes([(*self, batch), (*self, 0)], scale)
    }
}

/// The derivatives of `scale` times the sum of two means, for the device: the mean of the first loss over the first outputs of a batch, and
/// that of the second loss over the others. Each loss comes with its number of outputs.
pub fn slopes(halves: [(Loss, usize); 2], scale: f64) -> LossSlopes {
    LossSlopes {
        firsts: halves[0].1,
        halves: halves.map(|(loss, count)| {
            let weight = scale * loss.factor / count.max(1) as f64;
            (loss.slope, weight as f32)
        }),
    }
}

/// The gradient penalty `weight * mean((norm - 1)²)`, for norms of D's input gradients. Gulrajani et al. 2017, equation 3.
pub fn gradient_penalty(norms: &[f32], weight: f64) -> f64 {
    let squares = norms.iter().map(|norm| (f64::from(*norm) - 1.0).powi(2));
    weight * squares.sum::<f64>() / norms.len() as f64
}

/// The penalty `gamma / 2 * mean(norm²)`, for norms of D's input gradients. Mescheder et al. 2018, equations 9 and 10.
pub fn zero_centred_penalty(norms: &[f32], gamma: f64) -> f64 {
    let squares = norms.iter().map(|norm| f64::from(*norm).powi(2));
    0.5 * gamma * squares.sum::<f64>() / norms.len() as f64
}

/// The penalty `weight * mean((first - second)²)` for pairs of raw outputs, at a sample and beside it. Lin et al. 2025.
pub fn approximated_penalty(firsts: &[f32], seconds: &[f32], weight: f64) -> f64 {
    weight * mean_of_differences(firsts, seconds, |x| x * x)
}

/// The relativistic loss `mean(softplus(first - second))` for pairs of raw outputs: D's, if the first ones are those of fakes, G's if the first
/// ones are those of real samples.
pub fn relativistic(firsts: &[f32], seconds: &[f32]) -> f64 {
    mean_of_differences(firsts, seconds, softplus)
}

fn mean_of_differences(firsts: &[f32], seconds: &[f32], of: fn(f64) -> f64) -> f64 {
    assert_eq!(firsts.len(), seconds.len(), "they are pairs");
    let pairs = firsts.iter().zip(seconds);
    let values = pairs.map(|(first, second)| of(f64::from(*first) - f64::from(*second)));
    values.sum::<f64>() / firsts.len() as f64
}

/// [`gradient_penalty`] on `rows` rows, for the device.
pub fn around_one(weight: f64, rows: usize) -> NormPenalty {
    NormPenalty {
        centre: 1.0,
        share: 2.0 * weight as f32 / rows as f32,
    }
}

/// [`zero_centred_penalty`] on `rows` rows, for the device.
pub fn around_zero(gamma: f64, rows: usize) -> NormPenalty {
    NormPenalty {
        centre: 0.0,
        share: gamma as f32 / rows as f32,
    }
}

/// No loss of one output alone.
fn nothing() -> Loss {
    Loss::new(Value::Nothing, LossSlope::One, 0.0)
}

/// The loss `(x - target)² / 2`.
fn half_square(target: f64) -> Loss {
    Loss::new(
        Value::HalfSquare(target),
        LossSlope::Difference(target as f32),
        1.0,
    )
}

/// The loss `-x`.
fn minus_output() -> Loss {
    Loss::new(Value::MinusOutput, LossSlope::One, -1.0)
}

impl Value {
    /// The loss of the raw output `x`.
    fn at(self, x: f64) -> f64 {
        match self {
            Self::SoftplusBelow(smoothing) => softplus(-x) + smoothing * x,
            Self::Softplus => softplus(x),
            Self::MinusSoftplus => -softplus(x),
            Self::HalfSquare(target) => 0.5 * (x - target) * (x - target),
            Self::HingeReal => (1.0 - x).max(0.0),
            Self::HingeFake => (1.0 + x).max(0.0),
            Self::Output => x,
            Self::MinusOutput => -x,
            Self::Nothing => 0.0,
        }
    }
}

/// `ln(1 + e^x)`, without overflow.
fn softplus(x: f64) -> f64 {
    x.max(0.0) + libm::log1p(libm::exp(-x.abs()))
}
