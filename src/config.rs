//! A run as data: the two networks, their optimizers, the order of updates; the presets; the ranges that are accepted.
//!
//! Invariant: a [`GanConfig`] that passed [`GanConfig::validate`] can be trained; the trainer never looks at its name.

use serde::{Deserialize, Serialize};

use crate::Error;

/// Everything that decides a run, but for the seed and the data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GanConfig {
    /// Name of the preset it came from; shown, never matched on.
    pub name: String,
    /// Picture shape and value range of one sample.
    pub shape: SampleShape,
    /// What the generator starts from.
    pub latent: LatentConfig,
    /// First values of the weights and biases of both networks.
    pub init: Init,
    /// Real samples, and fakes, of one update.
    pub batch_size: usize,
    /// Which updates make a step.
    pub order: UpdateOrder,
    /// Its last layer gives `shape.width * shape.height` values.
    pub generator: PlayerConfig,
    /// Its last layer gives 1 value, the logit.
    pub discriminator: PlayerConfig,
}

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

/// First values of the linear layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Init {
    /// Keras' default: weights uniform in ±sqrt(6 / (in + out)), biases zero.
    GlorotUniform,
    /// Weights and biases standard normal (the toy's notebook).
    StandardNormal,
}

/// Which updates make a step. Every G update sees the D just updated, except where D's real update comes last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum UpdateOrder {
    /// One D update on half the sum of the real and the fake loss (the mean over the 2 × batch rows); fakes by batch
    /// statistics; then G on fresh latents. Seeds S0 and S3.
    Joint,
    /// D on the real batch, then D on the fakes, which were made before by running statistics (Keras' `predict`); then G
    /// on fresh latents. Seeds S1 and S4.
    RealThenFake,
    /// D on the real batch, then D on the fakes, then G on the same latents. The notebook of seed S2.
    RealThenFakeSameLatents,
    /// D on the fakes, then G on the same latents, then D on the real batch. The prose of seed S2.
    FakeThenGeneratorThenReal,
}

/// One of the two players.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlayerConfig {
    /// From input to output.
    pub layers: Vec<LayerConfig>,
    /// How gradients become updates.
    pub optimizer: OptimizerConfig,
    /// Step size; may change while it trains.
    pub learning_rate: f64,
}

/// One layer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", deny_unknown_fields)]
pub enum LayerConfig {
    /// `x W + b`, W of shape `[in, units]`.
    Linear {
        /// Output width.
        units: usize,
    },
    /// `x` where positive, `slope * x` elsewhere.
    LeakyRelu {
        /// Slope on the negative side, in [0, 1).
        slope: f64,
    },
    /// `gamma * (x - mean) / sqrt(var + eps) + beta`, feature by feature, with the biased batch variance.
    BatchNorm {
        /// Keras' convention: the share of the *old* running statistic that is kept. (Burn's own is 1 minus this.)
        momentum: f64,
        /// Added to the variance.
        eps: f64,
    },
    /// Hyperbolic tangent: values in [-1, 1].
    Tanh,
    /// Logistic function: values in [0, 1].
    Sigmoid,
}

/// An optimizer, without its learning rate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", deny_unknown_fields)]
pub enum OptimizerConfig {
    /// `p -= lr * g`.
    Sgd,
    /// `p -= lr * m / (sqrt(v) + eps)`, both moments bias-corrected (Kingma and Ba 2015, algorithm 1).
    Adam {
        /// Decay of the first moment.
        beta1: f64,
        /// Decay of the second moment.
        beta2: f64,
        /// Added to the square root. (Burn's default is 1e-5, Keras' 1e-7.)
        eps: f64,
    },
}

/// Inclusive ranges that the form offers and [`GanConfig::validate`] enforces.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Limits {
    /// Of the random streams.
    pub seed: [u32; 2],
    /// Samples.
    pub batch_size: [usize; 2],
    /// Of either player.
    pub learning_rate: [f64; 2],
    /// Width of any layer, and of the latent.
    pub units: [usize; 2],
    /// Layers of one network.
    pub layers: [usize; 2],
    /// Side of a sample, in pixels.
    pub side: [usize; 2],
}

/// The accepted ranges. The widths keep one network under about 64 MB, what a phone's tab can hold with Adam's two moments.
pub const LIMITS: Limits = Limits {
    seed: [0, u32::MAX],
    batch_size: [1, 1024],
    learning_rate: [1e-7, 1.0],
    units: [1, 4096],
    layers: [1, 32],
    side: [1, 64],
};

/// Names that [`GanConfig::preset`] takes.
pub const PRESETS: [&str; 3] = ["toy-2x2", "mnist-fast", "mnist-keras"];

impl GanConfig {
    /// The preset called `name`, one of [`PRESETS`].
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] for any other name.
    pub fn preset(name: &str) -> Result<Self, Error> {
        match name {
            "toy-2x2" => Ok(Self::toy_2x2()),
            "mnist-fast" => Ok(Self::mnist_fast()),
            "mnist-keras" => Ok(Self::mnist_keras()),
            _ => Err(Error::config(
                "preset",
                name,
                format!("one of {}", PRESETS.join(", ")),
            )),
        }
    }

    /// Serrano's 2×2 faces: 8 + 5 parameters, one latent, plain gradient descent one face at a time.
    ///
    /// Source: seed S2 and its notebook.
    pub fn toy_2x2() -> Self {
        let optimizer = OptimizerConfig::Sgd;
        Self {
            name: "toy-2x2".into(),
            shape: SampleShape {
                width: 2,
                height: 2,
                range: [0.0, 1.0],
            },
            latent: LatentConfig {
                kind: LatentKind::Uniform,
                dim: 1,
            },
            init: Init::StandardNormal,
            batch_size: 1,
            order: UpdateOrder::RealThenFakeSameLatents,
            generator: PlayerConfig {
                layers: vec![LayerConfig::Linear { units: 4 }, LayerConfig::Sigmoid],
                optimizer,
                learning_rate: 0.01,
            },
            discriminator: PlayerConfig {
                layers: vec![LayerConfig::Linear { units: 1 }],
                optimizer,
                learning_rate: 0.01,
            },
        }
    }

    /// A small dense pair that makes readable digits after 1,000 to 2,000 steps: the layers of [`Self::mnist_keras`],
    /// narrower, with a learning rate five times as high.
    ///
    /// Source: our own search; the layer types are seed S1's.
    pub fn mnist_fast() -> Self {
        Self::mnist("mnist-fast", 64, &[128, 256, 512], &[256, 128], 1e-3)
    }

    /// The dense Keras GAN of seeds S1 and S4, to the letter: two D updates a step, fakes made in inference mode.
    ///
    /// Source: seed S1 (layers, BatchNorm momentum 0.8), seed S4 (loop); Adam(2e-4, 0.5) and the rest are Keras' defaults.
    pub fn mnist_keras() -> Self {
        Self {
            order: UpdateOrder::RealThenFake,
            ..Self::mnist("mnist-keras", 100, &[256, 512, 1024], &[512, 256], 2e-4)
        }
    }

    fn mnist(
        name: &str,
        latent_dim: usize,
        generator_widths: &[usize],
        discriminator_widths: &[usize],
        learning_rate: f64,
    ) -> Self {
        let shape = SampleShape {
            width: 28,
            height: 28,
            range: [-1.0, 1.0],
        };
        let leaky = LayerConfig::LeakyRelu { slope: 0.2 };
        let norm = LayerConfig::BatchNorm {
            momentum: 0.8,
            eps: 1e-3,
        };
        let optimizer = OptimizerConfig::Adam {
            beta1: 0.5,
            beta2: 0.999,
            eps: 1e-7,
        };
        let hidden = |units: &usize| LayerConfig::Linear { units: *units };
        let generator_layers = generator_widths
            .iter()
            .flat_map(|units| [hidden(units), leaky, norm])
            .chain([hidden(&shape.dim()), LayerConfig::Tanh]);
        let discriminator_layers = discriminator_widths
            .iter()
            .flat_map(|units| [hidden(units), leaky])
            .chain([hidden(&1)]);
        Self {
            name: name.into(),
            shape,
            latent: LatentConfig {
                kind: LatentKind::Normal,
                dim: latent_dim,
            },
            init: Init::GlorotUniform,
            batch_size: 64,
            order: UpdateOrder::Joint,
            generator: PlayerConfig {
                layers: generator_layers.collect(),
                optimizer,
                learning_rate,
            },
            discriminator: PlayerConfig {
                layers: discriminator_layers.collect(),
                optimizer,
                learning_rate,
            },
        }
    }

    /// Checks every field, and that the layers fit the sample and the latent.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] for the first field that is out of range, by its path.
    pub fn validate(&self) -> Result<(), Error> {
        within("shape.width", self.shape.width, LIMITS.side)?;
        within("shape.height", self.shape.height, LIMITS.side)?;
        let [low, high] = self.shape.range;
        if !(low.is_finite() && high.is_finite() && low < high) {
            return Err(Error::config(
                "shape.range",
                format!("[{low}, {high}]"),
                "two finite numbers, the smaller first",
            ));
        }
        within("latent.dim", self.latent.dim, LIMITS.units)?;
        within("batchSize", self.batch_size, LIMITS.batch_size)?;
        self.generator.validate("generator", self.batch_size)?;
        self.discriminator
            .validate("discriminator", self.batch_size)?;
        self.check_generator_output()?;
        self.check_discriminator_output()
    }

    fn check_generator_output(&self) -> Result<(), Error> {
        let dim = self.shape.dim();
        let last = self.generator.layers.len() - 1;
        let field = format!("generator.layers[{last}]");
        let range = match self.generator.layers[last] {
            LayerConfig::Tanh => [-1.0, 1.0],
            LayerConfig::Sigmoid => [0.0, 1.0],
            other => {
                return Err(Error::config(
                    field,
                    other.name(),
                    "tanh or sigmoid, so that samples stay in shape.range",
                ));
            }
        };
        if range != self.shape.range {
            return Err(Error::config(
                "shape.range",
                format!("{:?}", self.shape.range),
                format!("{range:?}, the range of {field}"),
            ));
        }
        match self.generator.output_units() {
            Some(units) if units == dim => Ok(()),
            units => Err(Error::config(
                "generator.layers",
                format!("{} output units", units.unwrap_or(0)),
                format!("{dim} ({} x {})", self.shape.width, self.shape.height),
            )),
        }
    }

    fn check_discriminator_output(&self) -> Result<(), Error> {
        let last = self.discriminator.layers.len() - 1;
        match self.discriminator.layers[last] {
            LayerConfig::Linear { units: 1 } => Ok(()),
            LayerConfig::Linear { units } => Err(Error::config(
                format!("discriminator.layers[{last}].units"),
                units,
                "1, the logit",
            )),
            other => Err(Error::config(
                format!("discriminator.layers[{last}]"),
                other.name(),
                "linear with 1 unit: the losses take the raw logit",
            )),
        }
    }
}

impl PlayerConfig {
    /// Width after the last linear layer.
    fn output_units(&self) -> Option<usize> {
        self.layers.iter().rev().find_map(|layer| match layer {
            LayerConfig::Linear { units } => Some(*units),
            _ => None,
        })
    }

    /// Whether a layer needs more than one sample to know a batch statistic.
    pub(crate) fn has_batch_norm(&self) -> bool {
        self.layers
            .iter()
            .any(|layer| matches!(layer, LayerConfig::BatchNorm { .. }))
    }

    fn validate(&self, player: &str, batch_size: usize) -> Result<(), Error> {
        within(
            &format!("{player}.layers"),
            self.layers.len(),
            LIMITS.layers,
        )?;
        check_learning_rate(&format!("{player}.learningRate"), self.learning_rate)?;
        self.optimizer.validate(&format!("{player}.optimizer"))?;
        for (index, layer) in self.layers.iter().enumerate() {
            layer.validate(&format!("{player}.layers[{index}]"))?;
        }
        if self.has_batch_norm() && batch_size < 2 {
            return Err(Error::config(
                "batchSize",
                batch_size,
                format!("2 or more, because {player} has a batchNorm layer"),
            ));
        }
        Ok(())
    }
}

impl LayerConfig {
    /// The `type` it has as data.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Linear { .. } => "linear",
            Self::LeakyRelu { .. } => "leakyRelu",
            Self::BatchNorm { .. } => "batchNorm",
            Self::Tanh => "tanh",
            Self::Sigmoid => "sigmoid",
        }
    }

    fn validate(&self, field: &str) -> Result<(), Error> {
        match *self {
            Self::Linear { units } => within(&format!("{field}.units"), units, LIMITS.units),
            Self::LeakyRelu { slope } => fraction(&format!("{field}.slope"), slope),
            Self::BatchNorm { momentum, eps } => {
                fraction(&format!("{field}.momentum"), momentum)?;
                positive(&format!("{field}.eps"), eps)
            }
            Self::Tanh | Self::Sigmoid => Ok(()),
        }
    }
}

impl OptimizerConfig {
    fn validate(&self, field: &str) -> Result<(), Error> {
        match *self {
            Self::Sgd => Ok(()),
            Self::Adam { beta1, beta2, eps } => {
                fraction(&format!("{field}.beta1"), beta1)?;
                fraction(&format!("{field}.beta2"), beta2)?;
                positive(&format!("{field}.eps"), eps)
            }
        }
    }
}

/// Checks a learning rate against [`LIMITS`]; `field` names it in the error.
pub(crate) fn check_learning_rate(field: &str, rate: f64) -> Result<(), Error> {
    within(field, rate, LIMITS.learning_rate)
}

fn within<T: PartialOrd + ToString + Copy>(
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

fn fraction(field: &str, value: f64) -> Result<(), Error> {
    if (0.0..1.0).contains(&value) {
        return Ok(());
    }
    Err(Error::config(field, value, "0 to 1, 1 excluded"))
}

fn positive(field: &str, value: f64) -> Result<(), Error> {
    if value > 0.0 && value.is_finite() {
        return Ok(());
    }
    Err(Error::config(field, value, "a positive number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_is_valid_and_survives_json() {
        for name in PRESETS {
            let config = GanConfig::preset(name).expect("the table names it");
            assert_eq!(config.name, name);
            config.validate().expect("presets are valid");
            let json = serde_json::to_string(&config).expect("plain data");
            let back: GanConfig = serde_json::from_str(&json).expect("its own output");
            assert_eq!(back, config);
        }
    }

    #[test]
    fn an_unknown_preset_is_named_in_the_error() {
        let error = GanConfig::preset("mnist").expect_err("no such preset");
        assert_eq!(
            error.to_string(),
            "preset is mnist, expected one of toy-2x2, mnist-fast, mnist-keras"
        );
    }

    #[test]
    fn a_missing_or_unknown_key_is_an_error_that_names_it() {
        let mut json = serde_json::to_value(GanConfig::toy_2x2()).expect("plain data");
        json["batchsize"] = 3.into();
        let unknown = serde_json::from_value::<GanConfig>(json.clone()).expect_err("unknown key");
        assert!(unknown.to_string().contains("batchsize"), "{unknown}");
        let fields = json.as_object_mut().expect("an object");
        fields.remove("batchsize");
        fields.remove("order");
        let missing = serde_json::from_value::<GanConfig>(json).expect_err("missing key");
        assert!(missing.to_string().contains("order"), "{missing}");
    }

    #[test]
    fn bad_values_are_refused_by_the_path_of_their_field() {
        let fast = GanConfig::mnist_fast;
        type Spoil = fn(&mut GanConfig);
        let cases: [(&str, Spoil); 15] = [
            ("batchSize", |c| c.batch_size = 0),
            ("batchSize", |c| c.batch_size = 1),
            ("batchSize", |c| c.batch_size = 100_000),
            ("latent.dim", |c| c.latent.dim = 0),
            ("shape.width", |c| c.shape.width = 0),
            ("shape.range", |c| c.shape.range = [0.0, 1.0]),
            ("shape.range", |c| c.shape.range = [f32::NAN, 1.0]),
            ("generator.layers", |c| c.generator.layers.clear()),
            ("generator.layers", |c| {
                c.generator.layers[9] = LayerConfig::Linear { units: 100 };
            }),
            ("generator.layers[0].units", |c| {
                c.generator.layers[0] = LayerConfig::Linear { units: 0 };
            }),
            ("generator.learningRate", |c| {
                c.generator.learning_rate = -1.0
            }),
            ("discriminator.learningRate", |c| {
                c.discriminator.learning_rate = f64::NAN;
            }),
            ("discriminator.layers[1].slope", |c| {
                c.discriminator.layers[1] = LayerConfig::LeakyRelu { slope: f64::NAN };
            }),
            ("discriminator.layers[5]", |c| {
                c.discriminator.layers.push(LayerConfig::Sigmoid);
            }),
            ("discriminator.optimizer.beta1", |c| {
                c.discriminator.optimizer = OptimizerConfig::Adam {
                    beta1: 1.0,
                    beta2: 0.999,
                    eps: 1e-7,
                };
            }),
        ];
        for (field, spoil) in cases {
            let mut config = fast();
            spoil(&mut config);
            match config.validate() {
                Err(Error::InvalidConfig { field: named, .. }) => assert_eq!(named, field),
                other => panic!("{field}: {other:?}"),
            }
        }
    }
}
