//! What a step measured, from the device to numbers.

use burn::tensor::Tensor;
use serde::Serialize;

use crate::Error;
use crate::config::LossConfig;
use crate::loss::gradient_penalty;
use crate::reading::Reading;

/// What one step (or one phase of it) measured, each before its own update; of several updates of a player the last.
///
/// The losses of the bce kinds are in nats. Raw outputs are D's logits (a critic's values); scores are their sigmoid; both are means
/// over the batch. `None` where the phase, or that half of it, did not run; `penalty` and `gradient_norm` also where the loss has no
/// penalty.
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

/// What D's phase leaves behind.
pub(super) struct CriticPass {
    /// Raw outputs `[n, 1]`, those of the real batch before those of the fakes; together or apart, or of one half only.
    pub(super) outputs: Vec<Tensor<2>>,
    /// Norms of D's input gradients `[n, 1]`, where they are penalised.
    pub(super) norms: Option<Tensor<2>>,
    /// Samples of the real batch; the others are fakes.
    pub(super) batch: usize,
}

/// Figures of one step, still on the device.
pub(super) struct PendingRecord {
    step: u32,
    discriminator: Option<CriticPass>,
    /// G's raw outputs `[n, 1]`.
    generator: Option<Tensor<2>>,
}

impl PendingRecord {
    pub(super) fn new(
        step: u32,
        discriminator: Option<CriticPass>,
        generator: Option<Tensor<2>>,
    ) -> Self {
        Self {
            step,
            discriminator,
            generator,
        }
    }

    /// The records, to be awaited. D's loss is `scale` times the sum of both halves, and the penalty.
    pub(super) fn reading(
        pending: Vec<Self>,
        loss: LossConfig,
        scale: f64,
    ) -> Reading<Vec<StepRecord>> {
        let mut tensors = Vec::new();
        let mut keep = |tensor: Tensor<2>| {
            let count = tensor.dims()[0];
            tensors.push(tensor.reshape([count]));
            count
        };
        let heads: Vec<Head> = pending
            .into_iter()
            .map(|record| Head {
                step: record.step,
                discriminator: record.discriminator.map(|pass| CriticHead {
                    batch: pass.batch,
                    outputs: pass.outputs.into_iter().map(&mut keep).sum(),
                    norms: pass.norms.map(&mut keep),
                }),
                generator: record.generator.map(&mut keep),
            })
            .collect();
        Reading::new(tensors, move |values| {
            let values = values.concat();
            let mut row = Row(&values);
            heads
                .iter()
                .map(|head| {
                    let mut record = StepRecord {
                        step: head.step,
                        ..StepRecord::default()
                    };
                    if let Some(head) = &head.discriminator {
                        record.take_discriminator(head, &mut row, loss, scale);
                    }
                    if let Some(count) = head.generator {
                        let outputs = row.take(count);
                        record.loss_g = Some(loss.generator().mean(outputs) as f32);
                        record.logit_generated = Some(mean(outputs, |x| x));
                        record.score_generated = Some(mean(outputs, logistic));
                    }
                    record.check_finite()
                })
                .collect()
        })
    }
}

/// How many values of a record come back.
struct Head {
    step: u32,
    discriminator: Option<CriticHead>,
    generator: Option<usize>,
}

struct CriticHead {
    /// Of the outputs, the real batch's.
    batch: usize,
    outputs: usize,
    norms: Option<usize>,
}

impl StepRecord {
    fn take_discriminator(
        &mut self,
        head: &CriticHead,
        row: &mut Row<'_>,
        loss: LossConfig,
        scale: f64,
    ) {
        let (real, fake) = row.take(head.outputs).split_at(head.batch);
        if !real.is_empty() {
            self.loss_d_real = Some(loss.real().mean(real) as f32);
            self.logit_real = Some(mean(real, |x| x));
            self.score_real = Some(mean(real, logistic));
        }
        if !fake.is_empty() {
            self.loss_d_fake = Some(loss.fake().mean(fake) as f32);
            self.logit_fake = Some(mean(fake, |x| x));
            self.score_fake = Some(mean(fake, logistic));
        }
        if real.is_empty() || fake.is_empty() {
            return;
        }
        let mut total = scale * (loss.real().mean(real) + loss.fake().mean(fake));
        if let (Some(count), LossConfig::WassersteinGp { penalty }) = (head.norms, loss) {
            let norms = row.take(count);
            let penalty = gradient_penalty(norms, penalty);
            total += penalty;
            self.penalty = Some(penalty as f32);
            self.gradient_norm = Some(mean(norms, |x| x));
        }
        self.loss_d = Some(total as f32);
    }

    fn check_finite(self) -> Result<Self, Error> {
        let figures = [
            ("lossD", self.loss_d),
            ("lossDReal", self.loss_d_real),
            ("lossDFake", self.loss_d_fake),
            ("lossG", self.loss_g),
        ];
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
