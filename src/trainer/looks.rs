//! The methods that move nothing: neither parameters nor running statistics nor streams of random numbers.

use super::lesson::{Lesson, Seen, compared};
use super::passes::made;
use super::record::{DiscriminatorOutputs, GeneratorOutputs, Losses, PendingRecord, StepRecord};
use super::role::{Role, Update, Weights};
use super::rows::Rows;
use super::state::Trainer;
use crate::Error;
use crate::config::UpdateOrder;
use crate::journal::Journal;
use crate::kernels::Fused;
use crate::network::{Input, NamedTensor, Pass, activated};
use crate::reading::Reading;

/// Tensors with their names and shapes, on their way back.
pub type NamedReading = Reading<Vec<NamedTensor>>;

impl Trainer {
    /// Samples of the fixed latents: [`DISPLAY_SAMPLES`](super::DISPLAY_SAMPLES), `[64 * sample_dim]`, without labels. With labels a grid of 8
    /// rows, `[8 * classes * sample_dim]`: column c is of class c, and a row is of one latent, if G is told the class.
    ///
    /// BatchNorm takes the statistics of these samples themselves, so the picture depends on G's weights alone: the running
    /// statistics, which D's phase moves, do not show in it, nor are they moved by it.
    pub fn samples(&mut self, weights: Weights) -> Reading<Vec<f32>> {
        let labels = self.display.labels.as_deref();
        let rows = Rows::new(&self.display.latents, labels);
        let latents = self.batches().latents(rows);
        let latents = latents.expect("they were drawn as whole rows");
        self.generate_rows(latents, weights, Pass::Batch)
    }

    /// Samples from given latents `[n * latent.dim]`, by running statistics.
    ///
    /// # Errors
    /// [`Error::InvalidBatch`] if `latents` is not a whole number of latents, or their labels do not fit.
    pub fn generate<'a>(
        &mut self,
        latents: impl Into<Rows<'a>>,
        weights: Weights,
    ) -> Result<Reading<Vec<f32>>, Error> {
        let latents = self.batches().latents(latents.into())?;
        Ok(self.generate_rows(latents, weights, Pass::Running))
    }

    /// D's score, sigmoid of the logit, of each of the given samples `[n * sample_dim]`.
    ///
    /// # Errors
    /// [`Error::InvalidBatch`] if `samples` is not a whole number of samples, or their labels do not fit.
    pub fn scores<'a>(&mut self, samples: impl Into<Rows<'a>>) -> Result<Reading<Vec<f32>>, Error> {
        let names = ["samples", "label list of the samples"];
        let rows = self.batches().samples(names, samples.into())?;
        let tape = self.discriminator.network.forward(rows, Pass::Running);
        let scores = activated(tape.output().clone(), Fused::Sigmoid); // [n, 1]
        Ok(Reading::one(scores.reshape([-1])))
    }

    /// Both players' losses as they are now, on real samples `[n * sample_dim]` and on the fakes of latents `[m * latent.dim]`, by
    /// running statistics and without a penalty.
    ///
    /// # Errors
    /// [`Error::InvalidBatch`] if either is no whole number of rows, or its labels do not fit, or their numbers differ for a loss of pairs.
    pub fn measure<'a, 'b>(
        &mut self,
        real: impl Into<Rows<'a>>,
        latents: impl Into<Rows<'b>>,
    ) -> Result<Reading<StepRecord>, Error> {
        let names = ["real samples", "label list of the real samples"];
        let real = self.batches().samples(names, real.into())?;
        let latents = self.batches().latents(latents.into())?;
        if self.config.loss.pairs() && real.size() != latents.size() {
            return Err(Error::InvalidBatch {
                what: "latents",
                values: latents.size() * self.config.latent.dim,
                expected: format!("{} latents, one for each real sample", real.size()),
            });
        }
        let labels = latents.labels.clone();
        let tape = self.generator.network.forward(latents, Pass::Running);
        let discriminator = &mut self.discriminator.network;
        let mut journal = Journal::new(&self.device);
        let [real, fake] = [real, made(&tape, labels)].map(|samples| {
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
    /// [`Error::InvalidBatch`] as [`Trainer::update`]; latents too must have labels where the configuration has them.
    pub fn gradients<'a>(
        &mut self,
        update: Update,
        rows: impl Into<Rows<'a>>,
    ) -> Result<NamedReading, Error> {
        self.check_halves(update)?;
        let rows = rows.into();
        let values = rows.values;
        let rows = self.batches().of_update(update, rows)?;
        let half = match update {
            Update::Real => {
                let noise = self.draws.noise_to_come(&self.config, values.len());
                self.real_half(rows, values, noise)?
            }
            Update::Fake => {
                let pass = match self.config.order {
                    UpdateOrder::KerasTwoUpdates => Pass::Running,
                    _ => Pass::Batch,
                };
                let labels = rows.labels.clone();
                let tape = self.generator.network.forward(rows, pass);
                Seen::fake_half(made(&tape, labels))
            }
            Update::Generated => {
                self.check_partners(rows.size())?;
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
        lesson.learn(half);
        Ok(self.discriminator.gradients())
    }

    /// Writes the gradients of G's update on latents `[batch, generator input]`.
    fn look_at_generator(&mut self, latents: Input) {
        let labels = latents.labels.clone();
        let tape = self.generator.network.forward(latents, Pass::Batch);
        let fakes = made(&tape, labels);
        let slopes = self.loss_of(Update::Generated).slopes(fakes.size(), 1.0);
        let mut unread = Journal::new(&self.device);
        let discriminator = &mut self.discriminator.network;
        let mut judge = |rows| discriminator.logits(rows, Pass::Batch, slopes, &mut unread);
        let real = self.partners.clone().map(|real| judge(real).outputs);
        let mut logits = judge(fakes);
        if let Some(real) = real {
            logits = compared(logits, real, &unread);
        }
        self.generator_backward(&tape, logits);
    }

    /// Every parameter and running statistic of one player's network, with its values, in layer order.
    pub fn parameters(&self, role: Role) -> NamedReading {
        self.player(role).network.tensors()
    }

    fn generate_rows(
        &mut self,
        latents: Input,
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
