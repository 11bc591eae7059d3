//! The judge: a small classifier that looks at samples and says how good they are, which a loss does not.
//!
//! `cargo xtask quality` and the page use the same code: [`Classifier`] gives features and classes, [`Reference`] compares them with
//! those of real images, [`Moments`] has the Fréchet distance. The page's [`Judge`] comes from a [`File`] of small weights; training a
//! classifier and writing the file is `quality/`'s part.
//!
//! Invariant: a judge sees samples as 256 grey levels, and moves nothing but its own window.

pub mod classifier;
mod file;
pub mod frechet;
mod quantised;
pub mod score;

use std::collections::BTreeMap;
use std::rc::Rc;

use burn::tensor::{Device, Tensor};
use serde::Serialize;

use crate::Error;
use crate::reading::Reading;
pub use classifier::Classifier;
use classifier::{CLASSES, FEATURES, PIXELS, shown};
pub use file::{DataSet, File, RealDistance, SAMPLE_SIZES};
pub use frechet::Moments;
pub use quantised::Quantised;
pub use score::{Reference, Score, Seen};

/// A classifier with the real images that it compares with, and a window of samples that it has looked at.
pub struct Judge {
    classifier: Classifier,
    reference: Rc<Reference>,
    info: JudgeInfo,
    window: Vec<Chunk>,
}

/// Samples that were looked at in one call.
struct Chunk {
    /// Features and logits, still on the device.
    seen: Vec<[Tensor<2>; 2]>,
    /// The class that each was asked to be, if the caller said so.
    labels: Option<Vec<u8>>,
}

/// How good a judge is, and what real images have by it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JudgeInfo {
    /// The images that it knows.
    pub dataset: DataSet,
    /// Share of the test images that it takes for their label.
    pub accuracy: f64,
    /// Share of real images whose class has a probability of at least 0.9.
    pub real_confident: f64,
    /// Mean Fréchet distance of that many other real images: what a perfect generator would have.
    pub real_fd: BTreeMap<String, f64>,
    /// Standard deviation of the same.
    pub real_fd_deviation: BTreeMap<String, f64>,
}

impl Judge {
    /// Opens the judge of a file on `device`.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] as [`File::decode`].
    pub fn open(file: &[u8], device: &Device) -> Result<Self, Error> {
        let file = File::decode(file)?;
        let by_size = |figure: fn(&RealDistance) -> f64| {
            let all = file.distances.iter();
            all.map(|real| (real.samples.to_string(), figure(real)))
                .collect()
        };
        Ok(Self {
            classifier: Classifier::quantised(&file.weights, device)?,
            info: JudgeInfo {
                dataset: file.data_set,
                accuracy: file.accuracy,
                real_confident: file.confident,
                real_fd: by_size(|real| real.mean),
                real_fd_deviation: by_size(|real| real.deviation),
            },
            reference: Rc::new(Reference {
                moments: file.moments,
                spread: file.spread,
            }),
            window: Vec::new(),
        })
    }

    /// How good it is.
    pub fn info(&self) -> &JudgeInfo {
        &self.info
    }

    /// Queues a look at samples `[n * PIXELS]` and adds them to the window; `labels` are the classes that they were asked to be, one a
    /// sample. Returns before a GPU is done.
    ///
    /// # Errors
    /// [`Error::InvalidBatch`] if these are no whole samples, or not as many labels; [`Error::InvalidConfig`] for a sample that is not
    /// finite or a label that is no class.
    pub fn look(&mut self, samples: &[f32], labels: Option<&[u8]>) -> Result<(), Error> {
        let chunk = self.chunk(samples, labels)?;
        self.window.push(chunk);
        Ok(())
    }

    /// What all samples of the window have, which stays.
    ///
    /// # Errors
    /// [`Error::InvalidBatch`] if it has fewer than two samples.
    pub fn verdict(&self) -> Result<Reading<Score>, Error> {
        verdict(&self.window, &self.reference)
    }

    /// Empties the window.
    pub fn clear(&mut self) {
        self.window.clear();
    }

    /// What samples `[n * PIXELS]` have, the window aside; as [`Judge::look`] and [`Judge::verdict`].
    ///
    /// # Errors
    /// As of these two.
    pub fn score(
        &mut self,
        samples: &[f32],
        labels: Option<&[u8]>,
    ) -> Result<Reading<Score>, Error> {
        let chunk = self.chunk(samples, labels)?;
        verdict(&[chunk], &self.reference)
    }

    /// Probability of each class for each of the samples `[n * PIXELS]`: `[n * CLASSES]`.
    ///
    /// # Errors
    /// As [`Judge::look`].
    pub fn classify(&mut self, samples: &[f32]) -> Result<Reading<Vec<f32>>, Error> {
        let chunk = self.chunk(samples, None)?;
        Ok(classifier::seen(chunk.seen).map(|seen| seen.probabilities()))
    }

    fn chunk(&mut self, samples: &[f32], labels: Option<&[u8]>) -> Result<Chunk, Error> {
        let n = samples.len() / PIXELS;
        let invalid = |what, values, expected| {
            Err(Error::InvalidBatch {
                what,
                values,
                expected,
            })
        };
        if n == 0 || samples.len() != n * PIXELS {
            return invalid(
                "samples",
                samples.len(),
                format!("one or more times {PIXELS}"),
            );
        }
        if let Some(labels) = labels.filter(|labels| labels.len() != n) {
            return invalid("labels", labels.len(), format!("{n}, one a sample"));
        }
        if let Some(at) = samples.iter().position(|value| !value.is_finite()) {
            let field = format!("samples[{at}]");
            return Err(Error::config(field, samples[at], "a finite value"));
        }
        let known = |label: &u8| usize::from(*label) < CLASSES;
        if let Some(at) = labels.and_then(|labels| labels.iter().position(|label| !known(label))) {
            let label = labels.map_or(0, |labels| labels[at]);
            return Err(Error::config(
                format!("labels[{at}]"),
                label,
                format!("below {CLASSES}"),
            ));
        }
        let samples: Vec<f32> = samples.iter().copied().map(shown).collect();
        Ok(Chunk {
            seen: self.classifier.queue(&samples),
            labels: labels.map(<[u8]>::to_vec),
        })
    }
}

/// What all samples of these chunks have together. The share of those that are taken for their label is of all or, if some have none, missing.
fn verdict(chunks: &[Chunk], reference: &Rc<Reference>) -> Result<Reading<Score>, Error> {
    let seen: Vec<_> = chunks.iter().flat_map(|chunk| chunk.seen.clone()).collect();
    let samples: usize = seen.iter().map(|[features, _]| features.dims()[0]).sum();
    if samples < 2 {
        return Err(Error::InvalidBatch {
            what: "the judge's window",
            values: samples * FEATURES,
            expected: format!("{FEATURES} for each of two or more samples"),
        });
    }
    let labels = chunks.iter().map(|chunk| chunk.labels.as_deref());
    let labels = labels
        .collect::<Option<Vec<_>>>()
        .map(|labels| labels.concat());
    let reference = Rc::clone(reference);
    Ok(classifier::seen(seen).map(move |seen| reference.score(&seen, labels.as_deref())))
}
