//! The operations on the CPU, for Burn's flex backend.

mod activations;
mod conv;
mod copies;
mod dense;
mod elements;
mod epilogue;
mod gemm;
mod labels;
mod lanes;
mod logits;
mod norm;
mod optimizers;
mod planes;
mod rows;
mod tiles;
mod upsample;
mod values;

use burn::backend::Flex;

use self::values::Values;
use crate::kernels::operations::Kernels;
use crate::kernels::spec::{
    Activation, Conv, Dense, Epilogue, Fused, LabelColumns, LossSlopes, Norm, NormPenalties,
    PairSlopes, Rule,
};

impl Kernels for Flex {
    fn linear(x: Values, params: Values, layer: Dense, activation: Fused) -> Values {
        dense::forward(&x, &params, layer, activation)
    }

    fn linear_input_gradient(
        gradient: Values,
        params: Values,
        below: Values,
        layer: Dense,
        slope: Fused,
    ) -> Values {
        dense::input_gradient(&gradient, &params, &below, layer, slope)
    }

    fn linear_weight_gradient(
        x: Values,
        gradient: Values,
        into: Values,
        layer: Dense,
        accumulate: bool,
    ) -> Values {
        dense::weight_gradient(&x, &gradient, into, layer, accumulate)
    }

    fn conv(big: Values, params: Values, below: Values, layer: Conv, epilogue: Epilogue) -> Values {
        conv::conv(&big, &params, &below, layer, epilogue)
    }

    fn conv_transpose(
        small: Values,
        params: Values,
        below: Values,
        layer: Conv,
        epilogue: Epilogue,
    ) -> Values {
        conv::conv_transpose(&small, &params, &below, layer, epilogue)
    }

    fn conv_weight_gradient(
        small: Values,
        big: Values,
        into: Values,
        layer: Conv,
        accumulate: bool,
    ) -> Values {
        conv::weight_gradient(&small, &big, into, layer, accumulate)
    }

    fn bias_gradient(
        gradient: Values,
        shares: Values,
        into: Values,
        at: usize,
        channels: usize,
        biases: usize,
    ) -> Values {
        rows::bias_gradient(&gradient, &shares, into, at, [channels, biases])
    }

    fn batch_norm(
        x: Values,
        params: Values,
        running: Values,
        layer: Norm,
        groups: usize,
        moving: bool,
        activation: Fused,
    ) -> (Values, Values, Values) {
        let running = norm::Running {
            values: running,
            moving,
        };
        norm::forward(&x, &params, running, layer, groups, activation)
    }

    fn batch_norm_running(
        x: Values,
        params: Values,
        running: Values,
        layer: Norm,
        activation: Fused,
    ) -> Values {
        norm::forward_running(&x, &params, &running, layer, activation)
    }

    fn batch_norm_sums(
        x: Values,
        gradient: Values,
        statistics: Values,
        layer: Norm,
        groups: usize,
    ) -> Values {
        let backward = norm::Backward {
            x: &x,
            gradient: &gradient,
            statistics: &statistics,
            layer,
            groups,
        };
        norm::sums(&backward)
    }

    fn batch_norm_input_gradient(
        x: Values,
        gradient: Values,
        statistics: Values,
        sums: Values,
        params: Values,
        layer: Norm,
        groups: usize,
        slope: Fused,
    ) -> Values {
        let backward = norm::Backward {
            x: &x,
            gradient: &gradient,
            statistics: &statistics,
            layer,
            groups,
        };
        norm::input_gradient(&backward, &sums, &params, slope)
    }

    fn batch_norm_weight_gradient(
        sums: Values,
        into: Values,
        layer: Norm,
        _groups: usize,
    ) -> Values {
        norm::weight_gradient(&sums, into, layer)
    }

    fn upsample(x: Values, width: usize) -> Values {
        upsample::forward(&x, width)
    }

    fn upsample_gradient(gradient: Values, below: Values, width: usize, slope: Fused) -> Values {
        upsample::input_gradient(&gradient, &below, width, slope)
    }

    fn activation(x: Values, activation: Activation) -> Values {
        activations::activation(x, activation)
    }

    fn activation_gradient(
        gradient: Values,
        x: Values,
        y: Values,
        activation: Activation,
    ) -> Values {
        activations::activation_gradient(gradient, &x, &y, activation)
    }

    fn multiply(a: Values, b: Values) -> Values {
        elements::multiply(a, &b)
    }

    fn stack(a: Values, b: Values) -> Values {
        elements::stack(&a, &b)
    }

    fn blend(a: Values, b: Values, shares: Values) -> Values {
        elements::blend(&a, &b, &shares)
    }

    fn blend_rows(x: Values, shares: Values, more: Values) -> Values {
        rows::blend_rows(x, &shares, &more)
    }

    fn first_rows(x: Values, count: usize) -> Values {
        rows::first_rows(&x, count)
    }

    fn append_label(x: Values, labels: Values, columns: LabelColumns) -> Values {
        labels::append(&x, &labels, columns)
    }

    fn remove_label(
        x: Values,
        labels: Values,
        below: Values,
        columns: LabelColumns,
        slope: Fused,
    ) -> Values {
        labels::remove(&x, &labels, &below, columns, slope)
    }

    fn loss_gradient(
        outputs: Values,
        journal: Values,
        at: usize,
        loss: LossSlopes,
    ) -> (Values, Values) {
        logits::loss_gradient(outputs, journal, at, loss)
    }

    fn logits(
        x: Values,
        params: Values,
        layer: Dense,
        journal: Values,
        at: usize,
        loss: LossSlopes,
    ) -> (Values, Values) {
        let outputs = dense::forward(&x, &params, layer, Fused::Identity);
        logits::loss_gradient(outputs, journal, at, loss)
    }

    fn pair_gradient(
        gradient: Values,
        firsts: Values,
        seconds: Values,
        pairs: PairSlopes,
    ) -> Values {
        logits::pair_gradient(gradient, &firsts, &seconds, pairs)
    }

    fn penalty(
        input_gradients: Values,
        journal: Values,
        at: usize,
        penalties: NormPenalties,
    ) -> (Values, Values) {
        rows::penalty(input_gradients, journal, at, penalties)
    }

    fn optimize(
        params: Values,
        gradients: Values,
        moments: Values,
        rule: Rule,
        clip: f32,
    ) -> (Values, Values) {
        optimizers::optimize(params, &gradients, moments, rule, clip)
    }

    fn mix(average: Values, now: Values, keep: f32) -> Values {
        optimizers::mix(average, &now, keep)
    }

    fn limit_norm(values: Values, limit: f32) -> Values {
        optimizers::limit_norm(values, limit)
    }

    fn write(into: Values, values: Values, at: usize) -> Values {
        elements::write(into, &values, at)
    }

    fn submit(any: Values) -> Values {
        any // Everything is done already.
    }
}
