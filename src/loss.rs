//! The losses of both players, all from logits, so that no `log(sigmoid)` can overflow.

use burn::tensor::{Tensor, activation::softplus};

/// D's loss on real samples, `mean(softplus(-logits))` = mean of -ln(score), in nats.
///
/// # Shapes
/// - `logits`: `[batch, 1]`, raw discriminator output on real samples.
/// - returns `[1]`.
///
/// Source: Goodfellow et al. 2014, section 3; Keras' binary cross-entropy with target 1.
pub fn target_real(logits: Tensor<2>) -> Tensor<1> {
    softplus(logits.neg(), 1.0).mean()
}

/// D's loss on fake samples, `mean(softplus(logits))` = mean of -ln(1 - score), in nats.
///
/// # Shapes
/// - `logits`: `[batch, 1]`, raw discriminator output on generated samples.
/// - returns `[1]`.
///
/// Source: Goodfellow et al. 2014, section 3; Keras' binary cross-entropy with target 0.
pub fn target_fake(logits: Tensor<2>) -> Tensor<1> {
    softplus(logits, 1.0).mean()
}

/// Non-saturating generator loss: the generated samples are called real, `mean(softplus(-logits))`, in nats.
///
/// # Shapes
/// - `fake_logits`: `[batch, 1]`, raw discriminator output on generated samples.
/// - returns `[1]`.
///
/// Source: Goodfellow et al. 2014, section 3. The gradient stays strong where D is sure, unlike that of ln(1 - score).
pub fn generator(fake_logits: Tensor<2>) -> Tensor<1> {
    target_real(fake_logits)
}
