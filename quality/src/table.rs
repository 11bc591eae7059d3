//! The tables that are printed: scores at checkpoints, their medians over several seeds, and the seconds to a Fréchet distance.

use gan_playground::judge::Score;

/// What was measured at one checkpoint of one run.
#[derive(Debug, Clone)]
pub struct Record {
    /// Name of the preset, or of the real images.
    pub preset: String,
    /// Seed of the run.
    pub seed: Option<u32>,
    /// `raw` or `averaged`.
    pub weights: &'static str,
    /// Steps since the run began.
    pub steps: Option<u32>,
    /// By the full classifier.
    pub score: Score,
    /// Fréchet distance by the page's judge.
    pub page_fd: f64,
    /// Seconds of training since the run began.
    pub seconds: Option<f64>,
}

/// Head of the Markdown table of scores.
pub const HEAD: &str = "\
| preset | seed | weights | steps | FD | FD by the page's judge | modes | confident | as asked | diversity | classes 0 to 9, % | s |
| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- | ---: |";

impl Record {
    /// A row of that table.
    pub fn row(&self) -> String {
        let score = &self.score;
        let classes = score
            .class_share
            .map(|share| format!("{:.0}", 100.0 * share));
        format!(
            "| {} | {} | {} | {} | {:.2} | {:.2} | {} | {:.0} % | {} | {:.2} | {} | {} |",
            self.preset,
            or_nothing(self.seed),
            self.weights,
            or_nothing(self.steps),
            score.fd,
            self.page_fd,
            score.modes,
            100.0 * score.confident,
            percent(score.agreement),
            score.diversity,
            classes.join(" "),
            self.seconds.map_or(String::new(), |s| format!("{s:.0}"))
        )
    }
}

/// Median, smallest and largest of some numbers, `None` of none; of an even number the median is the mean of the middle two.
pub fn median(mut numbers: Vec<f64>) -> Option<[f64; 3]> {
    numbers.sort_by(f64::total_cmp);
    let (low, high) = (*numbers.first()?, *numbers.last()?);
    let middle = (numbers[(numbers.len() - 1) / 2] + numbers[numbers.len() / 2]) / 2.0;
    Some([middle, low, high])
}

/// The Markdown table of medians over seeds, with smallest and largest: a row for each preset and number of steps, in the order of `records`.
pub fn medians(records: &[Record]) -> String {
    let mut table = String::from(
        "\
| preset | weights | steps | seeds | FD | FD by the page's judge | confident | as asked | diversity | rarest and commonest class | s |
| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    );
    let key = |record: &Record| (record.preset.clone(), record.steps);
    let mut done = Vec::new();
    for first in records {
        if done.contains(&key(first)) {
            continue;
        }
        done.push(key(first));
        let alike: Vec<_> = records
            .iter()
            .filter(|other| key(other) == key(first))
            .collect();
        let over = |digits: usize, figure: &dyn Fn(&Record) -> Option<f64>| {
            let figures = alike.iter().filter_map(|record| figure(record)).collect();
            range(digits, median(figures))
        };
        let shares = || alike.iter().flat_map(|record| record.score.class_share);
        table += &format!(
            "\n| {} | {} | {} | {} | {} | {} | {} | {} | {} | {:.1} %, {:.1} % | {} |",
            first.preset,
            first.weights,
            or_nothing(first.steps),
            alike.len(),
            over(2, &|record| Some(record.score.fd)),
            over(2, &|record| Some(record.page_fd)),
            over(1, &|record| Some(100.0 * record.score.confident)),
            over(1, &|record| record
                .score
                .agreement
                .map(|share| 100.0 * share)),
            over(2, &|record| Some(record.score.diversity)),
            100.0 * shares().fold(f64::INFINITY, f64::min),
            100.0 * shares().fold(0.0, f64::max),
            over(0, &|record| record.seconds)
        );
    }
    table
}

/// Fréchet distances whose first passing is timed.
pub const THRESHOLDS: [f64; 6] = [100.0, 50.0, 20.0, 10.0, 8.0, 5.0];

/// When a run first had each of [`THRESHOLDS`] or less.
#[derive(Debug, Clone, PartialEq)]
pub struct Passed {
    /// Name of the preset.
    pub preset: String,
    /// Seed of the run.
    pub seed: u32,
    /// Seconds of training and steps, in the order of the thresholds; `None` where it never passed.
    pub at: [Option<(f64, u32)>; THRESHOLDS.len()],
}

impl Passed {
    /// Nothing passed yet.
    pub fn new(preset: &str, seed: u32) -> Self {
        Self {
            preset: preset.into(),
            seed,
            at: [None; THRESHOLDS.len()],
        }
    }

    /// Notes a distance after so many seconds of training and steps.
    pub fn note(&mut self, fd: f64, seconds: f64, steps: u32) {
        for (at, threshold) in self.at.iter_mut().zip(THRESHOLDS) {
            if fd <= threshold && at.is_none() {
                *at = Some((seconds, steps));
            }
        }
    }

    /// Whether nothing is left to wait for.
    pub fn all(&self) -> bool {
        self.at.iter().all(Option::is_some)
    }
}

/// The Markdown table of seconds to each threshold: a row for each run, then medians over the seeds of a preset that has several.
pub fn times(runs: &[Passed], every: u32) -> String {
    let mut table = format!(
        "Seconds of training (steps) until FD is at or below, looked at every {every} steps:\n\n| preset | seed |"
    );
    for threshold in THRESHOLDS {
        table += &format!(" {threshold} |");
    }
    table += &format!("\n| --- | ---: |{}", " ---: |".repeat(THRESHOLDS.len()));
    for run in runs {
        let cells = run.at.map(|at| {
            at.map_or("–".into(), |(seconds, steps)| {
                format!("{seconds:.1} ({steps})")
            })
        });
        table += &format!(
            "\n| {} | {} | {} |",
            run.preset,
            run.seed,
            cells.join(" | ")
        );
    }
    let mut presets: Vec<_> = runs.iter().map(|run| &run.preset).collect();
    presets.dedup();
    for preset in presets {
        let alike: Vec<_> = runs.iter().filter(|run| run.preset == *preset).collect();
        if alike.len() > 1 {
            let cells: [String; THRESHOLDS.len()] = std::array::from_fn(|index| {
                // A run that never passed has no place in a median: say how many did not.
                let passed: Vec<_> = alike.iter().filter_map(|run| run.at[index]).collect();
                let missing = alike.len() - passed.len();
                match missing {
                    0 => range(
                        1,
                        median(passed.iter().map(|(seconds, _)| *seconds).collect()),
                    ),
                    _ => format!("{missing} of {} never", alike.len()),
                }
            });
            table += &format!(
                "\n| {preset} | median of {} | {} |",
                alike.len(),
                cells.join(" | ")
            );
        }
    }
    table
}

/// `median (smallest to largest)`, the range only where there is one.
fn range(digits: usize, figures: Option<[f64; 3]>) -> String {
    match figures {
        None => String::new(),
        Some([median, low, high]) if low == high => format!("{median:.digits$}"),
        Some([median, low, high]) => {
            format!("{median:.digits$} ({low:.digits$} to {high:.digits$})")
        }
    }
}

fn or_nothing<T: ToString>(value: Option<T>) -> String {
    value.map_or(String::new(), |value| value.to_string())
}

fn percent(share: Option<f64>) -> String {
    share.map_or(String::new(), |share| format!("{:.0} %", 100.0 * share))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(seed: u32, fd: f64, agreement: Option<f64>) -> Record {
        Record {
            preset: "p".into(),
            seed: Some(seed),
            weights: "raw",
            steps: Some(500),
            score: Score {
                samples: 5000,
                fd,
                confident: 0.5,
                agreement,
                diversity: 1.0,
                class_share: [0.1; 10],
                modes: 10,
            },
            page_fd: fd + 1.0,
            seconds: Some(12.0),
        }
    }

    #[test]
    fn a_row_has_a_cell_for_each_of_the_heads() {
        let row = record(7, 3.0, Some(0.9)).row();
        assert_eq!(
            row,
            "| p | 7 | raw | 500 | 3.00 | 4.00 | 10 | 50 % | 90 % | 1.00 | 10 10 10 10 10 10 10 10 10 10 | 12 |"
        );
        for line in HEAD.lines() {
            assert_eq!(line.matches('|').count(), row.matches('|').count());
        }
    }

    #[test]
    fn medians_are_over_the_seeds_of_one_preset_and_number_of_steps() {
        let records = [
            record(1, 9.0, None),
            record(2, 5.0, None),
            record(3, 6.0, None),
        ];
        let table = medians(&records);
        let lines: Vec<_> = table.lines().collect();
        assert_eq!(
            lines[2],
            "| p | raw | 500 | 3 | 6.00 (5.00 to 9.00) | 7.00 (6.00 to 10.00) | 50.0 |  | 1.00 | 10.0 %, 10.0 % | 12 |"
        );
        assert_eq!(lines.len(), 3);
        assert!(
            lines.iter().all(|line| line.matches('|').count() == 12),
            "{table}"
        );
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some([2.5, 1.0, 4.0]));
        assert_eq!(median(Vec::new()), None);
    }

    #[test]
    fn the_first_passing_of_a_threshold_counts() {
        let mut run = Passed::new("p", 1);
        run.note(120.0, 1.0, 50);
        run.note(49.0, 2.0, 100);
        run.note(60.0, 3.0, 150);
        run.note(40.0, 4.0, 200);
        assert_eq!(
            run.at,
            [Some((2.0, 100)), Some((2.0, 100)), None, None, None, None]
        );
        assert!(!run.all());
        run.note(5.0, 9.0, 400);
        assert!(run.all());
    }

    #[test]
    fn the_median_time_of_seeds_says_how_many_never_passed() {
        let mut runs = [
            Passed::new("p", 1),
            Passed::new("p", 2),
            Passed::new("q", 1),
        ];
        runs[0].note(40.0, 2.0, 100);
        runs[1].note(90.0, 4.0, 200);
        let table = times(&runs, 50);
        let last = table.lines().last().expect("there are lines");
        assert_eq!(
            last,
            "| p | median of 2 | 3.0 (2.0 to 4.0) | 1 of 2 never | 2 of 2 never | 2 of 2 never | 2 of 2 never | 2 of 2 never |"
        );
        assert!(
            table.contains("| p | 1 | 2.0 (100) | 2.0 (100) | – |"),
            "{table}"
        );
    }
}
