//! What a step measured: tensors on the device first, then numbers.

use burn::tensor::Tensor;
use serde::Serialize;

use super::role::Update;
use crate::Error;
use crate::config::LossConfig;
use crate::journal::Span;
use crate::loss::gradient_penalty;
use crate::reading::Reading;

/// What one step (or one phase of it) measured, each before its own update; where a player has several updates, the last one's.
///
/// The losses of the bce kinds are in nats. Raw outputs are D's logits (a critic's values); scores are their sigmoid; both are means
/// over the batch. `None` where the phase, or that half of it, did not run; `penalty` and `gradient_norm` also where the loss has no
/// penalty.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StepRecord {
    /// Completed steps after this one.
    pub step: u32,
    /// The loss that D minimises: the scaled sum of both halves, plus the penalty.
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

/// Where the journal has what D put out in its phase; a half of the phase that did not run is `None`.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct DiscriminatorOutputs {
    /// Raw outputs on the real batch.
    pub(super) real: Option<Span>,
    /// Raw outputs on the fakes.
    pub(super) fake: Option<Span>,
    /// Norms of D's input gradients, where they are penalised.
    pub(super) norms: Option<Span>,
}

impl DiscriminatorOutputs {
    /// A phase of both halves, without a penalty.
    pub(super) fn of_both(real: Span, fake: Span) -> Self {
        Self {
            real: Some(real),
            fake: Some(fake),
            norms: None,
        }
    }

    /// A phase whose other half is still to come.
    pub(super) fn of_half(update: Update, outputs: Span) -> Self {
        match update {
            Update::Real => Self {
                real: Some(outputs),
                ..Self::default()
            },
            Update::Fake | Update::Generated => Self {
                fake: Some(outputs),
                ..Self::default()
            },
        }
    }
}

/// The record of one step while its figures are still on the device.
pub(super) struct PendingRecord {
    /// Completed steps after this one.
    pub(super) step: u32,
    /// Where D's phase left its outputs, if it ran.
    pub(super) discriminator: Option<DiscriminatorOutputs>,
    /// Where D's raw outputs on the fakes of G's update are, if G's phase ran.
    pub(super) generator: Option<Span>,
}

impl PendingRecord {
    /// The records, to be awaited, from the journal's tensors. D's loss is `scale` times the sum of both halves, plus the penalty.
    pub(super) fn reading(
        pending: Vec<Self>,
        journal: Vec<Tensor<1>>,
        loss: LossConfig,
        scale: f64,
    ) -> Reading<Vec<StepRecord>> {
        Reading::new(journal, move |values| {
            let values = values.concat();
            let records = pending.iter().map(|pending| {
                let mut record = StepRecord {
                    step: pending.step,
                    ..StepRecord::default()
                };
                if let Some(outputs) = pending.discriminator {
                    record.take_discriminator(outputs, &values, loss, scale);
                }
                if let Some(outputs) = pending.generator.map(|span| span.of(&values)) {
                    record.loss_g = Some(loss.generator().mean(outputs) as f32);
                    record.logit_generated = Some(mean(outputs, |x| x));
                    record.score_generated = Some(mean(outputs, logistic));
                }
                record.check_finite()
            });
            records.collect()
        })
    }
}

impl StepRecord {
    /// Fills in D's figures.
    fn take_discriminator(
        &mut self,
        outputs: DiscriminatorOutputs,
        values: &[f32],
        loss: LossConfig,
        scale: f64,
    ) {
        let of = |span: Option<Span>| span.map(|span| span.of(values));
        let (real, fake) = (of(outputs.real), of(outputs.fake));
        if let Some(real) = real {
            self.loss_d_real = Some(loss.real().mean(real) as f32);
            self.logit_real = Some(mean(real, |x| x));
            self.score_real = Some(mean(real, logistic));
        }
        if let Some(fake) = fake {
            self.loss_d_fake = Some(loss.fake().mean(fake) as f32);
            self.logit_fake = Some(mean(fake, |x| x));
            self.score_fake = Some(mean(fake, logistic));
        }
        let (Some(real), Some(fake)) = (real, fake) else {
            return;
        };
        let mut total = scale * (loss.real().mean(real) + loss.fake().mean(fake));
        if let (Some(norms), LossConfig::WassersteinGp { penalty }) = (of(outputs.norms), loss) {
            let penalty = gradient_penalty(norms, penalty);
            total += penalty;
            self.penalty = Some(penalty as f32);
            self.gradient_norm = Some(mean(norms, |x| x));
        }
        self.loss_d = Some(total as f32);
    }

    /// Fails if a loss is not finite.
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

/// Mean of `of(value)` over all values.
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
