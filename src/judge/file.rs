//! The file that the page loads a judge from: small weights, and what the classifier with these weights says about real images.
//!
//! | bytes | content, all numbers little-endian |
//! | --- | --- |
//! | 0–7 | `GANJUDGE` in ASCII |
//! | 8 | version, 1 |
//! | 9 | data set: 0 MNIST, 1 Fashion-MNIST |
//! | then, for each tensor of the classifier | a scale for each output channel as f32 (a bias: its values), then a code for each weight as i8 |
//! | then 3 f64 | accuracy, confident share and spread |
//! | then 4 times | number of samples as u32; mean and standard deviation of the Fréchet distance of that many further real images as f64 |
//! | then 64 f32 | mean of the features |
//! | then 2,080 f32 | covariance of the features: row by row, up to the diagonal |
//!
//! A code takes a byte although it has 23 levels only: gzip, by which the file travels, finds that out.

use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};

use super::classifier::FEATURES;
use super::frechet::Moments;
use super::quantised::{Quantised, TENSORS, channels, codes};
use crate::Error;

const MAGIC: &[u8; 8] = b"GANJUDGE";
const VERSION: u8 = 1;

/// The data set that a judge knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DataSet {
    /// Handwritten digits.
    Mnist,
    /// Pieces of clothing.
    Fashion,
}

/// Fréchet distance of real images that are not those of the reference: what a perfect generator would have, and how much it varies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RealDistance {
    /// Images in a sample.
    pub samples: u32,
    /// Mean over samples without a common image.
    pub mean: f64,
    /// Their standard deviation.
    pub deviation: f64,
}

/// Sample sizes of the real distances in a file.
pub const SAMPLE_SIZES: [u32; 4] = [500, 1000, 2000, 5000];

/// What a file holds.
#[derive(Debug, Clone, PartialEq)]
pub struct File {
    /// Which images it knows.
    pub data_set: DataSet,
    /// The classifier's tensors in order.
    pub weights: Vec<Quantised>,
    /// Share of the test images that are taken for their label.
    pub accuracy: f64,
    /// Share of the images of the reference whose class has a probability of at least 0.9.
    pub confident: f64,
    /// Mean feature distance of two real images of one class.
    pub spread: f64,
    /// By sample size, as in [`SAMPLE_SIZES`].
    pub distances: Vec<RealDistance>,
    /// Of the features of the reference.
    pub moments: Moments,
}

impl File {
    /// The bytes of the file.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = [&MAGIC[..], &[VERSION, self.data_set as u8]].concat();
        for tensor in &self.weights {
            bytes.extend(tensor.scales.iter().flat_map(|scale| scale.to_le_bytes()));
            bytes.extend(tensor.codes.iter().flat_map(|code| code.to_le_bytes()));
        }
        for number in [self.accuracy, self.confident, self.spread] {
            bytes.extend(number.to_le_bytes());
        }
        for distance in &self.distances {
            bytes.extend(distance.samples.to_le_bytes());
            bytes.extend(distance.mean.to_le_bytes());
            bytes.extend(distance.deviation.to_le_bytes());
        }
        let Moments { mean, covariance } = &self.moments;
        let triangle = triangle().map(|place| covariance[place]);
        let floats = mean.iter().copied().chain(triangle);
        bytes.extend(floats.flat_map(|number| (number as f32).to_le_bytes()));
        bytes
    }

    /// Reads what [`File::encode`] wrote.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] for another magic, version, data set or length, or a figure that no images can have.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let refuse = |what: &str, value: String, expected: String| {
            Err(Error::config(
                format!("judge file's {what}"),
                value,
                expected,
            ))
        };
        if !bytes.starts_with(MAGIC) {
            let start = &bytes[..bytes.len().min(MAGIC.len())];
            return refuse(
                "start",
                format!("{start:?}"),
                format!("{MAGIC:?} (GANJUDGE)"),
            );
        }
        if let Some(&version) = bytes.get(8).filter(|version| **version != VERSION) {
            return refuse("version", version.to_string(), VERSION.to_string());
        }
        if bytes.len() != LENGTH {
            return refuse(
                "length",
                format!("{} bytes", bytes.len()),
                LENGTH.to_string(),
            );
        }
        let data_set = match bytes[9] {
            0 => DataSet::Mnist,
            1 => DataSet::Fashion,
            other => return refuse("data set", other.to_string(), "0 or 1".into()),
        };
        let mut rest = Rest(&bytes[10..]);
        let weights = TENSORS.map(|(_, shape)| Quantised {
            scales: (0..channels(shape)).map(|_| rest.f32()).collect(),
            codes: (0..codes(shape))
                .map(|_| i8::from_le_bytes(rest.take()))
                .collect(),
        });
        let [accuracy, confident, spread] = std::array::from_fn(|_| rest.f64());
        let distances = SAMPLE_SIZES.map(|_| RealDistance {
            samples: u32::from_le_bytes(rest.take()),
            mean: rest.f64(),
            deviation: rest.f64(),
        });
        let mean = DVector::from_fn(FEATURES, |_, _| f64::from(rest.f32()));
        let mut covariance = DMatrix::zeros(FEATURES, FEATURES);
        for (row, column) in triangle() {
            let value = f64::from(rest.f32());
            covariance[(row, column)] = value;
            covariance[(column, row)] = value;
        }
        let scales = weights.iter().flat_map(|tensor| &tensor.scales);
        let mut numbers = scales
            .map(|scale| f64::from(*scale))
            .chain(mean.iter().copied())
            .chain(covariance.iter().copied());
        if let Some(number) = numbers.find(|number| !number.is_finite()) {
            return refuse("number", number.to_string(), "a finite one".into());
        }
        // Not `spread <= 0.0`, which lets NaN pass.
        if !(spread > 0.0 && spread.is_finite()) {
            return refuse("spread", spread.to_string(), "above 0".into());
        }
        Ok(Self {
            data_set,
            weights: weights.into(),
            accuracy,
            confident,
            spread,
            distances: distances.into(),
            moments: Moments { mean, covariance },
        })
    }
}

/// Bytes of a file of this version.
const LENGTH: usize = {
    let mut bytes = MAGIC.len() + 2;
    let mut index = 0;
    while index < TENSORS.len() {
        let shape = TENSORS[index].1;
        bytes += match shape {
            [values] => 4 * *values,
            [inputs, units] => 4 * *units + *inputs * *units,
            [out, rest, height, width] => 4 * *out + *out * *rest * *height * *width,
            _ => panic!("no layer has such a tensor"),
        };
        index += 1;
    }
    bytes + 3 * 8 + SAMPLE_SIZES.len() * 20 + 4 * (FEATURES + FEATURES * (FEATURES + 1) / 2)
};

/// The places of a symmetric matrix up to its diagonal, row by row.
fn triangle() -> impl Iterator<Item = (usize, usize)> {
    (0..FEATURES).flat_map(|row| (0..=row).map(move |column| (row, column)))
}

/// What is still to be read of a file whose length was checked.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let (taken, rest) = self.0.split_first_chunk().expect("the length was checked");
        self.0 = rest;
        *taken
    }

    fn f32(&mut self) -> f32 {
        f32::from_le_bytes(self.take())
    }

    fn f64(&mut self) -> f64 {
        f64::from_le_bytes(self.take())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::NamedTensor;

    fn file() -> File {
        let weights = TENSORS.iter().map(|(name, shape)| {
            let values = (0..shape.iter().product())
                .map(|at: usize| ((at * 7919) % 101) as f32 / 50.0 - 1.0);
            Quantised::of(&NamedTensor {
                name: (*name).into(),
                shape: shape.to_vec(),
                values: values.collect(),
            })
        });
        let distances = SAMPLE_SIZES.map(|samples| RealDistance {
            samples,
            mean: 2.5,
            deviation: 0.25,
        });
        File {
            data_set: DataSet::Fashion,
            weights: weights.collect(),
            accuracy: 0.99,
            confident: 0.97,
            spread: 6.5,
            distances: distances.into(),
            moments: Moments {
                // Exact as f32.
                mean: DVector::from_fn(FEATURES, |at, _| at as f64 / 8.0),
                covariance: DMatrix::from_fn(FEATURES, FEATURES, |row, column| {
                    (row * column) as f64 / 16.0
                }),
            },
        }
    }

    #[test]
    fn a_file_comes_back_as_it_went() {
        let bytes = file().encode();
        assert_eq!(bytes.len(), LENGTH);
        assert_eq!(File::decode(&bytes).expect("a sound file"), file());
    }

    #[test]
    fn a_file_of_another_kind_version_or_length_is_refused_by_name() {
        let sound = file().encode();
        let changed = |at: usize, value: u8| {
            let mut bytes = sound.clone();
            bytes[at] = value;
            bytes
        };
        // The spread is the third f64 before the distances.
        let spread_at = LENGTH - 4 * (FEATURES + FEATURES * (FEATURES + 1) / 2) - 4 * 20 - 8;
        let mut no_spread = sound.clone();
        no_spread[spread_at..spread_at + 8].copy_from_slice(&0.0_f64.to_le_bytes());
        let mut not_a_number = sound.clone();
        not_a_number[LENGTH - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
        for (bytes, expected) in [
            (Vec::new(), "start is [], expected"),
            (vec![0x1f, 0x8b, 8], "start is [31, 139, 8]"),
            (changed(0, b'g'), "GANJUDGE"),
            (sound[..8].to_vec(), "length is 8 bytes"),
            (changed(8, 2), "version is 2, expected 1"),
            (sound[..LENGTH - 1].to_vec(), "length is"),
            ([&sound[..], &[0]].concat(), "length is"),
            (changed(9, 2), "data set is 2, expected 0 or 1"),
            (no_spread, "spread is 0, expected above 0"),
            (not_a_number, "number is NaN"),
        ] {
            let error = File::decode(&bytes).expect_err(expected).to_string();
            assert!(
                error.starts_with("judge file's") && error.contains(expected),
                "{error}"
            );
        }
    }
}
