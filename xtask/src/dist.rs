//! `cargo xtask dist`: the page as a folder of plain files for any static host, under any path prefix.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

use crate::{
    files,
    pkg::{self, Kind},
    process::{root, step},
};

/// Ends of names that are for development only.
const DEVELOPMENT: [&str; 6] = [
    ".d.ts",
    ".test.js",
    ".stamp",
    ".gitignore",
    "package.json",
    "tsconfig.json",
];

/// Texts by which a file would ask for the root of its host, where the page need not be.
const ABSOLUTE: [&str; 12] = [
    "src=\"/",
    "href=\"/",
    "url(/",
    "url(\"/",
    "from \"/",
    "from '/",
    "import(\"/",
    "import('/",
    "\"/pkg/",
    "'/pkg/",
    "\"/data/",
    "'/data/",
];

/// Extensions of what hosts serve compressed.
const COMPRESSED: [&str; 5] = ["html", "css", "js", "json", "wasm"];

/// Folder of the judges, which are loaded when one is first shown. A host does not know that they compress well.
const JUDGES: &str = "judge";

/// Bytes, compressed, that may be loaded before the first training step, data aside: the page with all its scripts, those of the explainer
/// too, and the package; on WebGPU also the CPU's, which the page begins with.
const BUDGETS: [(Kind, &[Kind], usize); 3] = [
    (Kind::Cpu, &[Kind::Cpu], 600 << 10),
    (Kind::CpuFma, &[Kind::CpuFma], 600 << 10),
    (Kind::Webgpu, &[Kind::Webgpu, Kind::CpuFma], 2400 << 10),
];

/// One file of the folder, its path relative to it.
struct Entry {
    path: PathBuf,
    raw: usize,
    gzipped: usize,
}

/// Builds everything and puts `dist/` together anew.
pub fn run() -> Result<()> {
    pkg::build(&Kind::ALL)?;
    let entries = step("put together dist/", || {
        let dist = root().join("dist");
        files::remove(&dist)?;
        copy(&root().join("www"), &dist)?;
        for kind in Kind::ALL {
            copy(&kind.folder(), &dist.join("pkg").join(kind.name()))?;
        }
        // Tells GitHub Pages to serve the files as they are.
        fs::write(dist.join(".nojekyll"), "")?;
        check_urls(&dist)?;
        compress(&dist)
    })?;
    report(&entries)
}

/// Copies what belongs on a host.
fn copy(from: &Path, to: &Path) -> Result<()> {
    for file in files::list(from, Path::new(""))?
        .into_iter()
        .filter(|file| is_served(file))
    {
        let target = to.join(&file);
        fs::create_dir_all(target.parent().expect("it lies in the folder"))?;
        fs::copy(from.join(&file), &target)
            .with_context(|| format!("cannot copy {}", file.display()))?;
    }
    Ok(())
}

/// Whether a file is part of the page, rather than of its making.
fn is_served(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    !name.starts_with('.') && !DEVELOPMENT.iter().any(|end| name.ends_with(end))
}

/// Fails if a text file asks for an address from the root of its host.
fn check_urls(dist: &Path) -> Result<()> {
    for file in files::list(dist, Path::new(""))? {
        if [Some("html"), Some("js"), Some("css")]
            .contains(&file.extension().and_then(OsStr::to_str))
        {
            let text =
                fs::read_to_string(dist.join(&file)).with_context(|| file.display().to_string())?;
            let found = ABSOLUTE.iter().find(|absolute| text.contains(**absolute));
            ensure!(
                found.is_none(),
                "{} has `{}`, expected relative addresses only",
                file.display(),
                found.unwrap_or(&"")
            );
        }
    }
    Ok(())
}

/// Writes `<file>.gz` beside each file that hosts serve compressed, for those that take such copies; gives all files but these with their
/// sizes.
fn compress(dist: &Path) -> Result<Vec<Entry>> {
    let files = files::list(dist, Path::new(""))?;
    let weighed = files.into_iter().map(|path| {
        let bytes = fs::read(dist.join(&path))?;
        let extension = path
            .extension()
            .and_then(OsStr::to_str)
            .unwrap_or_default()
            .to_owned();
        let gzipped = if extension == "gz" {
            bytes.len()
        } else {
            let gzipped = files::gzip(&bytes);
            if COMPRESSED.contains(&extension.as_str()) || path.starts_with(JUDGES) {
                let mut copy = path.clone().into_os_string();
                copy.push(".gz");
                fs::write(dist.join(copy), &gzipped)?;
            }
            gzipped.len()
        };
        Ok(Entry {
            path,
            raw: bytes.len(),
            gzipped,
        })
    });
    weighed.collect()
}

/// Prints the sizes, and fails if too much is loaded before the first step.
fn report(entries: &[Entry]) -> Result<()> {
    let sum = |title: &str, belongs: &dyn Fn(&Path) -> bool| {
        let chosen = || entries.iter().filter(|entry| belongs(&entry.path));
        let (raw, gzipped) = (
            chosen().map(|entry| entry.raw).sum::<usize>(),
            chosen().map(|entry| entry.gzipped).sum(),
        );
        println!("{title:<48} {raw:>12} {gzipped:>12}");
        gzipped
    };
    let is_page = |path: &Path| {
        let others = ["pkg", "data", JUDGES];
        !others.iter().any(|folder| path.starts_with(folder))
    };
    // A page of its own, which the playground does not load.
    let is_of_benchmark =
        |path: &Path| path.starts_with("bench") || path == Path::new("bench.html");
    let is_of = |path: &Path, kind: Kind| path.starts_with(Path::new("pkg").join(kind.name()));
    println!("{:<48} {:>12} {:>12}", "dist/", "bytes", "bytes gzip'd");
    sum("page and its libraries", &is_page);
    for kind in Kind::ALL {
        sum(&format!("pkg/{}", kind.name()), &|path| is_of(path, kind));
    }
    sum("data", &|path| path.starts_with("data"));
    sum("judges", &|path| path.starts_with(JUDGES));
    sum("all", &|_| true);
    for (kind, packages, budget) in BUDGETS {
        let is_first = |path: &Path| {
            (is_page(path) && !is_of_benchmark(path))
                || packages.iter().any(|&kind| is_of(path, kind))
        };
        let gzipped: usize = sum(
            &format!("loaded before the first step, data aside ({})", kind.name()),
            &is_first,
        );
        ensure!(
            gzipped <= budget,
            "{gzipped} bytes are loaded before the first step, expected at most {budget}"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compressed_copies_lie_beside_what_hosts_compress_and_are_not_counted() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::create_dir(folder.path().join(JUDGES)).expect("writable");
        for name in ["a.js", "b.bin", "c.bin.gz", "judge/d.bin"] {
            fs::write(folder.path().join(name), "digits digits digits").expect("writable");
        }
        let entries = compress(folder.path()).expect("readable");
        assert_eq!(entries.len(), 4);
        let copy = fs::read(folder.path().join("a.js.gz")).expect("there is a copy");
        assert_eq!(copy, files::gzip(b"digits digits digits"));
        assert_eq!(entries[0].gzipped, copy.len());
        assert!(!folder.path().join("b.bin.gz").exists());
        assert!(folder.path().join("judge/d.bin.gz").exists());
    }

    #[test]
    fn only_what_a_host_serves_is_copied() {
        for served in [
            "index.html",
            "views/faces.js",
            "data/README.md",
            "data/mnist/train-0.bin.gz",
            "gan_playground_bg.wasm",
        ] {
            assert!(is_served(Path::new(served)), "{served}");
        }
        for kept in [
            "protocol.d.ts",
            ".stamp",
            ".gitignore",
            "cpu/package.json",
            "gan_playground_bg.wasm.d.ts",
            "source.test.js",
        ] {
            assert!(!is_served(Path::new(kept)), "{kept}");
        }
    }

    #[test]
    fn an_address_from_the_hosts_root_is_found() {
        let dist = tempfile::tempdir().expect("a temporary folder");
        fs::write(
            dist.path().join("index.html"),
            "<script src=\"./main.js\"></script> <a href=\"https://x/y\">",
        )
        .expect("a file");
        assert!(check_urls(dist.path()).is_ok());
        fs::write(
            dist.path().join("main.js"),
            "import { View } from '/views/view.js';",
        )
        .expect("a file");
        let error = check_urls(dist.path())
            .expect_err("it has an absolute address")
            .to_string();
        assert!(
            error.contains("main.js") && error.contains("from '/"),
            "{error}"
        );
    }

    #[test]
    fn too_large_a_first_load_is_an_error() {
        let entry = |path: &str, gzipped| Entry {
            path: path.into(),
            raw: gzipped,
            gzipped,
        };
        let data = || entry("data/mnist/train-0.bin.gz", 9_000_000);
        let judge = || entry("judge/mnist.bin", 9_000_000);
        for (package, limit) in [
            ("cpu", 600 << 10),
            ("cpu-fma", 600 << 10),
            ("webgpu", 2400 << 10),
        ] {
            let wasm = |bytes| entry(&format!("pkg/{package}/g.wasm"), bytes);
            let page = || entry("index.html", 1000);
            assert!(
                report(&[wasm(limit - 1000), page(), data(), judge()]).is_ok(),
                "{package}"
            );
            assert!(
                report(&[wasm(limit - 999), page(), data(), judge()]).is_err(),
                "{package}"
            );
        }
    }
}
