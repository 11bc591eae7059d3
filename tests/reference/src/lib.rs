//! The reference runs that `tests/parity.rs` compares with, as part of the test itself: a browser has no files.
//!
//! They come from the folder that `GAN_FIXTURES` names when this is built (relative to the workspace), by default `tests/fixtures/steps`.

include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// The file at `path`, relative to the folder.
///
/// # Panics
/// If there is none.
pub fn file(path: &str) -> &'static [u8] {
    FILES
        .iter()
        .find(|(name, _)| *name == path)
        .unwrap_or_else(|| panic!("{FOLDER} holds no {path}"))
        .1
}
