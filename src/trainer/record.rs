//! What a step measured: tensors on the device first, then numbers.

use burn::tensor::Tensor;
use serde::Serialize;

use crate::Error;
use crate::config::{GanConfig, GradientPenalties, LossConfig};
use crate::journal::Span;
use crate::loss::{
    Loss, approximated_penalty, gradient_penalty, relativistic, zero_centred_penalty,
};
use crate::reading::Reading;

/// What one step (or one phase of it) measured, each before its own update; where a player has several updates, the last one's.
///
/// The losses of the bce kinds are in nats. Raw outputs are D's logits (a critic's values); scores are their sigmoid; both are means
/// over the batch. `None` where the phase, or that half of it, did not run; the figures of a penalty also where it is not configured. The
/// relativistic loss has no halves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StepRecord {
    /// Completed steps after this one.
    pub step: u32,
    /// The loss that D minimises: the scaled sum of both halves, plus all penalties.
    pub loss_d: Option<f32>,
    /// D's loss on the real batch.
    pub loss_d_real: Option<f32>,
    /// D's loss on the fakes.
    pub loss_d_fake: Option<f32>,
    /// Sum of all penalties on D's slope, their weights included.
    pub penalty: Option<f32>,
    /// R1, its weight included.
    pub penalty_real: Option<f32>,
    /// R2, its weight included.
    pub penalty_fake: Option<f32>,
    /// The approximated R1, its weight included.
    pub penalty_approximated: Option<f32>,
    /// Mean norm of D's input gradient, at real samples where R1 is, else at the points of the Wasserstein loss's penalty.
    pub gradient_norm: Option<f32>,
    /// Mean norm of D's input gradient at its fakes, where R2 is.
    pub gradient_norm_fake: Option<f32>,
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
    /// Raw outputs beside the real batch, for the approximated R1.
    pub(super) disturbed: Option<Span>,
    /// Norms of D's input gradients, where they are penalised.
    pub(super) norms: Norms,
}

/// Where the journal has norms of D's input gradients, `None` where no penalty looks at them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Norms {
    /// At real samples.
    pub(super) real: Option<Span>,
    /// At fakes.
    pub(super) fake: Option<Span>,
    /// Between these, for the Wasserstein loss.
    pub(super) between: Option<Span>,
}

impl DiscriminatorOutputs {
    /// A phase of both halves, from the outputs of each.
    pub(super) fn of_both(one: Self, other: Self) -> Self {
        Self {
            real: one.real.or(other.real),
            fake: one.fake.or(other.fake),
            disturbed: one.disturbed.or(other.disturbed),
            norms: Norms {
                real: one.norms.real.or(other.norms.real),
                fake: one.norms.fake.or(other.norms.fake),
                between: None, // No half has that penalty.
            },
        }
    }
}

/// Where the journal has what D put out in G's phase.
#[derive(Debug, Clone, Copy)]
pub(super) struct GeneratorOutputs {
    /// Raw outputs on the fakes of G's update.
    pub(super) generated: Span,
    /// Raw outputs on the real samples that these are compared with, for the relativistic loss.
    pub(super) real: Option<Span>,
}

/// The record of one step while its figures are still on the device.
pub(super) struct PendingRecord {
    /// Completed steps after this one.
    pub(super) step: u32,
    /// Where D's phase left its outputs, if it ran.
    pub(super) discriminator: Option<DiscriminatorOutputs>,
    /// Where G's phase left D's raw outputs, if it ran.
    pub(super) generator: Option<GeneratorOutputs>,
}

impl PendingRecord {
    /// The records, to be awaited, from the journal's tensors.
    pub(super) fn reading(
        pending: Vec<Self>,
        journal: Vec<Tensor<1>>,
        losses: Losses,
    ) -> Reading<Vec<StepRecord>> {
        Reading::new(journal, move |values| {
            let values = values.concat();
            let records = pending.iter().map(|pending| {
                let mut record = StepRecord {
                    step: pending.step,
                    ..StepRecord::default()
                };
                if let Some(outputs) = pending.discriminator {
                    record.take_discriminator(outputs, &values, losses);
                }
                if let Some(outputs) = pending.generator {
                    record.take_generator(outputs, &values, losses.loss);
                }
                record.check_finite()
            });
            records.collect()
        })
    }
}

/// What the figures of a record are computed by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Losses {
    pub(super) loss: LossConfig,
    /// The factor on the sum of D's halves.
    pub(super) scale: f64,
    pub(super) penalties: GradientPenalties,
}

impl Losses {
    /// Those of a configuration.
    pub(super) fn of(config: &GanConfig) -> Self {
        Self {
            loss: config.loss,
            scale: config.discriminator_loss_scale,
            penalties: config.gradient_penalties,
        }
    }
}

impl StepRecord {
    /// Fills in D's figures.
    fn take_discriminator(
        &mut self,
        outputs: DiscriminatorOutputs,
        values: &[f32],
        losses: Losses,
    ) {
        let Losses { loss, scale, .. } = losses;
        let of = |span: Option<Span>| span.map(|span| span.of(values));
        let (real, fake) = (of(outputs.real), of(outputs.fake));
        let of_half = |half: Loss, outputs| (!loss.pairs()).then(|| half.mean(outputs) as f32);
        if let Some(real) = real {
            self.loss_d_real = of_half(loss.real(), real);
            self.logit_real = Some(mean(real, |x| x));
            self.score_real = Some(mean(real, logistic));
        }
        if let Some(fake) = fake {
            self.loss_d_fake = of_half(loss.fake(), fake);
            self.logit_fake = Some(mean(fake, |x| x));
            self.score_fake = Some(mean(fake, logistic));
        }
        let penalty = self.take_penalties(outputs, values, losses);
        if let (Some(real), Some(fake)) = (real, fake) {
            let sum = match loss.pairs() {
                true => relativistic(fake, real),
                false => loss.real().mean(real) + loss.fake().mean(fake),
            };
            self.loss_d = Some((scale * sum + penalty) as f32);
        }
    }

    /// Fills in the figures of the penalties; gives their sum.
    fn take_penalties(
        &mut self,
        outputs: DiscriminatorOutputs,
        values: &[f32],
        losses: Losses,
    ) -> f64 {
        let of = |span: Option<Span>| span.map(|span| span.of(values));
        let penalties = losses.penalties;
        let norms = [
            outputs.norms.real,
            outputs.norms.fake,
            outputs.norms.between,
        ];
        let [at_real, at_fake, between] = norms.map(of);
        let zero_centred = |norms: Option<&[f32]>, gamma: Option<f64>| {
            let (norms, gamma) = norms.zip(gamma)?;
            Some(zero_centred_penalty(norms, gamma))
        };
        let real = zero_centred(at_real, penalties.r1);
        let fake = zero_centred(at_fake, penalties.r2);
        let pairs = of(outputs.real).zip(of(outputs.disturbed));
        let pairs = pairs.zip(penalties.approximated_r1);
        let approximated =
            pairs.map(|((at, beside), penalty)| approximated_penalty(at, beside, penalty.weight));
        let wasserstein = between.and_then(|norms| match losses.loss {
            LossConfig::WassersteinGp { penalty } => Some(gradient_penalty(norms, penalty)),
            _ => None,
        });
        let all = [real, fake, approximated, wasserstein];
        let sum = all.into_iter().flatten().sum();
        self.penalty_real = real.map(|x| x as f32);
        self.penalty_fake = fake.map(|x| x as f32);
        self.penalty_approximated = approximated.map(|x| x as f32);
        self.penalty = all.iter().any(Option::is_some).then_some(sum as f32);
        self.gradient_norm = at_real.or(between).map(|norms| mean(norms, |x| x));
        self.gradient_norm_fake = at_fake.map(|norms| mean(norms, |x| x));
        sum
    }

    /// Fills in G's figures.
    fn take_generator(&mut self, outputs: GeneratorOutputs, values: &[f32], loss: LossConfig) {
        let generated = outputs.generated.of(values);
        let figure = match outputs.real.filter(|_| loss.pairs()) {
            Some(real) => relativistic(real.of(values), generated),
            None => loss.generator().mean(generated),
        };
        self.loss_g = Some(figure as f32);
        self.logit_generated = Some(mean(generated, |x| x));
        self.score_generated = Some(mean(generated, logistic));
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
