//! Upsampling by repetition (nearest neighbour): each pixel becomes a square of 2 × 2.

use std::sync::Arc;

use burn::backend::Dispatch;
use burn::tensor::Tensor;

use super::activation::{activated, sloped};
use crate::Error;
use crate::kernels::{Fused, Kernels};
use crate::network::features::Features;
use crate::network::layer::{
    Back, Built, Counts, Kind, Layer, Penalised, Properties, Run, Terms, misfit,
};
use crate::network::layout::Builder;
use crate::store::Store;

/// Each pixel becomes a square of 2 × 2.
pub(crate) struct Upsample;

impl Kind for Upsample {
    fn name(&self) -> &'static str {
        "upsample"
    }

    fn check(&self, _field: &str) -> Result<(), Error> {
        Ok(())
    }

    fn output(&self, field: &str, input: Features) -> Result<Features, Error> {
        let Features::Picture([channels, height, width]) = input else {
            let expected = "a picture: a reshape layer before it";
            return Err(misfit(self, field, input, expected));
        };
        Ok(Features::Picture([channels, 2 * height, 2 * width]))
    }

    fn counts(&self, _input: Features) -> Counts {
        Counts::default()
    }

    fn label(&self, input: Features, output: Features) -> String {
        format!("Upsample {input} → {output}")
    }

    fn properties(&self) -> Properties {
        Properties {
            range: None,
            needs_batch: false,
            in_penalty: true,
        }
    }

    fn build(&self, _builder: &mut Builder<'_>, input: Features, _output: Features) -> Built {
        let Features::Picture([_, _, width]) = input else {
            unreachable!("`output` takes pictures only");
        };
        Built::Layer(Arc::new(Squares { width }))
    }
}

/// The layer in a network.
#[derive(Debug)]
struct Squares {
    /// Pixels in a line that enters.
    width: usize,
}

impl Layer for Squares {
    fn forward(
        &self,
        x: Tensor<2>,
        _run: &mut Run<'_, '_>,
        activation: Fused,
    ) -> (Tensor<2>, Option<Tensor<2>>) {
        let y = Dispatch::upsample(x.into_dispatch(), self.width); // [batch, 4 * values]
        (activated(Tensor::from_dispatch(y), activation), None)
    }

    fn has_parameters(&self) -> bool {
        false
    }

    fn parameter_gradients(&self, _gradient: Tensor<2>, _back: &Back<'_>, _into: &mut Store) {}

    fn input_gradient(&self, gradient: Tensor<2>, back: &Back<'_>, below: Fused) -> Tensor<2> {
        let gradient = gradient.into_dispatch();
        let gradient = Dispatch::upsample_gradient(gradient, back.x(), self.width, below);
        Tensor::from_dispatch(gradient)
    }

    fn penalised(&self) -> Option<&dyn Penalised> {
        Some(self)
    }
}

impl Penalised for Squares {
    fn tangent(&self, direction: Tensor<2>, back: &Back<'_>, activation: Fused) -> Tensor<2> {
        let direction = Dispatch::upsample(direction.into_dispatch(), self.width);
        sloped(Tensor::from_dispatch(direction), back.output(), activation)
    }

    fn merged_gradients(&self, _gradient: Tensor<2>, _terms: &Terms<'_>, _into: &mut Store) {}
}
