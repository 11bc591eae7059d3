//! A generator or a discriminator: layers made from a [`PlayerConfig`](crate::config::PlayerConfig).
//!
//! Invariant: a network is frozen (no parameter takes gradients) except while its own update borrows it, and every pass says
//! which statistics its BatchNorm layers use. Burn would decide both by the device of the input. Between layers a sample is always a
//! flat row; a convolution sees it as a picture.

use burn::module::{Module, ModuleMapper, Param, ParamId};
use burn::optim::GradientsParams;
use burn::tensor::activation::{leaky_relu, relu, sigmoid, tanh};
use burn::tensor::module::{batch_norm, batch_norm_train, conv_transpose2d, conv2d, linear};
use burn::tensor::ops::{ConvOptions, ConvTransposeOptions};
use burn::tensor::{Device, Tensor, TensorData};

use crate::Error;
use crate::config::{ConvConfig, Features, Init, LayerConfig, PlayerConfig};
use crate::rng::Rng;

/// How a pass treats BatchNorm and dropout.
#[derive(Debug)]
pub enum Pass<'a> {
    /// BatchNorm by the statistics of the batch, towards which the running ones move; dropout by masks from this stream.
    Train(&'a mut Rng),
    /// BatchNorm by the statistics of the batch; the running ones stay as they are; no dropout.
    Batch,
    /// BatchNorm by the running statistics, which stay as they are; no dropout.
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
    Conv(Conv),
    BatchNorm(BatchNorm),
    Plain(Plain),
}

/// `x W + b`.
#[derive(Module, Debug)]
struct Linear {
    /// `[in, out]`
    weight: Param<Tensor<2>>,
    /// `[out]`
    bias: Param<Tensor<1>>,
}

/// A convolution or its transpose.
#[derive(Module, Debug)]
struct Conv {
    /// `[out, in, kernel, kernel]`, transposed `[in, out, kernel, kernel]`.
    weight: Param<Tensor<4>>,
    /// `[out]`
    bias: Option<Param<Tensor<1>>>,
    #[module(skip)]
    config: ConvConfig,
    transposed: bool,
    /// Channels, height, width of the input.
    #[module(skip)]
    input: [usize; 3],
}

/// A layer without parameters.
#[derive(Module, Debug)]
struct Plain {
    #[module(skip)]
    config: LayerConfig,
}

/// Batch normalisation whose mode is an argument.
#[derive(Module, Debug)]
struct BatchNorm {
    /// `[channels]`
    gamma: Param<Tensor<1>>,
    /// `[channels]`
    beta: Param<Tensor<1>>,
    /// `[channels]`, never trained.
    running_mean: Tensor<1>,
    /// `[channels]`, of the biased batch variance; never trained.
    running_var: Tensor<1>,
    /// Values of one channel in one sample.
    spatial: usize,
    /// Share of the old running statistic that is kept: Keras' momentum.
    keep: f64,
    eps: f64,
}

/// A parameter or running statistic by its name, still on the device.
#[derive(Debug, Clone)]
pub struct NamedTensor {
    /// `<layer index>.<weight|bias|gamma|beta|runningMean|runningVar>`.
    pub name: String,
    /// Row-major; linear weights are `[in, out]`, conv2d's `[out, in, k, k]`, convTranspose2d's `[in, out, k, k]`.
    pub shape: Vec<usize>,
    /// Flattened to one dimension.
    pub values: Tensor<1>,
    /// `None` for a running statistic.
    id: Option<ParamId>,
}

impl Network {
    /// Builds the layers on `device` (an autodiff one), with first values drawn from `rng`. `name` is used in errors.
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
        let inputs = [input].into_iter().chain(outputs);
        let layers = config.layers.iter().zip(inputs);
        let mut draw = Draw { init, rng, device };
        let network = Self {
            layers: layers
                .map(|(layer, input)| Layer::new(*layer, input, &mut draw))
                .collect(),
        };
        Ok(network.freeze())
    }

    /// Runs the layers in order.
    ///
    /// # Shapes
    /// - `input`: `[batch, input values]`
    /// - returns `[batch, output values]`
    pub fn forward(&mut self, input: Tensor<2>, mut pass: Pass<'_>) -> Tensor<2> {
        self.layers.iter_mut().fold(input, |x, layer| match layer {
            Layer::Linear(linear) => linear.forward(x),
            Layer::Conv(conv) => conv.forward(x),
            Layer::BatchNorm(norm) => norm.forward(x, &pass),
            Layer::Plain(plain) => plain.forward(x, &mut pass),
        })
    }

    /// Norms of the gradient of the output with respect to each input row, as a forward expression that can itself be
    /// differentiated once with respect to the weights: `W_out ⊙ slopes @ W ⊙ slopes … @ W`, where the slopes (1 or the leak)
    /// do not depend on the weights almost everywhere.
    ///
    /// # Shapes
    /// - `points`: `[batch, input values]`
    /// - returns `[batch]`
    ///
    /// # Panics
    /// If a layer is not linear, leakyRelu or relu; [`GanConfig::validate`](crate::GanConfig::validate) refuses such a configuration.
    pub fn input_gradient_norms(&self, points: Tensor<2>) -> Tensor<1> {
        /// Keeps the derivative of the root finite where the gradient vanishes; a norm of 1 moves by 5e-13.
        const TINY: f64 = 1e-12;
        let (batch, device) = (points.dims()[0], points.device());
        let mut x = points;
        let mut slopes = Vec::new();
        for layer in &self.layers {
            let (next, slope) = match layer {
                Layer::Linear(linear) => (linear.forward(x), None),
                Layer::Plain(plain) => {
                    let leak = plain.leak();
                    let positive = x.clone().detach().greater_elem(0.0).float();
                    let slope = positive.mul_scalar(1.0 - leak).add_scalar(leak);
                    (x * slope.clone(), Some(slope))
                }
                _ => unreachable!("validate() admits dense critics only"),
            };
            (x, _) = (next, slopes.push(slope));
        }
        let layers = self.layers.iter().zip(slopes).rev();
        let gradient = layers.fold(
            Tensor::ones([batch, 1], &device), // [batch, 1]: the output's own gradient
            |gradient, (layer, slope)| match (layer, slope) {
                (Layer::Linear(linear), _) => gradient.matmul(linear.weight.val().transpose()),
                (_, Some(slope)) => gradient * slope,
                (_, None) => unreachable!("each activation left its slopes"),
            },
        ); // [batch, input values]
        let squares = gradient.square().sum_dim(1); // [batch, 1]
        squares.add_scalar(TINY).sqrt().reshape([batch])
    }

    /// Every parameter and running statistic, in layer order.
    pub fn tensors(&self) -> Vec<NamedTensor> {
        let layers = self.layers.iter().enumerate();
        layers
            .flat_map(|(index, layer)| layer.tensors(index))
            .collect()
    }

    /// The gradient of each parameter that has one, in layer order, named as the parameter.
    pub fn gradients(&self, gradients: &GradientsParams) -> Vec<NamedTensor> {
        let tensors = self.tensors().into_iter();
        tensors
            .filter_map(|tensor| {
                let id = tensor.id?;
                let values = match tensor.shape.len() {
                    1 => gradients.get::<1>(id)?,
                    2 => gradients.get::<2>(id)?.reshape([-1]),
                    _ => gradients.get::<4>(id)?.reshape([-1]),
                };
                Some(NamedTensor { values, ..tensor })
            })
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
        let device = tensor.values.device();
        self.set(name, Tensor::from_data(values, &device));
        Ok(())
    }

    /// A copy whose tensors are `values`, in the order of [`Network::tensors`].
    pub(crate) fn with(&self, values: &[Tensor<1>]) -> Self {
        let mut copy = self.clone();
        let tensors = self.tensors();
        assert_eq!(tensors.len(), values.len());
        for (tensor, values) in tensors.iter().zip(values) {
            copy.set(&tensor.name, values.clone());
        }
        copy
    }

    /// Clamps every parameter to ± `bound`.
    pub(crate) fn clamp(self, bound: f64) -> Self {
        struct Clamp(f64);
        impl ModuleMapper for Clamp {
            fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
                let bound = self.0;
                param.map(|values| values.detach().clamp(-bound, bound))
            }
        }
        self.map(&mut Clamp(bound))
    }

    fn set(&mut self, name: &str, values: Tensor<1>) {
        let (index, field) = name
            .split_once('.')
            .and_then(|(index, field)| Some((index.parse::<usize>().ok()?, field)))
            .expect("`tensors` names every tensor <index>.<field>");
        self.layers[index].set(field, values);
    }
}

/// Scales all gradients by one factor where their common norm is above `limit` (PyTorch's `clip_grad_norm_`).
pub(crate) fn clip_gradients(network: &Network, gradients: &mut GradientsParams, limit: f64) {
    let tensors = network.gradients(gradients);
    let squares = tensors
        .iter()
        .map(|gradient| gradient.values.clone().square().sum());
    let Some(square) = squares.reduce(|a, b| a + b) else {
        return;
    };
    let factor = (square.sqrt().add_scalar(1e-6).recip() * limit).clamp_max(1.0); // [1]
    for NamedTensor {
        id, shape, values, ..
    } in tensors
    {
        let id = id.expect("only parameters have gradients");
        let values = values * factor.clone();
        match *shape.as_slice() {
            [a, b] => gradients.register(id, values.reshape([a, b])),
            [a, b, c, d] => gradients.register(id, values.reshape([a, b, c, d])),
            _ => gradients.register(id, values),
        }
    }
}

impl Layer {
    fn new(layer: LayerConfig, input: Features, draw: &mut Draw<'_>) -> Self {
        match (layer, input) {
            (LayerConfig::Linear { units }, _) => {
                let fan = Fan {
                    input: input.values(),
                    output: units,
                };
                Self::Linear(Linear {
                    weight: draw.weight([fan.input, units], fan),
                    bias: draw.bias(units, fan),
                })
            }
            (LayerConfig::Conv2d(config), Features::Picture(input)) => {
                Self::Conv(Conv::new(config, false, input, draw))
            }
            (LayerConfig::ConvTranspose2d(config), Features::Picture(input)) => {
                Self::Conv(Conv::new(config, true, input, draw))
            }
            (LayerConfig::BatchNorm { momentum, eps }, _) => {
                let (channels, spatial) = input.channels();
                let device = draw.device;
                Self::BatchNorm(BatchNorm {
                    gamma: Param::from_tensor(Tensor::ones([channels], device)),
                    beta: Param::from_tensor(Tensor::zeros([channels], device)),
                    running_mean: Tensor::zeros([channels], device),
                    running_var: Tensor::ones([channels], device),
                    spatial,
                    keep: momentum,
                    eps,
                })
            }
            (config, _) => Self::Plain(Plain { config }),
        }
    }

    fn tensors(&self, index: usize) -> Vec<NamedTensor> {
        fn param<const D: usize>(name: &str, param: &Param<Tensor<D>>) -> NamedTensor {
            let values = param.val();
            NamedTensor {
                id: Some(param.id),
                name: name.into(),
                shape: values.dims().to_vec(),
                values: values.reshape([-1]),
            }
        }
        let statistic = |name: &str, values: &Tensor<1>| NamedTensor {
            id: None,
            name: name.into(),
            shape: values.dims().to_vec(),
            values: values.clone(),
        };
        let mut tensors = match self {
            Self::Linear(linear) => {
                vec![param("weight", &linear.weight), param("bias", &linear.bias)]
            }
            Self::Conv(conv) => {
                let bias = conv.bias.as_ref().map(|bias| param("bias", bias));
                let weight = param("weight", &conv.weight);
                [weight].into_iter().chain(bias).collect()
            }
            Self::BatchNorm(norm) => vec![
                param("gamma", &norm.gamma),
                param("beta", &norm.beta),
                statistic("runningMean", &norm.running_mean),
                statistic("runningVar", &norm.running_var),
            ],
            Self::Plain(_) => Vec::new(),
        };
        for tensor in &mut tensors {
            tensor.name = format!("{index}.{}", tensor.name);
            tensor.values = tensor.values.clone().without_autodiff();
        }
        tensors
    }

    /// `values` has the length of the tensor called `field`.
    fn set(&mut self, field: &str, values: Tensor<1>) {
        fn replace<const D: usize>(param: &mut Param<Tensor<D>>, values: Tensor<1>) {
            *param = Param::initialized(param.id, values.reshape(param.shape()).autodiff());
        }
        match (self, field) {
            (Self::Linear(linear), "weight") => replace(&mut linear.weight, values),
            (Self::Linear(linear), "bias") => replace(&mut linear.bias, values),
            (Self::Conv(conv), "weight") => replace(&mut conv.weight, values),
            (Self::Conv(conv), "bias") => {
                replace(conv.bias.as_mut().expect("it was named"), values);
            }
            (Self::BatchNorm(norm), "gamma") => replace(&mut norm.gamma, values),
            (Self::BatchNorm(norm), "beta") => replace(&mut norm.beta, values),
            (Self::BatchNorm(norm), "runningMean") => norm.running_mean = values,
            (Self::BatchNorm(norm), "runningVar") => norm.running_var = values,
            (layer, field) => unreachable!("{layer:?} has no tensor {field}"),
        }
    }
}

impl Linear {
    /// `[batch, in]` to `[batch, out]`.
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        linear(x, self.weight.val(), Some(self.bias.val()))
    }
}

impl Conv {
    fn new(config: ConvConfig, transposed: bool, input: [usize; 3], draw: &mut Draw<'_>) -> Self {
        let ConvConfig {
            channels, kernel, ..
        } = config;
        let area = kernel * kernel;
        let [first, second] = if transposed {
            [input[0], channels]
        } else {
            [channels, input[0]]
        };
        // PyTorch and Keras both call the second and the first index of the weights "in" and "out", for the transpose too.
        let fan = Fan {
            input: second * area,
            output: first * area,
        };
        Self {
            weight: draw.weight([first, second, kernel, kernel], fan),
            bias: config.bias.then(|| draw.bias(channels, fan)),
            config,
            transposed,
            input,
        }
    }

    /// `[batch, in * height * width]` to `[batch, out * height' * width']`.
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let batch = x.dims()[0];
        let [channels, height, width] = self.input;
        let picture = x.reshape([batch, channels, height, width]);
        let weight = self.weight.val();
        let bias = self.bias.as_ref().map(Param::val);
        let (stride, padding) = ([self.config.stride; 2], [self.config.padding; 2]);
        let output = if self.transposed {
            let options = ConvTransposeOptions::new(stride, padding, [0, 0], [1, 1], 1);
            conv_transpose2d(picture, weight, bias, options)
        } else {
            let options = ConvOptions::new(stride, padding, [1, 1], 1);
            conv2d(picture, weight, bias, options)
        }; // [batch, out, height', width']
        output.reshape([batch as i32, -1])
    }
}

impl BatchNorm {
    /// `[batch, channels * spatial]` to the same.
    fn forward(&mut self, x: Tensor<2>, pass: &Pass<'_>) -> Tensor<2> {
        if self.spatial == 1 {
            return self.normalise(x, pass);
        }
        let [batch, values] = x.dims();
        let x = x.reshape([batch, values / self.spatial, self.spatial]);
        self.normalise(x, pass).reshape([batch, values])
    }

    /// `[batch, channels, ..]` to the same.
    fn normalise<const D: usize>(&mut self, x: Tensor<D>, pass: &Pass<'_>) -> Tensor<D> {
        let (gamma, beta) = (self.gamma.val(), self.beta.val());
        match pass {
            Pass::Running => {
                let (mean, var) = (self.running_mean.clone(), self.running_var.clone());
                batch_norm(x, gamma, beta, mean, var, self.eps)
            }
            Pass::Batch => batch_norm_train(x, gamma, beta, self.eps).output,
            Pass::Train(_) => {
                let batch = batch_norm_train(x, gamma, beta, self.eps);
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

impl Plain {
    fn forward(&self, x: Tensor<2>, pass: &mut Pass<'_>) -> Tensor<2> {
        match self.config {
            LayerConfig::LeakyRelu { slope } => leaky_relu(x, slope),
            LayerConfig::Relu => relu(x),
            LayerConfig::Tanh => tanh(x),
            LayerConfig::Sigmoid => sigmoid(x),
            LayerConfig::Dropout { rate } => match pass {
                Pass::Train(rng) => dropout(x, rate, rng),
                Pass::Batch | Pass::Running => x,
            },
            LayerConfig::Reshape { .. } | LayerConfig::Flatten => x,
            LayerConfig::Linear { .. }
            | LayerConfig::Conv2d(_)
            | LayerConfig::ConvTranspose2d(_)
            | LayerConfig::BatchNorm { .. } => unreachable!("a layer with parameters"),
        }
    }

    /// Slope on the negative side.
    fn leak(&self) -> f64 {
        match self.config {
            LayerConfig::LeakyRelu { slope } => slope,
            LayerConfig::Relu => 0.0,
            _ => unreachable!("validate() admits no other layer"),
        }
    }
}

/// Drops each value with probability `rate`, by a mask made on the host: the same on every device.
fn dropout(x: Tensor<2>, rate: f64, rng: &mut Rng) -> Tensor<2> {
    let shape = x.dims();
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
    let device = x.device();
    x * Tensor::from_data(TensorData::new(mask, shape), &device)
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
    device: &'a Device,
}

impl Draw<'_> {
    fn weight<const D: usize>(&mut self, shape: [usize; D], fan: Fan) -> Param<Tensor<D>> {
        let spread = match self.init {
            Init::GlorotUniform => (6.0 / (fan.input + fan.output) as f64).sqrt(),
            Init::FanInUniform => 1.0 / (fan.input as f64).sqrt(),
            Init::DcganNormal => 0.02,
            Init::StandardNormal => 1.0,
        };
        self.param(shape, spread)
    }

    fn bias(&mut self, count: usize, fan: Fan) -> Param<Tensor<1>> {
        let spread = match self.init {
            Init::GlorotUniform | Init::DcganNormal => {
                return Param::from_tensor(Tensor::zeros([count], self.device));
            }
            Init::FanInUniform => 1.0 / (fan.input as f64).sqrt(),
            Init::StandardNormal => 1.0,
        };
        self.param([count], spread)
    }

    /// Values uniform in ± `spread`, or normal with that deviation.
    fn param<const D: usize>(&mut self, shape: [usize; D], spread: f64) -> Param<Tensor<D>> {
        let spread = spread as f32;
        let values: Vec<f32> = (0..shape.iter().product())
            .map(|_| match self.init {
                Init::GlorotUniform | Init::FanInUniform => {
                    (2.0 * self.rng.uniform() - 1.0) * spread
                }
                Init::DcganNormal | Init::StandardNormal => self.rng.normal() * spread,
            })
            .collect();
        Param::from_data(TensorData::new(values, shape), self.device)
    }
}
