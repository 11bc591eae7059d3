//! D's raw outputs on a GPU: noted in the journal, and the gradient of a loss by them.

use cubecl::prelude::*;

use super::launch::{GROUP, Values, buffer, count, groups_of, room, threads, vector_width};
use super::tiles;
use crate::kernels::spec::{Dense, LossSlope, LossSlopes, PairSlope, PairSlopes};

/// Number of threads that add up one row, on GPUs. On a software adapter one thread does: waiting for others costs it more than a long sum.
pub(super) const LANES: usize = 32;

/// Where raw outputs are noted down.
pub(super) struct Journal {
    pub(super) values: Values,
    /// Place of the first output.
    pub(super) at: usize,
}

/// [`LossSlopes`] as kernels take them.
#[derive(CubeType, CubeLaunch, Clone, Copy)]
struct Loss {
    firsts: usize,
    first: Half,
    second: Half,
}

/// The slope of one half of the outputs, and its weight.
#[derive(CubeType, CubeLaunch, Clone, Copy)]
struct Half {
    kind: u32,
    target: f32,
    weight: f32,
}

fn loss_argument(loss: LossSlopes) -> LossLaunch {
    let [first, second] = loss.halves.map(|(slope, weight)| {
        let (kind, target) = match slope {
            LossSlope::Logistic(target) => (0, target),
            LossSlope::Difference(target) => (1, target),
            LossSlope::HingeReal => (2, 0.0),
            LossSlope::HingeFake => (3, 0.0),
            LossSlope::One => (4, 0.0),
        };
        HalfLaunch {
            kind,
            target,
            weight,
        }
    });
    LossLaunch {
        firsts: loss.firsts,
        first,
        second,
    }
}

/// The gradient of the loss by the raw output `x` of a row.
#[cube]
fn loss_slope(loss: &Loss, row: usize, x: f32) -> f32 {
    let is_first = row < loss.firsts;
    let kind = select(is_first, loss.first.kind, loss.second.kind);
    let target = select(is_first, loss.first.target, loss.second.target);
    let mut slope = 1.0f32;
    if kind == 0 {
        slope = 1.0 / (1.0 + (-x).exp()) - target;
    } else if kind == 1 {
        slope = x - target;
    } else if kind == 2 {
        slope = select(x < 1.0, -1.0f32, 0.0f32);
    } else if kind == 3 {
        slope = select(x > -1.0f32, 1.0f32, 0.0f32);
    }
    slope * select(is_first, loss.first.weight, loss.second.weight)
}

pub(super) fn loss_gradient(
    outputs: &Values,
    journal: Values,
    at: usize,
    loss: LossSlopes,
) -> (Values, Values) {
    let batch = count(outputs);
    let y = room(outputs, batch, 1);
    let (groups, size) = threads(outputs, batch);
    // SAFETY: threads past `batch`, the length of `outputs` and `y`, stop at once; the caller's journal has `at + batch` values.
    unsafe {
        loss_gradient_kernel::launch_unchecked(
            &outputs.client,
            groups,
            size,
            buffer(outputs),
            buffer(&y),
            buffer(&journal),
            batch,
            at,
            loss_argument(loss),
        );
    }
    (y, journal)
}

#[cube(launch_unchecked)]
fn loss_gradient_kernel(
    outputs: &[f32],
    y: &mut [f32],
    journal: &mut [f32],
    batch: usize,
    at: usize,
    loss: Loss,
) {
    let row = ABSOLUTE_POS;
    if row >= batch {
        terminate!();
    }
    let x = outputs[row];
    journal[at + row] = x;
    y[row] = loss_slope(&loss, row, x);
}

pub(super) fn pair_gradient(
    gradient: Values,
    firsts: &Values,
    seconds: &Values,
    pairs: PairSlopes,
) -> Values {
    let (groups, size) = threads(&gradient, pairs.count);
    let [first, second] = [0, 1].map(|side| SideLaunch {
        outputs_at: pairs.outputs_at[side],
        gradients_at: pairs.gradients_at[side].unwrap_or(0),
        moves: u32::from(pairs.gradients_at[side].is_some()),
    });
    let argument = PairsLaunch {
        count: pairs.count,
        is_logistic: u32::from(pairs.slope == PairSlope::Logistic),
        weight: pairs.weight,
        first,
        second,
    };
    // SAFETY: threads past `count` stop at once; from either place on, both journals and the gradient have that many values.
    unsafe {
        pair_gradient_kernel::launch_unchecked(
            &gradient.client,
            groups,
            size,
            buffer(&gradient),
            buffer(firsts),
            buffer(seconds),
            argument,
        );
    }
    gradient
}

/// [`PairSlopes`] as kernels take them.
#[derive(CubeType, CubeLaunch, Clone, Copy)]
struct Pairs {
    count: usize,
    is_logistic: u32,
    weight: f32,
    first: Side,
    second: Side,
}

/// The first or the second outputs of all pairs.
#[derive(CubeType, CubeLaunch, Clone, Copy)]
struct Side {
    outputs_at: usize,
    gradients_at: usize,
    /// 0 if they are constants.
    moves: u32,
}

#[cube(launch_unchecked)]
fn pair_gradient_kernel(gradient: &mut [f32], firsts: &[f32], seconds: &[f32], pairs: Pairs) {
    let pair = ABSOLUTE_POS;
    if pair >= pairs.count {
        terminate!();
    }
    let mut slope = firsts[pairs.first.outputs_at + pair] - seconds[pairs.second.outputs_at + pair];
    if pairs.is_logistic == 1 {
        // exp may be infinite; the quotient is 0 then.
        slope = 1.0 / (1.0 + (-slope).exp());
    }
    slope *= pairs.weight;
    if pairs.first.moves == 1 {
        gradient[pairs.first.gradients_at + pair] += slope;
    }
    if pairs.second.moves == 1 {
        gradient[pairs.second.gradients_at + pair] = -slope;
    }
}

pub(super) fn logits(
    x: &Values,
    params: &Values,
    layer: Dense,
    journal: Journal,
    loss: LossSlopes,
) -> (Values, Values) {
    let batch = count(x) / layer.inputs;
    let y = room(x, batch, 1);
    let vector = vector_width(&[layer.at, layer.inputs]);
    let lanes = if tiles::on_cores() { 1 } else { LANES };
    let group = if lanes == 1 { GROUP } else { lanes };
    let (groups, size) = groups_of(x, group, batch * lanes);
    let head = HeadLaunch {
        batch,
        inputs: layer.inputs / vector,
        at: layer.at / vector,
        bias: u32::from(layer.biases == 1),
        journal_at: journal.at,
    };
    // SAFETY: rows are clamped to `batch` when `x` is read, and `k` is below `inputs`, so what is read is below `batch * inputs` in `x` and,
    // in `params`, within the weights and, where there is a bias, one vector behind them: the parameters end at a multiple of four. Only rows
    // below `batch`, the length of `y`, are written; the caller's journal has `at + batch` values. `partial` has a place for each lane.
    unsafe {
        logits_kernel::launch_unchecked(
            &x.client,
            groups,
            size,
            vector,
            buffer(x),
            buffer(params),
            buffer(&y),
            buffer(&journal.values),
            head,
            loss_argument(loss),
            lanes,
        );
    }
    (y, journal.values)
}

/// A dense layer with one output. `inputs` and `at` are in vectors.
#[derive(CubeType, CubeLaunch, Clone, Copy)]
struct Head {
    batch: usize,
    inputs: usize,
    at: usize,
    /// 1 if the layer has a bias.
    bias: u32,
    journal_at: usize,
}

/// One thread, or the `lanes` threads of a workgroup, take one row.
#[cube(launch_unchecked)]
fn logits_kernel<N: Size>(
    x: &[Vector<f32, N>],
    params: &[Vector<f32, N>],
    y: &mut [f32],
    journal: &mut [f32],
    head: Head,
    loss: Loss,
    #[comptime] lanes: usize,
) {
    let row = ABSOLUTE_POS / lanes;
    let lane = ABSOLUTE_POS % lanes;
    let inputs = head.inputs;
    // All threads of a workgroup must reach a barrier, so those past the last row compute that row again.
    let own = min(row, head.batch - 1);
    let mut sums = Vector::<f32, N>::new(0.0f32);
    for step in 0..inputs.div_ceil(lanes) {
        let k = step * lanes + lane;
        if k < inputs {
            sums += x[own * inputs + k] * params[head.at + k];
        }
    }
    let mut sum = 0.0f32;
    #[unroll]
    for i in 0..N::value().comptime() {
        sum += sums.extract(i);
    }
    if comptime!(lanes > 1) {
        let mut partial = Shared::<[f32]>::new_slice(lanes);
        partial[lane] = sum;
        sync_cube();
        sum = 0.0;
        for i in 0..lanes {
            sum += partial[i];
        }
    }
    if lane == 0 && row < head.batch {
        if head.bias == 1 {
            sum += params[head.at + inputs].extract(0usize);
        }
        journal[head.journal_at + row] = sum;
        y[row] = loss_slope(&loss, row, sum);
    }
}
