//! Layers in words and parameter counts, from the configuration alone: nothing is built for them.

use serde::Serialize;

use super::gan::GanConfig;
use super::player::PlayerConfig;
use crate::Error;
use crate::network::{Conditioning, Counts, Features, kinds};

/// A network's summary: what the page prints about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NetworkInfo {
    /// One row for each layer, in order.
    pub layers: Vec<LayerInfo>,
    /// Number of parameters as Keras' summary counts them: trainable ones and running statistics.
    pub parameters: usize,
    /// Number of parameters without the running statistics.
    pub trainable_parameters: usize,
}

/// One row of a [`NetworkInfo`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LayerInfo {
    /// Description for people, e.g. `Linear 64 → 128`.
    pub label: String,
    /// Trainable parameters and running statistics.
    pub parameters: usize,
}

/// The summaries of both networks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// The generator, from latent to sample.
    pub generator: NetworkInfo,
    /// The discriminator, from sample to logit.
    pub discriminator: NetworkInfo,
}

impl GanConfig {
    /// The summaries of both networks.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] as [`GanConfig::validate`].
    pub fn describe(&self) -> Result<Summary, Error> {
        self.validate()?;
        let (generator, discriminator) = (&self.generator, &self.discriminator);
        Ok(Summary {
            generator: generator.describe("generator", self.generator_input(), None)?,
            discriminator: discriminator.describe(
                "discriminator",
                self.discriminator_input(),
                self.conditioning(),
            )?,
        })
    }
}

impl PlayerConfig {
    /// The summary of a network whose first layer is given `input`, and that may hear of labels.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] as [`PlayerConfig::features`].
    pub(crate) fn describe(
        &self,
        player: &str,
        input: Features,
        conditioning: Option<Conditioning>,
    ) -> Result<NetworkInfo, Error> {
        let outputs = self.features(player, input)?;
        let inputs = [input].into_iter().chain(outputs.iter().copied());
        let kinds = kinds(&self.layers, conditioning);
        let rows = kinds.iter().zip(inputs.zip(outputs.iter().copied()));
        let (mut layers, mut trainable_parameters) = (Vec::new(), 0);
        for (kind, (input, output)) in rows {
            let Counts { trainable, running } = kind.counts(input);
            trainable_parameters += trainable;
            layers.push(LayerInfo {
                label: kind.label(input, output),
                parameters: trainable + running,
            });
        }
        Ok(NetworkInfo {
            parameters: layers.iter().map(|layer| layer.parameters).sum(),
            trainable_parameters,
            layers,
        })
    }
}
