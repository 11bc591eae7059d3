//! Labelled grey images, and the two kinds of file they are kept in: the [`idx`] files in which MNIST was published, and the shards of
//! `www/data`, which the page loads.
//!
//! `cargo xtask data` makes the shards, `cargo xtask quality` trains on the idx files, and a test of the playground reads a shard.

pub mod idx;
mod shard;

use anyhow::{Result, ensure};

/// Images of one size with their labels. `pixels` has `labels.len() * width * height` bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Images {
    /// Pixels of a row.
    pub width: u16,
    /// Rows of an image.
    pub height: u16,
    /// One class number an image.
    pub labels: Vec<u8>,
    /// All images, one after the other, each row by row from the top left; 0 black to 255 white.
    pub pixels: Vec<u8>,
}

impl Images {
    /// No images of this size.
    pub fn none(width: u16, height: u16) -> Self {
        Self {
            width,
            height,
            labels: Vec::new(),
            pixels: Vec::new(),
        }
    }

    /// Pixels of one image.
    pub fn image_len(&self) -> usize {
        usize::from(self.width) * usize::from(self.height)
    }

    /// Pixels of the image number `index`.
    pub fn image(&self, index: usize) -> &[u8] {
        &self.pixels[index * self.image_len()..][..self.image_len()]
    }

    /// Adds the images of `other` after these.
    ///
    /// # Errors
    /// If they have another size.
    pub fn append(&mut self, other: Self) -> Result<()> {
        let (found, expected) = ((other.width, other.height), (self.width, self.height));
        ensure!(
            found == expected,
            "images are {}x{}, expected {}x{}",
            found.0,
            found.1,
            expected.0,
            expected.1
        );
        self.labels.extend(other.labels);
        self.pixels.extend(other.pixels);
        Ok(())
    }

    /// The images in order, at most `len` at a time.
    pub fn chunks(&self, len: usize) -> impl Iterator<Item = Self> {
        let chunks = self.labels.chunks(len);
        chunks
            .zip(self.pixels.chunks(len * self.image_len()))
            .map(|(labels, pixels)| Self {
                labels: labels.to_vec(),
                pixels: pixels.to_vec(),
                ..*self
            })
    }
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
    fn chunks_put_together_again_are_the_whole() {
        let whole = Images {
            width: 3,
            height: 2,
            labels: vec![7, 9],
            pixels: (0..12).collect(),
        };
        let chunks: Vec<_> = whole.chunks(1).collect();
        assert_eq!(chunks[1].labels, [9]);
        assert_eq!(chunks[1].pixels, [6, 7, 8, 9, 10, 11]);
        assert_eq!(whole.image(1), [6, 7, 8, 9, 10, 11]);
        let mut again = Images::none(3, 2);
        for chunk in chunks {
            again.append(chunk).expect("the same size");
        }
        assert_eq!(again, whole);
        let error = Images::none(2, 3).append(whole).expect_err("another size");
        assert!(error.to_string().contains("3x2, expected 2x3"), "{error}");
    }
}
