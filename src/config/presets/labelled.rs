//! The presets whose networks are told the classes, and what they would be without.
//!
//! Source: our own search over some hundred runs; what each choice gains is in `docs/quality.md`. The critic sees the whole picture (a hidden
//! linear layer above its convolutions) and hears of the label by projection (Miyato and Koyama 2018); R1 (Mescheder et al. 2018) lets both
//! learn at rates that would otherwise diverge.

use super::{BCE, GanConfig, KERAS_NORM, LEAKY, PICTURE, conv, seven_by_seven};
use crate::config::gradient_penalties::GradientPenalties;
use crate::config::labels::{DiscriminatorLabels, GeneratorLabels, LabelsConfig};
use crate::config::optimizer::OptimizerConfig;
use crate::config::schedule::ScheduleConfig;
use crate::network::{LayerConfig, Linear};

/// Ten digits, or ten kinds of clothes.
const CLASSES: usize = 10;

impl GanConfig {
    /// Handwritten digits, each as it was asked for: 16 and 8 channels, batches of 32, so that a step is quick on a CPU.
    pub fn mnist_digits() -> Self {
        Self {
            batch_size: 32,
            ..Self::labelled("mnist-digits", [16, 8])
        }
    }

    /// [`Self::mnist_digits`] with twice the channels and twice the batch, for a GPU.
    pub fn mnist_digits_large() -> Self {
        Self::labelled("mnist-digits-large", [32, 16])
    }

    /// [`Self::mnist_digits`] without labels: the same networks are not told what they draw. R1 is weaker and the rates are lower, which is
    /// better here.
    pub fn mnist_digits_unlabelled() -> Self {
        let mut config = Self {
            name: "mnist-digits-unlabelled".into(),
            labels: None,
            gradient_penalties: GradientPenalties {
                r1: Some(0.1),
                ..GradientPenalties::default()
            },
            schedule: ScheduleConfig::Constant,
            batch_size: 64,
            ..Self::mnist_digits()
        };
        for player in [&mut config.generator, &mut config.discriminator] {
            player.learning_rate = 4e-3;
        }
        if let Some(last) = config.discriminator.layers.last_mut() {
            *last = LayerConfig::Linear(Linear { units: 1 });
        }
        config
    }

    /// [`Self::mnist_digits`] for Fashion-MNIST, with batches of 64.
    pub fn fashion_clothes() -> Self {
        Self::labelled("fashion-clothes", [16, 8])
    }

    /// [`Self::mnist_digits_large`] for Fashion-MNIST.
    pub fn fashion_clothes_large() -> Self {
        Self::labelled("fashion-clothes-large", [32, 16])
    }

    /// A convolutional pair with a hidden linear layer in each player, which is told the classes.
    fn labelled(name: &str, [deep, shallow]: [usize; 2]) -> Self {
        let linear = |units| LayerConfig::Linear(Linear { units });
        let generator = vec![
            linear(256),
            KERAS_NORM,
            LEAKY,
            linear(deep * 7 * 7),
            KERAS_NORM,
            LEAKY,
            seven_by_seven(deep),
            LayerConfig::ConvTranspose2d(conv(shallow, true)),
            KERAS_NORM,
            LEAKY,
            LayerConfig::ConvTranspose2d(conv(1, true)),
            LayerConfig::Tanh,
        ];
        let discriminator = vec![
            PICTURE,
            LayerConfig::Conv2d(conv(shallow, true)),
            LEAKY,
            LayerConfig::Conv2d(conv(deep, true)),
            LEAKY,
            LayerConfig::Flatten,
            linear(128),
            LEAKY,
            linear(1 + CLASSES),
        ];
        let adam = OptimizerConfig::Adam {
            beta1: 0.5,
            beta2: 0.99,
            eps: 1e-7,
        };
        Self {
            labels: Some(LabelsConfig {
                classes: CLASSES,
                generator: GeneratorLabels::OneHot,
                discriminator: DiscriminatorLabels::Projection,
            }),
            loss: BCE,
            gradient_penalties: GradientPenalties {
                r1: Some(0.5),
                ..GradientPenalties::default()
            },
            schedule: ScheduleConfig::InverseSqrt { from: 250 },
            ..Self::images(name, 64, [generator, discriminator], adam, 5e-3)
        }
    }
}
