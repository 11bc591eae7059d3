//! D's raw outputs on the CPU: noted in the journal, and the gradient of a loss by them.

use super::epilogue::sigmoid;
use super::values::{Values, each, slice};
use crate::kernels::spec::{LossSlope, LossSlopes, PairSlope, PairSlopes};

impl LossSlope {
    /// The derivative at the raw output `x`.
    fn at(self, x: f32) -> f32 {
        match self {
            Self::Logistic(target) => sigmoid(x) - target,
            Self::Difference(target) => x - target,
            Self::HingeReal => -f32::from(x < 1.0),
            Self::HingeFake => f32::from(x > -1.0),
            Self::One => 1.0,
        }
    }
}

pub(super) fn loss_gradient(
    mut outputs: Values,
    mut journal: Values,
    at: usize,
    loss: LossSlopes,
) -> (Values, Values) {
    let values = outputs.storage_mut::<f32>();
    journal.storage_mut()[at..at + values.len()].copy_from_slice(values);
    let (first, second) = values.split_at_mut(loss.firsts);
    for (values, (slope, weight)) in [first, second].into_iter().zip(loss.halves) {
        each(values, |x| weight * slope.at(x));
    }
    (outputs, journal)
}

pub(super) fn pair_gradient(
    mut gradient: Values,
    firsts: &Values,
    seconds: &Values,
    pairs: PairSlopes,
) -> Values {
    let values = gradient.storage_mut::<f32>();
    let [of_first, of_second] = pairs.gradients_at;
    for pair in 0..pairs.count {
        let first = slice(firsts)[pairs.outputs_at[0] + pair];
        let difference = first - slice(seconds)[pairs.outputs_at[1] + pair];
        let slope = pairs.weight
            * match pairs.slope {
                PairSlope::Logistic => sigmoid(difference),
                PairSlope::Difference => difference,
            };
        if let Some(at) = of_first {
            values[at + pair] += slope;
        }
        if let Some(at) = of_second {
            values[at + pair] = -slope;
        }
    }
    gradient
}
