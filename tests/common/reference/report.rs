//! What a comparison found out of tolerance.

/// Failures in words, and how close the rest came to its tolerances.
#[derive(Default)]
pub(super) struct Report {
    pub(super) failures: Vec<String>,
    /// Checkpoints that were compared.
    pub(super) checkpoints: u32,
    /// Largest share of a tolerance that an error took.
    pub(super) worst: f64,
}

impl Report {
    pub(super) fn check(&mut self, error: f64, tolerance: f64, what: impl Fn() -> String) {
        self.worst = self.worst.max(error / tolerance);
        // A NaN is within no tolerance.
        if error.is_nan() || error > tolerance {
            self.fail(format!(
                "{}: off by {error:e}, tolerance {tolerance:e}",
                what()
            ));
        }
    }

    pub(super) fn fail(&mut self, what: String) {
        self.failures.push(what);
    }
}

pub(super) fn errors(actual: &[f32], expected: &[f32]) -> Vec<f64> {
    assert_eq!(actual.len(), expected.len());
    let pairs = actual.iter().zip(expected);
    pairs.map(|(a, b)| f64::from(*a) - f64::from(*b)).collect()
}

pub(super) fn rms(values: &[f64]) -> f64 {
    (values.iter().map(|x| x * x).sum::<f64>() / values.len() as f64).sqrt()
}

/// Largest absolute value; NaN if there is one.
pub(super) fn largest(values: &[f64]) -> f64 {
    let largest = |a: f64, x: &f64| if x.is_nan() { f64::NAN } else { a.max(x.abs()) };
    values.iter().fold(0.0, largest)
}
