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
use crate::network::layer::{Back, Built, Counts, Kind, Layer, Penalised, Properties, Run, Terms};
use crate::network::layout::Builder;
use crate::store::Store;

/// A linear layer whose input is followed by a value for each class: `scale` for the row's class, 0 for the others.
pub(super) struct Concatenated {
    pub(super) linear: Linear,
    pub(super) classes: usize,
    pub(super) scale: f32,
}

/// A linear layer with an output for all classes, with a bias, and one for each class, without; of these only their sum for the row's
/// class leaves the network.
pub(super) struct Projected {
    pub(super) linear: Linear,
    pub(super) classes: usize,
}

impl Concatenated {
    /// What enters the linear layer.
    fn joined(&self, input: Features) -> Features {
        Features::Row(input.values() + self.classes)
    }
}

impl Kind for Concatenated {
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
        self.linear.counts(self.joined(input))
    }

    fn label(&self, input: Features, output: Features) -> String {
        self.linear.label(self.joined(input), output)
    }

    fn properties(&self) -> Properties {
        self.linear.properties()
    }

    fn build(&self, builder: &mut Builder<'_>, input: Features, _output: Features) -> Built {
        let (inputs, units) = (self.joined(input).values(), self.linear.units);
        let append = Append(LabelColumns {
            classes: self.classes,
            constant: self.scale,
            share: 0.0,
        });
        let dense = dense(builder, inputs, units, units);
        Built::Layers([Arc::new(append), Arc::new(dense)])
    }
}

impl Kind for Projected {
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
            trainable: input.values() * self.linear.units + 1,
            running: 0,
        }
    }

    fn label(&self, input: Features, output: Features) -> String {
        self.linear.label(input, output)
    }

    fn properties(&self) -> Properties {
        self.linear.properties()
    }

    fn build(&self, builder: &mut Builder<'_>, input: Features, _output: Features) -> Built {
        let dense = dense(builder, input.values(), self.linear.units, 1);
        let project = Project(LabelColumns {
            classes: self.classes,
            constant: 0.0,
            share: 1.0,
        });
        Built::Layers([Arc::new(dense), Arc::new(project)])
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
