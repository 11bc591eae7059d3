//! Whole steps, single phases and single updates, with the record that each leaves.

use super::batches::{DiscriminatorBatch, StepLatents};
use super::draws::LabelDraw;
use super::lesson::Seen;
use super::record::{DiscriminatorOutputs, GeneratorOutputs, Losses, PendingRecord, StepRecord};
use super::role::Update;
use super::rows::Rows;
use super::state::Trainer;
use crate::Error;
use crate::config::UpdateOrder;
use crate::network::Input;
use crate::reading::Reading;

impl Trainer {
    /// Queues one step on real samples.
    ///
    /// # Shapes
    /// - `real`: `[discriminator_updates * batch, sample_dim]`, row-major, a batch for each update of D; any batch within
    ///   [`LIMITS`](crate::config::LIMITS). With their labels where the configuration has labels; those of fakes are drawn.
    ///
    /// # Errors
    /// [`Error::InvalidBatch`] if `real` is not a whole number of such batches, or too many or too few samples; or if it lacks labels, has
    /// them although the configuration has none, or has one of a class that there is not.
    pub fn step<'a>(&mut self, real: impl Into<Rows<'a>>) -> Result<(), Error> {
        let real = real.into();
        let batch = self.batches().size_of(real)?;
        let mut latents = self.draws.discriminator_latents(&self.config, batch);
        if !self.config.order.reuses_latents() {
            let count = self.config.generator_updates * batch;
            latents.generator = Some(self.draw_latents(count));
            latents.generator_labels = self.draw_labels(count);
        }
        self.step_with(real, &latents)
    }

    /// [`Trainer::step`] on given random numbers, for comparison with another implementation.
    ///
    /// # Errors
    /// [`Error::InvalidBatch`] as [`Trainer::step`], or if the latents or their labels do not fit the batch.
    pub fn step_with<'a>(
        &mut self,
        real: impl Into<Rows<'a>>,
        latents: &StepLatents,
    ) -> Result<(), Error> {
        let (batches, generator_latents) = self.inputs_of_step(real.into(), latents)?;
        self.half = None;
        self.follow_schedule();
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
                let fake = self.update_discriminator_on(Seen::fake_half(fakes));
                let generator = self.generator_phase(generator_latents);
                let real = self.update_discriminator_on(Seen::real_half(batch.real));
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
    pub fn discriminator_step<'a>(&mut self, real: impl Into<Rows<'a>>) -> Result<(), Error> {
        let real = real.into();
        let batch = self.batches().size_of(real)?;
        let latents = self.draws.discriminator_latents(&self.config, batch);
        let noise = self.draws.noise(&self.config, real.values.len());
        let labels = latents.discriminator_labels.as_deref();
        let batches = self
            .batches()
            .of_discriminator(real, noise.as_deref(), &latents, labels)?;
        self.half = None;
        self.follow_schedule();
        let outputs = self.discriminator_phase(batches);
        self.discriminator_phases += 1;
        self.record(Some(outputs), None);
        Ok(())
    }

    /// Queues G's phase alone, on `batch` fresh latents for each update; no trainable parameter of D changes. The classes that G is asked
    /// for are drawn.
    ///
    /// # Errors
    /// [`Error::InvalidBatch`] if `batch` is out of [`LIMITS`](crate::config::LIMITS), or 1 for networks with BatchNorm, or not the number of
    /// real samples in D's last update, for a loss that compares fakes with these.
    pub fn generator_step(&mut self, batch: usize) -> Result<(), Error> {
        self.generator_step_for(batch, None)
    }

    /// [`Trainer::generator_step`] for given classes, `[generator_updates * batch]`; `None` draws them.
    ///
    /// # Errors
    /// [`Error::InvalidBatch`] as [`Trainer::generator_step`], or if the labels do not fit.
    pub fn generator_step_for(&mut self, batch: usize, labels: Option<&[u8]>) -> Result<(), Error> {
        let values = batch * self.config.shape.dim();
        self.batches().check("generator batch", batch, values, 1)?;
        self.check_partners(batch)?;
        let count = self.config.generator_updates * batch;
        self.batches().check_given(labels, count)?;
        let labels = labels
            .map(<[u8]>::to_vec)
            .or_else(|| self.draw_labels(count));
        let latents = self.draw_latents(count);
        let latents = Rows::new(&latents, labels.as_deref());
        let batches = self.batches().of_generator(latents, batch)?;
        self.follow_schedule();
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
    /// neither. Latents without labels get drawn ones, where the configuration has labels.
    ///
    /// # Errors
    /// [`Error::InvalidBatch`] if `rows` are no whole rows, or too many or too few, or if their labels do not fit, or as
    /// [`Trainer::generator_step`]; [`Error::InvalidConfig`] for a half of a loss that has none.
    pub fn update<'a>(&mut self, update: Update, rows: impl Into<Rows<'a>>) -> Result<(), Error> {
        self.check_halves(update)?;
        let rows = rows.into();
        let values = rows.values;
        let rows = self.inputs_of_update(update, rows)?;
        if update == Update::Generated {
            self.check_partners(rows.size())?;
        }
        self.follow_schedule();
        let half = match update {
            Update::Real => {
                let noise = self.draws.noise(&self.config, values.len());
                self.real_half(rows, values, noise)?
            }
            Update::Fake => Seen::fake_half(self.fakes(rows)),
            Update::Generated => {
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
        let expected = match self.partners.as_ref().map(Input::size) {
            Some(there) if there == batch => return Ok(()),
            Some(there) => format!(
                "{there} latents, one for each real sample of the last discriminator step, which the loss compares fakes with"
            ),
            None => "a discriminator step before it: the loss compares fakes with the real samples of that step".into(),
        };
        Err(Error::InvalidBatch {
            what: "generator batch",
            values: batch * self.config.latent.dim,
            expected,
        })
    }

    /// The real half of D's task: samples that `values` holds too, beside the same with noise, where that is given.
    pub(super) fn real_half(
        &self,
        samples: Input,
        values: &[f32],
        noise: Option<Vec<f32>>,
    ) -> Result<Seen, Error> {
        let batches = self.batches();
        let mut real = batches.with_noise(vec![samples], values, noise.as_deref())?;
        Ok(Seen::real_half(real.remove(0)))
    }

    /// Uploads what both phases of a step work on, with labels drawn for the fakes that have none.
    fn inputs_of_step(
        &mut self,
        real: Rows<'_>,
        latents: &StepLatents,
    ) -> Result<(Vec<DiscriminatorBatch>, Vec<Input>), Error> {
        let batch = self.batches().size_of(real)?;
        let mut labels = LabelDraw::new(&self.draws, &self.config);
        let fakes = self.config.discriminator_updates * batch;
        let given = latents.discriminator_labels.as_deref();
        let drawn = labels.unless(given, fakes);
        let (fake_labels, mut noise) = (given.or(drawn.as_deref()), latents.noise.clone());
        if noise.is_none() {
            noise = self.draws.noise(&self.config, real.values.len());
        }
        let batches = self.batches();
        let batches = batches.of_discriminator(real, noise.as_deref(), latents, fake_labels)?;
        let given = latents.generator_labels.as_deref();
        let generator = match (&latents.generator, self.config.order.reuses_latents()) {
            (None, true) => {
                self.batches().check_none(given)?;
                vec![batches[0].latents.clone()]
            }
            (values, _) => {
                let count = self.config.generator_updates * batch;
                let drawn = labels.unless(given, count);
                let values = values.as_deref().unwrap_or_default();
                let latents = Rows::new(values, given.or(drawn.as_deref()));
                self.batches().of_generator(latents, batch)?
            }
        };
        self.draws.labels = labels.stream;
        Ok((batches, generator))
    }

    /// Uploads what one update works on, with labels drawn for latents that have none.
    fn inputs_of_update(&mut self, update: Update, rows: Rows<'_>) -> Result<Input, Error> {
        if update == Update::Real {
            return self.batches().of_update(update, rows);
        }
        let mut labels = LabelDraw::new(&self.draws, &self.config);
        let drawn = labels.unless(rows.labels, rows.values.len() / self.config.latent.dim);
        let rows = Rows::new(rows.values, rows.labels.or(drawn.as_deref()));
        let input = self.batches().of_update(update, rows)?;
        self.draws.labels = labels.stream;
        Ok(input)
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
