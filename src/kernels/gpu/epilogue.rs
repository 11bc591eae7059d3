//! The epilogue that ends an operation on a GPU: a fused activation, or the slope of the one below, as arguments of a kernel.

use cubecl::prelude::*;

use crate::kernels::spec::{Epilogue, Fused};

/// A fused activation as kernels take it. Where `smooth` is 0: `x` where positive, else `x` times `number` (1 for the identity). Where it is 1:
/// `k / (exp(-k x) + 1) - (k - 1)` with `number` for `k`, which is the sigmoid for 1 and tanh for 2. So a kernel has one branch for each value
/// that leaves it, and not one for each activation; its code is a fraction as long.
#[derive(CubeType, CubeLaunch, Clone, Copy)]
pub(super) struct Curve {
    pub(super) smooth: u32,
    pub(super) number: f32,
}

/// An [`Epilogue`] as kernels take it.
#[derive(CubeType, CubeLaunch, Clone, Copy)]
pub(super) struct EpilogueArgument {
    pub(super) curve: Curve,
    /// 1: multiply by the slope at `below`; 0: apply the activation.
    pub(super) backward: u32,
}

/// The launch argument for a fused activation or its slope.
pub(super) fn curve(activation: Fused) -> CurveLaunch {
    let (smooth, number) = match activation {
        Fused::Identity => (0, 1.0),
        Fused::LeakyRelu(slope) => (0, slope),
        Fused::Sigmoid => (1, 1.0),
        Fused::Tanh => (1, 2.0),
    };
    CurveLaunch { smooth, number }
}

/// The launch argument for an epilogue.
pub(super) fn epilogue_argument(epilogue: Epilogue) -> EpilogueArgumentLaunch {
    let (activation, backward) = match epilogue {
        Epilogue::Activate(activation) => (activation, 0),
        Epilogue::Slope(activation) => (activation, 1),
    };
    EpilogueArgumentLaunch {
        curve: curve(activation),
        backward,
    }
}

/// A vector of one value.
pub(super) type Single = Vector<f32, Const<1>>;

/// The activation of `x`.
#[cube]
pub(super) fn activate<N: Size>(x: Vector<f32, N>, curve: &Curve) -> Vector<f32, N> {
    let k = Vector::new(curve.number);
    // NaN stays NaN.
    let mut y = select_many(x.greater_than(&Vector::new(0.0f32)), x, x * k);
    if curve.smooth == 1 {
        // exp(-k x) may be infinite; the quotient is 0 then.
        y = k / ((-(k * x)).exp() + Vector::new(1.0f32)) - Vector::new(curve.number - 1.0);
    }
    y
}

/// The slope of the activation where its output is `y`.
#[cube]
pub(super) fn slope_at<N: Size>(y: Vector<f32, N>, curve: &Curve) -> Vector<f32, N> {
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

/// Applies an epilogue to one `value`; a slope is that of the activation whose output is `below[at]`.
#[cube]
pub(super) fn apply_epilogue(
    value: f32,
    below: &[f32],
    at: usize,
    epilogue: &EpilogueArgument,
) -> f32 {
    let mut y = Single::new(value);
    if epilogue.backward == 1 {
        y *= slope_at(Single::new(below[at]), &epilogue.curve);
    } else {
        y = activate(y, &epilogue.curve);
    }
    y.extract(0usize)
}
