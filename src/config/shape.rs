//! The shape of the picture that a sample is to people.

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
    /// Number of values of one sample.
    pub fn dim(&self) -> usize {
        self.width * self.height
    }
}
