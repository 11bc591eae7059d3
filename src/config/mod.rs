//! A run as data: the two networks, what they minimise, their optimizers and the update order.
//!
//! Invariant: a [`GanConfig`] that passed [`GanConfig::validate`] can be trained; the trainer never looks at its name. The
//! configuration of each layer stands with the layer itself, in [`network`](crate::network).

mod gan;
mod gradient_penalties;
mod labels;
mod latent;
mod loss;
mod optimizer;
mod player;
mod presets;
mod schedule;
mod shape;
mod summary;
#[cfg(test)]
mod tests;
mod update_order;
mod validate;

pub(crate) use crate::limits::check_learning_rate;
pub use crate::limits::{LIMITS, Limits};
pub use crate::network::{
    BatchNorm, ConvConfig, Dropout, Elu, Features, Init, LayerConfig, LeakyRelu, Linear, Reshape,
};
pub use gan::GanConfig;
pub use gradient_penalties::{ApproximatedR1, GradientPenalties};
pub use labels::{DiscriminatorLabels, GeneratorLabels, LabelsConfig};
pub use latent::{LatentConfig, LatentKind};
pub use loss::LossConfig;
pub use optimizer::OptimizerConfig;
pub use player::PlayerConfig;
pub use presets::PRESETS;
pub use schedule::ScheduleConfig;
pub use shape::SampleShape;
pub use summary::{LayerInfo, NetworkInfo, Summary};
pub use update_order::UpdateOrder;
