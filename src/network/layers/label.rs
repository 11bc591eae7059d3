//! Linear layers that hear of the label: its columns join what enters the first, or choose among the outputs of the last.
//!
//! Each is a linear layer and, before or behind it, a layer without parameters that reads the labels: [`Append`] or [`Project`]. Both are one
//! pair of operations, which are each other's transpose; see [`LabelColumns`].

use std::sync::Arc;

use burn::backend::Dispatch;
use burn::tensor::Tensor;

use super::activation::{activated, sloped};
use super::linear::{Linear, dense};
use crate::Error;
use crate::kernels::{Fused, Kernels, LabelColumns};
use crate::network::features::Features;
use crate::network::labels::Conditioning;
use crate::network::layer::{Back, Built, Counts, Kind, Layer, Penalised, Properties, Run, Terms};
use crate::network::layout::Builder;
use crate::store::Store;

/// A linear layer that hears of the label: D's first by [`Conditioning::Concat`], its last by [`Conditioning::Projection`].
pub(super) struct Told {
    pub(super) linear: Linear,
    pub(super) conditioning: Conditioning,
}

impl Told {
    /// What enters the linear layer where `input` comes from the layer before: with concatenation the label joins it.
    fn joined(&self, input: Features) -> Features {
        match self.conditioning {
            Conditioning::Projection { .. } => input,
            Conditioning::Concat { classes, .. } => Features::Row(input.values() + classes),
        }
    }

    /// Number of biases of the linear layer: an output for one class has none.
    fn biases(&self) -> usize {
        match self.conditioning {
            Conditioning::Projection { .. } => 1,
            Conditioning::Concat { .. } => self.linear.units,
        }
    }
}

impl Kind for Told {
    fn name(&self) -> &'static str {
        self.linear.name()
    }

    fn check(&self, field: &str) -> Result<(), Error> {
        self.linear.check(field)
    }

    fn output(&self, field: &str, input: Features) -> Result<Features, Error> {
        self.linear.output(field, input)
    }

    fn counts(&self, input: Features) -> Counts {
        Counts {
            trainable: self.joined(input).values() * self.linear.units + self.biases(),
            running: 0,
        }
    }

    fn label(&self, input: Features, output: Features) -> String {
        self.linear.label(self.joined(input), output)
    }

    fn properties(&self) -> Properties {
        self.linear.properties()
    }

    fn build(&self, builder: &mut Builder<'_>, input: Features, _output: Features) -> Built {
        let inputs = self.joined(input).values();
        let dense = Arc::new(dense(builder, inputs, self.linear.units, self.biases()));
        Built::Layers(match self.conditioning {
            Conditioning::Projection { classes } => {
                let columns = LabelColumns {
                    classes,
                    constant: 0.0,
                    share: 1.0,
                };
                [dense, Arc::new(Project(columns))]
            }
            Conditioning::Concat { classes, scale } => {
                let columns = LabelColumns {
                    classes,
                    constant: scale,
                    share: 0.0,
                };
                [Arc::new(Append(columns)), dense]
            }
        })
    }
}

/// Appends the label's columns to a row.
#[derive(Debug)]
struct Append(LabelColumns);

/// Adds the value of the row's class to the first value of `[batch, 1 + classes]`, and leaves that: `[batch, 1]`.
#[derive(Debug)]
struct Project(LabelColumns);

impl Layer for Append {
    fn forward(
        &self,
        x: Tensor<2>,
        run: &mut Run<'_, '_>,
        activation: Fused,
    ) -> (Tensor<2>, Option<Tensor<2>>) {
        (activated(append(x, run.labels, self.0), activation), None)
    }

    fn has_parameters(&self) -> bool {
        false
    }

    fn parameter_gradients(&self, _gradient: Tensor<2>, _back: &Back<'_>, _into: &mut Store) {}

    fn input_gradient(&self, gradient: Tensor<2>, back: &Back<'_>, below: Fused) -> Tensor<2> {
        remove(gradient, back.labels, back.x, self.0, below)
    }

    fn penalised(&self) -> Option<&dyn Penalised> {
        Some(self)
    }
}

impl Penalised for Append {
    /// A label does not change with the sample: its columns are zeros.
    fn tangent(&self, direction: Tensor<2>, back: &Back<'_>, activation: Fused) -> Tensor<2> {
        let columns = LabelColumns {
            constant: 0.0,
            ..self.0
        };
        let direction = append(direction, back.labels, columns);
        sloped(direction, back.output(), activation)
    }

    fn merged_gradients(&self, _gradient: Tensor<2>, _terms: &Terms<'_>, _into: &mut Store) {}
}

impl Layer for Project {
    fn forward(
        &self,
        x: Tensor<2>,
        run: &mut Run<'_, '_>,
        activation: Fused,
    ) -> (Tensor<2>, Option<Tensor<2>>) {
        let y = remove(x.clone(), run.labels, &x, self.0, Fused::Identity);
        (activated(y, activation), None)
    }

    fn has_parameters(&self) -> bool {
        false
    }

    fn parameter_gradients(&self, _gradient: Tensor<2>, _back: &Back<'_>, _into: &mut Store) {}

    fn input_gradient(&self, gradient: Tensor<2>, back: &Back<'_>, below: Fused) -> Tensor<2> {
        sloped(append(gradient, back.labels, self.0), back.x, below)
    }

    fn penalised(&self) -> Option<&dyn Penalised> {
        Some(self)
    }
}

impl Penalised for Project {
    fn tangent(&self, direction: Tensor<2>, back: &Back<'_>, activation: Fused) -> Tensor<2> {
        let below = direction.clone();
        let direction = remove(direction, back.labels, &below, self.0, Fused::Identity);
        sloped(direction, back.output(), activation)
    }

    fn merged_gradients(&self, _gradient: Tensor<2>, _terms: &Terms<'_>, _into: &mut Store) {}
}

/// The labels as the operand of an operation.
fn given(labels: Option<&Tensor<2>>) -> burn::backend::DispatchTensor {
    let labels = labels.expect("a network that hears of labels is given them");
    labels.clone().into_dispatch()
}

fn append(x: Tensor<2>, labels: Option<&Tensor<2>>, columns: LabelColumns) -> Tensor<2> {
    let y = Dispatch::append_label(x.into_dispatch(), given(labels), columns);
    Tensor::from_dispatch(y)
}

fn remove(
    x: Tensor<2>,
    labels: Option<&Tensor<2>>,
    below: &Tensor<2>,
    columns: LabelColumns,
    slope: Fused,
) -> Tensor<2> {
    let below = below.clone().into_dispatch();
    let y = Dispatch::remove_label(x.into_dispatch(), given(labels), below, columns, slope);
    Tensor::from_dispatch(y)
}
