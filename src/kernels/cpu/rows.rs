//! Operations that treat each row in a way of its own, on the CPU: gradient penalties, and rows with shares.

use super::values::{Values, each, slice, tensor, width};
use crate::kernels::spec::{NormPenalties, PENALTY_EPS};

pub(super) fn penalty(
    mut input_gradients: Values,
    mut journal: Values,
    at: usize,
    penalties: NormPenalties,
) -> (Values, Values) {
    let width = width(&input_gradients);
    let values = input_gradients.storage_mut::<f32>();
    let norms = &mut journal.storage_mut::<f32>()[at..at + values.len() / width];
    let rows = values.chunks_exact_mut(width).zip(norms).enumerate();
    for (index, (row, noted)) in rows {
        let penalty = penalties.halves[usize::from(index >= penalties.firsts)];
        let square: f32 = row.iter().map(|x| x * x).sum();
        let norm = (square + PENALTY_EPS).sqrt();
        each(row, |x| penalty.share * (norm - penalty.centre) / norm * x);
        *noted = norm;
    }
    (input_gradients, journal)
}

pub(super) fn blend_rows(mut x: Values, shares: &Values, more: &Values) -> Values {
    let width = width(&x);
    let rows = x.storage_mut::<f32>().chunks_exact_mut(width);
    let mut more = slice(more).chunks_exact(width);
    for (row, share) in rows.zip(slice(shares)) {
        match more.next() {
            Some(more) => {
                let pairs = row.iter_mut().zip(more);
                pairs.for_each(|(x, more)| *x = share * *x + more);
            }
            None => each(row, |x| share * x),
        }
    }
    x
}

pub(super) fn first_rows(x: &Values, count: usize) -> Values {
    let width = width(x);
    tensor(slice(x)[..count * width].to_vec(), width)
}

pub(super) fn bias_gradient(
    gradient: &Values,
    shares: &Values,
    mut into: Values,
    at: usize,
    [channels, biases]: [usize; 2],
) -> Values {
    let width = width(gradient);
    let biases = &mut into.storage_mut::<f32>()[at..at + biases];
    biases.fill(0.0);
    for (row, share) in slice(gradient).chunks_exact(width).zip(slice(shares)) {
        for (bias, channel) in biases.iter_mut().zip(row.chunks_exact(width / channels)) {
            *bias += share * channel.iter().sum::<f32>();
        }
    }
    into
}
