//! Batch normalisation on a GPU, forward. Where a channel has one value in a row, a thread takes a whole channel; the values of a picture's
//! channel are split into slices first.

use burn::backend::TensorMetadata;
use cubecl::prelude::*;

use super::epilogue::{Curve, Single, activate, curve};
use super::launch::{Values, buffer, count, room, threads};
use crate::kernels::spec::{Fused, Norm};

/// Slices into which the values of a picture's channel are split.
const SLICES: usize = 32;

/// Number of slices of a channel.
pub(super) fn slices(layer: Norm) -> usize {
    if layer.spatial == 1 { 1 } else { SLICES }
}

/// The slices of each group's channels: a thread takes one.
#[derive(CubeType, CubeLaunch, Clone, Copy)]
pub(super) struct ChannelSlices {
    pub(super) groups: usize,
    /// Rows of a group.
    pub(super) rows: usize,
    pub(super) channels: usize,
    pub(super) spatial: usize,
    pub(super) slices: usize,
}

/// The values of a batch: a thread takes one.
#[derive(CubeType, CubeLaunch, Clone, Copy)]
pub(super) struct ValueSizes {
    /// Number of values in the batch.
    pub(super) count: usize,
    /// Place of gamma in the parameters.
    pub(super) at: usize,
    pub(super) channels: usize,
    pub(super) spatial: usize,
    /// Rows of a group.
    pub(super) rows: usize,
}

/// The running statistics, and whether a batch moves them.
pub(super) struct Running {
    pub(super) values: Values,
    pub(super) moving: bool,
}

/// Gives the output, the statistics of each group, and the running statistics.
pub(super) fn forward(
    x: &Values,
    params: &Values,
    running: Running,
    layer: Norm,
    groups: usize,
    activation: Fused,
) -> (Values, Values, Values) {
    let rows = x.shape()[0] / groups;
    let (channels, slices) = (layer.channels, slices(layer));
    let statistics = room(x, 1, groups * 2 * channels);
    let partial = room(x, 1, groups * channels * slices * 2);
    let (workgroups, size) = threads(x, groups * channels * slices);
    let sizes = ChannelSlicesLaunch {
        groups,
        rows,
        channels,
        spatial: layer.spatial,
        slices,
    };
    // SAFETY: threads past `groups * slices * channels`, half the length of `partial`, stop at once; slices end at `rows * spatial`, so what is
    // read is within the group's rows of `x`.
    unsafe {
        moments_kernel::launch_unchecked(
            &x.client,
            workgroups,
            size,
            buffer(x),
            buffer(&partial),
            sizes,
        );
    }
    let (workgroups, size) = threads(x, channels);
    let moving = MovingLaunch {
        groups,
        channels,
        slices,
        count: rows * layer.spatial,
        running_at: layer.running_at,
        eps: layer.eps,
        keep: layer.keep,
        moving: u32::from(running.moving),
    };
    // SAFETY: threads past `channels` stop at once; `partial` has two values for each group, slice and channel, `statistics` two for each
    // group and channel, and the running statistics `2 * channels` values from `running_at` on.
    unsafe {
        statistics_kernel::launch_unchecked(
            &x.client,
            workgroups,
            size,
            buffer(&partial),
            buffer(&statistics),
            buffer(&running.values),
            moving,
        );
    }
    let y = normalise(x, params, &statistics, layer, rows, activation);
    (y, statistics, running.values)
}

/// Gives the output, normalised by given statistics; each `rows` rows have their own.
fn normalise(
    x: &Values,
    params: &Values,
    statistics: &Values,
    layer: Norm,
    rows: usize,
    activation: Fused,
) -> Values {
    let y = room(x, x.shape()[0], layer.channels * layer.spatial);
    let (groups, size) = threads(x, count(x));
    let sizes = ValueSizesLaunch {
        count: count(x),
        at: layer.at,
        channels: layer.channels,
        spatial: layer.spatial,
        rows,
    };
    // SAFETY: threads past `count`, the length of `x` and `y`, stop at once, so groups are below those that `statistics` has; channels are
    // below `channels`, of which `params` has gamma and beta from `at` on.
    unsafe {
        normalise_kernel::launch_unchecked(
            &x.client,
            groups,
            size,
            buffer(x),
            buffer(params),
            buffer(statistics),
            buffer(&y),
            sizes,
            curve(activation),
        );
    }
    y
}

/// A thread writes the mean of one slice of a channel, and the sum of squared distances from it.
#[cube(launch_unchecked)]
fn moments_kernel(x: &[f32], partial: &mut [f32], sizes: ChannelSlices) {
    let groups = sizes.groups;
    let rows = sizes.rows;
    let channels = sizes.channels;
    let spatial = sizes.spatial;
    let slices = sizes.slices;
    let channel = ABSOLUTE_POS % channels;
    let slice = ABSOLUTE_POS / channels % slices;
    let group = ABSOLUTE_POS / channels / slices;
    if group >= groups {
        terminate!();
    }
    let count = rows * spatial;
    let size = count.div_ceil(slices);
    let first = min(slice * size, count);
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

/// Arguments of the kernel that turns the slices into statistics and moves the running ones.
#[derive(CubeType, CubeLaunch, Clone, Copy)]
struct Moving {
    groups: usize,
    channels: usize,
    slices: usize,
    /// Number of values that a channel has in a group.
    count: usize,
    running_at: usize,
    eps: f32,
    keep: f32,
    /// 1 if the running statistics move.
    moving: u32,
}

/// A thread puts the slices of one channel together (Chan et al. 1979), group after group.
#[cube(launch_unchecked)]
fn statistics_kernel(partial: &[f32], statistics: &mut [f32], running: &mut [f32], sizes: Moving) {
    let channels = sizes.channels;
    let slices = sizes.slices;
    let count = sizes.count;
    let keep = sizes.keep;
    let channel = ABSOLUTE_POS;
    if channel >= channels {
        terminate!();
    }
    let size = count.div_ceil(slices);
    for group in 0..sizes.groups {
        let mut mean = 0.0f32;
        for slice in 0..slices {
            let first = min(slice * size, count);
            let weight = f32::cast_from(min(first + size, count) - first) / f32::cast_from(count);
            mean += weight * partial[((group * slices + slice) * channels + channel) * 2];
        }
        let mut variance = 0.0f32;
        for slice in 0..slices {
            let first = min(slice * size, count);
            let weight = f32::cast_from(min(first + size, count) - first) / f32::cast_from(count);
            let from = ((group * slices + slice) * channels + channel) * 2;
            let distance = partial[from] - mean;
            variance += weight * distance * distance + partial[from + 1] / f32::cast_from(count);
        }
        statistics[group * 2 * channels + channel] = mean;
        statistics[(group * 2 + 1) * channels + channel] = 1.0 / (variance + sizes.eps).sqrt();
        if sizes.moving == 1 {
            let to = sizes.running_at + channel;
            running[to] = keep * running[to] + (1.0 - keep) * mean;
            running[to + channels] = keep * running[to + channels] + (1.0 - keep) * variance;
        }
    }
}

/// A thread takes one value.
#[cube(launch_unchecked)]
fn normalise_kernel(
    x: &[f32],
    params: &[f32],
    statistics: &[f32],
    y: &mut [f32],
    sizes: ValueSizes,
    curve: Curve,
) {
    let i = ABSOLUTE_POS;
    if i >= sizes.count {
        terminate!();
    }
    let at = sizes.at;
    let channels = sizes.channels;
    let spatial = sizes.spatial;
    let rows = sizes.rows;
    let channel = i / spatial % channels;
    let group = i / spatial / channels / rows;
    let mean = statistics[group * 2 * channels + channel];
    let inverse = statistics[(group * 2 + 1) * channels + channel];
    let value = (x[i] - mean) * (inverse * params[at + channel]) + params[at + channels + channel];
    y[i] = activate(Single::new(value), &curve).extract(0usize);
}

/// Gives the output, normalised by the running statistics.
pub(super) fn forward_running(
    x: &Values,
    params: &Values,
    running: &Values,
    layer: Norm,
    activation: Fused,
) -> Values {
    let (rows, channels) = (x.shape()[0], layer.channels);
    let statistics = room(x, 1, 2 * channels);
    let (groups, size) = threads(x, channels);
    // SAFETY: threads past `channels` stop at once; `statistics` has `2 * channels` values, and the running ones as many from `at` on.
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
    normalise(x, params, &statistics, layer, rows, activation)
}

/// A thread writes the running statistics of one channel in the form of a batch's: the mean, then `1 / sqrt(variance + eps)`.
#[cube(launch_unchecked)]
fn running_kernel(running: &[f32], statistics: &mut [f32], at: usize, channels: usize, eps: f32) {
    let channel = ABSOLUTE_POS;
    if channel >= channels {
        terminate!();
    }
    statistics[channel] = running[at + channel];
    statistics[channels + channel] = 1.0 / (running[at + channels + channel] + eps).sqrt();
}
