//! `cargo xtask`: everything that builds, serves, tests and packs the playground.
//!
//! Every set-up step lives here rather than in a list of instructions: each subcommand first installs or builds what it needs
//! and is missing, and does nothing where all is in place. All paths are relative to the workspace root, whatever the current
//! folder is.

mod cli;
mod data;
mod dist;
mod files;
mod mutants;
mod npm;
mod peers;
mod pkg;
mod process;
mod quality;
mod serve;
mod test;
mod tools;

use std::process::ExitCode;

use cli::Command;

fn main() -> ExitCode {
    let command = match cli::parse(std::env::args_os().skip(1)) {
        Ok(command) => command,
        Err(message) => {
            eprintln!("error: {message}\n\n{}", cli::HELP);
            return ExitCode::from(2);
        }
    };
    match run(command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs one subcommand to its end; `serve` ends only when it is stopped.
fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Help => println!("{}", cli::HELP),
        Command::Serve { port, open } => serve::run(port, open)?,
        Command::Test(parts) => return test::run(&parts),
        Command::Build(kinds) => process::alone(|| pkg::build(&kinds))?,
        Command::Data { check: false } => data::make()?,
        Command::Data { check: true } => data::check()?,
        Command::Quality(args) => quality::run(&args)?,
        Command::Peers(args) => peers::run(&args)?,
        Command::Mutants => mutants::run()?,
        Command::Dist => process::alone(dist::run)?,
    }
    Ok(ExitCode::SUCCESS)
}
