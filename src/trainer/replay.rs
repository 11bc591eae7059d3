//! The readings that only a comparison with a reference run asks of a trainer: the gradients that an update followed, and the gradient penalty alone.
//!
//! The tests that replay runs of PyTorch, Keras and NumPy (`tests/parity.rs`) use these; the page does not, so they are no methods of
//! [`Trainer`]. The step itself is [`Trainer::step_with`], on the random numbers of the reference.

use super::looks::NamedReading;
use super::role::Role;
use super::rows::Rows;
use super::state::Trainer;
use crate::Error;
use crate::journal::Journal;
use crate::kernels::{NormPenalties, NormPenalty};
use crate::network::Pass;
use crate::reading::Reading;

/// Keeps the gradients of each player's next update, before any clipping, for [`take_gradients`].
pub fn capture_gradients(trainer: &mut Trainer) {
    trainer.generator.capture_gradients();
    trainer.discriminator.capture_gradients();
}

/// The gradients kept of one player, named as its parameters; `None` if it made no update since they were asked for.
pub fn take_gradients(trainer: &mut Trainer, role: Role) -> Option<NamedReading> {
    trainer.player_mut(role).take_gradients()
}

/// Samples as D sees them in its phase, from given latents `[n * latent.dim]`; like that phase, it moves G's running statistics.
///
/// # Errors
/// [`Error::InvalidBatch`] if `latents` is not a whole number of latents, or their labels do not fit.
pub fn training_fakes<'a>(
    trainer: &mut Trainer,
    latents: impl Into<Rows<'a>>,
) -> Result<Reading<Vec<f32>>, Error> {
    let latents = trainer.batches().latents(latents.into())?;
    let fakes = trainer.fakes(latents);
    Ok(Reading::one(fakes.values.reshape([-1])))
}

/// The gradients of D's parameters by a gradient penalty alone, at given points `[n * sample_dim]`, and the norms `[n]` of D's input gradient
/// there. Nothing moves.
///
/// # Errors
/// [`Error::InvalidBatch`] if `points` is not a whole number of samples, or their labels do not fit.
pub fn penalty_gradients<'a>(
    trainer: &mut Trainer,
    points: impl Into<Rows<'a>>,
    penalty: NormPenalty,
) -> Result<(NamedReading, Reading<Vec<f32>>), Error> {
    let points = trainer
        .batches()
        .samples(["points", "label list of the points"], points.into())?;
    let penalties = NormPenalties {
        firsts: points.size(),
        halves: [penalty; 2],
    };
    let mut journal = Journal::new(&trainer.device);
    let network = &mut trainer.discriminator.network;
    let mut gradients = network.no_gradients();
    let pass = Pass::Running;
    let norms = network.penalise(points, pass, penalties, &mut journal, &mut gradients);
    let norms = Reading::new(journal.take(false), move |values| {
        Ok(norms.of(&values.concat()).to_vec())
    });
    Ok((network.gradients(&gradients), norms))
}
