//! Rows on their way to the device: checked against the configuration, cut into batches, uploaded.

use burn::tensor::{Device, Tensor, TensorData};

use super::role::Update;
use crate::Error;
use crate::config::{GanConfig, LIMITS, LossConfig};

/// Random numbers of one step, row-major; a batch for each update.
#[derive(Debug, Clone, PartialEq)]
pub struct StepLatents {
    /// Latents of the fakes that D sees, `[discriminator_updates * batch, latent.dim]`.
    pub discriminator: Vec<f32>,
    /// Latents of G's updates, `[generator_updates * batch, latent.dim]`; `None` in the update orders that use the same latents again.
    pub generator: Option<Vec<f32>>,
    /// Share of the real sample in the point at which the gradient penalty looks, `[discriminator_updates * batch]` in [0, 1];
    /// empty for losses without one.
    pub interpolation: Vec<f32>,
    /// Noise of the approximated R1, `[discriminator_updates * batch, sample_dim]`; `None`: drawn where it is needed.
    pub noise: Option<Vec<f32>>,
}

/// The rows that one update of D works on.
pub(super) struct DiscriminatorBatch {
    /// Real samples.
    pub(super) real: Real,
    /// Latents of the fakes, `[batch, latent.dim]`.
    pub(super) latents: Tensor<2>,
    /// Shares of the real samples, `[batch, 1]`, for the gradient penalty.
    pub(super) interpolation: Option<Tensor<2>>,
}

impl DiscriminatorBatch {
    /// Number of real samples, and of latents.
    pub(super) fn size(&self) -> usize {
        self.real.samples.dims()[0]
    }
}

/// Real samples of one update of D.
pub(super) struct Real {
    /// `[batch, sample_dim]`
    pub(super) samples: Tensor<2>,
    /// The same with noise, for the approximated R1.
    pub(super) disturbed: Option<Tensor<2>>,
}

/// Checks rows against `config` and uploads them to `device`.
pub(super) struct Batches<'a> {
    pub(super) config: &'a GanConfig,
    pub(super) device: &'a Device,
}

impl Batches<'_> {
    /// Number of samples in one update of D, where `real` holds a batch for each.
    pub(super) fn size_of(&self, real: &[f32]) -> Result<usize, Error> {
        let updates = self.config.discriminator_updates;
        let batch = real.len() / (self.config.shape.dim() * updates);
        self.check("real batch", batch, real.len(), updates)?;
        Ok(batch)
    }

    /// Fails unless `values` values are `updates` batches of `batch` samples, a number within [`LIMITS`].
    pub(super) fn check(
        &self,
        what: &'static str,
        batch: usize,
        values: usize,
        updates: usize,
    ) -> Result<(), Error> {
        let dim = self.config.shape.dim();
        let [mut smallest, largest] = LIMITS.batch_size;
        if self.config.generator.needs_batch().is_some()
            || self.config.discriminator.needs_batch().is_some()
        {
            smallest = 2;
        }
        if (smallest..=largest).contains(&batch) && updates * batch * dim == values {
            return Ok(());
        }
        let each = match updates {
            1 => String::new(),
            _ => format!(" for each of {updates} updates"),
        };
        Err(Error::InvalidBatch {
            what,
            values,
            expected: format!(
                "a multiple of {}, {smallest} to {largest} samples{each}",
                updates * dim
            ),
        })
    }

    /// Uploads real samples `[updates * batch, sample_dim]` with `noise` of the same shape, if the approximated R1 wants them.
    pub(super) fn disturbed(
        &self,
        values: &[f32],
        noise: Option<&[f32]>,
        updates: usize,
    ) -> Result<Vec<Option<Tensor<2>>>, Error> {
        let penalty = self.config.gradient_penalties.approximated_r1;
        let Some((penalty, noise)) = penalty.zip(noise) else {
            return Ok(vec![None; updates]);
        };
        let dim = self.config.shape.dim();
        let rows = values.len() / dim;
        check_rows("noise", noise.len(), rows, dim)?;
        let deviation = penalty.deviation as f32;
        let pairs = values.iter().zip(noise);
        let values: Vec<f32> = pairs.map(|(x, noise)| x + deviation * noise).collect();
        let batches = self.cut("noise", &values, updates, rows / updates, dim)?;
        Ok(batches.into_iter().map(Some).collect())
    }

    /// Uploads the rows of one update alone, `[batch, sample_dim]` or `[batch, latent.dim]`.
    pub(super) fn of_update(&self, update: Update, rows: &[f32]) -> Result<Tensor<2>, Error> {
        let sample_dim = self.config.shape.dim();
        let (what, dim) = match update {
            Update::Real => ("real samples", sample_dim),
            Update::Fake | Update::Generated => ("latents", self.config.latent.dim),
        };
        let rows = self.whole_rows(what, rows, dim)?;
        let batch = rows.dims()[0];
        self.check(what, batch, batch * sample_dim, 1)?;
        Ok(rows)
    }

    /// Uploads what each update of D's phase works on.
    pub(super) fn of_discriminator(
        &self,
        real: &[f32],
        latents: &StepLatents,
        noise: Option<&[f32]>,
    ) -> Result<Vec<DiscriminatorBatch>, Error> {
        let batch = self.size_of(real)?;
        let updates = self.config.discriminator_updates;
        let (sample_dim, latent_dim) = (self.config.shape.dim(), self.config.latent.dim);
        let disturbed = self.disturbed(real, noise, updates)?;
        let real = self.cut("real batch", real, updates, batch, sample_dim)?;
        let real = real.into_iter().zip(disturbed);
        let real = real.map(|(samples, disturbed)| Real { samples, disturbed });
        let shares = &latents.interpolation;
        let shares = match self.config.loss {
            LossConfig::WassersteinGp { .. } => {
                let shares = self.cut("interpolation", shares, updates, batch, 1)?;
                shares.into_iter().map(Some).collect()
            }
            _ => vec![None; updates],
        };
        let latents = &latents.discriminator;
        let latents = self.cut("discriminator latents", latents, updates, batch, latent_dim)?;
        let rows = real.zip(latents).zip(shares);
        Ok(rows
            .map(|((real, latents), interpolation)| DiscriminatorBatch {
                real,
                latents,
                interpolation,
            })
            .collect())
    }

    /// Uploads the latents of each update of G's phase.
    pub(super) fn of_generator(
        &self,
        latents: &[f32],
        batch: usize,
    ) -> Result<Vec<Tensor<2>>, Error> {
        let (updates, dim) = (self.config.generator_updates, self.config.latent.dim);
        self.cut("generator latents", latents, updates, batch, dim)
    }

    /// Uploads real or made samples, any number of them, as `[n, sample_dim]`.
    pub(super) fn samples(&self, what: &'static str, values: &[f32]) -> Result<Tensor<2>, Error> {
        self.whole_rows(what, values, self.config.shape.dim())
    }

    /// Uploads latents, any number of them, as `[n, latent.dim]`.
    pub(super) fn latents(&self, values: &[f32]) -> Result<Tensor<2>, Error> {
        self.whole_rows("latents", values, self.config.latent.dim)
    }

    /// Cuts `[updates * batch, dim]` into batches on the device.
    fn cut(
        &self,
        what: &'static str,
        values: &[f32],
        updates: usize,
        batch: usize,
        dim: usize,
    ) -> Result<Vec<Tensor<2>>, Error> {
        check_rows(what, values.len(), updates * batch, dim)?;
        let batches = values.chunks_exact(batch * dim);
        Ok(batches.map(|values| self.rows(values, dim)).collect())
    }

    /// Uploads `values` as `[rows, dim]`, if they are whole rows.
    fn whole_rows(
        &self,
        what: &'static str,
        values: &[f32],
        dim: usize,
    ) -> Result<Tensor<2>, Error> {
        check_rows(what, values.len(), values.len() / dim, dim)?;
        Ok(self.rows(values, dim))
    }

    /// Uploads `values` as `[rows, dim]`.
    fn rows(&self, values: &[f32], dim: usize) -> Tensor<2> {
        let shape = [values.len() / dim, dim];
        Tensor::from_data(TensorData::new(values.to_vec(), shape), self.device)
    }
}

/// Fails unless `values` values are `rows` rows of `dim`, at least one.
fn check_rows(what: &'static str, values: usize, rows: usize, dim: usize) -> Result<(), Error> {
    if rows > 0 && rows * dim == values {
        return Ok(());
    }
    let expected = match rows {
        0 => format!("a multiple of {dim}"),
        _ => format!("{} ({rows} x {dim})", rows * dim),
    };
    Err(Error::InvalidBatch {
        what,
        values,
        expected,
    })
}
