//! What both players minimise, all from raw outputs of D, so that no `log(sigmoid)` can overflow.
//!
//! Each function takes `[batch, 1]` raw outputs and returns `[1]`, the mean over the batch. Sources stand beside the variants of
//! [`LossConfig`].

use burn::tensor::Tensor;
use burn::tensor::activation::{relu, softplus};

use crate::config::LossConfig;

impl LossConfig {
    /// D's loss on real samples.
    pub fn real(&self, logits: Tensor<2>) -> Tensor<1> {
        match *self {
            // t softplus(-r) + (1 - t) softplus(r) with t = 1 - s, by softplus(r) = r + softplus(-r).
            Self::Bce { label_smoothing } | Self::BceSaturating { label_smoothing } => {
                let loss = softplus(logits.clone().neg(), 1.0);
                if label_smoothing == 0.0 {
                    return loss.mean();
                }
                (loss + logits.mul_scalar(label_smoothing)).mean()
            }
            Self::LeastSquares { label_smoothing } => half_square(logits, 1.0 - label_smoothing),
            Self::Hinge => relu(logits.neg().add_scalar(1.0)).mean(),
            Self::Wasserstein { .. } | Self::WassersteinGp { .. } => logits.mean().neg(),
        }
    }

    /// D's loss on generated samples.
    pub fn fake(&self, logits: Tensor<2>) -> Tensor<1> {
        match *self {
            Self::Bce { .. } | Self::BceSaturating { .. } => softplus(logits, 1.0).mean(),
            Self::LeastSquares { .. } => half_square(logits, 0.0),
            Self::Hinge => relu(logits.add_scalar(1.0)).mean(),
            Self::Wasserstein { .. } | Self::WassersteinGp { .. } => logits.mean(),
        }
    }

    /// G's loss, on generated samples.
    pub fn generator(&self, logits: Tensor<2>) -> Tensor<1> {
        match *self {
            Self::Bce { .. } => softplus(logits.neg(), 1.0).mean(),
            Self::BceSaturating { .. } => softplus(logits, 1.0).mean().neg(),
            Self::LeastSquares { .. } => half_square(logits, 1.0),
            Self::Hinge | Self::Wasserstein { .. } | Self::WassersteinGp { .. } => {
                logits.mean().neg()
            }
        }
    }
}

/// Weight times the mean square of (norm - 1), for norms `[batch]` of D's input gradients. Gulrajani et al. 2017, equation 3.
pub fn gradient_penalty(norms: Tensor<1>, weight: f64) -> Tensor<1> {
    norms.sub_scalar(1.0).square().mean().mul_scalar(weight)
}

/// Mean of `(x - target)² / 2`.
fn half_square(logits: Tensor<2>, target: f64) -> Tensor<1> {
    logits.sub_scalar(target).square().mean().mul_scalar(0.5)
}
