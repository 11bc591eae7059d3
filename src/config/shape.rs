//! What a sample is to those who look at it.

use serde::{Deserialize, Serialize};

/// Picture shape of a sample; to the trainer a sample is a flat row of [`SampleShape::dim`] values.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SampleShape {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Smallest and largest value of a pixel.
    pub range: [f32; 2],
}

impl SampleShape {
    /// Values of one sample.
    pub fn dim(&self) -> usize {
        self.width * self.height
    }
}
