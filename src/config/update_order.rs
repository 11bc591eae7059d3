//! How a step is arranged: which updates make it, and in which order.

use serde::{Deserialize, Serialize};

/// Which updates make a step. Every G update sees the D just updated, except where D's real update comes last. Real samples and fakes
/// are never normalised together: each takes the BatchNorm statistics of its own batch. "By batch statistics": BatchNorm uses the batch,
/// and the running statistics follow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum UpdateOrder {
    /// One D update on both halves of its loss; fakes by batch statistics; then G on fresh latents. Seeds S0 and S3.
    Joint,
    /// D on the real batch, then D on the fakes, which were made before by running statistics (Keras' `predict`); then G
    /// on fresh latents. Seeds S1 and S4.
    KerasTwoUpdates,
    /// As [`Joint`](Self::Joint), but G learns from the same fakes, made once, through the D just updated. PyTorch's DCGAN tutorial.
    SumSameZ,
    /// D on the real batch, then D on the fakes, then G on the same latents. The notebook of seed S2.
    RealThenFakeSameLatents,
    /// D on the fakes, then G on the same latents, then D on the real batch. The prose of seed S2.
    FakeThenGeneratorThenReal,
}

impl UpdateOrder {
    /// Whether G learns from the latents that made D's fakes.
    pub(crate) fn reuses_latents(self) -> bool {
        match self {
            Self::Joint | Self::KerasTwoUpdates => false,
            Self::SumSameZ | Self::RealThenFakeSameLatents | Self::FakeThenGeneratorThenReal => {
                true
            }
        }
    }

    /// Whether one update of D sees both halves of its loss.
    pub(crate) fn joins_halves(self) -> bool {
        match self {
            Self::Joint | Self::SumSameZ => true,
            Self::KerasTwoUpdates
            | Self::RealThenFakeSameLatents
            | Self::FakeThenGeneratorThenReal => false,
        }
    }

    /// Its name in JSON.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Joint => "joint",
            Self::KerasTwoUpdates => "kerasTwoUpdates",
            Self::SumSameZ => "sumSameZ",
            Self::RealThenFakeSameLatents => "realThenFakeSameLatents",
            Self::FakeThenGeneratorThenReal => "fakeThenGeneratorThenReal",
        }
    }
}
