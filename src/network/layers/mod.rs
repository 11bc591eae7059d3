//! The kinds of layers, a file each: everything a layer is stands in its own. A new one is a file, its variant and its line in
//! [`LayerConfig::kind`].

pub(super) mod activation;
mod batch_norm;
mod conv;
mod dropout;
mod label;
mod linear;
mod reshape;
mod upsample;

pub use activation::{Elu, LeakyRelu};
pub use batch_norm::BatchNorm;
pub use conv::ConvConfig;
pub use dropout::Dropout;
pub use linear::Linear;
pub use reshape::Reshape;

use serde::{Deserialize, Serialize};

use self::label::Told;
use super::features::Features;
use super::labels::Conditioning;
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
    /// Each pixel of a picture becomes a square of 2 × 2 (nearest neighbour).
    Upsample,
    /// `gamma * (x - mean) / sqrt(var + eps) + beta`, channel by channel.
    BatchNorm(BatchNorm),
    /// While training, some values become 0.
    Dropout(Dropout),
    /// `x` where positive, `slope * x` elsewhere.
    LeakyRelu(LeakyRelu),
    /// `x` where positive, 0 elsewhere.
    Relu,
    /// `x` where positive, `alpha * (exp(x) - 1)` elsewhere.
    Elu(Elu),
    /// `x / (1 + exp(-x))`
    Silu,
    /// Hyperbolic tangent: values in [-1, 1].
    Tanh,
    /// Logistic function: values in [0, 1].
    Sigmoid,
}

/// Values that one sample may have between two layers.
const MOST_VALUES: usize = 1 << 17;

impl LayerConfig {
    /// Its `type` in JSON.
    pub fn name(self) -> &'static str {
        self.kind().name()
    }

    /// The layer behind the trait that every kind implements.
    pub(crate) fn kind(self) -> Box<dyn Kind> {
        match self {
            Self::Linear(linear) => Box::new(linear),
            Self::Conv2d(config) => Box::new(conv::Conv2d(config)),
            Self::ConvTranspose2d(config) => Box::new(conv::ConvTranspose2d(config)),
            Self::Reshape(reshape) => Box::new(reshape),
            Self::Flatten => Box::new(reshape::Flatten),
            Self::Upsample => Box::new(upsample::Upsample),
            Self::BatchNorm(norm) => Box::new(norm),
            Self::Dropout(dropout) => Box::new(dropout),
            Self::LeakyRelu(leaky) => Box::new(leaky),
            Self::Relu => Box::new(activation::Relu),
            Self::Elu(elu) => Box::new(elu),
            Self::Silu => Box::new(activation::Silu),
            Self::Tanh => Box::new(activation::Tanh),
            Self::Sigmoid => Box::new(activation::Sigmoid),
        }
    }

    /// Output shape of the layer called `field`, for an input of shape `input`.
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

/// The kind of each layer, in order; `conditioning` makes another of a linear layer that hears of the label.
pub(crate) fn kinds(
    layers: &[LayerConfig],
    conditioning: Option<Conditioning>,
) -> Vec<Box<dyn Kind>> {
    let is_linear = |layer: &LayerConfig| matches!(layer, LayerConfig::Linear(_));
    let told = match conditioning {
        None => None,
        Some(Conditioning::Projection { .. }) => layers.iter().rposition(is_linear),
        Some(Conditioning::Concat { .. }) => layers.iter().position(is_linear),
    };
    let layers = layers.iter().enumerate();
    layers
        .map(|(index, layer)| -> Box<dyn Kind> {
            match (*layer, conditioning) {
                (LayerConfig::Linear(linear), Some(conditioning)) if told == Some(index) => {
                    Box::new(Told {
                        linear,
                        conditioning,
                    })
                }
                _ => layer.kind(),
            }
        })
        .collect()
}

/// Output shape of each layer, in order, for an input of shape `input`. `player` names the network in errors.
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

/// The names of the kinds that gradient penalties are written out for, in words.
pub(crate) fn penalised_layers() -> String {
    let penalised = LAYERS.iter().filter(|layer| {
        let properties = layer.kind().properties();
        properties.in_penalty
    });
    let names: Vec<_> = penalised.map(|layer| layer.name()).collect();
    let (last, others) = names.split_last().expect("linear layers are");
    format!("{} or {last}", others.join(", "))
}

/// One layer of each kind; what its fields are does not matter.
pub(crate) const LAYERS: [LayerConfig; 14] = {
    let conv = ConvConfig {
        channels: 4,
        kernel: 4,
        stride: 2,
        padding: 1,
        bias: true,
    };
    [
        LayerConfig::Linear(Linear { units: 1 }),
        LayerConfig::Conv2d(conv),
        LayerConfig::ConvTranspose2d(conv),
        LayerConfig::Reshape(Reshape {
            channels: 1,
            height: 1,
            width: 1,
        }),
        LayerConfig::Flatten,
        LayerConfig::Upsample,
        LayerConfig::BatchNorm(BatchNorm {
            momentum: 0.8,
            eps: 1e-3,
        }),
        LayerConfig::Dropout(Dropout { rate: 0.5 }),
        LayerConfig::LeakyRelu(LeakyRelu { slope: 0.2 }),
        LayerConfig::Relu,
        LayerConfig::Elu(Elu { alpha: 1.0 }),
        LayerConfig::Silu,
        LayerConfig::Tanh,
        LayerConfig::Sigmoid,
    ]
};

#[cfg(test)]
mod tests {
    use super::super::init::Init;
    use super::super::layer::Built;
    use super::super::layout::Builder;
    use super::*;
    use crate::rng::{Rng, Stream};

    /// serde names every variant that there is when it refuses another.
    #[test]
    fn the_tests_know_every_kind_by_its_name() {
        let error = serde_json::from_str::<LayerConfig>(r#"{"type":"none"}"#);
        let error = error.expect_err("no such kind").to_string();
        let (_, names) = error.split_once("expected one of ").expect("the names");
        let names: Vec<&str> = names.split('`').skip(1).step_by(2).collect();
        assert_eq!(LAYERS.map(LayerConfig::name).as_slice(), names);
    }

    #[test]
    fn a_kind_that_is_in_the_penalty_has_its_part_written_out() {
        for layer in LAYERS {
            let inputs = [Features::Row(1), Features::Picture([1, 8, 8])];
            let fits = |input: &Features| layer.output("layer", *input).is_ok();
            let input = inputs.into_iter().find(fits).expect("one fits");
            let output = layer.output("layer", input).expect("it fits");
            let mut rng = Rng::new(1, Stream::DiscriminatorWeights);
            let mut builder = Builder::new(Init::GlorotUniform, &mut rng);
            let in_penalty = match layer.kind().build(&mut builder, input, output) {
                Built::Layer(layer) => layer.penalised().is_some(),
                Built::Layers(layers) => layers.iter().all(|layer| layer.penalised().is_some()),
                Built::Activation(activation) => activation::fused(activation).is_some(),
                Built::Nothing => true,
            };
            let promised = layer.kind().properties().in_penalty;
            assert!(in_penalty || !promised, "{}", layer.name());
        }
    }
}
