//! A generator or a discriminator: layers made from a [`PlayerConfig`](crate::config::PlayerConfig).
//!
//! Invariant: a network is frozen (no parameter takes gradients) except while its own update borrows it, and every pass says
//! which statistics its BatchNorm layers use. Burn would decide both by the device of the input.

use burn::module::{Module, Param};
use burn::nn::{LeakyRelu, LeakyReluConfig, Linear, Sigmoid, Tanh};
use burn::tensor::module::{batch_norm, batch_norm_train};
use burn::tensor::{Device, Tensor, TensorData};
use serde::Serialize;

use crate::Error;
use crate::config::{Init, LayerConfig};
use crate::rng::Rng;

/// Which statistics the BatchNorm layers normalise with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statistics {
    /// Those of the batch; the running statistics move towards them.
    Batch,
    /// Those of the batch; the running statistics stay as they are.
    BatchOnly,
    /// The running ones, which stay as they are.
    Running,
}

/// A feed-forward network.
#[derive(Module, Debug, Default)]
pub struct Network {
    layers: Vec<Layer>,
}

/// One layer of a [`Network`].
#[derive(Module, Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "a network has a handful of layers; Burn's modules cannot be boxed"
)]
enum Layer {
    Linear(Linear),
    LeakyRelu(LeakyRelu),
    BatchNorm(BatchNorm),
    Tanh(Tanh),
    Sigmoid(Sigmoid),
}

/// Batch normalisation whose mode is an argument.
#[derive(Module, Debug)]
struct BatchNorm {
    /// `[features]`
    gamma: Param<Tensor<1>>,
    /// `[features]`
    beta: Param<Tensor<1>>,
    /// `[features]`, never trained.
    running_mean: Tensor<1>,
    /// `[features]`, of the biased batch variance; never trained.
    running_var: Tensor<1>,
    /// Share of the old running statistic that is kept: Keras' momentum.
    keep: f64,
    eps: f64,
}

impl BatchNorm {
    fn new(features: usize, keep: f64, eps: f64, device: &Device) -> Self {
        Self {
            gamma: Param::from_tensor(Tensor::ones([features], device)),
            beta: Param::from_tensor(Tensor::zeros([features], device)),
            running_mean: Tensor::zeros([features], device),
            running_var: Tensor::ones([features], device),
            keep,
            eps,
        }
    }

    /// `[batch, features]` to the same.
    fn forward(&mut self, input: Tensor<2>, statistics: Statistics) -> Tensor<2> {
        let (gamma, beta) = (self.gamma.val(), self.beta.val());
        match statistics {
            Statistics::Running => {
                let (mean, var) = (self.running_mean.clone(), self.running_var.clone());
                batch_norm(input, gamma, beta, mean, var, self.eps)
            }
            Statistics::BatchOnly => batch_norm_train(input, gamma, beta, self.eps).output,
            Statistics::Batch => {
                let batch = batch_norm_train(input, gamma, beta, self.eps);
                let follow = |running: &mut Tensor<1>, batch: Tensor<1>| {
                    *running = running.clone().mul_scalar(self.keep)
                        + batch.detach().mul_scalar(1.0 - self.keep);
                };
                follow(&mut self.running_mean, batch.mean);
                follow(&mut self.running_var, batch.variance);
                batch.output
            }
        }
    }
}

/// A network's summary: what the page prints about it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NetworkInfo {
    /// In order.
    pub layers: Vec<LayerInfo>,
    /// As Keras' summary counts them: trainable and running statistics.
    pub parameters: usize,
    /// Without the running statistics.
    pub trainable_parameters: usize,
}

/// One row of a [`NetworkInfo`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LayerInfo {
    /// In words, e.g. `Linear 64 → 128`.
    pub label: String,
    /// Trainable parameters and running statistics.
    pub parameters: usize,
}

/// A parameter or running statistic by its name, still on the device.
pub struct NamedTensor {
    /// `<layer index>.<weight|bias|gamma|beta|runningMean|runningVar>`.
    pub name: String,
    /// Row-major; linear weights are `[in, out]`.
    pub shape: Vec<usize>,
    /// Flattened to one dimension.
    pub values: Tensor<1>,
}

impl Network {
    /// Builds the layers on `device` (an autodiff one), with first values drawn from `rng`.
    pub fn new(
        layers: &[LayerConfig],
        input_dim: usize,
        init: Init,
        rng: &mut Rng,
        device: &Device,
    ) -> Self {
        let mut width = input_dim;
        let layers = layers.iter().map(|layer| match *layer {
            LayerConfig::Linear { units } => {
                let linear = linear(width, units, init, rng, device);
                width = units;
                Layer::Linear(linear)
            }
            LayerConfig::LeakyRelu { slope } => {
                Layer::LeakyRelu(LeakyReluConfig::new().with_negative_slope(slope).init())
            }
            LayerConfig::BatchNorm { momentum, eps } => {
                Layer::BatchNorm(BatchNorm::new(width, momentum, eps, device))
            }
            LayerConfig::Tanh => Layer::Tanh(Tanh::new()),
            LayerConfig::Sigmoid => Layer::Sigmoid(Sigmoid::new()),
        });
        let network = Self {
            layers: layers.collect(),
        };
        network.freeze()
    }

    /// Runs the layers in order.
    ///
    /// # Shapes
    /// - `input`: `[batch, input_dim]`
    /// - returns `[batch, output_dim]`
    pub fn forward(&mut self, input: Tensor<2>, statistics: Statistics) -> Tensor<2> {
        self.layers.iter_mut().fold(input, |x, layer| match layer {
            Layer::Linear(linear) => linear.forward(x),
            Layer::LeakyRelu(leaky) => leaky.forward(x),
            Layer::BatchNorm(norm) => norm.forward(x, statistics),
            Layer::Tanh(tanh) => tanh.forward(x),
            Layer::Sigmoid(sigmoid) => sigmoid.forward(x),
        })
    }

    /// Parameter counts and a line for each layer.
    pub fn info(&self) -> NetworkInfo {
        let layers: Vec<LayerInfo> = self
            .layers
            .iter()
            .enumerate()
            .map(|(index, layer)| LayerInfo {
                label: layer.label(),
                parameters: layer
                    .tensors(index)
                    .iter()
                    .map(|tensor| tensor.values.shape().num_elements())
                    .sum(),
            })
            .collect();
        NetworkInfo {
            parameters: layers.iter().map(|layer| layer.parameters).sum(),
            trainable_parameters: self.num_params(),
            layers,
        }
    }

    /// Every parameter and running statistic, in layer order.
    pub fn tensors(&self) -> Vec<NamedTensor> {
        let layers = self.layers.iter().enumerate();
        layers
            .flat_map(|(index, layer)| layer.tensors(index))
            .collect()
    }

    /// Replaces the parameter or running statistic called `name` by `values` (row-major).
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if no tensor has the name, or its length differs.
    pub fn load(&mut self, name: &str, values: &[f32]) -> Result<(), Error> {
        let tensors = self.tensors();
        let Some(tensor) = tensors.iter().find(|tensor| tensor.name == name) else {
            let names: Vec<&str> = tensors.iter().map(|tensor| tensor.name.as_str()).collect();
            let expected = format!("one of {}", names.join(", "));
            return Err(Error::config("parameter", name, expected));
        };
        let expected: usize = tensor.shape.iter().product();
        if values.len() != expected {
            let field = format!("parameter {name}");
            let given = format!("{} values", values.len());
            return Err(Error::config(field, given, expected.to_string()));
        }
        let (index, field) = name
            .split_once('.')
            .and_then(|(index, field)| Some((index.parse::<usize>().ok()?, field)))
            .expect("`tensors` names every tensor <index>.<field>");
        self.layers[index].load(field, values);
        Ok(())
    }
}

impl Layer {
    fn label(&self) -> String {
        match self {
            Self::Linear(linear) => {
                let [input, output] = linear.weight.shape().dims();
                format!("Linear {input} → {output}")
            }
            Self::LeakyRelu(leaky) => format!("LeakyReLU {}", leaky.negative_slope),
            Self::BatchNorm(norm) => {
                let [features] = norm.gamma.shape().dims();
                format!("BatchNorm {features}")
            }
            Self::Tanh(_) => "Tanh".into(),
            Self::Sigmoid(_) => "Sigmoid".into(),
        }
    }

    fn tensors(&self, index: usize) -> Vec<NamedTensor> {
        let named = |field: &str, shape: Vec<usize>, values: Tensor<1>| NamedTensor {
            name: format!("{index}.{field}"),
            shape,
            values: values.without_autodiff(),
        };
        match self {
            Self::Linear(linear) => {
                let weight = linear.weight.val();
                let [input, output] = weight.dims();
                let bias = linear.bias.as_ref().expect("built with a bias").val();
                vec![
                    named("weight", vec![input, output], weight.reshape([-1])),
                    named("bias", vec![output], bias),
                ]
            }
            Self::BatchNorm(norm) => [
                ("gamma", norm.gamma.val()),
                ("beta", norm.beta.val()),
                ("runningMean", norm.running_mean.clone()),
                ("runningVar", norm.running_var.clone()),
            ]
            .map(|(field, values)| named(field, values.dims().to_vec(), values))
            .into(),
            Self::LeakyRelu(_) | Self::Tanh(_) | Self::Sigmoid(_) => Vec::new(),
        }
    }

    /// `values` has the length of the tensor called `field`.
    fn load(&mut self, field: &str, values: &[f32]) {
        fn replace<const D: usize>(param: &mut Param<Tensor<D>>, values: &[f32]) {
            let (shape, device) = (param.shape(), param.val().device());
            let data = TensorData::new(values.to_vec(), shape);
            *param = Param::initialized(param.id, Tensor::from_data(data, &device));
        }
        match (self, field) {
            (Self::Linear(linear), "weight") => replace(&mut linear.weight, values),
            (Self::Linear(linear), "bias") => {
                replace(linear.bias.as_mut().expect("built with a bias"), values);
            }
            (Self::BatchNorm(norm), "gamma") => replace(&mut norm.gamma, values),
            (Self::BatchNorm(norm), "beta") => replace(&mut norm.beta, values),
            (Self::BatchNorm(norm), "runningMean") => {
                norm.running_mean = Tensor::from_data(values, &norm.running_mean.device());
            }
            (Self::BatchNorm(norm), "runningVar") => {
                norm.running_var = Tensor::from_data(values, &norm.running_var.device());
            }
            (layer, field) => unreachable!("{} has no tensor {field}", layer.label()),
        }
    }
}

/// A dense layer with first values from `rng`: weights row by row, then biases.
fn linear(input: usize, output: usize, init: Init, rng: &mut Rng, device: &Device) -> Linear {
    let limit = (6.0 / (input + output) as f64).sqrt() as f32;
    let mut draw = |count: usize| -> Vec<f32> {
        match init {
            Init::GlorotUniform => (0..count)
                .map(|_| (2.0 * rng.uniform() - 1.0) * limit)
                .collect(),
            Init::StandardNormal => (0..count).map(|_| rng.normal()).collect(),
        }
    };
    let weight = draw(input * output);
    let bias = match init {
        Init::GlorotUniform => vec![0.0; output],
        Init::StandardNormal => draw(output),
    };
    Linear {
        weight: Param::from_data(TensorData::new(weight, [input, output]), device),
        bias: Some(Param::from_data(TensorData::new(bias, [output]), device)),
    }
}
