//! Products by registers: each thread computes a tile of the result, and reads each operand in the memory layout it has.
//!
//! One kernel for each of a linear layer's three products; the one for weight gradients is in [`super::registers_weights`]. Lengths and places
//! in them are in vectors of `N` values.

use cubecl::prelude::*;

use super::epilogue::{Curve, activate, curve, slope_at};
use super::launch::{Values, buffer};
use super::tiles::Tiling;
use crate::kernels::spec::{Dense, Fused};

/// A product that is to be launched.
pub(super) struct Plan {
    pub(super) layer: Dense,
    pub(super) batch: usize,
    /// Number of values that a load takes.
    pub(super) vector: usize,
    pub(super) tiling: Tiling,
}

/// The sizes of a linear layer: `batch` in rows, the others in vectors.
#[derive(CubeType, CubeLaunch, Clone, Copy)]
pub(super) struct Sizes {
    pub(super) batch: usize,
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    pub(super) at: usize,
}

/// The result's tile that one thread computes, compiled into the kernel. The side along which values are loaded is in vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Tile {
    pub(super) rows: usize,
    pub(super) columns: usize,
    /// As [`Tiling::rolled`].
    pub(super) rolled: bool,
}

impl Plan {
    /// The layer's sizes as kernels take them.
    pub(super) fn sizes(&self) -> SizesLaunch {
        SizesLaunch {
            batch: self.batch,
            inputs: self.layer.inputs / self.vector,
            outputs: self.layer.outputs / self.vector,
            at: self.layer.at / self.vector,
        }
    }

    /// The tile of a kernel that loads along the columns.
    pub(super) fn tile(&self) -> Tile {
        Tile {
            rows: self.tiling.rows,
            columns: self.tiling.columns / self.vector,
            rolled: self.tiling.rolled,
        }
    }
}

/// `activation(x W + b)`
pub(super) fn forward(x: &Values, params: &Values, y: &Values, plan: &Plan, activation: Fused) {
    let (groups, size) = plan.tiling.threads(x, plan.batch, plan.layer.outputs);
    // SAFETY: a thread whose tile begins past the last row stops at once; the rows and columns that it reads are clamped to the last of
    // `x` and of the weights, `k` is below `inputs`, and `biases` of the first columns stand behind the weights. It writes only rows below
    // `batch` and columns below `outputs`, the sides of `y`.
    unsafe {
        forward_kernel::launch_unchecked(
            &x.client,
            groups,
            size,
            plan.vector,
            buffer(x),
            buffer(params),
            buffer(y),
            plan.sizes(),
            plan.layer.biases / plan.vector,
            curve(activation),
            plan.tile(),
        );
    }
}

#[cube(launch_unchecked)]
fn forward_kernel<N: Size>(
    x: &[Vector<f32, N>],
    params: &[Vector<f32, N>],
    y: &mut [Vector<f32, N>],
    sizes: Sizes,
    with_bias: usize,
    curve: Curve,
    #[comptime] tile: Tile,
) {
    let rows = comptime!(tile.rows);
    let columns = comptime!(tile.columns);
    let rolled = comptime!(tile.rolled);
    let batch = sizes.batch;
    let inputs = sizes.inputs;
    let outputs = sizes.outputs;
    let at = sizes.at;
    let lanes = N::value().comptime();
    let across = outputs.div_ceil(columns);
    let row = ABSOLUTE_POS / across * rows;
    let column = ABSOLUTE_POS % across * columns;
    if row >= batch {
        terminate!();
    }
    let mut sums = Sequence::<RuntimeCell<Vector<f32, N>>>::new();
    // The places where each row of `x` and each column of the weights begins.
    let mut row_starts = Sequence::<usize>::new();
    let mut column_starts = Sequence::<usize>::new();
    let mut biases = Sequence::<Vector<f32, N>>::new();
    #[unroll]
    for c in 0..columns {
        let from = min(column + c, outputs - 1);
        column_starts.push(at + from);
        let mut start = Vector::<f32, N>::new(0.0f32);
        if from < with_bias {
            start = params[at + inputs * lanes * outputs + from];
        }
        biases.push(start);
    }
    #[unroll]
    for r in 0..rows {
        row_starts.push(min(row + r, batch - 1) * inputs);
        #[unroll]
        for c in 0..columns {
            sums.push(RuntimeCell::<Vector<f32, N>>::new(biases[c]));
        }
    }
    for k in 0..inputs {
        let mut rights = Sequence::<Vector<f32, N>>::new();
        #[unroll]
        for lane in 0..lanes {
            #[unroll]
            for c in 0..columns {
                rights.push(params[column_starts[c] + (k * lanes + lane) * outputs]);
            }
        }
        #[unroll]
        for r in 0..rows {
            add_products::<N>(&sums, x[row_starts[r] + k], &rights, r * columns, columns);
        }
    }
    let sums = gathered::<N>(&sums);
    #[unroll(!rolled)]
    for r in 0..rows {
        #[unroll(!rolled)]
        for c in 0..columns {
            if row + r < batch && column + c < outputs {
                y[(row + r) * outputs + column + c] = activate(sums[r * columns + c], &curve);
            }
        }
    }
}

/// Adds products to the sums of one row of the tile, which begin at `first`: each value of `left` times its row of the other operand.
#[cube]
fn add_products<N: Size>(
    sums: &Sequence<RuntimeCell<Vector<f32, N>>>,
    left: Vector<f32, N>,
    rights: &Sequence<Vector<f32, N>>,
    #[comptime] first: usize,
    #[comptime] columns: usize,
) {
    let lanes = N::value().comptime();
    let mut lefts = Sequence::<Vector<f32, N>>::new();
    #[unroll]
    for lane in 0..lanes {
        lefts.push(Vector::<f32, N>::new(left.extract(lane)));
    }
    #[unroll]
    for c in 0..columns {
        let mut sum = sums[first + c].read();
        #[unroll]
        for lane in 0..lanes {
            sum += lefts[lane] * rights[lane * columns + c];
        }
        sums[first + c].store(sum);
    }
}

/// The sums in an array, so that a loop can go over them.
#[cube]
pub(super) fn gathered<N: Size>(
    sums: &Sequence<RuntimeCell<Vector<f32, N>>>,
) -> Array<Vector<f32, N>> {
    let count = sums.len();
    let mut tile = Array::<Vector<f32, N>>::new(count);
    #[unroll]
    for i in 0..count {
        tile[i] = sums[i].read();
    }
    tile
}

/// `gradient Wᵀ`, times the slope of the activation whose output is `below`.
pub(super) fn input_gradient(
    gradient: &Values,
    params: &Values,
    below: &Values,
    into: &Values,
    plan: &Plan,
    slope: Fused,
) {
    let (groups, size) = plan.tiling.threads(gradient, plan.batch, plan.layer.inputs);
    // SAFETY: a thread whose tile begins past the last row stops at once; the rows of `gradient` and the inputs whose weights it reads are
    // clamped to the last ones, and `k` is below `outputs`. It writes only rows below `batch` and columns below `inputs`, the sides of `into`
    // and of `below`, unless the slope is the identity's, which reads `below` at 0.
    unsafe {
        input_gradient_kernel::launch_unchecked(
            &gradient.client,
            groups,
            size,
            plan.vector,
            buffer(gradient),
            buffer(params),
            buffer(below),
            buffer(into),
            plan.sizes(),
            curve(slope),
            plan.tile(),
        );
    }
}

#[cube(launch_unchecked)]
fn input_gradient_kernel<N: Size>(
    gradient: &[Vector<f32, N>],
    params: &[Vector<f32, N>],
    below: &[Vector<f32, N>],
    into: &mut [Vector<f32, N>],
    sizes: Sizes,
    curve: Curve,
    #[comptime] tile: Tile,
) {
    let rows = comptime!(tile.rows);
    let columns = comptime!(tile.columns);
    let rolled = comptime!(tile.rolled);
    let batch = sizes.batch;
    let inputs = sizes.inputs;
    let outputs = sizes.outputs;
    let at = sizes.at;
    let lanes = N::value().comptime();
    let is_identity = curve.smooth == 0 && curve.number == 1.0;
    let across = inputs.div_ceil(columns);
    let row = ABSOLUTE_POS / across * rows;
    let column = ABSOLUTE_POS % across * columns;
    if row >= batch {
        terminate!();
    }
    let mut sums = Sequence::<RuntimeCell<Vector<f32, N>>>::new();
    let mut row_starts = Sequence::<usize>::new();
    #[unroll]
    for r in 0..rows {
        row_starts.push(min(row + r, batch - 1) * outputs);
        #[unroll]
        for _ in 0..columns {
            sums.push(RuntimeCell::<Vector<f32, N>>::new(Vector::new(0.0f32)));
        }
    }
    let mut column_starts = Sequence::<usize>::new();
    #[unroll]
    for c in 0..columns {
        column_starts.push(at + min(column + c, inputs - 1) * lanes * outputs);
    }
    for k in 0..outputs {
        // Loads hold the weights of one input to neighbouring outputs; `rights` those of neighbouring inputs to one output.
        let mut along = Sequence::<Vector<f32, N>>::new();
        #[unroll]
        for c in 0..columns {
            #[unroll]
            for lane in 0..lanes {
                along.push(params[column_starts[c] + lane * outputs + k]);
            }
        }
        let mut rights = Sequence::<Vector<f32, N>>::new();
        #[unroll]
        for lane in 0..lanes {
            #[unroll]
            for c in 0..columns {
                let mut right = Vector::<f32, N>::empty();
                #[unroll]
                for input in 0..lanes {
                    right.insert(input, along[c * lanes + input].extract(lane));
                }
                rights.push(right);
            }
        }
        #[unroll]
        for r in 0..rows {
            add_products::<N>(
                &sums,
                gradient[row_starts[r] + k],
                &rights,
                r * columns,
                columns,
            );
        }
    }
    let sums = gathered::<N>(&sums);
    #[unroll(!rolled)]
    for r in 0..rows {
        #[unroll(!rolled)]
        for c in 0..columns {
            if row + r < batch && column + c < inputs {
                let to = (row + r) * inputs + column + c;
                // The identity's slope is 1 whatever `below` holds, which may be shorter then.
                let seen = below[select(is_identity, 0, to)];
                into[to] = sums[r * columns + c] * slope_at(seen, &curve);
            }
        }
    }
}
