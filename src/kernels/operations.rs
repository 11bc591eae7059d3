//! The list of operations: one trait, which each wing implements for its backend.

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, backend_extension};

use super::spec::{
    Activation, Conv, Dense, Epilogue, Fused, LabelColumns, LossSlopes, Norm, NormPenalties,
    PairSlopes, Rule,
};

/// The operations. A tensor called `into` is written at the layer's place and given back; its other values stay as they were.
///
/// # Panics
/// On the CPU, if a tensor has too few values for the layer. The makers of tensors ([`Network`](crate::network::Network),
/// [`Trainer`](crate::Trainer)) check that; GPU kernels rely on it.
#[allow(
    clippy::too_many_arguments,
    reason = "an operation takes its tensors one by one, as Burn's own do, so that the backend extension can unwrap them"
)]
#[backend_extension(Flex: cfg(feature = "cpu"), Cube: cfg(feature = "webgpu"))]
pub trait Kernels: Backend {
    /// `activation(x W + b)`: `[batch, inputs]` to `[batch, outputs]`.
    fn linear(
        x: FloatTensor<Self>,
        params: FloatTensor<Self>,
        layer: Dense,
        activation: Fused,
    ) -> FloatTensor<Self>;

    /// `gradient Wᵀ`, times the slope of the activation whose output is `below`: `[batch, outputs]` to `[batch, inputs]`.
    fn linear_input_gradient(
        gradient: FloatTensor<Self>,
        params: FloatTensor<Self>,
        below: FloatTensor<Self>,
        layer: Dense,
        slope: Fused,
    ) -> FloatTensor<Self>;

    /// The gradients of weights, `xᵀ gradient`, and of biases, the sums of the first columns of `gradient`; `accumulate` adds to the old values.
    fn linear_weight_gradient(
        x: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        into: FloatTensor<Self>,
        layer: Dense,
        accumulate: bool,
    ) -> FloatTensor<Self>;

    /// Convolution, `[batch, big]` to `[batch, small]`: forward for a convolution, backward for a transposed one. Only an epilogue
    /// that activates adds biases; only one with a slope reads `below`.
    fn conv(
        big: FloatTensor<Self>,
        params: FloatTensor<Self>,
        below: FloatTensor<Self>,
        layer: Conv,
        epilogue: Epilogue,
    ) -> FloatTensor<Self>;

    /// Transposed convolution, `[batch, small]` to `[batch, big]`: forward for a transposed convolution, backward for a convolution.
    /// Biases and `below` as in [`Kernels::conv`].
    fn conv_transpose(
        small: FloatTensor<Self>,
        params: FloatTensor<Self>,
        below: FloatTensor<Self>,
        layer: Conv,
        epilogue: Epilogue,
    ) -> FloatTensor<Self>;

    /// The gradients of weights and biases, for both kinds of convolution. One of `small` and `big` is the layer's input, the other the
    /// gradient of its output. `accumulate` adds to the old values.
    fn conv_weight_gradient(
        small: FloatTensor<Self>,
        big: FloatTensor<Self>,
        into: FloatTensor<Self>,
        layer: Conv,
        accumulate: bool,
    ) -> FloatTensor<Self>;

    /// The gradients of biases, written from `at` on: the sum of `share gradient` over all rows and over the pixels of each of the first
    /// `biases` of `channels` channels. `gradient` is `[batch, channels * pixels]`, shares are `[batch, 1]`.
    fn bias_gradient(
        gradient: FloatTensor<Self>,
        shares: FloatTensor<Self>,
        into: FloatTensor<Self>,
        at: usize,
        channels: usize,
        biases: usize,
    ) -> FloatTensor<Self>;

    /// Normalises each of `groups` equal shares of the batch by its own statistics. Gives the activated output; the statistics
    /// `[1, groups * 2 * channels]`, for each group its means and then `1 / sqrt(variance + eps)`; and the running statistics, which
    /// move towards those of each group in turn if `moving`.
    fn batch_norm(
        x: FloatTensor<Self>,
        params: FloatTensor<Self>,
        running: FloatTensor<Self>,
        layer: Norm,
        groups: usize,
        moving: bool,
        activation: Fused,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);

    /// Normalises by the running statistics; then the activation.
    fn batch_norm_running(
        x: FloatTensor<Self>,
        params: FloatTensor<Self>,
        running: FloatTensor<Self>,
        layer: Norm,
        activation: Fused,
    ) -> FloatTensor<Self>;

    /// The sums that both gradients of [`Kernels::batch_norm`] start from, `[groups, 2 * channels]`: for each group the gradients of gamma,
    /// then those of beta. `statistics` are what [`Kernels::batch_norm`] gave.
    fn batch_norm_sums(
        x: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        statistics: FloatTensor<Self>,
        layer: Norm,
        groups: usize,
    ) -> FloatTensor<Self>;

    /// The input gradient of [`Kernels::batch_norm`], `[batch, n]`, times the slope of the activation below, whose output is `x`.
    fn batch_norm_input_gradient(
        x: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        statistics: FloatTensor<Self>,
        sums: FloatTensor<Self>,
        params: FloatTensor<Self>,
        layer: Norm,
        groups: usize,
        slope: Fused,
    ) -> FloatTensor<Self>;

    /// The gradients of gamma and beta: the sums that [`Kernels::batch_norm_sums`] gave, added up over the groups.
    fn batch_norm_weight_gradient(
        sums: FloatTensor<Self>,
        into: FloatTensor<Self>,
        layer: Norm,
        groups: usize,
    ) -> FloatTensor<Self>;

    /// Each pixel becomes a square of 2 × 2: pictures of lines of `width` pixels in, four times as many values out.
    fn upsample(x: FloatTensor<Self>, width: usize) -> FloatTensor<Self>;

    /// `sums ⊙ slope'(below)`, where the sums are those of the four pixels of `gradient` that each pixel became: the shape of `below`, whose
    /// lines have `width` pixels.
    fn upsample_gradient(
        gradient: FloatTensor<Self>,
        below: FloatTensor<Self>,
        width: usize,
        slope: Fused,
    ) -> FloatTensor<Self>;

    /// `activation(x)`
    fn activation(x: FloatTensor<Self>, activation: Activation) -> FloatTensor<Self>;

    /// `gradient ⊙ activation'(x)`, where `y` is `activation(x)`. A fused activation does not read `x`.
    fn activation_gradient(
        gradient: FloatTensor<Self>,
        x: FloatTensor<Self>,
        y: FloatTensor<Self>,
        activation: Activation,
    ) -> FloatTensor<Self>;

    /// `a ⊙ b`. One launch, as Burn's `*`. But no other operation of Burn's does arithmetic here, so `*` would be the one that brings
    /// Burn's broadcasting, for all its element types, into the download.
    fn multiply(a: FloatTensor<Self>, b: FloatTensor<Self>) -> FloatTensor<Self>;

    /// The rows of `a`, then those of `b`. As many launches as `Tensor::cat`, but of the kernel of [`Kernels::write`], which is compiled
    /// already.
    fn stack(a: FloatTensor<Self>, b: FloatTensor<Self>) -> FloatTensor<Self>;

    /// `share a + (1 - share) b`, row by row: `a` and `b` are `[batch, n]`, shares `[batch, 1]`. One launch; of Burn's operations it would
    /// take at least three, and two tensors between them.
    fn blend(
        a: FloatTensor<Self>,
        b: FloatTensor<Self>,
        shares: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    /// `share x + more`, row by row: `x` is `[batch, n]`, shares are `[batch, 1]`; `more` is `[rows, n]`, added to the first rows. One launch; of
    /// Burn's operations it would take at least three.
    fn blend_rows(
        x: FloatTensor<Self>,
        shares: FloatTensor<Self>,
        more: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    /// The first `count` rows of `x`. One launch, of the kernel of [`Kernels::write`].
    fn first_rows(x: FloatTensor<Self>, count: usize) -> FloatTensor<Self>;

    /// Appends the label's columns to each row: `[batch, n]` to `[batch, n + classes]`. `labels` are `[batch, 1]`, whole numbers.
    fn append_label(
        x: FloatTensor<Self>,
        labels: FloatTensor<Self>,
        columns: LabelColumns,
    ) -> FloatTensor<Self>;

    /// The transpose of [`Kernels::append_label`], `[batch, n + classes]` to `[batch, n]`, times the slope of the activation whose output is
    /// `below`, `[batch, n]`. The slope of the identity leaves `below` unread.
    fn remove_label(
        x: FloatTensor<Self>,
        labels: FloatTensor<Self>,
        below: FloatTensor<Self>,
        columns: LabelColumns,
        slope: Fused,
    ) -> FloatTensor<Self>;

    /// The gradient of a loss by raw outputs `[batch, 1]`, of the same shape. The outputs themselves are written over the values of
    /// `journal` from `at` on.
    fn loss_gradient(
        outputs: FloatTensor<Self>,
        journal: FloatTensor<Self>,
        at: usize,
        loss: LossSlopes,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);

    /// [`Kernels::loss_gradient`] where the raw outputs are `x W + b`, those of a layer with one output.
    fn logits(
        x: FloatTensor<Self>,
        params: FloatTensor<Self>,
        layer: Dense,
        journal: FloatTensor<Self>,
        at: usize,
        loss: LossSlopes,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);

    /// Adds to `gradient`, which is that of a loss by raw outputs, the gradient of a function of the differences of pairs of outputs. The
    /// outputs lie in two journals, which may be one.
    fn pair_gradient(
        gradient: FloatTensor<Self>,
        firsts: FloatTensor<Self>,
        seconds: FloatTensor<Self>,
        pairs: PairSlopes,
    ) -> FloatTensor<Self>;

    /// The gradient of penalties by the input gradients `[batch, n]` that they are put on, of the same shape. The norms of these are written
    /// over the values of `journal` from `at` on.
    fn penalty(
        input_gradients: FloatTensor<Self>,
        journal: FloatTensor<Self>,
        at: usize,
        penalties: NormPenalties,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);

    /// One update of all parameters; then each is clamped to ± `clip` (infinite: not at all). `moments` holds [`Rule::moments`] times as
    /// many values as `params`: all first moments, then all second ones.
    fn optimize(
        params: FloatTensor<Self>,
        gradients: FloatTensor<Self>,
        moments: FloatTensor<Self>,
        rule: Rule,
        clip: f32,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);

    /// `keep * average + (1 - keep) * now`. One launch that writes in place; with Burn's operations it would take three, and two more tensors
    /// as long as all parameters.
    fn mix(average: FloatTensor<Self>, now: FloatTensor<Self>, keep: f32) -> FloatTensor<Self>;

    /// Scales all values by one factor where their norm is above `limit` (PyTorch's `clip_grad_norm_`).
    fn limit_norm(values: FloatTensor<Self>, limit: f32) -> FloatTensor<Self>;

    /// Writes `values` over those of `into` from `at` on, in place where nobody else holds `into`. Burn's `slice_assign` wants shapes of the same
    /// rank, and here a matrix is written into a flat tensor.
    fn write(into: FloatTensor<Self>, values: FloatTensor<Self>, at: usize) -> FloatTensor<Self>;

    /// Hands the device all queued work, without waiting for it; gives the tensor back.
    fn submit(any: FloatTensor<Self>) -> FloatTensor<Self>;
}
