//! Convolutions on the CPU, picture by picture: what each window sees is laid out as a column of a matrix, so that products do the work.

use super::gemm::{Matrix, product};
use super::values::{Values, slice, tensor};
use crate::kernels::spec::{Conv, Epilogue, Side};

impl Conv {
    fn weights<'a>(&self, params: &'a [f32]) -> Matrix<'a> {
        Matrix::new(&params[self.at..], self.small[0], self.taps())
    }

    /// Walks over `columns`, the matrix `[big channels * kernel * kernel, windows]` of the values that each tap of each window covers. Calls
    /// `visit` for each stretch of it whose values come from one row of `big`, with the stretch's place in `columns`, its place in `big` (where
    /// it takes every `stride`th value), and its length.
    fn overlaps(&self, mut visit: impl FnMut(usize, usize, usize)) {
        let [_, rows, columns] = self.small;
        let [channels, height, width] = self.big;
        let (kernel, stride, padding) = (self.kernel, self.stride, self.padding);
        // The windows whose tap `offset` is within 0..size.
        let inside = |offset: usize, size: usize, windows: usize| {
            let first = padding.saturating_sub(offset).div_ceil(stride);
            let end = (size + padding).saturating_sub(offset).div_ceil(stride);
            first.min(windows)..end.min(windows)
        };
        for tap in 0..channels * kernel * kernel {
            let (channel, y, x) = (tap / (kernel * kernel), tap / kernel % kernel, tap % kernel);
            let across = inside(x, width, columns);
            if across.is_empty() {
                continue;
            }
            for row in inside(y, height, rows) {
                let line = (channel * height + row * stride + y - padding) * width;
                visit(
                    (tap * rows + row) * columns + across.start,
                    line + across.start * stride + x - padding,
                    across.len(),
                );
            }
        }
    }

    /// Fills `columns` from one picture. Values outside of the picture stay as they are, 0.
    fn unfold(&self, big: &[f32], columns: &mut [f32]) {
        let stride = self.stride;
        self.overlaps(|to, from, count| {
            let from = big[from..].iter().step_by(stride);
            for (to, from) in columns[to..to + count].iter_mut().zip(from) {
                *to = *from;
            }
        });
    }

    /// Adds each value of `columns` to the pixel of the picture that it came from.
    fn fold(&self, columns: &[f32], big: &mut [f32]) {
        let stride = self.stride;
        self.overlaps(|from, to, count| {
            let to = big[to..].iter_mut().step_by(stride);
            for (to, from) in to.zip(&columns[from..from + count]) {
                *to += *from;
            }
        });
    }

    /// `batch` pictures of one side to add products to: filled with the biases in a forward pass that adds biases on this side, else with zeros.
    fn blank(&self, side: Side, batch: usize, params: &[f32], epilogue: Epilogue) -> Vec<f32> {
        let [channels, height, width] = match side {
            Side::Small => self.small,
            Side::Big => self.big,
        };
        if self.bias != Some(side) || matches!(epilogue, Epilogue::Slope(_)) {
            return vec![0.0; batch * channels * height * width];
        }
        let biases = &params[self.bias_at()..][..channels];
        let mut pictures = Vec::with_capacity(batch * channels * height * width);
        for _ in 0..batch {
            for bias in biases {
                pictures.extend(std::iter::repeat_n(*bias, height * width));
            }
        }
        pictures
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
    let (big, params) = (slice(big), slice(params));
    let size = layer.big.iter().product();
    let batch = big.len() / size;
    let mut small = layer.blank(Side::Small, batch, params, epilogue);
    let (taps, windows) = (layer.taps(), layer.windows());
    let mut columns = vec![0.0; taps * windows];
    let pictures = small.chunks_exact_mut(layer.small[0] * windows);
    for (big, small) in big.chunks_exact(size).zip(pictures) {
        layer.unfold(big, &mut columns);
        product(
            layer.weights(params),
            Matrix::new(&columns, taps, windows),
            small,
            true,
        );
    }
    epilogue.apply(&mut small, slice(below));
    tensor(small, layer.small[0] * windows)
}

/// Transposed convolution, `[batch, small]` to `[batch, big]`.
pub(super) fn conv_transpose(
    small: &Values,
    params: &Values,
    below: &Values,
    layer: Conv,
    epilogue: Epilogue,
) -> Values {
    let (small, params) = (slice(small), slice(params));
    let (taps, windows) = (layer.taps(), layer.windows());
    let batch = small.len() / (layer.small[0] * windows);
    let mut big = layer.blank(Side::Big, batch, params, epilogue);
    let size = layer.big.iter().product();
    let mut columns = vec![0.0; taps * windows];
    let weights = layer.weights(params).transposed();
    let pictures = small.chunks_exact(layer.small[0] * windows);
    for (small, big) in pictures.zip(big.chunks_exact_mut(size)) {
        product(
            weights,
            Matrix::new(small, layer.small[0], windows),
            &mut columns,
            false,
        );
        layer.fold(&columns, big);
    }
    epilogue.apply(&mut big, slice(below));
    tensor(big, size)
}

/// The gradients of weights and biases, for both kinds of convolution.
pub(super) fn weight_gradient(
    small: &Values,
    big: &Values,
    mut into: Values,
    layer: Conv,
    accumulate: bool,
) -> Values {
    let (small, big) = (slice(small), slice(big));
    let (taps, windows) = (layer.taps(), layer.windows());
    let channels = layer.small[0];
    let size = layer.big.iter().product();
    let (weights, rest) = into.storage_mut::<f32>()[layer.at..].split_at_mut(channels * taps);
    let mut columns = vec![0.0; taps * windows];
    let pictures = small
        .chunks_exact(channels * windows)
        .zip(big.chunks_exact(size));
    for (index, (small, big)) in pictures.enumerate() {
        layer.unfold(big, &mut columns);
        let seen = Matrix::new(&columns, taps, windows).transposed();
        product(
            Matrix::new(small, channels, windows),
            seen,
            weights,
            accumulate || index > 0,
        );
    }
    let (summed, [channels, height, width]) = match layer.bias {
        None => return into,
        Some(Side::Small) => (small, layer.small),
        Some(Side::Big) => (big, layer.big),
    };
    let biases = &mut rest[..channels];
    if !accumulate {
        biases.fill(0.0);
    }
    for picture in summed.chunks_exact(channels * height * width) {
        for (bias, channel) in biases.iter_mut().zip(picture.chunks_exact(height * width)) {
            *bias += channel.iter().sum::<f32>();
        }
    }
    into
}
