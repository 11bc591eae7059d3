//! `cargo xtask quality`: trains presets natively and scores their samples, by the package `quality`.

use std::ffi::OsString;

use anyhow::Result;

use crate::{
    data,
    process::{self, command, step},
};

/// Makes sure of the data, then builds and runs the package with these arguments; its `--help` names them.
pub fn run(args: &[OsString]) -> Result<()> {
    step("find the images in target/data", || {
        data::ensure_idx_files(&data::ALL)
    })?;
    process::run(
        command("cargo")
            .args(["run", "--profile", "quality", "--package", "quality", "--"])
            .args(args),
    )
}
