//! A whole configuration.

use serde::{Deserialize, Serialize};

use super::latent::LatentConfig;
use super::loss::LossConfig;
use super::player::PlayerConfig;
use super::shape::SampleShape;
use super::update_order::UpdateOrder;
use crate::network::{Features, Init};

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
    /// The losses that both players minimise.
    pub loss: LossConfig,
    /// The update order: which updates make a step.
    pub order: UpdateOrder,
    /// D's loss is this times (real half + fake half): 0.5 for the mean over both batches, 1 for their sum. It is what D minimises
    /// where one update sees both halves; where each half has an update of its own, it scales only the loss that is shown.
    pub discriminator_loss_scale: f64,
    /// Updates of D in a step, each on a real batch of its own; 1 in the update orders that use the same latents again.
    pub discriminator_updates: usize,
    /// Updates of G in a step, each on fresh latents; 1 in the update orders that use the same latents again.
    pub generator_updates: usize,
    /// Decay of the moving average of G's weights, which is shown and never trained on; `None` keeps none. The average starts faster:
    /// update `t` (from 0) decays by `min(ema_decay, (1 + t) / (10 + t))`.
    #[serde(deserialize_with = "Option::deserialize")]
    pub ema_decay: Option<f64>,
    /// The generator; its last layer gives `shape.width * shape.height` values.
    pub generator: PlayerConfig,
    /// The discriminator; its last layer gives 1 value, the logit.
    pub discriminator: PlayerConfig,
}

impl GanConfig {
    /// Shape of the input of the generator's first layer: one latent.
    pub fn generator_input(&self) -> Features {
        Features::Row(self.latent.dim)
    }

    /// Shape of the input of the discriminator's first layer: one sample.
    pub fn discriminator_input(&self) -> Features {
        Features::Row(self.shape.dim())
    }
}
