//! Upsampling by repetition, on the CPU.

use super::values::{Values, slice, tensor, width as row_width};
use crate::kernels::spec::Fused;

pub(super) fn forward(x: &Values, width: usize) -> Values {
    let values = slice(x);
    let mut y = Vec::with_capacity(4 * values.len());
    for line in values.chunks_exact(width) {
        for _ in 0..2 {
            y.extend(line.iter().flat_map(|pixel| [*pixel; 2]));
        }
    }
    tensor(y, 4 * row_width(x))
}

pub(super) fn input_gradient(
    gradient: &Values,
    below: &Values,
    width: usize,
    slope: Fused,
) -> Values {
    let mut sums = Vec::with_capacity(slice(below).len());
    for lines in slice(gradient).chunks_exact(4 * width) {
        let (upper, lower) = lines.split_at(2 * width);
        let squares = upper.chunks_exact(2).zip(lower.chunks_exact(2));
        sums.extend(squares.map(|(upper, lower)| (upper[0] + upper[1]) + (lower[0] + lower[1])));
    }
    slope.apply_slope(&mut sums, slice(below));
    tensor(sums, row_width(below))
}
