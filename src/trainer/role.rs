//! Who learns, from which rows, and whose weights are looked at.

use serde::{Deserialize, Serialize};

/// One of the two players.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// Turns latents into samples.
    Generator,
    /// Turns samples into logits.
    Discriminator,
}

/// Which weights of G make a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weights {
    /// The weights that train.
    Raw,
    /// The moving average of those, where one is kept ([`GanConfig::ema_decay`](crate::GanConfig::ema_decay)), else the raw ones.
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
    /// The player whose parameters move.
    pub fn learner(self) -> Role {
        match self {
            Self::Real | Self::Fake => Role::Discriminator,
            Self::Generated => Role::Generator,
        }
    }
}
