//! Operations on rows of values, on a GPU.

use burn::backend::TensorMetadata;
use cubecl::prelude::*;

use super::launch::{Values, buffer, count, room, threads};
use crate::kernels::spec::PENALTY_EPS;

/// A tensor that may be written: this one if nobody else holds its values, else a copy.
pub(super) fn own(tensor: Values) -> Values {
    if tensor.can_mut() {
        return tensor;
    }
    let shape = tensor.shape();
    let copy = room(&tensor, 1, count(&tensor));
    let copy = write(copy, &tensor, 0);
    Values::new_contiguous(copy.client, copy.device, shape, copy.handle, copy.dtype)
}

pub(super) fn write(into: Values, values: &Values, at: usize) -> Values {
    let count = count(values);
    let (groups, size) = threads(values, count);
    // SAFETY: threads past `count`, the length of `values`, stop at once; the caller's `into` has `at + count` values.
    unsafe {
        write_kernel::launch_unchecked(
            &values.client,
            groups,
            size,
            buffer(&into),
            buffer(values),
            at,
            count,
        );
    }
    into
}

#[cube(launch_unchecked)]
fn write_kernel(into: &mut [f32], values: &[f32], at: usize, count: usize) {
    if ABSOLUTE_POS >= count {
        terminate!();
    }
    into[at + ABSOLUTE_POS] = values[ABSOLUTE_POS];
}

pub(super) fn stack(a: &Values, b: &Values) -> Values {
    let (rows, width) = (a.shape()[0], a.shape()[1]);
    let both = room(a, rows + b.shape()[0], width);
    let both = write(both, a, 0);
    write(both, b, rows * width)
}

pub(super) fn multiply(a: &Values, b: &Values) -> Values {
    let count = count(a);
    let y = room(a, a.shape()[0], a.shape()[1]);
    let (groups, size) = threads(a, count);
    // SAFETY: threads past `count` stop at once; every index is below `count`, the length of all three buffers.
    unsafe {
        multiply_kernel::launch_unchecked(
            &a.client,
            groups,
            size,
            buffer(a),
            buffer(b),
            buffer(&y),
            count,
        );
    }
    y
}

#[cube(launch_unchecked)]
fn multiply_kernel(a: &[f32], b: &[f32], y: &mut [f32], count: usize) {
    let at = ABSOLUTE_POS;
    if at >= count {
        terminate!();
    }
    y[at] = a[at] * b[at];
}

pub(super) fn blend(a: &Values, b: &Values, shares: &Values) -> Values {
    let (rows, width) = (a.shape()[0], a.shape()[1]);
    let y = room(a, rows, width);
    let (groups, size) = threads(a, rows * width);
    // SAFETY: threads past `rows * width`, the length of `a`, `b` and `y`, stop at once; so `at / width` is below `rows`, the length of
    // `shares`.
    unsafe {
        blend_kernel::launch_unchecked(
            &a.client,
            groups,
            size,
            buffer(a),
            buffer(b),
            buffer(shares),
            buffer(&y),
            rows * width,
            width,
        );
    }
    y
}

#[cube(launch_unchecked)]
fn blend_kernel(a: &[f32], b: &[f32], shares: &[f32], y: &mut [f32], count: usize, width: usize) {
    let at = ABSOLUTE_POS;
    if at >= count {
        terminate!();
    }
    let share = shares[at / width];
    y[at] = share * a[at] + (1.0 - share) * b[at];
}

pub(super) fn penalty(input_gradients: &Values, weight: f32) -> (Values, Values) {
    let (rows, width) = (input_gradients.shape()[0], input_gradients.shape()[1]);
    let gradients = room(input_gradients, rows, width);
    let norms = room(input_gradients, rows, 1);
    let (groups, size) = threads(input_gradients, rows);
    let sizes = PenaltySizesLaunch {
        rows,
        width,
        share: 2.0 * weight / rows as f32,
    };
    // SAFETY: threads past `rows`, the length of `norms`, stop at once; columns are below `width`, so every other index is below
    // `rows * width`, the length of both other buffers.
    unsafe {
        penalty_kernel::launch_unchecked(
            &input_gradients.client,
            groups,
            size,
            buffer(input_gradients),
            buffer(&gradients),
            buffer(&norms),
            sizes,
        );
    }
    (gradients, norms)
}

#[derive(CubeType, CubeLaunch, Clone, Copy)]
struct PenaltySizes {
    rows: usize,
    width: usize,
    /// Twice the penalty's weight, divided by the rows.
    share: f32,
}

/// A thread takes one row.
#[cube(launch_unchecked)]
fn penalty_kernel(x: &[f32], gradients: &mut [f32], norms: &mut [f32], sizes: PenaltySizes) {
    let row = ABSOLUTE_POS;
    if row >= sizes.rows {
        terminate!();
    }
    let width = sizes.width;
    let mut square = PENALTY_EPS.runtime();
    for column in 0..width {
        let x = x[row * width + column];
        square += x * x;
    }
    let norm = square.sqrt();
    let factor = sizes.share * (norm - 1.0) / norm;
    for column in 0..width {
        gradients[row * width + column] = factor * x[row * width + column];
    }
    norms[row] = norm;
}
