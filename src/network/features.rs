//! The shape of what one layer hands to the next.

use core::fmt;

use serde::Serialize;

/// Values of one sample between two layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Features {
    /// A flat row.
    Row(usize),
    /// Channels, rows, pixels in a row; the last is the fastest index.
    Picture([usize; 3]),
}

impl Features {
    /// Number of values.
    pub fn values(self) -> usize {
        match self {
            Self::Row(values) => values,
            Self::Picture(sides) => sides.iter().product(),
        }
    }

    /// Number of channels that BatchNorm counts statistics of, and number of values of each in one sample.
    pub(crate) fn channels(self) -> (usize, usize) {
        match self {
            Self::Row(values) => (values, 1),
            Self::Picture([channels, height, width]) => (channels, height * width),
        }
    }
}

impl fmt::Display for Features {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Row(values) => write!(f, "{values}"),
            Self::Picture([channels, height, width]) => write!(f, "{channels}×{height}×{width}"),
        }
    }
}
