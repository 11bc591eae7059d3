//! The idx files in which MNIST was published: a big-endian header, then bytes.

use anyhow::{Result, ensure};

/// Magic number of a file of labels: unsigned bytes in one dimension.
const LABELS: u32 = 0x0801;
/// Magic number of a file of images: unsigned bytes in three dimensions.
const IMAGES: u32 = 0x0803;

/// Images of one size.
#[derive(Debug, PartialEq, Eq)]
pub struct Images<'a> {
    /// Rows of an image.
    pub height: u16,
    /// Pixels of a row.
    pub width: u16,
    /// All images, one after the other, row by row; 0 black to 255 white.
    pub pixels: &'a [u8],
}

/// Reads a file of labels.
pub fn labels(bytes: &[u8]) -> Result<&[u8]> {
    let ([_count], labels) = body(bytes, LABELS)?;
    Ok(labels)
}

/// Reads a file of images.
pub fn images(bytes: &[u8]) -> Result<Images<'_>> {
    let ([_count, height, width], pixels) = body(bytes, IMAGES)?;
    Ok(Images {
        height: u16::try_from(height)?,
        width: u16::try_from(width)?,
        pixels,
    })
}

/// The bytes of a file of labels.
pub fn write_labels(labels: &[u8]) -> Vec<u8> {
    let count = u32::try_from(labels.len()).expect("fewer labels than 2^32");
    [&LABELS.to_be_bytes(), &count.to_be_bytes(), labels].concat()
}

/// The bytes of a file of images.
pub fn write_images(images: &Images<'_>) -> Vec<u8> {
    let (height, width) = (u32::from(images.height), u32::from(images.width));
    let count = images.pixels.len() / (height * width) as usize;
    let count = u32::try_from(count).expect("fewer images than 2^32");
    let header = [IMAGES, count, height, width]
        .map(u32::to_be_bytes)
        .concat();
    [&header, images.pixels].concat()
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

    #[test]
    fn files_come_back_as_they_went() {
        assert_eq!(
            labels(&write_labels(&[3, 1, 4])).expect("a sound file"),
            [3, 1, 4]
        );
        let pixels: Vec<u8> = (0..12).collect();
        let written = write_images(&Images {
            height: 2,
            width: 3,
            pixels: &pixels,
        });
        assert_eq!(
            written[..16],
            [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3]
        );
        assert_eq!(
            images(&written).expect("a sound file"),
            Images {
                height: 2,
                width: 3,
                pixels: &pixels
            }
        );
    }

    #[test]
    fn a_wrong_length_or_kind_is_an_error() {
        let sound = write_labels(&[3, 1, 4]);
        for bytes in [&sound[..7], &sound[..10], &[&sound[..], &[1]].concat()] {
            assert!(labels(bytes).is_err(), "{bytes:?}");
        }
        assert!(images(&[sound, vec![0; 16]].concat()).is_err());
    }
}
