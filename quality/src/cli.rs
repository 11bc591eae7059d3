//! The command line: arguments in, [`Options`] or a message for the user out.

use std::{ffi::OsString, path::PathBuf};

use gan_playground::judge::DataSet;
use lexopt::prelude::*;

use crate::data_set;

/// What `--help` prints, and what follows an error.
pub const HELP: &str = "\
Trains presets on the CPU and scores their samples.

Usage: cargo xtask quality [OPTIONS]

Options:
  --preset NAME         a preset; again for another one [default: all of the data sets]
  --dataset mnist|fashion
                        one data set alone [default: both]
  --steps N,N,...       steps after which to score [default: 500,1000,2000,5000]
  --seed N              seed of every random stream; again for another run, and medians over all [default: 42]
  --weights raw|averaged
                        the generator's weights, or their moving average [default: averaged where one is kept]
  --time-to N           also look every N steps, up to the last of --steps, whether FD has come down to 100, 50, 20, 10, 8, 5; prints
                        the seconds of training until then, without the time of looking
  --samples DIR         also write the 5,000 samples that were scored, as DIR/<preset>-<seed>-<steps>-images-idx3-ubyte
  --train-classifier    make quality/classifier-<dataset>.bin again, which scores, and say how good it is
  --export-judge        make www/judge/<dataset>.bin again, which the page loads: the classifier in small
  -h, --help            print this help";

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// Print [`HELP`].
    Help,
    /// Train classifiers and write their weights.
    TrainClassifier {
        /// Of which data sets.
        sets: Vec<DataSet>,
        /// Seed of its first values, and of the order and the shifts of its images.
        seed: u32,
    },
    /// Write the judges that the page loads.
    ExportJudge {
        /// Of which data sets.
        sets: Vec<DataSet>,
    },
    /// Train and score presets.
    Score(Options),
}

/// Which runs to score, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Names; none means all presets of the data sets.
    pub presets: Vec<String>,
    /// Data sets whose presets are meant where none is named.
    pub sets: Vec<DataSet>,
    /// Steps after which to score, ascending.
    pub steps: Vec<u32>,
    /// Seeds of every random stream, one for each run of a preset.
    pub seeds: Vec<u32>,
    /// Whether to score the moving average; `None`: where one is kept.
    pub averaged: Option<bool>,
    /// Steps between two looks at whether FD passed a threshold.
    pub time_to: Option<u32>,
    /// Where to write the samples.
    pub samples: Option<PathBuf>,
}

/// Seed of runs and of classifiers where none is given.
const SEED: u32 = 42;

impl Default for Options {
    fn default() -> Self {
        Self {
            presets: Vec::new(),
            sets: data_set::ALL.into(),
            steps: vec![500, 1000, 2000, 5000],
            seeds: vec![SEED],
            averaged: None,
            time_to: None,
            samples: None,
        }
    }
}

/// Reads the arguments after the program's name; the error is a line for the user.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Command, String> {
    parse_all(lexopt::Parser::from_args(args)).map_err(|error| error.to_string())
}

fn parse_all(mut parser: lexopt::Parser) -> Result<Command, lexopt::Error> {
    let mut options = Options {
        seeds: Vec::new(),
        ..Options::default()
    };
    let (mut train_classifier, mut export_judge) = (false, false);
    while let Some(arg) = parser.next()? {
        match arg {
            Short('h') | Long("help") => return Ok(Command::Help),
            Long("preset") => options.presets.push(parser.value()?.string()?),
            Long("dataset") => options.sets = vec![data_set(&parser.value()?.string()?)?],
            Long("steps") => options.steps = steps("steps", &parser.value()?.string()?)?,
            Long("seed") => options.seeds.push(parser.value()?.parse()?),
            Long("weights") => options.averaged = Some(averaged(&parser.value()?.string()?)?),
            Long("time-to") => {
                options.time_to = Some(steps("time-to", &parser.value()?.string()?)?[0])
            }
            Long("samples") => options.samples = Some(parser.value()?.into()),
            Long("train-classifier") => train_classifier = true,
            Long("export-judge") => export_judge = true,
            other => return Err(other.unexpected()),
        }
    }
    let (sets, seeds) = (options.sets.clone(), options.seeds.clone());
    let alone = Options {
        sets: sets.clone(),
        seeds: seeds.clone(),
        ..Options::default()
    };
    match (train_classifier, export_judge) {
        (false, false) => {
            if options.seeds.is_empty() {
                options.seeds.push(SEED);
            }
            Ok(Command::Score(options))
        }
        (true, false) if options == alone && seeds.len() < 2 => Ok(Command::TrainClassifier {
            sets,
            seed: seeds.first().copied().unwrap_or(SEED),
        }),
        (true, false) => Err("--train-classifier goes with --dataset and one --seed alone".into()),
        (false, true) if options == alone && seeds.is_empty() => Ok(Command::ExportJudge { sets }),
        (_, true) => Err("--export-judge goes with --dataset alone".into()),
    }
}

fn data_set(text: &str) -> Result<DataSet, String> {
    data_set::named(text).ok_or_else(|| format!("--dataset is {text:?}, expected mnist or fashion"))
}

/// Numbers above 0, put in order.
fn steps(option: &str, text: &str) -> Result<Vec<u32>, String> {
    let numbers = text.split(',').map(|number| number.trim().parse());
    let mut steps: Vec<u32> = numbers
        .collect::<Result<_, _>>()
        .map_err(|error| format!("--{option} has {text:?}: {error}"))?;
    steps.sort_unstable();
    steps.dedup();
    if steps[0] == 0 {
        return Err(format!("--{option} has {text:?}, expected numbers above 0"));
    }
    Ok(steps)
}

fn averaged(text: &str) -> Result<bool, String> {
    match text {
        "raw" => Ok(false),
        "averaged" => Ok(true),
        _ => Err(format!("--weights is {text:?}, expected raw or averaged")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command, String> {
        parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn no_arguments_score_all_presets_at_the_steps_of_the_docs() {
        assert_eq!(parsed(""), Ok(Command::Score(Options::default())));
    }

    #[test]
    fn options_are_read_and_steps_put_in_order() {
        let expected = Options {
            presets: vec!["a".into(), "b".into()],
            sets: vec![DataSet::Fashion],
            steps: vec![5, 10],
            seeds: vec![7, 3],
            averaged: Some(false),
            time_to: Some(50),
            samples: Some("out".into()),
        };
        let line = "--preset a --preset b --dataset fashion --steps 10,5,5 --seed 7 --seed 3 --weights raw --time-to 50 --samples out";
        assert_eq!(parsed(line), Ok(Command::Score(expected)));
    }

    #[test]
    fn classifiers_are_trained_and_judges_exported_alone() {
        let (seed, sets) = (3, vec![DataSet::Fashion]);
        assert_eq!(
            parsed("--train-classifier --seed 3 --dataset fashion"),
            Ok(Command::TrainClassifier { sets, seed })
        );
        let (seed, sets) = (SEED, data_set::ALL.to_vec());
        let both = Command::TrainClassifier {
            sets: sets.clone(),
            seed,
        };
        assert_eq!(parsed("--train-classifier"), Ok(both));
        assert_eq!(parsed("--export-judge"), Ok(Command::ExportJudge { sets }));
        for line in [
            "--train-classifier --preset a",
            "--train-classifier --seed 1 --seed 2",
            "--export-judge --seed 1",
            "--export-judge --train-classifier",
        ] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }

    #[test]
    fn mistakes_are_named() {
        for (line, expected) in [
            ("--steps 5,x", "--steps has \"5,x\""),
            ("--steps 0", "expected numbers above 0"),
            ("--time-to 0", "--time-to has \"0\""),
            ("--dataset cifar", "expected mnist or fashion"),
            ("--weights mean", "expected raw or averaged"),
            ("--seed -1", "-1"),
            ("--sample x", "--sample"),
            ("mnist-fast", "mnist-fast"),
        ] {
            let message = parsed(line).expect_err(line);
            assert!(message.contains(expected), "`{line}` gave: {message}");
        }
    }
}
