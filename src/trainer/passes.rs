//! The passes through both networks that phases and looks have in common.

use burn::tensor::Tensor;

use super::role::Update;
use super::state::Trainer;
use crate::config::UpdateOrder;
use crate::kernels::LossSlopes;
use crate::loss::Loss;
use crate::network::{Input, Logits, Pass, Tape};

impl Trainer {
    /// What the learner of one update minimises.
    pub(super) fn loss_of(&self, update: Update) -> Loss {
        match update {
            Update::Real => self.config.loss.real(),
            Update::Fake => self.config.loss.fake(),
            Update::Generated => self.config.loss.generator(),
        }
    }

    /// A training pass of G over latents `[batch, generator input]`.
    pub(super) fn generator_pass(&mut self, latents: Input) -> Tape {
        let dropout = &mut self.draws.dropout;
        let pass = Pass::Train { groups: 1, dropout };
        self.generator.network.forward(latents, pass)
    }

    /// Samples for D's phase, `[batch, sample_dim]`, from latents `[batch, generator input]`; their labels are those of the latents.
    pub(super) fn fakes(&mut self, latents: Input) -> Input {
        let labels = latents.labels.clone();
        let tape = match self.config.order {
            UpdateOrder::KerasTwoUpdates => self.generator.network.forward(latents, Pass::Running),
            _ => self.generator_pass(latents),
        };
        made(&tape, labels)
    }

    /// A training pass of D over samples `[batch, sample_dim]`; its raw outputs go to the journal.
    pub(super) fn discriminator_pass(&mut self, samples: Input, slopes: LossSlopes) -> Logits {
        let dropout = &mut self.draws.dropout;
        let pass = Pass::Train { groups: 1, dropout };
        let discriminator = &mut self.discriminator.network;
        discriminator.logits(samples, pass, slopes, &mut self.journal)
    }

    /// Computes G's gradients: backward through D's pass over the fakes, then through the pass of G that made them.
    pub(super) fn generator_backward(&mut self, made: &Tape, logits: Logits) {
        let Logits { tape, gradient, .. } = logits;
        let made_by = self.generator.network.last_activation();
        let gradient = self.discriminator.input_gradient(&tape, gradient, made_by); // [batch, sample_dim]
        self.generator.backward(made, gradient);
    }
}

/// The samples that a pass of G made, with the labels that were asked for.
pub(super) fn made(tape: &Tape, labels: Option<Tensor<2>>) -> Input {
    Input {
        values: tape.output().clone(),
        labels,
    }
}
