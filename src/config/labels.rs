//! Classes of the samples, and how each player hears of them.

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::limits::{LIMITS, within};

/// Classes of the samples, and how each player hears of them. A label is a whole number below [`LabelsConfig::classes`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LabelsConfig {
    /// Number of classes.
    pub classes: usize,
    /// How G is told the class that it is to make.
    pub generator: GeneratorLabels,
    /// How D is told the class that a sample is said to have.
    pub discriminator: DiscriminatorLabels,
}

/// How G is told the class that it is to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum GeneratorLabels {
    /// It is not told.
    Off,
    /// A value for each class follows the latent: 1 for the sample's own class, 0 for the others. Mirza and Osindero 2014.
    OneHot,
}

/// How D is told the class that a sample is said to have.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", deny_unknown_fields)]
pub enum DiscriminatorLabels {
    /// It is not told.
    Off,
    /// The last layer gives an output for all classes, with a bias, and one for each class, without; the raw output is the sum of the first
    /// and that of the sample's class. Miyato and Koyama 2018.
    Projection,
    /// A value for each class joins the input of the first linear layer: `scale` for the sample's own class, 0 for the others. Mirza and
    /// Osindero 2014.
    Concat {
        /// 1 in the paper.
        scale: f64,
    },
}

impl LabelsConfig {
    /// Width of the one-hot label beside G's latent; 0 if G is not told.
    pub(crate) fn generator_width(&self) -> usize {
        match self.generator {
            GeneratorLabels::Off => 0,
            GeneratorLabels::OneHot => self.classes,
        }
    }

    /// Checks its fields.
    pub(super) fn validate(&self) -> Result<(), Error> {
        within("labels.classes", self.classes, LIMITS.classes)?;
        match (self.generator, self.discriminator) {
            (GeneratorLabels::Off, DiscriminatorLabels::Off) => Err(Error::config(
                "labels",
                "told to neither player",
                "null, or a generator or discriminator that is told",
            )),
            (_, DiscriminatorLabels::Concat { scale }) => {
                within("labels.discriminator.scale", scale, LIMITS.label_scale)
            }
            (_, DiscriminatorLabels::Off | DiscriminatorLabels::Projection) => Ok(()),
        }
    }
}
