//! Lists the files of the folder of reference runs as constants.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    println!("cargo:rerun-if-env-changed=GAN_FIXTURES");
    let folder = folder();
    println!("cargo:rerun-if-changed={}", folder.display());
    let mut files = Vec::new();
    list(&folder, &mut files);
    files.sort();
    let mut code = format!(
        "/// The folder they were read from.\npub const FOLDER: &str = {:?};\n\
         /// Path, relative to the folder, and content of every file.\n\
         pub const FILES: &[(&str, &[u8])] = &[\n",
        folder.display().to_string()
    );
    for file in files {
        let name = file.strip_prefix(&folder).expect("found in there");
        let name = name.to_str().expect("plain names").replace('\\', "/");
        writeln!(code, "    ({name:?}, include_bytes!({file:?})),").expect("a string takes all");
    }
    code.push_str("];\n");
    let out = env::var_os("OUT_DIR").expect("cargo sets it");
    fs::write(Path::new(&out).join("files.rs"), code).expect("OUT_DIR can be written");
}

fn folder() -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = match env::var_os("GAN_FIXTURES") {
        Some(given) => workspace.join(given),
        None => workspace.join("tests/fixtures/steps"),
    };
    assert!(
        folder.join("manifest.json").is_file(),
        "GAN_FIXTURES: {} holds no manifest.json",
        folder.display()
    );
    folder.canonicalize().expect("it exists")
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable folder").path();
        if path.is_dir() {
            list(&path, files);
        } else if path
            .extension()
            .is_some_and(|e| e == "json" || e == "safetensors")
        {
            files.push(path);
        }
    }
}
