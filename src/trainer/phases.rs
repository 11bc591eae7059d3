//! The methods that move parameters: D's phase, G's phase, and the updates that they are made of.

use burn::backend::Dispatch;
use burn::tensor::Tensor;

use super::batches::DiscriminatorBatch;
use super::passes::made;
use super::record::DiscriminatorOutputs;
use super::role::Update;
use super::state::Trainer;
use crate::config::LossConfig;
use crate::journal::Span;
use crate::kernels::Kernels;
use crate::loss;
use crate::network::{Input, Tape};

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
            let real = self.update_discriminator_on(batch.real, Update::Real);
            let fake = self.update_discriminator_on(fake, Update::Fake);
            DiscriminatorOutputs::of_both(real, fake)
        });
        outputs.last().expect("validate() demands an update")
    }

    /// Takes G's phase: an update on each batch of latents, through D as it is now. Gives D's raw outputs in the last.
    pub(super) fn generator_phase(&mut self, batches: Vec<Input>) -> Span {
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
    ) -> (DiscriminatorOutputs, Span) {
        let labels = batch.latents.labels.clone();
        let tape = self.generator_pass(batch.latents);
        let fake = made(&tape, labels.clone());
        let discriminator = self.update_discriminator(batch.real, fake, batch.interpolation);
        (discriminator, self.update_generator(&tape, labels))
    }

    /// Updates D once on real samples and fakes, which take one pass together, each normalised by its own statistics.
    fn update_discriminator(
        &mut self,
        real: Input,
        fake: Input,
        interpolation: Option<Tensor<2>>,
    ) -> DiscriminatorOutputs {
        let (loss, batch) = (self.config.loss, real.size());
        let both = Input {
            values: stack(&real.values, &fake.values),
            labels: real
                .labels
                .as_ref()
                .zip(fake.labels.as_ref())
                .map(|(a, b)| stack(a, b)),
        };
        let halves = [(loss.real(), batch), (loss.fake(), batch)];
        let slopes = loss::slopes(halves, self.config.discriminator_loss_scale);
        let logits = self.discriminator_pass(both, 2, slopes);
        self.discriminator.backward(&logits.tape, logits.gradient);
        let penalised = match (loss, interpolation) {
            (LossConfig::WassersteinGp { penalty }, Some(shares)) => Some((penalty, shares)),
            _ => None,
        };
        let norms = penalised.map(|(weight, shares)| {
            let shares = shares.into_dispatch();
            let [a, b] = [real.values, fake.values].map(Tensor::into_dispatch);
            let points = Dispatch::blend(a, b, shares); // [batch, sample_dim]
            let points = Input {
                values: Tensor::from_dispatch(points),
                labels: real.labels, // Those of the fakes may be others.
            };
            let norms = self.discriminator.penalise(points, weight);
            self.journal.write(norms)
        });
        self.discriminator.update();
        let [real, fake] = logits.outputs.split(batch);
        DiscriminatorOutputs {
            norms,
            ..DiscriminatorOutputs::of_both(real, fake)
        }
    }

    /// Updates D once on one half of its batch, real samples or fakes as `update` says; gives its raw outputs.
    pub(super) fn update_discriminator_on(&mut self, samples: Input, update: Update) -> Span {
        let slopes = self.loss_of(update).slopes(samples.size(), 1.0);
        let logits = self.discriminator_pass(samples, 1, slopes);
        self.discriminator.backward(&logits.tape, logits.gradient);
        self.discriminator.update();
        logits.outputs
    }

    /// Updates G once, by its loss on what D makes of the fakes of a pass, which are to be of the classes `labels`; gives D's raw outputs.
    fn update_generator(&mut self, tape: &Tape, labels: Option<Tensor<2>>) -> Span {
        let fakes = made(tape, labels);
        let slopes = self.loss_of(Update::Generated).slopes(fakes.size(), 1.0);
        let logits = self.discriminator_pass(fakes, 1, slopes);
        let outputs = logits.outputs;
        self.generator_backward(tape, logits);
        self.generator.update();
        if let Some(average) = &mut self.average {
            average.follow(&self.generator.network);
        }
        outputs
    }
}

/// The rows of `a`, then those of `b`.
fn stack(a: &Tensor<2>, b: &Tensor<2>) -> Tensor<2> {
    let [a, b] = [a, b].map(|rows| rows.clone().into_dispatch());
    Tensor::from_dispatch(Dispatch::stack(a, b))
}
