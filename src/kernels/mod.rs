//! What both networks compute, as few large operations: each runs once for a layer, forward or backward, and is written twice, for the CPU
//! (`cpu/`) and as GPU kernels (`gpu/`): the two wings, in files of the same names. [`Kernels`] lists them. It is a backend extension of Burn: Burn owns
//! devices, tensors and their memory.
//!
//! # Why not Burn's autodiff
//! A GAN of dense layers is many small operations; Burn traces each, launches each by itself, and makes a tensor of each result. Here a layer
//! is one launch or a few, which end with its activation or slope, and all parameters of a network move in one. The engine before (plain
//! Burn 0.22.1 with autodiff, commit ae8918e) and after (commit 2563f61), both on 22 November 2026 in headless Chromium 156 on two cores of a
//! shared machine without a GPU, whose speed varies by a third:
//!
//! | | Burn's autodiff | these operations |
//! |---|---:|---:|
//! | a step of `mnist-fast`, CPU | 77 ms (13 a second) | 20 ms |
//! | a step of `toy-2x2`, CPU | 0.42 ms (2,400 a second) | 0.05 ms |
//! | a step of `toy-2x2`, WebGPU on SwiftShader | 9.7 ms (103 a second) | 2.9 ms (25 November, losses read every step) |
//! | download before the first step, without data, CPU | 0.69 MB | 0.34 MB |
//! | the same, WebGPU | 2.74 MB | 1.91 MB |
//!
//! The numbers of the left column are what the page showed, of the right one what the benchmark page measured. Part of the gain on the CPU
//! is the product of our own in `cpu/gemm.rs`, with relaxed SIMD. A step of the dense networks is 60 launches from 14 pipelines, which
//! matters where a software adapter has to compile them.
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
//! they know `spec.rs` and the files below them (`values.rs`, `launch.rs`, `epilogue.rs`).

#[cfg(feature = "cpu")]
mod cpu;
#[cfg(feature = "webgpu")]
mod gpu;
mod operations;
mod spec;

#[cfg(feature = "webgpu")]
pub use gpu::{launches, tuning};
pub use operations::Kernels;
pub use spec::{
    Activation, Conv, Decay, Dense, Epilogue, Fused, LabelColumns, LossSlope, LossSlopes, Norm,
    NormPenalties, NormPenalty, PairSlope, PairSlopes, Rule, Side,
};
