//! A generator or a discriminator: layers made from their [`LayerConfig`]s, forward and backward.
//!
//! Nothing is traced: a forward pass gives a [`Tape`] of what each layer put out, and a backward pass reads it from its end. All
//! parameters lie in one tensor, all running statistics in another, gradients like the parameters. Between layers a sample is a flat row.
//!
//! Invariant: only an update of its own [`Player`](crate::player::Player) changes a network's parameters, and every pass says which statistics
//! its BatchNorm layers use.
//!
//! What each kind of layer is stands in `layers`, in a file of its own; a network knows layers only as `layer.rs` describes them. It knows nothing
//! of configurations beyond its own layers.

mod features;
mod init;
mod labels;
mod layer;
mod layers;
mod layout;
mod penalty;
mod stage;
mod tape;

pub use features::Features;
pub use init::Init;
pub use labels::{Conditioning, Input};
pub(crate) use layer::Counts;
#[cfg(test)]
pub(crate) use layers::LAYERS;
pub(crate) use layers::activation::activated;
pub use layers::{BatchNorm, ConvConfig, Dropout, Elu, LayerConfig, LeakyRelu, Linear, Reshape};
pub(crate) use layers::{kinds, outputs, penalised_layers};
pub use layout::NamedTensor;
pub use tape::{Logits, Pass, Tape};

use burn::backend::Dispatch;
use burn::tensor::{Device, Tensor, TensorData};

use crate::Error;
use crate::journal::{Journal, Span};
use crate::kernels::{Fused, Kernels, LossSlopes, NormPenalties};
use crate::reading::Reading;
use crate::rng::Rng;
use crate::store::Store;
use layer::Run;
use layout::{Builder, Slot};
use penalty::Penalised;
use stage::{Stage, Stages, back, below};

/// A feed-forward network.
#[derive(Debug, Clone)]
pub struct Network {
    stages: Vec<Stage>,
    /// Where each parameter and running statistic lies, in layer order.
    slots: Vec<Slot>,
    parameters: Store,
    running: Store,
}

impl Network {
    /// Builds `layers` on `device`, with first values drawn from `rng`. `player` names the network in errors.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] for the first layer that does not fit what comes before it, by its path.
    pub fn new(
        layers: &[LayerConfig],
        player: &str,
        input: Features,
        init: Init,
        rng: &mut Rng,
        device: &Device,
    ) -> Result<Self, Error> {
        Self::conditional(layers, None, player, input, init, rng, device)
    }

    /// [`Network::new`], for a network that may hear of labels.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] as [`Network::new`].
    pub fn conditional(
        layers: &[LayerConfig],
        conditioning: Option<Conditioning>,
        player: &str,
        mut input: Features,
        init: Init,
        rng: &mut Rng,
        device: &Device,
    ) -> Result<Self, Error> {
        let outputs = outputs(layers, player, input)?;
        let (mut builder, mut stages) = (Builder::new(init, rng), Stages::default());
        let kinds = kinds(layers, conditioning);
        for (index, (kind, output)) in kinds.iter().zip(outputs).enumerate() {
            builder.index = index;
            stages.add(kind.build(&mut builder, input, output));
            input = output;
        }
        let stores = builder.finish(device);
        Ok(Self {
            stages: stages.finish(),
            slots: stores.slots,
            parameters: stores.parameters,
            running: stores.running,
        })
    }

    /// Runs the layers in order.
    ///
    /// # Shapes
    /// - `input`: `[batch, input values]`
    ///
    /// # Panics
    /// If the network hears of labels and `input` has none.
    pub fn forward(&mut self, input: impl Into<Input>, pass: Pass<'_>) -> Tape {
        self.forward_through(self.stages.len(), input.into(), pass)
    }

    /// Runs the first `count` stages.
    fn forward_through(&mut self, count: usize, input: Input, mut pass: Pass<'_>) -> Tape {
        let mut tape = Tape {
            outputs: vec![input.values],
            notes: Vec::new(),
            labels: input.labels,
        };
        for stage in &self.stages[..count] {
            let mut run = Run {
                parameters: &self.parameters,
                running: &mut self.running,
                pass: &mut pass,
                labels: tape.labels.as_ref(),
            };
            let x = tape.output().clone();
            let (y, note) = stage.layer.forward(x, &mut run, stage.activation);
            tape.outputs.push(y);
            tape.notes.push(note);
        }
        tape
    }

    /// A forward pass of D that also gives the gradient of a loss; the raw outputs go to the journal.
    ///
    /// # Shapes
    /// - `input`: `[batch, input values]`
    ///
    /// # Panics
    /// If the network hears of labels and `input` has none.
    pub fn logits(
        &mut self,
        input: impl Into<Input>,
        pass: Pass<'_>,
        loss: LossSlopes,
        journal: &mut Journal,
    ) -> Logits {
        let input = input.into();
        let batch = input.size();
        // The usual last layer: its outputs and their gradient are one operation.
        let head = self.stages.last().and_then(Stage::logit);
        let count = self.stages.len() - usize::from(head.is_some());
        let mut tape = self.forward_through(count, input, pass);
        let x = tape.output().clone().into_dispatch();
        let (gradient, outputs) = match head {
            Some(layer) => {
                tape.notes.push(None);
                let parameters = self.parameters.share();
                journal.note(batch, |journal, at| {
                    Dispatch::logits(x, parameters, layer, journal, at, loss)
                })
            }
            None => journal.note(batch, |journal, at| {
                Dispatch::loss_gradient(x, journal, at, loss)
            }),
        };
        Logits {
            tape,
            gradient: Tensor::from_dispatch(gradient),
            outputs,
        }
    }

    /// Writes the gradients of all parameters over those in `into`, along `tape` and from `gradient` of the output, before the last
    /// activation.
    ///
    /// # Shapes
    /// - `gradient`: `[batch, output values]`
    /// - `into`: as [`Network::no_gradients`] makes it
    pub fn parameter_gradients(&self, tape: &Tape, mut gradient: Tensor<2>, into: &mut Store) {
        let trained = |stage: &Stage| stage.layer.has_parameters();
        let first = self.stages.iter().position(trained).unwrap_or(0);
        for (index, stage) in self.stages.iter().enumerate().skip(first).rev() {
            let back = back(tape, index, &self.parameters);
            let below = below(&self.stages, index).filter(|_| index > first);
            gradient = match below {
                Some(below) => stage.layer.both_gradients(gradient, &back, below, into),
                None => return stage.layer.parameter_gradients(gradient, &back, into),
            };
        }
    }

    /// The gradient of the input, along `tape` and from `gradient` of the output, before the last activation; times the slope of the
    /// activation `made_by`, which made the input.
    ///
    /// # Shapes
    /// - `gradient`: `[batch, output values]`
    /// - returns `[batch, input values]`
    pub fn input_gradient(
        &self,
        tape: &Tape,
        mut gradient: Tensor<2>,
        made_by: Fused,
    ) -> Tensor<2> {
        for (index, stage) in self.stages.iter().enumerate().rev() {
            let back = back(tape, index, &self.parameters);
            let below = below(&self.stages, index).unwrap_or(made_by);
            gradient = stage.layer.input_gradient(gradient, &back, below);
        }
        gradient
    }

    /// Writes the gradients of all parameters over those in `into`: of the loss that `logits` holds, as [`Network::parameter_gradients`], and of
    /// `penalties` on the gradient of the raw output by each of the first `rows` samples of that pass. Gives the place of these gradients'
    /// norms.
    ///
    /// # Panics
    /// If gradient penalties are not written out for a layer; [`GanConfig::validate`](crate::GanConfig::validate) refuses such a configuration.
    pub fn penalised_gradients(
        &self,
        logits: &Logits,
        rows: usize,
        penalties: NormPenalties,
        journal: &mut Journal,
        into: &mut Store,
    ) -> Span {
        let shares = Some(&logits.gradient);
        self.penalised(&logits.tape, rows, penalties)
            .gradients(shares, journal, into)
    }

    /// Adds to `into` the gradients, by all parameters, of `penalties` on the gradient of the output by each of `points`, which take a pass of
    /// their own. Gives the place of these gradients' norms.
    ///
    /// # Shapes
    /// - `points`: `[batch, input values]`
    ///
    /// # Panics
    /// As [`Network::penalised_gradients`], or if the network hears of labels and the points have none.
    pub fn penalise(
        &mut self,
        points: impl Into<Input>,
        pass: Pass<'_>,
        penalties: NormPenalties,
        journal: &mut Journal,
        into: &mut Store,
    ) -> Span {
        let points = points.into();
        let rows = points.size();
        let tape = self.forward(points, pass);
        self.penalised(&tape, rows, penalties)
            .gradients(None, journal, into)
    }

    /// A penalised backward pass along `tape`.
    fn penalised<'a>(
        &'a self,
        tape: &'a Tape,
        rows: usize,
        penalties: NormPenalties,
    ) -> Penalised<'a> {
        let input = &tape.outputs[0];
        let batch = input.dims()[0];
        let ones = TensorData::new(vec![1.0_f32; batch], [batch, 1]);
        Penalised {
            stages: &self.stages,
            parameters: &self.parameters,
            tape,
            unit: Tensor::from_data(ones, &input.device()),
            rows,
            penalties,
        }
    }

    /// Every parameter and running statistic, in layer order.
    pub fn tensors(&self) -> Reading<Vec<NamedTensor>> {
        let slots = self.slots.clone();
        Reading::new(
            vec![self.parameters.values(), self.running.values()],
            move |storage| Ok(slots.iter().map(|slot| slot.cut(&storage)).collect()),
        )
    }

    /// Gradients that [`Network::parameter_gradients`] wrote, by the names of their parameters, in layer order.
    pub fn gradients(&self, gradients: &Store) -> Reading<Vec<NamedTensor>> {
        let slots: Vec<Slot> = self
            .slots
            .iter()
            .filter(|slot| !slot.is_running)
            .cloned()
            .collect();
        Reading::new(vec![gradients.values()], move |storage| {
            Ok(slots.iter().map(|slot| slot.cut(&storage)).collect())
        })
    }

    /// Zeros for [`Network::parameter_gradients`] to write over.
    pub fn no_gradients(&self) -> Store {
        Store::new(vec![0.0; self.parameters.len()], &self.parameters.device())
    }

    /// Replaces the parameter or running statistic called `name` by `values` (row-major).
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if no tensor has the name, or its length differs.
    pub fn load(&mut self, name: &str, values: &[f32]) -> Result<(), Error> {
        let Some(slot) = self.slots.iter().find(|slot| slot.name == name) else {
            let names: Vec<&str> = self.slots.iter().map(|slot| slot.name.as_str()).collect();
            let expected = format!("one of {}", names.join(", "));
            return Err(Error::config("parameter", name, expected));
        };
        if values.len() != slot.len() {
            let field = format!("parameter {name}");
            let given = format!("{} values", values.len());
            return Err(Error::config(field, given, slot.len().to_string()));
        }
        let store = match slot.is_running {
            true => &mut self.running,
            false => &mut self.parameters,
        };
        let values = Store::new(values.to_vec(), &store.device()).share();
        store.change(|into| (Dispatch::write(into, values, slot.at), ()));
        Ok(())
    }

    /// All parameters, for an optimizer.
    pub(crate) fn parameters_mut(&mut self) -> &mut Store {
        &mut self.parameters
    }

    /// Moves parameters and running statistics towards those of `now`; `keep` is the share of the old ones.
    pub(crate) fn follow(&mut self, now: &Self, keep: f64) {
        let pairs = [
            (&mut self.parameters, &now.parameters),
            (&mut self.running, &now.running),
        ];
        for (average, now) in pairs {
            average.change(|average| (Dispatch::mix(average, now.share(), keep as f32), ()));
        }
    }

    /// The activation that ends the last layer.
    pub fn last_activation(&self) -> Fused {
        self.stages
            .last()
            .map_or(Fused::Identity, |stage| stage.activation)
    }
}
