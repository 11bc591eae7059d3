//! The ranges that are accepted, and the checks of a whole configuration.

use serde::Serialize;

use super::{
    ConvConfig, Features, GanConfig, LayerConfig, LossConfig, OptimizerConfig, PlayerConfig,
    UpdateOrder,
};
use crate::Error;

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
    /// Trainable parameters of one network.
    pub parameters: [usize; 2],
    /// Side of a sample or of a feature map, in pixels.
    pub side: [usize; 2],
    /// Side of a kernel, in pixels.
    pub kernel: [usize; 2],
    /// Of a convolution.
    pub stride: [usize; 2],
    /// Of a convolution.
    pub padding: [usize; 2],
    /// Of either player, in one step.
    pub updates: [usize; 2],
    /// Subtracted from the target of real samples.
    pub label_smoothing: [f64; 2],
    /// Bound of a Wasserstein critic's parameters.
    pub weight_clip: [f64; 2],
    /// Weight of the gradient penalty.
    pub penalty: [f64; 2],
    /// Of either player.
    pub gradient_clip_norm: [f64; 2],
    /// Of G's moving average.
    pub ema_decay: [f64; 2],
}

/// The accepted ranges. 8 million parameters are 32 MB, 96 MB with Adam's two moments: what a phone's tab can hold.
pub const LIMITS: Limits = Limits {
    seed: [0, u32::MAX],
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
    gradient_clip_norm: [1e-4, 1e4],
    ema_decay: [0.0, 0.9999],
};

impl GanConfig {
    /// Checks every field, and that the layers fit each other, the sample and the latent.
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
        self.loss.validate()?;
        fraction_above_zero("discriminatorLossScale", self.discriminator_loss_scale)?;
        if let Some(decay) = self.ema_decay {
            within("emaDecay", decay, LIMITS.ema_decay)?;
        }
        self.check_updates()?;
        self.generator.validate("generator", self.batch_size)?;
        self.discriminator
            .validate("discriminator", self.batch_size)?;
        self.check_generator_output()?;
        self.check_discriminator_output()?;
        self.check_penalty()
    }

    fn check_updates(&self) -> Result<(), Error> {
        for (field, updates) in [
            ("discriminatorUpdates", self.discriminator_updates),
            ("generatorUpdates", self.generator_updates),
        ] {
            within(field, updates, LIMITS.updates)?;
            if self.order.reuses_latents() && updates != 1 {
                let expected = "1, because the order uses each latent for both players";
                return Err(Error::config(field, updates, expected));
            }
        }
        Ok(())
    }

    fn check_generator_output(&self) -> Result<(), Error> {
        let dim = self.shape.dim();
        let output = check_layers("generator", &self.generator, self.generator_input())?;
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
        let (width, height) = (self.shape.width, self.shape.height);
        if output == Features::Row(dim) || output == Features::Picture([1, height, width]) {
            return Ok(());
        }
        Err(Error::config(
            "generator.layers",
            format!("{output} output values"),
            format!("{dim} ({width} x {height})"),
        ))
    }

    fn check_discriminator_output(&self) -> Result<(), Error> {
        let input = self.discriminator_input();
        check_layers("discriminator", &self.discriminator, input)?;
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

    /// The gradient penalty is written out for dense critics, and needs real samples and fakes side by side.
    fn check_penalty(&self) -> Result<(), Error> {
        if !matches!(self.loss, LossConfig::WassersteinGp { .. }) {
            return Ok(());
        }
        if !self.order.joins_halves() {
            let expected = "joint or sumSameZ with the loss wassersteinGp";
            return Err(Error::config("order", self.order.name(), expected));
        }
        let layers = self.discriminator.layers.iter().enumerate();
        for (index, layer) in layers {
            let dense = matches!(
                layer,
                LayerConfig::Linear { .. } | LayerConfig::LeakyRelu { .. } | LayerConfig::Relu
            );
            if !dense {
                return Err(Error::config(
                    format!("discriminator.layers[{index}]"),
                    layer.name(),
                    "linear, leakyRelu or relu with the loss wassersteinGp",
                ));
            }
        }
        Ok(())
    }
}

impl UpdateOrder {
    /// The name it has as data.
    fn name(self) -> &'static str {
        match self {
            Self::Joint => "joint",
            Self::KerasTwoUpdates => "kerasTwoUpdates",
            Self::SumSameZ => "sumSameZ",
            Self::RealThenFakeSameLatents => "realThenFakeSameLatents",
            Self::FakeThenGeneratorThenReal => "fakeThenGeneratorThenReal",
        }
    }
}

impl LossConfig {
    fn validate(&self) -> Result<(), Error> {
        match *self {
            Self::Bce { label_smoothing }
            | Self::BceSaturating { label_smoothing }
            | Self::LeastSquares { label_smoothing } => within(
                "loss.labelSmoothing",
                label_smoothing,
                LIMITS.label_smoothing,
            ),
            Self::Hinge => Ok(()),
            Self::Wasserstein { clip } => within("loss.clip", clip, LIMITS.weight_clip),
            Self::WassersteinGp { penalty } => within("loss.penalty", penalty, LIMITS.penalty),
        }
    }
}

impl PlayerConfig {
    fn validate(&self, player: &str, batch_size: usize) -> Result<(), Error> {
        within(
            &format!("{player}.layers"),
            self.layers.len(),
            LIMITS.layers,
        )?;
        check_learning_rate(&format!("{player}.learningRate"), self.learning_rate)?;
        self.optimizer.validate(&format!("{player}.optimizer"))?;
        if let Some(norm) = self.gradient_clip_norm {
            let field = format!("{player}.gradientClipNorm");
            within(&field, norm, LIMITS.gradient_clip_norm)?;
        }
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
    fn validate(&self, field: &str) -> Result<(), Error> {
        match *self {
            Self::Linear { units } => within(&format!("{field}.units"), units, LIMITS.units),
            Self::Conv2d(conv) | Self::ConvTranspose2d(conv) => conv.validate(field),
            Self::Reshape {
                channels,
                height,
                width,
            } => {
                within(&format!("{field}.channels"), channels, LIMITS.units)?;
                within(&format!("{field}.height"), height, LIMITS.side)?;
                within(&format!("{field}.width"), width, LIMITS.side)
            }
            Self::LeakyRelu { slope } => fraction(&format!("{field}.slope"), slope),
            Self::BatchNorm { momentum, eps } => {
                fraction(&format!("{field}.momentum"), momentum)?;
                positive(&format!("{field}.eps"), eps)
            }
            Self::Dropout { rate } => fraction(&format!("{field}.rate"), rate),
            Self::Flatten | Self::Relu | Self::Tanh | Self::Sigmoid => Ok(()),
        }
    }
}

impl ConvConfig {
    fn validate(&self, field: &str) -> Result<(), Error> {
        within(&format!("{field}.channels"), self.channels, LIMITS.units)?;
        within(&format!("{field}.kernel"), self.kernel, LIMITS.kernel)?;
        within(&format!("{field}.stride"), self.stride, LIMITS.stride)?;
        within(&format!("{field}.padding"), self.padding, LIMITS.padding)
    }
}

impl OptimizerConfig {
    fn validate(&self, field: &str) -> Result<(), Error> {
        match *self {
            Self::Sgd { momentum } => fraction(&format!("{field}.momentum"), momentum),
            Self::Adam { beta1, beta2, eps } => {
                fraction(&format!("{field}.beta1"), beta1)?;
                fraction(&format!("{field}.beta2"), beta2)?;
                positive(&format!("{field}.eps"), eps)
            }
            Self::RmsProp { alpha, eps } => {
                fraction(&format!("{field}.alpha"), alpha)?;
                positive(&format!("{field}.eps"), eps)
            }
        }
    }
}

/// Checks that each layer fits the one before and that they are not too large; returns what the last gives.
fn check_layers(name: &str, player: &PlayerConfig, input: Features) -> Result<Features, Error> {
    let outputs = player.features(name, input)?;
    let count = player.describe(name, input)?.trainable_parameters;
    let field = format!("{name}.layers: trainable parameters");
    within(&field, count, LIMITS.parameters)?;
    Ok(outputs[outputs.len() - 1])
}

/// Checks a learning rate against [`LIMITS`]; `field` names it in the error.
pub(crate) fn check_learning_rate(field: &str, rate: f64) -> Result<(), Error> {
    within(field, rate, LIMITS.learning_rate)
}

pub(super) fn within<T: PartialOrd + ToString + Copy>(
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

fn fraction_above_zero(field: &str, value: f64) -> Result<(), Error> {
    if value > 0.0 && value <= 1.0 {
        return Ok(());
    }
    Err(Error::config(field, value, "0 to 1, 0 excluded"))
}

fn positive(field: &str, value: f64) -> Result<(), Error> {
    if value > 0.0 && value.is_finite() {
        return Ok(());
    }
    Err(Error::config(field, value, "a positive number"))
}
