//! Convolutions on the CPU, picture by picture. A picture is taken apart into [`Planes`], and sums of products read them where they lie.

use std::cell::RefCell;

use super::copies;
use super::lanes::{LANES, with_lanes};
use super::planes::Planes;
use super::tiles::{OuterProducts, ROWS, Shifted};
use super::values::{Values, slice, sum, tensor};
use crate::kernels::spec::{Conv, Epilogue, Side};

/// Buffers of a convolution, kept from one to the next.
#[derive(Default)]
struct Buffers {
    /// What the sums are read from: the planes of a picture, or a small picture with a border.
    values: Vec<f32>,
    /// Where each term of a sum begins in `values`.
    starts: Vec<usize>,
    /// The factors of the terms.
    factors: Vec<f32>,
    /// What the sums of each row begin with.
    firsts: Vec<f32>,
    sums: Vec<f32>,
}

thread_local! {
    static BUFFERS: RefCell<Buffers> = RefCell::default();
}

/// `len` zeros in a buffer that is used again.
fn zeros(buffer: &mut Vec<f32>, len: usize) -> &mut [f32] {
    buffer.clear();
    buffer.resize(len, 0.0);
    buffer
}

impl Conv {
    /// The biases that a pass adds on this side, one for each of its channels.
    fn biases<'a>(&self, side: Side, params: &'a [f32], epilogue: Epilogue) -> Option<&'a [f32]> {
        let adds = self.bias == Some(side) && matches!(epilogue, Epilogue::Activate(_));
        adds.then(|| &params[self.bias_at()..])
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
    let (big, params, below) = (slice(big), slice(params), slice(below));
    let ([channels, rows, columns], taps) = (layer.small, layer.taps());
    let (planes, size) = (Planes::new(layer), layer.big.iter().product());
    let length = planes.stretch();
    let mut small = vec![0.0; big.len() / size * channels * rows * columns];
    BUFFERS.with_borrow_mut(|buffers| {
        let values = zeros(&mut buffers.values, planes.room());
        buffers.starts.clear();
        buffers.starts.extend(planes.starts());
        let panels = channels.div_ceil(ROWS);
        let firsts = zeros(&mut buffers.firsts, panels * ROWS);
        if let Some(biases) = layer.biases(Side::Small, params, epilogue) {
            firsts[..channels].copy_from_slice(&biases[..channels]);
        }
        let factors = zeros(&mut buffers.factors, panels * taps * ROWS);
        for (channel, weights) in params[layer.at..][..channels * taps]
            .chunks_exact(taps)
            .enumerate()
        {
            let panel = &mut factors[channel / ROWS * taps * ROWS..][..taps * ROWS];
            let factors = panel.iter_mut().skip(channel % ROWS).step_by(ROWS);
            factors
                .zip(weights)
                .for_each(|(factor, weight)| *factor = *weight);
        }
        let sums = zeros(&mut buffers.sums, panels * ROWS * length);
        let pictures = small.chunks_exact_mut(channels * rows * columns);
        for (index, (big, small)) in big.chunks_exact(size).zip(pictures).enumerate() {
            planes.take_apart(big, values);
            with_lanes(Shifted {
                factors,
                firsts,
                starts: &buffers.starts,
                values,
                sums,
                length,
            });
            let lines = sums
                .chunks_exact(length)
                .flat_map(|sums| sums.chunks(planes.pitch).take(layer.small[1]));
            for (line, sums) in small.chunks_exact_mut(columns).zip(lines) {
                copies::copy(&sums[..columns], line);
            }
            epilogue.apply_to_picture(small, index, below);
        }
    });
    tensor(small, channels * rows * columns)
}

/// Transposed convolution, `[batch, small]` to `[batch, big]`.
pub(super) fn conv_transpose(
    small: &Values,
    params: &Values,
    below: &Values,
    layer: Conv,
    epilogue: Epilogue,
) -> Values {
    let (small, params, below) = (slice(small), slice(params), slice(below));
    let [channels, rows, columns] = layer.small;
    let (planes, size) = (Planes::new(layer), layer.big.iter().product());
    let mut big = vec![0.0; small.len() / (channels * rows * columns) * size];
    BUFFERS.with_borrow_mut(|buffers| {
        // Each channel between zeros, so that taps may see beyond its border.
        let (border, length) = (planes.farthest(), planes.length);
        let values = zeros(&mut buffers.values, channels * (border + length));
        buffers.starts.clear();
        for channel in 0..channels {
            let corner = channel * (border + length) + border;
            let steps = (0..planes.reach).flat_map(|y| (0..planes.reach).map(move |x| (y, x)));
            buffers
                .starts
                .extend(steps.map(|(y, x)| corner - y * planes.pitch - x));
        }
        let terms = buffers.starts.len();
        let panels = planes.count().div_ceil(ROWS);
        let firsts = zeros(&mut buffers.firsts, panels * ROWS);
        let biases = layer.biases(Side::Big, params, epilogue);
        if let Some(biases) = biases {
            let all = firsts.chunks_exact_mut(planes.sides * planes.sides);
            all.zip(&biases[..layer.big[0]])
                .for_each(|(firsts, bias)| firsts.fill(*bias));
        }
        let factors = zeros(&mut buffers.factors, panels * terms * ROWS);
        planes.weights(&params[layer.at..], |plane, term, weight| {
            factors[(plane / ROWS * terms + term) * ROWS + plane % ROWS] = weight;
        });
        let sums = zeros(&mut buffers.sums, panels * ROWS * length);
        let pictures = small.chunks_exact(channels * rows * columns);
        for (index, (small, big)) in pictures.zip(big.chunks_exact_mut(size)).enumerate() {
            for (small, values) in small
                .chunks_exact(rows * columns)
                .zip(values.chunks_exact_mut(border + length))
            {
                let lines = values[border..].chunks_mut(planes.pitch);
                for (line, small) in lines.zip(small.chunks_exact(columns)) {
                    copies::copy(small, &mut line[..columns]);
                }
            }
            with_lanes(Shifted {
                factors,
                firsts,
                starts: &buffers.starts,
                values,
                sums,
                length,
            });
            if let Some(biases) = biases.filter(|_| !planes.hold_all()) {
                let channels = big.chunks_exact_mut(size / layer.big[0]);
                channels
                    .zip(biases)
                    .for_each(|(channel, bias)| channel.fill(*bias));
            }
            planes.put_together(sums, big);
            epilogue.apply_to_picture(big, index, below);
        }
    });
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
    let (taps, windows, channels) = (layer.taps(), layer.windows(), layer.small[0]);
    let (planes, size) = (Planes::new(layer), layer.big.iter().product());
    let (weights, rest) = into.storage_mut::<f32>()[layer.at..].split_at_mut(channels * taps);
    BUFFERS.with_borrow_mut(|buffers| {
        let columns = channels.next_multiple_of(LANES);
        let values = zeros(&mut buffers.values, planes.room());
        buffers.starts.clear();
        buffers.starts.extend(planes.starts());
        buffers.starts.resize(taps.next_multiple_of(ROWS), 0);
        let others = zeros(&mut buffers.factors, windows * columns);
        let sums = zeros(&mut buffers.sums, buffers.starts.len() * columns);
        let pictures = small
            .chunks_exact(channels * windows)
            .zip(big.chunks_exact(size));
        for (small, big) in pictures {
            planes.take_apart(big, values);
            copies::transpose(small, windows, others, columns);
            with_lanes(OuterProducts {
                starts: &buffers.starts,
                values,
                width: layer.small[2],
                pitch: planes.pitch,
                others,
                columns,
                sums,
            });
        }
        for (channel, weights) in weights.chunks_exact_mut(taps).enumerate() {
            let sums = sums.iter().skip(channel).step_by(columns);
            for (weight, sum) in weights.iter_mut().zip(sums) {
                *weight = if accumulate { *weight + *sum } else { *sum };
            }
        }
    });
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
            *bias += sum(channel);
        }
    }
    into
}
