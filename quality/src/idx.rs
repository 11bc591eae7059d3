//! The idx files in which `cargo xtask data` leaves the images, and in which samples are written for other scorers.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};

/// Pixels of an image.
pub const PIXELS: usize = SIDE * SIDE;
/// Pixels of a row, and rows.
pub const SIDE: usize = 28;
/// Magic number of a file of labels: unsigned bytes in one dimension.
const LABELS: u32 = 0x0801;
/// Magic number of a file of images: unsigned bytes in three dimensions.
const IMAGES: u32 = 0x0803;

/// Images of 28×28 grey pixels, 0 to 255, with their labels.
pub struct Images {
    /// One class number an image.
    pub labels: Vec<u8>,
    /// All images, one after the other, row by row.
    pub pixels: Vec<u8>,
}

impl Images {
    /// Reads `<half>-images-idx3-ubyte` and `<half>-labels-idx1-ubyte`; `half` is `train` or `t10k`.
    pub fn read(folder: &Path, half: &str) -> Result<Self> {
        let [images, labels] = ["images-idx3", "labels-idx1"].map(|kind| {
            let path = folder.join(format!("{half}-{kind}-ubyte"));
            fs::read(&path).with_context(|| {
                format!(
                    "cannot read {}: `cargo xtask quality` puts it there",
                    path.display()
                )
            })
        });
        Self::parse(&images?, &labels?)
            .with_context(|| format!("{half} files in {}", folder.display()))
    }

    fn parse(images: &[u8], labels: &[u8]) -> Result<Self> {
        let pixels = body(images, &images_header).context("images")?;
        let labels = body(labels, &|count| vec![LABELS, count]).context("labels")?;
        ensure!(
            labels.len() * PIXELS == pixels.len(),
            "there are {} labels for {} images",
            labels.len(),
            pixels.len() / PIXELS
        );
        Ok(Self {
            labels: labels.to_vec(),
            pixels: pixels.to_vec(),
        })
    }

    /// Pixels of the image number `index`.
    pub fn image(&self, index: usize) -> &[u8] {
        &self.pixels[index * PIXELS..][..PIXELS]
    }
}

/// The bytes of a file of images.
pub fn write_images(pixels: &[u8]) -> Vec<u8> {
    let count = u32::try_from(pixels.len() / PIXELS).expect("fewer images than 2^32");
    let header = images_header(count).into_iter();
    header
        .flat_map(u32::to_be_bytes)
        .chain(pixels.iter().copied())
        .collect()
}

fn images_header(count: u32) -> Vec<u32> {
    vec![IMAGES, count, SIDE as u32, SIDE as u32]
}

/// What follows the header, which must be `header(count)` for as many values as there are.
fn body<'a>(bytes: &'a [u8], header: &dyn Fn(u32) -> Vec<u32>) -> Result<&'a [u8]> {
    let number = |at: usize| Some(u32::from_be_bytes(*bytes.get(4 * at..)?.first_chunk()?));
    let count = number(1).context("the file ends within its header")?;
    let expected = header(count);
    let found: Vec<_> = (0..expected.len()).filter_map(number).collect();
    ensure!(
        found == expected,
        "its header is {found:?}, expected {expected:?}"
    );
    let values = &bytes[4 * expected.len()..];
    let len: usize = expected[1..].iter().map(|size| *size as usize).product();
    ensure!(
        values.len() == len,
        "it has {} values, its header says {len}",
        values.len()
    );
    Ok(values)
}

/// A pixel as the networks see it: 0 to 255 becomes -1 to 1.
pub fn to_value(pixel: u8) -> f32 {
    (f32::from(pixel) - 127.5) / 127.5
}

/// The pixel nearest to a value of -1 to 1; values beyond (also NaN) become the nearest end.
pub fn to_pixel(value: f32) -> u8 {
    // `as` saturates, and makes 0 of NaN.
    ((value + 1.0) * 127.5).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pixel_comes_back_from_its_value() {
        for pixel in 0..=255 {
            assert_eq!(to_pixel(to_value(pixel)), pixel);
        }
        assert_eq!(
            [-1.0, 0.0, 1.0, -3.0, 3.0].map(to_pixel),
            [0, 128, 255, 0, 255]
        );
    }

    #[test]
    fn images_come_back_as_they_were_written() {
        let pixels: Vec<u8> = (0..2 * PIXELS).map(|at| (at % 251) as u8).collect();
        let bytes = write_images(&pixels);
        assert_eq!(
            bytes[..16],
            [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 28, 0, 0, 0, 28]
        );
        let images = Images::parse(&bytes, &[0, 0, 8, 1, 0, 0, 0, 2, 7, 3]).expect("sound files");
        assert_eq!(images.pixels, pixels);
        assert_eq!(
            (images.labels.as_slice(), images.image(1)),
            (&[7, 3][..], &pixels[PIXELS..])
        );
        assert!(Images::parse(&bytes, &[0, 0, 8, 1, 0, 0, 0, 1, 7]).is_err());
    }

    #[test]
    fn a_file_of_another_kind_size_or_length_is_an_error() {
        let sound = write_images(&[0; PIXELS]);
        let mut other_size = sound.clone();
        other_size[11] = 27;
        for bytes in [
            &sound[..3],
            &sound[..15],
            &sound[..sound.len() - 1],
            &[&sound[..], &[0]].concat(),
            &other_size,
            &[0, 0, 8, 1, 0, 0, 0, 1, 7],
        ] {
            assert!(body(bytes, &images_header).is_err());
        }
    }
}
