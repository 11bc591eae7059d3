//! The classifier whose features and classes the judge goes by: a small convolutional network of the engine's own layers.

use burn::tensor::{Device, Tensor, TensorData};

use super::quantised::Quantised;
use super::score::Seen;
use crate::Error;
use crate::config::{ConvConfig, Dropout, Features, Init, LayerConfig, LeakyRelu, Linear, Reshape};
use crate::network::{NamedTensor, Network, Pass};
use crate::reading::Reading;
use crate::rng::{Rng, Stream};

/// Pixels of a row of the images it knows, and rows.
pub const SIDE: usize = 28;
/// Values of one sample.
pub const PIXELS: usize = SIDE * SIDE;
/// Values that enter the last layer: the features.
pub const FEATURES: usize = 64;
/// Classes of each data set.
pub const CLASSES: usize = 10;

/// Samples of one pass, so few that its values keep below 100 MB.
const CHUNK: usize = 500;

/// Two networks one after the other, so that the features between them can be read.
#[derive(Debug, Clone)]
pub struct Classifier {
    /// Samples to features.
    pub body: Network,
    /// Features to logits.
    pub head: Network,
    device: Device,
}

/// The layers that make features of samples. Dropout works in training only.
pub fn body_layers() -> Vec<LayerConfig> {
    let conv = |channels| {
        LayerConfig::Conv2d(ConvConfig {
            channels,
            kernel: 5,
            stride: 2,
            padding: 2,
            bias: true,
        })
    };
    let leaky = LayerConfig::LeakyRelu(LeakyRelu { slope: 0.2 });
    vec![
        LayerConfig::Reshape(Reshape {
            channels: 1,
            height: SIDE,
            width: SIDE,
        }),
        conv(16), // 14×14
        leaky,
        conv(32), // 7×7
        leaky,
        LayerConfig::Flatten,
        LayerConfig::Dropout(Dropout { rate: 0.25 }),
        LayerConfig::Linear(Linear { units: FEATURES }),
        leaky,
    ]
}

/// The layers that make logits of features.
pub fn head_layers() -> Vec<LayerConfig> {
    vec![LayerConfig::Linear(Linear { units: CLASSES })]
}

impl Classifier {
    /// Both networks before any training, with first values from `seed`.
    ///
    /// # Errors
    /// None today: the layers fit one another.
    pub fn new(seed: u32, device: &Device) -> Result<Self, Error> {
        let mut rng = Rng::new(seed, Stream::DiscriminatorWeights);
        let mut network = |name, layers: Vec<LayerConfig>, input| {
            let (input, init) = (Features::Row(input), Init::GlorotUniform);
            Network::new(&layers, name, input, init, &mut rng, device)
        };
        Ok(Self {
            body: network("body", body_layers(), PIXELS)?,
            head: network("head", head_layers(), FEATURES)?,
            device: device.clone(),
        })
    }

    /// The classifier whose weights are these, in layer order.
    ///
    /// # Errors
    /// As [`Classifier::load`].
    pub fn quantised(weights: &[Quantised], device: &Device) -> Result<Self, Error> {
        let mut classifier = Self::new(0, device)?;
        let tensors = weights.iter().enumerate();
        let tensors: Vec<_> = tensors
            .map(|(index, weight)| weight.tensor(index))
            .collect();
        classifier.load(&tensors)?;
        Ok(classifier)
    }

    /// All parameters, those of the body first, in layer order.
    ///
    /// # Errors
    /// [`Error::Device`] if the device failed.
    pub async fn tensors(&self) -> Result<Vec<NamedTensor>, Error> {
        let (body, head) = (self.body.tensors().read(), self.head.tensors().read());
        let mut all = body.await?;
        all.extend(head.await?);
        Ok(all)
    }

    /// Replaces parameters by `tensors`, which have the order and the names of [`Classifier::tensors`].
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if a name or a length is another.
    pub fn load(&mut self, tensors: &[NamedTensor]) -> Result<(), Error> {
        for (index, tensor) in tensors.iter().enumerate() {
            // The head is one linear layer: a weight and a bias.
            let network = match index + 2 < tensors.len() {
                true => &mut self.body,
                false => &mut self.head,
            };
            network.load(&tensor.name, &tensor.values)?;
        }
        Ok(())
    }

    /// Queues a look at samples `[n * PIXELS]`, each value in -1 ..= 1, without dropout.
    ///
    /// # Shapes
    /// - returns features `[n, FEATURES]` and logits `[n, CLASSES]`, chunk by chunk
    pub(super) fn queue(&mut self, samples: &[f32]) -> Vec<[Tensor<2>; 2]> {
        let chunks = samples.chunks(CHUNK * PIXELS);
        let chunks = chunks.map(|chunk| {
            let shape = [chunk.len() / PIXELS, PIXELS];
            let rows = Tensor::from_data(TensorData::new(chunk.to_vec(), shape), &self.device);
            let seen = self.body.forward(rows, Pass::Running);
            let seen = seen.output().clone(); // [n, FEATURES]
            let named = self.head.forward(seen.clone(), Pass::Running);
            [seen, named.output().clone()]
        });
        chunks.collect()
    }

    /// Features and logits of samples `[n * PIXELS]`, each value in -1 ..= 1, without dropout.
    pub fn look_at(&mut self, samples: &[f32]) -> Reading<Seen> {
        seen(self.queue(samples))
    }
}

/// Reads features and logits that [`Classifier::queue`] gave, as one set.
pub(super) fn seen(chunks: Vec<[Tensor<2>; 2]>) -> Reading<Seen> {
    let flat = chunks
        .into_iter()
        .flatten()
        .map(|tensor| tensor.reshape([-1]));
    Reading::new(flat.collect(), |rows| {
        let mut seen = Seen::default();
        for (index, row) in rows.into_iter().enumerate() {
            let part = match index % 2 {
                0 => &mut seen.features,
                _ => &mut seen.logits,
            };
            part.extend(row);
        }
        Ok(seen)
    })
}

/// A value of -1 to 1 as a picture of 256 grey levels shows it; values beyond become the nearest end.
///
/// The judge sees samples as they would be saved, so that its figures can be computed again from the saved images.
pub fn shown(value: f32) -> f32 {
    let grey = ((value + 1.0) * 127.5).round() as u8; // `as` saturates
    (f32::from(grey) - 127.5) / 127.5
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "cpu")]
    #[test]
    fn its_tensors_are_those_that_files_hold() {
        let classifier = Classifier::new(0, &Device::flex()).expect("its layers fit");
        let tensors = pollster::block_on(classifier.tensors()).expect("readable");
        let found: Vec<_> = tensors
            .iter()
            .map(|tensor| (&tensor.name[..], &tensor.shape[..]))
            .collect();
        assert_eq!(found, super::super::quantised::TENSORS);
    }

    #[test]
    fn a_value_is_shown_as_the_nearest_of_256_levels() {
        for level in 0..=255_u8 {
            let value = (f32::from(level) - 127.5) / 127.5;
            assert_eq!(
                [shown(value), shown(value + 0.003)],
                [value; 2],
                "level {level}"
            );
        }
        assert_eq!([-9.0, 9.0].map(shown), [-1.0, 1.0]);
        // Half a level is 1 / 255 = 0.0039.
        assert_eq!(shown(0.0), 0.5 / 127.5);
    }
}
