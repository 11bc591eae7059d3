//! Reference runs of other implementations (tests/fixtures/README.md), and their replay on a trainer.

mod files;
mod losses;
mod replay;
mod report;
mod run;
mod translate;

pub use files::manifests;
pub use losses::compare_losses;
pub use replay::replay_all;
pub use run::Run;
