//! The operations as GPU kernels, in CubeCL: WGSL in a browser, SPIR-V or another shader language natively.
//!
//! Nearly all the work is in three products of matrices, cut into tiles as suits the adapter ([`tiling`]). Numbers that differ between
//! layers (sizes, places, activations) are arguments of a kernel and not compiled into it, so a whole network needs few pipelines.

#![allow(
    unsafe_code,
    reason = "CubeCL's own bounds checks cost time in every load; each kernel keeps within the lengths it is given, and WebGPU lets none \
              leave its buffers"
)]
#![allow(
    clippy::needless_range_loop,
    reason = "shader code has no iterators over parts of a buffer"
)]

mod conv;
mod dense;
mod elements;
mod logits;
mod norm;
mod shared;
mod tiling;
pub mod tuning;

use burn::backend::TensorMetadata;
use burn::backend::tensor::FloatTensor;
use burn::backend::wgpu::CubeBackend;
use burn::tensor::DType;
use cubecl::calculate_cube_count_elemwise;
use cubecl::prelude::*;

use super::{
    Activation, Conv, Dense, Epilogue, Fused, Kernels, LossSlope, LossSlopes, Norm, Rule, Side,
};

type Values = FloatTensor<CubeBackend>;

/// Threads of a workgroup.
const GROUP: usize = 64;

/// An activation as kernels take it. Not smooth: `x` where positive, else `x` times the number (1 for the identity). Smooth:
/// `k / (exp(-k x) + 1) - (k - 1)`, which is the sigmoid for 1 and tanh for 2. So a kernel has a branch less for every value that leaves
/// it, and its code is a fraction as long.
#[derive(CubeType, CubeLaunch, Clone, Copy)]
struct Curve {
    smooth: u32,
    number: f32,
}

/// The end of an operation as kernels take it.
#[derive(CubeType, CubeLaunch, Clone, Copy)]
struct Ending {
    curve: Curve,
    /// 1 if the slope at `below` is meant.
    backward: u32,
}

fn curve(activation: Fused) -> CurveLaunch {
    let (smooth, number) = match activation {
        Fused::Identity => (0, 1.0),
        Fused::LeakyRelu(slope) => (0, slope),
        Fused::Sigmoid => (1, 1.0),
        Fused::Tanh => (1, 2.0),
    };
    CurveLaunch::new(smooth, number)
}

fn ending(end: Epilogue) -> EndingLaunch {
    let (activation, backward) = match end {
        Epilogue::Activate(activation) => (activation, 0),
        Epilogue::Slope(activation) => (activation, 1),
    };
    EndingLaunch::new(curve(activation), backward)
}

#[cube]
fn activate<N: Size>(x: Vector<f32, N>, curve: &Curve) -> Vector<f32, N> {
    let k = Vector::new(curve.number);
    // NaN stays NaN.
    let mut y = select_many(x.greater_than(&Vector::new(0.0f32)), x, x * k);
    if curve.smooth == 1 {
        // exp(-k x) may be infinite; the quotient is 0 then.
        y = k / ((-(k * x)).exp() + Vector::new(1.0f32)) - Vector::new(curve.number - 1.0);
    }
    y
}

/// The slope where the output is `y`.
#[cube]
fn slope_at<N: Size>(y: Vector<f32, N>, curve: &Curve) -> Vector<f32, N> {
    let one = Vector::new(1.0f32);
    let mut factor = select_many(
        y.greater_than(&Vector::new(0.0f32)),
        one,
        Vector::new(curve.number),
    );
    if curve.smooth == 1 {
        factor = (y + Vector::new(curve.number - 1.0)) * (one - y);
    }
    factor
}

/// The end of an operation on single values: what becomes of the `value` at place `at`.
#[cube]
fn ended(value: f32, below: &[f32], at: usize, end: &Ending) -> f32 {
    let mut y = Single::new(value);
    if end.backward == 1 {
        y *= slope_at(Single::new(below[at]), &end.curve);
    } else {
        y = activate(y, &end.curve);
    }
    y.extract(0usize)
}

/// A vector of one value.
type Single = Vector<f32, Const<1>>;

/// Workgroups for so many threads.
fn threads(on: &Values, count: usize) -> (CubeCount, CubeDim) {
    let dim = CubeDim::new_1d(GROUP as u32);
    (calculate_cube_count_elemwise(&on.client, count, dim), dim)
}

/// Room for `[rows, width]` beside another tensor.
fn room(beside: &Values, rows: usize, width: usize) -> Values {
    let handle = beside.client.empty(rows * width * size_of::<f32>());
    let (client, device) = (beside.client.clone(), beside.device.clone());
    Values::new_contiguous(client, device, [rows, width].into(), handle, DType::F32)
}

/// Values loaded at once: 4 if every length and place is a multiple of that.
fn width(numbers: &[usize]) -> usize {
    if numbers.iter().all(|number| number.is_multiple_of(4)) {
        4
    } else {
        1
    }
}

fn count(tensor: &Values) -> usize {
    tensor.shape().num_elements()
}

fn buffer(tensor: &Values) -> BufferArg {
    tensor.clone().into_buffer_arg()
}

/// The tensor itself, if nobody else holds its values, else a copy.
fn own(tensor: Values) -> Values {
    if tensor.can_mut() {
        return tensor;
    }
    let shape = tensor.shape();
    let copy = room(&tensor, 1, count(&tensor));
    let copy = elements::write(copy, &tensor, 0);
    Values::new_contiguous(copy.client, copy.device, shape, copy.handle, DType::F32)
}

impl Kernels for CubeBackend {
    fn linear(x: Values, params: Values, layer: Dense, end: Fused) -> Values {
        dense::forward(&x, &params, layer, end)
    }

    fn linear_input_gradient(
        gradient: Values,
        params: Values,
        below: Values,
        layer: Dense,
        end: Fused,
    ) -> Values {
        dense::input_gradient(&gradient, &params, &below, layer, end)
    }

    fn linear_weight_gradient(
        x: Values,
        gradient: Values,
        into: Values,
        layer: Dense,
        add: bool,
    ) -> Values {
        dense::weight_gradient(&x, &gradient, own(into), layer, add)
    }

    fn conv(big: Values, params: Values, below: Values, layer: Conv, end: Epilogue) -> Values {
        conv::conv(&big, &params, &below, layer, end)
    }

    fn conv_transpose(
        small: Values,
        params: Values,
        below: Values,
        layer: Conv,
        end: Epilogue,
    ) -> Values {
        conv::conv_transpose(&small, &params, &below, layer, end)
    }

    fn conv_weight_gradient(small: Values, big: Values, into: Values, layer: Conv) -> Values {
        conv::weight_gradient(&small, &big, own(into), layer)
    }

    fn batch_norm(
        x: Values,
        params: Values,
        running: Values,
        layer: Norm,
        groups: usize,
        moving: bool,
        end: Fused,
    ) -> (Values, Values, Values) {
        let running = if moving { own(running) } else { running };
        let (y, statistics) = norm::forward(&x, &params, &running, layer, groups, moving, end);
        (y, statistics, running)
    }

    fn batch_norm_running(
        x: Values,
        params: Values,
        running: Values,
        layer: Norm,
        end: Fused,
    ) -> Values {
        norm::running(&x, &params, &running, layer, end)
    }

    fn batch_norm_sums(
        x: Values,
        gradient: Values,
        statistics: Values,
        layer: Norm,
        groups: usize,
    ) -> Values {
        norm::sums(&x, &gradient, &statistics, layer, groups)
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
        norm::input_gradient(
            &x,
            &gradient,
            &statistics,
            &sums,
            &params,
            layer,
            groups,
            slope,
        )
    }

    fn batch_norm_weight_gradient(
        sums: Values,
        into: Values,
        layer: Norm,
        groups: usize,
    ) -> Values {
        let into = own(into);
        elements::sum_parts(
            &sums,
            &into,
            [1, groups, 2 * layer.channels],
            layer.at,
            false,
        );
        into
    }

    fn activation(x: Values, activation: Activation) -> Values {
        match activation {
            Activation::Fused(fused) => elements::epilogue(&x, &x, Epilogue::Activate(fused)),
        }
    }

    fn activation_gradient(
        gradient: Values,
        _x: Values,
        y: Values,
        activation: Activation,
    ) -> Values {
        match activation {
            Activation::Fused(fused) => elements::epilogue(&gradient, &y, Epilogue::Slope(fused)),
        }
    }

    fn multiply(a: Values, b: Values) -> Values {
        elements::multiply(&a, &b)
    }

    fn stack(a: Values, b: Values) -> Values {
        let (rows, width) = (a.shape()[0], a.shape()[1]);
        let both = room(&a, rows + b.shape()[0], width);
        let both = elements::write(both, &a, 0);
        elements::write(both, &b, rows * width)
    }

    fn blend(a: Values, b: Values, shares: Values) -> Values {
        elements::blend(&a, &b, &shares)
    }

    fn loss_gradient(
        outputs: Values,
        journal: Values,
        at: usize,
        loss: LossSlopes,
    ) -> (Values, Values) {
        logits::loss_gradient(&outputs, own(journal), at, loss)
    }

    fn logits(
        x: Values,
        params: Values,
        layer: Dense,
        journal: Values,
        at: usize,
        loss: LossSlopes,
    ) -> (Values, Values) {
        logits::logits(&x, &params, layer, own(journal), at, loss)
    }

    fn penalty(input_gradients: Values, weight: f32) -> (Values, Values) {
        elements::penalty(&input_gradients, weight)
    }

    fn optimize(
        params: Values,
        gradients: Values,
        moments: Values,
        rule: Rule,
        clip: f32,
    ) -> (Values, Values) {
        elements::optimize(own(params), &gradients, own(moments), rule, clip)
    }

    fn mix(average: Values, now: Values, keep: f32) -> Values {
        elements::mix(own(average), &now, keep)
    }

    fn limit_norm(values: Values, limit: f32) -> Values {
        elements::limit_norm(own(values), limit)
    }

    fn write(into: Values, values: Values, at: usize) -> Values {
        elements::write(own(into), &values, at)
    }

    fn submit(any: Values) -> Values {
        any.client.flush().ok(); // What failed fails the read that follows.
        any
    }
}
