//! Batch normalisation. Of rows (`spatial` 1) a thread takes a whole channel; of pictures a channel is summed up in parts first.

use super::*;

/// Parts that the values of a picture's channel are summed up in.
const PARTS: usize = 32;

pub(super) fn forward(
    x: &Values,
    params: &Values,
    running: &Values,
    layer: Norm,
    groups: usize,
    moving: bool,
    end: Fused,
) -> (Values, Values) {
    let Norm {
        running_at,
        channels,
        spatial,
        eps,
        keep,
        ..
    } = layer;
    let rows = x.shape()[0] / groups;
    let y = room(x, rows * groups, channels * spatial);
    let statistics = room(x, 1, groups * 2 * channels);
    let parts = if spatial == 1 { 1 } else { PARTS };
    let partial = room(x, 1, groups * channels * parts * 2);
    // SAFETY: the kernels check their bounds.
    unsafe {
        let (count, size) = threads(x, groups * channels * parts);
        moments_kernel::launch_unchecked(
            &x.client,
            count,
            size,
            buffer(x),
            buffer(&partial),
            groups,
            rows,
            channels,
            spatial,
            parts,
        );
        let (count, size) = threads(x, channels);
        statistics_kernel::launch_unchecked(
            &x.client,
            count,
            size,
            buffer(&partial),
            buffer(&statistics),
            buffer(running),
            groups,
            channels,
            parts,
            rows * spatial,
            running_at,
            eps,
            keep,
            u32::from(moving),
        );
    }
    normalise(x, params, &statistics, &y, layer, rows, end);
    (y, statistics)
}

fn normalise(
    x: &Values,
    params: &Values,
    statistics: &Values,
    y: &Values,
    layer: Norm,
    rows: usize,
    end: Fused,
) {
    let total = count(x);
    let (groups, size) = threads(x, total);
    // SAFETY: the kernel checks its bounds.
    unsafe {
        normalise_kernel::launch_unchecked(
            &x.client,
            groups,
            size,
            buffer(x),
            buffer(params),
            buffer(statistics),
            buffer(y),
            total,
            layer.at,
            layer.channels,
            layer.spatial,
            rows,
            curve(end),
        );
    }
}

/// Mean of a part of a channel, and the sum of squared distances from it.
#[cube(launch_unchecked)]
fn moments_kernel(
    x: &[f32],
    partial: &mut [f32],
    groups: usize,
    rows: usize,
    channels: usize,
    spatial: usize,
    parts: usize,
) {
    let channel = ABSOLUTE_POS % channels;
    let part = ABSOLUTE_POS / channels % parts;
    let group = ABSOLUTE_POS / channels / parts;
    if group >= groups {
        terminate!();
    }
    let count = rows * spatial;
    let size = count.div_ceil(parts);
    let first = min(part * size, count);
    let end = min(first + size, count);
    let mut sum = 0.0f32;
    for i in first..end {
        sum += x[((group * rows + i / spatial) * channels + channel) * spatial + i % spatial];
    }
    let mean = sum / f32::cast_from(max(end - first, 1));
    let mut squares = 0.0f32;
    for i in first..end {
        let distance =
            x[((group * rows + i / spatial) * channels + channel) * spatial + i % spatial] - mean;
        squares += distance * distance;
    }
    partial[ABSOLUTE_POS * 2] = mean;
    partial[ABSOLUTE_POS * 2 + 1] = squares;
}

/// Puts the parts of each channel together (Chan et al. 1979), group after group.
#[cube(launch_unchecked)]
fn statistics_kernel(
    partial: &[f32],
    statistics: &mut [f32],
    running: &mut [f32],
    groups: usize,
    channels: usize,
    parts: usize,
    count: usize,
    running_at: usize,
    eps: f32,
    keep: f32,
    moving: u32,
) {
    let channel = ABSOLUTE_POS;
    if channel >= channels {
        terminate!();
    }
    let size = count.div_ceil(parts);
    for group in 0..groups {
        let mut mean = 0.0f32;
        for part in 0..parts {
            let first = min(part * size, count);
            let weight = f32::cast_from(min(first + size, count) - first) / f32::cast_from(count);
            mean += weight * partial[((group * parts + part) * channels + channel) * 2];
        }
        let mut variance = 0.0f32;
        for part in 0..parts {
            let first = min(part * size, count);
            let weight = f32::cast_from(min(first + size, count) - first) / f32::cast_from(count);
            let from = ((group * parts + part) * channels + channel) * 2;
            let distance = partial[from] - mean;
            variance += weight * distance * distance + partial[from + 1] / f32::cast_from(count);
        }
        statistics[group * 2 * channels + channel] = mean;
        statistics[(group * 2 + 1) * channels + channel] = 1.0 / (variance + eps).sqrt();
        if moving == 1 {
            let to = running_at + channel;
            running[to] = keep * running[to] + (1.0 - keep) * mean;
            running[to + channels] = keep * running[to + channels] + (1.0 - keep) * variance;
        }
    }
}

#[cube(launch_unchecked)]
fn normalise_kernel(
    x: &[f32],
    params: &[f32],
    statistics: &[f32],
    y: &mut [f32],
    total: usize,
    at: usize,
    channels: usize,
    spatial: usize,
    rows: usize,
    curve: Curve,
) {
    let i = ABSOLUTE_POS;
    if i >= total {
        terminate!();
    }
    let channel = i / spatial % channels;
    let group = i / spatial / channels / rows;
    let mean = statistics[group * 2 * channels + channel];
    let inverse = statistics[(group * 2 + 1) * channels + channel];
    let value = (x[i] - mean) * (inverse * params[at + channel]) + params[at + channels + channel];
    y[i] = activate(Single::new(value), &curve).extract(0usize);
}

pub(super) fn running(
    x: &Values,
    params: &Values,
    running: &Values,
    layer: Norm,
    end: Fused,
) -> Values {
    let (rows, channels) = (x.shape()[0], layer.channels);
    let y = room(x, rows, channels * layer.spatial);
    let statistics = room(x, 1, 2 * channels);
    let (groups, size) = threads(x, channels);
    // SAFETY: the kernel checks its bounds.
    unsafe {
        running_kernel::launch_unchecked(
            &x.client,
            groups,
            size,
            buffer(running),
            buffer(&statistics),
            layer.running_at,
            channels,
            layer.eps,
        );
    }
    normalise(x, params, &statistics, &y, layer, rows, end);
    y
}

/// Running statistics in the form of a batch's.
#[cube(launch_unchecked)]
fn running_kernel(running: &[f32], statistics: &mut [f32], at: usize, channels: usize, eps: f32) {
    let channel = ABSOLUTE_POS;
    if channel >= channels {
        terminate!();
    }
    statistics[channel] = running[at + channel];
    statistics[channels + channel] = 1.0 / (running[at + channels + channel] + eps).sqrt();
}

pub(super) fn sums(
    x: &Values,
    gradient: &Values,
    statistics: &Values,
    layer: Norm,
    groups: usize,
) -> Values {
    let Norm {
        channels, spatial, ..
    } = layer;
    let rows = x.shape()[0] / groups;
    let parts = if spatial == 1 { 1 } else { PARTS };
    let partial = room(x, groups * parts, 2 * channels);
    let (count, size) = threads(x, groups * channels * parts);
    // SAFETY: the kernel checks its bounds.
    unsafe {
        gradient_sums_kernel::launch_unchecked(
            &x.client,
            count,
            size,
            buffer(x),
            buffer(gradient),
            buffer(statistics),
            buffer(&partial),
            groups,
            rows,
            channels,
            spatial,
            parts,
        );
    }
    if parts == 1 {
        return partial;
    }
    let sums = room(x, groups, 2 * channels);
    elements::sum_parts(&partial, &sums, [groups, parts, 2 * channels], 0, false);
    sums
}

pub(super) fn input_gradient(
    x: &Values,
    gradient: &Values,
    statistics: &Values,
    sums: &Values,
    params: &Values,
    layer: Norm,
    groups: usize,
    slope: Fused,
) -> Values {
    let rows = x.shape()[0] / groups;
    let input = room(x, rows * groups, layer.channels * layer.spatial);
    let total = count(x);
    let (count, size) = threads(x, total);
    // SAFETY: the kernel checks its bounds.
    unsafe {
        input_gradient_kernel::launch_unchecked(
            &x.client,
            count,
            size,
            buffer(x),
            buffer(gradient),
            buffer(statistics),
            buffer(params),
            buffer(sums),
            buffer(&input),
            total,
            layer.at,
            layer.channels,
            layer.spatial,
            rows,
            curve(slope),
        );
    }
    input
}

/// Sums of gradient ⊙ normalised, and of the gradient, over a part of a channel: `[groups, parts, 2 * channels]`.
#[cube(launch_unchecked)]
fn gradient_sums_kernel(
    x: &[f32],
    gradient: &[f32],
    statistics: &[f32],
    partial: &mut [f32],
    groups: usize,
    rows: usize,
    channels: usize,
    spatial: usize,
    parts: usize,
) {
    let channel = ABSOLUTE_POS % channels;
    let part = ABSOLUTE_POS / channels % parts;
    let group = ABSOLUTE_POS / channels / parts;
    if group >= groups {
        terminate!();
    }
    let mean = statistics[group * 2 * channels + channel];
    let inverse = statistics[(group * 2 + 1) * channels + channel];
    let count = rows * spatial;
    let size = count.div_ceil(parts);
    let first = min(part * size, count);
    let end = min(first + size, count);
    let mut of_gamma = 0.0f32;
    let mut of_beta = 0.0f32;
    for i in first..end {
        let from = ((group * rows + i / spatial) * channels + channel) * spatial + i % spatial;
        of_gamma += gradient[from] * ((x[from] - mean) * inverse);
        of_beta += gradient[from];
    }
    let to = (group * parts + part) * 2 * channels + channel;
    partial[to] = of_gamma;
    partial[to + channels] = of_beta;
}

#[cube(launch_unchecked)]
fn input_gradient_kernel(
    x: &[f32],
    gradient: &[f32],
    statistics: &[f32],
    params: &[f32],
    sums: &[f32],
    input: &mut [f32],
    total: usize,
    at: usize,
    channels: usize,
    spatial: usize,
    rows: usize,
    curve: Curve,
) {
    let i = ABSOLUTE_POS;
    if i >= total {
        terminate!();
    }
    let channel = i / spatial % channels;
    let group = i / spatial / channels / rows;
    let mean = statistics[group * 2 * channels + channel];
    let inverse = statistics[(group * 2 + 1) * channels + channel];
    let of_gamma = sums[group * 2 * channels + channel];
    let of_beta = sums[(group * 2 + 1) * channels + channel];
    let normalised = (x[i] - mean) * inverse;
    let common = (of_beta + normalised * of_gamma) / f32::cast_from(rows * spatial);
    let own = (gradient[i] - common) * (params[at + channel] * inverse);
    input[i] = own * slope_at(Single::new(x[i]), &curve).extract(0usize);
}
