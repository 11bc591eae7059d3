//! `index.json`, by which the page finds and checks the shards, and the same figures as a table for people.

use std::fmt::Write as _;

use anyhow::{Context, Result};
use flate2::read::GzDecoder;
use images::Images;
use serde::{Deserialize, Serialize};

use crate::files;

/// A data set as `index.json` says it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Manifest {
    /// Name for people.
    pub name: String,
    /// Where the images come from.
    pub source: String,
    /// Licence of the images.
    pub licence: String,
    /// Pixels of a row.
    pub width: u16,
    /// Rows of an image.
    pub height: u16,
    /// Name of each label.
    pub classes: Vec<String>,
    /// The shards, in order.
    pub shards: Vec<ShardEntry>,
}

/// One shard in `index.json`.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ShardEntry {
    /// File name beside `index.json`.
    pub file: String,
    /// Images in it.
    pub count: usize,
    /// Bytes of the file.
    pub gzip_bytes: usize,
    /// Bytes of its unpacked content.
    pub bytes: usize,
    /// SHA-256 of the file, in hex.
    pub gzip_sha256: String,
    /// SHA-256 of its unpacked content, in hex.
    pub sha256: String,
}

impl ShardEntry {
    /// The entry of a gzip'd shard, which must be sound, and its images.
    pub fn of(file: &str, gzipped: &[u8]) -> Result<(Self, Images)> {
        let mut bytes = Vec::new();
        let mut decoder = GzDecoder::new(gzipped);
        std::io::copy(&mut decoder, &mut bytes)
            .with_context(|| format!("{file} is not sound gzip"))?;
        let shard = Images::decode(&bytes).with_context(|| file.to_owned())?;
        let entry = Self {
            file: file.to_owned(),
            count: shard.labels.len(),
            gzip_bytes: gzipped.len(),
            bytes: bytes.len(),
            gzip_sha256: files::sha256(gzipped),
            sha256: files::sha256(&bytes),
        };
        Ok((entry, shard))
    }
}

impl Manifest {
    /// The text of `index.json`.
    pub fn to_json(&self) -> String {
        let mut text =
            serde_json::to_string_pretty(self).expect("strings and numbers always serialise");
        text.push('\n');
        text
    }

    /// The table of shards of the data set's README.
    pub fn table(&self) -> String {
        let mut table = "| file | images | bytes gzip'd | SHA-256 of the gzip'd file | bytes unpacked | SHA-256 unpacked |\n\
                         | --- | ---: | ---: | --- | ---: | --- |\n"
            .to_owned();
        for shard in &self.shards {
            let ShardEntry {
                file,
                count,
                gzip_bytes,
                bytes,
                gzip_sha256,
                sha256,
            } = shard;
            writeln!(
                table,
                "| `{file}` | {count} | {gzip_bytes} | `{gzip_sha256}` | {bytes} | `{sha256}` |"
            )
            .expect("writing to a string cannot fail");
        }
        let total: usize = self.shards.iter().map(|shard| shard.gzip_bytes).sum();
        let count: usize = self.shards.iter().map(|shard| shard.count).sum();
        writeln!(table, "| all | {count} | {total} | | | |")
            .expect("writing to a string cannot fail");
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_tells_what_is_in_the_file() {
        let shard = Images {
            width: 2,
            height: 1,
            labels: vec![1],
            pixels: vec![0, 255],
        };
        let gzipped = files::gzip(&shard.encode().expect("a sound shard"));
        let (entry, read) = ShardEntry::of("a.bin.gz", &gzipped).expect("a sound file");
        assert_eq!(read, shard);
        assert_eq!(
            (entry.count, entry.bytes, entry.gzip_bytes),
            (1, 19, gzipped.len())
        );
    }

    #[test]
    fn a_truncated_or_changed_file_is_an_error_that_names_it() {
        let shard = Images {
            width: 2,
            height: 1,
            labels: vec![1],
            pixels: vec![0, 255],
        };
        let mut gzipped = files::gzip(&shard.encode().expect("a sound shard"));
        assert!(ShardEntry::of("a.bin.gz", &gzipped[..gzipped.len() - 9]).is_err());
        *gzipped.last_mut().expect("it is not empty") ^= 1;
        let error = ShardEntry::of("a.bin.gz", &gzipped).expect_err("its length field is wrong");
        assert!(error.to_string().contains("a.bin.gz"), "{error}");
    }
}
