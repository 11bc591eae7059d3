//! Convolution and its transpose, each of which is the other's backward pass.

use std::sync::Arc;

use burn::backend::{Dispatch, DispatchTensor};
use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::kernels::{Conv, Epilogue, Fused, Kernels, Side};
use crate::limits::{LIMITS, within};
use crate::network::features::Features;
use crate::network::init::Fan;
use crate::network::layer::{
    Back, Built, Counts, Kind, Layer, Penalised, Properties, Run, Terms, misfit,
};
use crate::network::layout::Builder;
use crate::store::Store;

/// A convolution with a square kernel, or its transpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConvConfig {
    /// Output channels.
    pub channels: usize,
    /// Side of the kernel, in pixels.
    pub kernel: usize,
    /// Pixels from one place of the kernel to the next, on the larger of both pictures.
    pub stride: usize,
    /// Zeros added on each side of the larger picture.
    pub padding: usize,
    /// Whether each output channel has a bias.
    pub bias: bool,
}

/// Cross-correlation of a picture, weights `[out, in, kernel, kernel]`.
pub(crate) struct Conv2d(pub ConvConfig);

/// Its transpose, weights `[in, out, kernel, kernel]`.
pub(crate) struct ConvTranspose2d(pub ConvConfig);

impl Kind for Conv2d {
    fn name(&self) -> &'static str {
        "conv2d"
    }

    fn check(&self, field: &str) -> Result<(), Error> {
        self.0.check(field)
    }

    fn output(&self, field: &str, input: Features) -> Result<Features, Error> {
        let Features::Picture([_, height, width]) = input else {
            return Err(misfit(self, field, input, NO_PICTURE));
        };
        let ConvConfig {
            channels,
            kernel,
            stride,
            padding,
            ..
        } = self.0;
        let padded = height.min(width) + 2 * padding;
        if kernel > padded {
            let expected = format!("{padded} or less, the padded side of the picture");
            return Err(Error::config(format!("{field}.kernel"), kernel, expected));
        }
        let side = |side: usize| (side + 2 * padding - kernel) / stride + 1;
        Ok(Features::Picture([channels, side(height), side(width)]))
    }

    fn counts(&self, input: Features) -> Counts {
        self.0.counts(input)
    }

    fn label(&self, input: Features, output: Features) -> String {
        format!("Conv2d {input} → {output}, {}", self.0.label())
    }

    fn properties(&self) -> Properties {
        Properties {
            range: None,
            needs_batch: false,
            in_penalty: true,
        }
    }

    fn build(&self, builder: &mut Builder<'_>, input: Features, output: Features) -> Built {
        let conv = self.0.build(builder, [output, input], Side::Small);
        Built::Layer(Arc::new(Forward(conv)))
    }
}

impl Kind for ConvTranspose2d {
    fn name(&self) -> &'static str {
        "convTranspose2d"
    }

    fn check(&self, field: &str) -> Result<(), Error> {
        self.0.check(field)
    }

    fn output(&self, field: &str, input: Features) -> Result<Features, Error> {
        let Features::Picture([_, height, width]) = input else {
            return Err(misfit(self, field, input, NO_PICTURE));
        };
        let ConvConfig {
            channels,
            kernel,
            stride,
            padding,
            ..
        } = self.0;
        let padded = |side: usize| (side - 1) * stride + kernel;
        let smallest = padded(height.min(width));
        if smallest <= 2 * padding {
            let expected = format!("less than half of {smallest}");
            return Err(Error::config(format!("{field}.padding"), padding, expected));
        }
        let side = |side: usize| padded(side) - 2 * padding;
        Ok(Features::Picture([channels, side(height), side(width)]))
    }

    fn counts(&self, input: Features) -> Counts {
        self.0.counts(input)
    }

    fn label(&self, input: Features, output: Features) -> String {
        format!("ConvTranspose2d {input} → {output}, {}", self.0.label())
    }

    fn properties(&self) -> Properties {
        Properties {
            range: None,
            needs_batch: false,
            in_penalty: true,
        }
    }

    fn build(&self, builder: &mut Builder<'_>, input: Features, output: Features) -> Built {
        let conv = self.0.build(builder, [input, output], Side::Big);
        Built::Layer(Arc::new(Transpose(conv)))
    }
}

/// What a convolution expects before it.
const NO_PICTURE: &str = "a picture: a reshape layer before it";

/// The checks and tensors that both directions have in common.
impl ConvConfig {
    fn check(&self, field: &str) -> Result<(), Error> {
        within(&format!("{field}.channels"), self.channels, LIMITS.units)?;
        within(&format!("{field}.kernel"), self.kernel, LIMITS.kernel)?;
        within(&format!("{field}.stride"), self.stride, LIMITS.stride)?;
        within(&format!("{field}.padding"), self.padding, LIMITS.padding)
    }

    fn counts(&self, input: Features) -> Counts {
        let (channels, _) = input.channels();
        let biases = if self.bias { self.channels } else { 0 };
        Counts {
            trainable: channels * self.channels * self.kernel * self.kernel + biases,
            running: 0,
        }
    }

    fn label(&self) -> String {
        let bias = if self.bias { "" } else { ", no bias" };
        format!(
            "kernel {}, stride {}, padding {}{bias}",
            self.kernel, self.stride, self.padding
        )
    }

    /// Lays out weights and biases between the small picture and the big one, of which the side `output` is the layer's output.
    fn build(&self, builder: &mut Builder<'_>, sides: [Features; 2], output: Side) -> Conv {
        let [small, big] = sides.map(|side| match side {
            Features::Picture(sides) => sides,
            Features::Row(_) => unreachable!("`output` gives and takes pictures only"),
        });
        let shape = [small[0], big[0], self.kernel, self.kernel];
        let area = self.kernel * self.kernel;
        // PyTorch and Keras both call the second and the first index of the weights "in" and "out", for the transpose too.
        let fan = Fan {
            input: big[0] * area,
            output: small[0] * area,
        };
        let weights = builder.draw.weights(shape.iter().product(), fan);
        let biases = self.bias.then(|| builder.draw.biases(self.channels, fan));
        let at = builder.parameter("weight", &shape, weights);
        let bias = biases.map(|biases| {
            builder.parameter_behind("bias", biases);
            output
        });
        Conv {
            at,
            small,
            big,
            kernel: self.kernel,
            stride: self.stride,
            padding: self.padding,
            bias,
        }
    }
}

/// A convolution: the big picture enters, the small one leaves.
#[derive(Debug)]
struct Forward(Conv);

/// A transposed convolution: the small picture enters, the big one leaves.
#[derive(Debug)]
struct Transpose(Conv);

impl Layer for Forward {
    fn forward(
        &self,
        x: Tensor<2>,
        run: &mut Run<'_, '_>,
        activation: Fused,
    ) -> (Tensor<2>, Option<Tensor<2>>) {
        let (x, unread) = twice(x);
        let epilogue = Epilogue::Activate(activation);
        let y = Dispatch::conv(x, run.parameters.share(), unread, self.0, epilogue);
        (Tensor::from_dispatch(y), None)
    }

    fn parameter_gradients(&self, gradient: Tensor<2>, back: &Back<'_>, into: &mut Store) {
        weight_gradient(gradient.into_dispatch(), back.x(), into, self.0, false);
    }

    fn input_gradient(&self, gradient: Tensor<2>, back: &Back<'_>, below: Fused) -> Tensor<2> {
        let (gradient, parameters) = (gradient.into_dispatch(), back.parameters.share());
        let epilogue = Epilogue::Slope(below);
        let gradient = Dispatch::conv_transpose(gradient, parameters, back.x(), self.0, epilogue);
        Tensor::from_dispatch(gradient)
    }

    fn penalised(&self) -> Option<&dyn Penalised> {
        Some(self)
    }
}

impl Layer for Transpose {
    fn forward(
        &self,
        x: Tensor<2>,
        run: &mut Run<'_, '_>,
        activation: Fused,
    ) -> (Tensor<2>, Option<Tensor<2>>) {
        let (x, unread) = twice(x);
        let epilogue = Epilogue::Activate(activation);
        let y = Dispatch::conv_transpose(x, run.parameters.share(), unread, self.0, epilogue);
        (Tensor::from_dispatch(y), None)
    }

    fn parameter_gradients(&self, gradient: Tensor<2>, back: &Back<'_>, into: &mut Store) {
        weight_gradient(back.x(), gradient.into_dispatch(), into, self.0, false);
    }

    fn input_gradient(&self, gradient: Tensor<2>, back: &Back<'_>, below: Fused) -> Tensor<2> {
        let (gradient, parameters) = (gradient.into_dispatch(), back.parameters.share());
        let epilogue = Epilogue::Slope(below);
        let gradient = Dispatch::conv(gradient, parameters, back.x(), self.0, epilogue);
        Tensor::from_dispatch(gradient)
    }

    fn penalised(&self) -> Option<&dyn Penalised> {
        Some(self)
    }
}

// An epilogue with a slope adds no biases, so the tangents are the operations of the other direction's backward pass.
impl Penalised for Forward {
    fn tangent(&self, direction: Tensor<2>, back: &Back<'_>, activation: Fused) -> Tensor<2> {
        let (direction, parameters) = (direction.into_dispatch(), back.parameters.share());
        let epilogue = Epilogue::Slope(activation);
        let direction = Dispatch::conv(direction, parameters, back.y(), self.0, epilogue);
        Tensor::from_dispatch(direction)
    }

    fn merged_gradients(&self, gradient: Tensor<2>, terms: &Terms<'_>, into: &mut Store) {
        let (small, big) = (gradient.clone().into_dispatch(), terms.x());
        weight_gradient(small, big, into, unbiased(self.0), terms.accumulate());
        if self.0.bias.is_some() {
            terms.write_biases(gradient, self.0.bias_at(), [self.0.small[0]; 2], into);
        }
    }
}

impl Penalised for Transpose {
    fn tangent(&self, direction: Tensor<2>, back: &Back<'_>, activation: Fused) -> Tensor<2> {
        let (direction, parameters) = (direction.into_dispatch(), back.parameters.share());
        let epilogue = Epilogue::Slope(activation);
        let direction = Dispatch::conv_transpose(direction, parameters, back.y(), self.0, epilogue);
        Tensor::from_dispatch(direction)
    }

    fn merged_gradients(&self, gradient: Tensor<2>, terms: &Terms<'_>, into: &mut Store) {
        let (small, big) = (terms.x(), gradient.clone().into_dispatch());
        weight_gradient(small, big, into, unbiased(self.0), terms.accumulate());
        if self.0.bias.is_some() {
            terms.write_biases(gradient, self.0.bias_at(), [self.0.big[0]; 2], into);
        }
    }
}

/// The convolution without its biases.
fn unbiased(layer: Conv) -> Conv {
    Conv {
        bias: None,
        ..layer
    }
}

/// Writes the gradients of weights and biases, in either direction; `accumulate` adds to the old values.
fn weight_gradient(
    small: DispatchTensor,
    big: DispatchTensor,
    into: &mut Store,
    layer: Conv,
    accumulate: bool,
) {
    into.change(|into| {
        let into = Dispatch::conv_weight_gradient(small, big, into, layer, accumulate);
        (into, ())
    });
}

/// The input, and again as the tensor of slopes, which a forward operation takes but does not read.
fn twice(x: Tensor<2>) -> (DispatchTensor, DispatchTensor) {
    (x.clone().into_dispatch(), x.into_dispatch())
}
