//! Activations that are operations of their own, on a GPU. A fused one is an epilogue without anything before it.

use burn::backend::TensorMetadata;
use cubecl::prelude::*;

use super::epilogue::{EpilogueArgument, apply_epilogue, epilogue_argument};
use super::launch::{Values, buffer, count, room, threads};
use crate::kernels::spec::{Activation, Epilogue};

pub(super) fn activation(x: &Values, activation: Activation) -> Values {
    match activation {
        Activation::Fused(fused) => apply(x, x, Epilogue::Activate(fused)),
        Activation::Elu(alpha) => alone(x, Alone::Elu, alpha),
        Activation::Silu => alone(x, Alone::Silu, 0.0),
    }
}

pub(super) fn activation_gradient(
    gradient: &Values,
    x: &Values,
    y: &Values,
    activation: Activation,
) -> Values {
    match activation {
        Activation::Fused(fused) => apply(gradient, y, Epilogue::Slope(fused)),
        Activation::Elu(alpha) => alone_gradient(gradient, x, y, Alone::Elu, alpha),
        Activation::Silu => alone_gradient(gradient, x, y, Alone::Silu, 0.0),
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

/// An activation that is not fused; each has kernels of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Alone {
    /// The number is `alpha`.
    Elu,
    /// The number is not used.
    Silu,
}

fn alone(x: &Values, which: Alone, number: f32) -> Values {
    let count = count(x);
    let y = room(x, x.shape()[0], x.shape()[1]);
    let (groups, size) = threads(x, count);
    // SAFETY: threads past `count` stop at once; every index is below `count`, the length of `x` and of `y`, which was made here.
    unsafe {
        alone_kernel::launch_unchecked(
            &x.client,
            groups,
            size,
            buffer(x),
            buffer(&y),
            count,
            number,
            which,
        );
    }
    y
}

fn alone_gradient(gradient: &Values, x: &Values, y: &Values, which: Alone, number: f32) -> Values {
    let count = count(gradient);
    let into = room(gradient, gradient.shape()[0], gradient.shape()[1]);
    let (groups, size) = threads(gradient, count);
    // SAFETY: threads past `count` stop at once; every index is below `count`, the length of all four: `x` and `y` are input and
    // output of the activation whose gradient this is, `into` was made here.
    unsafe {
        alone_gradient_kernel::launch_unchecked(
            &gradient.client,
            groups,
            size,
            buffer(gradient),
            buffer(x),
            buffer(y),
            buffer(&into),
            count,
            number,
            which,
        );
    }
    into
}

#[cube(launch_unchecked)]
fn alone_kernel(x: &[f32], y: &mut [f32], count: usize, number: f32, #[comptime] which: Alone) {
    let at = ABSOLUTE_POS;
    if at >= count {
        terminate!();
    }
    let x = x[at];
    y[at] = match comptime!(which) {
        Alone::Elu => select(x > 0.0, x, number * (x.exp() - 1.0)),
        Alone::Silu => x / (1.0 + (-x).exp()),
    };
}

#[cube(launch_unchecked)]
fn alone_gradient_kernel(
    gradient: &[f32],
    x: &[f32],
    y: &[f32],
    into: &mut [f32],
    count: usize,
    number: f32,
    #[comptime] which: Alone,
) {
    let at = ABSOLUTE_POS;
    if at >= count {
        terminate!();
    }
    let slope = match comptime!(which) {
        Alone::Elu => select(y[at] > 0.0, 1.0f32, y[at] + number),
        Alone::Silu => {
            let share = 1.0 / (1.0 + (-x[at]).exp());
            share * (1.0 + x[at] * (1.0 - share))
        }
    };
    into[at] = gradient[at] * slope;
}
