//! Products of matrices, three of them: each reads its operands as they lie, up to four values at a time. Linear layers are such products, and
//! convolutions too, once their windows are laid out as rows.

use super::shared::{self, Finish, Layout, Operand};
use super::tiling::Tiling;
use super::*;

pub(super) fn forward(x: &Values, params: &Values, layer: Dense, end: Fused) -> Values {
    let Dense {
        at,
        inputs,
        outputs,
        bias,
    } = layer;
    let batch = count(x) / inputs;
    let y = room(x, batch, outputs);
    let vector = width(&[at, inputs, outputs]);
    let Some(tiling) = tiling::of(batch, outputs, vector) else {
        shared::product(
            Operand(x, 0, Layout::Along),
            Operand(params, at, Layout::Across),
            &y,
            0,
            [batch, inputs, outputs],
            vector,
            &Finish::Forward(params, bias.then_some(at + inputs * outputs), end),
        );
        return y;
    };
    let (groups, size) = tiling.threads(x, batch, outputs);
    // SAFETY: the kernel keeps within the lengths it is given.
    unsafe {
        forward_kernel::launch_unchecked(
            &x.client,
            groups,
            size,
            vector,
            buffer(x),
            buffer(params),
            buffer(&y),
            batch,
            inputs / vector,
            outputs / vector,
            at / vector,
            u32::from(bias),
            curve(end),
            tiling.rows,
            tiling.columns / vector,
            tiling.rolled,
        );
    }
    y
}

/// Lengths and places are in vectors.
#[cube(launch_unchecked)]
fn forward_kernel<N: Size>(
    x: &[Vector<f32, N>],
    params: &[Vector<f32, N>],
    y: &mut [Vector<f32, N>],
    batch: usize,
    inputs: usize,
    outputs: usize,
    at: usize,
    bias: u32,
    curve: Curve,
    #[comptime] rows: usize,
    #[comptime] columns: usize,
    #[comptime] rolled: bool,
) {
    let lanes = N::value().comptime();
    let across = outputs.div_ceil(columns);
    let row = ABSOLUTE_POS / across * rows;
    let column = ABSOLUTE_POS % across * columns;
    if row >= batch {
        terminate!();
    }
    let mut sums = Sequence::<RuntimeCell<Vector<f32, N>>>::new();
    // Where each row of `x`, and each column of the weights, begins.
    let mut row_starts = Sequence::<usize>::new();
    let mut column_starts = Sequence::<usize>::new();
    let mut biases = Sequence::<Vector<f32, N>>::new();
    #[unroll]
    for c in 0..columns {
        let from = min(column + c, outputs - 1);
        column_starts.push(at + from);
        let mut start = Vector::<f32, N>::new(0.0f32);
        if bias == 1 {
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
    let tile = gathered::<N>(&sums);
    #[unroll(!rolled)]
    for r in 0..rows {
        #[unroll(!rolled)]
        for c in 0..columns {
            if row + r < batch && column + c < outputs {
                y[(row + r) * outputs + column + c] = activate(tile[r * columns + c], &curve);
            }
        }
    }
}

/// Adds to the sums of a row, from `first` on, the products of its next values and their rows of the other operand.
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

/// The sums, side by side: a loop can go over them.
#[cube]
fn gathered<N: Size>(sums: &Sequence<RuntimeCell<Vector<f32, N>>>) -> Array<Vector<f32, N>> {
    let count = sums.len();
    let mut tile = Array::<Vector<f32, N>>::new(count);
    #[unroll]
    for i in 0..count {
        tile[i] = sums[i].read();
    }
    tile
}

pub(super) fn input_gradient(
    gradient: &Values,
    params: &Values,
    below: &Values,
    layer: Dense,
    end: Fused,
) -> Values {
    let Dense {
        at,
        inputs,
        outputs,
        ..
    } = layer;
    let batch = count(gradient) / outputs;
    let into = room(gradient, batch, inputs);
    let vector = width(&[at, inputs, outputs]);
    let Some(tiling) = tiling::of(batch, inputs, vector).map(Tiling::halved) else {
        shared::product(
            Operand(gradient, 0, Layout::Along),
            Operand(params, at, Layout::Along),
            &into,
            0,
            [batch, outputs, inputs],
            vector,
            &Finish::Slope(below, end),
        );
        return into;
    };
    let (groups, size) = tiling.threads(gradient, batch, inputs);
    // SAFETY: the kernel keeps within the lengths it is given.
    unsafe {
        input_gradient_kernel::launch_unchecked(
            &gradient.client,
            groups,
            size,
            vector,
            buffer(gradient),
            buffer(params),
            buffer(below),
            buffer(&into),
            batch,
            inputs / vector,
            outputs / vector,
            at / vector,
            curve(end),
            tiling.rows,
            tiling.columns / vector,
            tiling.rolled,
        );
    }
    into
}

/// Lengths and places are in vectors, `columns` too.
#[cube(launch_unchecked)]
fn input_gradient_kernel<N: Size>(
    gradient: &[Vector<f32, N>],
    params: &[Vector<f32, N>],
    below: &[Vector<f32, N>],
    into: &mut [Vector<f32, N>],
    batch: usize,
    inputs: usize,
    outputs: usize,
    at: usize,
    curve: Curve,
    #[comptime] rows: usize,
    #[comptime] columns: usize,
    #[comptime] rolled: bool,
) {
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
        // The weights of neighbouring inputs, each along the outputs; turned, so that they lie along the inputs.
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
    let tile = gathered::<N>(&sums);
    #[unroll(!rolled)]
    for r in 0..rows {
        #[unroll(!rolled)]
        for c in 0..columns {
            if row + r < batch && column + c < inputs {
                let to = (row + r) * inputs + column + c;
                // The identity's slope is 1 whatever `below` holds, which may be shorter then.
                let seen = below[select(is_identity, 0, to)];
                into[to] = tile[r * columns + c] * slope_at(seen, &curve);
            }
        }
    }
}

pub(super) fn weight_gradient(
    x: &Values,
    gradient: &Values,
    into: Values,
    layer: Dense,
    add: bool,
) -> Values {
    let Dense {
        at,
        inputs,
        outputs,
        bias,
    } = layer;
    let batch = count(x) / inputs;
    let vector = width(&[at, inputs, outputs]);
    let len = inputs * outputs;
    let tiling = tiling::of(inputs, outputs, vector);
    let threads = tiling.map_or_else(
        || shared::threads(inputs, outputs),
        |tiling| tiling.count(inputs, outputs),
    );
    // A long sum over few threads is cut into parts, which lie one after another beside the gradient and are added up then.
    let parts = tiling::parts(threads, batch);
    let partial = (parts > 1).then(|| room(x, parts, len));
    let to = partial.as_ref().unwrap_or(&into);
    let start = if parts > 1 { 0 } else { at };
    let adds = add && parts == 1;
    // The threads of the first rows sum up the biases too.
    let sums_bias = bias && parts == 1 && tiling.is_some();
    match tiling {
        None => shared::product(
            Operand(x, 0, Layout::Across),
            Operand(gradient, 0, Layout::Across),
            to,
            start,
            [inputs, batch, outputs],
            vector,
            &Finish::Sum { parts, add: adds },
        ),
        Some(tiling) => {
            let (groups, size) = tiling.groups(x, threads * parts);
            // SAFETY: the kernel keeps within the lengths it is given.
            unsafe {
                weight_gradient_kernel::launch_unchecked(
                    &x.client,
                    groups,
                    size,
                    vector,
                    buffer(x),
                    buffer(gradient),
                    buffer(to),
                    batch,
                    inputs / vector,
                    outputs / vector,
                    start / vector,
                    u32::from(adds),
                    u32::from(sums_bias),
                    threads,
                    parts,
                    tiling.rows / vector,
                    tiling.columns / vector,
                    tiling.rolled,
                );
            }
        }
    }
    if let Some(partial) = partial {
        elements::sum_parts(&partial, &into, [1, parts, len], at, add);
    }
    if bias && !sums_bias {
        elements::channel_sums(gradient, &into, [batch, outputs, 1], at + len, add);
    }
    into
}

/// Lengths and places are in vectors, `rows` too.
#[cube(launch_unchecked)]
fn weight_gradient_kernel<N: Size>(
    x: &[Vector<f32, N>],
    gradient: &[Vector<f32, N>],
    into: &mut [Vector<f32, N>],
    batch: usize,
    inputs: usize,
    outputs: usize,
    at: usize,
    add: u32,
    bias: u32,
    tiles: usize,
    parts: usize,
    #[comptime] rows: usize,
    #[comptime] columns: usize,
    #[comptime] rolled: bool,
) {
    let tile = ABSOLUTE_POS % tiles;
    let part = ABSOLUTE_POS / tiles;
    if part >= parts {
        terminate!();
    }
    let lanes = N::value().comptime();
    let values = comptime!(rows * lanes * columns);
    let across = outputs.div_ceil(columns);
    let row = tile / across * rows;
    let column = tile % across * columns;
    let share = batch.div_ceil(parts);
    let first = min(part * share, batch);
    let place = at + part * (inputs * lanes * outputs);
    if bias == 1 && row == 0 {
        #[unroll]
        for c in 0..columns {
            if column + c < outputs {
                let mut sum = Vector::<f32, N>::new(0.0f32);
                for k in 0..batch {
                    sum += gradient[k * outputs + column + c];
                }
                let to = at + inputs * lanes * outputs + column + c;
                if add == 1 {
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
    let tile = gathered::<N>(&sums);
    #[unroll(!rolled)]
    for r in 0..rows * lanes {
        #[unroll(!rolled)]
        for c in 0..columns {
            if row * lanes + r < inputs * lanes && column + c < outputs {
                let to = place + (row * lanes + r) * outputs + column + c;
                let mut sum = tile[r * columns + c];
                if add == 1 {
                    sum += into[to];
                }
                into[to] = sum;
            }
        }
    }
}
