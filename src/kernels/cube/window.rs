//! Convolutions. A thread computes a tile of channels and neighbouring pixels, so that each weight and each pixel that it loads is used
//! several times; no patch is ever copied out of its picture. Sizes of kernel and stride are compiled in.

use super::*;

/// Channels and pixels of a thread's tile; rows of 7, 14 and 28 pixels are whole numbers of tiles.
const TILE: [usize; 2] = [8, 7];
/// Threads that a weight gradient is spread over, at least, by cutting the batch into parts.
const SPREAD: usize = 4096;

/// A [`Window`] as the kernels see it.
#[derive(CubeType, CubeLaunch, Clone, Copy)]
struct Shape {
    at: usize,
    bias_at: usize,
    small_channels: usize,
    small_height: usize,
    small_width: usize,
    big_channels: usize,
    big_height: usize,
    big_width: usize,
}

fn shape(layer: Window) -> ShapeLaunch {
    let ([a, b, c], [d, e, f]) = (layer.small, layer.big);
    ShapeLaunch::new(layer.at, layer.bias_at(), a, b, c, d, e, f)
}

/// Whether a pass forward adds the biases of this side.
fn adds(layer: Window, side: Side, backward: u32) -> u32 {
    u32::from(layer.bias == Some(side) && backward == 0)
}

pub(super) fn gather(
    big: &Values,
    params: &Values,
    below: &Values,
    layer: Window,
    end: End,
) -> Values {
    let [channels, height, columns] = layer.small;
    let batch = count(big) / layer.big.iter().product::<usize>();
    let small = room(big, batch, channels * height * columns);
    let [deep, across] = TILE;
    let tiles = batch * channels.div_ceil(deep) * height * columns.div_ceil(across);
    let (groups, size) = threads(big, tiles);
    let (activation, slope, backward) = end_code(end);
    // SAFETY: the kernel keeps within the pictures.
    unsafe {
        gather_kernel::launch_unchecked(
            &big.client,
            groups,
            size,
            buffer(big),
            buffer(params),
            buffer(below),
            buffer(&small),
            tiles,
            shape(layer),
            adds(layer, Side::Small, backward),
            activation,
            slope,
            backward,
            layer.kernel,
            layer.stride,
            layer.padding,
            deep,
            across,
        );
    }
    small
}

#[cube(launch_unchecked)]
fn gather_kernel(
    big: &[f32],
    params: &[f32],
    below: &[f32],
    small: &mut [f32],
    tiles: usize,
    shape: Shape,
    bias: u32,
    activation: u32,
    slope: f32,
    backward: u32,
    #[comptime] kernel: usize,
    #[comptime] stride: usize,
    #[comptime] padding: usize,
    #[comptime] deep: usize,
    #[comptime] across: usize,
) {
    if ABSOLUTE_POS >= tiles {
        terminate!();
    }
    let tiles_across = shape.small_width.div_ceil(across);
    let tiles_deep = shape.small_channels.div_ceil(deep);
    let column = ABSOLUTE_POS % tiles_across * across;
    let row = ABSOLUTE_POS / tiles_across % shape.small_height;
    let channel = ABSOLUTE_POS / tiles_across / shape.small_height % tiles_deep * deep;
    let picture = ABSOLUTE_POS / tiles_across / shape.small_height / tiles_deep;
    let taps = shape.big_channels * kernel * kernel;
    let mut sums = Array::<f32>::new(deep * across);
    #[unroll]
    for d in 0..deep {
        let mut start = 0.0f32;
        if bias == 1 {
            start = params[shape.bias_at + min(channel + d, shape.small_channels - 1)];
        }
        #[unroll]
        for a in 0..across {
            sums[d * across + a] = start;
        }
    }
    for from in 0..shape.big_channels {
        for y in 0..kernel {
            // In pixels of the padded picture.
            let line = row * stride + y;
            if line >= padding && line < shape.big_height + padding {
                let pixels = ((picture * shape.big_channels + from) * shape.big_height + line
                    - padding)
                    * shape.big_width;
                #[unroll]
                for x in 0..kernel {
                    let mut seen = Array::<f32>::new(across);
                    #[unroll]
                    for a in 0..across {
                        let pixel = (column + a) * stride + x;
                        let inside = pixel >= padding && pixel < shape.big_width + padding;
                        let value = big[select(inside, pixels + pixel - padding, pixels)];
                        seen[a] = select(inside, value, 0.0f32);
                    }
                    #[unroll]
                    for d in 0..deep {
                        let weights = min(channel + d, shape.small_channels - 1) * taps;
                        let weight = params[shape.at + weights + (from * kernel + y) * kernel + x];
                        #[unroll]
                        for a in 0..across {
                            sums[d * across + a] += weight * seen[a];
                        }
                    }
                }
            }
        }
    }
    #[unroll]
    for d in 0..deep {
        #[unroll]
        for a in 0..across {
            if channel + d < shape.small_channels && column + a < shape.small_width {
                let to = ((picture * shape.small_channels + channel + d) * shape.small_height
                    + row)
                    * shape.small_width
                    + column
                    + a;
                let sum = sums[d * across + a];
                small[to] = ended(sum, below, to, activation, slope, backward);
            }
        }
    }
}

pub(super) fn scatter(
    small: &Values,
    params: &Values,
    below: &Values,
    layer: Window,
    end: End,
) -> Values {
    let [channels, height, columns] = layer.big;
    let batch = count(small) / layer.small.iter().product::<usize>();
    let big = room(small, batch, channels * height * columns);
    let [deep, across] = TILE;
    // Pixels of a tile lie `stride` apart, so that the same taps reach all of them.
    let tiles_across = columns.div_ceil(layer.stride).div_ceil(across) * layer.stride;
    let tiles = batch * channels.div_ceil(deep) * height * tiles_across;
    let (groups, size) = threads(small, tiles);
    let (activation, slope, backward) = end_code(end);
    // SAFETY: the kernel keeps within the pictures.
    unsafe {
        scatter_kernel::launch_unchecked(
            &small.client,
            groups,
            size,
            buffer(small),
            buffer(params),
            buffer(below),
            buffer(&big),
            tiles,
            tiles_across,
            shape(layer),
            adds(layer, Side::Big, backward),
            activation,
            slope,
            backward,
            layer.kernel,
            layer.stride,
            layer.padding,
            deep,
            across,
        );
    }
    big
}

#[cube(launch_unchecked)]
fn scatter_kernel(
    small: &[f32],
    params: &[f32],
    below: &[f32],
    big: &mut [f32],
    tiles: usize,
    tiles_across: usize,
    shape: Shape,
    bias: u32,
    activation: u32,
    slope: f32,
    backward: u32,
    #[comptime] kernel: usize,
    #[comptime] stride: usize,
    #[comptime] padding: usize,
    #[comptime] deep: usize,
    #[comptime] across: usize,
) {
    if ABSOLUTE_POS >= tiles {
        terminate!();
    }
    let tiles_deep = shape.big_channels.div_ceil(deep);
    let tile = ABSOLUTE_POS % tiles_across;
    let row = ABSOLUTE_POS / tiles_across % shape.big_height;
    let channel = ABSOLUTE_POS / tiles_across / shape.big_height % tiles_deep * deep;
    let picture = ABSOLUTE_POS / tiles_across / shape.big_height / tiles_deep;
    // The tile's pixels are column, column + stride, ...
    let column = tile % stride + tile / stride * (across * stride);
    let mut sums = Array::<f32>::new(deep * across);
    #[unroll]
    for d in 0..deep {
        let mut start = 0.0f32;
        if bias == 1 {
            start = params[shape.bias_at + min(channel + d, shape.big_channels - 1)];
        }
        #[unroll]
        for a in 0..across {
            sums[d * across + a] = start;
        }
    }
    let reach = comptime!(kernel.div_ceil(stride));
    let first_y = (row + padding) % stride;
    let first_x = (column + padding) % stride;
    for from in 0..shape.small_channels {
        for step_y in 0..reach {
            // Tap y of the window at `line` lies on the row.
            let y = first_y + step_y * stride;
            let above = (row + padding) / stride;
            if y < kernel && above >= step_y && above - step_y < shape.small_height {
                let windows =
                    ((picture * shape.small_channels + from) * shape.small_height + above - step_y)
                        * shape.small_width;
                #[unroll]
                for step_x in 0..reach {
                    let x = first_x + step_x * stride;
                    if x < kernel {
                        let mut seen = Array::<f32>::new(across);
                        #[unroll]
                        for a in 0..across {
                            let window = (column + padding) / stride + a;
                            let inside = window >= step_x && window < shape.small_width + step_x;
                            let value = small[select(inside, windows + window - step_x, windows)];
                            seen[a] = select(inside, value, 0.0f32);
                        }
                        #[unroll]
                        for d in 0..deep {
                            let to = min(channel + d, shape.big_channels - 1);
                            let weights = (from * shape.big_channels + to) * (kernel * kernel);
                            let weight = params[shape.at + weights + y * kernel + x];
                            #[unroll]
                            for a in 0..across {
                                sums[d * across + a] += weight * seen[a];
                            }
                        }
                    }
                }
            }
        }
    }
    #[unroll]
    for d in 0..deep {
        #[unroll]
        for a in 0..across {
            let pixel = column + a * stride;
            if channel + d < shape.big_channels && pixel < shape.big_width {
                let to = ((picture * shape.big_channels + channel + d) * shape.big_height + row)
                    * shape.big_width
                    + pixel;
                let sum = sums[d * across + a];
                big[to] = ended(sum, below, to, activation, slope, backward);
            }
        }
    }
}

pub(super) fn weight_gradient(small: &Values, big: &Values, into: Values, layer: Window) -> Values {
    let batch = count(big) / layer.big.iter().product::<usize>();
    let channels = layer.small[0];
    let weights = channels * layer.taps();
    let biases = match layer.bias {
        None => 0,
        Some(Side::Small) => channels,
        Some(Side::Big) => layer.big[0],
    };
    let deep = TILE[0];
    let tiles = channels.div_ceil(deep) * layer.big[0] * layer.kernel;
    let parts = SPREAD.div_ceil(tiles).min(batch);
    let partial = room(small, parts, weights + biases);
    // SAFETY: the kernels keep within the pictures and the room for each part.
    unsafe {
        let (groups, size) = threads(small, tiles * parts);
        weight_gradient_kernel::launch_unchecked(
            &small.client,
            groups,
            size,
            buffer(small),
            buffer(big),
            buffer(&partial),
            tiles,
            parts,
            weights + biases,
            batch,
            shape(layer),
            layer.kernel,
            layer.stride,
            layer.padding,
            deep,
        );
        if let Some(side) = layer.bias {
            let (pictures, windows) = match side {
                Side::Small => (small, layer.windows()),
                Side::Big => (big, layer.big[1] * layer.big[2]),
            };
            let (groups, size) = threads(small, biases * parts);
            bias_gradient_kernel::launch_unchecked(
                &small.client,
                groups,
                size,
                buffer(pictures),
                buffer(&partial),
                biases,
                parts,
                weights + biases,
                weights,
                batch,
                windows,
            );
        }
        let (groups, size) = threads(small, weights + biases);
        sum_kernel::launch_unchecked(
            &small.client,
            groups,
            size,
            buffer(&partial),
            buffer(&into),
            weights + biases,
            parts,
            layer.at,
        );
    }
    into
}

/// A tile is a few small channels and one row of a big channel's taps.
#[cube(launch_unchecked)]
fn weight_gradient_kernel(
    small: &[f32],
    big: &[f32],
    partial: &mut [f32],
    tiles: usize,
    parts: usize,
    len: usize,
    batch: usize,
    shape: Shape,
    #[comptime] kernel: usize,
    #[comptime] stride: usize,
    #[comptime] padding: usize,
    #[comptime] deep: usize,
) {
    let tile = ABSOLUTE_POS % tiles;
    let part = ABSOLUTE_POS / tiles;
    if part >= parts {
        terminate!();
    }
    let y = tile % kernel;
    let from = tile / kernel % shape.big_channels;
    let channel = tile / kernel / shape.big_channels * deep;
    let size = batch.div_ceil(parts);
    let first = min(part * size, batch);
    let end = min(first + size, batch);
    let mut sums = Array::<f32>::new(deep * kernel);
    #[unroll]
    for i in 0..deep * kernel {
        sums[i] = 0.0f32;
    }
    for picture in first..end {
        for row in 0..shape.small_height {
            let line = row * stride + y;
            if line >= padding && line < shape.big_height + padding {
                let pixels = ((picture * shape.big_channels + from) * shape.big_height + line
                    - padding)
                    * shape.big_width;
                for column in 0..shape.small_width {
                    let mut seen = Array::<f32>::new(kernel);
                    #[unroll]
                    for x in 0..kernel {
                        let pixel = column * stride + x;
                        let inside = pixel >= padding && pixel < shape.big_width + padding;
                        let value = big[select(inside, pixels + pixel - padding, pixels)];
                        seen[x] = select(inside, value, 0.0f32);
                    }
                    #[unroll]
                    for d in 0..deep {
                        let to = min(channel + d, shape.small_channels - 1);
                        let gradient = small[((picture * shape.small_channels + to)
                            * shape.small_height
                            + row)
                            * shape.small_width
                            + column];
                        #[unroll]
                        for x in 0..kernel {
                            sums[d * kernel + x] += gradient * seen[x];
                        }
                    }
                }
            }
        }
    }
    #[unroll]
    for d in 0..deep {
        if channel + d < shape.small_channels {
            #[unroll]
            for x in 0..kernel {
                let tap = (((channel + d) * shape.big_channels + from) * kernel + y) * kernel + x;
                partial[part * len + tap] = sums[d * kernel + x];
            }
        }
    }
}

/// Sums of a channel's pixels over a part of the batch.
#[cube(launch_unchecked)]
fn bias_gradient_kernel(
    pictures: &[f32],
    partial: &mut [f32],
    channels: usize,
    parts: usize,
    len: usize,
    weights: usize,
    batch: usize,
    pixels: usize,
) {
    let channel = ABSOLUTE_POS % channels;
    let part = ABSOLUTE_POS / channels;
    if part >= parts {
        terminate!();
    }
    let size = batch.div_ceil(parts);
    let first = min(part * size, batch);
    let mut sum = 0.0f32;
    for picture in first..min(first + size, batch) {
        for pixel in 0..pixels {
            sum += pictures[(picture * channels + channel) * pixels + pixel];
        }
    }
    partial[part * len + weights + channel] = sum;
}

/// Adds the parts up.
#[cube(launch_unchecked)]
fn sum_kernel(partial: &[f32], into: &mut [f32], len: usize, parts: usize, at: usize) {
    let i = ABSOLUTE_POS;
    if i >= len {
        terminate!();
    }
    let mut sum = 0.0f32;
    for part in 0..parts {
        sum += partial[part * len + i];
    }
    into[at + i] = sum;
}
