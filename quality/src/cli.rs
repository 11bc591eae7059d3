//! The command line: arguments in, [`Options`] or a message for the user out.

use std::{ffi::OsString, path::PathBuf};

use lexopt::prelude::*;

/// What `--help` prints, and what follows an error.
pub const HELP: &str = "\
Trains presets on the CPU and scores their samples.

Usage: cargo xtask quality [OPTIONS]

Options:
  --preset NAME         a preset; again for another one [default: all of MNIST]
  --steps N,N,...       steps after which to score [default: 500,1000,2000,5000]
  --seed N              seed of every random stream [default: 42]
  --weights raw|averaged
                        the generator's weights, or their moving average [default: averaged where one is kept]
  --samples DIR         also write the 5,000 samples that were scored, as DIR/<preset>-<steps>-images-idx3-ubyte
  --train-classifier    make quality/classifier-mnist.bin again, which scores, and say how good it is
  -h, --help            print this help";

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// Print [`HELP`].
    Help,
    /// Train the classifier and write its weights.
    TrainClassifier {
        /// Seed of its first values, and of the order and the shifts of its images.
        seed: u32,
    },
    /// Train and score presets.
    Score(Options),
}

/// Which runs to score, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Names; none means all presets of MNIST.
    pub presets: Vec<String>,
    /// Steps after which to score, ascending.
    pub steps: Vec<u32>,
    /// Seed of every random stream.
    pub seed: u32,
    /// Whether to score the moving average; `None`: where one is kept.
    pub averaged: Option<bool>,
    /// Where to write the samples.
    pub samples: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            presets: Vec::new(),
            steps: vec![500, 1000, 2000, 5000],
            seed: 42,
            averaged: None,
            samples: None,
        }
    }
}

/// Reads the arguments after the program's name; the error is a line for the user.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Command, String> {
    parse_all(lexopt::Parser::from_args(args)).map_err(|error| error.to_string())
}

fn parse_all(mut parser: lexopt::Parser) -> Result<Command, lexopt::Error> {
    let mut options = Options::default();
    let mut train_classifier = false;
    while let Some(arg) = parser.next()? {
        match arg {
            Short('h') | Long("help") => return Ok(Command::Help),
            Long("preset") => options.presets.push(parser.value()?.string()?),
            Long("steps") => options.steps = steps(&parser.value()?.string()?)?,
            Long("seed") => options.seed = parser.value()?.parse()?,
            Long("weights") => options.averaged = Some(averaged(&parser.value()?.string()?)?),
            Long("samples") => options.samples = Some(parser.value()?.into()),
            Long("train-classifier") => train_classifier = true,
            other => return Err(other.unexpected()),
        }
    }
    if !train_classifier {
        return Ok(Command::Score(options));
    }
    let seed = options.seed;
    if options
        != (Options {
            seed,
            ..Options::default()
        })
    {
        return Err("--train-classifier goes with --seed alone".into());
    }
    Ok(Command::TrainClassifier { seed })
}

/// Numbers above 0, put in order.
fn steps(text: &str) -> Result<Vec<u32>, String> {
    let numbers = text.split(',').map(|number| number.trim().parse());
    let mut steps: Vec<u32> = numbers
        .collect::<Result<_, _>>()
        .map_err(|error| format!("--steps has {text:?}: {error}"))?;
    steps.sort_unstable();
    steps.dedup();
    if steps[0] == 0 {
        return Err(format!("--steps has {text:?}, expected numbers above 0"));
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
            steps: vec![5, 10],
            seed: 7,
            averaged: Some(false),
            samples: Some("out".into()),
        };
        assert_eq!(
            parsed("--preset a --preset b --steps 10,5,5 --seed 7 --weights raw --samples out"),
            Ok(Command::Score(expected))
        );
    }

    #[test]
    fn the_classifier_is_trained_alone() {
        assert_eq!(
            parsed("--train-classifier --seed 3"),
            Ok(Command::TrainClassifier { seed: 3 })
        );
        assert!(parsed("--train-classifier --preset a").is_err());
    }

    #[test]
    fn mistakes_are_named() {
        for (line, expected) in [
            ("--steps 5,x", "--steps has \"5,x\""),
            ("--steps 0", "expected numbers above 0"),
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
