//! The JavaScript API, which `types.d.ts` describes: the functions of the module here, a run in [`session`], the judge of samples in [`judge`],
//! conversions in `convert`.
//!
//! Invariant: the core sees JavaScript and wasm-bindgen in this folder only.

mod convert;
pub mod judge;
pub mod session;

use wasm_bindgen::prelude::*;

use crate::config::{LIMITS, PRESETS};
use crate::{Backend, GanConfig, Trainer, data};
use convert::{read_config, to_js, unreadable, whole_number};
pub use judge::{Judge, open_judge};
pub use session::Session;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("../types.d.ts");

#[wasm_bindgen(typescript_custom_section)]
const EXPORTS: &str = r#"
export const presetNames: GanModule["presetNames"];
export const preset: GanModule["preset"];
export const limits: GanModule["limits"];
export const describe: GanModule["describe"];
export const createSession: GanModule["createSession"];
export const tilings: GanModule["tilings"];
export const useTilings: GanModule["useTilings"];
export const toyFaces: GanModule["toyFaces"];
export const openJudge: GanModule["openJudge"];
"#;

#[wasm_bindgen(start)]
fn start() {
    console_error_panic_hook::set_once();
}

/// The names of all presets, as [`preset`] takes them.
#[wasm_bindgen(js_name = presetNames, skip_typescript)]
pub fn preset_names() -> Vec<String> {
    PRESETS.map(String::from).into()
}

/// The preset called `name`, as a plain object.
///
/// # Errors
/// A JavaScript error called `invalidConfig` for an unknown name.
#[wasm_bindgen(skip_typescript)]
pub fn preset(name: &str) -> Result<JsValue, JsValue> {
    Ok(to_js(&GanConfig::preset(name)?))
}

/// The accepted ranges, as a plain object.
#[wasm_bindgen(skip_typescript)]
pub fn limits() -> JsValue {
    to_js(&LIMITS)
}

/// Layers and parameter counts of a configuration, as a plain object.
///
/// # Errors
/// A JavaScript error called `invalidConfig`.
#[wasm_bindgen(skip_typescript)]
pub fn describe(config: JsValue) -> Result<JsValue, JsValue> {
    Ok(to_js(&read_config(config)?.describe()?))
}

/// The toy's five faces, `[5 * 4]`.
#[wasm_bindgen(js_name = toyFaces, skip_typescript)]
pub fn toy_faces() -> Vec<f32> {
    data::TOY_FACES.concat()
}

/// The tilings of matrix products on the GPU, as text, once they were measured or given; else `None`.
#[wasm_bindgen(skip_typescript)]
pub fn tilings() -> Option<String> {
    #[cfg(feature = "webgpu")]
    return crate::kernels::tuning::told().map(|tilings| tilings.to_string());
    #[cfg(not(feature = "webgpu"))]
    None
}

/// Uses tilings that were measured before, in place of measuring.
///
/// # Errors
/// A JavaScript error called `invalidConfig` for a text that [`tilings`] never returns.
#[wasm_bindgen(js_name = useTilings, skip_typescript)]
pub fn use_tilings(tilings: &str) -> Result<(), JsValue> {
    #[cfg(feature = "webgpu")]
    tilings.parse::<crate::kernels::tuning::Tilings>()?.apply();
    #[cfg(not(feature = "webgpu"))]
    let _ = tilings; // Without a GPU there are no tilings.
    Ok(())
}

/// Opens the device, builds both networks on it, and returns a session that trains them.
///
/// # Errors
/// A JavaScript error called `invalidConfig` or `device`.
#[wasm_bindgen(js_name = createSession, skip_typescript)]
pub async fn create_session(
    config: JsValue,
    seed: f64,
    backend: JsValue,
) -> Result<Session, JsValue> {
    let config = read_config(config)?;
    let backend: Backend = serde_wasm_bindgen::from_value(backend).map_err(unreadable)?;
    let seed = whole_number("seed", seed, LIMITS.seed)?;
    config.validate()?;
    let device = backend.open().await?;
    Ok(Session::new(Trainer::new(config, seed, device)?, backend))
}
