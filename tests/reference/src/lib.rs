//! The reference runs that `tests/parity.rs` compares with, as part of the test itself: a browser has no files.
//!
//! They come from the folder that `GAN_FIXTURES` names when this is built (relative to the workspace), by default from `tests/fixtures/steps`
//! and `tests/fixtures/steps2`.

/// A folder of reference runs.
pub struct Folder {
    /// Where it was read from.
    pub path: &'static str,
    /// Path, relative to the folder, and content of every file.
    pub files: &'static [(&'static str, &'static [u8])],
}

include!(concat!(env!("OUT_DIR"), "/files.rs"));

impl Folder {
    /// The file at `path`, relative to the folder, if there is one.
    pub fn find(&self, path: &str) -> Option<&'static [u8]> {
        let mut files = self.files.iter();
        files.find(|(name, _)| *name == path).map(|(_, file)| *file)
    }

    /// The file at `path`, relative to the folder.
    ///
    /// # Panics
    /// If there is none.
    pub fn file(&self, path: &str) -> &'static [u8] {
        self.find(path)
            .unwrap_or_else(|| panic!("{} holds no {path}", self.path))
    }
}
