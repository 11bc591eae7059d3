//! What passes from one layer to the next, and what a layer makes of it.

use core::fmt;

use serde::Serialize;

use super::validate::within;
use super::{ConvConfig, LIMITS, LayerConfig, PlayerConfig};
use crate::Error;

/// Values of one sample between two layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Features {
    /// A flat row.
    Row(usize),
    /// Channels, rows, pixels in a row; the last is the fastest index.
    Picture([usize; 3]),
}

/// Values that one sample may have between two layers.
const MOST_VALUES: usize = 1 << 17;

impl Features {
    /// Number of values.
    pub fn values(self) -> usize {
        match self {
            Self::Row(values) => values,
            Self::Picture(sides) => sides.iter().product(),
        }
    }

    /// What BatchNorm counts statistics of, and values of each in one sample.
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

impl PlayerConfig {
    /// What each layer gives, in order, if the first one is given `input`. `player` names the network in errors.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] for the first layer that does not fit what comes before it, by its path.
    pub fn features(&self, player: &str, input: Features) -> Result<Vec<Features>, Error> {
        let mut at = input;
        let layers = self.layers.iter().enumerate();
        layers
            .map(|(index, layer)| {
                at = layer.output(&format!("{player}.layers[{index}]"), at)?;
                Ok(at)
            })
            .collect()
    }
}

impl LayerConfig {
    /// What the layer called `field` makes of `input`.
    fn output(&self, field: &str, input: Features) -> Result<Features, Error> {
        let misfit = |expected: &str| {
            let given = match input {
                Features::Row(values) => format!("a row of {values} values"),
                Features::Picture(_) => format!("a picture of {input} values"),
            };
            let given = format!("{} on {given}", self.name());
            Err(Error::config(field, given, expected))
        };
        let output = match (self, input) {
            (Self::Linear { units }, Features::Row(_)) => Features::Row(*units),
            (Self::Linear { .. }, _) => return misfit("a row: a flatten layer before it"),
            (Self::Conv2d(conv), Features::Picture([_, height, width])) => {
                conv.check_kernel(field, height.min(width))?;
                let side = |side: usize| (side + 2 * conv.padding - conv.kernel) / conv.stride + 1;
                Features::Picture([conv.channels, side(height), side(width)])
            }
            (Self::ConvTranspose2d(conv), Features::Picture([_, height, width])) => {
                let side = |side: usize| (side - 1) * conv.stride + conv.kernel;
                if side(height.min(width)) <= 2 * conv.padding {
                    let expected = format!("less than half of {}", side(height.min(width)));
                    return Err(Error::config(
                        format!("{field}.padding"),
                        conv.padding,
                        expected,
                    ));
                }
                let side = |length: usize| side(length) - 2 * conv.padding;
                Features::Picture([conv.channels, side(height), side(width)])
            }
            (Self::Conv2d(_) | Self::ConvTranspose2d(_), _) => {
                return misfit("a picture: a reshape layer before it");
            }
            (
                Self::Reshape {
                    channels,
                    height,
                    width,
                },
                Features::Row(values),
            ) => {
                let output = Features::Picture([*channels, *height, *width]);
                if output.values() != values {
                    let given = format!("reshape to {output}, {} values", output.values());
                    let expected = format!("{values} values, as the layer before gives");
                    return Err(Error::config(field, given, expected));
                }
                output
            }
            (Self::Reshape { .. }, _) => return misfit("a row: a flatten layer before it"),
            (Self::Flatten, Features::Picture(_)) => Features::Row(input.values()),
            (Self::Flatten, _) => return misfit("a picture"),
            (
                Self::BatchNorm { .. }
                | Self::Dropout { .. }
                | Self::LeakyRelu { .. }
                | Self::Relu
                | Self::Tanh
                | Self::Sigmoid,
                same,
            ) => same,
        };
        if let Features::Picture([_, height, width]) = output {
            within(
                &format!("{field}: side of its picture"),
                height.max(width),
                LIMITS.side,
            )?;
        }
        within(
            &format!("{field}: values it gives"),
            output.values(),
            [1, MOST_VALUES],
        )?;
        Ok(output)
    }
}

impl ConvConfig {
    fn check_kernel(&self, field: &str, side: usize) -> Result<(), Error> {
        let padded = side + 2 * self.padding;
        if self.kernel <= padded {
            return Ok(());
        }
        let expected = format!("{padded} or less, the padded side of the picture");
        Err(Error::config(
            format!("{field}.kernel"),
            self.kernel,
            expected,
        ))
    }
}
