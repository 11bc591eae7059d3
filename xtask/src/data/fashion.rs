//! Fashion-MNIST, from a package that keeps it class by class, with the order of the published files lost.
//!
//! The images of a class stand in their published order, its first 1,000 from the test files, the next 6,000 from the
//! training files. Between the classes we choose an order: image i of class 0, of class 1, ... of class 9, then image i + 1.

use anyhow::{Context, Result, ensure};
use images::Images;
use serde::Deserialize;

use super::{DataSet, Half, package::Package};
use crate::files;

/// Fashion-MNIST, its first release.
pub const SET: DataSet = DataSet {
    id: "fashion-mnist",
    name: "Fashion-MNIST",
    package: "fashion-mnist@1.1.0",
    original: "the images of Zalando Research (first release, before 31 August 2017)",
    licence: "MIT",
    classes: [
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ],
    read,
    verify,
};

const CLASSES: usize = 10;
/// Side of an image, in pixels.
const SIDE: u16 = 28;
const IMAGE_LEN: usize = SIDE as usize * SIDE as usize;
/// Test images of a class, which come first.
const TEST_LEN: usize = 1000;
/// Training images of a class.
const TRAINING_LEN: usize = 6000;

/// Figures by which a half is recognised. They come from the package, since nobody published a digest of the first release.
struct Fingerprint {
    /// Images of each class.
    class_len: usize,
    /// SHA-256 of the pixels of class 0, of class 1, ..., of class 9, then of their labels in the same order.
    sha256: &'static str,
    /// Mean of all pixels, three decimals. The current release has 72.940 for the training images.
    mean: &'static str,
}

fn fingerprint(half: Half) -> Fingerprint {
    match half {
        Half::Training => Fingerprint {
            class_len: TRAINING_LEN,
            sha256: "c594b2f06177668dcfb71bc5f33c36707f6b8a565060a953847e1fbaf99382d3",
            mean: "72.957",
        },
        Half::Test => Fingerprint {
            class_len: TEST_LEN,
            sha256: "a488c99567d67514f78ef3003a912b191f3092547bb06ec449e1029eba49f3c1",
            mean: "73.161",
        },
    }
}

/// One file of the package.
#[derive(Deserialize)]
struct ClassFile {
    data: Vec<Vec<u8>>,
}

fn read(package: &Package, half: Half) -> Result<Images> {
    let names: [String; CLASSES] = std::array::from_fn(|class| format!("src/clothes/{class}.json"));
    let bytes = package.files(names.each_ref().map(String::as_str))?;
    let mut classes = Vec::new();
    for (name, bytes) in names.iter().zip(&bytes) {
        classes.push(class_images(bytes, half).with_context(|| name.clone())?);
    }
    Ok(interleave(&classes))
}

/// The images of this half in one file of the package.
fn class_images(json: &[u8], half: Half) -> Result<Vec<Vec<u8>>> {
    let file: ClassFile = serde_json::from_slice(json)?;
    // Class 0 has two empty rows, which stand for no image.
    let images: Vec<_> = file
        .data
        .into_iter()
        .filter(|row| !row.is_empty())
        .collect();
    let expected = TEST_LEN + TRAINING_LEN;
    ensure!(
        images.len() == expected,
        "it has {} images, expected {expected}",
        images.len()
    );
    for (index, image) in images.iter().enumerate() {
        ensure!(
            image.len() == IMAGE_LEN,
            "image {index} has {} pixels, expected {IMAGE_LEN}",
            image.len()
        );
    }
    let (test, training) = images.split_at(TEST_LEN);
    Ok(match half {
        Half::Training => training.to_vec(),
        Half::Test => test.to_vec(),
    })
}

/// One image of each class in turn.
fn interleave(classes: &[Vec<Vec<u8>>]) -> Images {
    let mut images = Images::none(SIDE, SIDE);
    for index in 0..classes[0].len() {
        for (label, class) in (0..).zip(classes) {
            images.labels.push(label);
            images.pixels.extend(&class[index]);
        }
    }
    images
}

/// Puts the package's order together again and compares its digest.
fn verify(images: &Images, half: Half) -> Result<()> {
    let expected = fingerprint(half);
    let (labels, pixels) = (&images.labels, &images.pixels);
    ensure!(
        (images.width, images.height) == (SIDE, SIDE)
            && pixels.len() == CLASSES * expected.class_len * IMAGE_LEN,
        "Fashion-MNIST has {} images of {}x{}, expected {} of {SIDE}x{SIDE}",
        labels.len(),
        images.width,
        images.height,
        CLASSES * expected.class_len
    );
    ensure!(
        (0..labels.len()).all(|index| usize::from(labels[index]) == index % CLASSES),
        "the classes of Fashion-MNIST do not stand in turn"
    );
    let mean = pixels.iter().map(|pixel| f64::from(*pixel)).sum::<f64>() / pixels.len() as f64;
    ensure!(
        format!("{mean:.3}") == expected.mean,
        "Fashion-MNIST has a mean pixel of {mean:.3}, expected {}",
        expected.mean
    );
    let sha256 = files::sha256(&in_package_order(images));
    ensure!(
        sha256 == expected.sha256,
        "Fashion-MNIST has SHA-256 {sha256}, expected {}",
        expected.sha256
    );
    Ok(())
}

/// All pixels class by class, then all labels.
fn in_package_order(images: &Images) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(images.pixels.len() + images.labels.len());
    for class in 0..CLASSES {
        let rows = images.pixels.chunks_exact(IMAGE_LEN).skip(class);
        bytes.extend(rows.step_by(CLASSES).flatten());
    }
    let mut labels = images.labels.clone();
    labels.sort_unstable();
    bytes.extend(labels);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The file of a class whose image number i is filled with i mod 251, with empty rows before image 1000 and at the end.
    fn file(images: usize) -> Vec<u8> {
        let row =
            |index: usize| format!("[{}]", vec![(index % 251).to_string(); IMAGE_LEN].join(","));
        let mut rows: Vec<String> = (0..images).map(row).collect();
        rows.insert(TEST_LEN, "[]".to_owned());
        rows.push("[]".to_owned());
        format!("{{\"data\":[{}]}}", rows.join(",")).into_bytes()
    }

    #[test]
    fn empty_rows_are_skipped_and_the_first_thousand_images_are_the_test_images() {
        let file = file(TEST_LEN + TRAINING_LEN);
        let test = class_images(&file, Half::Test).expect("a sound file");
        let training = class_images(&file, Half::Training).expect("a sound file");
        assert_eq!((test.len(), training.len()), (TEST_LEN, TRAINING_LEN));
        assert_eq!(test[999], [(999 % 251) as u8; IMAGE_LEN]);
        assert_eq!(training[0], [(1000 % 251) as u8; IMAGE_LEN]);
        assert_eq!(training[5999], [(6999 % 251) as u8; IMAGE_LEN]);
    }

    #[test]
    fn a_file_with_an_image_too_few_or_a_short_image_is_an_error() {
        let error = class_images(&file(6999), Half::Training).expect_err("an image is missing");
        assert!(error.to_string().contains("6999 images"), "{error}");
        let error = class_images(br#"{"data": [[256]]}"#, Half::Training).expect_err("no byte");
        assert!(error.to_string().contains("256"), "{error}");
    }

    #[test]
    fn classes_stand_in_turn_and_go_back_to_the_order_of_the_package() {
        let class = |label: u8| vec![vec![10 * label; IMAGE_LEN], vec![10 * label + 1; IMAGE_LEN]];
        let classes: Vec<_> = (0..10).map(class).collect();
        let images = interleave(&classes);
        assert_eq!(images.labels[..12], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]);
        assert_eq!(images.pixels[11 * IMAGE_LEN], 11);
        let labels: Vec<u8> = (0..10).flat_map(|label| [label; 2]).collect();
        let expected: Vec<u8> = classes
            .into_iter()
            .flatten()
            .flatten()
            .chain(labels)
            .collect();
        assert_eq!(in_package_order(&images), expected);
    }

    #[test]
    fn another_number_or_order_of_images_is_an_error() {
        let none = Images::none(SIDE, SIDE);
        let error = verify(&none, Half::Test)
            .expect_err("no images")
            .to_string();
        assert!(
            error.contains("0 images") && error.contains("10000"),
            "{error}"
        );
        let unordered = Images {
            labels: vec![0; CLASSES * TEST_LEN],
            pixels: vec![0; CLASSES * TEST_LEN * IMAGE_LEN],
            ..none
        };
        let error = verify(&unordered, Half::Test).expect_err("one class");
        assert!(error.to_string().contains("in turn"), "{error}");
    }
}
