//! The programs the other subcommands need: found where they are, installed where they may be.
//!
//! A program of the user's is never replaced: where a wrong version is installed, ours goes to `target/tools` and is put first
//! on the `PATH` of our children.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};

use crate::process::{command, find_program, npm, output, own_tools, root, run, step};

/// The target the page runs on.
pub const WASM: &str = "wasm32-unknown-unknown";

/// wasm-pack as tested; from [`WASM_PACK_OLDEST`] on, one that is there is taken as it is.
const WASM_PACK: &str = "0.15.1";
const WASM_PACK_OLDEST: (u32, u32) = (0, 13);

/// The oldest Node that the page's tools run on.
const NODE_OLDEST: u32 = 20;

/// Names under which Chromium or Chrome is installed.
const BROWSERS: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// Makes sure of what `cargo clippy` and `cargo fmt` need.
pub fn ensure_lints() -> Result<()> {
    for (component, subcommand) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        if output(command("cargo").args([subcommand, "--version"])).is_err() {
            step(&format!("install {component}"), || {
                run(command("rustup").args(["component", "add", component]))
            })?;
        }
    }
    Ok(())
}

/// Makes sure that the compiler can build for [`WASM`].
pub fn ensure_wasm_target() -> Result<()> {
    let libraries = output(command("rustc").args(["--print", "target-libdir", "--target", WASM]))?;
    if Path::new(&libraries).is_dir() {
        return Ok(());
    }
    step(&format!("install the Rust target {WASM}"), || {
        run(command("rustup").args(["target", "add", WASM]))
    })
    .with_context(|| format!("the Rust target {WASM} is missing and could not be installed"))
}

/// Makes sure of all that `wasm-pack build` needs.
pub fn ensure_wasm_pack() -> Result<()> {
    ensure_wasm_target()?;
    let found = installed_version("wasm-pack");
    if found
        .as_deref()
        .and_then(version_pair)
        .is_none_or(|version| version < WASM_PACK_OLDEST)
    {
        cargo_install("wasm-pack", WASM_PACK, found.as_deref())?;
    }
    let wanted = locked_version(
        &fs::read_to_string(root().join("Cargo.lock"))?,
        "wasm-bindgen",
    )?;
    let found = installed_version("wasm-bindgen");
    if found.as_deref() != Some(&wanted) {
        cargo_install("wasm-bindgen-cli", &wanted, found.as_deref())?;
        let now = installed_version("wasm-bindgen");
        ensure!(
            now.as_deref() == Some(&wanted),
            "wasm-bindgen is {now:?} after its installation, expected {wanted}"
        );
    }
    Ok(())
}

/// Versions of everything that shapes the packages besides our sources, one a line.
pub fn build_versions() -> Result<String> {
    let rustc = output(command("rustc").arg("-V"))?;
    let wasm_pack = installed_version("wasm-pack").context("wasm-pack does not run")?;
    let wasm_bindgen = installed_version("wasm-bindgen").context("wasm-bindgen does not run")?;
    Ok(format!(
        "{rustc}\nwasm-pack {wasm_pack}\nwasm-bindgen {wasm_bindgen}\n"
    ))
}

/// Makes sure that Node and npm are there and new enough.
pub fn ensure_node() -> Result<()> {
    let help = format!("install Node.js {NODE_OLDEST} or newer, with npm");
    let version = output(command("node").arg("--version")).with_context(|| help.clone())?;
    let major = version
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|major| major.parse::<u32>().ok());
    ensure!(
        major.is_some_and(|major| major >= NODE_OLDEST),
        "Node is {version}: {help}"
    );
    output(npm().arg("--version")).context(help)?;
    Ok(())
}

/// Makes sure of Chromium (or Chrome) and chromedriver, and returns the browser's path.
pub fn ensure_browser() -> Result<PathBuf> {
    let missing = || find_program(&BROWSERS).is_none() || find_program(&["chromedriver"]).is_none();
    if missing() && is_root() && find_program(&["apt-get"]).is_some() {
        step(
            "install Chromium and chromedriver from the distribution",
            || {
                run(command("apt-get").args(["update", "-q"]))?;
                run(command("apt-get")
                    .args([
                        "install",
                        "-y",
                        "-q",
                        "--no-install-recommends",
                        "chromium",
                        "chromium-driver",
                    ])
                    .env("DEBIAN_FRONTEND", "noninteractive"))
            },
        )?;
    }
    match find_program(&BROWSERS) {
        Some(browser) if !missing() => Ok(browser),
        _ => bail!(
            "the browser tests need Chromium (or Chrome) and chromedriver of the same version on PATH; \
             on Debian: apt-get install chromium chromium-driver"
        ),
    }
}

/// Whether this process may install packages.
fn is_root() -> bool {
    cfg!(unix) && output(command("id").arg("-u")).is_ok_and(|id| id == "0")
}

/// The version that `program --version` prints, if it runs.
fn installed_version(program: &str) -> Option<String> {
    let line = output(command(find_program(&[program])?).arg("--version")).ok()?;
    line.split_whitespace().nth(1).map(str::to_owned)
}

/// Major and minor number of a version.
fn version_pair(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.split('.').map(|number| number.parse().ok());
    Some((numbers.next()??, numbers.next()??))
}

/// Builds and installs a program of crates.io: for the user where they have none, else in `target/tools`.
fn cargo_install(package: &str, version: &str, found: Option<&str>) -> Result<()> {
    step(
        &format!("install {package} {version} (some minutes, once)"),
        || {
            let install = |locked: bool| {
                let mut install = command("cargo");
                install.args(["install", "--version", version, package]);
                // Its own build folder is a temporary one; a shared one would mix it with the playground's.
                install.env_remove("CARGO_TARGET_DIR");
                // They run for seconds; full optimisation made each take three and a half minutes to build on two cores.
                for (setting, value) in
                    [("OPT_LEVEL", "1"), ("LTO", "off"), ("CODEGEN_UNITS", "16")]
                {
                    install.env(format!("CARGO_PROFILE_RELEASE_{setting}"), value);
                }
                if found.is_some() {
                    install.arg("--root").arg(own_tools()).arg("--force");
                }
                if locked {
                    install.arg("--locked");
                }
                run(&mut install)
            };
            if let Some(found) = found {
                println!(
                    "    {package} {found} is installed and stays; {version} goes to target/tools"
                );
            }
            // A package mirror can lag behind a lock file; then the newest versions that fit are as good.
            install(true).or_else(|error| {
                println!("    {error}; trying again without --locked");
                install(false)
            })
        },
    )?;
    Ok(())
}

/// The version of `package` in the text of a Cargo.lock.
fn locked_version(lock: &str, package: &str) -> Result<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name).skip(1);
    let version = lines
        .next()
        .and_then(|line| line.strip_prefix("version = \"")?.strip_suffix('"'));
    version
        .map(str::to_owned)
        .with_context(|| format!("Cargo.lock has no package {package}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locked_version_takes_the_package_of_exactly_that_name() {
        let lock = "[[package]]\nname = \"wasm-bindgen-futures\"\nversion = \"0.4.80\"\n\n[[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(
            locked_version(lock, "wasm-bindgen").expect("it is there"),
            "0.2.130"
        );
        assert!(locked_version(lock, "wasm-bind").is_err());
    }

    #[test]
    fn the_committed_lock_file_names_one_wasm_bindgen() {
        let lock = fs::read_to_string(root().join("Cargo.lock")).expect("Cargo.lock is committed");
        let version =
            locked_version(&lock, "wasm-bindgen").expect("the playground uses wasm-bindgen");
        assert!(version.starts_with("0.2."), "{version}");
    }

    #[test]
    fn versions_compare_by_number() {
        assert!(version_pair("0.9.1") < Some(WASM_PACK_OLDEST));
        assert!(version_pair(WASM_PACK) >= Some(WASM_PACK_OLDEST));
        assert_eq!(version_pair("nonsense"), None);
    }
}
