//! The presets: each a whole [`GanConfig`], with the source it follows. "Seed S0" to "seed S4" are the texts that the project began from;
//! `docs/sources.md` says what each of them is.

mod labelled;

use super::gan::GanConfig;
use super::gradient_penalties::GradientPenalties;
use super::latent::{LatentConfig, LatentKind};
use super::loss::LossConfig;
use super::optimizer::OptimizerConfig;
use super::player::PlayerConfig;
use super::schedule::ScheduleConfig;
use super::shape::SampleShape;
use super::update_order::UpdateOrder;
use crate::Error;
use crate::network::{BatchNorm, ConvConfig, Init, LayerConfig, LeakyRelu, Linear, Reshape};

/// Names that [`GanConfig::preset`] takes.
pub const PRESETS: [&str; 14] = [
    "toy-2x2",
    "toy-2x2-fake-first",
    "mnist-digits",
    "mnist-digits-large",
    "mnist-digits-unlabelled",
    "mnist-fast",
    "mnist-keras",
    "mnist-dcgan",
    "mnist-dcgan-wide",
    "wgan-gp",
    "fashion-clothes",
    "fashion-clothes-large",
    "fashion-dense",
    "fashion-conv",
];

/// Decay of G's moving average: it looks back about 200 updates.
const EMA_DECAY: f64 = 0.995;

/// MNIST and Fashion-MNIST, scaled as tanh gives them.
const IMAGE: SampleShape = SampleShape {
    width: 28,
    height: 28,
    range: [-1.0, 1.0],
};

/// A sample as a convolution takes it.
const PICTURE: LayerConfig = LayerConfig::Reshape(Reshape {
    channels: 1,
    height: IMAGE.height,
    width: IMAGE.width,
});

const LEAKY: LayerConfig = LayerConfig::LeakyRelu(LeakyRelu { slope: 0.2 });

/// BatchNorm as seed S1 has it: momentum 0.8, and Keras' default eps.
const KERAS_NORM: LayerConfig = LayerConfig::BatchNorm(BatchNorm {
    momentum: 0.8,
    eps: 1e-3,
});

const BCE: LossConfig = LossConfig::Bce {
    label_smoothing: 0.0,
};

/// Adam with the first moment's decay that Radford et al. 2016 found steady for GANs, and Keras' default eps.
const GAN_ADAM: OptimizerConfig = OptimizerConfig::Adam {
    beta1: 0.5,
    beta2: 0.999,
    eps: 1e-7,
};

/// The maps that two transposed convolutions widen to 28×28.
fn seven_by_seven(channels: usize) -> LayerConfig {
    LayerConfig::Reshape(Reshape {
        channels,
        height: 7,
        width: 7,
    })
}

/// A convolution that halves the side of a picture, or whose transpose doubles it.
fn conv(channels: usize, bias: bool) -> ConvConfig {
    ConvConfig {
        channels,
        kernel: 4,
        stride: 2,
        padding: 1,
        bias,
    }
}

impl GanConfig {
    /// The preset called `name`, one of [`PRESETS`].
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] for any other name.
    pub fn preset(name: &str) -> Result<Self, Error> {
        match name {
            "toy-2x2" => Ok(Self::toy_2x2()),
            "toy-2x2-fake-first" => Ok(Self::toy_2x2_fake_first()),
            "mnist-digits" => Ok(Self::mnist_digits()),
            "mnist-digits-large" => Ok(Self::mnist_digits_large()),
            "mnist-digits-unlabelled" => Ok(Self::mnist_digits_unlabelled()),
            "fashion-clothes" => Ok(Self::fashion_clothes()),
            "fashion-clothes-large" => Ok(Self::fashion_clothes_large()),
            "mnist-fast" => Ok(Self::mnist_fast()),
            "mnist-keras" => Ok(Self::mnist_keras()),
            "mnist-dcgan" => Ok(Self::mnist_dcgan()),
            // As the first release called it, after a paper whose MNIST network was another one.
            "mnist-dcgan-wide" | "mnist-dcgan-classic" => Ok(Self::mnist_dcgan_wide()),
            "wgan-gp" => Ok(Self::wgan_gp()),
            "fashion-dense" => Ok(Self::fashion_dense()),
            "fashion-conv" => Ok(Self::fashion_conv()),
            _ => Err(Error::config(
                "preset",
                name,
                format!("one of {}", PRESETS.join(", ")),
            )),
        }
    }

    /// Serrano's 2×2 faces: 8 + 5 parameters, one latent, plain gradient descent one face at a time.
    ///
    /// Source: seed S2 and its notebook.
    pub fn toy_2x2() -> Self {
        let player = |layers| PlayerConfig {
            layers,
            optimizer: OptimizerConfig::Sgd { momentum: 0.0 },
            learning_rate: 0.01,
            gradient_clip_norm: None,
        };
        Self {
            name: "toy-2x2".into(),
            shape: SampleShape {
                width: 2,
                height: 2,
                range: [0.0, 1.0],
            },
            latent: LatentConfig {
                kind: LatentKind::Uniform,
                dim: 1,
            },
            labels: None,
            init: Init::StandardNormal,
            batch_size: 1,
            loss: BCE,
            gradient_penalties: GradientPenalties::default(),
            schedule: ScheduleConfig::Constant,
            order: UpdateOrder::RealThenFakeSameLatents,
            discriminator_loss_scale: 1.0,
            discriminator_updates: 1,
            generator_updates: 1,
            ema_decay: None,
            generator: player(vec![
                LayerConfig::Linear(Linear { units: 4 }),
                LayerConfig::Sigmoid,
            ]),
            discriminator: player(vec![LayerConfig::Linear(Linear { units: 1 })]),
        }
    }

    /// [`Self::toy_2x2`] in the order in which Serrano's text tells a step: the fake before the face.
    ///
    /// Source: seed S2's prose.
    pub fn toy_2x2_fake_first() -> Self {
        Self {
            name: "toy-2x2-fake-first".into(),
            order: UpdateOrder::FakeThenGeneratorThenReal,
            ..Self::toy_2x2()
        }
    }

    /// A small dense pair that makes readable digits after about 1,000 steps: the layers of [`Self::mnist_keras`], narrower, with a
    /// learning rate five times as high, and a moving average of G to look at.
    ///
    /// Source: our own search; the layer types are seed S1's, the joint D update is that of S0 and S3.
    pub fn mnist_fast() -> Self {
        Self::dense("mnist-fast", 64, &[128, 256, 512], &[256, 128], 1e-3)
    }

    /// The dense Keras GAN of seeds S1 and S4: two D updates a step, fakes made in inference mode. Both players take batches of 64, where
    /// the notebook gives G 128. (The moving average of G is ours; it is only looked at.)
    ///
    /// Source: seed S1 (layers, BatchNorm momentum 0.8), seed S4 (loop); Adam(2e-4, 0.5) and the rest are Keras' defaults.
    pub fn mnist_keras() -> Self {
        Self {
            order: UpdateOrder::KerasTwoUpdates,
            ..Self::dense("mnist-keras", 100, &[256, 512, 1024], &[512, 256], 2e-4)
        }
    }

    /// A small convolutional pair that learns in few steps: 64 and 32 channels, hinge loss.
    ///
    /// Source: our own choice of sizes and rate; the layout is that of Radford et al. 2016 at 28×28, but for LeakyReLU in G and
    /// BatchNorm before its reshape; the loss is that of Lim and Ye 2017. Without these, the Fréchet distance
    /// (docs/quality.md) was 114, not 91, after 500 steps, but 27, not 46, after 5,000.
    pub fn mnist_dcgan() -> Self {
        Self {
            loss: LossConfig::Hinge,
            discriminator_loss_scale: 1.0,
            ..Self::convolutional("mnist-dcgan", 64, [64, 32], GAN_ADAM, 1e-3)
        }
    }

    /// [`Self::mnist_dcgan`] twice as wide, as in common tutorials: 128 and 64 channels, cross-entropy, weights normal with deviation 0.02.
    ///
    /// Source: init and Adam 2e-4 with beta1 0.5 are those of Radford et al. 2016; the layers are not those of its MNIST network, which had
    /// linear layers of 1,024 units, 5×5 kernels and labels.
    pub fn mnist_dcgan_wide() -> Self {
        Self {
            init: Init::DcganNormal,
            ..Self::convolutional("mnist-dcgan-wide", 100, [128, 64], GAN_ADAM, 2e-4)
        }
    }

    /// A Wasserstein GAN with gradient penalty for a dense critic: five critic updates a step.
    ///
    /// Source: Gulrajani et al. 2017, algorithm 1 (Adam 1e-4, 0, 0.9; penalty 10; five updates); the networks are those of
    /// [`Self::mnist_fast`], whose critic has no BatchNorm, as the paper asks. The paper gives no eps; 1e-8 is Adam's own.
    pub fn wgan_gp() -> Self {
        let optimizer = OptimizerConfig::Adam {
            beta1: 0.0,
            beta2: 0.9,
            eps: 1e-8,
        };
        let mut config = Self {
            loss: LossConfig::WassersteinGp { penalty: 10.0 },
            discriminator_loss_scale: 1.0,
            discriminator_updates: 5,
            ..Self::dense("wgan-gp", 64, &[128, 256, 512], &[256, 128], 1e-4)
        };
        config.generator.optimizer = optimizer;
        config.discriminator.optimizer = optimizer;
        config
    }

    /// The networks of [`Self::mnist_fast`] for Fashion-MNIST.
    ///
    /// Source: our own, as for [`Self::mnist_fast`].
    pub fn fashion_dense() -> Self {
        Self {
            name: "fashion-dense".into(),
            ..Self::mnist_fast()
        }
    }

    /// The convolutional pair of seed S3: 64 normal latents, cross-entropy from logits, Adam at 1e-4 with its own betas, batches of 128.
    ///
    /// Source: seed S3 (data, latents, loss, optimizer, batch); its text shows no layer sizes, so these are
    /// those of [`Self::mnist_dcgan`], smaller than its notebook's.
    pub fn fashion_conv() -> Self {
        let optimizer = OptimizerConfig::Adam {
            beta1: 0.9,
            beta2: 0.999,
            eps: 1e-7,
        };
        Self {
            batch_size: 128,
            ..Self::convolutional("fashion-conv", 64, [64, 32], optimizer, 1e-4)
        }
    }

    /// A dense pair: hidden layers of linear, LeakyReLU, and in G BatchNorm after that.
    fn dense(
        name: &str,
        latent_dim: usize,
        generator_widths: &[usize],
        discriminator_widths: &[usize],
        learning_rate: f64,
    ) -> Self {
        let linear = |units: &usize| LayerConfig::Linear(Linear { units: *units });
        let generator = generator_widths
            .iter()
            .flat_map(|units| [linear(units), LEAKY, KERAS_NORM])
            .chain([linear(&IMAGE.dim()), LayerConfig::Tanh]);
        let discriminator = discriminator_widths
            .iter()
            .flat_map(|units| [linear(units), LEAKY])
            .chain([linear(&1)]);
        Self::images(
            name,
            latent_dim,
            [generator.collect(), discriminator.collect()],
            GAN_ADAM,
            learning_rate,
        )
    }

    /// A convolutional pair for 28×28: G widens 7×7 twice by transposed convolutions (kernel 4, stride 2), D is its mirror image, with
    /// BatchNorm in both but for G's output and D's input.
    fn convolutional(
        name: &str,
        latent_dim: usize,
        [deep, shallow]: [usize; 2],
        optimizer: OptimizerConfig,
        learning_rate: f64,
    ) -> Self {
        // A bias before BatchNorm would be subtracted again with the mean.
        let generator = vec![
            LayerConfig::Linear(Linear {
                units: deep * 7 * 7,
            }),
            KERAS_NORM,
            LEAKY,
            seven_by_seven(deep),
            LayerConfig::ConvTranspose2d(conv(shallow, false)),
            KERAS_NORM,
            LEAKY,
            LayerConfig::ConvTranspose2d(conv(1, true)),
            LayerConfig::Tanh,
        ];
        let discriminator = vec![
            PICTURE,
            LayerConfig::Conv2d(conv(shallow, true)),
            LEAKY,
            LayerConfig::Conv2d(conv(deep, false)),
            KERAS_NORM,
            LEAKY,
            LayerConfig::Flatten,
            LayerConfig::Linear(Linear { units: 1 }),
        ];
        Self::images(
            name,
            latent_dim,
            [generator, discriminator],
            optimizer,
            learning_rate,
        )
    }

    /// What the image presets have in common: normal latents, cross-entropy, one joint D update, then one G update, an average of G.
    fn images(
        name: &str,
        latent_dim: usize,
        layers: [Vec<LayerConfig>; 2],
        optimizer: OptimizerConfig,
        learning_rate: f64,
    ) -> Self {
        let [generator, discriminator] = layers.map(|layers| PlayerConfig {
            layers,
            optimizer,
            learning_rate,
            gradient_clip_norm: None,
        });
        Self {
            name: name.into(),
            shape: IMAGE,
            latent: LatentConfig {
                kind: LatentKind::Normal,
                dim: latent_dim,
            },
            labels: None,
            init: Init::GlorotUniform,
            batch_size: 64,
            loss: BCE,
            gradient_penalties: GradientPenalties::default(),
            schedule: ScheduleConfig::Constant,
            order: UpdateOrder::Joint,
            discriminator_loss_scale: 0.5,
            discriminator_updates: 1,
            generator_updates: 1,
            ema_decay: Some(EMA_DECAY),
            generator,
            discriminator,
        }
    }
}
