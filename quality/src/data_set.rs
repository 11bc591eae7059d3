//! The data sets' files: images as `cargo xtask data` leaves them, classifiers, and what the page loads.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use gan_playground::judge::{
    DataSet,
    classifier::{PIXELS, SIDE},
};
use images::{Images, idx};

/// Both data sets, in the order of the table.
pub const ALL: [DataSet; 2] = [DataSet::Mnist, DataSet::Fashion];

/// The data set that the preset of this name trains on.
pub fn of(preset: &str) -> DataSet {
    if preset.starts_with("fashion-") {
        DataSet::Fashion
    } else {
        DataSet::Mnist
    }
}

/// What it is called in arguments and in names of files.
pub fn name(set: DataSet) -> &'static str {
    match set {
        DataSet::Mnist => "mnist",
        DataSet::Fashion => "fashion",
    }
}

/// The data set of this name.
pub fn named(text: &str) -> Option<DataSet> {
    ALL.into_iter().find(|set| name(*set) == text)
}

/// Share of the test images that its classifier must name rightly before it scores. Clothes are harder: shirts, coats and pullovers look
/// alike, and the first release has some wrong labels.
pub fn required_accuracy(set: DataSet) -> f64 {
    match set {
        DataSet::Mnist => 0.99,
        DataSet::Fashion => 0.90,
    }
}

/// Reads one half of it, `train` or `t10k`.
///
/// # Errors
/// If the files are not there, or hold images of another size than 28×28.
pub fn images(set: DataSet, half: &str) -> Result<Images> {
    let name = match set {
        DataSet::Mnist => "mnist",
        DataSet::Fashion => "fashion-mnist",
    };
    let images = idx::read(&root().join("target/data").join(name), half)
        .context("the images are not at hand: `cargo xtask quality` puts them there")?;
    ensure!(
        images.image_len() == PIXELS && usize::from(images.width) == SIDE,
        "images are {}x{}, expected {SIDE}x{SIDE}",
        images.width,
        images.height
    );
    Ok(images)
}

/// Where its classifier's weights are committed.
pub fn classifier(set: DataSet) -> PathBuf {
    root().join(format!("quality/classifier-{}.bin", name(set)))
}

/// Where its judge for the page is committed.
pub fn judge(set: DataSet) -> PathBuf {
    root().join(format!("www/judge/{}.bin", name(set)))
}

/// Folder of the repository.
fn root() -> &'static Path {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    folder.expect("the package has a folder in the repository")
}
