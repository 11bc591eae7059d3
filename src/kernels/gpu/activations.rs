//! Activations that are operations of their own, on a GPU. A fused one is an epilogue without anything before it.

use burn::backend::TensorMetadata;
use cubecl::prelude::*;

use super::epilogue::{EpilogueArgument, apply_epilogue, epilogue_argument};
use super::launch::{Values, buffer, count, room, threads};
use crate::kernels::spec::{Activation, Epilogue};

pub(super) fn activation(x: &Values, activation: Activation) -> Values {
    match activation {
        Activation::Fused(fused) => apply(x, x, Epilogue::Activate(fused)),
    }
}

pub(super) fn activation_gradient(
    gradient: &Values,
    _x: &Values,
    y: &Values,
    activation: Activation,
) -> Values {
    match activation {
        Activation::Fused(fused) => apply(gradient, y, Epilogue::Slope(fused)),
    }
}

/// The epilogue of each value of `x`; a slope is that of the activation whose outputs are `below`.
fn apply(x: &Values, below: &Values, epilogue: Epilogue) -> Values {
    let count = count(x);
    let y = room(x, x.shape()[0], x.shape()[1]);
    let (groups, size) = threads(x, count);
    // SAFETY: threads past `count` stop at once; every index is below `count`, the length of `x`, of `y` (made here) and of `below` (the
    // output of the activation whose gradient `x` is, or `x` itself).
    unsafe {
        epilogue_kernel::launch_unchecked(
            &x.client,
            groups,
            size,
            buffer(x),
            buffer(below),
            buffer(&y),
            count,
            epilogue_argument(epilogue),
        );
    }
    y
}

#[cube(launch_unchecked)]
fn epilogue_kernel(
    x: &[f32],
    below: &[f32],
    y: &mut [f32],
    count: usize,
    epilogue: EpilogueArgument,
) {
    let at = ABSOLUTE_POS;
    if at >= count {
        terminate!();
    }
    y[at] = apply_epilogue(x[at], below, at, &epilogue);
}
