//! The files of the reference runs, as they were written (tests/fixtures/README.md).

use std::collections::{BTreeMap, BTreeSet};

use reference_runs::{FOLDERS, Folder};
use safetensors::SafeTensors;
use serde::Deserialize;
use serde_json::Value;

use crate::common::say;

/// `manifest.json`, which lists the runs of a folder.
#[derive(Deserialize)]
pub struct Manifest {
    /// The folder.
    #[serde(skip, default = "first")]
    pub(super) folder: &'static Folder,
    pub iterations: usize,
    pub(super) batch: usize,
    pub(super) inputs: FileEntry,
    pub(super) init: BTreeMap<String, FileEntry>,
    pub fixtures: BTreeMap<String, Fixture>,
}

#[derive(Deserialize)]
pub(super) struct FileEntry {
    pub(super) file: String,
}

/// One reference run: its configuration, and what the reference measured in it.
#[derive(Deserialize, Clone)]
pub struct Fixture {
    pub config: RunConfig,
    pub(super) after: BTreeMap<String, Checkpoint>,
    pub(super) metrics: Vec<BTreeMap<String, f64>>,
    pub(super) metrics_tol: BTreeMap<String, f64>,
    pub(super) first_grads: Option<Gradients>,
}

#[derive(Deserialize, Clone)]
pub struct RunConfig {
    pub net: String,
    pub(super) loss: String,
    pub(super) order: String,
    pub(super) d_scale: f64,
    pub(super) n_critic: usize,
    pub(super) clip: Option<f64>,
    pub(super) gp_lambda: Option<f64>,
    pub(super) d_init_scale: f32,
    /// How D is told labels: "proj" or "concat".
    pub(super) cond: Option<String>,
    pub(super) r1_gamma: Option<f64>,
    pub(super) r2_gamma: Option<f64>,
    pub(super) ar1_lambda: Option<f64>,
    pub(super) ar1_sigma: Option<f64>,
    pub(super) lr_decay: Option<LrDecay>,
    pub(super) lr_factors: Option<Vec<f64>>,
    pub(super) opt_d: BTreeMap<String, Value>,
    pub(super) opt_g: BTreeMap<String, Value>,
    #[serde(rename = "note")]
    _note: Option<String>,
    #[serde(flatten)]
    pub(super) unknown: BTreeMap<String, Value>,
}

/// How the learning rates change.
#[derive(Deserialize, Clone)]
pub(super) struct LrDecay {
    pub(super) kind: String,
    pub(super) from: u32,
    pub(super) to: Option<u32>,
    pub(super) factor: Option<f64>,
    #[serde(flatten)]
    pub(super) unknown: BTreeMap<String, Value>,
}

#[derive(Deserialize, Clone)]
pub(super) struct Checkpoint {
    pub(super) file: String,
    pub(super) tensors: BTreeMap<String, Tolerance>,
}

#[derive(Deserialize, Clone, Copy)]
pub(super) struct Tolerance {
    pub(super) tol_rms: f64,
    pub(super) tol_max: f64,
}

#[derive(Deserialize, Clone)]
pub(super) struct Gradients {
    pub(super) file: String,
}

/// A tensor as the file has it: shape and row-major values.
pub type Array = (Vec<usize>, Vec<f32>);
/// Tensors by name.
pub type Arrays = BTreeMap<String, Array>;

/// The manifest of every folder that was built in, without the runs that have no folder of their own there.
pub fn manifests() -> Vec<Manifest> {
    FOLDERS.iter().map(manifest).collect()
}

fn manifest(folder: &'static Folder) -> Manifest {
    let mut manifest: Manifest =
        serde_json::from_slice(folder.file("manifest.json")).expect("the manifest parses");
    manifest.folder = folder;
    let folders = manifest.folders();
    manifest.fixtures.retain(|name, _| {
        let there = folders.contains(name.as_str());
        if !there {
            say(&format!(
                "skipped: {name} is in the manifest, but has no folder"
            ));
        }
        there
    });
    manifest
}

/// Stands in the place of a folder until it is known.
fn first() -> &'static Folder {
    &FOLDERS[0]
}

impl Manifest {
    /// The folders that there are, one for each run.
    pub(super) fn folders(&self) -> BTreeSet<&'static str> {
        let files = self.folder.files.iter();
        files
            .filter_map(|(path, _)| Some(path.split_once('/')?.0))
            .collect()
    }
}

/// All tensors of a safetensors file of f32.
pub(super) fn arrays(folder: &Folder, path: &str) -> Arrays {
    let file = SafeTensors::deserialize(folder.file(path)).expect("safetensors");
    let tensors = file.tensors().into_iter();
    tensors
        .map(|(name, view)| {
            assert_eq!(view.dtype(), safetensors::Dtype::F32, "{name}");
            let values = view
                .data()
                .chunks_exact(4)
                .map(|four| f32::from_le_bytes(four.try_into().expect("four bytes")));
            (name, (view.shape().to_vec(), values.collect()))
        })
        .collect()
}
