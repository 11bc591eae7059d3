//! The idx files in which MNIST was published: a big-endian header, then bytes. A file of images, and a file of their labels.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};

use crate::Images;

/// Magic number of a file of labels: unsigned bytes in one dimension.
const LABELS: u32 = 0x0801;
/// Magic number of a file of images: unsigned bytes in three dimensions.
const IMAGES: u32 = 0x0803;

/// Names of the files of one half of a data set, `train` or `t10k`: images, labels.
pub fn names(half: &str) -> [String; 2] {
    ["images-idx3", "labels-idx1"].map(|kind| format!("{half}-{kind}-ubyte"))
}

/// Reads the two files of one half, `train` or `t10k`, from a folder.
///
/// # Errors
/// If one cannot be read, or they are not as [`parse`] wants them.
pub fn read(folder: &Path, half: &str) -> Result<Images> {
    let [images, labels] = names(half).map(|name| {
        let path = folder.join(name);
        fs::read(&path).with_context(|| format!("cannot read {}", path.display()))
    });
    parse(&images?, &labels?).with_context(|| format!("{half} files in {}", folder.display()))
}

/// Reads the bytes of a file of images and of the file of their labels.
///
/// # Errors
/// If one is of another kind or length than its header says, or there are more or fewer labels than images.
pub fn parse(images: &[u8], labels: &[u8]) -> Result<Images> {
    let ([count, height, width], pixels) = body(images, IMAGES).context("images")?;
    let ([label_count], labels) = body(labels, LABELS).context("labels")?;
    ensure!(
        label_count == count,
        "there are {label_count} labels for {count} images"
    );
    Ok(Images {
        width: u16::try_from(width)?,
        height: u16::try_from(height)?,
        labels: labels.to_vec(),
        pixels: pixels.to_vec(),
    })
}

/// The bytes of the two files that [`parse`] reads: images, labels.
pub fn write(images: &Images) -> [Vec<u8>; 2] {
    let count = count_of(images.labels.len());
    [
        write_pixels(images.width, images.height, &images.pixels),
        file(&[LABELS, count], &images.labels),
    ]
}

/// The bytes of a file of images without labels.
pub fn write_pixels(width: u16, height: u16, pixels: &[u8]) -> Vec<u8> {
    let count = count_of(pixels.len() / (usize::from(width) * usize::from(height)));
    file(&[IMAGES, count, height.into(), width.into()], pixels)
}

fn count_of(images: usize) -> u32 {
    u32::try_from(images).expect("fewer images than 2^32")
}

fn file(header: &[u32], values: &[u8]) -> Vec<u8> {
    let header = header.iter().flat_map(|number| number.to_be_bytes());
    header.chain(values.iter().copied()).collect()
}

/// The sizes of all dimensions and the values, whose number must be their product.
fn body<const N: usize>(bytes: &[u8], magic: u32) -> Result<([usize; N], &[u8])> {
    let header_len = 4 * (N + 1);
    ensure!(
        bytes.len() >= header_len,
        "idx file has {} bytes, expected at least {header_len}",
        bytes.len()
    );
    let (header, values) = bytes.split_at(header_len);
    let mut numbers = header
        .chunks_exact(4)
        .map(|four| u32::from_be_bytes(four.try_into().expect("four bytes")));
    let found = numbers.next().expect("the header is not empty");
    ensure!(
        found == magic,
        "idx file has magic number {found:#06x}, expected {magic:#06x}"
    );
    let sizes: [usize; N] =
        std::array::from_fn(|_| numbers.next().expect("one number a dimension") as usize);
    let expected = sizes
        .iter()
        .try_fold(1usize, |product, size| product.checked_mul(*size));
    ensure!(
        expected == Some(values.len()),
        "idx file has {} values, its header says {sizes:?}",
        values.len()
    );
    Ok((sizes, values))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_images() -> Images {
        Images {
            width: 3,
            height: 2,
            labels: vec![3, 1],
            pixels: (0..12).collect(),
        }
    }

    #[test]
    fn files_come_back_as_they_went() {
        let [images, labels] = write(&two_images());
        assert_eq!(
            images[..16],
            [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3]
        );
        assert_eq!(labels, [0, 0, 8, 1, 0, 0, 0, 2, 3, 1]);
        assert_eq!(parse(&images, &labels).expect("sound files"), two_images());
    }

    #[test]
    fn a_wrong_length_kind_or_number_of_labels_is_an_error() {
        let [images, labels] = write(&two_images());
        for bad in [
            &labels[..7],
            &labels[..9],
            &[&labels[..], &[1]].concat(),
            &images,
            &[0, 0, 8, 1, 0, 0, 0, 1, 3],
        ] {
            assert!(parse(&images, bad).is_err(), "{bad:?}");
        }
        assert!(parse(&labels, &labels).is_err());
        for bad in [
            &images[..3],
            &images[..15],
            &images[..images.len() - 1],
            &[&images[..], &[0]].concat(),
        ] {
            assert!(parse(bad, &labels).is_err(), "{bad:?}");
        }
    }
}
