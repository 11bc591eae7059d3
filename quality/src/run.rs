//! One run: a preset trained on all training images of its data set, with its samples looked at on the way.

use anyhow::{Result, ensure};
use burn::tensor::Device;
use gan_playground::{
    GanConfig, Trainer,
    config::LatentKind,
    judge::classifier::PIXELS,
    rng::{Rng, Stream},
    trainer::{Rows, Weights},
};
use images::{Images, to_pixel, to_value};

/// Samples that are scored, and real images they are scored against.
pub const SAMPLES: usize = 5000;
/// Samples that are generated at once.
const CHUNK: usize = 500;
/// Steps between two readings of the losses.
const READ_EVERY: u32 = 100;

/// A trainer and the order of its images.
pub struct Run<'a> {
    trainer: Trainer,
    images: &'a Images,
    /// Indices of this epoch that are still to come, last first.
    order: Vec<u32>,
    /// `[SAMPLES * latent.dim]`, the same at every checkpoint.
    latents: Vec<f32>,
    /// The class that each sample is asked to be: every class in turn; `None` where the preset has no labels.
    labels: Option<Vec<u8>>,
}

impl<'a> Run<'a> {
    /// Fails unless it makes samples of the size and range of the data sets.
    pub fn check(config: &GanConfig) -> Result<()> {
        ensure!(
            config.shape.dim() == PIXELS && config.shape.range == [-1.0, 1.0],
            "preset {} makes samples of {}x{} in {:?}, expected 28x28 in [-1, 1]",
            config.name,
            config.shape.width,
            config.shape.height,
            config.shape.range
        );
        Ok(())
    }

    /// A run at step 0.
    pub fn new(config: GanConfig, seed: u32, images: &'a Images, device: Device) -> Result<Self> {
        Self::check(&config)?;
        // The stream whose first 64 latents the page shows; nothing is trained on it.
        let mut rng = Rng::new(seed, Stream::DisplayLatents);
        let latents = (0..SAMPLES * config.latent.dim).map(|_| match config.latent.kind {
            LatentKind::Normal => rng.normal(),
            LatentKind::Uniform => rng.uniform(),
        });
        let classes = config.classes();
        let labels = (0..SAMPLES).map(|index| (index % classes.max(1)) as u8);
        Ok(Self {
            latents: latents.collect(),
            labels: (classes > 0).then(|| labels.collect()),
            trainer: Trainer::new(config, seed, device)?,
            images,
            order: Vec::new(),
        })
    }

    /// Trains until `steps` steps are done.
    pub async fn train_to(&mut self, steps: u32) -> Result<()> {
        while self.trainer.steps() < steps {
            let (real, labels) = self.next_batches()?;
            let labels = self.labels.is_some().then_some(&labels[..]);
            self.trainer.step(Rows::new(&real, labels))?;
            if self.trainer.steps().is_multiple_of(READ_EVERY) || self.trainer.steps() == steps {
                // Fails if a loss is not finite.
                self.trainer.take_records().read().await?;
            }
        }
        Ok(())
    }

    /// The real images of one step, and their labels. Each epoch has a new order; what is left of the last one and too short is left out.
    fn next_batches(&mut self) -> Result<(Vec<f32>, Vec<u8>)> {
        let config = self.trainer.config();
        let needed = config.batch_size * config.discriminator_updates;
        if self.order.len() < needed {
            self.order = self
                .trainer
                .permutation(u32::try_from(self.images.labels.len())?);
        }
        let indices = self.order.split_off(self.order.len() - needed);
        let indices = indices.into_iter().map(|index| index as usize);
        let pixels = indices.clone().flat_map(|index| self.images.image(index));
        let values = pixels.copied().map(to_value).collect();
        Ok((
            values,
            indices.map(|index| self.images.labels[index]).collect(),
        ))
    }

    /// The class that each of [`Run::samples`] was asked to be; `None` without labels.
    pub fn labels(&self) -> Option<&[u8]> {
        self.labels.as_deref()
    }

    /// Pixels of [`SAMPLES`] samples, rounded to whole numbers from 0 to 255; BatchNorm by running statistics.
    pub async fn samples(&mut self, weights: Weights) -> Result<Vec<u8>> {
        let mut pixels = Vec::with_capacity(SAMPLES * PIXELS);
        let dim = self.trainer.config().latent.dim;
        for (index, latents) in self.latents.chunks(CHUNK * dim).enumerate() {
            let labels = self
                .labels
                .as_deref()
                .map(|labels| &labels[index * CHUNK..][..latents.len() / dim]);
            let rows = Rows::new(latents, labels);
            let samples = self.trainer.generate(rows, weights)?.read().await?;
            pixels.extend(samples.into_iter().map(to_pixel));
        }
        Ok(pixels)
    }
}
