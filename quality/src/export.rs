//! The judge that the page loads, made of a full classifier: its weights in few levels, and what it says about real images.

use anyhow::{Result, ensure};
use burn::tensor::Device;
use gan_playground::judge::{
    Classifier, DataSet, File, Quantised, RealDistance, Reference, SAMPLE_SIZES, Seen,
    classifier::{CLASSES, FEATURES},
};

use crate::{data_set, run::SAMPLES, scorers::look};

/// Share of the test images that small weights may cost.
const COST: f64 = 0.005;

/// The judge's file; equal classifiers and images give equal bytes on one machine, and the same but for the rounding of sums on another.
///
/// # Errors
/// If the images are not there, or the small weights cost too much accuracy.
pub async fn judge(set: DataSet, full: &mut Classifier, device: &Device) -> Result<File> {
    let weights: Vec<_> = full.tensors().await?.iter().map(Quantised::of).collect();
    let mut small = Classifier::quantised(&weights, device)?;
    let test = data_set::images(set, "t10k")?;
    let accuracy = async |classifier: &mut Classifier| {
        anyhow::Ok(look(classifier, &test.pixels).await?.accuracy(&test.labels))
    };
    let (before, accuracy) = (accuracy(full).await?, accuracy(&mut small).await?);
    ensure!(
        accuracy >= before - COST,
        "with small weights the classifier names {:.2} % of the test images rightly, with its own {:.2} %",
        100.0 * accuracy,
        100.0 * before
    );
    let real = data_set::images(set, "train")?;
    let seen = look(&mut small, &real.pixels).await?;
    let (first, others) = split(&seen, SAMPLES);
    let reference = Reference::new(&first, FEATURES);
    Ok(File {
        data_set: set,
        weights,
        accuracy,
        confident: reference.score(&first, None).confident,
        spread: reference.spread,
        distances: SAMPLE_SIZES
            .map(|samples| real_distance(&reference, others.clone(), samples))
            .into(),
        moments: reference.moments,
    })
}

/// Fréchet distances of further real images, in samples of one size without a common image.
fn real_distance(reference: &Reference, mut others: Seen, samples: u32) -> RealDistance {
    let (mut distances, size) = (Vec::new(), samples as usize);
    while others.logits.len() >= size * CLASSES {
        let (sample, rest) = split(&others, size);
        distances.push(reference.score(&sample, None).fd);
        others = rest;
    }
    let mean = distances.iter().sum::<f64>() / distances.len() as f64;
    let squares = distances.iter().map(|distance| (distance - mean).powi(2));
    let variance = squares.sum::<f64>() / (distances.len() - 1) as f64;
    RealDistance {
        samples,
        mean,
        deviation: variance.sqrt(),
    }
}

/// The first `n` images, and the others.
fn split(seen: &Seen, n: usize) -> (Seen, Seen) {
    let (features, other_features) = seen.features.split_at(n * FEATURES);
    let (logits, other_logits) = seen.logits.split_at(n * CLASSES);
    let part = |features: &[f32], logits: &[f32]| Seen {
        features: features.to_vec(),
        logits: logits.to_vec(),
    };
    (part(features, logits), part(other_features, other_logits))
}
