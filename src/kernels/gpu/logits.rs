//! D's verdicts: raw outputs, noted down, and what a loss asks of them.

use super::*;

/// Threads that add up one row, on GPUs. On a software adapter one does: waiting for others costs it more than a long sum.
const LANES: usize = 32;

/// A loss as kernels take it.
#[derive(CubeType, CubeLaunch, Clone, Copy)]
struct Loss {
    firsts: usize,
    first: Half,
    second: Half,
}

/// One of its halves.
#[derive(CubeType, CubeLaunch, Clone, Copy)]
struct Half {
    kind: u32,
    target: f32,
    weight: f32,
}

fn launched(loss: LossSlopes) -> LossLaunch {
    let [first, second] = loss.halves.map(|(slope, weight)| {
        let (kind, target) = match slope {
            LossSlope::Logistic(target) => (0, target),
            LossSlope::Difference(target) => (1, target),
            LossSlope::HingeReal => (2, 0.0),
            LossSlope::HingeFake => (3, 0.0),
            LossSlope::One => (4, 0.0),
        };
        HalfLaunch::new(kind, target, weight)
    });
    LossLaunch::new(loss.firsts, first, second)
}

#[cube]
fn slope(loss: &Loss, row: usize, x: f32) -> f32 {
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
    // SAFETY: the kernel checks its bounds.
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
            launched(loss),
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
    y[row] = slope(&loss, row, x);
}

pub(super) fn logits(
    x: &Values,
    params: &Values,
    layer: Dense,
    journal: Values,
    at: usize,
    loss: LossSlopes,
) -> (Values, Values) {
    let inputs = layer.inputs;
    let batch = count(x) / inputs;
    let y = room(x, batch, 1);
    let vector = width(&[layer.at, inputs]);
    let lanes = if tiling::on_cores() { 1 } else { LANES };
    let size = CubeDim::new_1d(if lanes == 1 { GROUP } else { lanes } as u32);
    let groups = calculate_cube_count_elemwise(&x.client, batch * lanes, size);
    // SAFETY: the kernel keeps within the lengths it is given.
    unsafe {
        logits_kernel::launch_unchecked(
            &x.client,
            groups,
            size,
            vector,
            buffer(x),
            buffer(params),
            buffer(&y),
            buffer(&journal),
            batch,
            inputs / vector,
            layer.at / vector,
            u32::from(layer.bias),
            at,
            launched(loss),
            lanes,
        );
    }
    (y, journal)
}

/// Lengths and places of the layer are in vectors. A row belongs to one thread, or to the `lanes` threads of a workgroup.
#[cube(launch_unchecked)]
fn logits_kernel<N: Size>(
    x: &[Vector<f32, N>],
    params: &[Vector<f32, N>],
    y: &mut [f32],
    journal: &mut [f32],
    batch: usize,
    inputs: usize,
    at: usize,
    bias: u32,
    place: usize,
    loss: Loss,
    #[comptime] lanes: usize,
) {
    let row = ABSOLUTE_POS / lanes;
    let lane = ABSOLUTE_POS % lanes;
    // Where a workgroup waits for all its threads, all must come that far.
    let own = min(row, batch - 1);
    let mut sums = Vector::<f32, N>::new(0.0f32);
    for step in 0..inputs.div_ceil(lanes) {
        let k = step * lanes + lane;
        if k < inputs {
            sums += x[own * inputs + k] * params[at + k];
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
    if lane == 0 && row < batch {
        if bias == 1 {
            sum += params[at + inputs].extract(0usize);
        }
        journal[place + row] = sum;
        y[row] = slope(&loss, row, sum);
    }
}
