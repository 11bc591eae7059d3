//! What the generator starts from.

use serde::{Deserialize, Serialize};

/// Distribution and width of the latent z.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LatentConfig {
    /// Distribution of each value.
    pub kind: LatentKind,
    /// Values of one latent.
    pub dim: usize,
}

/// Distribution of a latent value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LatentKind {
    /// Standard normal.
    Normal,
    /// Uniform in [0, 1).
    Uniform,
}
