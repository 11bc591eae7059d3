//! Convolutions on a GPU, as products of matrices: what each window sees is laid out as a row first (or, the other way, each row is folded back
//! into the picture), so that the products of [`dense`] do the work. Large batches go chunk by chunk, to bound the memory for those rows.

use burn::backend::TensorMetadata;
use cubecl::prelude::*;

use super::dense;
use super::epilogue::{EpilogueArgument, apply_epilogue, epilogue_argument};
use super::launch::{Values, buffer, room, threads};
use super::sums::{self, To};
use super::windows::{Chunk, Shape, Window, dense_of, to_rows, unfold};
use crate::kernels::spec::{Conv, Epilogue, Fused, Side};

/// The bias of each channel as kernels take it.
#[derive(CubeType, CubeLaunch, Clone, Copy)]
struct Bias {
    /// Place of the first bias.
    at: usize,
    /// 1 if biases are added.
    is_added: u32,
}

/// The biases of this side's picture, which only a forward pass adds.
fn bias_of(layer: Conv, side: Side, epilogue: Epilogue) -> BiasLaunch {
    let adds = layer.bias == Some(side) && matches!(epilogue, Epilogue::Activate(_));
    BiasLaunch {
        at: layer.bias_at(),
        is_added: u32::from(adds),
    }
}

/// Convolution, `[batch, big]` to `[batch, small]`.
pub(super) fn conv(
    big: &Values,
    params: &Values,
    below: &Values,
    layer: Conv,
    epilogue: Epilogue,
) -> Values {
    let batch = big.shape()[0];
    let small = room(big, batch, layer.small.iter().product());
    for chunk in Chunk::all(layer, batch) {
        let seen = unfold(big, chunk);
        let dense = dense_of(layer);
        let sums = dense::input_gradient(&seen, params, &seen, dense, Fused::Identity);
        let (groups, size) = threads(big, chunk.rows() * layer.small[0]);
        // SAFETY: threads past the chunk's values of `small` stop at once; each of the others has a window below `chunk.rows()` and a channel
        // below the channels, the sides of `sums`, and writes within the batch's `small`, of which the chunk is a part and which `below` is
        // as long as wherever the epilogue reads it. The layer's biases, one for each channel, are in `params`.
        unsafe {
            from_rows_kernel::launch_unchecked(
                &big.client,
                groups,
                size,
                buffer(&sums),
                buffer(params),
                buffer(below),
                buffer(&small),
                chunk.shape(),
                bias_of(layer, Side::Small, epilogue),
                epilogue_argument(epilogue),
            );
        }
    }
    small
}

/// Transposed convolution, `[batch, small]` to `[batch, big]`.
pub(super) fn conv_transpose(
    small: &Values,
    params: &Values,
    below: &Values,
    layer: Conv,
    epilogue: Epilogue,
) -> Values {
    let batch = small.shape()[0];
    let values = layer.big.iter().product::<usize>();
    let big = room(small, batch, values);
    for chunk in Chunk::all(layer, batch) {
        let rows = to_rows(small, chunk);
        let left = dense::forward(&rows, params, dense_of(layer), Fused::Identity);
        let (groups, size) = threads(small, chunk.pictures * values);
        // SAFETY: threads past the chunk's values of `big` stop at once. What the others read of `left` belongs to a window that the
        // conditions keep within `small` and to a tap below `kernel`; they write within the batch's `big`, which `below` is as long as
        // wherever the epilogue reads it. The layer's biases, one for each channel, are in `params`.
        unsafe {
            fold_kernel::launch_unchecked(
                &small.client,
                groups,
                size,
                buffer(&left),
                buffer(params),
                buffer(below),
                buffer(&big),
                chunk.shape(),
                bias_of(layer, Side::Big, epilogue),
                epilogue_argument(epilogue),
                chunk.window(),
            );
        }
    }
    big
}

/// The gradients of weights and biases, for both kinds of convolution.
pub(super) fn weight_gradient(
    small: &Values,
    big: &Values,
    mut into: Values,
    layer: Conv,
    accumulate: bool,
) -> Values {
    let batch = big.shape()[0];
    for chunk in Chunk::all(layer, batch) {
        let (rows, seen) = (to_rows(small, chunk), unfold(big, chunk));
        let accumulate = accumulate || chunk.first > 0;
        into = dense::weight_gradient(&rows, &seen, into, dense_of(layer), accumulate);
    }
    if let Some(side) = layer.bias {
        let (pictures, [channels, height, width]) = match side {
            Side::Small => (small, layer.small),
            Side::Big => (big, layer.big),
        };
        let to = To {
            into: &into,
            at: layer.bias_at(),
            accumulate,
        };
        let shape = [batch, channels, height * width];
        sums::channel_sums(pictures, None, shape, channels, to);
    }
    into
}

/// A thread takes one pixel of `big` and adds up what the windows over it give.
#[cube(launch_unchecked)]
fn fold_kernel(
    left: &[f32],
    params: &[f32],
    below: &[f32],
    big: &mut [f32],
    shape: Shape,
    bias: Bias,
    epilogue: EpilogueArgument,
    #[comptime] window: Window,
) {
    let kernel = comptime!(window.kernel);
    let stride = comptime!(window.stride);
    let padding = comptime!(window.padding);
    let pixels = shape.big_height * shape.big_width;
    if ABSOLUTE_POS >= shape.pictures * shape.big_channels * pixels {
        terminate!();
    }
    let column = ABSOLUTE_POS % shape.big_width + padding;
    let row = ABSOLUTE_POS / shape.big_width % shape.big_height + padding;
    let channel = ABSOLUTE_POS / pixels % shape.big_channels;
    let picture = ABSOLUTE_POS / pixels / shape.big_channels;
    let mut sum = 0.0f32;
    if bias.is_added == 1 {
        sum = params[bias.at + channel];
    }
    let reach = comptime!(kernel.div_ceil(stride));
    #[unroll]
    for step_y in 0..reach {
        // This row is under tap y of the windows `step_y` lines above.
        let y = row % stride + step_y * stride;
        let above = row / stride;
        #[unroll]
        for step_x in 0..reach {
            let x = column % stride + step_x * stride;
            let before = column / stride;
            if y < kernel
                && x < kernel
                && above >= step_y
                && above - step_y < shape.small_height
                && before >= step_x
                && before - step_x < shape.small_width
            {
                let window = (picture * shape.small_height + above - step_y) * shape.small_width
                    + before
                    - step_x;
                sum += left[((window * shape.big_channels + channel) * kernel + y) * kernel + x];
            }
        }
    }
    let to = shape.first * shape.big_channels * pixels + ABSOLUTE_POS;
    big[to] = apply_epilogue(sum, below, to, &epilogue);
}

/// Writes pictures of `small` from rows as [`to_rows`] makes them, with bias and epilogue.
#[cube(launch_unchecked)]
fn from_rows_kernel(
    rows: &[f32],
    params: &[f32],
    below: &[f32],
    small: &mut [f32],
    shape: Shape,
    bias: Bias,
    epilogue: EpilogueArgument,
) {
    let windows = shape.small_height * shape.small_width;
    if ABSOLUTE_POS >= shape.pictures * shape.small_channels * windows {
        terminate!();
    }
    let window = ABSOLUTE_POS % windows;
    let channel = ABSOLUTE_POS / windows % shape.small_channels;
    let picture = ABSOLUTE_POS / windows / shape.small_channels;
    let mut sum = rows[(picture * windows + window) * shape.small_channels + channel];
    if bias.is_added == 1 {
        sum += params[bias.at + channel];
    }
    let to = shape.first * shape.small_channels * windows + ABSOLUTE_POS;
    small[to] = apply_epilogue(sum, below, to, &epilogue);
}
