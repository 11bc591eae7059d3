//! Stages: each is a layer that computes, together with the activation that ends it.

use std::sync::Arc;

use super::layer::{Back, Built, Layer};
use super::layers::activation::{Alone, Unchanged, fused};
use super::tape::Tape;
use crate::kernels::{Dense, Fused};
use crate::store::Store;

/// A layer that computes, and the activation that ends its operation.
#[derive(Debug, Clone)]
pub(super) struct Stage {
    pub layer: Arc<dyn Layer>,
    pub activation: Fused,
}

impl Stage {
    /// Its dense layer, if that has one output and no activation follows.
    pub fn logit(&self) -> Option<Dense> {
        self.layer
            .logit()
            .filter(|_| self.activation == Fused::Identity)
    }
}

/// Collects the layers of a configuration into stages.
#[derive(Default)]
pub(super) struct Stages {
    stages: Vec<Stage>,
    /// Whether an activation may still end the last one.
    open: bool,
}

impl Stages {
    /// Adds the next layer of the configuration. A fused activation joins the layer before it, if that has none yet.
    pub fn add(&mut self, built: Built) {
        match built {
            Built::Nothing => {}
            Built::Layer(layer) => self.push(layer, Fused::Identity, true),
            Built::Layers(layers) => {
                for layer in layers {
                    self.push(layer, Fused::Identity, true);
                }
            }
            Built::Activation(activation) => match (fused(activation), self.stages.last_mut()) {
                (Some(fused), Some(last)) if self.open => {
                    last.activation = fused;
                    self.open = false;
                }
                (Some(fused), _) => self.push(Arc::new(Unchanged), fused, false),
                (None, _) => self.push(Arc::new(Alone(activation)), Fused::Identity, false),
            },
        }
    }

    /// All of them, from input to output.
    pub fn finish(self) -> Vec<Stage> {
        self.stages
    }

    fn push(&mut self, layer: Arc<dyn Layer>, activation: Fused, open: bool) {
        self.stages.push(Stage { layer, activation });
        self.open = open;
    }
}

/// The activation that made the input of the stage at `index`, if that is not the network's own input.
pub(super) fn below(stages: &[Stage], index: usize) -> Option<Fused> {
    let below = index.checked_sub(1)?;
    Some(stages[below].activation)
}

/// What a backward pass along `tape` has for the stage at `index`.
pub(super) fn back<'a>(tape: &'a Tape, index: usize, parameters: &'a Store) -> Back<'a> {
    Back {
        parameters,
        x: &tape.outputs[index],
        y: tape.outputs.get(index + 1),
        note: tape.notes[index].as_ref(),
        labels: tape.labels.as_ref(),
    }
}
