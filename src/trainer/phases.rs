//! The methods that move parameters: D's phase, G's phase, and the updates that they are made of.

use burn::tensor::Tensor;

use super::batches::{DiscriminatorBatch, Real};
use super::lesson::{Lesson, Seen, compared};
use super::passes::made;
use super::record::{DiscriminatorOutputs, GeneratorOutputs};
use super::role::Update;
use super::state::Trainer;
use crate::network::{Input, Logits, Tape};

impl Trainer {
    /// Takes D's phase: an update on each batch. Gives the outputs of the last.
    pub(super) fn discriminator_phase(
        &mut self,
        batches: Vec<DiscriminatorBatch>,
    ) -> DiscriminatorOutputs {
        let outputs = batches.into_iter().map(|batch| {
            let fake = self.fakes(batch.latents);
            if self.config.order.joins_halves() {
                return self.update_discriminator(batch.real, fake, batch.interpolation);
            }
            let real = self.update_discriminator_on(Seen::real_half(batch.real));
            let fake = self.update_discriminator_on(Seen::fake_half(fake));
            DiscriminatorOutputs::of_both(real, fake)
        });
        outputs.last().expect("validate() demands an update")
    }

    /// Takes G's phase: an update on each batch of latents, through D as it is now. Gives D's raw outputs in the last.
    ///
    /// # Panics
    /// If the loss compares fakes with real samples and [`Trainer::partners`] has none of that number.
    pub(super) fn generator_phase(&mut self, batches: Vec<Input>) -> GeneratorOutputs {
        let outputs = batches.into_iter().map(|latents| {
            let labels = latents.labels.clone();
            let tape = self.generator_pass(latents);
            self.update_generator(&tape, labels)
        });
        outputs.last().expect("validate() demands an update")
    }

    /// Takes D's phase and G's on the same fakes, made once.
    pub(super) fn both_on_the_same_fakes(
        &mut self,
        batch: DiscriminatorBatch,
    ) -> (DiscriminatorOutputs, GeneratorOutputs) {
        let labels = batch.latents.labels.clone();
        let tape = self.generator_pass(batch.latents);
        let fake = made(&tape, labels.clone());
        let discriminator = self.update_discriminator(batch.real, fake, batch.interpolation);
        (discriminator, self.update_generator(&tape, labels))
    }

    /// Updates D once on real samples and fakes, which take one pass together.
    fn update_discriminator(
        &mut self,
        real: Real,
        fake: Input,
        interpolation: Option<Tensor<2>>,
    ) -> DiscriminatorOutputs {
        if self.config.loss.pairs() {
            self.partners = Some(real.samples.clone());
        }
        self.update_discriminator_on(Seen {
            real: Some(real.samples),
            fake: Some(fake),
            disturbed: real.disturbed,
            interpolation,
        })
    }

    /// Updates D once, by its loss and its penalties on these rows, both halves of its task or one; gives its raw outputs.
    pub(super) fn update_discriminator_on(&mut self, seen: Seen) -> DiscriminatorOutputs {
        let lesson = Lesson {
            config: &self.config,
            discriminator: &mut self.discriminator,
            journal: &mut self.journal,
            dropout: Some(&mut self.draws.dropout),
        };
        let outputs = lesson.learn(seen);
        self.discriminator.update();
        outputs
    }

    /// Updates G once, by its loss on what D makes of the fakes of a pass, which are to be of the classes `labels`; gives D's raw outputs.
    fn update_generator(&mut self, tape: &Tape, labels: Option<Tensor<2>>) -> GeneratorOutputs {
        let (logits, outputs) = self.judged(made(tape, labels));
        self.generator_backward(tape, logits);
        self.generator.update();
        if let Some(average) = &mut self.average {
            average.follow(&self.generator.network);
        }
        outputs
    }

    /// D's training pass over fakes `[batch, sample_dim]` of G's update, with the gradient of G's loss, beside the real samples that these are
    /// compared with, if they are.
    fn judged(&mut self, fakes: Input) -> (Logits, GeneratorOutputs) {
        let slopes = self.loss_of(Update::Generated).slopes(fakes.size(), 1.0);
        let partners = self.partners.clone();
        let real = partners.map(|real| self.discriminator_pass(real, slopes).outputs);
        let mut logits = self.discriminator_pass(fakes, slopes);
        if let Some(real) = real {
            logits = compared(logits, real, &self.journal);
        }
        let outputs = GeneratorOutputs {
            generated: logits.outputs,
            real,
        };
        (logits, outputs)
    }
}
