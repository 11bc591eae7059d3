//! Weights in few levels: what makes a classifier small enough for the page.

use super::classifier::{CLASSES, FEATURES};
use crate::network::NamedTensor;

/// Largest code; the smallest is its opposite: 23 levels, with which both judges keep below 80 KiB after gzip.
pub const LARGEST_CODE: i8 = 11;

/// Name and shape of each tensor of the classifier, in its order. Tensors of two or more dimensions are weights, the others biases.
pub(super) const TENSORS: [(&str, &[usize]); 8] = [
    ("1.weight", &[16, 1, 5, 5]),
    ("1.bias", &[16]),
    ("3.weight", &[32, 16, 5, 5]),
    ("3.bias", &[32]),
    ("7.weight", &[32 * 7 * 7, FEATURES]),
    ("7.bias", &[FEATURES]),
    ("0.weight", &[FEATURES, CLASSES]),
    ("0.bias", &[CLASSES]),
];

/// A weight as small whole numbers, with a scale for each output channel; or a bias as it is, as scales without codes.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantised {
    /// One for each output channel; those of a bias are its values.
    pub(super) scales: Vec<f32>,
    /// Row-major like the weight; none for a bias.
    pub(super) codes: Vec<i8>,
}

impl Quantised {
    /// The nearest codes to a tensor's values. The scale of a channel is the one with the smallest squared error of those that cut off the
    /// largest weights or none.
    pub fn of(tensor: &NamedTensor) -> Self {
        let values = &tensor.values;
        if tensor.shape.len() == 1 {
            return Self {
                scales: values.clone(),
                codes: Vec::new(),
            };
        }
        let channels = channels(&tensor.shape);
        let scales: Vec<f32> = (0..channels)
            .map(|channel| {
                let of_channel = values.iter().enumerate();
                let of_channel =
                    of_channel.filter(|(at, _)| channel_of(&tensor.shape, *at) == channel);
                best_scale(&of_channel.map(|(_, value)| *value).collect::<Vec<_>>())
            })
            .collect();
        let coded = values.iter().enumerate();
        let codes = coded.map(|(at, value)| code(*value, scales[channel_of(&tensor.shape, at)]));
        Self {
            codes: codes.collect(),
            scales,
        }
    }

    /// The values that the codes stand for, as the tensor number `index` of [`TENSORS`].
    pub(super) fn tensor(&self, index: usize) -> NamedTensor {
        let (name, shape) = TENSORS[index];
        let values = match self.codes.is_empty() {
            true => self.scales.clone(),
            false => {
                let coded = self.codes.iter().enumerate();
                coded
                    .map(|(at, code)| f32::from(*code) * self.scales[channel_of(shape, at)])
                    .collect()
            }
        };
        NamedTensor {
            name: name.into(),
            shape: shape.into(),
            values,
        }
    }
}

/// Output channels of a weight: the first side of a convolution's, the last of a linear layer's; of a bias, its length.
pub(super) fn channels(shape: &[usize]) -> usize {
    match shape {
        [_, units] => *units,
        _ => shape[0],
    }
}

/// Number of codes of a tensor of this shape.
pub(super) fn codes(shape: &[usize]) -> usize {
    match shape.len() {
        1 => 0,
        _ => shape.iter().product(),
    }
}

/// The output channel of the value at a row-major place.
fn channel_of(shape: &[usize], at: usize) -> usize {
    match shape {
        [_, units] => at % units,
        _ => at / shape[1..].iter().product::<usize>(),
    }
}

fn code(value: f32, scale: f32) -> i8 {
    let limit = f32::from(LARGEST_CODE);
    (value / scale).round().clamp(-limit, limit) as i8 // 0 for 0 / 0
}

/// Tries scales from that of the largest weight down to half of it.
fn best_scale(values: &[f32]) -> f32 {
    let largest = values
        .iter()
        .fold(0.0_f32, |most, value| most.max(value.abs()));
    let error = |scale: f32| -> f64 {
        let off = values
            .iter()
            .map(|value| f64::from(value - f32::from(code(*value, scale)) * scale));
        off.map(|off| off * off).sum()
    };
    let scales = (10..=20_u8)
        .map(|twentieths| largest * f32::from(twentieths) / 20.0 / f32::from(LARGEST_CODE));
    scales
        .min_by(|a, b| error(*a).total_cmp(&error(*b)))
        .expect("there are eleven")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensor(shape: &[usize], values: &[f32]) -> NamedTensor {
        NamedTensor {
            name: String::new(),
            shape: shape.into(),
            values: values.into(),
        }
    }

    #[test]
    fn each_output_channel_has_a_scale_of_its_own() {
        // A linear layer of 3 inputs and 2 units: the second unit's weights are 100 times as large.
        let quantised = Quantised::of(&tensor(&[3, 2], &[1.5, 150.0, -0.1, -10.0, 0.0, 0.0]));
        assert_eq!(quantised.codes, [11, 11, -1, -1, 0, 0]);
        assert!((quantised.scales[1] / quantised.scales[0] - 100.0).abs() < 1e-4);
        // A convolution of 2 filters: the first side.
        let quantised = Quantised::of(&tensor(&[2, 1, 1, 2], &[3.0, -3.0, 0.03, 0.0]));
        assert_eq!(quantised.codes, [11, -11, 11, 0]);
    }

    #[test]
    fn a_value_is_off_by_half_a_level_at_most_where_none_is_cut_off() {
        let values: Vec<f32> = (0..23)
            .map(|at| at as f32 - 11.0 + 0.01 * (at % 3) as f32)
            .collect();
        let quantised = Quantised::of(&tensor(&[23, 1], &values));
        let scale = quantised.scales[0];
        for (value, code) in values.iter().zip(&quantised.codes) {
            assert!(
                (value - scale * f32::from(*code)).abs() <= 0.51 * scale,
                "{value}"
            );
        }
    }

    #[test]
    fn a_bias_stays_as_it_is_and_a_channel_of_zeros_is_no_division_by_zero() {
        let quantised = Quantised::of(&tensor(&[16], &[0.123; 16]));
        assert_eq!(
            (quantised.codes.len(), &quantised.tensor(1).values[..]),
            (0, &[0.123; 16][..])
        );
        assert_eq!(Quantised::of(&tensor(&[2, 1], &[0.0, 0.0])).codes, [0, 0]);
    }
}
