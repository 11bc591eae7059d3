//! One run as JavaScript sees it.
//!
//! Invariant: no borrow of the trainer lives across an await. Methods that read return a promise that owns what it reads, so
//! that JavaScript may go on calling while it waits.

use js_sys::{Float32Array, Promise, Uint32Array};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::convert::{
    floats, named_tensors, promise, step_options, to_js, unreadable, weights, whole_number,
};
use crate::config::{LIMITS, NetworkInfo, SampleShape};
use crate::trainer::{Role, Rows, StepLatents, Update};
use crate::{Backend, Error, Trainer};

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
    classes: usize,
    generator: NetworkInfo,
    discriminator: NetworkInfo,
}

impl Session {
    pub(super) fn new(trainer: Trainer, backend: Backend) -> Self {
        Self { trainer, backend }
    }
}

#[wasm_bindgen]
impl Session {
    /// Name, seed, device, shapes and both networks of this run, as a plain object.
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
            classes: config.classes(),
            generator: self.trainer.network_info(Role::Generator),
            discriminator: self.trainer.network_info(Role::Discriminator),
        })
    }

    /// The configuration with the current learning rates, as a plain object.
    #[wasm_bindgen(skip_typescript)]
    pub fn config(&self) -> JsValue {
        to_js(self.trainer.config())
    }

    /// Queues one step on real samples, with their labels where the configuration has labels.
    ///
    /// # Errors
    /// A JavaScript error called `invalidBatch`.
    #[wasm_bindgen(skip_typescript)]
    pub fn step(&mut self, real: &[f32], labels: Option<Vec<u8>>) -> Result<(), JsValue> {
        Ok(self.trainer.step(Rows::new(real, labels.as_deref()))?)
    }

    /// Queues one step on given latents: those of D's phase and, unless the update order uses the same ones again, those of G's. The options
    /// have labels and shares of the interpolation.
    ///
    /// # Errors
    /// A JavaScript error called `invalidBatch`, or `invalidConfig` for an option that there is not.
    #[wasm_bindgen(js_name = stepWith, skip_typescript)]
    pub fn step_with(
        &mut self,
        real: &[f32],
        discriminator: Vec<f32>,
        generator: Option<Vec<f32>>,
        options: JsValue,
    ) -> Result<(), JsValue> {
        let options = step_options(&options)?;
        let latents = StepLatents {
            discriminator,
            discriminator_labels: options.discriminator_labels,
            generator,
            generator_labels: options.generator_labels,
            interpolation: options.interpolation.unwrap_or_default(),
            noise: options.noise,
        };
        let real = Rows::new(real, options.labels.as_deref());
        Ok(self.trainer.step_with(real, &latents)?)
    }

    /// Replaces one parameter or running statistic.
    ///
    /// # Errors
    /// A JavaScript error called `invalidConfig`.
    #[wasm_bindgen(js_name = loadParameter, skip_typescript)]
    pub fn load_parameter(
        &mut self,
        role: JsValue,
        name: &str,
        values: &[f32],
    ) -> Result<(), JsValue> {
        let role: Role = serde_wasm_bindgen::from_value(role).map_err(unreadable)?;
        Ok(self.trainer.load_parameter(role, name, values)?)
    }

    /// Queues D's phase alone.
    ///
    /// # Errors
    /// A JavaScript error called `invalidBatch`.
    #[wasm_bindgen(js_name = discriminatorStep, skip_typescript)]
    pub fn discriminator_step(
        &mut self,
        real: &[f32],
        labels: Option<Vec<u8>>,
    ) -> Result<(), JsValue> {
        let real = Rows::new(real, labels.as_deref());
        Ok(self.trainer.discriminator_step(real)?)
    }

    /// Queues G's phase alone, for given classes or for drawn ones.
    ///
    /// # Errors
    /// A JavaScript error called `invalidBatch` or `invalidConfig`.
    #[wasm_bindgen(js_name = generatorStep, skip_typescript)]
    pub fn generator_step(&mut self, batch: f64, labels: Option<Vec<u8>>) -> Result<(), JsValue> {
        let [smallest, largest] = LIMITS.batch_size.map(|limit| limit as u32);
        let batch = whole_number("batch", batch, [smallest, largest])?;
        let labels = labels.as_deref();
        Ok(self.trainer.generator_step_for(batch as usize, labels)?)
    }

    /// Queues one update of a step alone, on samples or latents.
    ///
    /// # Errors
    /// A JavaScript error called `invalidBatch`.
    #[wasm_bindgen(skip_typescript)]
    pub fn update(
        &mut self,
        update: JsValue,
        inputs: &[f32],
        labels: Option<Vec<u8>>,
    ) -> Result<(), JsValue> {
        let update: Update = serde_wasm_bindgen::from_value(update).map_err(unreadable)?;
        let rows = Rows::new(inputs, labels.as_deref());
        Ok(self.trainer.update(update, rows)?)
    }

    /// Promise of the gradients that one update on these samples or latents would follow.
    #[wasm_bindgen(skip_typescript)]
    pub fn gradients(
        &mut self,
        update: JsValue,
        inputs: &[f32],
        labels: Option<Vec<u8>>,
    ) -> Promise {
        let rows = Rows::new(inputs, labels.as_deref());
        let gradients =
            |update: Update| Ok((update.learner(), self.trainer.gradients(update, rows)?));
        let update = serde_wasm_bindgen::from_value(update).map_err(unreadable);
        match update.and_then(gradients) {
            Ok(gradients) => named_tensors([gradients]),
            Err(error) => Promise::reject(&Error::into(error)),
        }
    }

    /// Promise of both players' losses as they are now.
    #[wasm_bindgen(skip_typescript)]
    pub fn measure(
        &mut self,
        real: &[f32],
        latents: &[f32],
        labels: Option<Vec<u8>>,
        asked: Option<Vec<u8>>,
    ) -> Promise {
        let real = Rows::new(real, labels.as_deref());
        let latents = Rows::new(latents, asked.as_deref());
        match self.trainer.measure(real, latents) {
            Ok(reading) => promise(reading, |record| to_js(&record)),
            Err(error) => Promise::reject(&error.into()),
        }
    }

    /// Draws the next latents from the stream that steps draw from.
    #[wasm_bindgen(js_name = drawLatents, skip_typescript)]
    pub fn draw_latents(&mut self, count: u32) -> Float32Array {
        Float32Array::from(self.trainer.draw_latents(count as usize).as_slice())
    }

    /// Promise of the records of every step since the last read.
    #[wasm_bindgen(js_name = readMetrics, skip_typescript)]
    pub fn read_metrics(&mut self) -> Promise {
        promise(self.trainer.take_records(), |records| to_js(&records))
    }

    /// Promise of the samples of the fixed latents: 64, or with labels 8 rows of one for each class.
    #[wasm_bindgen(skip_typescript)]
    pub fn samples(&mut self, averaged: bool) -> Promise {
        promise(self.trainer.samples(weights(averaged)), floats)
    }

    /// Promise of the samples of given latents.
    #[wasm_bindgen(skip_typescript)]
    pub fn generate(
        &mut self,
        latents: &[f32],
        averaged: bool,
        labels: Option<Vec<u8>>,
    ) -> Promise {
        let latents = Rows::new(latents, labels.as_deref());
        match self.trainer.generate(latents, weights(averaged)) {
            Ok(reading) => promise(reading, floats),
            Err(error) => Promise::reject(&error.into()),
        }
    }

    /// Promise of D's score of each given sample.
    #[wasm_bindgen(skip_typescript)]
    pub fn scores(&mut self, samples: &[f32], labels: Option<Vec<u8>>) -> Promise {
        let samples = Rows::new(samples, labels.as_deref());
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

    /// Draws a shuffled 0..n-1 from the stream that decides the batch order.
    #[wasm_bindgen(skip_typescript)]
    pub fn permutation(&mut self, n: u32) -> Uint32Array {
        Uint32Array::from(self.trainer.permutation(n).as_slice())
    }
}
