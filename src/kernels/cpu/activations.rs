//! Activations that are operations of their own, on the CPU.

use super::epilogue::{exp_of_minus, sigmoid};
use super::values::{Values, each, slice};
use crate::kernels::spec::Activation;

pub(super) fn activation(mut x: Values, activation: Activation) -> Values {
    match activation {
        Activation::Fused(fused) => fused.apply(x.storage_mut()),
        Activation::Elu(alpha) => each(x.storage_mut(), |x| {
            if x > 0.0 {
                x
            } else {
                alpha * (exp_of_minus(-x) - 1.0)
            }
        }),
        Activation::Silu => each(x.storage_mut(), |x| x * sigmoid(x)),
    }
    x
}

pub(super) fn activation_gradient(
    mut gradient: Values,
    x: &Values,
    y: &Values,
    activation: Activation,
) -> Values {
    match activation {
        Activation::Fused(fused) => fused.apply_slope(gradient.storage_mut(), slice(y)),
        Activation::Elu(alpha) => {
            let pairs = gradient.storage_mut::<f32>().iter_mut().zip(slice(y));
            pairs.for_each(|(gradient, y)| *gradient *= if *y > 0.0 { 1.0 } else { y + alpha });
        }
        Activation::Silu => {
            let pairs = gradient.storage_mut::<f32>().iter_mut().zip(slice(x));
            pairs.for_each(|(gradient, x)| {
                let share = sigmoid(*x);
                *gradient *= share * (1.0 + x * (1.0 - share));
            });
        }
    }
    gradient
}
