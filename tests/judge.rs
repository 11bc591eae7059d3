//! The judge of the page, on real images of the committed shards: what it says, computed a second time and by other means.
#![cfg(not(target_arch = "wasm32"))]

mod common;

use std::io::Read;

use burn::tensor::Device;
use gan_playground::judge::classifier::{CLASSES, FEATURES, PIXELS};
use gan_playground::judge::{Classifier, DataSet, File, Judge, Score, Seen};
use gan_playground::rng::{Rng, Stream};
use gan_playground::{Backend, Error};
use images::{Images, to_value};
use pollster::block_on;

/// Images of the reference, at the beginning of the data set.
const REFERENCE: usize = 5000;

/// The folder of a data set's shards and the bytes of its judge.
fn files(set: DataSet) -> (&'static str, Vec<u8>) {
    let (folder, name) = match set {
        DataSet::Mnist => ("mnist", "mnist"),
        DataSet::Fashion => ("fashion-mnist", "fashion"),
    };
    let path = format!("{}/www/judge/{name}.bin", env!("CARGO_MANIFEST_DIR"));
    (
        folder,
        std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}")),
    )
}

/// The first 10,000 training images.
fn images(set: DataSet) -> Images {
    let folder = files(set).0;
    let path = format!(
        "{}/www/data/{folder}/train-0.bin.gz",
        env!("CARGO_MANIFEST_DIR")
    );
    let file = std::fs::File::open(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut bytes = Vec::new();
    let mut decoder = flate2::read::GzDecoder::new(file);
    decoder.read_to_end(&mut bytes).expect("a gzip file");
    Images::decode(&bytes).expect("a shard")
}

/// Values and labels of `n` images after the reference.
fn further(images: &Images, n: usize) -> (Vec<f32>, &[u8]) {
    let pixels = &images.pixels[REFERENCE * PIXELS..(REFERENCE + n) * PIXELS];
    let values = pixels.iter().copied().map(to_value).collect();
    (values, &images.labels[REFERENCE..REFERENCE + n])
}

fn cpu() -> Device {
    block_on(Backend::Cpu.open()).expect("the CPU opens")
}

fn judge(set: DataSet) -> Judge {
    Judge::open(&files(set).1, &cpu()).expect("a sound file")
}

fn score(judge: &mut Judge, samples: &[f32], labels: Option<&[u8]>) -> Score {
    let reading = judge.score(samples, labels).expect("whole samples");
    block_on(reading.read()).expect("readable")
}

/// Index of the largest value, and that value, of each row.
fn best(rows: &[f32]) -> Vec<(usize, f32)> {
    let row = |row: &[f32]| {
        let largest = row
            .iter()
            .copied()
            .enumerate()
            .max_by(|a, b| a.1.total_cmp(&b.1));
        largest.expect("there are classes")
    };
    rows.chunks_exact(CLASSES).map(row).collect()
}

const SETS: [DataSet; 2] = [DataSet::Mnist, DataSet::Fashion];

#[test]
fn real_images_are_named_and_have_the_distance_that_the_file_says() {
    for set in SETS {
        let (images, mut judge) = (images(set), judge(set));
        for n in [500, 1000] {
            let (samples, labels) = further(&images, n);
            let score = score(&mut judge, &samples, Some(labels));
            println!("{set:?}: {score:?}");
            let info = judge.info();
            let size = n.to_string();
            // Two numbers in a hundred thousand are further off than 4 standard deviations, if they are normal.
            let off = (score.fd - info.real_fd[&size]).abs() / info.real_fd_deviation[&size];
            assert!(
                off < 4.0,
                "{set:?}: FD of {n} images is {off} deviations off"
            );
            // These are training images, so it knows them a little better than test images.
            let agreement = score.agreement.expect("labels were given");
            assert!(agreement > info.accuracy - 0.01, "{set:?}: {agreement}");
            assert!(
                (score.confident - info.real_confident).abs() < 0.05,
                "{set:?}"
            );
            assert!((score.diversity - 1.0).abs() < 0.05, "{set:?}");
            assert_eq!(score.modes, CLASSES);
        }
    }
}

#[test]
fn a_judge_takes_80_kib_on_its_way_at_most() {
    for set in SETS {
        let (level, file) = (flate2::Compression::best(), files(set).1);
        let mut gzip = flate2::read::GzEncoder::new(&file[..], level);
        let mut bytes = Vec::new();
        gzip.read_to_end(&mut bytes).expect("bytes compress");
        assert!(bytes.len() <= 80 << 10, "{set:?}: {} bytes", bytes.len());
    }
}

#[test]
fn noise_and_repetition_are_told_from_real_images() {
    let (images, mut judge) = (images(DataSet::Mnist), judge(DataSet::Mnist));
    let (samples, labels) = further(&images, 500);
    let real = score(&mut judge, &samples, None);
    assert_eq!(real.agreement, None);
    let mut rng = Rng::new(1, Stream::TrainingLatents);
    let noise: Vec<f32> = samples.iter().map(|_| 2.0 * rng.uniform() - 1.0).collect();
    let noise = score(&mut judge, &noise, None);
    assert!(noise.fd > 20.0 * real.fd, "{noise:?}, real {real:?}");
    let repeated = score(&mut judge, &samples[..PIXELS].repeat(500), Some(labels));
    assert!(repeated.fd > 20.0 * real.fd, "{repeated:?}, real {real:?}");
    assert_eq!((repeated.diversity, repeated.modes), (0.0, 1));
    let class = usize::from(labels[0]);
    assert!((repeated.class_share[class] - 1.0).abs() < 1e-9);
    // One class in ten is the one that was asked for.
    let share = labels.iter().filter(|label| **label == labels[0]).count() as f64 / 500.0;
    assert_eq!(repeated.agreement, Some(share));
}

#[test]
fn the_figures_are_those_of_its_classes_and_features_computed_again() {
    for set in SETS {
        let images = images(set);
        let (samples, labels) = further(&images, 700);
        let mut judge = judge(set);
        let found = score(&mut judge, &samples, Some(labels));
        let probabilities = judge.classify(&samples).expect("whole samples");
        let probabilities = block_on(probabilities.read()).expect("readable");
        for row in probabilities.chunks_exact(CLASSES) {
            assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-5, "{row:?}");
        }
        let best = best(&probabilities);
        let share = |count: usize| count as f64 / 700.0;
        for class in 0..CLASSES {
            let count = best.iter().filter(|(found, _)| *found == class).count();
            assert!(
                (found.class_share[class] - share(count)).abs() < 1e-9,
                "{set:?} {class}"
            );
        }
        let confident = best
            .iter()
            .filter(|(_, probability)| *probability >= 0.9)
            .count();
        assert!((found.confident - share(confident)).abs() < 1e-9, "{set:?}");
        let right = best
            .iter()
            .zip(labels)
            .filter(|((class, _), label)| *class == usize::from(**label));
        assert_eq!(found.agreement, Some(share(right.count())));

        let file = File::decode(&files(set).1).expect("a sound file");
        let mut classifier = Classifier::quantised(&file.weights, &cpu()).expect("its weights fit");
        let seen: Seen = block_on(classifier.look_at(&samples).read()).expect("readable");
        let fd = distance(&file, &seen.features);
        // Eigenvalues of two methods differ by some 1e-13 of the largest, their roots by the root of that, for each of the smallest.
        assert!(
            (found.fd - fd).abs() < 1e-3,
            "{set:?}: {}, by other means {fd}",
            found.fd
        );
    }
}

/// Fréchet distance to the file's reference by other means than the judge's: C1 = L L', and the trace of the root from the eigenvalues of
/// L' C2 L, which are those of C1 C2, by Jacobi's rotations.
fn distance(file: &File, features: &[f32]) -> f64 {
    let n = features.len() / FEATURES;
    let at = |row: usize, column: usize| f64::from(features[row * FEATURES + column]);
    let mean: Vec<f64> = (0..FEATURES)
        .map(|i| (0..n).map(|row| at(row, i)).sum::<f64>() / n as f64)
        .collect();
    let covariance = |i: usize, j: usize| {
        let products = (0..n).map(|row| (at(row, i) - mean[i]) * (at(row, j) - mean[j]));
        products.sum::<f64>() / (n - 1) as f64
    };
    let c2: Vec<Vec<f64>> = (0..FEATURES)
        .map(|i| (0..FEATURES).map(|j| covariance(i, j)).collect())
        .collect();
    let c1 = &file.moments.covariance;
    let mut l = vec![vec![0.0; FEATURES]; FEATURES];
    for i in 0..FEATURES {
        for j in 0..=i {
            let rest = c1[(i, j)] - (0..j).map(|k| l[i][k] * l[j][k]).sum::<f64>();
            l[i][j] = if i == j { rest.sqrt() } else { rest / l[j][j] };
        }
    }
    let product =
        |a: &dyn Fn(usize, usize) -> f64, b: &dyn Fn(usize, usize) -> f64| -> Vec<Vec<f64>> {
            let entry = |i, j| (0..FEATURES).map(|k| a(i, k) * b(k, j)).sum();
            (0..FEATURES)
                .map(|i| (0..FEATURES).map(|j| entry(i, j)).collect())
                .collect()
        };
    let right = product(&|i, k| c2[i][k], &|k, j| l[k][j]);
    let symmetric = product(&|i, k| l[k][i], &|k, j| right[k][j]);
    let root: f64 = eigenvalues(symmetric)
        .into_iter()
        .map(|value| value.max(0.0).sqrt())
        .sum();
    let means = (0..FEATURES)
        .map(|i| (mean[i] - file.moments.mean[i]).powi(2))
        .sum::<f64>();
    let traces = (0..FEATURES).map(|i| c1[(i, i)] + c2[i][i]).sum::<f64>();
    means + traces - 2.0 * root
}

/// Eigenvalues of a symmetric matrix by cyclic Jacobi rotations. Source: Golub and Van Loan, "Matrix computations", section 8.5.
fn eigenvalues(mut a: Vec<Vec<f64>>) -> Vec<f64> {
    let n = a.len();
    for _sweep in 0..20 {
        for p in 0..n {
            for q in p + 1..n {
                if a[p][q] == 0.0 {
                    continue;
                }
                let tau = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
                let t = tau.signum() / (tau.abs() + (1.0 + tau * tau).sqrt());
                let c = 1.0 / (1.0 + t * t).sqrt();
                let s = t * c;
                for row in &mut a {
                    (row[p], row[q]) = (c * row[p] - s * row[q], s * row[p] + c * row[q]);
                }
                let (upper, lower) = a.split_at_mut(q);
                for (x, y) in upper[p].iter_mut().zip(&mut lower[0]) {
                    (*x, *y) = (c * *x - s * *y, s * *x + c * *y);
                }
            }
        }
    }
    (0..n).map(|i| a[i][i]).collect()
}

#[test]
fn a_window_of_chunks_has_the_verdict_of_all_its_samples() {
    let (images, mut judge) = (images(DataSet::Mnist), judge(DataSet::Mnist));
    let (samples, labels) = further(&images, 500);
    let whole = score(&mut judge, &samples, Some(labels));
    let verdict = |judge: &Judge| {
        let reading = judge.verdict().expect("samples were looked at");
        block_on(reading.read()).expect("readable")
    };
    for chunk in [100, 130] {
        judge.clear();
        for (samples, labels) in samples.chunks(chunk * PIXELS).zip(labels.chunks(chunk)) {
            judge.look(samples, Some(labels)).expect("whole samples");
        }
        let window = verdict(&judge);
        // Products of another number of rows may be summed in another order, in f32.
        assert!(
            (window.fd - whole.fd).abs() < 1e-3 * whole.fd,
            "{window:?}, {whole:?}"
        );
        assert!((window.diversity - whole.diversity).abs() < 1e-5);
        assert_eq!((window.samples, window.agreement), (500, whole.agreement));
        assert_eq!(verdict(&judge), window, "it is not changed by being asked");
        score(&mut judge, &samples[..2 * PIXELS], None);
        assert_eq!(
            verdict(&judge),
            window,
            "a score leaves the window as it is"
        );
    }
    judge
        .look(&samples[..PIXELS], None)
        .expect("a whole sample");
    assert_eq!(
        verdict(&judge).agreement,
        None,
        "not all samples have a label"
    );
    judge.clear();
    let error = judge.verdict().err().expect("the window is empty");
    assert!(
        matches!(error, Error::InvalidBatch { values: 0, .. }),
        "{error}"
    );
}

#[test]
fn samples_are_seen_as_256_grey_levels() {
    let (images, mut judge) = (images(DataSet::Mnist), judge(DataSet::Mnist));
    let (samples, _) = further(&images, 100);
    // Less than half of a level, 1 / 255, to either side.
    let near: Vec<f32> = samples
        .iter()
        .enumerate()
        .map(|(at, value)| value + [0.003, -0.003][at % 2])
        .collect();
    assert_eq!(
        score(&mut judge, &near, None),
        score(&mut judge, &samples, None)
    );
}

#[test]
fn what_is_no_batch_is_refused_by_name() {
    let mut judge = judge(DataSet::Mnist);
    let mut spoilt = vec![0.0; 2 * PIXELS];
    spoilt[800] = f32::NAN;
    let samples = vec![0.0; 2 * PIXELS];
    for (samples, labels, expected) in [
        (&samples[..0], None, "samples has 0 values"),
        (&samples[1..], None, "samples has 1567 values"),
        (
            &samples[..],
            Some(&[1_u8][..]),
            "labels has 1 values, expected 2",
        ),
        (
            &samples[..],
            Some(&[1, 10]),
            "labels[1] is 10, expected below 10",
        ),
        (
            &spoilt,
            None,
            "samples[800] is NaN, expected a finite value",
        ),
    ] {
        let error = judge.look(samples, labels).expect_err(expected).to_string();
        assert!(error.contains(expected), "{error}");
        assert!(judge.score(samples, labels).is_err());
    }
    let error = judge
        .score(&samples[..PIXELS], None)
        .err()
        .expect("one sample has no covariance");
    assert!(error.to_string().contains("two or more"), "{error}");
    let file = files(DataSet::Mnist).1;
    let error = Judge::open(&file[..100], &cpu())
        .err()
        .expect("cut off")
        .to_string();
    assert!(error.contains("length is 100 bytes"), "{error}");
}
