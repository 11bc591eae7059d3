//! Weight gradients by registers: sums over the batch, which are split into slices where there are few weights.

use cubecl::prelude::*;

use super::launch::{Values, buffer};
use super::registers::{Plan, Sizes, Tile, gathered};

/// How the sums of a weight gradient, which go over the batch, are split.
pub(super) struct Slices {
    /// Number of tiles; in every slice one thread computes each.
    pub(super) tiles: usize,
    /// Number of slices; the results of each stand one after another.
    pub(super) count: usize,
    /// Whether old values are added.
    pub(super) accumulate: bool,
    /// Number of biases whose gradients the threads of the first rows add up too, behind the weights'.
    pub(super) biases: usize,
}

/// [`Slices`] as the kernel takes them.
#[derive(CubeType, CubeLaunch, Clone, Copy)]
struct Slicing {
    tiles: usize,
    slices: usize,
    accumulate: u32,
    biases: usize,
}

/// `xᵀ gradient`, for each slice of the batch.
pub(super) fn weight_gradient(
    x: &Values,
    gradient: &Values,
    into: &Values,
    plan: &Plan,
    slices: &Slices,
) {
    let (groups, size) = plan.tiling.groups(x, slices.tiles * slices.count);
    let slicing = SlicingLaunch {
        tiles: slices.tiles,
        slices: slices.count,
        accumulate: u32::from(slices.accumulate),
        biases: slices.biases / plan.vector,
    };
    let tile = Tile {
        rows: plan.tiling.rows / plan.vector,
        ..plan.tile()
    };
    // SAFETY: a thread past the last slice stops at once; `k` ends at `batch`, and the columns of `x` and `gradient` that it reads are clamped
    // to the last ones. It writes only weights below `inputs` and `outputs` in its own slice, of which `into` has `slices` from `at` on, and,
    // behind the only slice, the first `biases` biases.
    unsafe {
        weight_gradient_kernel::launch_unchecked(
            &x.client,
            groups,
            size,
            plan.vector,
            buffer(x),
            buffer(gradient),
            buffer(into),
            plan.sizes(),
            slicing,
            tile,
        );
    }
}

/// `rows` of the tile are in vectors too.
#[cube(launch_unchecked)]
fn weight_gradient_kernel<N: Size>(
    x: &[Vector<f32, N>],
    gradient: &[Vector<f32, N>],
    into: &mut [Vector<f32, N>],
    sizes: Sizes,
    slicing: Slicing,
    #[comptime] tile: Tile,
) {
    let rows = comptime!(tile.rows);
    let columns = comptime!(tile.columns);
    let rolled = comptime!(tile.rolled);
    let batch = sizes.batch;
    let inputs = sizes.inputs;
    let outputs = sizes.outputs;
    let at = sizes.at;
    let place = ABSOLUTE_POS % slicing.tiles;
    let slice = ABSOLUTE_POS / slicing.tiles;
    if slice >= slicing.slices {
        terminate!();
    }
    let lanes = N::value().comptime();
    let values = comptime!(rows * lanes * columns);
    let across = outputs.div_ceil(columns);
    let row = place / across * rows;
    let column = place % across * columns;
    let share = batch.div_ceil(slicing.slices);
    let first = min(slice * share, batch);
    let start = at + slice * (inputs * lanes * outputs);
    if slicing.biases > 0 && row == 0 {
        #[unroll]
        for c in 0..columns {
            if column + c < slicing.biases {
                let mut sum = Vector::<f32, N>::new(0.0f32);
                for k in 0..batch {
                    sum += gradient[k * outputs + column + c];
                }
                let to = at + inputs * lanes * outputs + column + c;
                if slicing.accumulate == 1 {
                    sum += into[to];
                }
                into[to] = sum;
            }
        }
    }
    let mut sums = Sequence::<RuntimeCell<Vector<f32, N>>>::new();
    #[unroll]
    for _ in 0..values {
        sums.push(RuntimeCell::<Vector<f32, N>>::new(Vector::new(0.0f32)));
    }
    for k in first..min(first + share, batch) {
        let mut rights = Sequence::<Vector<f32, N>>::new();
        #[unroll]
        for c in 0..columns {
            rights.push(gradient[k * outputs + min(column + c, outputs - 1)]);
        }
        #[unroll]
        for r in 0..rows {
            let lefts = x[k * inputs + min(row + r, inputs - 1)];
            #[unroll]
            for lane in 0..lanes {
                let left = Vector::<f32, N>::new(lefts.extract(lane));
                #[unroll]
                for c in 0..columns {
                    let sum = &sums[(r * lanes + lane) * columns + c];
                    sum.store(sum.read() + left * rights[c]);
                }
            }
        }
    }
    let sums = gathered::<N>(&sums);
    #[unroll(!rolled)]
    for r in 0..rows * lanes {
        #[unroll(!rolled)]
        for c in 0..columns {
            if row * lanes + r < inputs * lanes && column + c < outputs {
                let to = start + (row * lanes + r) * outputs + column + c;
                let mut sum = sums[r * columns + c];
                if slicing.accumulate == 1 {
                    sum += into[to];
                }
                into[to] = sum;
            }
        }
    }
}
