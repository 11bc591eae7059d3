//! `cargo xtask test`: the whole test suite, the cheap parts first.
//!
//! A part that fails does not stop the others, so that one run shows all failures. Builds run one after the other: the machines
//! of a CI are small.

use std::{
    process::{Command, ExitCode},
    time::{Duration, Instant},
};

use anyhow::{Result, bail};

use crate::{
    data, dist, npm,
    process::{self, command, npm, run as run_command, step},
    tools::{self, WASM},
};

/// A part of the suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Formatting of the Rust sources.
    Fmt,
    /// Clippy, natively and on [`WASM`].
    Clippy,
    /// Types, lint and unit tests of the page.
    Js,
    /// Rust tests on this machine.
    Native,
    /// Rust tests in headless Chromium.
    Wasm,
    /// The page end to end, as `dist/` has it, in headless Chromium.
    E2e,
}

/// Cargo arguments by which xtask, and the files of images that it makes, are built apart from the playground, as the alias in
/// `.cargo/config.toml` does.
const XTASK: [&str; 6] = [
    "--package",
    "xtask",
    "--package",
    "images",
    "--profile",
    "xtask",
];
/// Cargo arguments for the playground as it is built natively, and for the package that scores it: named together, because apart
/// their dependencies would differ in a feature here and there, and Burn would be built twice.
const NATIVE: [&str; 7] = [
    "--package",
    "gan-playground",
    "--package",
    "quality",
    "--no-default-features",
    "--features",
    "gan-playground/cpu",
];
/// Arguments of wasm-pack for the operations as `pkg/cpu-fma` has them.
const FMA: [&str; 6] = [
    "--",
    "--no-default-features",
    "--features",
    "fma",
    "--test",
    "kernels",
];
/// Arguments of clippy that make every warning an error.
const DENY_WARNINGS: [&str; 3] = ["--", "-D", "warnings"];

impl Part {
    /// All parts, in the order in which they run.
    pub const ALL: [Self; 6] = [
        Self::Fmt,
        Self::Clippy,
        Self::Js,
        Self::Native,
        Self::Wasm,
        Self::E2e,
    ];

    /// Name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fmt => "fmt",
            Self::Clippy => "clippy",
            Self::Js => "js",
            Self::Native => "native",
            Self::Wasm => "wasm",
            Self::E2e => "e2e",
        }
    }

    /// Installs what the part needs, then runs all of its commands.
    fn run(self) -> Result<()> {
        match self {
            Self::Fmt => {
                tools::ensure_lints()?;
                run_all([cargo("fmt").args(["--all", "--check"])])
            }
            Self::Clippy => {
                tools::ensure_lints()?;
                tools::ensure_wasm_target()?;
                let wasm = ["--package", "gan-playground", "--target", WASM];
                run_all([
                    cargo("clippy")
                        .args(XTASK)
                        .arg("--all-targets")
                        .args(DENY_WARNINGS),
                    cargo("clippy")
                        .args(NATIVE)
                        .arg("--all-targets")
                        .args(DENY_WARNINGS),
                    cargo("clippy")
                        .args(wasm)
                        .arg("--all-targets")
                        .args(DENY_WARNINGS),
                ])
            }
            Self::Js => {
                process::alone(npm::ensure)?;
                run_all([
                    npm().args(["run", "check"]),
                    npm().args(["run", "lint"]),
                    npm().arg("test"),
                ])
            }
            Self::Native => {
                // Without network the test that needs them says that it is skipped.
                if let Err(error) = data::ensure_idx_files(&["mnist"]) {
                    println!("    no test images of MNIST: {error:#}");
                }
                run_all([cargo("test").args(XTASK), cargo("test").args(NATIVE)])
            }
            Self::Wasm => {
                process::alone(tools::ensure_wasm_pack)?;
                tools::ensure_browser()?;
                let [mut all, mut fma] = [(); 2].map(|()| command("wasm-pack"));
                let in_chrome = ["test", "--headless", "--chrome"];
                // pkg/cpu-fma multiplies matrices by other instructions.
                run_all([all.args(in_chrome), fma.args(in_chrome).args(FMA)])
            }
            Self::E2e => {
                let browser = tools::ensure_browser()?;
                process::alone(dist::run)?;
                run_all([npm().args(["run", "e2e"]).env("CHROMIUM", browser)])
            }
        }
    }
}

/// Runs the parts and prints what came of each; the exit code says whether all passed.
pub fn run(parts: &[Part]) -> Result<ExitCode> {
    let mut table = Vec::new();
    for &part in parts {
        let start = Instant::now();
        let result = step(&format!("test part {}", part.name()), || part.run());
        if let Err(error) = &result {
            println!("    {}: {error:#}", part.name());
        }
        table.push((part, result.is_ok(), start.elapsed()));
    }
    print!("\n{}", summary(&table));
    let all_passed = table.iter().all(|(_, passed, _)| *passed);
    Ok(if all_passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The table of results and the closing line that a CI reads.
fn summary(table: &[(Part, bool, Duration)]) -> String {
    let rows = table.iter().map(|(part, passed, time)| {
        let verdict = if *passed { "passed" } else { "FAILED" };
        format!(
            "{:<8} {verdict} {:>8.1} s\n",
            part.name(),
            time.as_secs_f64()
        )
    });
    let passed = table.iter().filter(|(_, passed, _)| *passed).count();
    format!(
        "{}\n{passed} passed, {} failed\n",
        rows.collect::<String>(),
        table.len() - passed
    )
}

/// `cargo SUBCOMMAND`.
fn cargo(subcommand: &str) -> Command {
    let mut cargo = command("cargo");
    cargo.arg(subcommand);
    cargo
}

/// Runs all commands, also after one has failed; the error names those that did.
fn run_all<'a>(commands: impl IntoIterator<Item = &'a mut Command>) -> Result<()> {
    let errors: Vec<_> = commands
        .into_iter()
        .filter_map(|command| run_command(command).err())
        .collect();
    if errors.is_empty() {
        return Ok(());
    }
    bail!(
        errors
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("; ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_ends_in_the_line_a_ci_reads() {
        let table = [
            (Part::Fmt, true, Duration::from_millis(1500)),
            (Part::E2e, false, Duration::from_secs(70)),
        ];
        assert_eq!(
            summary(&table),
            "fmt      passed      1.5 s\ne2e      FAILED     70.0 s\n\n1 passed, 1 failed\n"
        );
    }

    #[test]
    fn all_commands_run_and_every_failure_is_named() {
        let error = run_all([
            cargo("no-such-a").arg("-q"),
            &mut cargo("--version"),
            &mut cargo("no-such-b"),
        ])
        .expect_err("two of the three fail")
        .to_string();
        assert!(
            error.contains("no-such-a")
                && error.contains("no-such-b")
                && !error.contains("version"),
            "{error}"
        );
    }
}
