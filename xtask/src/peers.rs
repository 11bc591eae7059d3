//! `cargo xtask peers`: other libraries on the workloads of the benchmark page, step by step in turn with ours.

use std::ffi::OsString;

use anyhow::Result;

use crate::{
    dist, npm,
    process::{self, command, root},
    tools,
};

/// Builds `dist/`, installs the libraries, and runs `benches/peers/compare.js` with these arguments; without any it names them.
pub fn run(args: &[OsString]) -> Result<()> {
    let browser = tools::ensure_browser()?;
    process::alone(|| {
        dist::run()?;
        npm::ensure_in(&root().join("benches/peers"))
    })?;
    process::run(
        command("node")
            .arg("benches/peers/compare.js")
            .args(args)
            .env("CHROMIUM", browser),
    )
}
