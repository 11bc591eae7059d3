//! The windows of a convolution on a GPU: the batch cut into chunks, and pictures laid out with a row for each window.

use cubecl::prelude::*;

use super::launch::{Values, buffer, room, threads};
use crate::kernels::spec::{Conv, Dense};

/// Number of values in the rows of a chunk, at most: 64 MiB.
const CHUNK: usize = 16 << 20;

/// The pictures of a chunk as kernels take them.
#[derive(CubeType, CubeLaunch, Clone, Copy)]
pub(super) struct Shape {
    /// First picture of the chunk.
    pub(super) first: usize,
    /// Number of pictures in the chunk.
    pub(super) pictures: usize,
    pub(super) small_channels: usize,
    pub(super) small_height: usize,
    pub(super) small_width: usize,
    pub(super) big_channels: usize,
    pub(super) big_height: usize,
    pub(super) big_width: usize,
}

/// How windows slide, compiled into the kernels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Window {
    pub(super) kernel: usize,
    pub(super) stride: usize,
    pub(super) padding: usize,
}

/// Some of a batch's pictures, which are computed at once.
#[derive(Clone, Copy)]
pub(super) struct Chunk {
    pub(super) layer: Conv,
    pub(super) first: usize,
    pub(super) pictures: usize,
}

impl Chunk {
    /// The chunks of a batch, the largest whose rows have at most [`CHUNK`] values.
    pub(super) fn all(layer: Conv, batch: usize) -> impl Iterator<Item = Self> {
        let most = (CHUNK / (layer.windows() * layer.taps())).clamp(1, batch.max(1));
        (0..batch).step_by(most).map(move |first| Self {
            layer,
            first,
            pictures: most.min(batch - first),
        })
    }

    /// Number of windows in all its pictures.
    pub(super) fn rows(self) -> usize {
        self.pictures * self.layer.windows()
    }

    pub(super) fn shape(self) -> ShapeLaunch {
        let [small_channels, small_height, small_width] = self.layer.small;
        let [big_channels, big_height, big_width] = self.layer.big;
        ShapeLaunch {
            first: self.first,
            pictures: self.pictures,
            small_channels,
            small_height,
            small_width,
            big_channels,
            big_height,
            big_width,
        }
    }

    pub(super) fn window(self) -> Window {
        Window {
            kernel: self.layer.kernel,
            stride: self.layer.stride,
            padding: self.layer.padding,
        }
    }
}

/// The linear layer from the channels of a pixel of `small` to the values of `big` that its window sees.
pub(super) fn dense_of(layer: Conv) -> Dense {
    Dense {
        at: layer.at,
        inputs: layer.small[0],
        outputs: layer.taps(),
        biases: 0,
    }
}

/// The values that each window sees, `[pictures * windows, taps]`; zeros in the padding.
pub(super) fn unfold(big: &Values, chunk: Chunk) -> Values {
    let layer = chunk.layer;
    let seen = room(big, chunk.rows(), layer.taps());
    let (groups, size) = threads(big, chunk.rows() * layer.big[0] * layer.kernel);
    // SAFETY: threads past the chunk's windows stop at once, and each of the others writes one line of its own in `seen`, which has `kernel`
    // values for each thread. A pixel outside of the picture is read as the first one of its line or channel.
    unsafe {
        unfold_kernel::launch_unchecked(
            &big.client,
            groups,
            size,
            buffer(big),
            buffer(&seen),
            chunk.shape(),
            chunk.window(),
        );
    }
    seen
}

/// A thread takes one line of pixels in a window.
#[cube(launch_unchecked)]
fn unfold_kernel(big: &[f32], seen: &mut [f32], shape: Shape, #[comptime] window: Window) {
    let kernel = comptime!(window.kernel);
    let stride = comptime!(window.stride);
    let padding = comptime!(window.padding);
    let y = ABSOLUTE_POS % kernel;
    let channel = ABSOLUTE_POS / kernel % shape.big_channels;
    let window = ABSOLUTE_POS / kernel / shape.big_channels;
    let windows = shape.small_height * shape.small_width;
    if window >= shape.pictures * windows {
        terminate!();
    }
    let picture = shape.first + window / windows;
    // Both are pixels of the padded picture.
    let line = window % windows / shape.small_width * stride + y;
    let column = window % shape.small_width * stride;
    let in_picture = line >= padding && line < shape.big_height + padding;
    let place = select(in_picture, line - padding, 0)
        + (picture * shape.big_channels + channel) * shape.big_height;
    let start = place * shape.big_width;
    #[unroll]
    for x in 0..kernel {
        let pixel = column + x;
        let inside = in_picture && pixel >= padding && pixel < shape.big_width + padding;
        let value = big[start + select(inside, pixel - padding, 0)];
        seen[ABSOLUTE_POS * kernel + x] = select(inside, value, 0.0f32);
    }
}

/// The pictures of `small` with a row of channels for each window, `[pictures * windows, small channels]`.
pub(super) fn to_rows(small: &Values, chunk: Chunk) -> Values {
    let channels = chunk.layer.small[0];
    let rows = room(small, chunk.rows(), channels);
    let (groups, size) = threads(small, chunk.rows() * channels);
    // SAFETY: threads past the chunk's values of `small` stop at once; each of the others writes its own place of `rows` and reads a picture of
    // the chunk.
    unsafe {
        to_rows_kernel::launch_unchecked(
            &small.client,
            groups,
            size,
            buffer(small),
            buffer(&rows),
            chunk.shape(),
        );
    }
    rows
}

#[cube(launch_unchecked)]
fn to_rows_kernel(small: &[f32], rows: &mut [f32], shape: Shape) {
    let windows = shape.small_height * shape.small_width;
    let channel = ABSOLUTE_POS % shape.small_channels;
    let window = ABSOLUTE_POS / shape.small_channels;
    if window >= shape.pictures * windows {
        terminate!();
    }
    let picture = shape.first + window / windows;
    rows[ABSOLUTE_POS] =
        small[(picture * shape.small_channels + channel) * windows + window % windows];
}
