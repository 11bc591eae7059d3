//! Rows on their way to the device: checked against the configuration, cut into batches, uploaded.

use burn::tensor::{Device, Tensor, TensorData};

use super::role::Update;
use super::rows::Rows;
use crate::Error;
use crate::config::{GanConfig, LIMITS, LossConfig};
use crate::network::Input;

/// Random numbers of one step, row-major; a batch for each update.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StepLatents {
    /// Latents of the fakes that D sees, `[discriminator_updates * batch, latent.dim]`.
    pub discriminator: Vec<f32>,
    /// Classes of these fakes, `[discriminator_updates * batch]`. `None` draws them where the configuration has labels.
    pub discriminator_labels: Option<Vec<u8>>,
    /// Latents of G's updates, `[generator_updates * batch, latent.dim]`; `None` in the update orders that use the same latents again.
    pub generator: Option<Vec<f32>>,
    /// Classes that G is asked for in its updates, `[generator_updates * batch]`. `None` draws them where the configuration has labels, or,
    /// where G's latents are D's again, takes D's.
    pub generator_labels: Option<Vec<u8>>,
    /// Share of the real sample in the point at which the gradient penalty looks, `[discriminator_updates * batch]` in [0, 1];
    /// empty for losses without one.
    pub interpolation: Vec<f32>,
    /// Noise beside the real samples, for the approximated R1, `[discriminator_updates * batch, sample_dim]`. `None` draws it where it is needed.
    pub noise: Option<Vec<f32>>,
}

/// The rows that one update of D works on.
pub(super) struct DiscriminatorBatch {
    /// Real samples.
    pub(super) real: Real,
    /// What G makes the fakes of, `[batch, generator input]`.
    pub(super) latents: Input,
    /// Shares of the real samples, `[batch, 1]`, for the gradient penalty.
    pub(super) interpolation: Option<Tensor<2>>,
}

/// Real samples of one update of D.
pub(super) struct Real {
    /// `[batch, sample_dim]`
    pub(super) samples: Input,
    /// The same with noise, for the approximated R1.
    pub(super) disturbed: Option<Input>,
}

/// Checks rows against `config` and uploads them to `device`.
pub(super) struct Batches<'a> {
    pub(super) config: &'a GanConfig,
    pub(super) device: &'a Device,
}

/// What a network is fed with.
#[derive(Clone, Copy)]
struct Kind {
    /// The rows' name in errors.
    what: &'static str,
    /// Their labels' name in errors.
    labels: &'static str,
    /// Whether they are latents, which the label may join.
    is_latent: bool,
}

const REAL: Kind = Kind::samples("real batch", "label list of the real batch");
const FAKES: Kind = Kind::latents(
    "discriminator latents",
    "label list of the discriminator latents",
);
const GENERATED: Kind = Kind::latents("generator latents", "label list of the generator latents");
const LATENTS: Kind = Kind::latents("latents", "label list of the latents");

impl Kind {
    const fn samples(what: &'static str, labels: &'static str) -> Self {
        Self {
            what,
            labels,
            is_latent: false,
        }
    }

    const fn latents(what: &'static str, labels: &'static str) -> Self {
        Self {
            what,
            labels,
            is_latent: true,
        }
    }
}

impl Batches<'_> {
    /// Number of samples in one update of D, where `real` holds a batch for each; it has a label for each sample where it must.
    pub(super) fn size_of(&self, real: Rows<'_>) -> Result<usize, Error> {
        let updates = self.config.discriminator_updates;
        let values = real.values.len();
        let batch = values / (self.config.shape.dim() * updates);
        self.check("real batch", batch, values, updates)?;
        self.check_labels(REAL.labels, real.labels, updates * batch)?;
        Ok(batch)
    }

    /// Fails unless `values` values are `updates` batches of `batch` samples, a number within [`LIMITS`].
    pub(super) fn check(
        &self,
        what: &'static str,
        batch: usize,
        values: usize,
        updates: usize,
    ) -> Result<(), Error> {
        let dim = self.config.shape.dim();
        let [mut smallest, largest] = LIMITS.batch_size;
        if self.config.generator.needs_batch().is_some()
            || self.config.discriminator.needs_batch().is_some()
        {
            smallest = 2;
        }
        if (smallest..=largest).contains(&batch) && updates * batch * dim == values {
            return Ok(());
        }
        let each = match updates {
            1 => String::new(),
            _ => format!(" for each of {updates} updates"),
        };
        Err(Error::InvalidBatch {
            what,
            values,
            expected: format!(
                "a multiple of {}, {smallest} to {largest} samples{each}",
                updates * dim
            ),
        })
    }

    /// Fails unless there is a label of a class that there is for each of `rows` rows, or none where the configuration has none.
    fn check_labels(
        &self,
        what: &'static str,
        labels: Option<&[u8]>,
        rows: usize,
    ) -> Result<(), Error> {
        let (classes, values) = (self.config.classes(), labels.map_or(0, <[u8]>::len));
        let wrong = |expected: String| {
            Err(Error::InvalidBatch {
                what,
                values,
                expected,
            })
        };
        let Some(labels) = labels else {
            return match classes {
                0 => Ok(()),
                _ => wrong(format!("{rows}, one for each row")),
            };
        };
        if classes == 0 {
            return wrong("no list: the configuration has no labels".into());
        }
        if values != rows {
            return wrong(format!("{rows}, one for each row"));
        }
        let mut labels = labels.iter().enumerate();
        match labels.find(|(_, label)| usize::from(**label) >= classes) {
            Some((row, label)) => wrong(format!(
                "only values below {classes}, the number of classes; value {row} is {label}"
            )),
            None => Ok(()),
        }
    }

    /// Fails if labels are given and do not fit `rows` rows.
    pub(super) fn check_given(&self, labels: Option<&[u8]>, rows: usize) -> Result<(), Error> {
        match labels {
            Some(_) => self.check_labels(GENERATED.labels, labels, rows),
            None => Ok(()),
        }
    }

    /// Fails if labels of G's updates are given though these take the latents of D's fakes again.
    pub(super) fn check_none(&self, labels: Option<&[u8]>) -> Result<(), Error> {
        match labels {
            Some(labels) => Err(Error::InvalidBatch {
                what: GENERATED.labels,
                values: labels.len(),
                expected: "no list: the update order uses D's latents again".into(),
            }),
            None => Ok(()),
        }
    }

    /// Uploads the rows of one update alone: samples `[batch, sample_dim]`, or what G makes them of.
    pub(super) fn of_update(&self, update: Update, rows: Rows<'_>) -> Result<Input, Error> {
        let sample_dim = self.config.shape.dim();
        let kind = match update {
            Update::Real => Kind::samples("real samples", "label list of the real samples"),
            Update::Fake | Update::Generated => LATENTS,
        };
        let dim = self.dim(kind);
        let batch = rows.values.len() / dim;
        check_rows(kind.what, rows.values.len(), batch, dim)?;
        self.check(kind.what, batch, batch * sample_dim, 1)?;
        self.whole_rows(kind, rows)
    }

    /// Joins real samples `[batch, sample_dim]` of each update, which `values` holds one after the other, and the same with `noise`, if the
    /// approximated R1 wants them.
    pub(super) fn with_noise(
        &self,
        samples: Vec<Input>,
        values: &[f32],
        noise: Option<&[f32]>,
    ) -> Result<Vec<Real>, Error> {
        let penalty = self.config.gradient_penalties.approximated_r1;
        let Some((penalty, noise)) = penalty.zip(noise) else {
            let samples = samples.into_iter();
            let real = samples.map(|samples| Real {
                samples,
                disturbed: None,
            });
            return Ok(real.collect());
        };
        let dim = self.config.shape.dim();
        check_rows("noise", noise.len(), values.len() / dim, dim)?;
        let deviation = penalty.deviation as f32;
        let pairs = values.iter().zip(noise);
        let disturbed: Vec<f32> = pairs.map(|(x, noise)| x + deviation * noise).collect();
        let batches = disturbed.chunks_exact(values.len() / samples.len());
        let pairs = samples.into_iter().zip(batches);
        Ok(pairs
            .map(|(samples, disturbed)| Real {
                disturbed: Some(Input {
                    values: self.upload(disturbed, dim),
                    labels: samples.labels.clone(),
                }),
                samples,
            })
            .collect())
    }

    /// Uploads what each update of D's phase works on; `labels` are those of its latents.
    pub(super) fn of_discriminator(
        &self,
        real: Rows<'_>,
        noise: Option<&[f32]>,
        latents: &StepLatents,
        labels: Option<&[u8]>,
    ) -> Result<Vec<DiscriminatorBatch>, Error> {
        let batch = self.size_of(real)?;
        let updates = self.config.discriminator_updates;
        let shares = &latents.interpolation;
        let shares = match self.config.loss {
            LossConfig::WassersteinGp { .. } => {
                check_rows("interpolation", shares.len(), updates * batch, 1)?;
                let shares = shares.chunks_exact(batch);
                shares.map(|shares| Some(self.upload(shares, 1))).collect()
            }
            _ => vec![None; updates],
        };
        let samples = self.cut(REAL, real, updates, batch)?;
        let real = self.with_noise(samples, real.values, noise)?;
        let latents = Rows::new(&latents.discriminator, labels);
        let latents = self.cut(FAKES, latents, updates, batch)?;
        let rows = real.into_iter().zip(latents).zip(shares);
        Ok(rows
            .map(|((real, latents), interpolation)| DiscriminatorBatch {
                real,
                latents,
                interpolation,
            })
            .collect())
    }

    /// Uploads what each update of G's phase makes its fakes of.
    pub(super) fn of_generator(
        &self,
        latents: Rows<'_>,
        batch: usize,
    ) -> Result<Vec<Input>, Error> {
        self.cut(GENERATED, latents, self.config.generator_updates, batch)
    }

    /// Uploads real or made samples, any number of them, as `[n, sample_dim]`; `what` and `labels` name them and their labels in errors.
    pub(super) fn samples(
        &self,
        [what, labels]: [&'static str; 2],
        rows: Rows<'_>,
    ) -> Result<Input, Error> {
        self.whole_rows(Kind::samples(what, labels), rows)
    }

    /// Uploads latents, any number of them, as `[n, generator input]`.
    pub(super) fn latents(&self, rows: Rows<'_>) -> Result<Input, Error> {
        self.whole_rows(LATENTS, rows)
    }

    /// Cuts `updates` batches of `batch` rows, and uploads each.
    fn cut(
        &self,
        kind: Kind,
        rows: Rows<'_>,
        updates: usize,
        batch: usize,
    ) -> Result<Vec<Input>, Error> {
        let dim = self.dim(kind);
        check_rows(kind.what, rows.values.len(), updates * batch, dim)?;
        self.check_labels(kind.labels, rows.labels, updates * batch)?;
        let batches = rows.values.chunks_exact(batch * dim).enumerate();
        Ok(batches
            .map(|(index, values)| {
                let labels = rows.labels.map(|labels| &labels[index * batch..][..batch]);
                self.input(kind, Rows::new(values, labels))
            })
            .collect())
    }

    /// Uploads rows, if they are whole.
    fn whole_rows(&self, kind: Kind, rows: Rows<'_>) -> Result<Input, Error> {
        let dim = self.dim(kind);
        let count = rows.values.len() / dim;
        check_rows(kind.what, rows.values.len(), count, dim)?;
        self.check_labels(kind.labels, rows.labels, count)?;
        Ok(self.input(kind, rows))
    }

    /// Length of a row as the caller has it.
    fn dim(&self, kind: Kind) -> usize {
        if kind.is_latent {
            self.config.latent.dim
        } else {
            self.config.shape.dim()
        }
    }

    /// Uploads rows that were checked: G's with the label in them, and labels beside them for D, each where the configuration says so.
    fn input(&self, kind: Kind, rows: Rows<'_>) -> Input {
        let dim = self.dim(kind);
        let told = rows.labels.filter(|_| self.config.conditioning().is_some());
        let labels = told.map(|labels| {
            let labels: Vec<f32> = labels.iter().map(|label| f32::from(*label)).collect();
            self.upload(&labels, 1)
        });
        let width = self.config.generator_input().values() - self.config.latent.dim;
        let values = match rows.labels {
            Some(labels) if kind.is_latent && width > 0 => {
                let rows = rows.values.chunks_exact(dim).zip(labels);
                let values = rows.flat_map(|(latent, label)| {
                    let own = usize::from(*label);
                    let one_hot = (0..width).map(move |class| f32::from(class == own));
                    latent.iter().copied().chain(one_hot)
                });
                self.upload(&values.collect::<Vec<f32>>(), dim + width)
            }
            _ => self.upload(rows.values, dim),
        };
        Input { values, labels }
    }

    /// Uploads `values` as `[rows, dim]`.
    fn upload(&self, values: &[f32], dim: usize) -> Tensor<2> {
        let shape = [values.len() / dim, dim];
        Tensor::from_data(TensorData::new(values.to_vec(), shape), self.device)
    }
}

/// Fails unless `values` values are `rows` rows of `dim`, at least one.
fn check_rows(what: &'static str, values: usize, rows: usize, dim: usize) -> Result<(), Error> {
    if rows > 0 && rows * dim == values {
        return Ok(());
    }
    let expected = match rows {
        0 => format!("a multiple of {dim}"),
        _ => format!("{} ({rows} x {dim})", rows * dim),
    };
    Err(Error::InvalidBatch {
        what,
        values,
        expected,
    })
}
