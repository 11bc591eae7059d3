//! Values that are multiplied and added side by side: a SIMD register, and the way to run a loop with the best of them.
//!
//! In a browser a register holds four values, and the cargo feature `fma` makes a multiplication and an addition one instruction of relaxed
//! SIMD. Elsewhere it holds eight, and [`with_lanes`] looks whether the processor has AVX2 and fused multiplication and addition.

/// Number of values in a register.
pub(super) const LANES: usize = if cfg!(target_arch = "wasm32") { 4 } else { 8 };

/// [`LANES`] values side by side. `FUSED`: a product is not rounded before it is added.
#[cfg(target_arch = "wasm32")]
#[derive(Clone, Copy)]
pub(super) struct Lanes<const FUSED: bool>(core::arch::wasm32::v128);

/// [`LANES`] values side by side. `FUSED`: a product is not rounded before it is added.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Clone, Copy)]
pub(super) struct Lanes<const FUSED: bool>([f32; LANES]);

#[cfg(target_arch = "wasm32")]
impl<const FUSED: bool> Lanes<FUSED> {
    #[inline(always)]
    pub(super) fn splat(value: f32) -> Self {
        Self(core::arch::wasm32::f32x4_splat(value))
    }

    /// # Safety
    /// There are [`LANES`] values at `from`.
    #[allow(unsafe_code, reason = "SIMD loads take pointers")]
    #[inline(always)]
    pub(super) unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller's promise; v128_load takes any alignment.
        Self(unsafe { core::arch::wasm32::v128_load(from.cast()) })
    }

    /// `self + factor * other`
    #[inline(always)]
    pub(super) fn add_product(self, factor: Self, other: Self) -> Self {
        use core::arch::wasm32::{f32x4_add, f32x4_mul, f32x4_relaxed_madd};
        Self(if FUSED {
            f32x4_relaxed_madd(factor.0, other.0, self.0)
        } else {
            f32x4_add(self.0, f32x4_mul(factor.0, other.0))
        })
    }

    #[inline(always)]
    pub(super) fn values(self) -> [f32; LANES] {
        use core::arch::wasm32::f32x4_extract_lane as lane;
        [
            lane::<0>(self.0),
            lane::<1>(self.0),
            lane::<2>(self.0),
            lane::<3>(self.0),
        ]
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl<const FUSED: bool> Lanes<FUSED> {
    #[inline(always)]
    pub(super) fn splat(value: f32) -> Self {
        Self([value; LANES])
    }

    /// # Safety
    /// There are [`LANES`] values at `from`.
    #[allow(
        unsafe_code,
        reason = "a load without a check of bounds takes a pointer"
    )]
    #[inline(always)]
    pub(super) unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller's promise; an array of f32 has the alignment of f32.
        Self(unsafe { *from.cast() })
    }

    /// `self + factor * other`
    #[inline(always)]
    pub(super) fn add_product(mut self, factor: Self, other: Self) -> Self {
        for ((sum, factor), other) in self.0.iter_mut().zip(factor.0).zip(other.0) {
            *sum = if FUSED {
                factor.mul_add(other, *sum)
            } else {
                *sum + factor * other
            };
        }
        self
    }

    #[inline(always)]
    pub(super) fn values(self) -> [f32; LANES] {
        self.0
    }
}

/// A loop over [`Lanes`], compiled for each kind of them. It must be `#[inline(always)]`.
pub(super) trait Loop {
    fn run<const FUSED: bool>(self);
}

/// Runs a loop with the best lanes there are.
#[cfg(target_arch = "wasm32")]
#[cfg_attr(feature = "fma", target_feature(enable = "relaxed-simd"))]
pub(super) fn with_lanes(work: impl Loop) {
    work.run::<{ cfg!(feature = "fma") }>();
}

/// Runs a loop with the best lanes there are.
#[cfg(not(target_arch = "wasm32"))]
pub(super) fn with_lanes(work: impl Loop) {
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx2,fma")]
        fn fused(work: impl Loop) {
            work.run::<true>();
        }
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            #[allow(
                unsafe_code,
                reason = "a function for newer processors only is unsafe to call"
            )]
            // SAFETY: the processor has just been asked for both features.
            return unsafe { fused(work) };
        }
    }
    work.run::<{ cfg!(target_arch = "aarch64") }>();
}
