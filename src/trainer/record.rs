//! What a step measured, from the device to numbers.

use burn::tensor::{Tensor, Transaction};
use serde::Serialize;

use crate::Error;

/// What one step (or one phase of it) measured, each before its own update; of several updates of a player the last.
///
/// The losses of the bce kinds are in nats. Raw outputs are D's logits (a critic's values); scores are their sigmoid; both are means
/// over the batch. `None` where the phase did not run; `penalty` and `gradient_norm` also where the loss has no penalty.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StepRecord {
    /// Completed steps after this one.
    pub step: u32,
    /// What D minimises: the scaled sum of both halves, and the penalty.
    pub loss_d: Option<f32>,
    /// D's loss on the real batch.
    pub loss_d_real: Option<f32>,
    /// D's loss on the fakes.
    pub loss_d_fake: Option<f32>,
    /// Gradient penalty, its weight included.
    pub penalty: Option<f32>,
    /// Mean norm of D's input gradient.
    pub gradient_norm: Option<f32>,
    /// G's loss.
    pub loss_g: Option<f32>,
    /// Mean raw output of D on the real batch.
    pub logit_real: Option<f32>,
    /// Mean raw output of D on its fakes.
    pub logit_fake: Option<f32>,
    /// Mean raw output of D on the fakes of G's update.
    pub logit_generated: Option<f32>,
    /// Mean score of the real batch.
    pub score_real: Option<f32>,
    /// Mean score of D's fakes.
    pub score_fake: Option<f32>,
    /// Mean score of the fakes of G's update.
    pub score_generated: Option<f32>,
}

/// One half of D's task, or G's: its loss `[1]` and the raw outputs `[batch, 1]`, cut off from the graph.
pub(super) struct Half {
    pub(super) loss: Tensor<1>,
    pub(super) logits: Tensor<2>,
}

/// The gradient penalty `[1]`, its weight included, and the norms `[batch]`, cut off from the graph.
pub(super) struct Penalty {
    pub(super) loss: Tensor<1>,
    pub(super) norms: Tensor<1>,
}

/// What D's phase leaves behind.
pub(super) struct CriticPass {
    pub(super) real: Half,
    pub(super) fake: Half,
    pub(super) penalty: Option<Penalty>,
    /// Of the sum of both halves.
    pub(super) scale: f64,
}

/// Figures of one step, still on the device.
pub(super) struct PendingRecord {
    step: u32,
    /// Sizes and scale of D's part, which comes first.
    discriminator: Option<CriticHead>,
    has_generator: bool,
    values: Tensor<1>,
}

struct CriticHead {
    real: usize,
    fake: usize,
    norms: Option<usize>,
    scale: f64,
}

impl Half {
    /// Loss `[1]` and raw outputs `[batch, 1]`, which may still be tracked.
    pub(super) fn new(loss: &Tensor<1>, logits: Tensor<2>) -> Self {
        Self {
            loss: loss.clone().detach(),
            logits: logits.detach(),
        }
    }

    fn count(&self) -> usize {
        self.logits.dims()[0]
    }

    fn into_values(self) -> [Tensor<1>; 2] {
        [self.loss, self.logits.reshape([-1])]
    }
}

impl PendingRecord {
    pub(super) fn new(
        step: u32,
        discriminator: Option<CriticPass>,
        generator: Option<Half>,
    ) -> Self {
        let head = discriminator.as_ref().map(|pass| CriticHead {
            real: pass.real.count(),
            fake: pass.fake.count(),
            norms: pass.penalty.as_ref().map(|penalty| penalty.norms.dims()[0]),
            scale: pass.scale,
        });
        let has_generator = generator.is_some();
        let mut values = Vec::new();
        if let Some(pass) = discriminator {
            values.extend(pass.real.into_values());
            values.extend(pass.fake.into_values());
            if let Some(penalty) = pass.penalty {
                values.extend([penalty.loss, penalty.norms]);
            }
        }
        if let Some(half) = generator {
            values.extend(half.into_values());
        }
        Self {
            step,
            discriminator: head,
            has_generator,
            values: Tensor::cat(values, 0).without_autodiff(),
        }
    }

    /// The records, to be awaited.
    pub(super) fn reading(pending: Vec<Self>) -> Reading<Vec<StepRecord>> {
        let (heads, values): (Vec<_>, Vec<_>) = pending
            .into_iter()
            .map(|record| {
                let head = (record.step, record.discriminator, record.has_generator);
                (head, record.values)
            })
            .unzip();
        Reading::new(values, move |rows| {
            heads
                .iter()
                .zip(rows)
                .map(|((step, discriminator, has_generator), row)| {
                    let mut row = Row(&row);
                    let mut record = StepRecord {
                        step: *step,
                        ..StepRecord::default()
                    };
                    if let Some(head) = discriminator {
                        record.take_discriminator(head, &mut row);
                    }
                    if *has_generator {
                        record.loss_g = Some(row.one());
                        let outputs = row.all();
                        record.logit_generated = Some(mean(outputs, |x| x));
                        record.score_generated = Some(mean(outputs, logistic));
                    }
                    record.check_finite()
                })
                .collect()
        })
    }
}

impl StepRecord {
    fn take_discriminator(&mut self, head: &CriticHead, row: &mut Row<'_>) {
        let real_loss = row.one();
        let real = row.take(head.real);
        let fake_loss = row.one();
        let fake = row.take(head.fake);
        let mut loss = head.scale * (f64::from(real_loss) + f64::from(fake_loss));
        if let Some(count) = head.norms {
            let penalty = row.one();
            loss += f64::from(penalty);
            self.penalty = Some(penalty);
            self.gradient_norm = Some(mean(row.take(count), |x| x));
        }
        self.loss_d = Some(loss as f32);
        self.loss_d_real = Some(real_loss);
        self.loss_d_fake = Some(fake_loss);
        self.logit_real = Some(mean(real, |x| x));
        self.logit_fake = Some(mean(fake, |x| x));
        self.score_real = Some(mean(real, logistic));
        self.score_fake = Some(mean(fake, logistic));
    }

    fn check_finite(self) -> Result<Self, Error> {
        let figures = [("lossD", self.loss_d), ("lossG", self.loss_g)];
        for (quantity, value) in figures {
            if let Some(value) = value.filter(|value| !value.is_finite()) {
                let step = self.step;
                return Err(Error::NonFinite {
                    quantity,
                    value,
                    step,
                });
            }
        }
        Ok(self)
    }
}

/// Values of a record not yet read.
struct Row<'a>(&'a [f32]);

impl<'a> Row<'a> {
    fn take(&mut self, count: usize) -> &'a [f32] {
        let (taken, rest) = self.0.split_at(count);
        self.0 = rest;
        taken
    }

    fn one(&mut self) -> f32 {
        self.take(1)[0]
    }

    fn all(&mut self) -> &'a [f32] {
        self.take(self.0.len())
    }
}

fn mean(values: &[f32], of: fn(f64) -> f64) -> f32 {
    let sum: f64 = values.iter().map(|x| of(f64::from(*x))).sum();
    (sum / values.len() as f64) as f32
}

/// `1 / (1 + e^-x)`, without overflow on either side.
fn logistic(x: f64) -> f64 {
    let small = libm::exp(-x.abs());
    if x < 0.0 {
        small / (1.0 + small)
    } else {
        1.0 / (1.0 + small)
    }
}

/// Makes what a reading gives out of its tensors' values, in the order of the tensors.
type Finish<T> = dyn FnOnce(Vec<Vec<f32>>) -> Result<T, Error>;

/// Values on their way back from the device; independent of the trainer, which may step on meanwhile.
pub struct Reading<T> {
    values: Vec<Tensor<1>>,
    finish: Box<Finish<T>>,
}

impl<T> Reading<T> {
    pub(super) fn new(
        values: Vec<Tensor<1>>,
        finish: impl FnOnce(Vec<Vec<f32>>) -> Result<T, Error> + 'static,
    ) -> Self {
        Self {
            values,
            finish: Box::new(finish),
        }
    }

    /// Waits for the device, reads all values in one transaction.
    ///
    /// # Errors
    /// [`Error::Device`] if the device failed; what the particular reading adds, as [`Error::NonFinite`].
    pub async fn read(self) -> Result<T, Error> {
        let transaction = self
            .values
            .into_iter()
            .fold(Transaction::default(), Transaction::register);
        let rows = transaction
            .execute_async()
            .await?
            .into_iter()
            .map(|data| {
                data.try_into_vec::<f32>()
                    .expect("every tensor here is f32")
            })
            .collect();
        (self.finish)(rows)
    }
}

impl Reading<Vec<f32>> {
    pub(super) fn one(values: Tensor<1>) -> Self {
        Self::new(vec![values.without_autodiff()], |mut rows| {
            Ok(rows.pop().expect("one tensor was registered"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logistic_is_exact_and_finite_everywhere() {
        assert_eq!(logistic(0.0), 0.5);
        // 1 / (1 + e^-1) = 0.7310585786300049.
        assert!((logistic(1.0) - 0.731_058_578_630_004_9).abs() < 1e-15);
        assert!((logistic(-1.0) + logistic(1.0) - 1.0).abs() < 1e-15);
        assert_eq!((logistic(-1e4), logistic(1e4)), (0.0, 1.0));
    }
}
