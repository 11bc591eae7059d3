//! The judge as JavaScript sees it.
//!
//! Invariant: as in [`session`](super::session), no borrow lives across an await; what is read belongs to its promise.

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::convert::{floats, promise, to_js, unreadable};
use crate::judge::{self, Score};
use crate::reading::Reading;
use crate::{Backend, Error};

/// A [`judge::Judge`] as JavaScript sees it.
#[wasm_bindgen(skip_typescript)]
pub struct Judge(judge::Judge);

/// Opens the device and the judge of a file's bytes on it.
///
/// # Errors
/// A JavaScript error called `invalidConfig` or `device`.
#[wasm_bindgen(js_name = openJudge, skip_typescript)]
pub async fn open_judge(weights: Vec<u8>, backend: JsValue) -> Result<Judge, JsValue> {
    let backend: Backend = serde_wasm_bindgen::from_value(backend).map_err(unreadable)?;
    let device = backend.open().await?;
    Ok(Judge(judge::Judge::open(&weights, &device)?))
}

#[wasm_bindgen]
impl Judge {
    /// How good it is, as a plain object.
    #[wasm_bindgen(skip_typescript)]
    pub fn info(&self) -> JsValue {
        to_js(self.0.info())
    }

    /// Queues a look at samples, and adds them to the window.
    ///
    /// # Errors
    /// A JavaScript error called `invalidBatch` or `invalidConfig`.
    #[wasm_bindgen(skip_typescript)]
    pub fn look(&mut self, samples: &[f32], labels: Option<Vec<u8>>) -> Result<(), JsValue> {
        Ok(self.0.look(samples, labels.as_deref())?)
    }

    /// Promise of what all samples of the window have.
    #[wasm_bindgen(skip_typescript)]
    pub fn verdict(&self) -> Promise {
        score(self.0.verdict())
    }

    /// Empties the window.
    #[wasm_bindgen(skip_typescript)]
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Promise of what these samples have, the window aside.
    #[wasm_bindgen(skip_typescript)]
    pub fn score(&mut self, samples: &[f32], labels: Option<Vec<u8>>) -> Promise {
        score(self.0.score(samples, labels.as_deref()))
    }

    /// Promise of the probability of each class for each sample.
    #[wasm_bindgen(skip_typescript)]
    pub fn classify(&mut self, samples: &[f32]) -> Promise {
        match self.0.classify(samples) {
            Ok(reading) => promise(reading, floats),
            Err(error) => Promise::reject(&error.into()),
        }
    }
}

fn score(reading: Result<Reading<Score>, Error>) -> Promise {
    match reading {
        Ok(reading) => promise(reading, |score| to_js(&score)),
        Err(error) => Promise::reject(&error.into()),
    }
}
