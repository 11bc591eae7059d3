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
