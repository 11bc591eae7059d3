//! The losses that both players minimise, as data; the functions are in [`loss`](crate::loss).

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::limits::{LIMITS, within};

/// The losses that both players minimise. `r` and `f` are raw outputs of D on real and on generated samples; all are means over the batch.
///
/// `label_smoothing` (one-sided) makes the target of real samples `1 - label_smoothing`; that of fakes stays 0.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum LossConfig {
    /// D: `softplus(-r) + softplus(f)`; G: `softplus(-f)`. Goodfellow et al. 2014, section 3, non-saturating.
    Bce {
        /// Subtracted from the target of real samples.
        label_smoothing: f64,
    },
    /// D: the same; G: `-softplus(f)`. Goodfellow et al. 2014, equation 1.
    BceSaturating {
        /// Subtracted from the target of real samples.
        label_smoothing: f64,
    },
    /// D: `(r - 1)² / 2 + f² / 2`; G: `(f - 1)² / 2`. Mao et al. 2017, equation 9.
    LeastSquares {
        /// Subtracted from the target of real samples.
        label_smoothing: f64,
    },
    /// D: `max(0, 1 - r) + max(0, 1 + f)`; G: `-f`. Lim and Ye 2017.
    Hinge,
    /// D: `f - r`, and after each update every parameter of D is clamped; G: `-f`. Arjovsky et al. 2017.
    Wasserstein {
        /// D's parameters stay within ± this.
        clip: f64,
    },
    /// D: `f - r + penalty * (norm - 1)²`, where `norm` is that of D's input gradient at a random point between each pair of a real
    /// and a generated sample; G: `-f`. For a D that is made of straight lines. Gulrajani et al. 2017.
    WassersteinGp {
        /// Weight of the penalty; 10 in the paper.
        penalty: f64,
    },
    /// D: `softplus(f - r)`, G: `softplus(r - f)`, where each sample has a partner of the other kind, in the order of the batch; G's are the
    /// real samples of D's phase before, which D judges anew. Jolicoeur-Martineau 2019, equations 5 and 6; Huang et al. 2024.
    Relativistic,
}

impl LossConfig {
    /// Its `type` in JSON.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bce { .. } => "bce",
            Self::BceSaturating { .. } => "bceSaturating",
            Self::LeastSquares { .. } => "leastSquares",
            Self::Hinge => "hinge",
            Self::Wasserstein { .. } => "wasserstein",
            Self::WassersteinGp { .. } => "wassersteinGp",
            Self::Relativistic => "relativistic",
        }
    }

    /// Whether real samples and fakes enter it in pairs.
    pub fn pairs(self) -> bool {
        self == Self::Relativistic
    }

    /// Checks its fields.
    pub(super) fn validate(&self) -> Result<(), Error> {
        match *self {
            Self::Bce { label_smoothing }
            | Self::BceSaturating { label_smoothing }
            | Self::LeastSquares { label_smoothing } => within(
                "loss.labelSmoothing",
                label_smoothing,
                LIMITS.label_smoothing,
            ),
            Self::Hinge | Self::Relativistic => Ok(()),
            Self::Wasserstein { clip } => within("loss.clip", clip, LIMITS.weight_clip),
            Self::WassersteinGp { penalty } => within("loss.penalty", penalty, LIMITS.penalty),
        }
    }
}
