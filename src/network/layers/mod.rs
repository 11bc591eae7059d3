//! The kinds of layers, a file each: everything a layer is stands in its own. A new one is a file, its variant and its line in
//! [`LayerConfig::kind`].

pub(super) mod activation;
mod batch_norm;
mod conv;
mod dropout;
mod linear;
mod reshape;

pub use activation::LeakyRelu;
pub use batch_norm::BatchNorm;
pub use conv::ConvConfig;
pub use dropout::Dropout;
pub use linear::Linear;
pub use reshape::Reshape;

use serde::{Deserialize, Serialize};

use super::features::Features;
use super::layer::Kind;
use crate::Error;
use crate::limits::{LIMITS, within};

/// One layer. A layer's input is a flat row of values or a picture of `channels × height × width`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", deny_unknown_fields)]
pub enum LayerConfig {
    /// `x W + b` of a row, W of shape `[in, units]`.
    Linear(Linear),
    /// Cross-correlation of a picture, weights `[out, in, kernel, kernel]`.
    Conv2d(ConvConfig),
    /// Its transpose, weights `[in, out, kernel, kernel]`.
    ConvTranspose2d(ConvConfig),
    /// A row becomes a picture of as many values.
    Reshape(Reshape),
    /// A picture becomes a row, channel by channel, row by row.
    Flatten,
    /// `gamma * (x - mean) / sqrt(var + eps) + beta`, channel by channel.
    BatchNorm(BatchNorm),
    /// While training, some values become 0.
    Dropout(Dropout),
    /// `x` where positive, `slope * x` elsewhere.
    LeakyRelu(LeakyRelu),
    /// `x` where positive, 0 elsewhere.
    Relu,
    /// Hyperbolic tangent: values in [-1, 1].
    Tanh,
    /// Logistic function: values in [0, 1].
    Sigmoid,
}

/// Values that one sample may have between two layers.
const MOST_VALUES: usize = 1 << 17;

impl LayerConfig {
    /// The `type` it has as data.
    pub fn name(self) -> &'static str {
        self.kind().name()
    }

    /// Its room: what answers for this kind.
    pub(crate) fn kind(self) -> Box<dyn Kind> {
        match self {
            Self::Linear(linear) => Box::new(linear),
            Self::Conv2d(config) => Box::new(conv::Conv2d(config)),
            Self::ConvTranspose2d(config) => Box::new(conv::ConvTranspose2d(config)),
            Self::Reshape(reshape) => Box::new(reshape),
            Self::Flatten => Box::new(reshape::Flatten),
            Self::BatchNorm(norm) => Box::new(norm),
            Self::Dropout(dropout) => Box::new(dropout),
            Self::LeakyRelu(leaky) => Box::new(leaky),
            Self::Relu => Box::new(activation::Relu),
            Self::Tanh => Box::new(activation::Tanh),
            Self::Sigmoid => Box::new(activation::Sigmoid),
        }
    }

    /// What the layer called `field` makes of `input`.
    fn output(self, field: &str, input: Features) -> Result<Features, Error> {
        let output = self.kind().output(field, input)?;
        if let Features::Picture([_, height, width]) = output {
            let side = format!("{field}: side of its picture");
            within(&side, height.max(width), LIMITS.side)?;
        }
        let values = format!("{field}: values it gives");
        within(&values, output.values(), [1, MOST_VALUES])?;
        Ok(output)
    }
}

/// What each layer gives, in order, if the first one is given `input`. `player` names the network in errors.
///
/// # Errors
/// [`Error::InvalidConfig`] for the first layer that does not fit what comes before it, by its path.
pub(crate) fn outputs(
    layers: &[LayerConfig],
    player: &str,
    input: Features,
) -> Result<Vec<Features>, Error> {
    let mut at = input;
    let layers = layers.iter().enumerate();
    layers
        .map(|(index, layer)| {
            at = layer.output(&format!("{player}.layers[{index}]"), at)?;
            Ok(at)
        })
        .collect()
}
