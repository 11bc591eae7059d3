//! The shard: the small binary file, before gzip, that the page loads a run of images from.
//!
//! | bytes | content |
//! | --- | --- |
//! | 0–7 | `GANSHARD` in ASCII |
//! | 8 | version, 1 |
//! | 9 | reserved, 0 |
//! | 10–11 | width, 16 bits, little-endian |
//! | 12–13 | height, likewise |
//! | 14–15 | count of images, likewise |
//! | then `count` bytes | labels |
//! | then `count * width * height` bytes | pixels, image by image, row by row from the top left; 0 black to 255 white |

use anyhow::{Result, ensure};

use crate::Images;

const MAGIC: &[u8; 8] = b"GANSHARD";
const VERSION: u8 = 1;
/// Bytes before the labels.
const HEADER_LEN: usize = 16;

impl Images {
    /// The bytes of a shard of these images.
    ///
    /// # Errors
    /// If there are more images than the header can say, or the pixels are not those of all labels.
    pub fn encode(&self) -> Result<Vec<u8>> {
        let (count, pixels) = (self.labels.len(), self.pixels.len());
        let expected = count * self.image_len();
        ensure!(
            pixels == expected,
            "shard has {pixels} pixels, expected {expected} for {count} labels"
        );
        ensure!(
            count <= usize::from(u16::MAX),
            "shard has {count} images, expected at most {}",
            u16::MAX
        );
        let mut bytes = Vec::with_capacity(HEADER_LEN + count + pixels);
        bytes.extend(MAGIC);
        bytes.extend([VERSION, 0]);
        for number in [
            self.width,
            self.height,
            u16::try_from(count).expect("checked above"),
        ] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend(&self.labels);
        bytes.extend(&self.pixels);
        Ok(bytes)
    }

    /// Reads what [`Images::encode`] wrote.
    ///
    /// # Errors
    /// If the header is not one of this version, or the file is not exactly as long as it says.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let len = bytes.len();
        ensure!(
            len >= HEADER_LEN,
            "shard has {len} bytes, expected at least {HEADER_LEN}"
        );
        ensure!(
            bytes.starts_with(MAGIC),
            "shard does not start with GANSHARD"
        );
        ensure!(
            bytes[8..10] == [VERSION, 0],
            "shard is of version {} {}, expected {VERSION} 0",
            bytes[8],
            bytes[9]
        );
        let number = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
        let (width, height, count) = (number(10), number(12), usize::from(number(14)));
        let expected = HEADER_LEN + count * (1 + usize::from(width) * usize::from(height));
        ensure!(
            len == expected,
            "shard has {len} bytes, expected {expected} for {count} images of {width}x{height}"
        );
        let (labels, pixels) = bytes[HEADER_LEN..].split_at(count);
        Ok(Self {
            width,
            height,
            labels: labels.to_vec(),
            pixels: pixels.to_vec(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shard() -> Images {
        Images {
            width: 3,
            height: 2,
            labels: vec![7, 9],
            pixels: (0..12).collect(),
        }
    }

    #[test]
    fn a_shard_comes_back_as_it_went() {
        let bytes = shard().encode().expect("a sound shard");
        assert_eq!(bytes.len(), HEADER_LEN + 2 + 12);
        assert_eq!(
            bytes[..HEADER_LEN],
            *b"GANSHARD\x01\x00\x03\x00\x02\x00\x02\x00"
        );
        assert_eq!(Images::decode(&bytes).expect("a sound shard"), shard());
    }

    #[test]
    fn a_wrong_length_or_header_is_an_error() {
        let sound = shard().encode().expect("a sound shard");
        let changed = |at: usize, value: u8| {
            let mut bytes = sound.clone();
            bytes[at] = value;
            bytes
        };
        for (bytes, expected) in [
            (sound[..15].to_vec(), "expected at least 16"),
            (
                sound[..sound.len() - 1].to_vec(),
                "shard has 29 bytes, expected 30",
            ),
            (
                [&sound[..], &[0]].concat(),
                "shard has 31 bytes, expected 30",
            ),
            (changed(0, b'g'), "GANSHARD"),
            (changed(8, 2), "version 2 0"),
            (changed(9, 1), "version 1 1"),
            (changed(14, 3), "for 3 images of 3x2"),
        ] {
            let error = Images::decode(&bytes).expect_err(expected);
            assert!(error.to_string().contains(expected), "{error}");
        }
    }

    #[test]
    fn what_the_header_cannot_say_is_not_written() {
        let uneven = Images {
            pixels: vec![0; 11],
            ..shard()
        };
        assert!(uneven.encode().is_err());
        let many = Images {
            width: 1,
            height: 1,
            labels: vec![0; 65_536],
            pixels: vec![0; 65_536],
        };
        assert!(many.encode().is_err());
    }
}
