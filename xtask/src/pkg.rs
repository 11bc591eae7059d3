//! The WebAssembly packages of the one crate: `pkg/cpu`, `pkg/cpu-fma` and `pkg/webgpu`.
//!
//! A package is built anew exactly when something that shapes it has changed; a failed or interrupted build leaves the former
//! package as it was.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::{
    files, npm,
    process::{command, root, run, step},
    tools,
};

/// One of the packages, named after the cargo feature that makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Burn's flex back end with WebAssembly SIMD.
    Cpu,
    /// The same with relaxed SIMD, for browsers that have it.
    CpuFma,
    /// burn-wgpu.
    Webgpu,
}

/// What rustc lets itself use on wasm32 (`rustc --print cfg --target wasm32-unknown-unknown`) and `+simd128` of
/// `.cargo/config.toml`, by Binaryen's names. One by one, since `--all-features` writes files that browsers reject.
const WASM_FEATURES: [&str; 9] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-call-indirect-overlong",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--enable-simd",
];

/// Optimisation level of wasm-opt.
const WASM_OPT_LEVEL: &str = "-O2";

/// File in a package that holds the digest of what it was built from.
const STAMP: &str = ".stamp";

/// Files without which a package is no package.
const OUTPUTS: [&str; 2] = ["gan_playground.js", "gan_playground_bg.wasm"];

impl Kind {
    /// All packages, in the order in which they are built: the quick one first.
    pub const ALL: [Self; 3] = [Self::Cpu, Self::CpuFma, Self::Webgpu];

    /// Name of the package's folder.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::CpuFma => "cpu-fma",
            Self::Webgpu => "webgpu",
        }
    }

    /// The cargo feature that makes it.
    fn feature(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::CpuFma => "fma",
            Self::Webgpu => "webgpu",
        }
    }

    /// Folder of the package.
    pub fn folder(self) -> PathBuf {
        root().join("pkg").join(self.name())
    }
}

/// Brings the packages up to date, one after the other: they share cargo's target folder.
pub fn build(kinds: &[Kind]) -> Result<()> {
    tools::ensure_wasm_pack()?;
    npm::ensure()?;
    let versions = format!("{}{}", tools::build_versions()?, binaryen_version()?);
    for &kind in kinds {
        let stamp = digest(root(), &settings(kind, &versions))?;
        if is_current(&kind.folder(), &stamp) {
            println!("pkg/{} is up to date", kind.name());
        } else {
            step(&format!("build pkg/{} (some minutes)", kind.name()), || {
                build_one(kind, &stamp)
            })?;
        }
    }
    Ok(())
}

/// Builds one package beside its place, then puts it there.
fn build_one(kind: Kind, stamp: &str) -> Result<()> {
    let partial = format!("pkg/{}.partial", kind.name());
    let folder = root().join(&partial);
    files::remove(&folder)?;
    run(command("wasm-pack")
        .args([
            "build",
            "--target",
            "web",
            "--release",
            "--no-pack",
            "--out-dir",
            &partial,
            "--",
        ])
        .args(["--no-default-features", "--features", kind.feature()]))?;
    optimise(&folder.join("gan_playground_bg.wasm"), kind)?;
    // wasm-pack ignores all of its output for git; /pkg is ignored as a whole.
    files::remove(&folder.join(".gitignore"))?;
    fs::write(folder.join(STAMP), stamp)?;
    files::remove(&kind.folder())?;
    fs::rename(&folder, kind.folder()).with_context(|| format!("cannot move {partial} into place"))
}

/// Runs npm's wasm-opt over a file, in place.
fn optimise(wasm: &Path, kind: Kind) -> Result<()> {
    let before = fs::metadata(wasm)?.len();
    let optimised = wasm.with_extension("opt");
    run(command("node")
        .arg("node_modules/binaryen/bin/wasm-opt")
        .arg(wasm.strip_prefix(root()).unwrap_or(wasm))
        .args([WASM_OPT_LEVEL, "-o"])
        .arg(optimised.strip_prefix(root()).unwrap_or(&optimised))
        .args(WASM_FEATURES)
        .args((kind == Kind::CpuFma).then_some("--enable-relaxed-simd")))?;
    fs::rename(&optimised, wasm)?;
    println!(
        "    wasm-opt: {before} -> {} bytes",
        fs::metadata(wasm)?.len()
    );
    Ok(())
}

/// Everything besides files that shapes a package, as text.
fn settings(kind: Kind, versions: &str) -> String {
    format!(
        "{}\n{versions}\n{WASM_OPT_LEVEL} {WASM_FEATURES:?}",
        kind.name()
    )
}

/// The version of npm's binaryen that is installed.
fn binaryen_version() -> Result<String> {
    let manifest = fs::read(root().join("node_modules/binaryen/package.json"))
        .context("npm package binaryen")?;
    let manifest: serde_json::Value = serde_json::from_slice(&manifest)?;
    Ok(format!("binaryen {}", manifest["version"]))
}

/// Whether the package in `folder` is whole and was built from what `stamp` stands for.
fn is_current(folder: &Path, stamp: &str) -> bool {
    fs::read_to_string(folder.join(STAMP)).is_ok_and(|present| present == stamp)
        && OUTPUTS.iter().all(|file| folder.join(file).is_file())
}

/// SHA-256, in hex, of the settings and of the names and contents of all sources under `root`.
fn digest(root: &Path, settings: &str) -> Result<String> {
    let mut files: Vec<PathBuf> = vec![
        "Cargo.toml".into(),
        "Cargo.lock".into(),
        ".cargo/config.toml".into(),
    ];
    files.extend(files::list(root, Path::new("src"))?);
    files.sort();
    let mut hash = Sha256::new();
    hash.update(settings);
    for file in files {
        let content = fs::read(root.join(&file))
            .with_context(|| format!("cannot read {}", file.display()))?;
        hash.update(format!("\0{}\0{}\0", file.display(), content.len()));
        hash.update(content);
    }
    Ok(files::hex(&hash.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources() -> tempfile::TempDir {
        let root = tempfile::tempdir().expect("a temporary folder");
        for folder in ["src/kernels", ".cargo"] {
            fs::create_dir_all(root.path().join(folder)).expect("a folder");
        }
        for file in [
            "Cargo.toml",
            "Cargo.lock",
            ".cargo/config.toml",
            "src/lib.rs",
            "src/kernels/adam.rs",
        ] {
            fs::write(root.path().join(file), file).expect("a file");
        }
        root
    }

    fn digest_of(root: &tempfile::TempDir) -> String {
        digest(root.path(), "cpu").expect("all sources are there")
    }

    #[test]
    fn the_digest_stays_while_nothing_changes_and_ignores_other_files() {
        let root = sources();
        let before = digest_of(&root);
        fs::write(root.path().join("README.md"), "text").expect("a file");
        assert_eq!(digest_of(&root), before);
    }

    #[test]
    fn the_digest_changes_with_every_source_and_setting() {
        let root = sources();
        let before = digest_of(&root);
        for file in ["Cargo.lock", ".cargo/config.toml", "src/kernels/adam.rs"] {
            fs::write(root.path().join(file), "changed").expect("a file");
            assert_ne!(digest_of(&root), before, "{file}");
            fs::write(root.path().join(file), file).expect("a file");
            assert_eq!(digest_of(&root), before, "{file}");
        }
        fs::rename(
            root.path().join("src/lib.rs"),
            root.path().join("src/main.rs"),
        )
        .expect("a file");
        assert_ne!(digest_of(&root), before);
        fs::rename(
            root.path().join("src/main.rs"),
            root.path().join("src/lib.rs"),
        )
        .expect("a file");
        assert_ne!(
            digest(root.path(), "webgpu").expect("all sources are there"),
            before
        );
    }

    #[test]
    fn a_package_is_current_only_when_whole_and_of_the_same_stamp() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for file in OUTPUTS {
            fs::write(folder.path().join(file), "").expect("a file");
        }
        assert!(!is_current(folder.path(), "a"), "without a stamp");
        fs::write(folder.path().join(STAMP), "a").expect("a file");
        assert!(is_current(folder.path(), "a"));
        assert!(!is_current(folder.path(), "b"), "of another stamp");
        fs::remove_file(folder.path().join(OUTPUTS[1])).expect("a file");
        assert!(!is_current(folder.path(), "a"), "without its wasm file");
    }
}
