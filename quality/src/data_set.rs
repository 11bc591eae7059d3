//! The data sets: their images as `cargo xtask data` leaves them, and the classifier of each.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use images::{Images, idx};

/// Pixels of a row, and rows.
pub const SIDE: usize = 28;
/// Pixels of an image.
pub const PIXELS: usize = SIDE * SIDE;

/// One of the data sets that presets train on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataSet {
    /// Handwritten digits.
    Mnist,
    /// Pieces of clothing.
    Fashion,
}

impl DataSet {
    /// The data set that the preset of this name trains on.
    pub fn of(preset: &str) -> Self {
        if preset.starts_with("fashion-") {
            Self::Fashion
        } else {
            Self::Mnist
        }
    }

    /// Reads one half of it, `train` or `t10k`.
    ///
    /// # Errors
    /// If the files are not there, or hold images of another size than 28×28.
    pub fn images(self, half: &str) -> Result<Images> {
        let name = match self {
            Self::Mnist => "mnist",
            Self::Fashion => "fashion-mnist",
        };
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/data");
        let images = idx::read(&folder.join(name), half)
            .context("the images are not at hand: `cargo xtask quality` puts them there")?;
        ensure!(
            images.image_len() == PIXELS && usize::from(images.width) == SIDE,
            "images are {}x{}, expected {SIDE}x{SIDE}",
            images.width,
            images.height
        );
        Ok(images)
    }

    /// Where its classifier's weights are committed; there is none for Fashion-MNIST.
    pub fn weights(self) -> Option<PathBuf> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        (self == Self::Mnist).then(|| folder.join("classifier-mnist.bin"))
    }
}
