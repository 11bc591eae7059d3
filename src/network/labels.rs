//! How a network hears of labels, and the rows that enter it, with their labels.

use burn::tensor::Tensor;

/// How a network hears of labels. It does not say how the rows that enter it were made: G's already have the label in them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Conditioning {
    /// The last layer, which is linear, has an output for all classes, with a bias, and one for each class, without. The network gives one
    /// value, the sum of the first and that of the row's class.
    Projection {
        /// Number of classes.
        classes: usize,
    },
    /// The input of the first linear layer is followed by a value for each class: `scale` for the row's class, 0 for the others.
    Concat {
        /// Number of classes.
        classes: usize,
        /// The value of the row's class.
        scale: f32,
    },
}

/// Rows that enter a network, with a label each if it is to hear of them.
#[derive(Debug, Clone)]
pub struct Input {
    /// `[batch, input values]`
    pub values: Tensor<2>,
    /// `[batch, 1]`: the class of each row, a whole number below the number of classes; only a network with a [`Conditioning`] reads it.
    pub labels: Option<Tensor<2>>,
}

impl Input {
    /// Number of rows.
    pub fn size(&self) -> usize {
        self.values.dims()[0]
    }
}

impl From<Tensor<2>> for Input {
    /// Rows without labels.
    fn from(values: Tensor<2>) -> Self {
        Self {
            values,
            labels: None,
        }
    }
}
