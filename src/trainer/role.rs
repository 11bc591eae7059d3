//! Who learns, from which rows, and whose weights are looked at.

use serde::{Deserialize, Serialize};

/// Which of the two players.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// Turns latents into samples.
    Generator,
    /// Turns samples into logits.
    Discriminator,
}

/// Which values of G a picture is made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weights {
    /// Those that train.
    Raw,
    /// Their moving average, where one is kept ([`GanConfig::ema_decay`](crate::GanConfig::ema_decay)), else the raw ones.
    Averaged,
}

/// One update within a step: who learns, and from which rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Update {
    /// D learns from real samples `[n * sample_dim]`.
    Real,
    /// D learns from the fakes of latents `[n * latent.dim]`.
    Fake,
    /// G learns from what D makes of the fakes of latents `[n * latent.dim]`.
    Generated,
}

impl Update {
    /// Whose parameters move.
    pub fn learner(self) -> Role {
        match self {
            Self::Real | Self::Fake => Role::Discriminator,
            Self::Generated => Role::Generator,
        }
    }
}
