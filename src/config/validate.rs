//! The checks of a whole configuration.

use super::gan::GanConfig;
use super::labels::DiscriminatorLabels;
use super::loss::LossConfig;
use super::player::PlayerConfig;
use crate::Error;
use crate::limits::{LIMITS, fraction_above_zero, within};
use crate::network::{Conditioning, Features, LayerConfig, Linear, penalised_layers};

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
        if let Some(labels) = self.labels {
            labels.validate()?;
        }
        self.gradient_penalties.validate()?;
        self.schedule.validate()?;
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
        self.check_penalties()
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
        let input = self.generator_input();
        let output = check_layers("generator", &self.generator, input, None)?;
        let last = self.generator.layers.len() - 1;
        let field = format!("generator.layers[{last}]");
        let layer = self.generator.layers[last];
        let Some(range) = layer.kind().properties().range else {
            let expected = "tanh or sigmoid, so that samples stay in shape.range";
            return Err(Error::config(field, layer.name(), expected));
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
        check_layers(
            "discriminator",
            &self.discriminator,
            input,
            self.conditioning(),
        )?;
        let last = self.discriminator.layers.len() - 1;
        let field = format!("discriminator.layers[{last}]");
        let layer = self.discriminator.layers[last];
        let labels = self.labels.map(|labels| labels.discriminator);
        let (outputs, meaning) = match labels {
            Some(DiscriminatorLabels::Projection) => {
                (1 + self.classes(), ": one, and one for each class")
            }
            _ => (1, ", the logit"),
        };
        let LayerConfig::Linear(Linear { units }) = layer else {
            let expected = format!("linear with {outputs} units: the losses take the raw logit");
            return Err(Error::config(field, layer.name(), expected));
        };
        if units != outputs {
            let expected = format!("{outputs}{meaning}");
            return Err(Error::config(format!("{field}.units"), units, expected));
        }
        Ok(())
    }

    /// Checks what the loss and the gradient penalties need: some losses take real samples and fakes side by side, and penalties are not for
    /// every D.
    fn check_penalties(&self) -> Result<(), Error> {
        let (name, penalties) = (self.loss.name(), self.gradient_penalties);
        let is_wasserstein = matches!(self.loss, LossConfig::WassersteinGp { .. });
        if (is_wasserstein || self.loss.pairs()) && !self.order.joins_halves() {
            let expected = format!("joint or sumSameZ with the loss {name}");
            return Err(Error::config("order", self.order.name(), expected));
        }
        let of_loss = is_wasserstein.then(|| format!("the loss {name}"));
        let exact = of_loss.or(penalties.exact().map(str::to_owned));
        for (index, layer) in self.discriminator.layers.iter().enumerate() {
            let properties = layer.kind().properties();
            let expected = match &exact {
                Some(penalty) if !properties.in_penalty => {
                    format!("{} with {penalty}", penalised_layers())
                }
                _ if penalties.approximated_r1.is_some() && properties.needs_batch => {
                    "a layer that treats each sample alone with gradientPenalties.approximatedR1"
                        .to_owned()
                }
                _ => continue,
            };
            let field = format!("discriminator.layers[{index}]");
            return Err(Error::config(field, layer.name(), expected));
        }
        Ok(())
    }
}

/// Checks that each layer fits the one before and that they are not too large; returns the output shape of the last.
fn check_layers(
    name: &str,
    player: &PlayerConfig,
    input: Features,
    conditioning: Option<Conditioning>,
) -> Result<Features, Error> {
    let outputs = player.features(name, input)?;
    let described = player.describe(name, input, conditioning)?;
    let count = described.trainable_parameters;
    let field = format!("{name}.layers: trainable parameters");
    within(&field, count, LIMITS.parameters)?;
    Ok(outputs[outputs.len() - 1])
}
