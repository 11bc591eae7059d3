//! Lists the files of the folders of reference runs as constants.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    println!("cargo:rerun-if-env-changed=GAN_FIXTURES");
    let mut code = String::from(
        "/// Every folder of runs that was built in.\npub const FOLDERS: &[Folder] = &[\n",
    );
    for folder in folders() {
        println!("cargo:rerun-if-changed={}", folder.display());
        let mut files = Vec::new();
        list(&folder, &mut files);
        files.sort();
        let path = folder.display().to_string();
        writeln!(code, "Folder {{ path: {path:?}, files: &[").expect("a string takes all");
        for file in files {
            let name = file.strip_prefix(&folder).expect("found in there");
            let name = name.to_str().expect("plain names").replace('\\', "/");
            writeln!(code, "    ({name:?}, include_bytes!({file:?})),")
                .expect("a string takes all");
        }
        code.push_str("] },\n");
    }
    code.push_str("];\n");
    let out = env::var_os("OUT_DIR").expect("cargo sets it");
    fs::write(Path::new(&out).join("files.rs"), code).expect("OUT_DIR can be written");
}

/// The folder that is given, or those in the repository.
fn folders() -> Vec<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folders = match env::var_os("GAN_FIXTURES") {
        Some(given) => vec![workspace.join(given)],
        None => ["steps", "steps2"]
            .map(|name| workspace.join("tests/fixtures").join(name))
            .into(),
    };
    let folders = folders.into_iter().map(|folder| {
        assert!(
            folder.join("manifest.json").is_file(),
            "GAN_FIXTURES: {} holds no manifest.json",
            folder.display()
        );
        folder.canonicalize().expect("it exists")
    });
    folders.collect()
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
