//! What a classifier says about a set of images: how far they are from real ones, which classes they are, how they differ.

use serde::Serialize;

use super::classifier::CLASSES;
use super::frechet::Moments;

/// Probability from which on a classification counts as confident.
const CONFIDENT: f64 = 0.9;
/// Share of all images from which on a class counts as covered.
const COVERED: f64 = 0.01;
/// Images of a class, at most, that are compared with one another for the diversity.
const COMPARED: usize = 200;

/// A set of images as the classifier sees it.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// Row-major `[n, dim]`: what enters the classifier's last layer.
    pub features: Vec<f32>,
    /// Row-major `[n, CLASSES]`: what leaves it.
    pub logits: Vec<f32>,
}

/// The real images that others are measured against.
#[derive(Debug, Clone)]
pub struct Reference {
    /// Of their features.
    pub moments: Moments,
    /// Mean feature distance of two of them in one class.
    pub spread: f64,
}

/// How a set of images compares with the reference.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Score {
    /// Number of the images.
    pub samples: usize,
    /// Fréchet distance between the features of both sets; 0 for the same distribution. Few images make it larger.
    pub fd: f64,
    /// Share of the images whose class has a probability of at least 0.9.
    pub confident: f64,
    /// Share of the images that are taken for the class that was asked for; `None` if none was.
    pub agreement: Option<f64>,
    /// Mean feature distance of two images of one class, relative to that of the real ones; 0 where each class is one image.
    pub diversity: f64,
    /// Share of the images that are taken for each class.
    pub class_share: [f64; CLASSES],
    /// Classes that at least 1 % of the images are taken for, with a probability of at least 0.9 each.
    pub modes: usize,
}

impl Seen {
    /// The class that each image is taken for.
    fn labels(&self) -> Vec<usize> {
        let rows = self.logits.chunks_exact(CLASSES);
        rows.map(|row| {
            let best = row.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
            best.expect("there are classes").0
        })
        .collect()
    }

    /// Probability of each image's most probable class.
    fn confidences(&self) -> impl Iterator<Item = f64> {
        self.logits.chunks_exact(CLASSES).map(|row| {
            let powers = powers(row);
            1.0 / powers.iter().sum::<f64>() // the largest power is 1
        })
    }

    /// Probability of each class for each image, row-major `[n, CLASSES]`.
    pub fn probabilities(&self) -> Vec<f32> {
        let rows = self.logits.chunks_exact(CLASSES);
        rows.flat_map(|row| {
            let powers = powers(row);
            let sum: f64 = powers.iter().sum();
            powers.map(|power| (power / sum) as f32)
        })
        .collect()
    }

    /// Share of the images that are taken for their label.
    pub fn accuracy(&self, labels: &[u8]) -> f64 {
        let found = self.labels();
        assert_eq!(found.len(), labels.len());
        let pairs = found.iter().zip(labels);
        let right = pairs.filter(|(found, label)| **found == usize::from(**label));
        right.count() as f64 / labels.len() as f64
    }

    /// Mean feature distance of two images that are taken for the same class: over the pairs of each class's first
    /// [`COMPARED`], then over the classes that have a pair.
    pub fn spread(&self, dim: usize) -> f64 {
        let mut of_class = vec![Vec::new(); CLASSES];
        for (row, label) in self.features.chunks_exact(dim).zip(self.labels()) {
            if of_class[label].len() < COMPARED {
                of_class[label].push(row);
            }
        }
        let means: Vec<f64> = of_class
            .iter()
            .filter(|rows| rows.len() > 1)
            .map(|rows| {
                let pairs = rows.len() * (rows.len() - 1) / 2;
                let distances = (1..rows.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
                let sum: f64 = distances.map(|(i, j)| distance(rows[i], rows[j])).sum();
                sum / pairs as f64
            })
            .collect();
        means.iter().sum::<f64>() / means.len().max(1) as f64
    }
}

impl Reference {
    /// The reference that real images make, whose features have `dim` values.
    pub fn new(real: &Seen, dim: usize) -> Self {
        Self {
            moments: Moments::of(&real.features, dim),
            spread: real.spread(dim),
        }
    }

    /// Compares images, two or more, with the real ones; `labels` are the classes that they were asked to be, one an image. Only Fréchet
    /// distances of equally many images can be compared.
    pub fn score(&self, seen: &Seen, labels: Option<&[u8]>) -> Score {
        let dim = self.moments.mean.len();
        let found = seen.labels();
        let samples = found.len();
        let share = 1.0 / samples as f64;
        let (mut class_share, mut confident) = ([0.0; CLASSES], [0.0; CLASSES]);
        for (label, confidence) in found.into_iter().zip(seen.confidences()) {
            class_share[label] += share;
            if confidence >= CONFIDENT {
                confident[label] += share;
            }
        }
        Score {
            samples,
            fd: self
                .moments
                .frechet_distance(&Moments::of(&seen.features, dim)),
            confident: confident.iter().sum(),
            agreement: labels.map(|labels| seen.accuracy(labels)),
            diversity: seen.spread(dim) / self.spread,
            class_share,
            // Half an image below, for the rounding of the sums; but one image at least.
            modes: confident
                .iter()
                .filter(|c| **c > (COVERED - share / 2.0).max(share / 2.0))
                .count(),
        }
    }
}

/// `exp(logit - the largest)`: 1 for the most probable class.
fn powers(logits: &[f32]) -> [f64; CLASSES] {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    std::array::from_fn(|class| f64::from(logits[class] - largest).exp())
}

/// Euclidean distance.
fn distance(a: &[f32], b: &[f32]) -> f64 {
    let squares = a.iter().zip(b).map(|(a, b)| f64::from(a - b).powi(2));
    squares.sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `n` images of these classes in turn, two features each: the class, and a distance from `-offset` to `offset` in turn.
    fn seen(n: usize, classes: &[usize], offset: f32, logit: f32) -> Seen {
        let mut seen = Seen {
            features: Vec::new(),
            logits: Vec::new(),
        };
        for index in 0..n {
            let class = classes[index % classes.len()];
            let side = if (index / classes.len()).is_multiple_of(2) {
                1.0
            } else {
                -1.0
            };
            seen.features.extend([class as f32, side * offset]);
            seen.logits
                .extend((0..CLASSES).map(|c| if c == class { logit } else { 0.0 }));
        }
        seen
    }

    const ALL: [usize; 10] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

    #[test]
    fn the_reference_scored_against_itself_is_perfect() {
        let real = seen(1000, &ALL, 1.0, 10.0);
        let score = Reference::new(&real, 2).score(&real, None);
        assert!(score.fd.abs() < 1e-9, "{score:?}");
        assert_eq!((score.modes, score.diversity), (10, 1.0));
        assert!((score.confident - 1.0).abs() < 1e-9);
        assert!(
            score
                .class_share
                .iter()
                .all(|share| (share - 0.1).abs() < 1e-9)
        );
    }

    #[test]
    fn one_repeated_image_has_one_mode_and_no_diversity() {
        let reference = Reference::new(&seen(1000, &ALL, 1.0, 10.0), 2);
        let score = reference.score(&seen(1000, &[3], 0.0, 10.0), None);
        assert_eq!((score.modes, score.diversity), (1, 0.0));
        assert!((score.class_share[3] - 1.0).abs() < 1e-9);
        // Means (4.5, 0) and (3, 0), no variance left: 1.5² + the variances of 0..9 and of ±1, divided by n - 1.
        let expected = 2.25 + (8.25 + 1.0) * 1000.0 / 999.0;
        assert!((score.fd - expected).abs() < 1e-9, "{score:?}");
    }

    #[test]
    fn a_class_counts_as_covered_from_one_percent_of_confident_images_on() {
        let reference = Reference::new(&seen(1000, &ALL, 1.0, 10.0), 2);
        let mut classes = vec![0; 981];
        classes.extend([1; 10]);
        classes.extend([2; 9]);
        assert_eq!(
            reference
                .score(&seen(1000, &classes, 1.0, 10.0), None)
                .modes,
            2
        );
        // Of few images one percent is less than one.
        assert_eq!(reference.score(&seen(20, &[3], 1.0, 10.0), None).modes, 1);
        // With 9 zeros beside it a logit of 4 is a probability of 1 / (1 + 9 e^-4) = 0.858, one of 5 of 0.943.
        let unsure = reference.score(&seen(1000, &ALL, 1.0, 4.0), None);
        assert_eq!((unsure.modes, unsure.confident), (0, 0.0));
        assert_eq!(reference.score(&seen(1000, &ALL, 1.0, 5.0), None).modes, 10);
    }

    #[test]
    fn diversity_is_the_distance_within_a_class_and_not_between_classes() {
        let reference = Reference::new(&seen(1000, &ALL, 1.0, 10.0), 2);
        for classes in [&ALL[..], &ALL[..2]] {
            let half = reference
                .score(&seen(1000, classes, 0.5, 10.0), None)
                .diversity;
            // 100 images of each class or 200 at most: pairs of 2 x 50 or of 2 x 100 images are at distance 2 offset, others at 0.
            let tolerance = 0.01;
            assert!((half - 0.5).abs() < tolerance, "{half}");
        }
    }

    #[test]
    fn accuracy_is_the_share_of_right_labels() {
        let labels = [0, 1, 2, 9];
        let seen = seen(4, &ALL, 1.0, 1.0);
        assert_eq!(seen.accuracy(&labels), 0.75);
        let reference = Reference::new(&seen, 2);
        assert_eq!(reference.score(&seen, Some(&labels)).agreement, Some(0.75));
        assert_eq!(reference.score(&seen, None).agreement, None);
    }

    #[test]
    fn probabilities_are_the_softmax_of_the_logits() {
        let row: Vec<f32> = (0..CLASSES).map(|class| (class as f32).ln_1p()).collect();
        let seen = Seen {
            features: Vec::new(),
            logits: [row, vec![1000.0; CLASSES]].concat(),
        };
        // exp(ln(1 + c)) = 1 + c; their sum is 55. Equal logits are equal probabilities, however large.
        let expected = (1..=CLASSES)
            .map(|power| power as f32 / 55.0)
            .chain([0.1; CLASSES]);
        for (found, expected) in seen.probabilities().into_iter().zip(expected) {
            assert!(
                (found - expected).abs() < 1e-6,
                "{found}, expected {expected}"
            );
        }
    }
}
