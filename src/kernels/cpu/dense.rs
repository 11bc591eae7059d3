//! Linear layers on the CPU: products of matrices that read every memory layout in place.

use super::gemm::{Matrix, product};
use super::values::{Values, plus, slice, tensor};
use crate::kernels::spec::{Dense, Fused};

impl Dense {
    fn weights<'a>(&self, params: &'a [f32]) -> Matrix<'a> {
        Matrix::new(&params[self.at..], self.inputs, self.outputs)
    }
}

/// `activation(x W + b)`
pub(super) fn forward(x: &Values, params: &Values, layer: Dense, activation: Fused) -> Values {
    let (x, params) = (slice(x), slice(params));
    let batch = x.len() / layer.inputs;
    let mut start = vec![0.0; layer.outputs];
    start[..layer.biases].copy_from_slice(&params[layer.bias_at()..][..layer.biases]);
    let mut y = start.repeat(batch);
    let x = Matrix::new(x, batch, layer.inputs);
    product(x, layer.weights(params), &mut y, layer.biases > 0);
    activation.apply(&mut y);
    tensor(y, layer.outputs)
}

/// `gradient Wᵀ`, times the slope of the activation whose output is `below`.
pub(super) fn input_gradient(
    gradient: &Values,
    params: &Values,
    below: &Values,
    layer: Dense,
    slope: Fused,
) -> Values {
    let gradient = slice(gradient);
    let batch = gradient.len() / layer.outputs;
    let mut into = vec![0.0; batch * layer.inputs];
    let weights = layer.weights(slice(params)).transposed();
    product(
        Matrix::new(gradient, batch, layer.outputs),
        weights,
        &mut into,
        false,
    );
    slope.apply_slope(&mut into, slice(below));
    tensor(into, layer.inputs)
}

/// The gradients of weights and biases; `accumulate` adds to the old values.
pub(super) fn weight_gradient(
    x: &Values,
    gradient: &Values,
    mut into: Values,
    layer: Dense,
    accumulate: bool,
) -> Values {
    let (x, gradient) = (slice(x), slice(gradient));
    let batch = x.len() / layer.inputs;
    let (inputs, outputs) = (layer.inputs, layer.outputs);
    let (weights, rest) = into.storage_mut::<f32>()[layer.at..].split_at_mut(inputs * outputs);
    let x = Matrix::new(x, batch, inputs).transposed();
    product(
        x,
        Matrix::new(gradient, batch, outputs),
        weights,
        accumulate,
    );
    let biases = &mut rest[..layer.biases];
    if !accumulate {
        biases.fill(0.0);
    }
    if layer.biases > 0 {
        for row in gradient.chunks_exact(outputs) {
            plus(biases, row);
        }
    }
    into
}
