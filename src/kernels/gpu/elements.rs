//! Operations on rows of values, on a GPU.

use burn::backend::TensorMetadata;
use cubecl::prelude::*;

use super::launch::{Values, buffer, count, room, threads};

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
    write_first(into, values, at, count(values))
}

/// Writes the first `count` values over those of `into` from `at` on.
pub(super) fn write_first(into: Values, values: &Values, at: usize, count: usize) -> Values {
    let (groups, size) = threads(values, count);
    // SAFETY: threads past `count`, which `values` has room for, stop at once; the caller's `into` has `at + count` values.
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
