//! A generator or a discriminator: layers made from a [`PlayerConfig`](crate::config::PlayerConfig), forward and backward.
//!
//! Nothing is traced: a forward pass gives a [`Tape`] of what each layer put out, and the backward pass reads it from its end. All
//! parameters lie in one tensor, all running statistics in another, gradients like the parameters. Between layers a sample is a flat row.
//!
//! Invariant: only an update of its own [`Player`](crate::player::Player) changes a network's parameters, and every pass says which statistics
//! its BatchNorm layers use.

use burn::backend::{Dispatch, DispatchTensor};
use burn::tensor::{Device, Tensor, TensorData};
use serde::Serialize;

use crate::Error;
use crate::config::{ConvConfig, Features, Init, LayerConfig, PlayerConfig};
use crate::journal::{Journal, Span};
use crate::kernels::{Activation, Conv, Dense, Epilogue, Fused, Kernels, LossSlopes, Norm, Side};
use crate::reading::Reading;
use crate::rng::Rng;
use crate::store::Store;

/// How a pass treats BatchNorm and dropout.
#[derive(Debug)]
pub enum Pass<'a> {
    /// BatchNorm by the statistics of each of `groups` equal parts of the batch, towards which the running ones move in turn; dropout by
    /// masks from this stream.
    Train {
        /// At least 1.
        groups: usize,
        /// Of the masks.
        dropout: &'a mut Rng,
    },
    /// BatchNorm by the statistics of the batch; the running ones stay as they are; no dropout.
    Batch,
    /// BatchNorm by the running statistics, which stay as they are; no dropout.
    Running,
}

/// A feed-forward network.
#[derive(Debug, Clone)]
pub struct Network {
    layers: Vec<Layer>,
    /// Where each parameter and running statistic lies, in layer order.
    slots: Vec<Slot>,
    parameters: Store,
    running: Store,
}

/// Layers of the configuration that work as one: one that computes, and the activation after it.
#[derive(Debug, Clone, Copy)]
struct Layer {
    kind: Kind,
    end: Fused,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Linear(Dense),
    Conv(Conv),
    ConvTranspose(Conv),
    BatchNorm(Norm),
    /// Drops each value with this probability.
    Dropout(f64),
    /// Nothing but the activation.
    Plain,
}

/// A named tensor's place.
#[derive(Debug, Clone)]
struct Slot {
    name: String,
    shape: Vec<usize>,
    at: usize,
    is_running: bool,
}

/// What a forward pass leaves for the backward pass.
#[derive(Debug)]
pub struct Tape {
    /// What entered the first layer, then what left each layer, `[batch, values]`.
    outputs: Vec<Tensor<2>>,
    notes: Vec<Note>,
}

/// What a pass of D about a loss leaves.
#[derive(Debug)]
pub struct Logits {
    /// For the backward pass. What left the last layer may be missing.
    pub tape: Tape,
    /// Of the loss by the raw outputs, `[batch, 1]`.
    pub gradient: Tensor<2>,
    /// Where the raw outputs are noted down.
    pub outputs: Span,
}

/// What a layer's backward pass needs beside inputs and outputs.
#[derive(Debug)]
enum Note {
    Nothing,
    /// Statistics `[1, groups * 2 * channels]`.
    Normed(Tensor<2>, usize),
    /// Factors `[batch, values]`.
    Mask(Tensor<2>),
}

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

/// What a backward pass is for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Toward {
    /// The gradient of every parameter.
    Parameters,
    /// The gradient of the input, times the slope of this activation, which made the input.
    Input(Fused),
}

impl Tape {
    /// What left the last layer, `[batch, output values]`.
    pub fn output(&self) -> &Tensor<2> {
        self.outputs.last().expect("the input is always there")
    }
}

impl Network {
    /// Builds the layers on `device`, with first values drawn from `rng`. `name` is used in errors.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] as [`PlayerConfig::features`].
    pub fn new(
        config: &PlayerConfig,
        name: &str,
        input: Features,
        init: Init,
        rng: &mut Rng,
        device: &Device,
    ) -> Result<Self, Error> {
        let outputs = config.features(name, input)?;
        let mut builder = Builder {
            layers: Vec::new(),
            slots: Vec::new(),
            parameters: Vec::new(),
            running: Vec::new(),
            draw: Draw { init, rng },
        };
        let mut input = input;
        for (index, (layer, output)) in config.layers.iter().zip(outputs).enumerate() {
            builder.add(index, *layer, input, output);
            input = output;
        }
        for values in [&mut builder.parameters, &mut builder.running] {
            values.resize(values.len().next_multiple_of(ALIGNMENT), 0.0);
        }
        Ok(Self {
            layers: builder.layers,
            slots: builder.slots,
            parameters: Store::new(builder.parameters, device),
            running: Store::new(builder.running, device),
        })
    }

    /// Runs the layers in order.
    ///
    /// # Shapes
    /// - `input`: `[batch, input values]`
    pub fn forward(&mut self, input: Tensor<2>, pass: Pass<'_>) -> Tape {
        self.forward_through(self.layers.len(), input, pass)
    }

    /// Runs the first `count` layers.
    fn forward_through(&mut self, count: usize, input: Tensor<2>, mut pass: Pass<'_>) -> Tape {
        let mut tape = Tape {
            outputs: vec![input],
            notes: Vec::new(),
        };
        for index in 0..count {
            let (output, note) = self.run(index, tape.output().clone(), &mut pass);
            tape.outputs.push(output);
            tape.notes.push(note);
        }
        tape
    }

    /// A pass of D that is about a loss: its raw outputs go to the journal.
    ///
    /// # Shapes
    /// - `input`: `[batch, input values]`
    pub fn logits(
        &mut self,
        input: Tensor<2>,
        pass: Pass<'_>,
        loss: LossSlopes,
        journal: &mut Journal,
    ) -> Logits {
        let batch = input.dims()[0];
        let head = match self.layers.last() {
            // The usual last layer: its outputs and their gradient are one operation.
            Some(Layer {
                kind: Kind::Linear(layer @ Dense { outputs: 1, .. }),
                end: Fused::Identity,
            }) => Some(*layer),
            _ => None,
        };
        let count = self.layers.len() - usize::from(head.is_some());
        let mut tape = self.forward_through(count, input, pass);
        let x = tape.output().clone().into_dispatch();
        let (gradient, outputs) = match head {
            Some(layer) => {
                tape.notes.push(Note::Nothing);
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

    fn run(&mut self, index: usize, x: Tensor<2>, pass: &mut Pass<'_>) -> (Tensor<2>, Note) {
        let Layer { kind, end } = self.layers[index];
        let parameters = self.parameters.share();
        let y = match (kind, pass) {
            (Kind::Linear(layer), _) => Dispatch::linear(x.into_dispatch(), parameters, layer, end),
            (Kind::Conv(layer), _) => {
                let (x, below) = twice(x);
                Dispatch::conv(x, parameters, below, layer, Epilogue::Activate(end))
            }
            (Kind::ConvTranspose(layer), _) => {
                let (x, below) = twice(x);
                Dispatch::conv_transpose(x, parameters, below, layer, Epilogue::Activate(end))
            }
            (Kind::BatchNorm(layer), Pass::Running) => {
                let running = self.running.share();
                Dispatch::batch_norm_running(x.into_dispatch(), parameters, running, layer, end)
            }
            (Kind::BatchNorm(layer), pass) => {
                let (groups, moving) = match pass {
                    Pass::Train { groups, .. } => (*groups, true),
                    _ => (1, false),
                };
                let x = x.into_dispatch();
                let (y, statistics) = self.running.change(|running| {
                    let (y, statistics, running) =
                        Dispatch::batch_norm(x, parameters, running, layer, groups, moving, end);
                    (running, (y, statistics))
                });
                let note = Note::Normed(Tensor::from_dispatch(statistics), groups);
                return (Tensor::from_dispatch(y), note);
            }
            (Kind::Dropout(rate), Pass::Train { dropout, .. }) => {
                let mask = mask(x.dims(), rate, dropout, &x.device());
                let y = Dispatch::multiply(x.into_dispatch(), mask.clone().into_dispatch());
                let y = activated(Tensor::from_dispatch(y), end);
                return (y, Note::Mask(mask));
            }
            (Kind::Dropout(_) | Kind::Plain, _) => return (activated(x, end), Note::Nothing),
        };
        (Tensor::from_dispatch(y), Note::Nothing)
    }

    /// The way back from `gradient` of the output, before the last activation, along `tape`.
    ///
    /// Toward the parameters it writes all their gradients over those in `into`, and gives nothing; toward the input it gives that
    /// gradient, and what it leaves in `into` means nothing.
    ///
    /// # Shapes
    /// - `gradient`: `[batch, output values]`
    /// - `into`: as [`Network::no_gradients`] makes it
    /// - returns `[batch, input values]`
    pub fn backward(
        &self,
        tape: &Tape,
        mut gradient: Tensor<2>,
        toward: Toward,
        into: &mut Store,
    ) -> Option<Tensor<2>> {
        for index in (0..self.layers.len()).rev() {
            if toward == Toward::Parameters {
                self.write_gradients(index, tape, &gradient, into);
            }
            let end = match (index.checked_sub(1), toward) {
                (Some(below), _) => self.layers[below].end,
                (None, Toward::Input(end)) => end,
                (None, Toward::Parameters) => return None,
            };
            gradient = self.input_gradient(index, tape, gradient, end, into);
        }
        Some(gradient)
    }

    /// The gradients of one layer's parameters. (Those of a BatchNorm come with its input gradient, or here if that is not wanted.)
    fn write_gradients(&self, index: usize, tape: &Tape, gradient: &Tensor<2>, into: &mut Store) {
        let x = tape.outputs[index].clone().into_dispatch();
        let gradient = gradient.clone();
        match self.layers[index].kind {
            Kind::Linear(layer) => into.change(|into| {
                let gradient = gradient.into_dispatch();
                (
                    Dispatch::linear_weight_gradient(x, gradient, into, layer, false),
                    (),
                )
            }),
            Kind::Conv(layer) => into.change(|into| {
                let small = gradient.into_dispatch();
                (Dispatch::conv_weight_gradient(small, x, into, layer), ())
            }),
            Kind::ConvTranspose(layer) => into.change(|into| {
                let big = gradient.into_dispatch();
                (Dispatch::conv_weight_gradient(x, big, into, layer), ())
            }),
            Kind::BatchNorm(_) if index == 0 => {
                self.input_gradient(index, tape, gradient, Fused::Identity, into);
            }
            Kind::BatchNorm(_) | Kind::Dropout(_) | Kind::Plain => {}
        }
    }

    /// `gradient` through one layer, times the slope of the activation `end` below it.
    fn input_gradient(
        &self,
        index: usize,
        tape: &Tape,
        gradient: Tensor<2>,
        end: Fused,
        into: &mut Store,
    ) -> Tensor<2> {
        let below = tape.outputs[index].clone();
        let parameters = self.parameters.share();
        let slope = Epilogue::Slope(end);
        let gradient = gradient.into_dispatch();
        let gradient = match (self.layers[index].kind, &tape.notes[index]) {
            (Kind::Linear(layer), _) => Dispatch::linear_input_gradient(
                gradient,
                parameters,
                below.into_dispatch(),
                layer,
                end,
            ),
            (Kind::Conv(layer), _) => {
                Dispatch::conv_transpose(gradient, parameters, below.into_dispatch(), layer, slope)
            }
            (Kind::ConvTranspose(layer), _) => {
                Dispatch::conv(gradient, parameters, below.into_dispatch(), layer, slope)
            }
            (Kind::BatchNorm(layer), Note::Normed(statistics, groups)) => into.change(|into| {
                let (x, statistics) = (below.into_dispatch(), statistics.clone().into_dispatch());
                let sums = Dispatch::batch_norm_sums(
                    x.clone(),
                    gradient.clone(),
                    statistics.clone(),
                    layer,
                    *groups,
                );
                let input = Dispatch::batch_norm_input_gradient(
                    x,
                    gradient,
                    statistics,
                    sums.clone(),
                    parameters,
                    layer,
                    *groups,
                    end,
                );
                (
                    Dispatch::batch_norm_weight_gradient(sums, into, layer, *groups),
                    input,
                )
            }),
            (Kind::BatchNorm(_), _) => {
                unreachable!("only passes by the batch's statistics are run backward")
            }
            (Kind::Dropout(_), Note::Mask(mask)) => {
                let mask = mask.clone().into_dispatch();
                let gradient = Dispatch::multiply(gradient, mask);
                return sloped(Tensor::from_dispatch(gradient), below, end);
            }
            (Kind::Dropout(_) | Kind::Plain, _) => {
                return sloped(Tensor::from_dispatch(gradient), below, end);
            }
        };
        Tensor::from_dispatch(gradient)
    }

    /// Adds to `into` what the gradient penalty `weight * mean((norm - 1)²)` at `points` asks of the parameters, where `norm` is that of the
    /// gradient of the output with respect to each point; gives the norms.
    ///
    /// The input gradient `W_out ⊙ slopes @ W ⊙ slopes … @ W` is a product in which the slopes (1 or the leak) do not depend on the
    /// weights almost everywhere; so its own gradient is found by a second, forward walk along the same layers.
    ///
    /// # Shapes
    /// - `points`: `[batch, input values]`
    /// - returns `[batch, 1]`
    ///
    /// # Panics
    /// If a layer is not linear, leakyRelu or relu; [`GanConfig::validate`](crate::GanConfig::validate) refuses such a configuration.
    pub fn penalise(&mut self, points: Tensor<2>, weight: f64, into: &mut Store) -> Tensor<2> {
        let (batch, device) = (points.dims()[0], points.device());
        let tape = self.forward(points, Pass::Running);
        let ones = TensorData::new(vec![1.0_f32; batch], [batch, 1]);
        let mut gradient = Tensor::<2>::from_data(ones, &device); // the output's own gradient
        let mut gradients = Vec::new(); // of what left each layer before its activation, last layer first
        for index in (0..self.layers.len()).rev() {
            gradients.push(gradient.clone());
            let below = index.checked_sub(1).map(|below| self.layers[below].end);
            let below = below.unwrap_or(Fused::Identity);
            gradient = self.input_gradient(index, &tape, gradient, below, into);
        }
        let (wish, norms) = Dispatch::penalty(gradient.into_dispatch(), weight as f32);
        let mut wish = Tensor::<2>::from_dispatch(wish); // [batch, input values]
        for (index, gradient) in gradients.into_iter().rev().enumerate() {
            let Layer { kind, end } = self.layers[index];
            match kind {
                Kind::Linear(layer) => {
                    let layer = Dense {
                        bias: false,
                        ..layer
                    };
                    let (x, gradient) = (wish.clone().into_dispatch(), gradient.into_dispatch());
                    into.change(|into| {
                        (
                            Dispatch::linear_weight_gradient(x, gradient, into, layer, true),
                            (),
                        )
                    });
                    let parameters = self.parameters.share();
                    let next =
                        Dispatch::linear(wish.into_dispatch(), parameters, layer, Fused::Identity);
                    wish = Tensor::from_dispatch(next);
                }
                Kind::Plain => {}
                _ => unreachable!("validate() admits dense critics only"),
            }
            wish = sloped(wish, tape.outputs[index + 1].clone(), end);
        }
        Tensor::from_dispatch(norms)
    }

    /// Every parameter and running statistic, in layer order.
    pub fn tensors(&self) -> Reading<Vec<NamedTensor>> {
        let slots = self.slots.clone();
        Reading::new(
            vec![self.parameters.values(), self.running.values()],
            move |storage| Ok(slots.iter().map(|slot| slot.cut(&storage)).collect()),
        )
    }

    /// Gradients that [`Network::backward`] wrote, by the names of their parameters, in layer order.
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

    /// Zeros for [`Network::backward`] to write gradients over.
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

    /// The activation of the last layer.
    pub fn end(&self) -> Fused {
        self.layers
            .last()
            .map_or(Fused::Identity, |layer| layer.end)
    }
}

impl Slot {
    fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Its tensor, out of what was read of the parameters and of the running statistics.
    fn cut(&self, storage: &[Vec<f32>]) -> NamedTensor {
        NamedTensor {
            name: self.name.clone(),
            shape: self.shape.clone(),
            values: storage[usize::from(self.is_running)][self.at..][..self.len()].to_vec(),
        }
    }
}

/// A network being laid out.
struct Builder<'a> {
    layers: Vec<Layer>,
    slots: Vec<Slot>,
    parameters: Vec<f32>,
    running: Vec<f32>,
    draw: Draw<'a>,
}

impl Builder<'_> {
    /// Adds the layer at `index` of the configuration, to which comes `input` and from which goes `output`.
    fn add(&mut self, index: usize, layer: LayerConfig, input: Features, output: Features) {
        let kind = match (layer, input, output) {
            (LayerConfig::Linear { units }, ..) => {
                let fan = Fan {
                    input: input.values(),
                    output: units,
                };
                let weights = self.draw.weights(fan.input * units, fan);
                let biases = self.draw.biases(units, fan);
                let at = self.keep(index, "weight", &[fan.input, units], weights);
                self.keep_behind(index, "bias", biases);
                Kind::Linear(Dense {
                    at,
                    inputs: fan.input,
                    outputs: units,
                    bias: true,
                })
            }
            (LayerConfig::Conv2d(config), Features::Picture(big), Features::Picture(small)) => {
                Kind::Conv(self.window(index, config, small, big, Side::Small))
            }
            (
                LayerConfig::ConvTranspose2d(config),
                Features::Picture(small),
                Features::Picture(big),
            ) => Kind::ConvTranspose(self.window(index, config, small, big, Side::Big)),
            (LayerConfig::BatchNorm { momentum, eps }, ..) => {
                let (channels, spatial) = input.channels();
                let at = self.keep(index, "gamma", &[channels], vec![1.0; channels]);
                self.keep_behind(index, "beta", vec![0.0; channels]);
                let running_at = self.running.len();
                for (name, value) in [("runningMean", 0.0), ("runningVar", 1.0)] {
                    self.slots.push(Slot {
                        name: format!("{index}.{name}"),
                        shape: vec![channels],
                        at: self.running.len(),
                        is_running: true,
                    });
                    self.running.extend(vec![value; channels]);
                }
                Kind::BatchNorm(Norm {
                    at,
                    running_at,
                    channels,
                    spatial,
                    eps: eps as f32,
                    keep: momentum as f32,
                })
            }
            (LayerConfig::Dropout { rate }, ..) => Kind::Dropout(rate),
            (LayerConfig::LeakyRelu { slope }, ..) => {
                return self.end(Fused::LeakyRelu(slope as f32));
            }
            (LayerConfig::Relu, ..) => return self.end(Fused::LeakyRelu(0.0)),
            (LayerConfig::Tanh, ..) => return self.end(Fused::Tanh),
            (LayerConfig::Sigmoid, ..) => return self.end(Fused::Sigmoid),
            (LayerConfig::Reshape { .. } | LayerConfig::Flatten, ..) => return,
            (LayerConfig::Conv2d(_) | LayerConfig::ConvTranspose2d(_), ..) => {
                unreachable!("`features` gives convolutions pictures")
            }
        };
        self.layers.push(Layer {
            kind,
            end: Fused::Identity,
        });
    }

    /// An activation joins the layer before it, if that has none.
    fn end(&mut self, end: Fused) {
        match self.layers.last_mut() {
            Some(layer) if layer.end == Fused::Identity => layer.end = end,
            _ => self.layers.push(Layer {
                kind: Kind::Plain,
                end,
            }),
        }
    }

    fn window(
        &mut self,
        index: usize,
        config: ConvConfig,
        small: [usize; 3],
        big: [usize; 3],
        output: Side,
    ) -> Conv {
        let shape = [small[0], big[0], config.kernel, config.kernel];
        let area = config.kernel * config.kernel;
        // PyTorch and Keras both call the second and the first index of the weights "in" and "out", for the transpose too.
        let fan = Fan {
            input: big[0] * area,
            output: small[0] * area,
        };
        let weights = self.draw.weights(shape.iter().product(), fan);
        let biases = config.bias.then(|| self.draw.biases(config.channels, fan));
        let at = self.keep(index, "weight", &shape, weights);
        let bias = biases.map(|biases| {
            self.keep_behind(index, "bias", biases);
            output
        });
        Conv {
            at,
            small,
            big,
            kernel: config.kernel,
            stride: config.stride,
            padding: config.padding,
            bias,
        }
    }

    /// Lays out a layer's first parameter; gives its place, a multiple of [`ALIGNMENT`].
    fn keep(&mut self, index: usize, name: &str, shape: &[usize], values: Vec<f32>) -> usize {
        let at = self.parameters.len().next_multiple_of(ALIGNMENT);
        self.parameters.resize(at, 0.0);
        self.slots.push(Slot {
            name: format!("{index}.{name}"),
            shape: shape.to_vec(),
            at,
            is_running: false,
        });
        self.parameters.extend(values);
        at
    }

    /// Lays out a layer's second parameter, one value a channel, right behind its first.
    fn keep_behind(&mut self, index: usize, name: &str, values: Vec<f32>) {
        self.slots.push(Slot {
            name: format!("{index}.{name}"),
            shape: vec![values.len()],
            at: self.parameters.len(),
            is_running: false,
        });
        self.parameters.extend(values);
    }
}

/// A layer's parameters begin at a multiple of this many values, and end the storage at one, so that a GPU can take four at once.
const ALIGNMENT: usize = 4;

/// `gradient ⊙ end'`, where the output is `y`
fn sloped(gradient: Tensor<2>, y: Tensor<2>, end: Fused) -> Tensor<2> {
    if end == Fused::Identity {
        return gradient;
    }
    let (x, y) = twice(y); // A fused activation's slope does not depend on its input.
    let gradient = gradient.into_dispatch();
    Tensor::from_dispatch(Dispatch::activation_gradient(
        gradient,
        x,
        y,
        Activation::Fused(end),
    ))
}

/// `end(x)`
pub(crate) fn activated(x: Tensor<2>, end: Fused) -> Tensor<2> {
    if end == Fused::Identity {
        return x;
    }
    Tensor::from_dispatch(Dispatch::activation(
        x.into_dispatch(),
        Activation::Fused(end),
    ))
}

fn twice(x: Tensor<2>) -> (DispatchTensor, DispatchTensor) {
    (x.clone().into_dispatch(), x.into_dispatch())
}

/// Factors that drop each value with probability `rate`, made on the host: the same on every device.
fn mask(shape: [usize; 2], rate: f64, rng: &mut Rng, device: &Device) -> Tensor<2> {
    let kept = (1.0 / (1.0 - rate)) as f32;
    let mask: Vec<f32> = (0..shape[0] * shape[1])
        .map(|_| {
            if f64::from(rng.uniform()) < rate {
                0.0
            } else {
                kept
            }
        })
        .collect();
    Tensor::from_data(TensorData::new(mask, shape), device)
}

/// Values that one output of a layer sees, and that see one input.
#[derive(Clone, Copy)]
struct Fan {
    input: usize,
    output: usize,
}

/// First values, weights row by row, then biases.
struct Draw<'a> {
    init: Init,
    rng: &'a mut Rng,
}

impl Draw<'_> {
    fn weights(&mut self, count: usize, fan: Fan) -> Vec<f32> {
        let spread = match self.init {
            Init::GlorotUniform => (6.0 / (fan.input + fan.output) as f64).sqrt(),
            Init::FanInUniform => 1.0 / (fan.input as f64).sqrt(),
            Init::DcganNormal => 0.02,
            Init::StandardNormal => 1.0,
        };
        self.values(count, spread)
    }

    fn biases(&mut self, count: usize, fan: Fan) -> Vec<f32> {
        let spread = match self.init {
            Init::GlorotUniform | Init::DcganNormal => return vec![0.0; count],
            Init::FanInUniform => 1.0 / (fan.input as f64).sqrt(),
            Init::StandardNormal => 1.0,
        };
        self.values(count, spread)
    }

    /// Values uniform in ± `spread`, or normal with that deviation.
    fn values(&mut self, count: usize, spread: f64) -> Vec<f32> {
        let spread = spread as f32;
        (0..count)
            .map(|_| match self.init {
                Init::GlorotUniform | Init::FanInUniform => {
                    (2.0 * self.rng.uniform() - 1.0) * spread
                }
                Init::DcganNormal | Init::StandardNormal => self.rng.normal() * spread,
            })
            .collect()
    }
}
