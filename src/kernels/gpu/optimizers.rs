//! The operations that move parameters on a GPU: an optimizer's updates, the limit of a gradient's norm, the moving average.

use cubecl::prelude::*;

use super::launch::{Values, all, buffer, count, room, threads, vector_width};
use crate::kernels::spec::{LIMIT_EPS, Rule};

/// Number of threads that add up the squares of a norm.
const SLICES: usize = 256;

pub(super) fn optimize(
    params: Values,
    gradients: &Values,
    moments: Values,
    rule: Rule,
    clip: f32,
) -> (Values, Values) {
    let vector = vector_width(&[count(&params), count(&moments)]);
    let count = count(&params) / vector;
    let clip = clip.min(f32::MAX);
    let (groups, size) = threads(&params, count);
    let (client, p, g, m) = (
        &params.client,
        buffer(&params),
        buffer(gradients),
        buffer(&moments),
    );
    // SAFETY: threads past `count` vectors, the length of `params` and of `gradients`, stop at once. `moments` has `Rule::moments` times as
    // many: the kernels touch the first `count` where there is one moment, `2 * count` for Adam, none for SGD without momentum.
    unsafe {
        match rule {
            Rule::Sgd { rate, momentum } => {
                let rule = SgdLaunch {
                    count,
                    rate,
                    momentum,
                    clip,
                };
                sgd_kernel::launch_unchecked(client, groups, size, vector, p, g, m, rule);
            }
            Rule::Adam {
                rate,
                beta1,
                beta2,
                unbias,
                eps,
            } => {
                let rule = AdamLaunch {
                    count,
                    rate,
                    keep1: beta1.keep,
                    take1: beta1.take,
                    keep2: beta2.keep,
                    take2: beta2.take,
                    unbias,
                    eps,
                    clip,
                };
                adam_kernel::launch_unchecked(client, groups, size, vector, p, g, m, rule);
            }
            Rule::RmsProp { rate, alpha, eps } => {
                let rule = RmsPropLaunch {
                    count,
                    rate,
                    keep: alpha.keep,
                    take: alpha.take,
                    eps,
                    clip,
                };
                rms_prop_kernel::launch_unchecked(client, groups, size, vector, p, g, m, rule);
            }
        }
    }
    (params, moments)
}

/// Arguments of the kernel for [`Rule::Sgd`]; `count` is a number of vectors of parameters.
#[derive(CubeType, CubeLaunch, Clone, Copy)]
struct Sgd {
    count: usize,
    rate: f32,
    momentum: f32,
    clip: f32,
}

#[cube(launch_unchecked)]
fn sgd_kernel<N: Size>(
    params: &mut [Vector<f32, N>],
    gradients: &[Vector<f32, N>],
    moments: &mut [Vector<f32, N>],
    rule: Sgd,
) {
    let at = ABSOLUTE_POS;
    if at >= rule.count {
        terminate!();
    }
    let mut velocity = gradients[at];
    if rule.momentum != 0.0 {
        velocity += all::<N>(rule.momentum) * moments[at];
        moments[at] = velocity;
    }
    params[at] = clamp(
        params[at] - all::<N>(rule.rate) * velocity,
        all::<N>(-rule.clip),
        all::<N>(rule.clip),
    );
}

/// Arguments of the kernel for [`Rule::Adam`]; `count` is a number of vectors of parameters.
#[derive(CubeType, CubeLaunch, Clone, Copy)]
struct Adam {
    count: usize,
    rate: f32,
    keep1: f32,
    take1: f32,
    keep2: f32,
    take2: f32,
    unbias: f32,
    eps: f32,
    clip: f32,
}

#[cube(launch_unchecked)]
fn adam_kernel<N: Size>(
    params: &mut [Vector<f32, N>],
    gradients: &[Vector<f32, N>],
    moments: &mut [Vector<f32, N>],
    rule: Adam,
) {
    let at = ABSOLUTE_POS;
    let count = rule.count;
    if at >= count {
        terminate!();
    }
    let gradient = gradients[at];
    let m = all::<N>(rule.keep1) * moments[at] + all::<N>(rule.take1) * gradient;
    let v =
        all::<N>(rule.keep2) * moments[count + at] + all::<N>(rule.take2) * (gradient * gradient);
    moments[at] = m;
    moments[count + at] = v;
    let root = (v * all::<N>(rule.unbias)).sqrt();
    let step = all::<N>(rule.rate) * m / (root + all::<N>(rule.eps));
    params[at] = clamp(params[at] - step, all::<N>(-rule.clip), all::<N>(rule.clip));
}

/// Arguments of the kernel for [`Rule::RmsProp`]; `count` is a number of vectors of parameters.
#[derive(CubeType, CubeLaunch, Clone, Copy)]
struct RmsProp {
    count: usize,
    rate: f32,
    keep: f32,
    take: f32,
    eps: f32,
    clip: f32,
}

#[cube(launch_unchecked)]
fn rms_prop_kernel<N: Size>(
    params: &mut [Vector<f32, N>],
    gradients: &[Vector<f32, N>],
    moments: &mut [Vector<f32, N>],
    rule: RmsProp,
) {
    let at = ABSOLUTE_POS;
    if at >= rule.count {
        terminate!();
    }
    let gradient = gradients[at];
    let v = all::<N>(rule.keep) * moments[at] + all::<N>(rule.take) * (gradient * gradient);
    moments[at] = v;
    let step = all::<N>(rule.rate) * gradient / (v.sqrt() + all::<N>(rule.eps));
    params[at] = clamp(params[at] - step, all::<N>(-rule.clip), all::<N>(rule.clip));
}

pub(super) fn mix(average: Values, now: &Values, keep: f32) -> Values {
    let vector = vector_width(&[count(&average)]);
    let count = count(&average) / vector;
    let (groups, size) = threads(&average, count);
    // SAFETY: threads past `count` stop at once; every index is below `count` vectors, the length of both buffers.
    unsafe {
        mix_kernel::launch_unchecked(
            &now.client,
            groups,
            size,
            vector,
            buffer(&average),
            buffer(now),
            count,
            keep,
        );
    }
    average
}

/// `count` is in vectors.
#[cube(launch_unchecked)]
fn mix_kernel<N: Size>(
    average: &mut [Vector<f32, N>],
    now: &[Vector<f32, N>],
    count: usize,
    keep: f32,
) {
    let at = ABSOLUTE_POS;
    if at >= count {
        terminate!();
    }
    average[at] = all::<N>(keep) * average[at] + all::<N>(1.0 - keep) * now[at];
}

pub(super) fn limit_norm(values: Values, limit: f32) -> Values {
    let count = count(&values);
    let squares = room(&values, 1, SLICES);
    let (groups, size) = threads(&values, SLICES);
    // SAFETY: threads past SLICES, the length of `squares`, stop at once; the loop ends before `count`, the length of `values`.
    unsafe {
        squares_kernel::launch_unchecked(
            &values.client,
            groups,
            size,
            buffer(&values),
            buffer(&squares),
            count,
            SLICES,
        );
    }
    let (groups, size) = threads(&values, count);
    // SAFETY: threads past `count`, the length of `values`, stop at once; slices are below SLICES, the length of `squares`.
    unsafe {
        limit_kernel::launch_unchecked(
            &values.client,
            groups,
            size,
            buffer(&values),
            buffer(&squares),
            count,
            SLICES,
            limit,
        );
    }
    values
}

/// A thread adds up the squares of every `slices`th value.
#[cube(launch_unchecked)]
fn squares_kernel(values: &[f32], squares: &mut [f32], count: usize, slices: usize) {
    let slice = ABSOLUTE_POS;
    if slice >= slices {
        terminate!();
    }
    let mut sum = 0.0f32;
    let mut at = slice;
    while at < count {
        sum += values[at] * values[at];
        at += slices;
    }
    squares[slice] = sum;
}

#[cube(launch_unchecked)]
fn limit_kernel(values: &mut [f32], squares: &[f32], count: usize, slices: usize, limit: f32) {
    let at = ABSOLUTE_POS;
    if at >= count {
        terminate!();
    }
    let mut sum = 0.0f32;
    for slice in 0..slices {
        sum += squares[slice];
    }
    let factor = min(limit / (sum.sqrt() + LIMIT_EPS), 1.0f32);
    values[at] *= factor;
}
