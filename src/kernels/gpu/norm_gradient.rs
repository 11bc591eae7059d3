//! Batch normalisation on a GPU, backward: the sums that both gradients start from, and each of these.

use burn::backend::TensorMetadata;
use cubecl::prelude::*;

use super::epilogue::{Curve, Single, curve, slope_at};
use super::launch::{Values, buffer, count, room, threads};
use super::norm::{ChannelSlices, ChannelSlicesLaunch, ValueSizes, ValueSizesLaunch, slices};
use super::sums::{To, sum_slices};
use crate::kernels::spec::{Fused, Norm};

/// What a backward pass through one BatchNorm starts from.
pub(super) struct Backward<'a> {
    pub(super) x: &'a Values,
    /// Gradient of the output, before the activation.
    pub(super) gradient: &'a Values,
    /// Statistics that the forward pass gave.
    pub(super) statistics: &'a Values,
    pub(super) layer: Norm,
    pub(super) groups: usize,
}

/// Gives the sums that every gradient starts from: for each group the gradients of gamma, then those of beta.
pub(super) fn sums(backward: &Backward<'_>) -> Values {
    let Backward {
        x,
        gradient,
        statistics,
        layer,
        groups,
    } = *backward;
    let (channels, slices) = (layer.channels, slices(layer));
    let partial = room(x, groups * slices, 2 * channels);
    let (workgroups, size) = threads(x, groups * channels * slices);
    let sizes = ChannelSlicesLaunch {
        groups,
        rows: x.shape()[0] / groups,
        channels,
        spatial: layer.spatial,
        slices,
    };
    // SAFETY: threads past `groups * slices * channels`, half the length of `partial`, stop at once; slices end at `rows * spatial`, so what is
    // read is within the group's rows of `x` and `gradient`; `statistics` has two values for each group and channel.
    unsafe {
        gradient_sums_kernel::launch_unchecked(
            &x.client,
            workgroups,
            size,
            buffer(x),
            buffer(gradient),
            buffer(statistics),
            buffer(&partial),
            sizes,
        );
    }
    if slices == 1 {
        return partial;
    }
    let sums = room(x, groups, 2 * channels);
    let to = To {
        into: &sums,
        at: 0,
        accumulate: false,
    };
    sum_slices(&partial, [groups, slices, 2 * channels], to);
    sums
}

/// A thread adds up gradient ⊙ normalised input, and the gradient, over one slice of a channel: `[groups, slices, 2 * channels]`.
#[cube(launch_unchecked)]
fn gradient_sums_kernel(
    x: &[f32],
    gradient: &[f32],
    statistics: &[f32],
    partial: &mut [f32],
    sizes: ChannelSlices,
) {
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
    let mean = statistics[group * 2 * channels + channel];
    let inverse = statistics[(group * 2 + 1) * channels + channel];
    let count = rows * spatial;
    let size = count.div_ceil(slices);
    let first = min(slice * size, count);
    let end = min(first + size, count);
    let mut of_gamma = 0.0f32;
    let mut of_beta = 0.0f32;
    for i in first..end {
        let from = ((group * rows + i / spatial) * channels + channel) * spatial + i % spatial;
        of_gamma += gradient[from] * ((x[from] - mean) * inverse);
        of_beta += gradient[from];
    }
    let to = (group * slices + slice) * 2 * channels + channel;
    partial[to] = of_gamma;
    partial[to + channels] = of_beta;
}

/// The gradient of `x`, times the slope of the activation that made it.
pub(super) fn input_gradient(
    backward: &Backward<'_>,
    sums: &Values,
    params: &Values,
    slope: Fused,
) -> Values {
    let Backward { x, layer, .. } = *backward;
    let input = room(x, x.shape()[0], layer.channels * layer.spatial);
    let (groups, size) = threads(x, count(x));
    let sizes = ValueSizesLaunch {
        count: count(x),
        at: layer.at,
        channels: layer.channels,
        spatial: layer.spatial,
        rows: x.shape()[0] / backward.groups,
    };
    // SAFETY: threads past `count`, the length of `x`, `gradient` and `input`, stop at once, so groups are below those that `statistics` and
    // `sums` have; channels are below `channels`, of which `params` has gamma from `at` on.
    unsafe {
        input_gradient_kernel::launch_unchecked(
            &x.client,
            groups,
            size,
            buffer(x),
            buffer(backward.gradient),
            buffer(backward.statistics),
            buffer(params),
            buffer(sums),
            buffer(&input),
            sizes,
            curve(slope),
        );
    }
    input
}

/// A thread takes one value.
#[cube(launch_unchecked)]
fn input_gradient_kernel(
    x: &[f32],
    gradient: &[f32],
    statistics: &[f32],
    params: &[f32],
    sums: &[f32],
    input: &mut [f32],
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
    let of_gamma = sums[group * 2 * channels + channel];
    let of_beta = sums[(group * 2 + 1) * channels + channel];
    let normalised = (x[i] - mean) * inverse;
    let common = (of_beta + normalised * of_gamma) / f32::cast_from(rows * spatial);
    let own = (gradient[i] - common) * (params[at + channel] * inverse);
    input[i] = own * slope_at(Single::new(x[i]), &curve).extract(0usize);
}

/// Writes the gradients of gamma and beta, the sums over all groups.
pub(super) fn weight_gradient(sums: &Values, into: Values, layer: Norm, groups: usize) -> Values {
    let to = To {
        into: &into,
        at: layer.at,
        accumulate: false,
    };
    sum_slices(sums, [1, groups, 2 * layer.channels], to);
    into
}
