//! D's raw outputs on the CPU: noted in the journal, and the gradient of a loss by them.

use super::epilogue::sigmoid;
use super::values::{Values, each};
use crate::kernels::spec::{LossSlope, LossSlopes};

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
