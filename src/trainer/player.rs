//! A network with its optimizer: the only place where parameters move.

use burn::module::Module;
use burn::optim::{
    AdamConfig, GradientsParams, ModuleOptimizer, RmsPropConfig, SgdConfig,
    momentum::MomentumConfig,
};
use burn::tensor::Tensor;

use crate::config::{OptimizerConfig, PlayerConfig};
use crate::network::{NamedTensor, Network, clip_gradients};

/// One of the two players.
pub(super) struct Player {
    pub(super) network: Network,
    pub(super) learning_rate: f64,
    /// After each update every parameter is clamped to ± this.
    pub(super) weight_clip: Option<f64>,
    optimizer: ModuleOptimizer,
    gradient_clip_norm: Option<f64>,
    captured: Capture,
}

/// Gradients kept for a reader.
enum Capture {
    Off,
    /// Those of the next update.
    Next,
    Taken(Vec<NamedTensor>),
}

impl Player {
    pub(super) fn new(network: Network, config: &PlayerConfig) -> Self {
        let optimizer = match config.optimizer {
            OptimizerConfig::Sgd { momentum: 0.0 } => SgdConfig::new().init(),
            OptimizerConfig::Sgd { momentum } => {
                // Burn dampens the gradient by 0.1 unless told otherwise.
                let momentum = MomentumConfig::new()
                    .with_momentum(momentum)
                    .with_dampening(0.0);
                SgdConfig::new().with_momentum(Some(momentum)).init()
            }
            OptimizerConfig::Adam { beta1, beta2, eps } => AdamConfig::new()
                .with_beta_1(beta1 as f32)
                .with_beta_2(beta2 as f32)
                .with_epsilon(eps as f32)
                .init(),
            OptimizerConfig::RmsProp { alpha, eps } => RmsPropConfig::new()
                .with_alpha(alpha as f32)
                .with_epsilon(eps as f32)
                .with_momentum(0.0)
                .init(),
        };
        Self {
            network,
            optimizer,
            learning_rate: config.learning_rate,
            gradient_clip_norm: config.gradient_clip_norm,
            weight_clip: None,
            captured: Capture::Off,
        }
    }

    /// One update down the gradient of the loss that `forward` computes; returns what `forward` returned beside it.
    pub(super) fn update<T>(&mut self, forward: impl FnOnce(&mut Network) -> (Tensor<1>, T)) -> T {
        let mut thawed = self.thaw();
        let (loss, measured) = forward(&mut thawed);
        self.descend(thawed, loss);
        measured
    }

    /// The network with its parameters taking gradients; [`Player::descend`] must have it back.
    pub(super) fn thaw(&mut self) -> Network {
        std::mem::take(&mut self.network).unfreeze()
    }

    /// Moves the parameters down the gradient of `loss`, and freezes them again.
    pub(super) fn descend(&mut self, thawed: Network, loss: Tensor<1>) {
        let mut gradients = GradientsParams::from_grads(loss.backward(), &thawed);
        if matches!(self.captured, Capture::Next) {
            self.captured = Capture::Taken(thawed.gradients(&gradients));
        }
        if let Some(limit) = self.gradient_clip_norm {
            clip_gradients(&thawed, &mut gradients, limit);
        }
        let moved = self.optimizer.step(self.learning_rate, thawed, gradients);
        let moved = match self.weight_clip {
            Some(bound) => moved.clamp(bound),
            None => moved,
        };
        self.network = moved.freeze();
    }

    /// Keeps the gradients of the next update, before any clipping.
    pub(super) fn capture_gradients(&mut self) {
        self.captured = Capture::Next;
    }

    /// The gradients kept, once.
    pub(super) fn take_gradients(&mut self) -> Option<Vec<NamedTensor>> {
        match std::mem::replace(&mut self.captured, Capture::Off) {
            Capture::Taken(gradients) => Some(gradients),
            other => {
                self.captured = other;
                None
            }
        }
    }
}
