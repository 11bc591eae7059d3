//! Where each parameter and running statistic lies in its store, and the store's first values.

use burn::tensor::Device;
use serde::Serialize;

use super::init::{Draw, Init};
use crate::rng::Rng;
use crate::store::Store;

/// A layer's parameters begin at a multiple of this many values, and end the storage at one, so that a GPU can take four at once.
const ALIGNMENT: usize = 4;

/// Name, shape and values of a parameter or running statistic.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NamedTensor {
    /// `<layer index>.<weight|bias|gamma|beta|runningMean|runningVar>`.
    pub name: String,
    /// Row-major; linear weights are `[in, out]`, conv2d's `[out, in, k, k]`, convTranspose2d's `[in, out, k, k]`.
    pub shape: Vec<usize>,
    /// Row-major.
    #[serde(skip)]
    pub values: Vec<f32>,
}

/// A named tensor's place in its store.
#[derive(Debug, Clone)]
pub(crate) struct Slot {
    pub name: String,
    pub shape: Vec<usize>,
    pub at: usize,
    /// Whether it is a running statistic, in a store of their own.
    pub is_running: bool,
}

impl Slot {
    /// Number of values.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Its tensor, out of what was read of the parameters and of the running statistics.
    pub fn cut(&self, storage: &[Vec<f32>]) -> NamedTensor {
        NamedTensor {
            name: self.name.clone(),
            shape: self.shape.clone(),
            values: storage[usize::from(self.is_running)][self.at..][..self.len()].to_vec(),
        }
    }
}

/// The stores of a network while its layers are added, one after another.
pub(crate) struct Builder<'a> {
    /// Gives first values; each layer draws its own, in layer order.
    pub(super) draw: Draw<'a>,
    /// Index of the layer being added, which begins the names of its tensors.
    pub(super) index: usize,
    slots: Vec<Slot>,
    parameters: Vec<f32>,
    running: Vec<f32>,
}

/// What a [`Builder`] laid out, on a device.
pub(crate) struct Stores {
    /// Places of all tensors, in layer order.
    pub slots: Vec<Slot>,
    pub parameters: Store,
    pub running: Store,
}

impl<'a> Builder<'a> {
    /// Without any layer yet.
    pub fn new(init: Init, rng: &'a mut Rng) -> Self {
        Self {
            draw: Draw::new(init, rng),
            index: 0,
            slots: Vec::new(),
            parameters: Vec::new(),
            running: Vec::new(),
        }
    }

    /// Lays out a layer's first parameter; gives its place, a multiple of [`ALIGNMENT`].
    pub fn parameter(&mut self, name: &str, shape: &[usize], values: Vec<f32>) -> usize {
        let at = self.parameters.len().next_multiple_of(ALIGNMENT);
        self.parameters.resize(at, 0.0);
        self.slot(name, shape, at, false);
        self.parameters.extend(values);
        at
    }

    /// Lays out a layer's second parameter, one value a channel, right behind its first.
    pub fn parameter_behind(&mut self, name: &str, values: Vec<f32>) {
        self.slot(name, &[values.len()], self.parameters.len(), false);
        self.parameters.extend(values);
    }

    /// Lays out a running statistic, one value a channel, right behind the one before; gives its place.
    pub fn running(&mut self, name: &str, values: Vec<f32>) -> usize {
        let at = self.running.len();
        self.slot(name, &[values.len()], at, true);
        self.running.extend(values);
        at
    }

    fn slot(&mut self, name: &str, shape: &[usize], at: usize, is_running: bool) {
        self.slots.push(Slot {
            name: format!("{}.{name}", self.index),
            shape: shape.to_vec(),
            at,
            is_running,
        });
    }

    /// Uploads what was laid out.
    pub fn finish(mut self, device: &Device) -> Stores {
        for values in [&mut self.parameters, &mut self.running] {
            values.resize(values.len().next_multiple_of(ALIGNMENT), 0.0);
        }
        Stores {
            slots: self.slots,
            parameters: Store::new(self.parameters, device),
            running: Store::new(self.running, device),
        }
    }
}
