//! Convolutions, as products of matrices: what each window sees is laid out as a row first (or, the other way, each row is folded back
//! into the picture), so that the products of [`dense`] do the work. Large batches go chunk by chunk, to bound that room.

use super::*;

/// Values of the rows laid out at once, at most: 64 MiB.
const CHUNK: usize = 16 << 20;

/// A [`Conv`] as the kernels see it.
#[derive(CubeType, CubeLaunch, Clone, Copy)]
struct Shape {
    /// First picture of the chunk.
    first: usize,
    pictures: usize,
    small_channels: usize,
    small_height: usize,
    small_width: usize,
    big_channels: usize,
    big_height: usize,
    big_width: usize,
}

/// Some of a batch's pictures.
#[derive(Clone, Copy)]
struct Chunk {
    layer: Conv,
    first: usize,
    pictures: usize,
}

impl Chunk {
    /// A batch, cut so that no chunk needs too much room.
    fn all(layer: Conv, batch: usize) -> impl Iterator<Item = Self> {
        let most = (CHUNK / (layer.windows() * layer.taps())).clamp(1, batch.max(1));
        (0..batch).step_by(most).map(move |first| Self {
            layer,
            first,
            pictures: most.min(batch - first),
        })
    }

    fn rows(self) -> usize {
        self.pictures * self.layer.windows()
    }

    fn shape(self) -> ShapeLaunch {
        let ([a, b, c], [d, e, f]) = (self.layer.small, self.layer.big);
        ShapeLaunch::new(self.first, self.pictures, a, b, c, d, e, f)
    }
}

/// The layer as one between a window's channels of `small` and what it sees of `big`.
fn dense_of(layer: Conv) -> Dense {
    Dense {
        at: layer.at,
        inputs: layer.small[0],
        outputs: layer.taps(),
        bias: false,
    }
}

/// Where a pass forward finds the biases of this side.
fn bias_of(layer: Conv, side: Side, end: Epilogue) -> (usize, u32) {
    let adds = layer.bias == Some(side) && matches!(end, Epilogue::Activate(_));
    (layer.bias_at(), u32::from(adds))
}

pub(super) fn conv(
    big: &Values,
    params: &Values,
    below: &Values,
    layer: Conv,
    end: Epilogue,
) -> Values {
    let batch = big.shape()[0];
    let small = room(big, batch, layer.small.iter().product());
    let (bias_at, bias) = bias_of(layer, Side::Small, end);
    for chunk in Chunk::all(layer, batch) {
        let seen = unfold(big, chunk);
        let dense = dense_of(layer);
        let sums = dense::input_gradient(&seen, params, &seen, dense, Fused::Identity);
        let (groups, size) = threads(big, chunk.rows() * layer.small[0]);
        // SAFETY: the kernel keeps within the pictures.
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
                bias_at,
                bias,
                ending(end),
            );
        }
    }
    small
}

pub(super) fn conv_transpose(
    small: &Values,
    params: &Values,
    below: &Values,
    layer: Conv,
    end: Epilogue,
) -> Values {
    let batch = small.shape()[0];
    let values = layer.big.iter().product::<usize>();
    let big = room(small, batch, values);
    let (bias_at, bias) = bias_of(layer, Side::Big, end);
    for chunk in Chunk::all(layer, batch) {
        let rows = to_rows(small, chunk);
        let left = dense::forward(&rows, params, dense_of(layer), Fused::Identity);
        let (groups, size) = threads(small, chunk.pictures * values);
        // SAFETY: the kernel keeps within the pictures.
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
                bias_at,
                bias,
                ending(end),
                layer.kernel,
                layer.stride,
                layer.padding,
            );
        }
    }
    big
}

pub(super) fn weight_gradient(
    small: &Values,
    big: &Values,
    mut into: Values,
    layer: Conv,
) -> Values {
    let batch = big.shape()[0];
    for chunk in Chunk::all(layer, batch) {
        let (rows, seen) = (to_rows(small, chunk), unfold(big, chunk));
        into = dense::weight_gradient(&rows, &seen, into, dense_of(layer), chunk.first > 0);
    }
    if let Some(side) = layer.bias {
        let (pictures, [channels, height, width]) = match side {
            Side::Small => (small, layer.small),
            Side::Big => (big, layer.big),
        };
        let shape = [batch, channels, height * width];
        elements::channel_sums(pictures, &into, shape, layer.bias_at(), false);
    }
    into
}

/// What each window sees, `[pictures * windows, taps]`.
fn unfold(big: &Values, chunk: Chunk) -> Values {
    let layer = chunk.layer;
    let seen = room(big, chunk.rows(), layer.taps());
    let (groups, size) = threads(big, chunk.rows() * layer.big[0] * layer.kernel);
    // SAFETY: the kernel keeps within the pictures.
    unsafe {
        unfold_kernel::launch_unchecked(
            &big.client,
            groups,
            size,
            buffer(big),
            buffer(&seen),
            chunk.shape(),
            layer.kernel,
            layer.stride,
            layer.padding,
        );
    }
    seen
}

/// A thread takes one line of a window's pixels.
#[cube(launch_unchecked)]
fn unfold_kernel(
    big: &[f32],
    seen: &mut [f32],
    shape: Shape,
    #[comptime] kernel: usize,
    #[comptime] stride: usize,
    #[comptime] padding: usize,
) {
    let y = ABSOLUTE_POS % kernel;
    let channel = ABSOLUTE_POS / kernel % shape.big_channels;
    let window = ABSOLUTE_POS / kernel / shape.big_channels;
    let windows = shape.small_height * shape.small_width;
    if window >= shape.pictures * windows {
        terminate!();
    }
    let picture = shape.first + window / windows;
    // In pixels of the padded picture.
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

/// Adds up what the windows left at each pixel.
#[cube(launch_unchecked)]
fn fold_kernel(
    left: &[f32],
    params: &[f32],
    below: &[f32],
    big: &mut [f32],
    shape: Shape,
    bias_at: usize,
    bias: u32,
    end: Ending,
    #[comptime] kernel: usize,
    #[comptime] stride: usize,
    #[comptime] padding: usize,
) {
    let pixels = shape.big_height * shape.big_width;
    if ABSOLUTE_POS >= shape.pictures * shape.big_channels * pixels {
        terminate!();
    }
    let column = ABSOLUTE_POS % shape.big_width + padding;
    let row = ABSOLUTE_POS / shape.big_width % shape.big_height + padding;
    let channel = ABSOLUTE_POS / pixels % shape.big_channels;
    let picture = ABSOLUTE_POS / pixels / shape.big_channels;
    let mut sum = 0.0f32;
    if bias == 1 {
        sum = params[bias_at + channel];
    }
    let reach = comptime!(kernel.div_ceil(stride));
    #[unroll]
    for step_y in 0..reach {
        // Tap y of the window in this line lies on the row.
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
    big[to] = ended(sum, below, to, &end);
}

/// The small pictures with a row for each window, `[pictures * windows, small channels]`.
fn to_rows(small: &Values, chunk: Chunk) -> Values {
    let channels = chunk.layer.small[0];
    let rows = room(small, chunk.rows(), channels);
    let (groups, size) = threads(small, chunk.rows() * channels);
    // SAFETY: the kernel keeps within the pictures.
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

/// The small pictures of such rows, as they end.
#[cube(launch_unchecked)]
fn from_rows_kernel(
    rows: &[f32],
    params: &[f32],
    below: &[f32],
    small: &mut [f32],
    shape: Shape,
    bias_at: usize,
    bias: u32,
    end: Ending,
) {
    let windows = shape.small_height * shape.small_width;
    if ABSOLUTE_POS >= shape.pictures * shape.small_channels * windows {
        terminate!();
    }
    let window = ABSOLUTE_POS % windows;
    let channel = ABSOLUTE_POS / windows % shape.small_channels;
    let picture = ABSOLUTE_POS / windows / shape.small_channels;
    let mut sum = rows[(picture * windows + window) * shape.small_channels + channel];
    if bias == 1 {
        sum += params[bias_at + channel];
    }
    let to = shape.first * shape.small_channels * windows + ABSOLUTE_POS;
    small[to] = ended(sum, below, to, &end);
}
