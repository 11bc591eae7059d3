//! The operations on the CPU, for Burn's flex backend: matrix products that read every layout in place, and loops.

mod gemm;

use burn::backend::tensor::FloatTensor;
use burn::backend::{Flex, TensorMetadata};
use burn::tensor::TensorData;

use self::gemm::{Matrix, product};
use super::{
    Activation, Conv, Dense, Epilogue, Fused, Kernels, LossSlope, LossSlopes, Norm, Rule, Side,
};

type Values = FloatTensor<Flex>;

/// Keeps the derivative of a root finite at 0; a norm of 1 moves by 5e-13.
const TINY: f32 = 1e-12;

impl Fused {
    fn apply(self, values: &mut [f32]) {
        match self {
            Self::Identity => {}
            Self::LeakyRelu(slope) => each(values, |x| if x > 0.0 { x } else { slope * x }),
            Self::Tanh => each(values, tanh),
            Self::Sigmoid => each(values, sigmoid),
        }
    }

    /// Multiplies `values` by the slopes at the outputs `below`.
    fn apply_slope(self, values: &mut [f32], below: &[f32]) {
        let pairs = values.iter_mut().zip(below);
        match self {
            Self::Identity => {}
            Self::LeakyRelu(slope) => {
                pairs.for_each(|(value, y)| *value *= if *y > 0.0 { 1.0 } else { slope });
            }
            Self::Tanh | Self::Sigmoid => pairs.for_each(|(value, y)| *value *= self.slope(*y)),
        }
    }
}

impl Epilogue {
    fn apply(self, values: &mut [f32], below: &[f32]) {
        match self {
            Self::Activate(activation) => activation.apply(values),
            Self::Slope(activation) => activation.apply_slope(values, below),
        }
    }
}

impl Dense {
    fn weights<'a>(&self, params: &'a [f32]) -> Matrix<'a> {
        Matrix::new(&params[self.at..], self.inputs, self.outputs)
    }

    fn bias_at(&self) -> usize {
        self.at + self.inputs * self.outputs
    }
}

impl Conv {
    fn weights<'a>(&self, params: &'a [f32]) -> Matrix<'a> {
        Matrix::new(&params[self.at..], self.small[0], self.taps())
    }

    /// Calls `visit` for each part of a row of `columns` that lies within a row of `big`: its place in `columns`, its place in `big`
    /// (from where every `stride`th value belongs to it), and its length.
    ///
    /// `columns` is `[big channels * kernel * kernel, windows]`: what each tap of each window lies on.
    fn overlaps(&self, mut visit: impl FnMut(usize, usize, usize)) {
        let [_, rows, columns] = self.small;
        let [channels, height, width] = self.big;
        let (kernel, stride, padding) = (self.kernel, self.stride, self.padding);
        // Windows whose tap `offset` lies within 0..size.
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

    /// Fills `columns` from one picture; what lies outside of it stays as it is, 0.
    fn unfold(&self, big: &[f32], columns: &mut [f32]) {
        let stride = self.stride;
        self.overlaps(|to, from, count| {
            let from = big[from..].iter().step_by(stride);
            for (to, from) in columns[to..to + count].iter_mut().zip(from) {
                *to = *from;
            }
        });
    }

    /// Adds `columns` to one picture.
    fn fold(&self, columns: &[f32], big: &mut [f32]) {
        let stride = self.stride;
        self.overlaps(|from, to, count| {
            let to = big[to..].iter_mut().step_by(stride);
            for (to, from) in to.zip(&columns[from..from + count]) {
                *to += *from;
            }
        });
    }

    /// `batch` pictures of one side, of zeros or, for forward passes, biases.
    fn blank(&self, side: Side, batch: usize, params: &[f32], end: Epilogue) -> Vec<f32> {
        let [channels, height, width] = match side {
            Side::Small => self.small,
            Side::Big => self.big,
        };
        if self.bias != Some(side) || matches!(end, Epilogue::Slope(_)) {
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

impl Norm {
    fn width(&self) -> usize {
        self.channels * self.spatial
    }

    /// Calls `visit` with each channel's number and its values in one row and another of the same kind.
    #[inline(always)]
    fn add_up(
        &self,
        sums: &mut [f32],
        row: &[f32],
        other: &[f32],
        value: impl Fn(usize, f32, f32) -> f32,
    ) {
        if self.spatial == 1 {
            let values = row.iter().zip(other).zip(sums).enumerate();
            for (channel, ((x, other), sum)) in values {
                *sum += value(channel, *x, *other);
            }
            return;
        }
        let parts = row
            .chunks_exact(self.spatial)
            .zip(other.chunks_exact(self.spatial));
        for (channel, ((xs, others), sum)) in parts.zip(sums).enumerate() {
            let values = xs.iter().zip(others);
            *sum += values
                .map(|(x, other)| value(channel, *x, *other))
                .sum::<f32>();
        }
    }

    /// Writes `value(channel, x, other)` for each value of a row.
    #[inline(always)]
    fn map(
        &self,
        row: &[f32],
        other: &[f32],
        into: &mut [f32],
        value: impl Fn(usize, f32, f32) -> f32,
    ) {
        if self.spatial == 1 {
            let values = row.iter().zip(other).zip(into).enumerate();
            for (channel, ((x, other), into)) in values {
                *into = value(channel, *x, *other);
            }
            return;
        }
        let spatial = self.spatial;
        let parts = row.chunks_exact(spatial).zip(other.chunks_exact(spatial));
        for (channel, ((xs, others), into)) in parts.zip(into.chunks_exact_mut(spatial)).enumerate()
        {
            for ((x, other), into) in xs.iter().zip(others).zip(into) {
                *into = value(channel, *x, *other);
            }
        }
    }

    fn gamma_and_beta<'a>(&self, params: &'a [f32]) -> (&'a [f32], &'a [f32]) {
        params[self.at..][..2 * self.channels].split_at(self.channels)
    }
}

impl Kernels for Flex {
    fn linear(x: Values, params: Values, layer: Dense, end: Fused) -> Values {
        let (x, params) = (slice(&x), slice(&params));
        let batch = x.len() / layer.inputs;
        let mut y = if layer.bias {
            params[layer.bias_at()..][..layer.outputs].repeat(batch)
        } else {
            vec![0.0; batch * layer.outputs]
        };
        let x = Matrix::new(x, batch, layer.inputs);
        product(x, layer.weights(params), &mut y, layer.bias);
        end.apply(&mut y);
        tensor(y, layer.outputs)
    }

    fn linear_input_gradient(
        gradient: Values,
        params: Values,
        below: Values,
        layer: Dense,
        end: Fused,
    ) -> Values {
        let gradient = slice(&gradient);
        let batch = gradient.len() / layer.outputs;
        let mut into = vec![0.0; batch * layer.inputs];
        let weights = layer.weights(slice(&params)).transposed();
        product(
            Matrix::new(gradient, batch, layer.outputs),
            weights,
            &mut into,
            false,
        );
        end.apply_slope(&mut into, slice(&below));
        tensor(into, layer.inputs)
    }

    fn linear_weight_gradient(
        x: Values,
        gradient: Values,
        mut into: Values,
        layer: Dense,
        add: bool,
    ) -> Values {
        let (x, gradient) = (slice(&x), slice(&gradient));
        let batch = x.len() / layer.inputs;
        let (inputs, outputs) = (layer.inputs, layer.outputs);
        let (weights, rest) = into.storage_mut::<f32>()[layer.at..].split_at_mut(inputs * outputs);
        let x = Matrix::new(x, batch, inputs).transposed();
        product(x, Matrix::new(gradient, batch, outputs), weights, add);
        if layer.bias {
            let biases = &mut rest[..outputs];
            if !add {
                biases.fill(0.0);
            }
            for row in gradient.chunks_exact(outputs) {
                plus(biases, row);
            }
        }
        into
    }

    fn conv(big: Values, params: Values, below: Values, layer: Conv, end: Epilogue) -> Values {
        let (big, params) = (slice(&big), slice(&params));
        let size = layer.big.iter().product();
        let batch = big.len() / size;
        let mut small = layer.blank(Side::Small, batch, params, end);
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
        end.apply(&mut small, slice(&below));
        tensor(small, layer.small[0] * windows)
    }

    fn conv_transpose(
        small: Values,
        params: Values,
        below: Values,
        layer: Conv,
        end: Epilogue,
    ) -> Values {
        let (small, params) = (slice(&small), slice(&params));
        let (taps, windows) = (layer.taps(), layer.windows());
        let batch = small.len() / (layer.small[0] * windows);
        let mut big = layer.blank(Side::Big, batch, params, end);
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
        end.apply(&mut big, slice(&below));
        tensor(big, size)
    }

    fn conv_weight_gradient(small: Values, big: Values, mut into: Values, layer: Conv) -> Values {
        let (small, big) = (slice(&small), slice(&big));
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
                index > 0,
            );
        }
        let (summed, [channels, height, width]) = match layer.bias {
            None => return into,
            Some(Side::Small) => (small, layer.small),
            Some(Side::Big) => (big, layer.big),
        };
        let biases = &mut rest[..channels];
        biases.fill(0.0);
        for picture in summed.chunks_exact(channels * height * width) {
            for (bias, channel) in biases.iter_mut().zip(picture.chunks_exact(height * width)) {
                *bias += channel.iter().sum::<f32>();
            }
        }
        into
    }

    fn batch_norm(
        x: Values,
        params: Values,
        mut running: Values,
        layer: Norm,
        groups: usize,
        moving: bool,
        end: Fused,
    ) -> (Values, Values, Values) {
        let (x, (gamma, beta)) = (slice(&x), layer.gamma_and_beta(slice(&params)));
        let (width, channels) = (layer.width(), layer.channels);
        let (mut y, mut statistics) = (vec![0.0; x.len()], vec![0.0; groups * 2 * channels]);
        let size = x.len() / groups;
        let count = (size / channels) as f32;
        let parts = x.chunks_exact(size).zip(y.chunks_exact_mut(size));
        for ((x, y), statistics) in parts.zip(statistics.chunks_exact_mut(2 * channels)) {
            let (means, inverses) = statistics.split_at_mut(channels);
            for row in x.chunks_exact(width) {
                layer.add_up(means, row, row, |_, x, _| x);
            }
            each(means, |sum| sum / count);
            let mut variances = vec![0.0; channels];
            for row in x.chunks_exact(width) {
                layer.add_up(&mut variances, row, row, |channel, x, _| {
                    let distance = x - means[channel];
                    distance * distance
                });
            }
            each(&mut variances, |sum| sum / count);
            for (inverse, variance) in inverses.iter_mut().zip(&variances) {
                *inverse = 1.0 / (variance + layer.eps).sqrt();
            }
            if moving {
                let running = &mut running.storage_mut::<f32>()[layer.running_at..];
                let now = means.iter().chain(&variances);
                for (running, now) in running.iter_mut().zip(now) {
                    *running = layer.keep * *running + (1.0 - layer.keep) * now;
                }
            }
            let (means, inverses, gamma, beta) = (
                &means[..channels],
                &inverses[..channels],
                &gamma[..channels],
                &beta[..channels],
            );
            for (row, y) in x.chunks_exact(width).zip(y.chunks_exact_mut(width)) {
                layer.map(row, row, y, |channel, x, _| {
                    (x - means[channel]) * (inverses[channel] * gamma[channel]) + beta[channel]
                });
            }
        }
        end.apply(&mut y);
        (
            tensor(y, width),
            tensor(statistics, groups * 2 * channels),
            running,
        )
    }

    fn batch_norm_running(
        x: Values,
        params: Values,
        running: Values,
        layer: Norm,
        end: Fused,
    ) -> Values {
        let (x, (gamma, beta)) = (slice(&x), layer.gamma_and_beta(slice(&params)));
        let (width, channels) = (layer.width(), layer.channels);
        let running = &slice(&running)[layer.running_at..][..2 * channels];
        let (means, variances) = running.split_at(channels);
        let scales: Vec<f32> = variances
            .iter()
            .zip(gamma)
            .map(|(variance, gamma)| gamma / (variance + layer.eps).sqrt())
            .collect();
        let mut y = vec![0.0; x.len()];
        for (row, y) in x.chunks_exact(width).zip(y.chunks_exact_mut(width)) {
            layer.map(row, row, y, |channel, x, _| {
                (x - means[channel]) * scales[channel] + beta[channel]
            });
        }
        end.apply(&mut y);
        tensor(y, width)
    }

    fn batch_norm_sums(
        x: Values,
        gradient: Values,
        statistics: Values,
        layer: Norm,
        groups: usize,
    ) -> Values {
        let (x, gradient) = (slice(&x), slice(&gradient));
        let (width, channels) = (layer.width(), layer.channels);
        let size = x.len() / groups;
        let mut sums = vec![0.0; groups * 2 * channels];
        let parts = x.chunks_exact(size).zip(gradient.chunks_exact(size));
        let statistics = slice(&statistics).chunks_exact(2 * channels);
        let parts = parts
            .zip(statistics)
            .zip(sums.chunks_exact_mut(2 * channels));
        for (((x, gradient), statistics), sums) in parts {
            let (means, inverses) = statistics.split_at(channels);
            let (of_gamma, of_beta) = sums.split_at_mut(channels);
            for (x, gradient) in x.chunks_exact(width).zip(gradient.chunks_exact(width)) {
                layer.add_up(of_gamma, x, gradient, |channel, x, gradient| {
                    gradient * ((x - means[channel]) * inverses[channel])
                });
                layer.add_up(of_beta, gradient, gradient, |_, gradient, _| gradient);
            }
        }
        tensor(sums, 2 * channels)
    }

    fn batch_norm_input_gradient(
        x: Values,
        gradient: Values,
        statistics: Values,
        sums: Values,
        params: Values,
        layer: Norm,
        groups: usize,
        slope: Fused,
    ) -> Values {
        let (x, gradient) = (slice(&x), slice(&gradient));
        let (gamma, _) = layer.gamma_and_beta(slice(&params));
        let (width, channels) = (layer.width(), layer.channels);
        let size = x.len() / groups;
        let share = channels as f32 / size as f32;
        let mut input_gradient = vec![0.0; x.len()];
        let parts = x.chunks_exact(size).zip(gradient.chunks_exact(size));
        let parts = parts.zip(input_gradient.chunks_exact_mut(size));
        let statistics = slice(&statistics).chunks_exact(2 * channels);
        let statistics = statistics.zip(slice(&sums).chunks_exact(2 * channels));
        for (((x, gradient), input), (statistics, sums)) in parts.zip(statistics) {
            let (means, inverses) = statistics.split_at(channels);
            let (of_gamma, of_beta) = sums.split_at(channels);
            let rows = x.chunks_exact(width).zip(gradient.chunks_exact(width));
            for ((x, gradient), input) in rows.zip(input.chunks_exact_mut(width)) {
                layer.map(x, gradient, input, |channel, x, gradient| {
                    let normalised = (x - means[channel]) * inverses[channel];
                    let common = (of_beta[channel] + normalised * of_gamma[channel]) * share;
                    (gradient - common) * (gamma[channel] * inverses[channel])
                });
            }
        }
        slope.apply_slope(&mut input_gradient, x);
        tensor(input_gradient, width)
    }

    fn batch_norm_weight_gradient(
        sums: Values,
        mut into: Values,
        layer: Norm,
        _groups: usize,
    ) -> Values {
        let len = 2 * layer.channels;
        let gammas_and_betas = &mut into.storage_mut::<f32>()[layer.at..][..len];
        gammas_and_betas.fill(0.0);
        for sums in slice(&sums).chunks_exact(len) {
            plus(gammas_and_betas, sums);
        }
        into
    }

    fn activation(mut x: Values, activation: Activation) -> Values {
        match activation {
            Activation::Fused(fused) => fused.apply(x.storage_mut()),
        }
        x
    }

    fn activation_gradient(
        mut gradient: Values,
        _x: Values,
        y: Values,
        activation: Activation,
    ) -> Values {
        match activation {
            Activation::Fused(fused) => fused.apply_slope(gradient.storage_mut(), slice(&y)),
        }
        gradient
    }

    fn multiply(mut a: Values, b: Values) -> Values {
        let pairs = a.storage_mut::<f32>().iter_mut().zip(slice(&b));
        pairs.for_each(|(a, b)| *a *= *b);
        a
    }

    fn stack(a: Values, b: Values) -> Values {
        let width = width(&a);
        tensor([slice(&a), slice(&b)].concat(), width)
    }

    fn blend(a: Values, b: Values, shares: Values) -> Values {
        let width = width(&a);
        let rows = slice(&a)
            .chunks_exact(width)
            .zip(slice(&b).chunks_exact(width));
        let rows = rows.zip(slice(&shares));
        let values = rows.flat_map(|((a, b), share)| {
            let pairs = a.iter().zip(b);
            pairs.map(move |(a, b)| share * a + (1.0 - share) * b)
        });
        tensor(values.collect(), width)
    }

    fn loss_gradient(
        mut outputs: Values,
        mut journal: Values,
        at: usize,
        loss: LossSlopes,
    ) -> (Values, Values) {
        let values = outputs.storage_mut::<f32>();
        journal.storage_mut()[at..at + values.len()].copy_from_slice(values);
        let (first, second) = values.split_at_mut(loss.firsts);
        for (values, (slope, weight)) in [first, second].into_iter().zip(loss.halves) {
            each(values, |x| weight * slope.at(x));
        }
        (outputs, journal)
    }

    fn logits(
        x: Values,
        params: Values,
        layer: Dense,
        journal: Values,
        at: usize,
        loss: LossSlopes,
    ) -> (Values, Values) {
        let outputs = Self::linear(x, params, layer, Fused::Identity);
        Self::loss_gradient(outputs, journal, at, loss)
    }

    fn penalty(mut input_gradients: Values, weight: f32) -> (Values, Values) {
        let width = width(&input_gradients);
        let values = input_gradients.storage_mut::<f32>();
        let share = 2.0 * weight / (values.len() / width) as f32;
        let rows = values.chunks_exact_mut(width);
        let norms = rows.map(|row| {
            let square: f32 = row.iter().map(|x| x * x).sum();
            let norm = (square + TINY).sqrt();
            each(row, |x| share * (norm - 1.0) / norm * x);
            norm
        });
        let norms = norms.collect();
        (input_gradients, tensor(norms, 1))
    }

    fn optimize(
        mut params: Values,
        gradients: Values,
        mut moments: Values,
        rule: Rule,
        clip: f32,
    ) -> (Values, Values) {
        let values = params.storage_mut::<f32>();
        let gradients = slice(&gradients);
        let (first, second) = {
            let moments = moments.storage_mut::<f32>();
            let at = moments.len().min(values.len());
            moments.split_at_mut(at)
        };
        let pairs = values.iter_mut().zip(gradients);
        match rule {
            Rule::Sgd {
                rate,
                momentum: 0.0,
            } => pairs.for_each(|(p, g)| *p -= rate * g),
            Rule::Sgd { rate, momentum } => pairs.zip(first).for_each(|((p, g), v)| {
                *v = momentum * *v + g;
                *p -= rate * *v;
            }),
            Rule::Adam {
                rate,
                beta1,
                beta2,
                unbias,
                eps,
            } => {
                pairs
                    .zip(first.iter_mut().zip(second))
                    .for_each(|((p, g), (m, v))| {
                        *m = beta1.keep * *m + beta1.take * g;
                        *v = beta2.keep * *v + beta2.take * (g * g);
                        *p -= rate * *m / ((*v * unbias).sqrt() + eps);
                    });
            }
            Rule::RmsProp { rate, alpha, eps } => pairs.zip(first).for_each(|((p, g), v)| {
                *v = alpha.keep * *v + alpha.take * (g * g);
                *p -= rate * g / (v.sqrt() + eps);
            }),
        }
        if clip.is_finite() {
            each(values, |p| p.clamp(-clip, clip));
        }
        (params, moments)
    }

    fn mix(mut average: Values, now: Values, keep: f32) -> Values {
        let pairs = average.storage_mut::<f32>().iter_mut().zip(slice(&now));
        pairs.for_each(|(average, now)| *average = keep * *average + (1.0 - keep) * now);
        average
    }

    fn limit_norm(mut values: Values, limit: f32) -> Values {
        let square: f32 = slice(&values).iter().map(|x| x * x).sum();
        let factor = (limit / (square.sqrt() + 1e-6)).min(1.0);
        each(values.storage_mut(), |x| factor * x);
        values
    }

    fn write(mut into: Values, values: Values, at: usize) -> Values {
        let values = slice(&values);
        into.storage_mut::<f32>()[at..at + values.len()].copy_from_slice(values);
        into
    }

    fn submit(any: Values) -> Values {
        any // Everything is done already.
    }
}

impl LossSlope {
    fn at(self, x: f32) -> f32 {
        match self {
            Self::Logistic(target) => sigmoid(x) - target,
            Self::Difference(target) => x - target,
            Self::HingeReal => -f32::from(x < 1.0),
            Self::HingeFake => f32::from(x > -1.0),
            Self::One => 1.0,
        }
    }
}

fn sigmoid(x: f32) -> f32 {
    let e = exp_of_minus(x.abs());
    let share = e / (1.0 + e);
    if x > 0.0 { 1.0 - share } else { share }
}

/// Off by at most 2e-7.
fn tanh(x: f32) -> f32 {
    let e = exp_of_minus(2.0 * x.abs());
    ((1.0 - e) / (1.0 + e)).copysign(x)
}

/// `exp(-x)` for x ≥ 0, off by at most 2 ulp, without a branch or a call, so that loops over it become SIMD.
///
/// `exp(-x) = 2^n exp(r)` with `r` within half of ln 2, where `exp` is its Taylor polynomial of degree 7.
#[inline(always)]
fn exp_of_minus(x: f32) -> f32 {
    // ln 2 in two parts; products of the first with whole numbers up to 2^9 are exact.
    const LN2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
    // Beyond it, the result would be subnormal. A NaN stays one.
    let x = -(if x > 87.0 { 87.0 } else { x });
    let n = (x * std::f32::consts::LOG2_E).round_ties_even();
    let r = (x - n * LN2[0]) - n * LN2[1];
    let mut sum = 1.0 / 5040.0;
    for factor in [720.0, 120.0, 24.0, 6.0, 2.0, 1.0, 1.0] {
        sum = sum * r + 1.0 / factor;
    }
    // 2^n by its bits. Of a NaN, n as a number is 0, but the sum is NaN.
    sum * f32::from_bits(((n as i32 + 127) as u32) << 23)
}

fn each(values: &mut [f32], f: impl Fn(f32) -> f32) {
    values.iter_mut().for_each(|x| *x = f(*x));
}

fn plus(sums: &mut [f32], values: &[f32]) {
    sums.iter_mut().zip(values).for_each(|(sum, x)| *sum += x);
}

/// Values of a row.
fn width(tensor: &Values) -> usize {
    tensor.shape()[1]
}

fn slice(tensor: &Values) -> &[f32] {
    tensor
        .as_slice()
        .expect("every tensor here is whole rows of f32")
}

/// Rows of `width`.
fn tensor(values: Vec<f32>, width: usize) -> Values {
    let shape = [values.len() / width, width];
    Values::from_data(TensorData::new(values, shape))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponentials_agree_with_those_of_f64_and_a_nan_stays_one() {
        for step in -4000..4000 {
            let x = step as f32 * 0.025;
            let exact = f64::from(x);
            let off = |y: f32, exact: f64| (f64::from(y) - exact).abs();
            assert!(off(tanh(x), exact.tanh()) < 2e-7, "tanh({x})");
            assert!(
                off(sigmoid(x), 1.0 / (1.0 + (-exact).exp())) < 1e-7,
                "sigmoid({x})"
            );
            if (0.0..80.0).contains(&x) {
                let relative = f64::from(exp_of_minus(x)) / (-exact).exp() - 1.0;
                assert!(relative.abs() < 2.4e-7, "exp(-{x}): {relative}");
            }
        }
        for function in [tanh, sigmoid, exp_of_minus] {
            assert!(function(f32::NAN).is_nan());
        }
        assert_eq!([tanh(f32::INFINITY), tanh(f32::NEG_INFINITY)], [1.0, -1.0]);
        assert_eq!(
            [sigmoid(f32::INFINITY), sigmoid(f32::NEG_INFINITY) + 1.0],
            [1.0, 1.0]
        );
    }
}
