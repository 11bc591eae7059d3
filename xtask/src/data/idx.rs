//! The idx files in which MNIST was published: a big-endian header, then bytes.

use anyhow::{Result, ensure};

use super::images::Images;

/// Magic number of a file of labels: unsigned bytes in one dimension.
const LABELS: u32 = 0x0801;
/// Magic number of a file of images: unsigned bytes in three dimensions.
const IMAGES: u32 = 0x0803;

/// Reads a file of images and the file of their labels.
pub fn read(images: &[u8], labels: &[u8]) -> Result<Images> {
    let ([count, height, width], pixels) = body(images, IMAGES)?;
    let ([label_count], labels) = body(labels, LABELS)?;
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

/// The bytes of the two files that [`read`] reads.
pub fn write(images: &Images) -> [Vec<u8>; 2] {
    let count = u32::try_from(images.labels.len()).expect("fewer images than 2^32");
    let file = |header: &[u32], values: &[u8]| {
        let header: Vec<u8> = header
            .iter()
            .flat_map(|number| number.to_be_bytes())
            .collect();
        [&header, values].concat()
    };
    let (height, width) = (images.height.into(), images.width.into());
    [
        file(&[IMAGES, count, height, width], &images.pixels),
        file(&[LABELS, count], &images.labels),
    ]
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
        assert_eq!(read(&images, &labels).expect("sound files"), two_images());
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
            assert!(read(&images, bad).is_err(), "{bad:?}");
        }
        assert!(read(&labels, &labels).is_err());
    }
}
