//! Linear layers on a GPU: three products of matrices, by registers or by workgroup memory, as suits the adapter. Convolutions are such
//! products too, once what their windows see is laid out as rows.

use super::launch::{Values, count, room, vector_width};
use super::registers::{self, Plan};
use super::registers_weights::{self, Slices};
use super::sums::{self, To};
use super::tiles::{self, Tiling};
use super::workgroup::{self, Layout, Operand, Product, ProductEpilogue};
use crate::kernels::spec::{Dense, Fused};

/// `activation(x W + b)`
pub(super) fn forward(x: &Values, params: &Values, layer: Dense, activation: Fused) -> Values {
    let batch = count(x) / layer.inputs;
    let y = room(x, batch, layer.outputs);
    let vector = vector_of(layer);
    if let Some(tiling) = tiles::of(batch, layer.outputs, vector) {
        let plan = Plan {
            layer,
            batch,
            vector,
            tiling,
        };
        registers::forward(x, params, &y, &plan, activation);
    } else {
        let product = Product {
            left: Operand::new(x, 0, Layout::SumAdjacent),
            right: Operand::new(params, layer.at, Layout::ResultAdjacent),
            rows: batch,
            inner: layer.inputs,
            columns: layer.outputs,
            vector,
        };
        let epilogue = ProductEpilogue::Forward {
            params,
            biases: [layer.bias_at(), layer.biases],
            activation,
        };
        workgroup::product(&product, &y, 0, &epilogue);
    }
    y
}

/// `gradient Wᵀ`, times the slope of the activation whose output is `below`.
pub(super) fn input_gradient(
    gradient: &Values,
    params: &Values,
    below: &Values,
    layer: Dense,
    slope: Fused,
) -> Values {
    let batch = count(gradient) / layer.outputs;
    let into = room(gradient, batch, layer.inputs);
    let vector = vector_of(layer);
    if let Some(tiling) = tiles::of(batch, layer.inputs, vector).map(Tiling::halved) {
        let plan = Plan {
            layer,
            batch,
            vector,
            tiling,
        };
        registers::input_gradient(gradient, params, below, &into, &plan, slope);
    } else {
        let product = Product {
            left: Operand::new(gradient, 0, Layout::SumAdjacent),
            right: Operand::new(params, layer.at, Layout::SumAdjacent),
            rows: batch,
            inner: layer.outputs,
            columns: layer.inputs,
            vector,
        };
        let epilogue = ProductEpilogue::Slope { below, slope };
        workgroup::product(&product, &into, 0, &epilogue);
    }
    into
}

/// The gradients of weights and biases; `accumulate` adds to the old values.
pub(super) fn weight_gradient(
    x: &Values,
    gradient: &Values,
    into: Values,
    layer: Dense,
    accumulate: bool,
) -> Values {
    let (inputs, outputs) = (layer.inputs, layer.outputs);
    let batch = count(x) / inputs;
    let vector = vector_of(layer);
    let tiling = tiles::of(inputs, outputs, vector);
    let threads = tiling.map_or_else(
        || workgroup::threads(inputs, outputs),
        |tiling| tiling.count(inputs, outputs),
    );
    // With few threads a long sum is split into slices, whose results go to a tensor of their own and are added up by a second launch.
    let slices = tiles::slices(threads, batch);
    let partial = (slices > 1).then(|| room(x, slices, inputs * outputs));
    let to = partial.as_ref().unwrap_or(&into);
    let at = if slices > 1 { 0 } else { layer.at };
    let accumulate_here = accumulate && slices == 1;
    let sums_biases = slices == 1 && tiling.is_some();
    if let Some(tiling) = tiling {
        let plan = Plan {
            layer: Dense { at, ..layer },
            batch,
            vector,
            tiling,
        };
        let slices = Slices {
            tiles: threads,
            count: slices,
            accumulate: accumulate_here,
            biases: if sums_biases { layer.biases } else { 0 },
        };
        registers_weights::weight_gradient(x, gradient, to, &plan, &slices);
    } else {
        let product = Product {
            left: Operand::new(x, 0, Layout::ResultAdjacent),
            right: Operand::new(gradient, 0, Layout::ResultAdjacent),
            rows: inputs,
            inner: batch,
            columns: outputs,
            vector,
        };
        let epilogue = ProductEpilogue::Sum {
            slices,
            accumulate: accumulate_here,
        };
        workgroup::product(&product, to, at, &epilogue);
    }
    let to = |at| To {
        into: &into,
        at,
        accumulate,
    };
    if let Some(partial) = partial {
        sums::sum_slices(&partial, [1, slices, inputs * outputs], to(layer.at));
    }
    if layer.biases > 0 && !sums_biases {
        let shape = [batch, outputs, 1];
        sums::channel_sums(gradient, None, shape, layer.biases, to(layer.bias_at()));
    }
    into
}

/// Number of values that one load of a layer's operands takes.
fn vector_of(layer: Dense) -> usize {
    vector_width(&[layer.at, layer.inputs, layer.outputs, layer.biases])
}
