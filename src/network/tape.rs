//! How a pass runs, and what it leaves for the backward pass.

use burn::backend::{Dispatch, DispatchTensor};
use burn::tensor::Tensor;

use crate::journal::Span;
use crate::kernels::{Kernels, PairSlopes};
use crate::rng::Rng;

/// How a pass treats BatchNorm and dropout.
#[derive(Debug)]
pub enum Pass<'a> {
    /// BatchNorm by the statistics of each of `groups` equal shares of the batch, towards which the running ones move in turn; dropout by
    /// masks from this stream.
    Train {
        /// At least 1.
        groups: usize,
        /// The stream that masks are drawn from.
        dropout: &'a mut Rng,
    },
    /// BatchNorm by the statistics of the batch; the running ones stay as they are; no dropout.
    Batch,
    /// BatchNorm by the running statistics, which stay as they are; no dropout.
    Running,
}

/// What a forward pass leaves for the backward pass.
#[derive(Debug)]
pub struct Tape {
    /// The input of the first layer, then the output of each layer, `[batch, values]`.
    pub(super) outputs: Vec<Tensor<2>>,
    /// The note of each layer for its backward pass, if it has one.
    pub(super) notes: Vec<Option<Tensor<2>>>,
    /// The labels of the rows, `[batch, 1]`, if they have any.
    pub(super) labels: Option<Tensor<2>>,
}

impl Tape {
    /// The output of the last layer, `[batch, output values]`.
    pub fn output(&self) -> &Tensor<2> {
        self.outputs.last().expect("the input is always there")
    }
}

/// What [`Network::logits`](super::Network::logits) gives.
#[derive(Debug)]
pub struct Logits {
    /// The tape for the backward pass. The output of the last layer may be missing.
    pub tape: Tape,
    /// Gradient of the loss by the raw outputs, `[batch, 1]`.
    pub gradient: Tensor<2>,
    /// Where the raw outputs are noted down.
    pub outputs: Span,
}

impl Logits {
    /// Adds to the gradient that of a function of the differences of pairs of raw outputs, which lie in two journals.
    pub(crate) fn with_pairs(
        self,
        firsts: DispatchTensor,
        seconds: DispatchTensor,
        pairs: PairSlopes,
    ) -> Self {
        let gradient = self.gradient.into_dispatch();
        let gradient = Dispatch::pair_gradient(gradient, firsts, seconds, pairs);
        Self {
            gradient: Tensor::from_dispatch(gradient),
            ..self
        }
    }
}
