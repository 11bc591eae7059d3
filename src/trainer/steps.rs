//! Whole steps, single phases and single updates, with the record that each leaves.

use super::batches::{DiscriminatorBatch, Real, StepLatents};
use super::lesson::Half;
use super::record::{DiscriminatorOutputs, GeneratorOutputs, Losses, PendingRecord, StepRecord};
use super::role::Update;
use super::state::Trainer;
use crate::Error;
use crate::config::UpdateOrder;
use crate::reading::Reading;

impl Trainer {
    /// Queues one step on real samples.
    ///
    /// # Shapes
    /// - `real`: `[discriminator_updates * batch, sample_dim]`, row-major, a batch for each update of D; any batch within
    ///   [`LIMITS`](crate::config::LIMITS).
    ///
    /// # Errors
    /// [`Error::InvalidBatch`] if `real` is not a whole number of such batches, or too many or too few samples.
    pub fn step(&mut self, real: &[f32]) -> Result<(), Error> {
        let batch = self.batches().size_of(real)?;
        let mut latents = self.draws.discriminator_latents(&self.config, batch);
        if !self.config.order.reuses_latents() {
            let count = self.config.generator_updates * batch;
            latents.generator = Some(self.draw_latents(count));
        }
        self.step_with(real, &latents)
    }

    /// [`Trainer::step`] on given random numbers, for comparison with another implementation.
    ///
    /// # Errors
    /// [`Error::InvalidBatch`] as [`Trainer::step`], or if the latents do not fit the batch.
    pub fn step_with(&mut self, real: &[f32], latents: &StepLatents) -> Result<(), Error> {
        let batches = self.discriminator_batches(real, latents)?;
        self.half = None;
        let generator_latents = match (&latents.generator, self.config.order.reuses_latents()) {
            (Some(values), _) => self.batches().of_generator(values, batches[0].size())?,
            (None, true) => vec![batches[0].latents.clone()],
            (None, false) => self.batches().of_generator(&[], batches[0].size())?,
        };
        let (discriminator, generator) = match self.config.order {
            UpdateOrder::Joint
            | UpdateOrder::KerasTwoUpdates
            | UpdateOrder::RealThenFakeSameLatents => {
                let discriminator = self.discriminator_phase(batches);
                (discriminator, self.generator_phase(generator_latents))
            }
            UpdateOrder::SumSameZ => self.both_on_the_same_fakes(only(batches)),
            UpdateOrder::FakeThenGeneratorThenReal => {
                let batch = only(batches);
                let fakes = self.fakes(batch.latents);
                let fake = self.update_discriminator_on(Half::Fake(fakes));
                let generator = self.generator_phase(generator_latents);
                let real = self.update_discriminator_on(Half::Real(batch.real));
                (DiscriminatorOutputs::of_both(real, fake), generator)
            }
        };
        self.discriminator_phases += 1;
        self.generator_phases += 1;
        self.record(Some(discriminator), Some(generator));
        Ok(())
    }

    /// Queues D's phase alone; no trainable parameter of G changes.
    ///
    /// # Errors
    /// [`Error::InvalidBatch`] as [`Trainer::step`].
    pub fn discriminator_step(&mut self, real: &[f32]) -> Result<(), Error> {
        let batch = self.batches().size_of(real)?;
        let latents = self.draws.discriminator_latents(&self.config, batch);
        let batches = self.discriminator_batches(real, &latents)?;
        self.half = None;
        let outputs = self.discriminator_phase(batches);
        self.discriminator_phases += 1;
        self.record(Some(outputs), None);
        Ok(())
    }

    /// Queues G's phase alone, on `batch` fresh latents for each update; no trainable parameter of D changes.
    ///
    /// # Errors
    /// [`Error::InvalidBatch`] if `batch` is out of [`LIMITS`](crate::config::LIMITS), or 1 for networks with BatchNorm, or not the number of
    /// real samples in D's last phase, for a loss that compares fakes with these.
    pub fn generator_step(&mut self, batch: usize) -> Result<(), Error> {
        let values = batch * self.config.shape.dim();
        self.batches().check("generator batch", batch, values, 1)?;
        self.check_partners(batch)?;
        let latents = self.draw_latents(self.config.generator_updates * batch);
        let batches = self.batches().of_generator(&latents, batch)?;
        let outputs = self.generator_phase(batches);
        self.generator_phases += 1;
        self.record(None, Some(outputs));
        Ok(())
    }

    /// Queues one update alone; no trainable parameter of the other player changes.
    ///
    /// D's two halves, one after the other, make a phase of D with one update, G's update a phase of G: the updates of a step in the
    /// configured update order leave what [`Trainer::step_with`] leaves. The record of the second half has both, each before its own
    /// update. R1 belongs to the real half, exact or approximated, and R2 to that of the fakes; the penalty of the Wasserstein loss belongs to
    /// neither.
    ///
    /// # Errors
    /// [`Error::InvalidBatch`] if `rows` are no whole rows, or too many or too few, or as [`Trainer::generator_step`];
    /// [`Error::InvalidConfig`] for a half of a loss that has none.
    pub fn update(&mut self, update: Update, rows: &[f32]) -> Result<(), Error> {
        self.check_halves(update)?;
        let values = rows;
        let rows = self.batches().of_update(update, values)?;
        let half = match update {
            Update::Real => {
                let noise = self.draws.noise(&self.config, values.len());
                let disturbed = self.batches().disturbed(values, noise.as_deref(), 1)?;
                Half::Real(Real {
                    samples: rows,
                    disturbed: disturbed.into_iter().next().flatten(),
                })
            }
            Update::Fake => Half::Fake(self.fakes(rows)),
            Update::Generated => {
                self.check_partners(rows.dims()[0])?;
                let outputs = self.generator_phase(vec![rows]);
                self.generator_phases += 1;
                self.record(None, Some(outputs));
                return Ok(());
            }
        };
        let outputs = self.update_discriminator_on(half);
        let phase = match self.half.take() {
            Some((before, of_before)) if before != update => {
                DiscriminatorOutputs::of_both(of_before, outputs)
            }
            _ => {
                self.half = Some((update, outputs));
                self.record(Some(outputs), None);
                return Ok(());
            }
        };
        self.discriminator_phases += 1;
        self.record(Some(phase), None);
        Ok(())
    }

    /// Takes the records of every step since the last call, to be awaited.
    pub fn take_records(&mut self) -> Reading<Vec<StepRecord>> {
        let pending = std::mem::take(&mut self.pending);
        let journal = self.journal.take(self.half.is_some());
        PendingRecord::reading(pending, journal, Losses::of(&self.config))
    }

    /// Fails for a half of D's task where the loss has no halves.
    pub(super) fn check_halves(&self, update: Update) -> Result<(), Error> {
        if !self.config.loss.pairs() || update == Update::Generated {
            return Ok(());
        }
        let expected = "a loss that has halves, for an update of D on one of them";
        Err(Error::config("loss", self.config.loss.name(), expected))
    }

    /// Fails if the loss compares the `batch` fakes of G's update with real samples, and there are not as many.
    pub(super) fn check_partners(&self, batch: usize) -> Result<(), Error> {
        if !self.config.loss.pairs() {
            return Ok(());
        }
        let there = self.partners.as_ref().map(|real| real.dims()[0]);
        let expected = match there {
            Some(there) if there == batch => return Ok(()),
            Some(there) => format!(
                "{there} latents, one for each real sample of the last discriminator step, with which the loss compares the fakes"
            ),
            None => "a discriminator step before it: the loss compares the fakes with the real samples of that step".into(),
        };
        Err(Error::InvalidBatch {
            what: "generator batch",
            values: batch * self.config.latent.dim,
            expected,
        })
    }

    /// Uploads what each update of D's phase works on, and draws noise that was not given.
    fn discriminator_batches(
        &mut self,
        real: &[f32],
        latents: &StepLatents,
    ) -> Result<Vec<DiscriminatorBatch>, Error> {
        self.batches().size_of(real)?;
        let noise = match &latents.noise {
            Some(noise) => Some(noise.clone()),
            None => self.draws.noise(&self.config, real.len()),
        };
        self.batches()
            .of_discriminator(real, latents, noise.as_deref())
    }

    fn record(
        &mut self,
        discriminator: Option<DiscriminatorOutputs>,
        generator: Option<GeneratorOutputs>,
    ) {
        self.pending.push(PendingRecord {
            step: self.steps(),
            discriminator,
            generator,
        });
    }
}

/// The only batch of an update order that updates each player once.
fn only(mut batches: Vec<DiscriminatorBatch>) -> DiscriminatorBatch {
    assert_eq!(batches.len(), 1, "validate() demands one update");
    batches.remove(0)
}
