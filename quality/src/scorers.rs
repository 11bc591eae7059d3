//! Who scores: the full classifier of a data set, held to its accuracy, and beside it the judge that the page loads.

use std::fs;

use anyhow::{Context, Result, ensure};
use burn::tensor::Device;
use gan_playground::judge::{
    Classifier, DataSet, Judge, Reference, Score, Seen,
    classifier::{FEATURES, PIXELS},
};
use images::to_value;

use crate::{classifier, data_set, run::SAMPLES};

/// Both scorers of a data set.
pub struct Scorers {
    full: Classifier,
    reference: Reference,
    page: Judge,
}

impl Scorers {
    /// # Errors
    /// If a file cannot be read, or the full classifier names fewer test images rightly than [`data_set::required_accuracy`].
    pub async fn open(set: DataSet, device: &Device) -> Result<Self> {
        let mut full = full(set, device).await?;
        let real = data_set::images(set, "train")?;
        let real = look(&mut full, &real.pixels[..SAMPLES * PIXELS]).await?;
        let path = data_set::judge(set);
        let bytes = fs::read(&path).with_context(|| {
            let path = path.display();
            format!("cannot read {path}: `cargo xtask quality --export-judge` writes it")
        })?;
        Ok(Self {
            reference: Reference::new(&real, FEATURES),
            full,
            page: Judge::open(&bytes, device).with_context(|| path.display().to_string())?,
        })
    }

    /// The score by the full classifier, and the Fréchet distance by the page's judge.
    pub async fn score(&mut self, pixels: &[u8], labels: Option<&[u8]>) -> Result<(Score, f64)> {
        let seen = look(&mut self.full, pixels).await?;
        let page = self.page.score(&values(pixels), labels)?.read().await?;
        Ok((self.reference.score(&seen, labels), page.fd))
    }
}

/// The full classifier of a data set, after a look at its accuracy, which is printed.
pub async fn full(set: DataSet, device: &Device) -> Result<Classifier> {
    let path = data_set::classifier(set);
    let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let classifier = classifier::from_bytes(&bytes, device).await;
    let mut classifier = classifier.with_context(|| path.display().to_string())?;
    let test = data_set::images(set, "t10k")?;
    let accuracy = look(&mut classifier, &test.pixels)
        .await?
        .accuracy(&test.labels);
    println!(
        "{}: the classifier names {:.2} % of the {} test images rightly",
        data_set::name(set),
        100.0 * accuracy,
        test.labels.len()
    );
    let required = data_set::required_accuracy(set);
    ensure!(
        accuracy >= required,
        "that is below {:.0} %",
        100.0 * required
    );
    Ok(classifier)
}

/// Features and logits of images.
pub async fn look(classifier: &mut Classifier, pixels: &[u8]) -> Result<Seen> {
    Ok(classifier.look_at(&values(pixels)).read().await?)
}

fn values(pixels: &[u8]) -> Vec<f32> {
    pixels.iter().copied().map(to_value).collect()
}
