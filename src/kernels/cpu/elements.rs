//! Operations on rows of values, on the CPU.

use super::values::{Values, slice, tensor, width};

pub(super) fn multiply(mut a: Values, b: &Values) -> Values {
    let pairs = a.storage_mut::<f32>().iter_mut().zip(slice(b));
    pairs.for_each(|(a, b)| *a *= *b);
    a
}

pub(super) fn stack(a: &Values, b: &Values) -> Values {
    let width = width(a);
    tensor([slice(a), slice(b)].concat(), width)
}

pub(super) fn blend(a: &Values, b: &Values, shares: &Values) -> Values {
    let width = width(a);
    let rows = slice(a)
        .chunks_exact(width)
        .zip(slice(b).chunks_exact(width));
    let rows = rows.zip(slice(shares));
    let values = rows.flat_map(|((a, b), share)| {
        let pairs = a.iter().zip(b);
        pairs.map(move |(a, b)| share * a + (1.0 - share) * b)
    });
    tensor(values.collect(), width)
}

pub(super) fn write(mut into: Values, values: &Values, at: usize) -> Values {
    let values = slice(values);
    into.storage_mut::<f32>()[at..at + values.len()].copy_from_slice(values);
    into
}
