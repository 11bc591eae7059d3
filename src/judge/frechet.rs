//! Fréchet distance between two sets of feature vectors, each taken for a Gaussian.
//!
//! All of it in f64: the trace of the square root is a small difference of large numbers.

use nalgebra::{DMatrix, DVector};

/// Mean and covariance of a set of vectors.
#[derive(Debug, Clone, PartialEq)]
pub struct Moments {
    /// `[dim]`
    pub mean: DVector<f64>,
    /// `[dim, dim]`, divided by n - 1.
    pub covariance: DMatrix<f64>,
}

impl Moments {
    /// Mean and covariance of the rows `[n, dim]`, row-major, n at least 2.
    pub fn of(rows: &[f32], dim: usize) -> Self {
        let n = rows.len() / dim;
        assert!(
            n >= 2 && rows.len() == n * dim,
            "{} values are not two or more rows of {dim}",
            rows.len()
        );
        let mut mean = DVector::zeros(dim);
        for row in rows.chunks_exact(dim) {
            mean += DVector::from_iterator(dim, row.iter().map(|x| f64::from(*x)));
        }
        mean /= n as f64;
        // [dim, n]
        let centred = DMatrix::from_iterator(
            dim,
            n,
            rows.iter()
                .enumerate()
                .map(|(at, x)| f64::from(*x) - mean[at % dim]),
        );
        let covariance = &centred * centred.transpose() / (n - 1) as f64;
        Self { mean, covariance }
    }

    /// The Fréchet distance `|m1 - m2|² + tr C1 + tr C2 - 2 tr (C1^½ C2 C1^½)^½`, symmetric and never negative but for rounding.
    ///
    /// Source: Dowson and Landau 1982; Heusel et al. 2017, equation 6. The product under the root is written symmetrically, so that
    /// its eigenvalues are real and not negative also where a covariance is singular.
    pub fn frechet_distance(&self, other: &Self) -> f64 {
        let root = square_root(&self.covariance);
        let product = &root * &other.covariance * &root;
        // Rounding leaves it a little asymmetric; the solver reads one triangle only.
        let product = (&product + product.transpose()) / 2.0;
        let eigenvalues = product.symmetric_eigenvalues();
        let trace_of_root: f64 = eigenvalues.iter().map(|value| value.max(0.0).sqrt()).sum();
        (&self.mean - &other.mean).norm_squared()
            + self.covariance.trace()
            + other.covariance.trace()
            - 2.0 * trace_of_root
    }
}

/// The symmetric square root of a symmetric matrix without negative eigenvalues (those of rounding count as 0).
fn square_root(matrix: &DMatrix<f64>) -> DMatrix<f64> {
    let eigen = matrix.clone().symmetric_eigen();
    let roots = eigen.eigenvalues.map(|value| value.max(0.0).sqrt());
    &eigen.eigenvectors * DMatrix::from_diagonal(&roots) * eigen.eigenvectors.transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Closeness of two f64 results after some hundred operations on numbers around 10.
    const TOLERANCE: f64 = 1e-10;

    fn gaussian(mean: &[f64], covariance: &[f64]) -> Moments {
        let dim = mean.len();
        Moments {
            mean: DVector::from_row_slice(mean),
            covariance: DMatrix::from_row_slice(dim, dim, covariance),
        }
    }

    #[track_caller]
    fn assert_distance(a: &Moments, b: &Moments, expected: f64) {
        for distance in [a.frechet_distance(b), b.frechet_distance(a)] {
            assert!(
                (distance - expected).abs() < TOLERANCE,
                "{distance}, expected {expected}"
            );
        }
    }

    #[test]
    fn moments_are_the_mean_and_the_unbiased_covariance() {
        // By hand: means 3 and 2; deviations (-2, -2), (0, 2), (2, 0).
        let moments = Moments::of(&[1.0, 0.0, 3.0, 4.0, 5.0, 2.0], 2);
        assert_eq!(moments, gaussian(&[3.0, 2.0], &[4.0, 2.0, 2.0, 4.0]));
    }

    #[test]
    fn one_dimensional_gaussians_are_as_far_as_the_closed_form_says() {
        // (m1 - m2)² + (s1 - s2)²
        assert_distance(
            &gaussian(&[1.0], &[9.0]),
            &gaussian(&[-1.0], &[0.25]),
            4.0 + 2.5 * 2.5,
        );
    }

    #[test]
    fn diagonal_gaussians_are_as_far_as_the_sum_over_their_axes() {
        let a = gaussian(
            &[0.0, 1.0, 2.0],
            &[4.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0],
        );
        let b = gaussian(
            &[1.0, 1.0, 0.0],
            &[1.0, 0.0, 0.0, 0.0, 9.0, 0.0, 0.0, 0.0, 16.0],
        );
        assert_distance(&a, &b, 1.0 + 4.0 + 1.0 + 4.0 + 16.0);
    }

    #[test]
    fn turning_both_gaussians_does_not_change_their_distance() {
        // C = R diag(4, 1) R' and R diag(1, 9) R' for the rotation R by 30 degrees.
        let (sin, cos) = (0.5, 0.75_f64.sqrt());
        let turned = |a: f64, b: f64| {
            let off = (a - b) * sin * cos;
            let axes = [a * cos * cos + b * sin * sin, a * sin * sin + b * cos * cos];
            gaussian(&[0.0, 0.0], &[axes[0], off, off, axes[1]])
        };
        assert_distance(&turned(4.0, 1.0), &turned(1.0, 9.0), 1.0 + 4.0);
    }

    #[test]
    fn covariances_that_do_not_commute_agree_with_the_formula_for_two_dimensions() {
        let a = gaussian(&[0.0, 0.0], &[2.0, 0.0, 0.0, 4.0]);
        let b = gaussian(&[3.0, 4.0], &[1.0, 0.5, 0.5, 2.0]);
        // tr sqrt(M) = sqrt(tr M + 2 sqrt(det M)) for M = C1 C2 = [[2, 1], [2, 8]]: tr 10, det 14.
        let trace_of_root = (10.0 + 2.0 * 14.0_f64.sqrt()).sqrt();
        assert_distance(&a, &b, 25.0 + 6.0 + 3.0 - 2.0 * trace_of_root);
    }

    #[test]
    fn equal_sets_are_at_distance_zero_and_a_shift_adds_its_square() {
        let rows: Vec<f32> = (0..300)
            .map(|i| ((i * i * 7919) % 101) as f32 / 16.0)
            .collect();
        let shifted: Vec<f32> = rows
            .chunks_exact(3)
            .flat_map(|row| [row[0] + 2.0, row[1], row[2] - 1.0])
            .collect();
        let (moments, shifted) = (Moments::of(&rows, 3), Moments::of(&shifted, 3));
        assert_distance(&moments, &moments, 0.0);
        assert_distance(&moments, &shifted, 5.0);
    }
}
