//! Penalties on D's slope that any loss may have beside it.

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::limits::{LIMITS, within};

/// Penalties on D's slope, added to its loss after [`discriminator_loss_scale`](crate::GanConfig::discriminator_loss_scale). The gradient of the
/// raw output is taken by the sample's values, never by its label.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GradientPenalties {
    /// γ of R1: γ / 2 times the mean squared norm of the gradient at real samples. Mescheder et al. 2018, equation 9.
    #[serde(deserialize_with = "Option::deserialize")]
    pub r1: Option<f64>,
    /// γ of R2: the same at generated samples. Mescheder et al. 2018, equation 10.
    #[serde(deserialize_with = "Option::deserialize")]
    pub r2: Option<f64>,
    /// R1 without a gradient: D's outputs at a real sample and beside it are compared.
    #[serde(deserialize_with = "Option::deserialize")]
    pub approximated_r1: Option<ApproximatedR1>,
}

/// `weight * mean((D(x) - D(x + deviation * noise))²)` over real samples x, the noise standard normal for each value. Lin et al. 2025.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApproximatedR1 {
    /// λ; 100 in the paper.
    pub weight: f64,
    /// σ; 0.01 in the paper, for images in [-1, 1].
    pub deviation: f64,
}

impl GradientPenalties {
    /// Whether there is one at all.
    pub fn any(&self) -> bool {
        *self != Self::default()
    }

    /// The name of the first that looks at D's gradient itself, if there is one.
    pub(super) fn exact(&self) -> Option<&'static str> {
        match (self.r1, self.r2) {
            (Some(_), _) => Some("gradientPenalties.r1"),
            (None, Some(_)) => Some("gradientPenalties.r2"),
            (None, None) => None,
        }
    }

    /// Checks its fields.
    pub(super) fn validate(&self) -> Result<(), Error> {
        for (field, gamma) in [("r1", self.r1), ("r2", self.r2)] {
            if let Some(gamma) = gamma {
                within(&format!("gradientPenalties.{field}"), gamma, LIMITS.penalty)?;
            }
        }
        if let Some(ApproximatedR1 { weight, deviation }) = self.approximated_r1 {
            let field = "gradientPenalties.approximatedR1";
            within(&format!("{field}.weight"), weight, LIMITS.penalty)?;
            within(&format!("{field}.deviation"), deviation, LIMITS.deviation)?;
        }
        Ok(())
    }
}
