//! The epilogue that ends an operation on the CPU: a fused activation, or the slope of the one below. It also has the functions that activations are made of.

use super::values::each;
use crate::kernels::spec::{Epilogue, Fused};

impl Fused {
    /// Replaces `values` by their activations.
    pub(super) fn apply(self, values: &mut [f32]) {
        match self {
            Self::Identity => {}
            Self::LeakyRelu(slope) => each(values, |x| if x > 0.0 { x } else { slope * x }),
            Self::Tanh => each(values, tanh),
            Self::Sigmoid => each(values, sigmoid),
        }
    }

    /// Multiplies `values` by the slopes of the activation whose outputs are `below`.
    pub(super) fn apply_slope(self, values: &mut [f32], below: &[f32]) {
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
    /// Applies the epilogue to picture number `index` of a batch. Only a slope reads `below`, which is then as long as the batch.
    pub(super) fn apply_to_picture(self, picture: &mut [f32], index: usize, below: &[f32]) {
        match self {
            Self::Activate(activation) => activation.apply(picture),
            Self::Slope(activation) => {
                activation.apply_slope(picture, &below[index * picture.len()..]);
            }
        }
    }
}

/// `1 / (1 + exp(-x))`, off by at most 1e-7.
pub(super) fn sigmoid(x: f32) -> f32 {
    let e = exp_of_minus(x.abs());
    let share = e / (1.0 + e);
    if x > 0.0 { 1.0 - share } else { share }
}

/// Hyperbolic tangent, off by at most 2e-7.
fn tanh(x: f32) -> f32 {
    let e = exp_of_minus(2.0 * x.abs());
    ((1.0 - e) / (1.0 + e)).copysign(x)
}

/// `exp(-x)` for x ≥ 0, off by at most 2 ulp, without a branch or a call, so that loops over it become SIMD.
///
/// `exp(-x) = 2^n exp(r)` with `r` within half of ln 2, where `exp` is its Taylor polynomial of degree 7.
#[inline(always)]
pub(super) fn exp_of_minus(x: f32) -> f32 {
    // ln 2 as a sum of two numbers; products of the first with whole numbers up to 2^9 are exact.
    const LN2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
    // For a larger x the result would be subnormal. A NaN stays a NaN.
    let x = -(if x > 87.0 { 87.0 } else { x });
    let n = (x * std::f32::consts::LOG2_E).round_ties_even();
    let r = (x - n * LN2[0]) - n * LN2[1];
    let mut sum = 1.0 / 5040.0;
    for factor in [720.0, 120.0, 24.0, 6.0, 2.0, 1.0, 1.0] {
        sum = sum * r + 1.0 / factor;
    }
    // 2^n by its bits. For a NaN, n is 0 as an integer, but the sum is NaN.
    sum * f32::from_bits(((n as i32 + 127) as u32) << 23)
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
