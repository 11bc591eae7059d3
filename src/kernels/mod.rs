//! What both networks compute, as few large operations: each runs once for a layer, forward or backward, and is written twice, for the CPU
//! (`cpu/`) and as GPU kernels (`gpu/`): the two wings, in files of the same names. [`Kernels`] lists them. It is a backend extension of Burn: Burn owns
//! devices, tensors and their memory.
//!
//! # Why not Burn's autodiff
//! A GAN of dense layers is many small operations, and tracing and launching them took most of a step. Burn 0.22 with autodiff, commit ae8918e,
//! and these operations, commit 2563f61 (WebGPU's numbers: the table in docs/speed.md), in headless Chromium 156 on two cores without a GPU:
//!
//! | | with autodiff, 22 November 2026 | by these operations |
//! |---|---:|---:|
//! | `mnist-fast`, CPU | 77 ms a step (13 a second) | 20 ms (22 November 2026) |
//! | `toy-2x2`, CPU | 0.42 ms (2,400 a second) | 0.05 ms (22 November 2026) |
//! | `toy-2x2`, WebGPU on SwiftShader | 9.7 ms (103 a second) | 2.9 ms (25 November 2026) |
//!
//! The two columns were measured on shared machines of the same size, whose speed varies by a third. The GPU kernels are few, too: a software adapter compiles
//! each for tenths of a second, and a whole step of the dense networks takes 14 pipelines.
//!
//! # What every operation relies on
//! Layers share storage. A network's parameters stand one after another in one tensor `params`, their gradients at the same places in
//! another; a layer knows its place. So an optimizer is one operation, whatever the network. A sample is a flat row of a tensor
//! `[batch, values]`; a picture is in the order channel, row, column.
//!
//! Backward, `gradient` is always the gradient of the values before the layer's activation. A layer's input gradient therefore ends with the
//! slope of the activation of the layer below, which it finds from that layer's output `below`: see [`Fused::slope`].
//!
//! `tests/kernels.rs` compares every operation with plain Burn, on both devices. Imports go down only: a wing's `mod.rs` knows its files, and
//! they know [`spec`](self) and the leaves beside them.

#[cfg(feature = "cpu")]
mod cpu;
#[cfg(feature = "webgpu")]
mod gpu;
mod operations;
mod spec;

#[cfg(feature = "webgpu")]
pub use gpu::tuning;
pub use operations::Kernels;
pub use spec::{
    Activation, Conv, Decay, Dense, Epilogue, Fused, LossSlope, LossSlopes, Norm, Rule, Side,
};
