//! Conversions between the core's types and JavaScript's, and promises of what is read from the device.

use js_sys::{Array, Float32Array, Object, Promise, Reflect, Uint8Array};
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::future_to_promise;

use crate::network::NamedTensor;
use crate::reading::Reading;
use crate::trainer::{NamedReading, Role, Weights};
use crate::{Error, GanConfig};

impl From<Error> for JsValue {
    /// A JavaScript `Error`: its name is [`Error::code`], and its property `field` is [`Error::field`] where there is one.
    fn from(error: Error) -> Self {
        let js = js_sys::Error::new(&error.to_string());
        js.set_name(error.code());
        if let Some(field) = error.field() {
            set(&js, "field", &field.into());
        }
        js.into()
    }
}

/// Promise of what `reading` gives, converted.
pub(super) fn promise<T: 'static>(reading: Reading<T>, convert: fn(T) -> JsValue) -> Promise {
    let values = reading.read();
    future_to_promise(async move { Ok(convert(values.await?)) })
}

/// Promise of the tensors of one or both networks, each as an object of its own.
pub(super) fn named_tensors<const N: usize>(readings: [(Role, NamedReading); N]) -> Promise {
    let values = readings.map(|(role, reading)| (role, reading.read()));
    future_to_promise(async move {
        let all = Array::new();
        for (role, values) in values {
            for tensor in values.await? {
                all.push(&named_tensor(role, &tensor));
            }
        }
        Ok(all.into())
    })
}

pub(super) fn weights(averaged: bool) -> Weights {
    if averaged {
        Weights::Averaged
    } else {
        Weights::Raw
    }
}

pub(super) fn floats(values: Vec<f32>) -> JsValue {
    Float32Array::from(values.as_slice()).into()
}

/// What `stepWith` takes beside samples and latents; `None` where it was left out.
#[derive(Default)]
pub(super) struct StepOptions {
    /// Classes of the real samples.
    pub(super) labels: Option<Vec<u8>>,
    /// Classes of the fakes that D sees.
    pub(super) discriminator_labels: Option<Vec<u8>>,
    /// Classes that G is asked for in its updates.
    pub(super) generator_labels: Option<Vec<u8>>,
    /// Shares of the real samples in the points of the gradient penalty.
    pub(super) interpolation: Option<Vec<f32>>,
    /// Noise beside the real samples.
    pub(super) noise: Option<Vec<f32>>,
}

/// Reads the options of `stepWith`: an object of arrays, or nothing.
///
/// # Errors
/// [`Error::InvalidConfig`] for an option that there is not, or an array of another kind.
pub(super) fn step_options(options: &JsValue) -> Result<StepOptions, Error> {
    let mut read = StepOptions::default();
    if options.is_undefined() || options.is_null() {
        return Ok(read);
    }
    let Some(object) = options.dyn_ref::<Object>() else {
        return Err(Error::config("options", "no object", "an object"));
    };
    for entry in Object::entries(object).iter() {
        let entry: Array = entry.unchecked_into();
        let (key, value) = (entry.get(0).as_string().unwrap_or_default(), entry.get(1));
        let field = format!("options.{key}");
        let bytes = || match value.dyn_ref::<Uint8Array>() {
            _ if value.is_undefined() || value.is_null() => Ok(None),
            Some(bytes) => Ok(Some(bytes.to_vec())),
            None => Err(Error::config(&field, "no Uint8Array", "a Uint8Array")),
        };
        let floats = || match value.dyn_ref::<Float32Array>() {
            _ if value.is_undefined() || value.is_null() => Ok(None),
            Some(floats) => Ok(Some(floats.to_vec())),
            None => Err(Error::config(&field, "no Float32Array", "a Float32Array")),
        };
        match key.as_str() {
            "labels" => read.labels = bytes()?,
            "discriminatorLabels" => read.discriminator_labels = bytes()?,
            "generatorLabels" => read.generator_labels = bytes()?,
            "interpolation" => read.interpolation = floats()?,
            "noise" => read.noise = floats()?,
            _ => {
                let expected =
                    "labels, discriminatorLabels, generatorLabels, interpolation or noise";
                return Err(Error::config("options", key, expected));
            }
        }
    }
    Ok(read)
}

fn named_tensor(role: Role, tensor: &NamedTensor) -> JsValue {
    let object = to_js(tensor);
    set(&object, "network", &to_js(&role));
    set(
        &object,
        "values",
        &Float32Array::from(tensor.values.as_slice()),
    );
    object
}

fn set(object: &JsValue, key: &str, value: &JsValue) {
    Reflect::set(object, &key.into(), value).expect("a fresh object takes any key");
}

/// `value` as a plain JavaScript object, with numbers as numbers and maps as objects.
pub(super) fn to_js<T: Serialize + ?Sized>(value: &T) -> JsValue {
    value
        .serialize(&serde_wasm_bindgen::Serializer::json_compatible())
        .expect("plain data always converts")
}

/// The configuration in a JavaScript object; a missing or unknown key is an error.
pub(super) fn read_config(config: JsValue) -> Result<GanConfig, Error> {
    // A JSON value comes in between because serde-wasm-bindgen itself does not refuse unknown keys.
    let json: serde_json::Value = serde_wasm_bindgen::from_value(config).map_err(unreadable)?;
    serde_json::from_value(json).map_err(unreadable)
}

pub(super) fn unreadable(error: impl ToString) -> Error {
    Error::UnreadableConfig {
        reason: error.to_string(),
    }
}

/// A whole number between two limits, both included, from JavaScript's only number type; `field` names it in the error.
pub(super) fn whole_number(field: &str, value: f64, [low, high]: [u32; 2]) -> Result<u32, Error> {
    if value.fract() == 0.0 && (f64::from(low)..=f64::from(high)).contains(&value) {
        return Ok(value as u32);
    }
    Err(Error::config(
        field,
        value,
        format!("a whole number from {low} to {high}"),
    ))
}
