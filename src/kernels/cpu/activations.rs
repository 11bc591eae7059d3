//! Activations that are operations of their own, on the CPU.

use super::values::{Values, slice};
use crate::kernels::spec::Activation;

pub(super) fn activation(mut x: Values, activation: Activation) -> Values {
    match activation {
        Activation::Fused(fused) => fused.apply(x.storage_mut()),
    }
    x
}

pub(super) fn activation_gradient(
    mut gradient: Values,
    _x: &Values,
    y: &Values,
    activation: Activation,
) -> Values {
    match activation {
        Activation::Fused(fused) => fused.apply_slope(gradient.storage_mut(), slice(y)),
    }
    gradient
}
