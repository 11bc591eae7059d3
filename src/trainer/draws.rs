//! The random numbers of a trainer: a stream for each use, so that drawing more for one leaves the others as they were.

use super::batches::StepLatents;
use crate::config::{GanConfig, LatentConfig, LatentKind, LossConfig};
use crate::rng::{Rng, Stream};

/// Samples in the picture grid: 8 × 8.
pub const DISPLAY_SAMPLES: usize = 64;

/// The streams that training draws from.
pub(super) struct Draws {
    training_latents: Rng,
    interpolation: Rng,
    penalty_noise: Rng,
    batch_order: Rng,
    /// Masks of the dropout layers; the networks draw from it.
    pub(super) dropout: Rng,
}

impl Draws {
    /// The start of every stream for `seed`.
    pub(super) fn new(seed: u32) -> Self {
        Self {
            training_latents: Rng::new(seed, Stream::TrainingLatents),
            interpolation: Rng::new(seed, Stream::Interpolation),
            penalty_noise: Rng::new(seed, Stream::PenaltyNoise),
            batch_order: Rng::new(seed, Stream::BatchOrder),
            dropout: Rng::new(seed, Stream::Dropout),
        }
    }

    /// The next `count` latents that train, `[count * latent.dim]`.
    pub(super) fn latents(&mut self, latent: LatentConfig, count: usize) -> Vec<f32> {
        draw_latents(&mut self.training_latents, latent, count)
    }

    /// The random numbers of D's phase on batches of `batch` samples; G's latents are left out.
    pub(super) fn discriminator_latents(
        &mut self,
        config: &GanConfig,
        batch: usize,
    ) -> StepLatents {
        let count = config.discriminator_updates * batch;
        let penalised = matches!(config.loss, LossConfig::WassersteinGp { .. });
        let shares = if penalised { count } else { 0 };
        StepLatents {
            discriminator: self.latents(config.latent, count),
            generator: None,
            interpolation: (0..shares).map(|_| self.interpolation.uniform()).collect(),
            noise: None,
        }
    }

    /// The next noise beside `values` values of real samples, if the approximated R1 wants any.
    pub(super) fn noise(&mut self, config: &GanConfig, values: usize) -> Option<Vec<f32>> {
        noise(&mut self.penalty_noise, config, values)
    }

    /// What [`Draws::noise`] would give; the stream stays where it is.
    pub(super) fn noise_to_come(&self, config: &GanConfig, values: usize) -> Option<Vec<f32>> {
        noise(&mut self.penalty_noise.clone(), config, values)
    }

    /// A shuffled `0..n` for the batch order.
    pub(super) fn permutation(&mut self, n: u32) -> Vec<u32> {
        self.batch_order.permutation(n)
    }
}

/// The fixed latents whose samples are shown, `[DISPLAY_SAMPLES * latent.dim]`.
pub(super) fn display_latents(seed: u32, latent: LatentConfig) -> Vec<f32> {
    let mut display = Rng::new(seed, Stream::DisplayLatents);
    draw_latents(&mut display, latent, DISPLAY_SAMPLES)
}

fn noise(rng: &mut Rng, config: &GanConfig, values: usize) -> Option<Vec<f32>> {
    config.gradient_penalties.approximated_r1?;
    Some((0..values).map(|_| rng.normal()).collect())
}

fn draw_latents(rng: &mut Rng, latent: LatentConfig, count: usize) -> Vec<f32> {
    let mut draw = || match latent.kind {
        LatentKind::Normal => rng.normal(),
        LatentKind::Uniform => rng.uniform(),
    };
    (0..count * latent.dim).map(|_| draw()).collect()
}
