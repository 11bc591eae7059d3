//! GANs that train live: a generator and a discriminator with their whole training loop, on the CPU or on WebGPU.
//!
//! The core knows five nouns. A *source* gives batches of real samples (on the page: JavaScript, see `www/worker/data/source.js`); a
//! [`Network`](network::Network) is a generator or a discriminator; a [`Trainer`] owns both and takes steps; a `Session`
//! (module `web`, WebAssembly only) is a trainer's face to JavaScript; views draw. A *sample* is a flat row of values.
//!
//! | module | what it holds |
//! |---|---|
//! | [`config`] | [`GanConfig`], its presets and checks |
//! | [`trainer`] | [`Trainer`]: steps, phases (what moves) and looks (what moves nothing), records |
//! | [`player`] | a network with its optimizer: one update |
//! | [`network`] | a network forward and backward; in `network/layers` each kind of layer has a file |
//! | `limits` | the ranges that are accepted |
//! | [`loss`] | both players' losses, from logits |
//! | [`kernels`] | what the layers compute: `kernels/cpu` and, file by file the same, `kernels/gpu` |
//! | [`store`] | all parameters of a network in one tensor |
//! | [`judge`] | how good samples are: a small classifier, and the Fréchet distance of what it sees |
//! | [`journal`] | what steps note down on the device |
//! | [`reading`] | values on their way back from the device |
//! | `nudge` | in a browser, learns early of finished GPU work |
//! | [`data`] | samples made here: the toy's faces |
//! | [`rng`] | the one source of randomness |
//! | [`device`] | [`Backend`] to Burn device |
//! | [`error`] | [`Error`] |
//! | `web` | the JavaScript API, described in `types.d.ts` |
//!
//! ```
//! use gan_playground::{Backend, Error, GanConfig, Trainer, data::TOY_FACES};
//!
//! # #[cfg(all(feature = "cpu", not(target_arch = "wasm32")))]
//! async fn learn_faces() -> Result<(), Error> {
//!     let device = Backend::Cpu.open().await?;
//!     let mut trainer = Trainer::new(GanConfig::preset("toy-2x2")?, 42, device)?;
//!     for face in TOY_FACES {
//!         trainer.step(&face)?; // queued, not waited for
//!     }
//!     let records = trainer.take_records().read().await?;
//!     assert_eq!(records.len(), 5);
//!     Ok(())
//! }
//! # #[cfg(all(feature = "cpu", not(target_arch = "wasm32")))]
//! # pollster::block_on(learn_faces()).unwrap();
//! ```

pub mod config;
pub mod data;
pub mod device;
pub mod error;
pub mod journal;
pub mod judge;
pub mod kernels;
mod limits;
pub mod loss;
pub mod network;
#[cfg(all(target_arch = "wasm32", feature = "webgpu"))]
mod nudge;
pub mod player;
pub mod reading;
pub mod rng;
pub mod store;
pub mod trainer;
#[cfg(target_arch = "wasm32")]
pub mod web;

pub use config::GanConfig;
pub use device::Backend;
pub use error::Error;
pub use trainer::Trainer;
