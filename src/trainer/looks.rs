//! The methods that move nothing: neither parameters nor running statistics nor streams of random numbers.

use burn::tensor::Tensor;

use super::batches::Real;
use super::lesson::{Half, Lesson, compared};
use super::record::{DiscriminatorOutputs, GeneratorOutputs, Losses, PendingRecord, StepRecord};
use super::role::{Role, Update, Weights};
use super::state::Trainer;
use crate::Error;
use crate::config::UpdateOrder;
use crate::journal::Journal;
use crate::kernels::Fused;
use crate::network::{NamedTensor, Pass, activated};
use crate::reading::Reading;

/// Tensors with their names and shapes, on their way back.
pub type NamedReading = Reading<Vec<NamedTensor>>;

impl Trainer {
    /// [`DISPLAY_SAMPLES`](super::DISPLAY_SAMPLES) samples `[64 * sample_dim]` from the fixed latents.
    ///
    /// BatchNorm takes the statistics of these 64 themselves, so the picture depends on G's weights alone: the running
    /// statistics, which D's phase moves, do not show in it, nor are they moved by it.
    pub fn samples(&mut self, weights: Weights) -> Reading<Vec<f32>> {
        let latents = self.batches().latents(&self.display_latents);
        let latents = latents.expect("they were drawn as whole rows");
        self.generate_rows(latents, weights, Pass::Batch)
    }

    /// Samples from given latents `[n * latent.dim]`, by running statistics.
    ///
    /// # Errors
    /// [`Error::InvalidBatch`] if `latents` is not a whole number of latents.
    pub fn generate(
        &mut self,
        latents: &[f32],
        weights: Weights,
    ) -> Result<Reading<Vec<f32>>, Error> {
        let latents = self.batches().latents(latents)?;
        Ok(self.generate_rows(latents, weights, Pass::Running))
    }

    /// D's score, sigmoid of the logit, of each of the given samples `[n * sample_dim]`.
    ///
    /// # Errors
    /// [`Error::InvalidBatch`] if `samples` is not a whole number of samples.
    pub fn scores(&mut self, samples: &[f32]) -> Result<Reading<Vec<f32>>, Error> {
        let rows = self.batches().samples("samples", samples)?;
        let tape = self.discriminator.network.forward(rows, Pass::Running);
        let scores = activated(tape.output().clone(), Fused::Sigmoid); // [n, 1]
        Ok(Reading::one(scores.reshape([-1])))
    }

    /// Both players' losses as they are now, on real samples `[n * sample_dim]` and on the fakes of latents `[m * latent.dim]`, by
    /// running statistics and without a penalty.
    ///
    /// # Errors
    /// [`Error::InvalidBatch`] if either is no whole number of rows, or their numbers differ for a loss of pairs.
    pub fn measure(&mut self, real: &[f32], latents: &[f32]) -> Result<Reading<StepRecord>, Error> {
        let real = self.batches().samples("real samples", real)?;
        let latents = self.batches().latents(latents)?;
        let (rows, of_latents) = (real.dims()[0], latents.dims()[0]);
        if self.config.loss.pairs() && rows != of_latents {
            return Err(Error::InvalidBatch {
                what: "latents",
                values: of_latents * self.config.latent.dim,
                expected: format!("{rows} latents, one for each real sample"),
            });
        }
        let made = self.generator.network.forward(latents, Pass::Running);
        let discriminator = &mut self.discriminator.network;
        let mut journal = Journal::new(&self.device);
        let [real, fake] = [real, made.output().clone()].map(|samples| {
            let logits = discriminator.forward(samples, Pass::Running);
            journal.write(logits.output().clone())
        });
        let record = PendingRecord {
            step: self.steps(),
            discriminator: Some(DiscriminatorOutputs {
                real: Some(real),
                fake: Some(fake),
                ..DiscriminatorOutputs::default()
            }),
            generator: Some(GeneratorOutputs {
                generated: fake,
                real: Some(real),
            }),
        };
        let losses = Losses::of(&self.config);
        let reading = PendingRecord::reading(vec![record], journal.take(false), losses);
        Ok(reading.map(|mut records| records.pop().expect("one was asked for")))
    }

    /// The gradients that [`Trainer::update`] would follow, before any clipping and without dropout, named as the player's parameters.
    ///
    /// # Errors
    /// As [`Trainer::update`].
    pub fn gradients(&mut self, update: Update, rows: &[f32]) -> Result<NamedReading, Error> {
        self.check_halves(update)?;
        let values = rows;
        let rows = self.batches().of_update(update, values)?;
        let half = match update {
            Update::Real => {
                let noise = self.draws.noise_to_come(&self.config, values.len());
                let disturbed = self.batches().disturbed(values, noise.as_deref(), 1)?;
                Half::Real(Real {
                    samples: rows,
                    disturbed: disturbed.into_iter().next().flatten(),
                })
            }
            Update::Fake => {
                let pass = match self.config.order {
                    UpdateOrder::KerasTwoUpdates => Pass::Running,
                    _ => Pass::Batch,
                };
                let made = self.generator.network.forward(rows, pass);
                Half::Fake(made.output().clone())
            }
            Update::Generated => {
                self.check_partners(rows.dims()[0])?;
                self.look_at_generator(rows);
                return Ok(self.generator.gradients());
            }
        };
        let mut unread = Journal::new(&self.device);
        let lesson = Lesson {
            config: &self.config,
            discriminator: &mut self.discriminator,
            journal: &mut unread,
            dropout: None,
        };
        lesson.learn(half.into());
        Ok(self.discriminator.gradients())
    }

    /// Writes the gradients of G's update on latents `[batch, latent.dim]`.
    fn look_at_generator(&mut self, latents: Tensor<2>) {
        let made = self.generator.network.forward(latents, Pass::Batch);
        let fakes = made.output().clone();
        let slopes = self.loss_of(Update::Generated).slopes(fakes.dims()[0], 1.0);
        let mut unread = Journal::new(&self.device);
        let discriminator = &mut self.discriminator.network;
        let partners = self.partners.clone();
        let real = partners.map(|real| {
            discriminator
                .logits(real, Pass::Batch, slopes, &mut unread)
                .outputs
        });
        let mut logits = discriminator.logits(fakes, Pass::Batch, slopes, &mut unread);
        if let Some(real) = real {
            logits = compared(logits, real, &unread);
        }
        self.generator_backward(&made, logits);
    }

    /// Every parameter and running statistic of one player's network, with its values, in layer order.
    pub fn parameters(&self, role: Role) -> NamedReading {
        self.player(role).network.tensors()
    }

    fn generate_rows(
        &mut self,
        latents: Tensor<2>,
        weights: Weights,
        pass: Pass<'_>,
    ) -> Reading<Vec<f32>> {
        let network = match (&mut self.average, weights) {
            (Some(average), Weights::Averaged) => &mut average.network,
            _ => &mut self.generator.network,
        };
        let samples = network.forward(latents, pass).output().clone();
        Reading::one(samples.reshape([-1]))
    }
}
