//! Long sums on a GPU. A sum is split into slices where there are fewer sums than threads; a second launch adds up the slices.

use cubecl::prelude::*;

use super::launch::{Values, buffer, room, threads};

/// Number of values that one thread adds up, at most, where a sum can be split.
const LONGEST_SUM: usize = 512;

/// Where a sum goes.
#[derive(Clone, Copy)]
pub(super) struct To<'a> {
    pub(super) into: &'a Values,
    /// Place of the first sum.
    pub(super) at: usize,
    /// Whether the old value is added.
    pub(super) accumulate: bool,
}

/// Adds up `[groups, slices, len]` over the slices: writes `groups * len` sums.
pub(super) fn sum_slices(partial: &Values, [groups, slices, len]: [usize; 3], to: To<'_>) {
    let count = groups * len;
    let (groups, size) = threads(to.into, count);
    let sizes = SliceSizesLaunch {
        count,
        len,
        slices,
        at: to.at,
        accumulate: u32::from(to.accumulate),
    };
    // SAFETY: threads past `count` stop at once; so what is read is below `groups * slices * len`, the length of `partial`, and what is
    // written below `at + count`, which the caller's `into` has room for.
    unsafe {
        sum_kernel::launch_unchecked(
            &to.into.client,
            groups,
            size,
            buffer(partial),
            buffer(to.into),
            sizes,
        );
    }
}

#[derive(CubeType, CubeLaunch, Clone, Copy)]
struct SliceSizes {
    /// Number of sums.
    count: usize,
    /// Number of sums in a group.
    len: usize,
    slices: usize,
    at: usize,
    accumulate: u32,
}

/// A thread takes one sum.
#[cube(launch_unchecked)]
fn sum_kernel(partial: &[f32], into: &mut [f32], sizes: SliceSizes) {
    let i = ABSOLUTE_POS;
    if i >= sizes.count {
        terminate!();
    }
    let len = sizes.len;
    let first = i / len * sizes.slices * len + i % len;
    let mut sum = 0.0f32;
    for slice in 0..sizes.slices {
        sum += partial[first + slice * len];
    }
    let to = sizes.at + i;
    if sizes.accumulate == 1 {
        sum += into[to];
    }
    into[to] = sum;
}

/// Writes the sums of the first `summed` channels of `[rows, channels, pixels]`, each row times its own of `shares`, `[rows, 1]`, where there
/// are any.
pub(super) fn channel_sums(
    values: &Values,
    shares: Option<&Values>,
    [rows, channels, pixels]: [usize; 3],
    summed: usize,
    to: To<'_>,
) {
    let slices = (rows * pixels).div_ceil(LONGEST_SUM).min(rows);
    let partial = (slices > 1).then(|| room(values, slices, summed));
    let (groups, size) = threads(values, summed * slices);
    let sizes = ChannelSizesLaunch {
        rows,
        channels,
        summed,
        pixels,
        slices,
        at: if slices > 1 { 0 } else { to.at },
        accumulate: u32::from(to.accumulate && slices == 1),
        shared: u32::from(shares.is_some()),
    };
    // SAFETY: threads past `summed * slices` stop at once; `summed` is at most `channels`, and rows are below `rows`, the length of `shares` where
    // these are read, so what is read of `values` is below `rows * channels * pixels`, their length. What is written is below
    // `slices * summed`, the length of `partial`, or, with one slice, below `at + summed`, which the caller's `into` has room for.
    unsafe {
        channel_sums_kernel::launch_unchecked(
            &values.client,
            groups,
            size,
            buffer(values),
            buffer(shares.unwrap_or(values)),
            buffer(partial.as_ref().unwrap_or(to.into)),
            sizes,
        );
    }
    if let Some(partial) = partial {
        sum_slices(&partial, [1, slices, summed], to);
    }
}

#[derive(CubeType, CubeLaunch, Clone, Copy)]
struct ChannelSizes {
    rows: usize,
    channels: usize,
    summed: usize,
    pixels: usize,
    slices: usize,
    at: usize,
    accumulate: u32,
    /// 1 if each row is multiplied by its share.
    shared: u32,
}

/// A thread takes one channel in one slice of the rows.
#[cube(launch_unchecked)]
fn channel_sums_kernel(values: &[f32], shares: &[f32], into: &mut [f32], sizes: ChannelSizes) {
    let channels = sizes.channels;
    let channel = ABSOLUTE_POS % sizes.summed;
    let slice = ABSOLUTE_POS / sizes.summed;
    if slice >= sizes.slices {
        terminate!();
    }
    let share = sizes.rows.div_ceil(sizes.slices);
    let first = min(slice * share, sizes.rows);
    let mut sum = 0.0f32;
    for row in first..min(first + share, sizes.rows) {
        let mut share = 1.0f32;
        if sizes.shared == 1 {
            share = shares[row];
        }
        for pixel in 0..sizes.pixels {
            sum += share * values[(row * channels + channel) * sizes.pixels + pixel];
        }
    }
    let to = sizes.at + slice * sizes.summed + channel;
    if sizes.accumulate == 1 {
        sum += into[to];
    }
    into[to] = sum;
}
