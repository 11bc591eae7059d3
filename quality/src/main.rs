//! `cargo xtask quality`: trains presets natively and scores their samples.
//!
//! The score is the Fréchet distance between 5,000 samples and 5,000 training images in the features of a small classifier, which
//! is first held to its accuracy on the test images. Such a distance has a meaning only beside others of the same classifier and the
//! same number of images; the first row of the table is that of 5,000 other training images. How it is computed stands in the engine's
//! module `judge`, since the page computes it too.

mod classifier;
mod cli;
mod data_set;
mod export;
mod run;
mod scorers;
mod table;

use std::{collections::BTreeSet, fs, process::ExitCode, time::Instant};

use anyhow::{Context, Result, ensure};
use burn::tensor::Device;
use cli::{Command, Options};
use gan_playground::{
    Backend, GanConfig,
    config::PRESETS,
    judge::{
        DataSet,
        classifier::{FEATURES, PIXELS, SIDE},
    },
    trainer::Weights,
};
use images::idx;
use run::{Run, SAMPLES};
use scorers::Scorers;
use table::{Passed, Record};

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
            Command::TrainClassifier { sets, seed } => train_classifiers(&sets, seed).await?,
            Command::ExportJudge { sets } => export_judges(&sets).await?,
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

/// Makes the committed weights of classifiers.
async fn train_classifiers(sets: &[DataSet], seed: u32) -> Result<()> {
    let device = device().await?;
    for &set in sets {
        let start = Instant::now();
        let classifier = classifier::train(seed, &data_set::images(set, "train")?, &device)?;
        println!("trained in {:.0} s", start.elapsed().as_secs_f64());
        let path = data_set::classifier(set);
        fs::write(&path, classifier::to_bytes(&classifier).await?)
            .with_context(|| format!("cannot write {}", path.display()))?;
        println!("wrote {}", path.display());
        scorers::full(set, &device).await?;
    }
    Ok(())
}

/// Makes the judges that the page loads, and says how they compare with the full classifiers.
async fn export_judges(sets: &[DataSet]) -> Result<()> {
    let device = device().await?;
    for &set in sets {
        let mut full = scorers::full(set, &device).await?;
        let file = export::judge(set, &mut full, &device).await?;
        println!(
            "with small weights {:.2} %; {:.1} % of the real images with a probability of 0.9 or more",
            100.0 * file.accuracy,
            100.0 * file.confident
        );
        for real in &file.distances {
            println!(
                "FD of {} further real images: {:.2}, standard deviation {:.2}",
                real.samples, real.mean, real.deviation
            );
        }
        let path = data_set::judge(set);
        fs::create_dir_all(path.parent().expect("it lies in a folder"))?;
        fs::write(&path, file.encode())
            .with_context(|| format!("cannot write {}", path.display()))?;
        println!("wrote {}", path.display());
    }
    Ok(())
}

/// Trains and scores all runs, and prints a row of the table for each checkpoint.
async fn score(options: &Options) -> Result<()> {
    let presets = match options.presets.as_slice() {
        [] => presets_of(&options.sets),
        names => names.to_vec(),
    };
    let configs: Vec<GanConfig> = presets
        .iter()
        .map(|name| GanConfig::preset(name))
        .collect::<Result<_, _>>()?;
    // Before anything is trained for minutes.
    for config in &configs {
        let name = &config.name;
        Run::check(config)?;
        ensure!(
            options.averaged != Some(true) || config.ema_decay.is_some(),
            "{name} keeps no moving average: --weights raw"
        );
    }
    let (mut records, mut passed) = (Vec::new(), Vec::new());
    for set in data_set::ALL {
        let of_set = |config: &&GanConfig| data_set::of(&config.name) == set;
        let configs: Vec<_> = configs.iter().filter(of_set).collect();
        if configs.is_empty() {
            continue;
        }
        let mut scorers = Scorers::open(set, &device().await?).await?;
        println!(
            "FD: Fréchet distance of {SAMPLES} samples to the first {SAMPLES} training images in {FEATURES} features\n\n{}",
            table::HEAD
        );
        println!("{}", real(set, &mut scorers).await?.row());
        for config in configs {
            for &seed in &options.seeds {
                let times =
                    follow(config.clone(), seed, options, &mut scorers, &mut records).await?;
                passed.push(times);
            }
        }
        println!();
    }
    if options.seeds.len() > 1 {
        println!(
            "Medians over the seeds (smallest to largest):\n\n{}\n",
            table::medians(&records)
        );
    }
    if let Some(every) = options.time_to {
        println!("{}", table::times(&passed, every));
    }
    Ok(())
}

/// The row of real images that are not the reference's.
async fn real(set: DataSet, scorers: &mut Scorers) -> Result<Record> {
    let real = data_set::images(set, "train")?;
    let others = SAMPLES..2 * SAMPLES;
    let pixels = &real.pixels[others.start * PIXELS..others.end * PIXELS];
    let (score, page_fd) = scorers.score(pixels, Some(&real.labels[others])).await?;
    Ok(Record {
        preset: "the next 5,000 training images".into(),
        seed: None,
        weights: "",
        steps: None,
        score,
        page_fd,
        seconds: None,
    })
}

/// Names of the presets that train on these data sets.
fn presets_of(sets: &[DataSet]) -> Vec<String> {
    let of_sets = PRESETS.iter().filter(|name| {
        let config = GanConfig::preset(name).expect("it is in the list");
        config.shape.dim() == PIXELS && sets.contains(&data_set::of(name))
    });
    of_sets.map(|name| (*name).to_owned()).collect()
}

/// Trains one run from its start to its last checkpoint, prints a row of the table at each and adds it to `records`; gives the times at
/// which FD passed thresholds.
async fn follow(
    config: GanConfig,
    seed: u32,
    options: &Options,
    scorers: &mut Scorers,
    records: &mut Vec<Record>,
) -> Result<Passed> {
    let name = config.name.clone();
    let images = data_set::images(data_set::of(&name), "train")?;
    let averaged = options.averaged.unwrap_or(config.ema_decay.is_some());
    let mut run = Run::new(config, seed, &images, device().await?)?;
    let (weights, word) = match averaged {
        true => (Weights::Averaged, "averaged"),
        false => (Weights::Raw, "raw"),
    };
    let mut passed = Passed::new(&name, seed);
    let mut seconds = 0.0;
    for steps in stops(options) {
        let checkpoint = options.steps.contains(&steps);
        if !checkpoint && passed.all() {
            continue;
        }
        let start = Instant::now();
        run.train_to(steps).await?;
        seconds += start.elapsed().as_secs_f64();
        let pixels = run.samples(weights).await?;
        let (score, page_fd) = scorers.score(&pixels, run.labels()).await?;
        passed.note(score.fd, seconds, steps);
        if checkpoint {
            if let Some(folder) = &options.samples {
                fs::create_dir_all(folder)?;
                let path = folder.join(format!("{name}-{seed}-{steps}-images-idx3-ubyte"));
                fs::write(&path, idx::write_pixels(SIDE as u16, SIDE as u16, &pixels))
                    .with_context(|| format!("cannot write {}", path.display()))?;
            }
            let record = Record {
                preset: name.clone(),
                seed: Some(seed),
                weights: word,
                steps: Some(steps),
                score,
                page_fd,
                seconds: Some(seconds),
            };
            println!("{}", record.row());
            records.push(record);
        }
    }
    Ok(passed)
}

/// Steps at which a run is looked at: its checkpoints, and every so many steps up to the last if times are asked for.
fn stops(options: &Options) -> BTreeSet<u32> {
    let last = options.steps.last().copied().unwrap_or(0);
    let looks = options.time_to.into_iter();
    let looks = looks.flat_map(|every| (every..=last).step_by(every as usize));
    options.steps.iter().copied().chain(looks).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use gan_playground::judge::File;

    #[test]
    fn the_presets_of_the_data_sets_are_scored_and_no_others() {
        let all = presets_of(&data_set::ALL);
        for (name, set) in [
            ("mnist-fast", DataSet::Mnist),
            ("fashion-dense", DataSet::Fashion),
            ("fashion-conv", DataSet::Fashion),
        ] {
            assert!(all.contains(&name.to_owned()), "{all:?}");
            let others = data_set::ALL.into_iter().filter(|other| *other != set);
            assert!(presets_of(&[set]).contains(&name.to_owned()));
            assert!(!presets_of(&others.collect::<Vec<_>>()).contains(&name.to_owned()));
        }
        assert!(!all.contains(&"toy-2x2".to_owned()), "{all:?}");
    }

    #[test]
    fn a_run_stops_at_checkpoints_and_at_looks_up_to_the_last() {
        let options = Options {
            steps: vec![30, 110],
            time_to: Some(50),
            ..Options::default()
        };
        assert_eq!(stops(&options), BTreeSet::from([30, 50, 100, 110]));
        assert_eq!(
            stops(&Options {
                time_to: None,
                ..options
            }),
            BTreeSet::from([30, 110])
        );
    }

    /// Whether both halves of a data set are at hand; says so if not.
    fn at_hand(set: DataSet) -> bool {
        let found = ["train", "t10k"].map(|half| data_set::images(set, half).is_ok());
        if found != [true, true] {
            println!(
                "skipped {set:?}: its images are not in target/data; `cargo xtask data` puts them there"
            );
        }
        found == [true, true]
    }

    #[test]
    fn the_committed_classifiers_are_as_accurate_as_required() {
        for set in data_set::ALL.into_iter().filter(|set| at_hand(*set)) {
            pollster::block_on(async {
                let device = device().await.expect("the CPU opens");
                scorers::full(set, &device)
                    .await
                    .expect("it is good enough");
            });
        }
    }

    /// Tolerance: sums of features in f32 are rounded otherwise on processors with other vector units, by some 1e-6 of their size; and a
    /// covariance is a sum over images, whose terms cancel in part.
    #[test]
    fn the_committed_judges_are_what_the_export_writes() {
        for set in data_set::ALL.into_iter().filter(|set| at_hand(*set)) {
            let made = pollster::block_on(async {
                let device = device().await.expect("the CPU opens");
                let mut full = scorers::full(set, &device).await.expect("good enough");
                export::judge(set, &mut full, &device)
                    .await
                    .expect("good enough")
            });
            let path = data_set::judge(set);
            let committed =
                fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let committed = File::decode(&committed).expect("a sound file");
            assert_eq!(
                (committed.data_set, &committed.weights),
                (set, &made.weights)
            );
            let near = |a: f64, b: f64, what: &str| {
                assert!(
                    (a - b).abs() <= 1e-4 * a.abs().max(0.1),
                    "{set:?} {what}: {a}, committed {b}"
                );
            };
            near(made.accuracy, committed.accuracy, "accuracy");
            near(made.confident, committed.confident, "confident");
            near(made.spread, committed.spread, "spread");
            for (made, committed) in made.distances.iter().zip(&committed.distances) {
                assert_eq!(made.samples, committed.samples);
                near(made.mean, committed.mean, "distance");
                near(made.deviation, committed.deviation, "deviation");
            }
            let moments = |file: &File| {
                [
                    file.moments.mean.as_slice(),
                    file.moments.covariance.as_slice(),
                ]
                .concat()
            };
            for (made, committed) in moments(&made).into_iter().zip(moments(&committed)) {
                near(made, committed, "moment");
            }
        }
    }
}
