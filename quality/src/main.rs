//! `cargo xtask quality`: trains presets natively and scores their samples.
//!
//! The score is the Fréchet distance between 5,000 samples and 5,000 training images in the features of a small classifier, which
//! is first held to its accuracy on the test images. Such a distance has a meaning only beside others of the same classifier and the
//! same number of images; the first row of the table is that of 5,000 other training images.

mod classifier;
mod cli;
mod data_set;
mod frechet;
mod run;
mod score;

use std::{fs, process::ExitCode, time::Instant};

use anyhow::{Context, Result, ensure};
use burn::tensor::Device;
use classifier::{Classifier, FEATURES, REQUIRED_ACCURACY};
use cli::{Command, Options};
use data_set::{DataSet, PIXELS, SIDE};
use gan_playground::{Backend, GanConfig, config::PRESETS, trainer::Weights};
use images::idx;
use run::{Run, SAMPLES};
use score::{Reference, TABLE_HEAD};

fn main() -> ExitCode {
    let command = match cli::parse(std::env::args_os().skip(1)) {
        Ok(command) => command,
        Err(message) => {
            eprintln!("error: {message}\n\n{}", cli::HELP);
            return ExitCode::from(2);
        }
    };
    let result = pollster::block_on(async {
        match command {
            Command::Help => println!("{}", cli::HELP),
            Command::TrainClassifier { seed } => train_classifier(seed).await?,
            Command::Score(options) => score(&options).await?,
        }
        anyhow::Ok(())
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The CPU, on which everything here computes.
async fn device() -> Result<Device> {
    Ok(Backend::Cpu.open().await?)
}

/// Makes the committed weights of MNIST's classifier.
async fn train_classifier(seed: u32) -> Result<()> {
    let device = device().await?;
    let start = Instant::now();
    let classifier = Classifier::train(seed, &DataSet::Mnist.images("train")?, &device)?;
    println!("trained in {:.0} s", start.elapsed().as_secs_f64());
    let path = DataSet::Mnist.weights().expect("MNIST has one");
    fs::write(&path, classifier.to_bytes()?)
        .with_context(|| format!("cannot write {}", path.display()))?;
    println!("wrote {}", path.display());
    Judge::open(DataSet::Mnist).await.map(|_| ())
}

/// A classifier whose accuracy on the test images was checked, and the real images it compares with.
struct Judge {
    classifier: Classifier,
    reference: Reference,
    device: Device,
}

impl Judge {
    /// # Errors
    /// If the classifier names fewer test images rightly than [`REQUIRED_ACCURACY`].
    async fn open(set: DataSet) -> Result<Self> {
        let device = device().await?;
        let path = set
            .weights()
            .context("there is no classifier for this data set")?;
        let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let mut classifier =
            Classifier::from_bytes(&bytes, &device).with_context(|| path.display().to_string())?;
        let test = set.images("t10k")?;
        let accuracy = classifier
            .look_at(&test.pixels, &device)
            .accuracy(&test.labels);
        println!(
            "the classifier names {:.2} % of the {} test images rightly",
            100.0 * accuracy,
            test.labels.len()
        );
        ensure!(
            accuracy >= REQUIRED_ACCURACY,
            "that is below {:.0} %",
            100.0 * REQUIRED_ACCURACY
        );
        let real = set.images("train")?;
        let real = classifier.look_at(&real.pixels[..SAMPLES * PIXELS], &device);
        Ok(Self {
            reference: Reference::new(&real, FEATURES),
            classifier,
            device,
        })
    }

    fn score(&mut self, pixels: &[u8]) -> score::Score {
        let seen = self.classifier.look_at(pixels, &self.device);
        self.reference.score(&seen)
    }
}

/// Trains and scores all runs, and prints a row of the table for each checkpoint.
async fn score(options: &Options) -> Result<()> {
    let presets = match options.presets.as_slice() {
        [] => mnist_presets(),
        names => names.to_vec(),
    };
    let configs: Vec<GanConfig> = presets
        .iter()
        .map(|name| GanConfig::preset(name))
        .collect::<Result<_, _>>()?;
    let is_mnist = |name: &String| DataSet::of(name) == DataSet::Mnist;
    // Before anything is trained for minutes.
    for config in &configs {
        let name = &config.name;
        Run::check(config)?;
        ensure!(
            is_mnist(name) || options.samples.is_some(),
            "{name} cannot be scored: there is no classifier for its data set; --samples writes its samples for other scorers"
        );
        ensure!(
            options.averaged != Some(true) || config.ema_decay.is_some(),
            "{name} keeps no moving average: --weights raw"
        );
    }
    let mut judge = match presets.iter().any(is_mnist) {
        true => Some(Judge::open(DataSet::Mnist).await?),
        false => None,
    };
    println!(
        "seed {}; FD: Fréchet distance of {SAMPLES} samples to the first {SAMPLES} training images in {FEATURES} features\n",
        options.seed
    );
    println!("{TABLE_HEAD}");
    if let Some(judge) = &mut judge {
        let real = DataSet::Mnist.images("train")?;
        let others = judge.score(&real.pixels[SAMPLES * PIXELS..2 * SAMPLES * PIXELS]);
        println!(
            "{}",
            others.row("the next 5,000 training images", "", "", "")
        );
    }
    for config in configs {
        let judge = judge.as_mut().filter(|_| is_mnist(&config.name));
        follow(config, options, judge).await?;
    }
    Ok(())
}

/// Names of the presets that train on MNIST.
fn mnist_presets() -> Vec<String> {
    let of_mnist = PRESETS.iter().filter(|name| {
        let config = GanConfig::preset(name).expect("it is in the list");
        config.shape.dim() == PIXELS && DataSet::of(name) == DataSet::Mnist
    });
    of_mnist.map(|name| (*name).to_owned()).collect()
}

/// Trains one run from its start to its last checkpoint, and prints a row of the table at each.
async fn follow(config: GanConfig, options: &Options, mut judge: Option<&mut Judge>) -> Result<()> {
    let name = config.name.clone();
    let images = DataSet::of(&name).images("train")?;
    let averaged = options.averaged.unwrap_or(config.ema_decay.is_some());
    let mut run = Run::new(config, options.seed, &images, Backend::Cpu.open().await?)?;
    let (weights, word) = match averaged {
        true => (Weights::Averaged, "averaged"),
        false => (Weights::Raw, "raw"),
    };
    let mut seconds = 0.0;
    for &steps in &options.steps {
        let start = Instant::now();
        run.train_to(steps).await?;
        seconds += start.elapsed().as_secs_f64();
        let pixels = run.samples(weights).await?;
        if let Some(folder) = &options.samples {
            fs::create_dir_all(folder)?;
            let path = folder.join(format!("{name}-{steps}-images-idx3-ubyte"));
            fs::write(&path, idx::write_pixels(SIDE as u16, SIDE as u16, &pixels))
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
        let row = match &mut judge {
            Some(judge) => {
                let score = judge.score(&pixels);
                score.row(&name, word, &steps.to_string(), &format!("{seconds:.0}"))
            }
            None => format!("{name} {word} {steps}: not scored, samples written"),
        };
        println!("{row}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_presets_of_mnist_are_scored_and_no_others() {
        let names = mnist_presets();
        assert!(names.contains(&"mnist-fast".to_owned()), "{names:?}");
        for other in ["toy-2x2", "fashion-dense", "fashion-conv"] {
            assert!(!names.contains(&other.to_owned()), "{names:?}");
        }
    }

    #[test]
    fn the_committed_classifier_names_99_percent_of_the_test_images_rightly() {
        if DataSet::Mnist.images("t10k").is_err() {
            println!(
                "skipped: no test images in target/data/mnist; `cargo xtask data` puts them there"
            );
            return;
        }
        pollster::block_on(Judge::open(DataSet::Mnist)).expect("it is good enough");
    }
}
