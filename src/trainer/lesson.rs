//! What D learns from in one update: the rows that it sees, and the gradients of its loss and of its penalties on them.

use burn::backend::Dispatch;
use burn::tensor::Tensor;

use super::batches::Real;
use super::record::{DiscriminatorOutputs, Norms};
use crate::config::{GanConfig, LossConfig};
use crate::journal::{Journal, Span};
use crate::kernels::{Kernels, NormPenalties, PairSlope, PairSlopes};
use crate::loss::{Loss, around_one, around_zero, slopes};
use crate::network::{Input, Logits, Pass};
use crate::player::Player;
use crate::rng::Rng;

/// The rows that one update of D sees, `[batch, sample_dim]` of each kind; `None`: the update is without them.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) real: Option<Input>,
    pub(super) fake: Option<Input>,
    /// The real samples with noise, for the approximated R1.
    pub(super) disturbed: Option<Input>,
    /// Shares of the real samples `[batch, 1]`, for the Wasserstein loss's penalty.
    pub(super) interpolation: Option<Tensor<2>>,
}

impl Seen {
    /// The rows of the real half of D's task.
    pub(super) fn real_half(real: Real) -> Self {
        Self {
            real: Some(real.samples),
            disturbed: real.disturbed,
            ..Self::default()
        }
    }

    /// The rows of the other half, fakes `[batch, sample_dim]`.
    pub(super) fn fake_half(fake: Input) -> Self {
        Self {
            fake: Some(fake),
            ..Self::default()
        }
    }

    /// All rows that go through D's pass together, one kind after the other.
    fn stacked(&self) -> Input {
        let kinds = [&self.real, &self.fake, &self.disturbed];
        let stacked = kinds.into_iter().flatten().cloned().reduce(|above, below| {
            let labels = above.labels.zip(below.labels);
            Input {
                values: stack(above.values, below.values),
                labels: labels.map(|(above, below)| stack(above, below)),
            }
        });
        stacked.expect("an update sees a half of its task at least")
    }

    /// Number of kinds of rows.
    fn kinds(&self) -> usize {
        [&self.real, &self.fake, &self.disturbed]
            .into_iter()
            .flatten()
            .count()
    }
}

/// D, and what an update of it goes by.
pub(super) struct Lesson<'a> {
    pub(super) config: &'a GanConfig,
    pub(super) discriminator: &'a mut Player,
    pub(super) journal: &'a mut Journal,
    /// The stream of dropout masks; `None` for a look, which moves no running statistics and drops nothing.
    pub(super) dropout: Option<&'a mut Rng>,
}

impl Lesson<'_> {
    /// Writes D's gradients on these rows, which take one pass together, each kind normalised by its own statistics. D's loss is scaled only
    /// where the update sees both halves of it; penalties never are.
    pub(super) fn learn(mut self, seen: Seen) -> DiscriminatorOutputs {
        let rows = seen.stacked();
        let batch = rows.size() / seen.kinds();
        let (halves, scale) = self.halves(&seen, batch);
        let pass = pass(&mut self.dropout, seen.kinds());
        let network = &mut self.discriminator.network;
        let logits = network.logits(rows, pass, slopes(halves, scale), self.journal);
        let outputs = self.outputs(&seen, &logits, batch);
        let logits = self.with_pairs(logits, &outputs, batch, scale);
        let mut norms = self.backward(&seen, &logits, batch);
        if let (LossConfig::WassersteinGp { penalty }, Some(shares)) =
            (self.config.loss, seen.interpolation)
        {
            let (real, fake) = (seen.real, seen.fake);
            let (real, fake) = real.zip(fake).expect("it is no part of a half alone");
            norms.between = Some(self.look_between(real, fake, shares, penalty));
        }
        DiscriminatorOutputs { norms, ..outputs }
    }

    /// The losses of the outputs alone with the numbers of their rows, and the factor on both.
    fn halves(&self, seen: &Seen, batch: usize) -> ([(Loss, usize); 2], f64) {
        let loss = self.config.loss;
        match (&seen.real, &seen.fake) {
            (Some(_), Some(_)) => {
                let halves = [(loss.real(), batch), (loss.fake(), batch)];
                (halves, self.config.discriminator_loss_scale)
            }
            (Some(_), None) => ([(loss.real(), batch), (loss.real(), 0)], 1.0),
            (None, _) => ([(loss.fake(), batch), (loss.fake(), 0)], 1.0),
        }
    }

    /// Where the journal has the outputs of each kind of rows.
    fn outputs(&self, seen: &Seen, logits: &Logits, batch: usize) -> DiscriminatorOutputs {
        let mut rest = logits.outputs;
        let mut next = |rows: &Option<Input>| {
            rows.is_some().then(|| {
                let [first, others] = rest.split(batch);
                rest = others;
                first
            })
        };
        DiscriminatorOutputs {
            real: next(&seen.real),
            fake: next(&seen.fake),
            disturbed: next(&seen.disturbed),
            norms: Norms::default(),
        }
    }

    /// Adds what the loss and the approximated R1 make of pairs of outputs.
    fn with_pairs(
        &self,
        mut logits: Logits,
        outputs: &DiscriminatorOutputs,
        batch: usize,
        scale: f64,
    ) -> Logits {
        let all = logits.outputs;
        let mut pairs = Vec::new();
        if let (true, Some(real), Some(fake)) =
            (self.config.loss.pairs(), outputs.real, outputs.fake)
        {
            let weight = scale / batch as f64;
            pairs.push(([fake, real], PairSlope::Logistic, weight));
        }
        let approximated = self.config.gradient_penalties.approximated_r1;
        if let (Some(penalty), Some(real), Some(disturbed)) =
            (approximated, outputs.real, outputs.disturbed)
        {
            let weight = 2.0 * penalty.weight / batch as f64;
            pairs.push(([real, disturbed], PairSlope::Difference, weight));
        }
        for (spans, slope, weight) in pairs {
            let (journal, at) = self.journal.place(all);
            let rows = spans.map(|span| span.after(all));
            let pairs = PairSlopes {
                slope,
                weight: weight as f32,
                count: batch,
                outputs_at: rows.map(|row| at + row),
                gradients_at: rows.map(Some),
            };
            logits = logits.with_pairs(journal.clone(), journal, pairs);
        }
        logits
    }

    /// Goes back through D's pass, with R1 and R2 where they are configured; gives the norms that these look at.
    fn backward(&mut self, seen: &Seen, logits: &Logits, batch: usize) -> Norms {
        let penalties = self.config.gradient_penalties;
        let gammas = [
            seen.real.as_ref().map(|_| penalties.r1),
            seen.fake.as_ref().map(|_| penalties.r2),
        ];
        let halves: Vec<Option<f64>> = gammas.into_iter().flatten().collect();
        let Some(last) = halves.iter().rposition(Option::is_some) else {
            self.discriminator
                .backward(&logits.tape, logits.gradient.clone());
            return Norms::default();
        };
        let half = |index: usize| {
            let gamma = halves.get(index).copied().flatten();
            around_zero(gamma.unwrap_or(0.0), batch)
        };
        let on_device = NormPenalties {
            firsts: batch,
            halves: [half(0), half(1)],
        };
        let rows = (last + 1) * batch;
        let norms = self
            .discriminator
            .penalised_backward(logits, rows, on_device, self.journal);
        let [first, second] = norms.split(batch);
        match (&seen.real, &seen.fake) {
            (Some(_), _) => Norms {
                real: penalties.r1.map(|_| first),
                fake: halves.get(1).copied().flatten().map(|_| second),
                between: None,
            },
            (None, _) => Norms {
                fake: Some(first),
                ..Norms::default()
            },
        }
    }

    /// Adds the gradients of the Wasserstein loss's penalty at points between real samples and fakes; gives the norms there.
    fn look_between(&mut self, real: Input, fake: Input, shares: Tensor<2>, weight: f64) -> Span {
        let batch = real.size();
        let [a, b] = [real.values, fake.values].map(Tensor::into_dispatch);
        let points = Dispatch::blend(a, b, shares.into_dispatch()); // [batch, sample_dim]
        let points = Input {
            values: Tensor::from_dispatch(points),
            labels: real.labels, // Those of the fakes may be others.
        };
        let penalties = NormPenalties {
            firsts: batch,
            halves: [around_one(weight, batch); 2],
        };
        let pass = pass(&mut self.dropout, 1);
        self.discriminator
            .penalise(points, pass, penalties, self.journal)
    }
}

/// The rows of one tensor, then those of another.
fn stack(above: Tensor<2>, below: Tensor<2>) -> Tensor<2> {
    let both = Dispatch::stack(above.into_dispatch(), below.into_dispatch());
    Tensor::from_dispatch(both)
}

/// D's pass over the fakes of G's update, with the gradient of the relativistic loss beside the outputs on `real` samples, which are constants.
pub(super) fn compared(fakes: Logits, real: Span, journal: &Journal) -> Logits {
    let (reals, real_at) = journal.place(real);
    let (generated, generated_at) = journal.place(fakes.outputs);
    let count = fakes.gradient.dims()[0];
    let pairs = PairSlopes {
        slope: PairSlope::Logistic,
        weight: 1.0 / count as f32,
        count,
        outputs_at: [real_at, generated_at],
        gradients_at: [None, Some(0)],
    };
    fakes.with_pairs(reals, generated, pairs)
}

/// A training pass of `groups` kinds of rows, or that of a look.
fn pass<'a>(dropout: &'a mut Option<&mut Rng>, groups: usize) -> Pass<'a> {
    match dropout {
        Some(dropout) => Pass::Train { groups, dropout },
        None => Pass::Batch,
    }
}
