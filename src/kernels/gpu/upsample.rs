//! Upsampling by repetition, on a GPU.

use burn::backend::TensorMetadata;
use cubecl::prelude::*;

use super::epilogue::{EpilogueArgument, apply_epilogue, epilogue_argument};
use super::launch::{Values, buffer, count, room, threads};
use crate::kernels::spec::{Epilogue, Fused};

pub(super) fn forward(x: &Values, width: usize) -> Values {
    let count = 4 * count(x);
    let y = room(x, x.shape()[0], 4 * x.shape()[1]);
    let (groups, size) = threads(x, count);
    // SAFETY: threads past `count`, the length of `y`, stop at once; `y` has two lines of two times `width` for each line of `x`, so half of
    // a line's number and half of a column's are a place in `x`.
    unsafe {
        upsample_kernel::launch_unchecked(
            &x.client,
            groups,
            size,
            buffer(x),
            buffer(&y),
            count,
            width,
        );
    }
    y
}

#[cube(launch_unchecked)]
fn upsample_kernel(x: &[f32], y: &mut [f32], count: usize, width: usize) {
    let at = ABSOLUTE_POS;
    if at >= count {
        terminate!();
    }
    let (line, column) = (at / (2 * width), at % (2 * width));
    y[at] = x[line / 2 * width + column / 2];
}

pub(super) fn input_gradient(
    gradient: &Values,
    below: &Values,
    width: usize,
    slope: Fused,
) -> Values {
    let count = count(gradient) / 4;
    let sums = room(below, gradient.shape()[0], below.shape()[1]);
    let (groups, size) = threads(below, count);
    // SAFETY: threads past `count`, the length of `sums` and no more than that of `below`, stop at once; `gradient` has four values for each of
    // them, two in each of two lines of two times `width`.
    unsafe {
        upsample_gradient_kernel::launch_unchecked(
            &below.client,
            groups,
            size,
            buffer(gradient),
            buffer(below),
            buffer(&sums),
            count,
            width,
            epilogue_argument(Epilogue::Slope(slope)),
        );
    }
    sums
}

#[cube(launch_unchecked)]
fn upsample_gradient_kernel(
    gradient: &[f32],
    below: &[f32],
    sums: &mut [f32],
    count: usize,
    width: usize,
    epilogue: EpilogueArgument,
) {
    let at = ABSOLUTE_POS;
    if at >= count {
        terminate!();
    }
    let (line, column) = (at / width, at % width);
    let upper = 4 * width * line + 2 * column;
    let lower = upper + 2 * width;
    let sum = (gradient[upper] + gradient[upper + 1]) + (gradient[lower] + gradient[lower + 1]);
    sums[at] = apply_epilogue(sum, below, at, &epilogue);
}
