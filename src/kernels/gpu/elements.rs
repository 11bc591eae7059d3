//! Operations on one value at a time, and small sums.

use super::*;

/// Threads that add up the squares of a norm.
const PARTS: usize = 256;

pub(super) fn write(into: Values, values: &Values, at: usize) -> Values {
    let count = count(values);
    let (groups, size) = threads(values, count);
    // SAFETY: the kernel checks its bounds.
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

pub(super) fn epilogue(x: &Values, below: &Values, end: Epilogue) -> Values {
    let count = count(x);
    let y = room(x, x.shape()[0], x.shape()[1]);
    let (groups, size) = threads(x, count);
    // SAFETY: the kernel checks its bounds.
    unsafe {
        epilogue_kernel::launch_unchecked(
            &x.client,
            groups,
            size,
            buffer(x),
            buffer(below),
            buffer(&y),
            count,
            ending(end),
        );
    }
    y
}

#[cube(launch_unchecked)]
fn epilogue_kernel(x: &[f32], below: &[f32], y: &mut [f32], count: usize, end: Ending) {
    let at = ABSOLUTE_POS;
    if at >= count {
        terminate!();
    }
    y[at] = ended(x[at], below, at, &end);
}

pub(super) fn multiply(a: &Values, b: &Values) -> Values {
    let count = count(a);
    let y = room(a, a.shape()[0], a.shape()[1]);
    let (groups, size) = threads(a, count);
    // SAFETY: the kernel checks its bounds.
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
    // SAFETY: the kernel checks its bounds.
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
    let wish = room(input_gradients, rows, width);
    let norms = room(input_gradients, rows, 1);
    let (groups, size) = threads(input_gradients, rows);
    // SAFETY: the kernel checks its bounds.
    unsafe {
        penalty_kernel::launch_unchecked(
            &input_gradients.client,
            groups,
            size,
            buffer(input_gradients),
            buffer(&wish),
            buffer(&norms),
            rows,
            width,
            2.0 * weight / rows as f32,
        );
    }
    (wish, norms)
}

#[cube(launch_unchecked)]
fn penalty_kernel(
    gradients: &[f32],
    wish: &mut [f32],
    norms: &mut [f32],
    rows: usize,
    width: usize,
    share: f32,
) {
    let row = ABSOLUTE_POS;
    if row >= rows {
        terminate!();
    }
    // Keeps the derivative of the root finite at 0; a norm of 1 moves by 5e-13.
    let mut square = 1e-12f32;
    for column in 0..width {
        let x = gradients[row * width + column];
        square += x * x;
    }
    let norm = square.sqrt();
    let factor = share * (norm - 1.0) / norm;
    for column in 0..width {
        wish[row * width + column] = factor * gradients[row * width + column];
    }
    norms[row] = norm;
}

pub(super) fn optimize(
    params: Values,
    gradients: &Values,
    moments: Values,
    rule: Rule,
    clip: f32,
) -> (Values, Values) {
    let vector = width(&[count(&params), count(&moments)]);
    let count = count(&params) / vector;
    let clip = clip.min(f32::MAX);
    let (groups, size) = threads(&params, count);
    let (client, p, g, m) = (
        &params.client,
        buffer(&params),
        buffer(gradients),
        buffer(&moments),
    );
    // SAFETY: the kernels check their bounds.
    unsafe {
        match rule {
            Rule::Sgd { rate, momentum } => {
                sgd_kernel::launch_unchecked(
                    client, groups, size, vector, p, g, m, count, rate, momentum, clip,
                );
            }
            Rule::Adam {
                rate,
                beta1,
                beta2,
                unbias,
                eps,
            } => adam_kernel::launch_unchecked(
                client, groups, size, vector, p, g, m, count, rate, beta1.keep, beta1.take,
                beta2.keep, beta2.take, unbias, eps, clip,
            ),
            Rule::RmsProp { rate, alpha, eps } => rms_prop_kernel::launch_unchecked(
                client, groups, size, vector, p, g, m, count, rate, alpha.keep, alpha.take, eps,
                clip,
            ),
        }
    }
    (params, moments)
}

/// A vector of the same number.
#[cube]
fn all<N: Size>(x: f32) -> Vector<f32, N> {
    Vector::new(x)
}

/// Lengths are in vectors.
#[cube(launch_unchecked)]
fn sgd_kernel<N: Size>(
    params: &mut [Vector<f32, N>],
    gradients: &[Vector<f32, N>],
    moments: &mut [Vector<f32, N>],
    count: usize,
    rate: f32,
    momentum: f32,
    clip: f32,
) {
    let at = ABSOLUTE_POS;
    if at >= count {
        terminate!();
    }
    let mut velocity = gradients[at];
    if momentum != 0.0 {
        velocity += all::<N>(momentum) * moments[at];
        moments[at] = velocity;
    }
    params[at] = clamp(
        params[at] - all::<N>(rate) * velocity,
        all::<N>(-clip),
        all::<N>(clip),
    );
}

/// Lengths are in vectors.
#[cube(launch_unchecked)]
fn adam_kernel<N: Size>(
    params: &mut [Vector<f32, N>],
    gradients: &[Vector<f32, N>],
    moments: &mut [Vector<f32, N>],
    count: usize,
    rate: f32,
    keep1: f32,
    take1: f32,
    keep2: f32,
    take2: f32,
    unbias: f32,
    eps: f32,
    clip: f32,
) {
    let at = ABSOLUTE_POS;
    if at >= count {
        terminate!();
    }
    let gradient = gradients[at];
    let m = all::<N>(keep1) * moments[at] + all::<N>(take1) * gradient;
    let v = all::<N>(keep2) * moments[count + at] + all::<N>(take2) * (gradient * gradient);
    moments[at] = m;
    moments[count + at] = v;
    let step = all::<N>(rate) * m / ((v * all::<N>(unbias)).sqrt() + all::<N>(eps));
    params[at] = clamp(params[at] - step, all::<N>(-clip), all::<N>(clip));
}

/// Lengths are in vectors.
#[cube(launch_unchecked)]
fn rms_prop_kernel<N: Size>(
    params: &mut [Vector<f32, N>],
    gradients: &[Vector<f32, N>],
    moments: &mut [Vector<f32, N>],
    count: usize,
    rate: f32,
    keep: f32,
    take: f32,
    eps: f32,
    clip: f32,
) {
    let at = ABSOLUTE_POS;
    if at >= count {
        terminate!();
    }
    let gradient = gradients[at];
    let v = all::<N>(keep) * moments[at] + all::<N>(take) * (gradient * gradient);
    moments[at] = v;
    let step = all::<N>(rate) * gradient / (v.sqrt() + all::<N>(eps));
    params[at] = clamp(params[at] - step, all::<N>(-clip), all::<N>(clip));
}

pub(super) fn mix(average: Values, now: &Values, keep: f32) -> Values {
    let vector = width(&[count(&average)]);
    let count = count(&average) / vector;
    let (groups, size) = threads(&average, count);
    // SAFETY: the kernel checks its bounds.
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

/// Lengths are in vectors.
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
    let squares = room(&values, 1, PARTS);
    let (groups, size) = threads(&values, PARTS);
    // SAFETY: the kernels check their bounds.
    unsafe {
        squares_kernel::launch_unchecked(
            &values.client,
            groups,
            size,
            buffer(&values),
            buffer(&squares),
            count,
            PARTS,
        );
        let (groups, size) = threads(&values, count);
        limit_kernel::launch_unchecked(
            &values.client,
            groups,
            size,
            buffer(&values),
            buffer(&squares),
            count,
            PARTS,
            limit,
        );
    }
    values
}

#[cube(launch_unchecked)]
fn squares_kernel(values: &[f32], squares: &mut [f32], count: usize, parts: usize) {
    let part = ABSOLUTE_POS;
    if part >= parts {
        terminate!();
    }
    let mut sum = 0.0f32;
    let mut at = part;
    while at < count {
        sum += values[at] * values[at];
        at += parts;
    }
    squares[part] = sum;
}

#[cube(launch_unchecked)]
fn limit_kernel(values: &mut [f32], squares: &[f32], count: usize, parts: usize, limit: f32) {
    let at = ABSOLUTE_POS;
    if at >= count {
        terminate!();
    }
    let mut sum = 0.0f32;
    for part in 0..parts {
        sum += squares[part];
    }
    let factor = min(limit / (sum.sqrt() + 1e-6), 1.0f32);
    values[at] *= factor;
}

/// Adds up `[groups, parts, len]` over the parts and writes the sums `[groups, len]` into `into` from `at` on; with `add`, adds them to what
/// is there.
pub(super) fn sum_parts(
    partial: &Values,
    into: &Values,
    [groups, parts, len]: [usize; 3],
    at: usize,
    add: bool,
) {
    let count = groups * len;
    let (groups, size) = threads(into, count);
    // SAFETY: the kernel checks its bounds.
    unsafe {
        sum_kernel::launch_unchecked(
            &into.client,
            groups,
            size,
            buffer(partial),
            buffer(into),
            count,
            len,
            parts,
            at,
            u32::from(add),
        );
    }
}

#[cube(launch_unchecked)]
fn sum_kernel(
    partial: &[f32],
    into: &mut [f32],
    count: usize,
    len: usize,
    parts: usize,
    at: usize,
    add: u32,
) {
    let i = ABSOLUTE_POS;
    if i >= count {
        terminate!();
    }
    let first = i / len * parts * len + i % len;
    let mut sum = 0.0f32;
    for part in 0..parts {
        sum += partial[first + part * len];
    }
    if add == 1 {
        sum += into[at + i];
    }
    into[at + i] = sum;
}

/// Writes the sum of each channel of `[rows, channels, pixels]` into `into` from `at` on; with `add`, adds it to what is there.
pub(super) fn channel_sums(
    values: &Values,
    into: &Values,
    [rows, channels, pixels]: [usize; 3],
    at: usize,
    add: bool,
) {
    let parts = (rows * pixels).div_ceil(LONGEST_SUM).min(rows);
    let partial = (parts > 1).then(|| room(values, parts, channels));
    let (groups, size) = threads(values, channels * parts);
    // SAFETY: the kernel checks its bounds.
    unsafe {
        channel_sums_kernel::launch_unchecked(
            &values.client,
            groups,
            size,
            buffer(values),
            buffer(partial.as_ref().unwrap_or(into)),
            rows,
            channels,
            pixels,
            parts,
            if parts > 1 { 0 } else { at },
            u32::from(add && parts == 1),
        );
    }
    if let Some(partial) = partial {
        sum_parts(&partial, into, [1, parts, channels], at, add);
    }
}

/// Values that one thread adds up.
const LONGEST_SUM: usize = 512;

#[cube(launch_unchecked)]
fn channel_sums_kernel(
    values: &[f32],
    into: &mut [f32],
    rows: usize,
    channels: usize,
    pixels: usize,
    parts: usize,
    at: usize,
    add: u32,
) {
    let channel = ABSOLUTE_POS % channels;
    let part = ABSOLUTE_POS / channels;
    if part >= parts {
        terminate!();
    }
    let share = rows.div_ceil(parts);
    let first = min(part * share, rows);
    let mut sum = 0.0f32;
    for row in first..min(first + share, rows) {
        for pixel in 0..pixels {
            sum += values[(row * channels + channel) * pixels + pixel];
        }
    }
    let to = at + part * channels + channel;
    if add == 1 {
        sum += into[to];
    }
    into[to] = sum;
}
