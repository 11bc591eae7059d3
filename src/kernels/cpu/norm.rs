//! Batch normalisation on the CPU.

use super::values::{Values, each, plus, slice, sum_of, tensor};
use crate::kernels::spec::{Fused, Norm};

impl Norm {
    /// Length of a row.
    fn width(&self) -> usize {
        self.channels * self.spatial
    }

    /// Adds `value(channel, x, other)` to the sum of its channel, for each `x` of a row and the value at the same place of another.
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
        let spatial = self.spatial;
        let channels = row.chunks_exact(spatial).zip(other.chunks_exact(spatial));
        for (channel, ((xs, others), sum)) in channels.zip(sums).enumerate() {
            *sum += sum_of(xs, others, |x, other| value(channel, x, other));
        }
    }

    /// Writes `value(channel, x, other)` for each `x` of a row and the value at the same place of another.
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
        let channels = row.chunks_exact(spatial).zip(other.chunks_exact(spatial));
        let channels = channels.zip(into.chunks_exact_mut(spatial));
        for (channel, ((xs, others), into)) in channels.enumerate() {
            for ((x, other), into) in xs.iter().zip(others).zip(into) {
                *into = value(channel, *x, *other);
            }
        }
    }

    fn gamma_and_beta<'a>(&self, params: &'a [f32]) -> (&'a [f32], &'a [f32]) {
        params[self.at..][..2 * self.channels].split_at(self.channels)
    }

    /// Writes the means of the rows `x` and `1 / sqrt(variance + eps)` into `statistics`; gives the variances.
    fn measure(&self, x: &[f32], statistics: &mut [f32]) -> Vec<f32> {
        let count = (x.len() / self.channels) as f32;
        let (means, inverses) = statistics.split_at_mut(self.channels);
        for row in x.chunks_exact(self.width()) {
            self.add_up(means, row, row, |_, x, _| x);
        }
        each(means, |sum| sum / count);
        let mut variances = vec![0.0; self.channels];
        for row in x.chunks_exact(self.width()) {
            self.add_up(&mut variances, row, row, |channel, x, _| {
                let distance = x - means[channel];
                distance * distance
            });
        }
        each(&mut variances, |sum| sum / count);
        for (inverse, variance) in inverses.iter_mut().zip(&variances) {
            *inverse = 1.0 / (variance + self.eps).sqrt();
        }
        variances
    }
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
    mut running: Running,
    layer: Norm,
    groups: usize,
    activation: Fused,
) -> (Values, Values, Values) {
    let (x, (gamma, beta)) = (slice(x), layer.gamma_and_beta(slice(params)));
    let (width, channels) = (layer.width(), layer.channels);
    let (mut y, mut statistics) = (vec![0.0; x.len()], vec![0.0; groups * 2 * channels]);
    let size = x.len() / groups;
    let shares = x.chunks_exact(size).zip(y.chunks_exact_mut(size));
    for ((x, y), statistics) in shares.zip(statistics.chunks_exact_mut(2 * channels)) {
        let variances = layer.measure(x, statistics);
        let (means, inverses) = statistics.split_at(channels);
        if running.moving {
            let running = &mut running.values.storage_mut::<f32>()[layer.running_at..];
            let now = means.iter().chain(&variances);
            for (running, now) in running.iter_mut().zip(now) {
                *running = layer.keep * *running + (1.0 - layer.keep) * now;
            }
        }
        // All of one known length, so that the loop checks no bounds.
        let (inverses, gamma, beta) =
            (&inverses[..channels], &gamma[..channels], &beta[..channels]);
        for (row, y) in x.chunks_exact(width).zip(y.chunks_exact_mut(width)) {
            layer.map(row, row, y, |channel, x, _| {
                (x - means[channel]) * (inverses[channel] * gamma[channel]) + beta[channel]
            });
        }
    }
    activation.apply(&mut y);
    let statistics = tensor(statistics, groups * 2 * channels);
    (tensor(y, width), statistics, running.values)
}

/// Gives the output, normalised by the running statistics.
pub(super) fn forward_running(
    x: &Values,
    params: &Values,
    running: &Values,
    layer: Norm,
    activation: Fused,
) -> Values {
    let (x, (gamma, beta)) = (slice(x), layer.gamma_and_beta(slice(params)));
    let (width, channels) = (layer.width(), layer.channels);
    let running = &slice(running)[layer.running_at..][..2 * channels];
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
    activation.apply(&mut y);
    tensor(y, width)
}

/// What a backward pass through one BatchNorm starts from.
pub(super) struct Backward<'a> {
    pub(super) x: &'a Values,
    /// Gradient of the output, before the activation.
    pub(super) gradient: &'a Values,
    /// Statistics that [`forward`] gave.
    pub(super) statistics: &'a Values,
    pub(super) layer: Norm,
    pub(super) groups: usize,
}

/// Gives the sums that every gradient starts from: for each group the gradients of gamma, then those of beta.
pub(super) fn sums(backward: &Backward<'_>) -> Values {
    let (x, gradient, layer) = (slice(backward.x), slice(backward.gradient), backward.layer);
    let (width, channels) = (layer.width(), layer.channels);
    let size = x.len() / backward.groups;
    let mut sums = vec![0.0; backward.groups * 2 * channels];
    let shares = x.chunks_exact(size).zip(gradient.chunks_exact(size));
    let statistics = slice(backward.statistics).chunks_exact(2 * channels);
    let shares = shares
        .zip(statistics)
        .zip(sums.chunks_exact_mut(2 * channels));
    for (((x, gradient), statistics), sums) in shares {
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

/// The gradient of `x`, times the slope of the activation that made it.
pub(super) fn input_gradient(
    backward: &Backward<'_>,
    sums: &Values,
    params: &Values,
    slope: Fused,
) -> Values {
    let (x, gradient, layer) = (slice(backward.x), slice(backward.gradient), backward.layer);
    let (gamma, _) = layer.gamma_and_beta(slice(params));
    let (width, channels) = (layer.width(), layer.channels);
    let size = x.len() / backward.groups;
    let share = channels as f32 / size as f32;
    let mut input_gradient = vec![0.0; x.len()];
    let shares = x.chunks_exact(size).zip(gradient.chunks_exact(size));
    let shares = shares.zip(input_gradient.chunks_exact_mut(size));
    let statistics = slice(backward.statistics).chunks_exact(2 * channels);
    let statistics = statistics.zip(slice(sums).chunks_exact(2 * channels));
    for (((x, gradient), input), (statistics, sums)) in shares.zip(statistics) {
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

/// Writes the gradients of gamma and beta.
pub(super) fn weight_gradient(sums: &Values, mut into: Values, layer: Norm) -> Values {
    let len = 2 * layer.channels;
    let gammas_and_betas = &mut into.storage_mut::<f32>()[layer.at..][..len];
    gammas_and_betas.fill(0.0);
    for sums in slice(sums).chunks_exact(len) {
        plus(gammas_and_betas, sums);
    }
    into
}
