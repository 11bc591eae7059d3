//! The training loop: two players, the phases of a step, and what each step measured.
//!
//! | module | what it holds |
//! |---|---|
//! | `steps` | whole steps, single phases and single updates, and their records: what others call |
//! | [`replay`] | what only a comparison with a reference run asks for |
//! | `phases` | what moves parameters: D's phase, G's phase, one update |
//! | `looks` | what moves nothing: samples, scores, losses, gradients |
//! | `lesson` | what D learns from in one update: the gradients of its loss and of its penalties |
//! | `passes` | the passes through both networks that phases and looks have in common |
//! | `state` | [`Trainer`] itself: how it is made, and what it holds |
//! | `draws` | latents, labels and other random numbers of steps |
//! | `batches`, `rows` | rows and their labels, from the caller's numbers to the device |
//! | `record`, `average`, `role` | what a step measured; G's moving average; who learns, and from what |
//!
//! Each imports from those below it only.
//!
//! Invariant: a step is queued without waiting for the device; only [`Reading`](crate::reading::Reading)s are awaited. In D's phase no
//! trainable parameter of G changes, and the reverse, bit for bit. (Running statistics follow each training pass, of a frozen network too,
//! as PyTorch's do.)

mod average;
mod batches;
mod draws;
mod lesson;
mod looks;
mod passes;
mod phases;
mod record;
pub mod replay;
mod role;
mod rows;
mod state;
mod steps;

pub use batches::StepLatents;
pub use draws::DISPLAY_SAMPLES;
pub use looks::NamedReading;
pub use record::StepRecord;
pub use role::{Role, Update, Weights};
pub use rows::Rows;
pub use state::Trainer;
