//! The command line: arguments in, a [`Command`] or a message for the user out.

use std::ffi::OsString;

use lexopt::prelude::*;

use crate::{pkg::Kind, test::Part};

/// Port of `cargo xtask serve` without `--port`.
const DEFAULT_PORT: u16 = 8080;

/// What `--help` prints, and what follows an error.
pub const HELP: &str = "\
Builds, serves, tests and packs the GAN playground.

Usage: cargo xtask <COMMAND>

Commands:
  serve [--port N] [--no-open]  build what is missing, serve the page at http://127.0.0.1:8080 and open it in the browser
  test [PART]...                install what is missing and run all tests, or only the named parts:
                                fmt, clippy, js, native, wasm, e2e
  build [cpu|cpu-fma|webgpu]    build the WebAssembly packages of folder pkg, or only the named one
  data [--check]                make the shards of MNIST and Fashion-MNIST in www/data again;
                                --check: only verify the committed ones, without network
  quality [OPTION]...           train presets natively and score their samples (--help: its options)
  peers [ARGUMENT]...           time other libraries on the benchmark's workloads, in turn with ours (no argument: lists them)
  mutants                       make mistakes in the engine's source, one at a time; the tests must notice each
  dist                          build all and put together dist/, a folder for any static host

Options:
  -h, --help                    print this help";

/// One subcommand with its arguments.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// Print [`HELP`].
    Help,
    /// Serve the page on loopback.
    Serve {
        /// TCP port.
        port: u16,
        /// Whether to open the page in the user's browser.
        open: bool,
    },
    /// Run these parts of the test suite, in the suite's own order.
    Test(Vec<Part>),
    /// Build these packages.
    Build(Vec<Kind>),
    /// Make the data shards, or check those that are there.
    Data {
        /// Whether only to check the committed shards.
        check: bool,
    },
    /// Train presets and score their samples, with these arguments of the package `quality`.
    Quality(Vec<OsString>),
    /// Time other libraries in turn with ours, with these arguments of `benches/peers/compare.js`.
    Peers(Vec<OsString>),
    /// Make mistakes that the tests must notice.
    Mutants,
    /// Put together `dist/`.
    Dist,
}

/// Reads the arguments after the program's name; the error is a line for the user.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Command, String> {
    parse_all(lexopt::Parser::from_args(args)).map_err(|error| error.to_string())
}

fn parse_all(mut parser: lexopt::Parser) -> Result<Command, lexopt::Error> {
    let name = match parser.next()? {
        None => return Err("no command given".into()),
        Some(Short('h') | Long("help")) => return Ok(Command::Help),
        Some(Value(name)) => name.string()?,
        Some(other) => return Err(other.unexpected()),
    };
    let mut command = match name.as_str() {
        "help" => Command::Help,
        "serve" => Command::Serve {
            port: DEFAULT_PORT,
            open: true,
        },
        "test" => Command::Test(Vec::new()),
        "build" => Command::Build(Vec::new()),
        "data" => Command::Data { check: false },
        // Their own command lines read the rest.
        "quality" => return Ok(Command::Quality(parser.raw_args()?.collect())),
        "peers" => return Ok(Command::Peers(parser.raw_args()?.collect())),
        "mutants" => Command::Mutants,
        "dist" => Command::Dist,
        _ => return Err(format!("unknown command `{name}`").into()),
    };
    while let Some(arg) = parser.next()? {
        match (&mut command, arg) {
            (_, Short('h') | Long("help")) => return Ok(Command::Help),
            (Command::Serve { port, .. }, Long("port")) => *port = parser.value()?.parse()?,
            (Command::Serve { open, .. }, Long("no-open")) => *open = false,
            (Command::Data { check }, Long("check")) => *check = true,
            (Command::Test(parts), Value(name)) => parts.push(named(name, &Part::ALL, Part::name)?),
            (Command::Build(kinds), Value(name)) => {
                kinds.push(named(name, &Kind::ALL, Kind::name)?)
            }
            (_, other) => return Err(other.unexpected()),
        }
    }
    Ok(match command {
        Command::Test(parts) => Command::Test(in_order(parts, &Part::ALL)),
        Command::Build(kinds) => Command::Build(in_order(kinds, &Kind::ALL)),
        other => other,
    })
}

/// The one of `all` that is called `name`.
fn named<T: Copy>(
    name: OsString,
    all: &[T],
    name_of: fn(T) -> &'static str,
) -> Result<T, lexopt::Error> {
    let name = name.string()?;
    all.iter()
        .copied()
        .find(|one| name_of(*one) == name)
        .ok_or_else(|| {
            let known: Vec<_> = all.iter().map(|one| name_of(*one)).collect();
            format!(
                "unknown name `{name}`, expected one of {}",
                known.join(", ")
            )
            .into()
        })
}

/// The chosen ones once each, in the order of `all`; none chosen means all.
fn in_order<T: Copy + PartialEq>(chosen: Vec<T>, all: &[T]) -> Vec<T> {
    all.iter()
        .copied()
        .filter(|one| chosen.is_empty() || chosen.contains(one))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command, String> {
        parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn serve_takes_a_port_and_no_open_in_any_order() {
        assert_eq!(
            parsed("serve"),
            Ok(Command::Serve {
                port: 8080,
                open: true
            })
        );
        assert_eq!(
            parsed("serve --no-open --port 9001"),
            Ok(Command::Serve {
                port: 9001,
                open: false
            })
        );
        assert_eq!(
            parsed("serve --port=9001"),
            Ok(Command::Serve {
                port: 9001,
                open: true
            })
        );
    }

    #[test]
    fn no_names_mean_all_and_names_are_put_in_the_suites_order() {
        assert_eq!(parsed("test"), Ok(Command::Test(Part::ALL.to_vec())));
        assert_eq!(
            parsed("test js fmt js"),
            Ok(Command::Test(vec![Part::Fmt, Part::Js]))
        );
        assert_eq!(parsed("build"), Ok(Command::Build(Kind::ALL.to_vec())));
        assert_eq!(
            parsed("build webgpu"),
            Ok(Command::Build(vec![Kind::Webgpu]))
        );
    }

    #[test]
    fn peers_takes_all_arguments_as_they_are() {
        assert_eq!(
            parsed("peers toy-2x2 webgpu --steps 9"),
            Ok(Command::Peers(
                ["toy-2x2", "webgpu", "--steps", "9"]
                    .map(OsString::from)
                    .into()
            ))
        );
    }

    #[test]
    fn quality_takes_all_arguments_as_they_are() {
        assert_eq!(
            parsed("quality --preset mnist-fast --help"),
            Ok(Command::Quality(vec![
                "--preset".into(),
                "mnist-fast".into(),
                "--help".into()
            ]))
        );
    }

    #[test]
    fn help_is_given_alone_and_after_a_command() {
        for line in ["--help", "-h", "help", "serve --help", "test fmt -h"] {
            assert_eq!(parsed(line), Ok(Command::Help), "{line}");
        }
    }

    #[test]
    fn mistakes_are_named() {
        for (line, expected) in [
            ("", "no command given"),
            ("sevre", "unknown command `sevre`"),
            ("serve --prot 1", "--prot"),
            ("serve --port", "--port"),
            ("serve --port 70000", "70000"),
            ("serve extra", "extra"),
            ("dist now", "now"),
            ("data --chek", "--chek"),
            (
                "build gpu",
                "unknown name `gpu`, expected one of cpu, cpu-fma, webgpu",
            ),
            ("test clipy", "fmt, clippy, js, native, wasm, e2e"),
        ] {
            let message = parsed(line).expect_err(line);
            assert!(message.contains(expected), "`{line}` gave: {message}");
        }
    }
}
