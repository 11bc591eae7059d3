//! Whole steps, single phases and single updates, with the record that each leaves.

use super::batches::{DiscriminatorBatch, StepLatents};
use super::record::{DiscriminatorOutputs, PendingRecord, StepRecord};
use super::role::Update;
use super::state::Trainer;
use crate::Error;
use crate::config::UpdateOrder;
use crate::journal::Span;
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
        let batches = self.batches().of_discriminator(real, latents)?;
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
                let fake = self.update_discriminator_on(fakes, Update::Fake);
                let generator = self.generator_phase(generator_latents);
                let real = self.update_discriminator_on(batch.real, Update::Real);
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
        let batches = self.batches().of_discriminator(real, &latents)?;
        self.half = None;
        let outputs = self.discriminator_phase(batches);
        self.discriminator_phases += 1;
        self.record(Some(outputs), None);
        Ok(())
    }

    /// Queues G's phase alone, on `batch` fresh latents for each update; no trainable parameter of D changes.
    ///
    /// # Errors
    /// [`Error::InvalidBatch`] if `batch` is out of [`LIMITS`](crate::config::LIMITS), or 1 for networks with BatchNorm.
    pub fn generator_step(&mut self, batch: usize) -> Result<(), Error> {
        let values = batch * self.config.shape.dim();
        self.batches().check("generator batch", batch, values, 1)?;
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
    /// update. A gradient penalty belongs to neither half.
    ///
    /// # Errors
    /// [`Error::InvalidBatch`] if `rows` are no whole rows, or too many or too few.
    pub fn update(&mut self, update: Update, rows: &[f32]) -> Result<(), Error> {
        let rows = self.batches().of_update(update, rows)?;
        let samples = match update {
            Update::Real => rows,
            Update::Fake => self.fakes(rows),
            Update::Generated => {
                let outputs = self.generator_phase(vec![rows]);
                self.generator_phases += 1;
                self.record(None, Some(outputs));
                return Ok(());
            }
        };
        let outputs = self.update_discriminator_on(samples, update);
        let phase = match (self.half.take(), update) {
            (Some((Update::Real, real)), Update::Fake) => {
                DiscriminatorOutputs::of_both(real, outputs)
            }
            (Some((Update::Fake, fake)), Update::Real) => {
                DiscriminatorOutputs::of_both(outputs, fake)
            }
            _ => {
                self.half = Some((update, outputs));
                let half = DiscriminatorOutputs::of_half(update, outputs);
                self.record(Some(half), None);
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
        let (loss, scale) = (self.config.loss, self.config.discriminator_loss_scale);
        PendingRecord::reading(pending, journal, loss, scale)
    }

    fn record(&mut self, discriminator: Option<DiscriminatorOutputs>, generator: Option<Span>) {
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
