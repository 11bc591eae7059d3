//! The passes through both networks that phases and looks have in common.

use burn::tensor::Tensor;

use super::role::Update;
use super::state::Trainer;
use crate::config::UpdateOrder;
use crate::kernels::LossSlopes;
use crate::loss::Loss;
use crate::network::{Logits, Pass, Tape};

impl Trainer {
    /// What the learner of one update minimises.
    pub(super) fn loss_of(&self, update: Update) -> Loss {
        match update {
            Update::Real => self.config.loss.real(),
            Update::Fake => self.config.loss.fake(),
            Update::Generated => self.config.loss.generator(),
        }
    }

    /// A training pass of G over latents `[batch, latent.dim]`.
    pub(super) fn generator_pass(&mut self, latents: Tensor<2>) -> Tape {
        let dropout = &mut self.draws.dropout;
        let pass = Pass::Train { groups: 1, dropout };
        self.generator.network.forward(latents, pass)
    }

    /// Samples for D's phase, `[batch, sample_dim]`, from latents `[batch, latent.dim]`.
    pub(super) fn fakes(&mut self, latents: Tensor<2>) -> Tensor<2> {
        let tape = match self.config.order {
            UpdateOrder::KerasTwoUpdates => self.generator.network.forward(latents, Pass::Running),
            _ => self.generator_pass(latents),
        };
        tape.output().clone()
    }

    /// A training pass of D over samples `[batch, sample_dim]`; its raw outputs go to the journal.
    pub(super) fn discriminator_pass(&mut self, samples: Tensor<2>, slopes: LossSlopes) -> Logits {
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
