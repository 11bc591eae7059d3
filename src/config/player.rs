//! One of the two players, as data.

use serde::{Deserialize, Serialize};

use super::optimizer::OptimizerConfig;
use crate::Error;
use crate::limits::{LIMITS, check_learning_rate, within};
use crate::network::{Features, LayerConfig, outputs};

/// One of the two players.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlayerConfig {
    /// Layers, from input to output.
    pub layers: Vec<LayerConfig>,
    /// The optimizer, by which gradients become updates.
    pub optimizer: OptimizerConfig,
    /// Step size; may change while it trains.
    pub learning_rate: f64,
    /// Longest gradient, as the Euclidean norm over all parameters of this player; a longer one is scaled down to it.
    #[serde(deserialize_with = "Option::deserialize")]
    pub gradient_clip_norm: Option<f64>,
}

impl PlayerConfig {
    /// Output shape of each layer, in order, for an input of shape `input`. `player` names the network in errors.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] for the first layer that does not fit what comes before it, by its path.
    pub fn features(&self, player: &str, input: Features) -> Result<Vec<Features>, Error> {
        outputs(&self.layers, player, input)
    }

    /// The first layer that trains only on batches of two samples or more.
    pub(crate) fn needs_batch(&self) -> Option<LayerConfig> {
        let mut layers = self.layers.iter().copied();
        layers.find(|layer| layer.kind().properties().needs_batch)
    }

    /// Checks each field alone; `player` names it in errors.
    pub(super) fn validate(&self, player: &str, batch_size: usize) -> Result<(), Error> {
        let layers = format!("{player}.layers");
        within(&layers, self.layers.len(), LIMITS.layers)?;
        check_learning_rate(&format!("{player}.learningRate"), self.learning_rate)?;
        self.optimizer.validate(&format!("{player}.optimizer"))?;
        if let Some(norm) = self.gradient_clip_norm {
            let field = format!("{player}.gradientClipNorm");
            within(&field, norm, LIMITS.gradient_clip_norm)?;
        }
        for (index, layer) in self.layers.iter().enumerate() {
            layer.kind().check(&format!("{layers}[{index}]"))?;
        }
        match self.needs_batch() {
            Some(layer) if batch_size < 2 => {
                let name = layer.name();
                let expected = format!("2 or more, because {player} has a {name} layer");
                Err(Error::config("batchSize", batch_size, expected))
            }
            Some(_) | None => Ok(()),
        }
    }
}
