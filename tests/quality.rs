//! Does MNIST training make digits? Native only: 1,000 steps take a minute or so, and the figure does not depend on the target.
//! (`cargo xtask quality` measures how good they are, by a classifier; this test needs no weights and no other data.)
//!
//! The measure has to tell digits from noise, from blur and from one digit repeated, and must not come from the discriminator
//! that trained with it. It takes 640 samples and 10,000 real images and asks of each sample for the nearest real image:
//! - *distance*: the mean Euclidean distance to it. Noise is far from every digit, blur is near.
//! - *coverage*: how many different real images are somebody's nearest (at most 640). One digit repeated, or the mean image,
//!   has a coverage near 1, and blur a low one.
//! - *classes*: how many of the ten digits the labels of those images include.
//!
//! All three together are satisfied by held-out real digits, and by none of noise, the mean image and a single digit; the
//! second test holds the measure to that.
#![cfg(not(target_arch = "wasm32"))]

mod common;

use std::collections::BTreeSet;
use std::io::Read;

use common::on_cpu;
use gan_playground::GanConfig;
use gan_playground::rng::{Rng, Stream};
use gan_playground::trainer::Weights;
use images::{Images, to_value};

const PIXELS: usize = 784;
const SAMPLES: usize = 640;

/// 10,000 training images, values in [-1, 1], and their labels.
struct Digits {
    values: Vec<f32>,
    labels: Vec<u8>,
}

impl Digits {
    /// Reads a committed shard.
    fn read(shard: &str) -> Self {
        let path = format!("{}/www/data/mnist/{shard}", env!("CARGO_MANIFEST_DIR"));
        let file = std::fs::File::open(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        let mut bytes = Vec::new();
        flate2::read::GzDecoder::new(file)
            .read_to_end(&mut bytes)
            .expect("a gzip file");
        let images = Images::decode(&bytes).expect("a shard");
        assert_eq!(images.image_len(), PIXELS);
        Self {
            values: images.pixels.iter().copied().map(to_value).collect(),
            labels: images.labels,
        }
    }

    fn image(&self, index: usize) -> &[f32] {
        &self.values[index * PIXELS..(index + 1) * PIXELS]
    }

    /// Index of the nearest image and its distance.
    fn nearest(&self, sample: &[f32]) -> (usize, f32) {
        let squared = |image: &[f32]| -> f32 {
            let pairs = image.iter().zip(sample);
            pairs.map(|(a, b)| (a - b) * (a - b)).sum()
        };
        let distances = self.values.chunks_exact(PIXELS).map(squared).enumerate();
        let (index, square) = distances
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .expect("there are images");
        (index, square.sqrt())
    }
}

#[derive(Debug)]
struct Likeness {
    distance: f32,
    coverage: usize,
    classes: usize,
}

fn likeness(samples: &[f32], digits: &Digits) -> Likeness {
    let nearest: Vec<(usize, f32)> = samples
        .chunks_exact(PIXELS)
        .map(|sample| digits.nearest(sample))
        .collect();
    assert_eq!(nearest.len(), SAMPLES);
    let images: BTreeSet<usize> = nearest.iter().map(|(index, _)| *index).collect();
    let classes: BTreeSet<u8> = images.iter().map(|index| digits.labels[*index]).collect();
    Likeness {
        distance: nearest.iter().map(|(_, distance)| distance).sum::<f32>() / SAMPLES as f32,
        coverage: images.len(),
        classes: classes.len(),
    }
}

/// What 1,000 steps of `mnist-fast` must reach. Measured on flex (x86-64, seed 42), with the 640 samples of the test, made by the
/// averaged generator:
///
/// | samples | distance | coverage | classes |
/// |---|---|---|---|
/// | untrained generator | 26.4 | 12 | 4 |
/// | after 250 steps | 14.5 | 201 | 10 |
/// | after 500 steps | 11.8 | 411 | 10 |
/// | after 750 steps | 10.9 | 499 | 10 |
/// | after 1,000 steps | 10.5 | 526 | 10 |
/// | held-out real digits | 9.5 | 588 | 10 |
/// | uniform noise | 30.1 | 314 | 9 |
/// | the mean image | 10.6 | 1 | 1 |
/// | one real digit repeated | 10.7 | 1 | 1 |
fn is_digit_like(likeness: &Likeness, start: &Likeness) -> bool {
    likeness.distance < 0.5 * start.distance && likeness.coverage > 450 && likeness.classes == 10
}

fn random_latents(config: &GanConfig) -> Vec<f32> {
    let mut rng = Rng::new(99, Stream::DisplayLatents);
    (0..SAMPLES * config.latent.dim)
        .map(|_| rng.normal())
        .collect()
}

#[test]
fn one_thousand_steps_of_mnist_fast_make_samples_digit_like() {
    pollster::block_on(async {
        let digits = Digits::read("train-0.bin.gz");
        let config = GanConfig::mnist_fast();
        let latents = random_latents(&config);
        let batch_size = config.batch_size;
        let mut trainer = on_cpu(config, 42).await;
        let sample = async |trainer: &mut gan_playground::Trainer| {
            let reading = trainer
                .generate(&latents, Weights::Averaged)
                .expect("whole latents");
            likeness(&reading.read().await.expect("readable"), &digits)
        };
        let start = sample(&mut trainer).await;
        println!("at the start: {start:?}");
        assert!(!is_digit_like(&start, &start));
        let mut order: Vec<u32> = Vec::new();
        for step in 1..=1000 {
            if order.len() < batch_size {
                order = trainer.permutation(10_000);
            }
            let indices = order.split_off(order.len() - batch_size);
            let images = indices
                .iter()
                .flat_map(|index| digits.image(*index as usize));
            let real: Vec<f32> = images.copied().collect();
            trainer.step(&real).expect("fits");
            if step % 250 == 0 {
                let records = common::records(&mut trainer).await;
                let last = records.last().expect("steps were taken");
                println!("step {step}: {:?}, {last:?}", sample(&mut trainer).await);
            }
        }
        let end = sample(&mut trainer).await;
        assert!(is_digit_like(&end, &start), "{end:?} after {start:?}");
    });
}

#[test]
fn the_measure_accepts_held_out_digits_and_refuses_noise_blur_and_collapse() {
    let (digits, held_out) = (
        Digits::read("train-0.bin.gz"),
        Digits::read("train-1.bin.gz"),
    );
    let mut rng = Rng::new(1, Stream::TrainingLatents);
    let noise: Vec<f32> = (0..SAMPLES * PIXELS)
        .map(|_| 2.0 * rng.uniform() - 1.0)
        .collect();
    let noise = likeness(&noise, &digits);
    let real = likeness(&held_out.values[..SAMPLES * PIXELS], &digits);
    let mean: Vec<f32> = (0..PIXELS)
        .map(|pixel| {
            let values = (0..10_000).map(|image| digits.image(image)[pixel]);
            values.sum::<f32>() / 10_000.0
        })
        .collect();
    let blur = likeness(&mean.repeat(SAMPLES), &digits);
    let collapse = likeness(&held_out.image(0).repeat(SAMPLES), &digits);
    println!("real {real:?}\nnoise {noise:?}\nblur {blur:?}\ncollapse {collapse:?}");
    assert!(is_digit_like(&real, &noise));
    for bad in [&noise, &blur, &collapse] {
        assert!(!is_digit_like(bad, &noise), "{bad:?}");
    }
}
