//! Tensors on the CPU, and loops over their values.

use burn::backend::tensor::FloatTensor;
use burn::backend::{Flex, TensorMetadata};
use burn::tensor::TensorData;

/// A tensor of whole rows of f32.
pub(super) type Values = FloatTensor<Flex>;

/// The length of a row of `[rows, width]`.
pub(super) fn width(tensor: &Values) -> usize {
    tensor.shape()[1]
}

/// All values, row by row.
pub(super) fn slice(tensor: &Values) -> &[f32] {
    tensor
        .as_slice()
        .expect("every tensor here is whole rows of f32")
}

/// A tensor with rows of `width` values.
pub(super) fn tensor(values: Vec<f32>, width: usize) -> Values {
    let shape = [values.len() / width, width];
    Values::from_data(TensorData::new(values, shape))
}

/// Replaces each value `x` by `f(x)`.
pub(super) fn each(values: &mut [f32], f: impl Fn(f32) -> f32) {
    values.iter_mut().for_each(|x| *x = f(*x));
}

/// Adds `values` to `sums`, place by place.
pub(super) fn plus(sums: &mut [f32], values: &[f32]) {
    sums.iter_mut().zip(values).for_each(|(sum, x)| *sum += x);
}

/// The sum of `values`.
pub(super) fn sum(values: &[f32]) -> f32 {
    sum_of(values, values, |x, _| x)
}

/// The sum of `f(x, y)` for each `x` and the `y` at the same place, added up in eight parts, so that the loop becomes SIMD.
#[inline(always)]
pub(super) fn sum_of(xs: &[f32], ys: &[f32], f: impl Fn(f32, f32) -> f32) -> f32 {
    let ((xs, rest), (ys, other_rest)) = (xs.as_chunks::<8>(), ys.as_chunks::<8>());
    let mut sums = [0.0; 8];
    for (xs, ys) in xs.iter().zip(ys) {
        let pairs = xs.iter().zip(ys);
        sums.iter_mut()
            .zip(pairs)
            .for_each(|(sum, (x, y))| *sum += f(*x, *y));
    }
    let rest = rest.iter().zip(other_rest).map(|(x, y)| f(*x, *y));
    sums.into_iter().chain(rest).sum()
}
