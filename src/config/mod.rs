//! A run as data: the two networks, what they minimise, their optimizers and the order of updates.
//!
//! Invariant: a [`GanConfig`] that passed [`GanConfig::validate`] can be trained; the trainer never looks at its name.

mod features;
mod presets;
mod summary;
mod validate;

pub use features::Features;
pub use presets::PRESETS;
pub use summary::{LayerInfo, NetworkInfo, Summary};
pub(crate) use validate::check_learning_rate;
pub use validate::{LIMITS, Limits};

use serde::{Deserialize, Serialize};

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
    /// What both players minimise.
    pub loss: LossConfig,
    /// Which updates make a step.
    pub order: UpdateOrder,
    /// D's loss is this times (real half + fake half): 0.5 for the mean over both batches, 1 for their sum. It is what D minimises
    /// where one update sees both halves; where each half has an update of its own, it scales only the figure.
    pub discriminator_loss_scale: f64,
    /// Updates of D in a step, each on a real batch of its own; 1 in the orders that use latents again.
    pub discriminator_updates: usize,
    /// Updates of G in a step, each on fresh latents; 1 in the orders that use latents again.
    pub generator_updates: usize,
    /// Decay of the moving average of G's weights, which is shown and never trained on; `None` keeps none. It starts faster:
    /// update `t` (from 0) decays by `min(ema_decay, (1 + t) / (10 + t))`.
    #[serde(deserialize_with = "Option::deserialize")]
    pub ema_decay: Option<f64>,
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

/// First values of linear and convolutional layers. For a convolution, "in" and "out" are channels times the kernel's area; for its
/// transpose they are exchanged, as PyTorch and Keras have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Init {
    /// Keras' default: weights uniform in ±sqrt(6 / (in + out)), biases zero.
    GlorotUniform,
    /// Weights normal with mean 0 and deviation 0.02, biases zero (Radford et al. 2016, section 3).
    DcganNormal,
    /// PyTorch's default: weights and biases uniform in ±1 / sqrt(in).
    FanInUniform,
    /// Weights and biases standard normal (the toy's notebook).
    StandardNormal,
}

/// What both players minimise. `r` and `f` are raw outputs of D on real and on generated samples; all are means over the batch.
///
/// `label_smoothing` (one-sided) makes the target of real samples `1 - label_smoothing`; that of fakes stays 0.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum LossConfig {
    /// D: `softplus(-r) + softplus(f)`; G: `softplus(-f)`. Goodfellow et al. 2014, section 3, non-saturating.
    Bce {
        /// Subtracted from the target of real samples.
        label_smoothing: f64,
    },
    /// D: the same; G: `-softplus(f)`. Goodfellow et al. 2014, equation 1.
    BceSaturating {
        /// Subtracted from the target of real samples.
        label_smoothing: f64,
    },
    /// D: `(r - 1)² / 2 + f² / 2`; G: `(f - 1)² / 2`. Mao et al. 2017, equation 9.
    LeastSquares {
        /// Subtracted from the target of real samples.
        label_smoothing: f64,
    },
    /// D: `max(0, 1 - r) + max(0, 1 + f)`; G: `-f`. Lim and Ye 2017.
    Hinge,
    /// D: `f - r`, and after each update every parameter of D is clamped; G: `-f`. Arjovsky et al. 2017.
    Wasserstein {
        /// D's parameters stay within ± this.
        clip: f64,
    },
    /// D: `f - r + penalty * (norm - 1)²`, where `norm` is that of D's input gradient at a random point between each pair of a real
    /// and a generated sample; G: `-f`. For a D of linear, leakyRelu and relu layers. Gulrajani et al. 2017.
    WassersteinGp {
        /// Weight of the penalty; 10 in the paper.
        penalty: f64,
    },
}

/// Which updates make a step. Every G update sees the D just updated, except where D's real update comes last. Real samples and fakes
/// pass D one after the other. "By batch statistics": BatchNorm uses the batch, and the running statistics follow it.
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
        !matches!(self, Self::Joint | Self::KerasTwoUpdates)
    }

    /// Whether one update of D sees both halves of its loss.
    pub(crate) fn joins_halves(self) -> bool {
        matches!(self, Self::Joint | Self::SumSameZ)
    }
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
    /// Longest gradient, as the Euclidean norm over all parameters of this player; a longer one is scaled down to it.
    #[serde(deserialize_with = "Option::deserialize")]
    pub gradient_clip_norm: Option<f64>,
}

/// One layer. A layer's input is a flat row of values or a picture of `channels × height × width`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", deny_unknown_fields)]
pub enum LayerConfig {
    /// `x W + b` of a row, W of shape `[in, units]`.
    Linear {
        /// Output width.
        units: usize,
    },
    /// Cross-correlation of a picture, weights `[out, in, kernel, kernel]`.
    Conv2d(ConvConfig),
    /// Its transpose, weights `[in, out, kernel, kernel]`.
    ConvTranspose2d(ConvConfig),
    /// A row becomes a picture of as many values.
    Reshape {
        /// Channels, the slowest index.
        channels: usize,
        /// Rows.
        height: usize,
        /// Pixels in a row, the fastest index.
        width: usize,
    },
    /// A picture becomes a row, channel by channel, row by row.
    Flatten,
    /// `gamma * (x - mean) / sqrt(var + eps) + beta` with the biased batch variance; for each value of a row, for each channel of a
    /// picture.
    BatchNorm {
        /// Keras' convention: the share of the *old* running statistic that is kept. (Burn's own is 1 minus this.)
        momentum: f64,
        /// Added to the variance.
        eps: f64,
    },
    /// While training, each value becomes 0 with probability `rate`, and is divided by `1 - rate` otherwise.
    Dropout {
        /// Share of values dropped.
        rate: f64,
    },
    /// `x` where positive, `slope * x` elsewhere.
    LeakyRelu {
        /// Slope on the negative side, in [0, 1).
        slope: f64,
    },
    /// `x` where positive, 0 elsewhere.
    Relu,
    /// Hyperbolic tangent: values in [-1, 1].
    Tanh,
    /// Logistic function: values in [0, 1].
    Sigmoid,
}

/// A convolution with a square kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConvConfig {
    /// Output channels.
    pub channels: usize,
    /// Side of the kernel, in pixels.
    pub kernel: usize,
    /// Pixels from one place of the kernel to the next, on the larger of both pictures.
    pub stride: usize,
    /// Zeros added on each side of the larger picture.
    pub padding: usize,
    /// Whether each output channel has a bias.
    pub bias: bool,
}

/// An optimizer, without its learning rate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", deny_unknown_fields)]
pub enum OptimizerConfig {
    /// `v = momentum * v + g; p -= lr * v`.
    Sgd {
        /// Share of the last movement that goes on; 0 is plain gradient descent.
        momentum: f64,
    },
    /// `p -= lr * m / (sqrt(v) + eps)`, both moments bias-corrected (Kingma and Ba 2015, algorithm 1).
    Adam {
        /// Decay of the first moment.
        beta1: f64,
        /// Decay of the second moment.
        beta2: f64,
        /// Added to the square root. (Burn's default is 1e-5, Keras' 1e-7.)
        eps: f64,
    },
    /// `v = alpha * v + (1 - alpha) * g²; p -= lr * g / (sqrt(v) + eps)`; no momentum, not centred.
    RmsProp {
        /// Decay of the mean square.
        alpha: f64,
        /// Added to the square root.
        eps: f64,
    },
}

impl GanConfig {
    /// What the generator starts from, as the input of its first layer.
    pub fn generator_input(&self) -> Features {
        Features::Row(self.latent.dim)
    }

    /// A sample, as the input of the discriminator's first layer.
    pub fn discriminator_input(&self) -> Features {
        Features::Row(self.shape.dim())
    }
}

impl PlayerConfig {
    /// Whether a layer needs more than one sample to know a batch statistic.
    pub(crate) fn has_batch_norm(&self) -> bool {
        self.layers
            .iter()
            .any(|layer| matches!(layer, LayerConfig::BatchNorm { .. }))
    }
}

impl LayerConfig {
    /// The `type` it has as data.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Linear { .. } => "linear",
            Self::Conv2d(_) => "conv2d",
            Self::ConvTranspose2d(_) => "convTranspose2d",
            Self::Reshape { .. } => "reshape",
            Self::Flatten => "flatten",
            Self::BatchNorm { .. } => "batchNorm",
            Self::Dropout { .. } => "dropout",
            Self::LeakyRelu { .. } => "leakyRelu",
            Self::Relu => "relu",
            Self::Tanh => "tanh",
            Self::Sigmoid => "sigmoid",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;

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
            format!("preset is mnist, expected one of {}", PRESETS.join(", "))
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
        for key in ["order", "emaDecay"] {
            let mut fields = fields.clone();
            fields.remove(key);
            let missing = serde_json::from_value::<GanConfig>(fields.into());
            let missing = missing.expect_err("missing key").to_string();
            assert!(missing.contains(key), "{missing}");
        }
    }

    /// Names and fields of every kind of layer, loss and optimizer, as types.d.ts lists them.
    #[test]
    fn types_declare_every_kind_with_its_fields() {
        let layers = [
            LayerConfig::Linear { units: 1 },
            LayerConfig::Conv2d(CONV),
            LayerConfig::ConvTranspose2d(CONV),
            LayerConfig::Reshape {
                channels: 1,
                height: 1,
                width: 1,
            },
            LayerConfig::Flatten,
            LayerConfig::BatchNorm {
                momentum: 0.8,
                eps: 1e-3,
            },
            LayerConfig::Dropout { rate: 0.5 },
            LayerConfig::LeakyRelu { slope: 0.2 },
            LayerConfig::Relu,
            LayerConfig::Tanh,
            LayerConfig::Sigmoid,
        ];
        let smooth = 0.1;
        let losses = [
            LossConfig::Bce {
                label_smoothing: smooth,
            },
            LossConfig::BceSaturating {
                label_smoothing: smooth,
            },
            LossConfig::LeastSquares {
                label_smoothing: smooth,
            },
            LossConfig::Hinge,
            LossConfig::Wasserstein { clip: 0.01 },
            LossConfig::WassersteinGp { penalty: 10.0 },
        ];
        let optimizers = [
            OptimizerConfig::Sgd { momentum: 0.9 },
            OptimizerConfig::Adam {
                beta1: 0.5,
                beta2: 0.999,
                eps: 1e-7,
            },
            OptimizerConfig::RmsProp {
                alpha: 0.99,
                eps: 1e-7,
            },
        ];
        for layer in layers {
            let json = serde_json::to_value(layer).expect("plain data");
            assert_eq!(json["type"], layer.name());
            assert_declared(&json);
        }
        for loss in losses {
            assert_declared(&serde_json::to_value(loss).expect("plain data"));
        }
        for optimizer in optimizers {
            assert_declared(&serde_json::to_value(optimizer).expect("plain data"));
        }
    }

    /// Its line of types.d.ts, `| { type: "adam"; beta1: number; … }`, has the same keys.
    fn assert_declared(json: &serde_json::Value) {
        let start = format!("| {{ type: {}", json["type"]);
        let types = include_str!("../types.d.ts").lines();
        let line = types
            .map(str::trim)
            .find(|line| line.starts_with(&start))
            .unwrap_or_else(|| panic!("types.d.ts has no line {start}"));
        let (body, _) = line
            .trim_start_matches("| {")
            .split_once('}')
            .expect("closed");
        let fields = body.split(';').filter_map(|field| field.split_once(':'));
        let mut declared: Vec<&str> = fields.map(|(key, _)| key.trim()).collect();
        declared.sort_unstable();
        let sent: Vec<&String> = json.as_object().expect("an object").keys().collect();
        assert_eq!(sent, declared, "{line}");
    }

    const CONV: ConvConfig = ConvConfig {
        channels: 4,
        kernel: 4,
        stride: 2,
        padding: 1,
        bias: true,
    };

    #[test]
    fn bad_values_are_refused_by_the_path_of_their_field() {
        let fast = GanConfig::mnist_fast;
        type Spoil = fn(&mut GanConfig);
        let cases: [(&str, Spoil); 33] = [
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
            ("generator.layers: trainable parameters", |c| {
                c.generator.layers[3] = LayerConfig::Linear { units: 16_384 };
            }),
            ("generator.layers[3]", |c| {
                c.generator.layers[3] = LayerConfig::Conv2d(CONV);
            }),
            ("generator.layers[3]", |c| {
                c.generator.layers[3] = LayerConfig::Flatten;
            }),
            ("generator.layers[3]", |c| {
                c.generator.layers[3] = LayerConfig::Reshape {
                    channels: 2,
                    height: 8,
                    width: 7,
                };
            }),
            ("discriminator.layers[1].kernel", |c| {
                *c = GanConfig::mnist_dcgan();
                c.discriminator.layers[1] = LayerConfig::Conv2d(ConvConfig { kernel: 0, ..CONV });
            }),
            ("discriminator.layers[1].stride", |c| {
                *c = GanConfig::mnist_dcgan();
                c.discriminator.layers[1] = LayerConfig::Conv2d(ConvConfig { stride: 0, ..CONV });
            }),
            ("discriminator.layers[4].kernel", |c| {
                *c = GanConfig::mnist_dcgan();
                c.discriminator.layers[3] = LayerConfig::Conv2d(ConvConfig { stride: 8, ..CONV });
                c.discriminator.layers[4] = LayerConfig::Conv2d(ConvConfig { kernel: 9, ..CONV });
            }),
            ("generator.layers[4].padding", |c| {
                *c = GanConfig::mnist_dcgan();
                c.generator.layers[4] = LayerConfig::ConvTranspose2d(ConvConfig {
                    padding: 15,
                    ..CONV
                });
            }),
            ("discriminator.layers[2].rate", |c| {
                c.discriminator.layers[2] = LayerConfig::Dropout { rate: 1.0 };
            }),
            ("discriminator.layers[1]", |c| {
                c.loss = LossConfig::WassersteinGp { penalty: 10.0 };
                c.discriminator.layers[1] = LayerConfig::Tanh;
            }),
            ("order", |c| {
                c.loss = LossConfig::WassersteinGp { penalty: 10.0 };
                c.order = UpdateOrder::KerasTwoUpdates;
            }),
            ("loss.labelSmoothing", |c| {
                c.loss = LossConfig::Bce {
                    label_smoothing: f64::NAN,
                };
            }),
            ("loss.clip", |c| {
                c.loss = LossConfig::Wasserstein { clip: 0.0 };
            }),
            ("discriminatorUpdates", |c| c.discriminator_updates = 0),
            ("generatorUpdates", |c| {
                c.order = UpdateOrder::SumSameZ;
                c.generator_updates = 2;
            }),
            ("discriminatorLossScale", |c| {
                c.discriminator_loss_scale = f64::NAN;
            }),
            ("emaDecay", |c| c.ema_decay = Some(1.0)),
            ("generator.gradientClipNorm", |c| {
                c.generator.gradient_clip_norm = Some(0.0);
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
