//! The ranges that are accepted, and the checks that name the field, its value and what was expected.

use serde::Serialize;

use crate::Error;

/// Inclusive ranges that the form offers and [`GanConfig::validate`](crate::GanConfig::validate) enforces.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Limits {
    /// Seed of the random streams.
    pub seed: [u32; 2],
    /// Classes of the samples.
    pub classes: [usize; 2],
    /// `scale` of labels that join D's values.
    pub label_scale: [f64; 2],
    /// Samples of one update.
    pub batch_size: [usize; 2],
    /// Learning rate of either player.
    pub learning_rate: [f64; 2],
    /// Width of any layer, and of the latent.
    pub units: [usize; 2],
    /// Layers of one network.
    pub layers: [usize; 2],
    /// Trainable parameters of one network.
    pub parameters: [usize; 2],
    /// Side of a sample or of a feature map, in pixels.
    pub side: [usize; 2],
    /// Side of a kernel, in pixels.
    pub kernel: [usize; 2],
    /// Stride of a convolution, in pixels.
    pub stride: [usize; 2],
    /// Padding of a convolution, in pixels.
    pub padding: [usize; 2],
    /// Updates of either player in one step.
    pub updates: [usize; 2],
    /// Subtracted from the target of real samples.
    pub label_smoothing: [f64; 2],
    /// Bound of a Wasserstein critic's parameters.
    pub weight_clip: [f64; 2],
    /// Weight of the gradient penalty.
    pub penalty: [f64; 2],
    /// Deviation of the noise beside a real sample, in the approximated R1.
    pub deviation: [f64; 2],
    /// Phase of a player that a schedule names.
    pub phases: [u32; 2],
    /// Longest gradient of either player.
    pub gradient_clip_norm: [f64; 2],
    /// Decay of G's moving average.
    pub ema_decay: [f64; 2],
}

/// The accepted ranges. 8 million parameters are 32 MB, 96 MB with Adam's two moments: what a phone's tab can hold.
pub const LIMITS: Limits = Limits {
    seed: [0, u32::MAX],
    classes: [2, 100],
    label_scale: [0.01, 100.0],
    batch_size: [1, 1024],
    learning_rate: [1e-7, 1.0],
    units: [1, 16_384],
    layers: [1, 32],
    parameters: [1, 8_000_000],
    side: [1, 64],
    kernel: [1, 16],
    stride: [1, 8],
    padding: [0, 15],
    updates: [1, 10],
    label_smoothing: [0.0, 0.5],
    weight_clip: [1e-4, 10.0],
    penalty: [0.0, 1000.0],
    deviation: [1e-4, 1.0],
    phases: [1, 100_000_000],
    gradient_clip_norm: [1e-4, 1e4],
    ema_decay: [0.0, 0.9999],
};

/// Checks a learning rate against [`LIMITS`]; `field` names it in the error.
pub(crate) fn check_learning_rate(field: &str, rate: f64) -> Result<(), Error> {
    within(field, rate, LIMITS.learning_rate)
}

/// Checks that `value` is in the inclusive range.
pub(crate) fn within<T: PartialOrd + ToString + Copy>(
    field: &str,
    value: T,
    [low, high]: [T; 2],
) -> Result<(), Error> {
    // A NaN is in no range.
    if value >= low && value <= high {
        return Ok(());
    }
    let expected = format!("{} to {}", low.to_string(), high.to_string());
    Err(Error::config(field, value, expected))
}

/// Checks that `value` is in [0, 1).
pub(crate) fn fraction(field: &str, value: f64) -> Result<(), Error> {
    if (0.0..1.0).contains(&value) {
        return Ok(());
    }
    Err(Error::config(field, value, "0 to 1, 1 excluded"))
}

/// Checks that `value` is in (0, 1].
pub(crate) fn fraction_above_zero(field: &str, value: f64) -> Result<(), Error> {
    if value > 0.0 && value <= 1.0 {
        return Ok(());
    }
    Err(Error::config(field, value, "0 to 1, 0 excluded"))
}

/// Checks that `value` is above 0 and finite.
pub(crate) fn positive(field: &str, value: f64) -> Result<(), Error> {
    if value > 0.0 && value.is_finite() {
        return Ok(());
    }
    Err(Error::config(field, value, "a positive number"))
}
