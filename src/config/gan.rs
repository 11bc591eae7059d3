//! A whole configuration.

use serde::{Deserialize, Serialize};

use super::gradient_penalties::GradientPenalties;
use super::labels::{DiscriminatorLabels, LabelsConfig};
use super::latent::LatentConfig;
use super::loss::LossConfig;
use super::player::PlayerConfig;
use super::schedule::ScheduleConfig;
use super::shape::SampleShape;
use super::update_order::UpdateOrder;
use crate::network::{Conditioning, Features, Init};

/// Everything that decides a run, but for the seed and the data. A key that is missing is an error, but for those that configurations of
/// an earlier release do not have: labels, gradient penalties and schedule, of which they mean none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GanConfig {
    /// Name of the preset it came from; shown, never matched on.
    pub name: String,
    /// Picture shape and value range of one sample.
    pub shape: SampleShape,
    /// What the generator starts from.
    pub latent: LatentConfig,
    /// Classes, and how each player hears of them; `None`: samples have no labels.
    #[serde(default)]
    pub labels: Option<LabelsConfig>,
    /// First values of the weights and biases of both networks.
    pub init: Init,
    /// Real samples, and fakes, of one update.
    pub batch_size: usize,
    /// The losses that both players minimise.
    pub loss: LossConfig,
    /// Penalties on D's slope beside the loss.
    #[serde(default)]
    pub gradient_penalties: GradientPenalties,
    /// How both learning rates change while the run goes on.
    #[serde(default)]
    pub schedule: ScheduleConfig,
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
    /// The discriminator; its last layer gives 1 value, the logit, or with labels by projection that and one for each class.
    pub discriminator: PlayerConfig,
}

impl GanConfig {
    /// Number of classes; 0 if samples have no labels.
    pub fn classes(&self) -> usize {
        self.labels.map_or(0, |labels| labels.classes)
    }

    /// Shape of the input of the generator's first layer: one latent, and its label if G is told.
    pub fn generator_input(&self) -> Features {
        let label = self.labels.map_or(0, |labels| labels.generator_width());
        Features::Row(self.latent.dim + label)
    }

    /// Shape of the input of the discriminator's first layer: one sample.
    pub fn discriminator_input(&self) -> Features {
        Features::Row(self.shape.dim())
    }

    /// How the discriminator hears of labels, if it does.
    pub fn conditioning(&self) -> Option<Conditioning> {
        let labels = self.labels?;
        let classes = labels.classes;
        match labels.discriminator {
            DiscriminatorLabels::Off => None,
            DiscriminatorLabels::Projection => Some(Conditioning::Projection { classes }),
            DiscriminatorLabels::Concat { scale } => Some(Conditioning::Concat {
                classes,
                scale: scale as f32,
            }),
        }
    }
}
