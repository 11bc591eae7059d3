//! The JavaScript API; `types.d.ts` describes it, and this is the only file that sees wasm-bindgen.
//!
//! Invariant: no borrow of the trainer lives across an await. Methods that read return a promise that owns what it reads, so
//! that JavaScript may go on calling while it waits.

use js_sys::{Float32Array, Promise, Reflect, Uint32Array};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use crate::config::{LIMITS, NetworkInfo, PRESETS, SampleShape};
use crate::network::NamedTensor;
use crate::reading::Reading;
use crate::trainer::{NamedReading, Role, StepLatents, Update, Weights};
use crate::{Backend, Error, GanConfig, Trainer, data};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("types.d.ts");

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
"#;

impl From<Error> for JsValue {
    fn from(error: Error) -> Self {
        let js = js_sys::Error::new(&error.to_string());
        js.set_name(error.code());
        js.into()
    }
}

#[wasm_bindgen(start)]
fn start() {
    console_error_panic_hook::set_once();
}

/// The names that [`preset`] takes.
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

/// How products are cut on the GPU, if that was measured or told.
#[wasm_bindgen(skip_typescript)]
pub fn tilings() -> Option<String> {
    #[cfg(feature = "webgpu")]
    return crate::kernels::tuning::told().map(|tilings| tilings.to_string());
    #[cfg(not(feature = "webgpu"))]
    None
}

/// Takes tilings that were measured before.
///
/// # Errors
/// A JavaScript error called `invalidConfig` for what [`tilings`] never gave.
#[wasm_bindgen(js_name = useTilings, skip_typescript)]
pub fn use_tilings(tilings: &str) -> Result<(), JsValue> {
    #[cfg(feature = "webgpu")]
    tilings.parse::<crate::kernels::tuning::Tilings>()?.apply();
    #[cfg(not(feature = "webgpu"))]
    let _ = tilings; // There is no GPU to cut products on.
    Ok(())
}

/// Opens the device and builds both networks.
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
    Ok(Session {
        backend,
        trainer: Trainer::new(config, seed, device)?,
    })
}

/// A [`Trainer`] as JavaScript sees it.
#[wasm_bindgen(skip_typescript)]
pub struct Session {
    trainer: Trainer,
    backend: Backend,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SessionInfo<'a> {
    name: &'a str,
    seed: u32,
    backend: Backend,
    shape: SampleShape,
    sample_dim: usize,
    latent_dim: usize,
    generator: NetworkInfo,
    discriminator: NetworkInfo,
}

#[wasm_bindgen]
impl Session {
    /// What it is made of, as a plain object.
    #[wasm_bindgen(skip_typescript)]
    pub fn info(&self) -> JsValue {
        let config = self.trainer.config();
        to_js(&SessionInfo {
            name: &config.name,
            seed: self.trainer.seed(),
            backend: self.backend,
            shape: config.shape,
            sample_dim: config.shape.dim(),
            latent_dim: config.latent.dim,
            generator: self.trainer.network_info(Role::Generator),
            discriminator: self.trainer.network_info(Role::Discriminator),
        })
    }

    /// The configuration with the learning rates of now, as a plain object.
    #[wasm_bindgen(skip_typescript)]
    pub fn config(&self) -> JsValue {
        to_js(self.trainer.config())
    }

    /// Queues one step.
    ///
    /// # Errors
    /// A JavaScript error called `invalidBatch`.
    #[wasm_bindgen(skip_typescript)]
    pub fn step(&mut self, real: &[f32]) -> Result<(), JsValue> {
        Ok(self.trainer.step(real)?)
    }

    /// Queues one step on given latents, the discriminator's and, unless the order uses those again, the generator's.
    ///
    /// # Errors
    /// A JavaScript error called `invalidBatch`.
    #[wasm_bindgen(js_name = stepWith, skip_typescript)]
    pub fn step_with(
        &mut self,
        real: &[f32],
        discriminator: Vec<f32>,
        generator: Option<Vec<f32>>,
    ) -> Result<(), JsValue> {
        let latents = StepLatents {
            discriminator,
            generator,
            interpolation: Vec::new(),
        };
        Ok(self.trainer.step_with(real, &latents)?)
    }

    /// Replaces one parameter or running statistic.
    ///
    /// # Errors
    /// A JavaScript error called `invalidConfig`.
    #[wasm_bindgen(js_name = loadParameter, skip_typescript)]
    pub fn load_parameter(
        &mut self,
        network: JsValue,
        name: &str,
        values: &[f32],
    ) -> Result<(), JsValue> {
        let role: Role = serde_wasm_bindgen::from_value(network).map_err(unreadable)?;
        Ok(self.trainer.load_parameter(role, name, values)?)
    }

    /// Queues D's phase alone.
    ///
    /// # Errors
    /// A JavaScript error called `invalidBatch`.
    #[wasm_bindgen(js_name = discriminatorStep, skip_typescript)]
    pub fn discriminator_step(&mut self, real: &[f32]) -> Result<(), JsValue> {
        Ok(self.trainer.discriminator_step(real)?)
    }

    /// Queues G's phase alone.
    ///
    /// # Errors
    /// A JavaScript error called `invalidBatch` or `invalidConfig`.
    #[wasm_bindgen(js_name = generatorStep, skip_typescript)]
    pub fn generator_step(&mut self, batch: f64) -> Result<(), JsValue> {
        let [smallest, largest] = LIMITS.batch_size.map(|limit| limit as u32);
        let batch = whole_number("batch", batch, [smallest, largest])?;
        Ok(self.trainer.generator_step(batch as usize)?)
    }

    /// Queues one update alone.
    ///
    /// # Errors
    /// A JavaScript error called `invalidBatch`.
    #[wasm_bindgen(skip_typescript)]
    pub fn update(&mut self, part: JsValue, rows: &[f32]) -> Result<(), JsValue> {
        let part: Update = serde_wasm_bindgen::from_value(part).map_err(unreadable)?;
        Ok(self.trainer.update(part, rows)?)
    }

    /// Promise of the gradients that one update would follow.
    #[wasm_bindgen(skip_typescript)]
    pub fn gradients(&mut self, part: JsValue, rows: &[f32]) -> Promise {
        let gradients = |part: Update| Ok((part.learner(), self.trainer.gradients(part, rows)?));
        let part = serde_wasm_bindgen::from_value(part).map_err(unreadable);
        match part.and_then(gradients) {
            Ok(gradients) => named_tensors([gradients]),
            Err(error) => Promise::reject(&Error::into(error)),
        }
    }

    /// Promise of both players' losses as they are now.
    #[wasm_bindgen(skip_typescript)]
    pub fn measure(&mut self, real: &[f32], latents: &[f32]) -> Promise {
        match self.trainer.measure(real, latents) {
            Ok(reading) => promise(reading, |record| to_js(&record)),
            Err(error) => Promise::reject(&error.into()),
        }
    }

    /// The next latents of the stream that steps draw from.
    #[wasm_bindgen(js_name = drawLatents, skip_typescript)]
    pub fn draw_latents(&mut self, count: u32) -> Float32Array {
        Float32Array::from(self.trainer.draw_latents(count as usize).as_slice())
    }

    /// Promise of the records of every step since the last read.
    #[wasm_bindgen(js_name = readMetrics, skip_typescript)]
    pub fn read_metrics(&mut self) -> Promise {
        promise(self.trainer.take_records(), |records| to_js(&records))
    }

    /// Promise of the 64 samples of the fixed latents.
    #[wasm_bindgen(skip_typescript)]
    pub fn samples(&mut self, averaged: bool) -> Promise {
        promise(self.trainer.samples(weights(averaged)), floats)
    }

    /// Promise of the samples of given latents.
    #[wasm_bindgen(skip_typescript)]
    pub fn generate(&mut self, latents: &[f32], averaged: bool) -> Promise {
        match self.trainer.generate(latents, weights(averaged)) {
            Ok(reading) => promise(reading, floats),
            Err(error) => Promise::reject(&error.into()),
        }
    }

    /// Promise of D's score of each given sample.
    #[wasm_bindgen(skip_typescript)]
    pub fn scores(&mut self, samples: &[f32]) -> Promise {
        match self.trainer.scores(samples) {
            Ok(reading) => promise(reading, floats),
            Err(error) => Promise::reject(&error.into()),
        }
    }

    /// Promise of every parameter and running statistic of both networks.
    #[wasm_bindgen(skip_typescript)]
    pub fn parameters(&self) -> Promise {
        let both = [Role::Generator, Role::Discriminator];
        named_tensors(both.map(|role| (role, self.trainer.parameters(role))))
    }

    /// Changes both learning rates.
    ///
    /// # Errors
    /// A JavaScript error called `invalidConfig`.
    #[wasm_bindgen(js_name = setLearningRates, skip_typescript)]
    pub fn set_learning_rates(
        &mut self,
        generator: f64,
        discriminator: f64,
    ) -> Result<(), JsValue> {
        Ok(self.trainer.set_learning_rates(generator, discriminator)?)
    }

    /// A shuffled 0..n-1 from the stream of the batch order.
    #[wasm_bindgen(skip_typescript)]
    pub fn permutation(&mut self, n: u32) -> Uint32Array {
        Uint32Array::from(self.trainer.permutation(n).as_slice())
    }
}

fn promise<T: 'static>(reading: Reading<T>, convert: fn(T) -> JsValue) -> Promise {
    let values = reading.read();
    future_to_promise(async move { Ok(convert(values.await?)) })
}

fn named_tensors<const N: usize>(readings: [(Role, NamedReading); N]) -> Promise {
    let values = readings.map(|(role, reading)| (role, reading.read()));
    future_to_promise(async move {
        let all = js_sys::Array::new();
        for (role, values) in values {
            for tensor in values.await? {
                all.push(&named_tensor(role, &tensor));
            }
        }
        Ok(all.into())
    })
}

fn weights(averaged: bool) -> Weights {
    if averaged {
        Weights::Averaged
    } else {
        Weights::Raw
    }
}

fn floats(values: Vec<f32>) -> JsValue {
    Float32Array::from(values.as_slice()).into()
}

fn named_tensor(network: Role, tensor: &NamedTensor) -> JsValue {
    let object = to_js(tensor);
    let values = Float32Array::from(tensor.values.as_slice()).into();
    for (key, value) in [("network", to_js(&network)), ("values", values)] {
        Reflect::set(&object, &key.into(), &value).expect("a fresh object takes any key");
    }
    object
}

fn to_js<T: Serialize + ?Sized>(value: &T) -> JsValue {
    value
        .serialize(&serde_wasm_bindgen::Serializer::json_compatible())
        .expect("plain data always converts")
}

fn read_config(config: JsValue) -> Result<GanConfig, Error> {
    // By way of a JSON value: serde-wasm-bindgen itself does not see unknown keys.
    let json: serde_json::Value = serde_wasm_bindgen::from_value(config).map_err(unreadable)?;
    serde_json::from_value(json).map_err(unreadable)
}

fn unreadable(error: impl ToString) -> Error {
    Error::UnreadableConfig {
        reason: error.to_string(),
    }
}

/// JavaScript has one number type; this takes the whole ones within `limits`.
fn whole_number(field: &str, value: f64, [low, high]: [u32; 2]) -> Result<u32, Error> {
    if value.fract() == 0.0 && (f64::from(low)..=f64::from(high)).contains(&value) {
        return Ok(value as u32);
    }
    Err(Error::config(
        field,
        value,
        format!("a whole number from {low} to {high}"),
    ))
}
