//! The optimizers, by which gradients become updates, as data; the rules are in [`player`](crate::player).

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::limits::{fraction, positive};

/// An optimizer, without its learning rate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", deny_unknown_fields)]
pub enum OptimizerConfig {
    /// `v = momentum * v + g; p -= lr * v`.
    Sgd {
        /// Share of the last velocity that is kept; 0 is plain gradient descent.
        momentum: f64,
    },
    /// `p -= lr * m / (sqrt(v) + eps)`, both moments bias-corrected (Kingma and Ba 2015, algorithm 1).
    Adam {
        /// Decay of the first moment.
        beta1: f64,
        /// Decay of the second moment.
        beta2: f64,
        /// Added to the square root. (Burn's default is 1e-5, Keras' 1e-7.)
        eps: f64,
    },
    /// `v = alpha * v + (1 - alpha) * g²; p -= lr * g / (sqrt(v) + eps)`; no momentum, not centred.
    RmsProp {
        /// Decay of the mean square.
        alpha: f64,
        /// Added to the square root.
        eps: f64,
    },
}

impl OptimizerConfig {
    /// Checks its fields; `field` is the optimizer's path.
    pub(super) fn validate(&self, field: &str) -> Result<(), Error> {
        match *self {
            Self::Sgd { momentum } => fraction(&format!("{field}.momentum"), momentum),
            Self::Adam { beta1, beta2, eps } => {
                fraction(&format!("{field}.beta1"), beta1)?;
                fraction(&format!("{field}.beta2"), beta2)?;
                positive(&format!("{field}.eps"), eps)
            }
            Self::RmsProp { alpha, eps } => {
                fraction(&format!("{field}.alpha"), alpha)?;
                positive(&format!("{field}.eps"), eps)
            }
        }
    }
}
