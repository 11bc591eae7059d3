//! Operations that treat each row in a way of its own, on a GPU: gradient penalties, and rows with shares.

use burn::backend::TensorMetadata;
use cubecl::prelude::*;

use super::launch::{GROUP, Values, buffer, count, groups_of, room, threads};
use super::logits::LANES;
use super::sums::{self, To};
use super::{elements, tiles};
use crate::kernels::spec::{NormPenalties, PENALTY_EPS};

pub(super) fn penalty(
    input_gradients: &Values,
    journal: Values,
    at: usize,
    penalties: NormPenalties,
) -> (Values, Values) {
    let (rows, width) = (input_gradients.shape()[0], input_gradients.shape()[1]);
    let directions = room(input_gradients, rows, width);
    let lanes = if tiles::on_cores() { 1 } else { LANES };
    let group = if lanes == 1 { GROUP } else { lanes };
    let (groups, size) = groups_of(input_gradients, group, rows * lanes);
    let [first, second] = penalties.halves.map(|penalty| HalfLaunch {
        centre: penalty.centre,
        share: penalty.share,
    });
    let sizes = PenaltySizesLaunch {
        rows,
        width,
        journal_at: at,
        firsts: penalties.firsts,
        first,
        second,
    };
    // SAFETY: rows are clamped to `rows` when `x` is read, and only those below `rows` are written; columns are below `width`, so every index is
    // below `rows * width`, the length of `x` and of `directions`. The caller's journal has `at + rows` values. `partial` has a place for
    // each lane.
    unsafe {
        penalty_kernel::launch_unchecked(
            &input_gradients.client,
            groups,
            size,
            buffer(input_gradients),
            buffer(&directions),
            buffer(&journal),
            sizes,
            lanes,
        );
    }
    (directions, journal)
}

#[derive(CubeType, CubeLaunch, Clone, Copy)]
struct PenaltySizes {
    rows: usize,
    width: usize,
    journal_at: usize,
    firsts: usize,
    first: Half,
    second: Half,
}

/// The penalty of one half of the rows.
#[derive(CubeType, CubeLaunch, Clone, Copy)]
struct Half {
    centre: f32,
    share: f32,
}

/// One thread, or the `lanes` threads of a workgroup, take one row.
#[cube(launch_unchecked)]
fn penalty_kernel(
    x: &[f32],
    directions: &mut [f32],
    journal: &mut [f32],
    sizes: PenaltySizes,
    #[comptime] lanes: usize,
) {
    let row = ABSOLUTE_POS / lanes;
    let lane = ABSOLUTE_POS % lanes;
    let width = sizes.width;
    // All threads of a workgroup must reach a barrier, so those past the last row compute that row again.
    let own = min(row, sizes.rows - 1);
    let mut square = 0.0f32;
    for step in 0..width.div_ceil(lanes) {
        let column = step * lanes + lane;
        if column < width {
            let x = x[own * width + column];
            square += x * x;
        }
    }
    if comptime!(lanes > 1) {
        let mut partial = Shared::<[f32]>::new_slice(lanes);
        partial[lane] = square;
        sync_cube();
        square = 0.0;
        for i in 0..lanes {
            square += partial[i];
        }
    }
    let is_first = row < sizes.firsts;
    let centre = select(is_first, sizes.first.centre, sizes.second.centre);
    let share = select(is_first, sizes.first.share, sizes.second.share);
    let norm = (square + PENALTY_EPS.runtime()).sqrt();
    let factor = share * (norm - centre) / norm;
    if row < sizes.rows {
        for step in 0..width.div_ceil(lanes) {
            let column = step * lanes + lane;
            if column < width {
                directions[row * width + column] = factor * x[row * width + column];
            }
        }
        if lane == 0 {
            journal[sizes.journal_at + row] = norm;
        }
    }
}

pub(super) fn blend_rows(x: &Values, shares: &Values, more: &Values) -> Values {
    let (rows, width) = (x.shape()[0], x.shape()[1]);
    let y = room(x, rows, width);
    let (groups, size) = threads(x, rows * width);
    // SAFETY: threads past `rows * width`, the length of `x` and `y`, stop at once; so `at / width` is below `rows`, the length of `shares`.
    // `more` is read below its own length.
    unsafe {
        blend_rows_kernel::launch_unchecked(
            &x.client,
            groups,
            size,
            buffer(x),
            buffer(shares),
            buffer(more),
            buffer(&y),
            rows * width,
            width,
            count(more),
        );
    }
    y
}

#[cube(launch_unchecked)]
fn blend_rows_kernel(
    x: &[f32],
    shares: &[f32],
    more: &[f32],
    y: &mut [f32],
    count: usize,
    width: usize,
    more_count: usize,
) {
    let at = ABSOLUTE_POS;
    if at >= count {
        terminate!();
    }
    let mut sum = shares[at / width] * x[at];
    if at < more_count {
        sum += more[at];
    }
    y[at] = sum;
}

pub(super) fn first_rows(x: &Values, count: usize) -> Values {
    let width = x.shape()[1];
    elements::write_first(room(x, count, width), x, 0, count * width)
}

pub(super) fn bias_gradient(
    gradient: &Values,
    shares: &Values,
    into: Values,
    at: usize,
    [channels, biases]: [usize; 2],
) -> Values {
    let (rows, width) = (gradient.shape()[0], gradient.shape()[1]);
    let to = To {
        into: &into,
        at,
        accumulate: false,
    };
    let sizes = [rows, channels, width / channels];
    sums::channel_sums(gradient, Some(shares), sizes, biases, to);
    into
}
