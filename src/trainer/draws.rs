//! The random numbers of a trainer: a stream for each use, so that drawing more for one leaves the others as they were.

use super::batches::StepLatents;
use crate::config::{GanConfig, GeneratorLabels, LatentConfig, LatentKind, LossConfig};
use crate::rng::{Rng, Stream};

/// Samples in the picture grid without labels: 8 × 8.
pub const DISPLAY_SAMPLES: usize = 64;

/// Latents in the picture grid with labels: each has a row, with a sample for each class.
const DISPLAY_ROWS: usize = 8;

/// The streams that training draws from.
pub(super) struct Draws {
    training_latents: Rng,
    interpolation: Rng,
    penalty_noise: Rng,
    batch_order: Rng,
    /// Classes that fakes are to have.
    pub(super) labels: Rng,
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
            labels: Rng::new(seed, Stream::Labels),
            dropout: Rng::new(seed, Stream::Dropout),
        }
    }

    /// The next `count` latents that train, `[count * latent.dim]`.
    pub(super) fn latents(&mut self, latent: LatentConfig, count: usize) -> Vec<f32> {
        draw_latents(&mut self.training_latents, latent, count)
    }

    /// The next `count` classes for fakes, each as likely as the others; `None` where samples have no labels.
    pub(super) fn labels(&mut self, config: &GanConfig, count: usize) -> Option<Vec<u8>> {
        draw_labels(&mut self.labels, config.classes(), count)
    }

    /// The random numbers of D's phase on batches of `batch` samples; G's are left out.
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
            discriminator_labels: self.labels(config, count),
            generator: None,
            generator_labels: None,
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

/// Labels drawn where none are given, from a copy of the stream: the caller puts it back once all else has turned out to fit.
pub(super) struct LabelDraw {
    /// The stream after what was drawn.
    pub(super) stream: Rng,
    classes: usize,
}

impl LabelDraw {
    /// Starts where the stream stands.
    pub(super) fn new(draws: &Draws, config: &GanConfig) -> Self {
        Self {
            stream: draws.labels.clone(),
            classes: config.classes(),
        }
    }

    /// The next `count` labels, unless some are given.
    pub(super) fn unless(&mut self, given: Option<&[u8]>, count: usize) -> Option<Vec<u8>> {
        match given {
            Some(_) => None,
            None => draw_labels(&mut self.stream, self.classes, count),
        }
    }
}

/// The fixed latents whose samples are shown, and their labels if there are any.
pub(super) struct Display {
    /// `[n * latent.dim]`
    pub(super) latents: Vec<f32>,
    /// `[n]`
    pub(super) labels: Option<Vec<u8>>,
}

impl Display {
    /// [`DISPLAY_SAMPLES`] latents without labels; with labels 8 rows of one sample for each class, of one latent each.
    pub(super) fn new(seed: u32, config: &GanConfig) -> Self {
        let mut display = Rng::new(seed, Stream::DisplayLatents);
        let mut draw = |count| draw_latents(&mut display, config.latent, count);
        let Some(labels) = config.labels else {
            return Self {
                latents: draw(DISPLAY_SAMPLES),
                labels: None,
            };
        };
        let row: Vec<u8> = (0..labels.classes).map(|class| class as u8).collect();
        let latents = match labels.generator {
            GeneratorLabels::OneHot => {
                let latents = draw(DISPLAY_ROWS);
                let each = latents.chunks_exact(config.latent.dim);
                each.flat_map(|latent| latent.repeat(labels.classes))
                    .collect()
            }
            // G is not told the class: one latent for a whole row would show one sample in all its columns.
            GeneratorLabels::Off => draw(DISPLAY_ROWS * labels.classes),
        };
        Self {
            latents,
            labels: Some(row.repeat(DISPLAY_ROWS)),
        }
    }
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

/// Labels, each class as likely as the others; `None` without classes.
fn draw_labels(rng: &mut Rng, classes: usize, count: usize) -> Option<Vec<u8>> {
    let draw = |_| rng.below(classes as u32) as u8;
    (classes > 0).then(|| (0..count).map(draw).collect())
}
