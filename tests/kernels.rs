//! Every operation of `src/kernels` against the same in plain Burn, forward and backward, on every device there is.

#![allow(
    clippy::single_range_in_vec_init,
    reason = "a tensor of one dimension is sliced by one range"
)]

mod common;

use burn::backend::Dispatch;
use burn::tensor::activation::{elu, leaky_relu, sigmoid, silu, tanh};
use burn::tensor::module::{conv_transpose2d, conv2d};
use burn::tensor::ops::{ConvOptions, ConvTransposeOptions};
use burn::tensor::{Device, Tensor, TensorData};
use gan_playground::Backend;
#[cfg(feature = "webgpu")]
use gan_playground::kernels::tuning::{Tilings, Variant, measure, told};
use gan_playground::kernels::{
    Activation, Conv, Decay, Dense, Epilogue, Fused, Kernels, LabelColumns, LossSlope, LossSlopes,
    Norm, NormPenalties, NormPenalty, PairSlope, PairSlopes, Rule, Side,
};
use gan_playground::rng::{Rng, Stream};

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

const ACTIVATIONS: [Fused; 4] = [
    Fused::Identity,
    Fused::LeakyRelu(0.2),
    Fused::Tanh,
    Fused::Sigmoid,
];
/// Place of the first parameter in its tensor, behind others.
const AT: usize = 4;

/// The device under test, and the CPU, which plain Burn computes on.
struct Bench {
    tested: Device,
    plain: Device,
    rng: Rng,
}

impl Bench {
    /// `None`, with a line that says why, where there is no such device.
    async fn new(backend: Backend) -> Option<Self> {
        let plain = Backend::Cpu.open().await.expect("the CPU opens");
        match backend.open().await {
            Ok(tested) => Some(Self {
                tested,
                plain,
                rng: Rng::new(5, Stream::TrainingLatents),
            }),
            // In a browser there must be one: the flags of webdriver.json give an adapter.
            Err(error) if cfg!(all(target_arch = "wasm32", feature = "webgpu")) => {
                panic!("{error}")
            }
            Err(error) => {
                println!("skipped on {backend:?}: {error}");
                None
            }
        }
    }

    fn numbers(&mut self, count: usize) -> Vec<f32> {
        (0..count).map(|_| self.rng.normal()).collect()
    }

    /// The same random rows on both devices: those of the tested one, then those of the plain one.
    fn rows(&mut self, rows: usize, width: usize) -> (Tensor<2>, Tensor<2>) {
        let values = self.numbers(rows * width);
        let on =
            |device| Tensor::<2>::from_data(TensorData::new(values.clone(), [rows, width]), device);
        (on(&self.tested), on(&self.plain))
    }

    /// The same flat random values on both devices.
    fn flat(&mut self, count: usize) -> (Tensor<1>, Tensor<1>) {
        let (tested, plain) = self.rows(1, count);
        (tested.reshape([count]), plain.reshape([count]))
    }
}

/// f32 sums of some hundred products of order 1.
async fn same<const D: usize>(what: &str, actual: Tensor<D>, expected: Tensor<D>) {
    assert_eq!(actual.dims(), expected.dims(), "{what}");
    let (actual, expected) = (read(actual).await, read(expected).await);
    for (i, (a, e)) in actual.iter().zip(&expected).enumerate() {
        let error = (a - e).abs();
        assert!(
            error <= 2e-5 * (1.0 + e.abs()),
            "{what}, value {i}: {a}, plain Burn {e}"
        );
    }
}

async fn read<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    let data = tensor.into_data_async().await.expect("readable");
    data.try_into_vec().expect("f32")
}

fn activated<const D: usize>(x: Tensor<D>, activation: Fused) -> Tensor<D> {
    match activation {
        Fused::Identity => x,
        Fused::LeakyRelu(slope) => leaky_relu(x, f64::from(slope)),
        Fused::Tanh => tanh(x),
        Fused::Sigmoid => sigmoid(x),
    }
}

/// The slope of a fused activation where the output was `y`.
fn slopes<const D: usize>(y: Tensor<D>, activation: Fused) -> Tensor<D> {
    match activation {
        Fused::Identity => y.ones_like(),
        Fused::LeakyRelu(slope) => {
            let slope = f64::from(slope);
            y.greater_elem(0.0)
                .float()
                .mul_scalar(1.0 - slope)
                .add_scalar(slope)
        }
        Fused::Tanh => y.clone().mul(y).neg().add_scalar(1.0),
        Fused::Sigmoid => y.clone() * y.neg().add_scalar(1.0),
    }
}

/// Activations as operations of their own. One that is not fused has a row here and an arm in each of the two functions below.
const ALL_ACTIVATIONS: [Activation; 6] = [
    Activation::Fused(Fused::Identity),
    Activation::Fused(Fused::LeakyRelu(0.2)),
    Activation::Fused(Fused::Tanh),
    Activation::Fused(Fused::Sigmoid),
    Activation::Elu(0.7),
    Activation::Silu,
];

/// Plain Burn's `activation(x)`.
fn plain_activation(x: Tensor<2>, activation: Activation) -> Tensor<2> {
    match activation {
        Activation::Fused(fused) => activated(x, fused),
        Activation::Elu(alpha) => elu(x, f64::from(alpha)),
        Activation::Silu => silu(x),
    }
}

/// `activation'(x)` in plain Burn, by the formula of the derivative.
fn plain_slope(x: Tensor<2>, activation: Activation) -> Tensor<2> {
    match activation {
        Activation::Fused(fused) => slopes(activated(x, fused), fused),
        Activation::Elu(alpha) => {
            let negative = x.clone().lower_equal_elem(0.0);
            let slope = x.clone().exp().mul_scalar(alpha);
            x.ones_like().mask_where(negative, slope)
        }
        Activation::Silu => {
            let share = sigmoid(x.clone());
            share.clone() * (x * share.neg().add_scalar(1.0)).add_scalar(1.0)
        }
    }
}

fn part(flat: &Tensor<1>, at: usize, count: usize) -> Tensor<1> {
    flat.clone().slice([at..at + count])
}

/// Sizes that are multiples of four, and such as are not; of several tiles, and with sums that are long enough to be cut.
const DENSE: [[usize; 3]; 8] = [
    [9, 600, 12],
    [70, 132, 136],
    [520, 8, 12],
    [64, 20, 24],
    [5, 12, 8],
    [3, 7, 5],
    [1, 1, 4],
    [33, 64, 1],
];

async fn dense(backend: Backend) {
    let Some(mut bench) = Bench::new(backend).await else {
        return;
    };
    for [batch, inputs, outputs] in DENSE {
        for biases in [outputs, 0, 1] {
            let layer = Dense {
                at: AT,
                inputs,
                outputs,
                biases,
            };
            let len = inputs * outputs;
            let (params, plain) = bench.flat(AT + len + outputs + 3);
            let weights = part(&plain, AT, len).reshape([inputs, outputs]);
            let has = (0..outputs).map(|output| f32::from(output < biases));
            let has = TensorData::new(has.collect::<Vec<f32>>(), [outputs]);
            let has = Tensor::<1>::from_data(has, &bench.plain);
            let start = part(&plain, AT + len, outputs) * has;
            let start = start.reshape([1, outputs]);
            let (x, plain_x) = bench.rows(batch, inputs);
            let (gradient, plain_gradient) = bench.rows(batch, outputs);
            for fused in ACTIVATIONS {
                let what = format!("{layer:?} {fused:?} on {backend:?}");
                let y = Dispatch::linear(
                    x.clone().into_dispatch(),
                    params.clone().into_dispatch(),
                    layer,
                    fused,
                );
                let product = plain_x.clone().matmul(weights.clone());
                let sum = product + start.clone();
                same(&what, Tensor::<2>::from_dispatch(y), activated(sum, fused)).await;

                let input = Dispatch::linear_input_gradient(
                    gradient.clone().into_dispatch(),
                    params.clone().into_dispatch(),
                    x.clone().into_dispatch(),
                    layer,
                    fused,
                );
                let product = plain_gradient.clone().matmul(weights.clone().transpose());
                let expected = product * slopes(plain_x.clone(), fused);
                same(&what, Tensor::<2>::from_dispatch(input), expected).await;
            }
            for accumulate in [false, true] {
                let what = format!("{layer:?} accumulate {accumulate} on {backend:?}");
                let (into, plain_into) = bench.flat(AT + len + outputs + 3);
                let written = Dispatch::linear_weight_gradient(
                    x.clone().into_dispatch(),
                    gradient.clone().into_dispatch(),
                    into.into_dispatch(),
                    layer,
                    accumulate,
                );
                let mut new = plain_x
                    .clone()
                    .transpose()
                    .matmul(plain_gradient.clone())
                    .reshape([len]);
                if biases > 0 {
                    let sums = plain_gradient.clone().sum_dim(0).reshape([outputs]);
                    new = Tensor::cat(vec![new, part(&sums, 0, biases)], 0);
                }
                let count = new.dims()[0];
                let old = part(&plain_into, AT, count);
                let new = if accumulate { new + old } else { new };
                let expected = plain_into.slice_assign([AT..AT + count], new);
                same(&what, Tensor::<1>::from_dispatch(written), expected).await;
            }
        }
    }
}

/// Small and big channels, big sides, kernel, stride, padding: the networks' own, and odd ones.
const WINDOWS: [[usize; 7]; 11] = [
    [8, 3, 8, 6, 4, 2, 1],
    [5, 1, 14, 14, 4, 2, 1],
    [9, 2, 5, 4, 3, 1, 1],
    [3, 2, 7, 5, 3, 2, 0],
    [2, 3, 7, 7, 2, 3, 1],
    [2, 2, 4, 5, 1, 1, 0],
    [8, 1, 28, 28, 4, 2, 1],
    [16, 8, 14, 14, 4, 2, 1],
    [5, 3, 11, 13, 5, 2, 2],
    [6, 2, 19, 17, 3, 2, 1],
    [3, 2, 6, 5, 1, 2, 0],
];

async fn windows(backend: Backend) {
    const BATCH: usize = 3;
    let Some(mut bench) = Bench::new(backend).await else {
        return;
    };
    for [
        small_channels,
        big_channels,
        height,
        width,
        kernel,
        stride,
        padding,
    ] in WINDOWS
    {
        let side = |n: usize| (n + 2 * padding - kernel) / stride + 1;
        let layer = Conv {
            at: AT,
            small: [small_channels, side(height), side(width)],
            big: [big_channels, height, width],
            kernel,
            stride,
            padding,
            bias: None,
        };
        let len = small_channels * big_channels * kernel * kernel;
        let (params, plain) = bench.flat(AT + len + 16);
        let weights = part(&plain, AT, len).reshape([small_channels, big_channels, kernel, kernel]);
        let (small, plain_small) = bench.rows(BATCH, layer.small.iter().product());
        let (big, plain_big) = bench.rows(BATCH, layer.big.iter().product());
        let picture = |x: &Tensor<2>, [c, h, w]: [usize; 3]| x.clone().reshape([BATCH, c, h, w]);
        for fused in ACTIVATIONS {
            for side in [None, Some(Side::Small), Some(Side::Big)] {
                let layer = Conv {
                    bias: side,
                    ..layer
                };
                let what = format!("{layer:?} {fused:?} on {backend:?}");
                let bias = |own: Side, count: usize| {
                    (side == Some(own)).then(|| part(&plain, AT + len, count))
                };
                let options = ConvOptions::new([stride; 2], [padding; 2], [1, 1], 1);
                let seen = |bias| {
                    conv2d(
                        picture(&plain_big, layer.big),
                        weights.clone(),
                        bias,
                        options.clone(),
                    )
                };
                let values = layer.small.iter().product();
                let forward = activated(seen(bias(Side::Small, small_channels)), fused);
                let backward =
                    seen(None) * picture(&slopes(plain_small.clone(), fused), layer.small);
                for (epilogue, expected) in [
                    (Epilogue::Activate(fused), forward),
                    (Epilogue::Slope(fused), backward),
                ] {
                    let actual = Dispatch::conv(
                        big.clone().into_dispatch(),
                        params.clone().into_dispatch(),
                        small.clone().into_dispatch(),
                        layer,
                        epilogue,
                    );
                    same(
                        &what,
                        Tensor::<2>::from_dispatch(actual),
                        expected.reshape([BATCH, values]),
                    )
                    .await;
                }

                // Rows and columns of `big` that no window reaches at its far end.
                let rest = |n: usize| (n + 2 * padding - kernel) % stride;
                let rest = [rest(height), rest(width)];
                let options = ConvTransposeOptions::new([stride; 2], [padding; 2], rest, [1, 1], 1);
                let left = |bias| {
                    conv_transpose2d(
                        picture(&plain_small, layer.small),
                        weights.clone(),
                        bias,
                        options.clone(),
                    )
                };
                let values = layer.big.iter().product();
                let forward = activated(left(bias(Side::Big, big_channels)), fused);
                let backward = left(None) * picture(&slopes(plain_big.clone(), fused), layer.big);
                for (epilogue, expected) in [
                    (Epilogue::Activate(fused), forward),
                    (Epilogue::Slope(fused), backward),
                ] {
                    let actual = Dispatch::conv_transpose(
                        small.clone().into_dispatch(),
                        params.clone().into_dispatch(),
                        big.clone().into_dispatch(),
                        layer,
                        epilogue,
                    );
                    same(
                        &what,
                        Tensor::<2>::from_dispatch(actual),
                        expected.reshape([BATCH, values]),
                    )
                    .await;
                }
            }
        }
        for (side, accumulate) in [
            (None, false),
            (None, true),
            (Some(Side::Small), false),
            (Some(Side::Big), false),
            (Some(Side::Small), true),
        ] {
            let layer = Conv {
                bias: side,
                ..layer
            };
            let (into, plain_into) = bench.flat(AT + len + 16);
            let written = Dispatch::conv_weight_gradient(
                small.clone().into_dispatch(),
                big.clone().into_dispatch(),
                into.into_dispatch(),
                layer,
                accumulate,
            );
            // A weight's gradient is what a window of `small`'s shape sees, step by step, in `big` with batch and channels swapped.
            let swapped = |x: Tensor<4>| x.swap_dims(0, 1);
            let options = ConvOptions::new([1, 1], [padding; 2], [stride; 2], 1);
            let seen = conv2d(
                swapped(picture(&plain_big, layer.big)),
                swapped(picture(&plain_small, layer.small)),
                None,
                options,
            ); // [big, small, kernel or more, kernel or more]
            let seen = seen.slice([0..big_channels, 0..small_channels, 0..kernel, 0..kernel]);
            let mut new = swapped(seen).reshape([len]);
            let sums = |x: &Tensor<2>, sides: [usize; 3]| {
                let channels = picture(x, sides)
                    .swap_dims(0, 1)
                    .reshape([sides[0] as i32, -1]);
                channels.sum_dim(1).reshape([sides[0]])
            };
            match side {
                None => {}
                Some(Side::Small) => {
                    new = Tensor::cat(vec![new, sums(&plain_small, layer.small)], 0)
                }
                Some(Side::Big) => new = Tensor::cat(vec![new, sums(&plain_big, layer.big)], 0),
            }
            let end = AT + new.dims()[0];
            if accumulate {
                new = new + plain_into.clone().slice([AT..end]);
            }
            let expected = plain_into.slice_assign([AT..end], new);
            let what = format!("weights of {layer:?} on {backend:?}");
            same(&what, Tensor::<1>::from_dispatch(written), expected).await;
        }
    }
}

async fn norms(backend: Backend) {
    let Some(mut bench) = Bench::new(backend).await else {
        return;
    };
    for (rows, channels, spatial) in [(6, 5, 1), (4, 3, 7), (8, 2, 49), (64, 40, 1)] {
        for groups in [1, 2] {
            for fused in ACTIVATIONS {
                let layer = Norm {
                    at: AT,
                    running_at: 2,
                    channels,
                    spatial,
                    eps: 1e-3,
                    keep: 0.8,
                };
                let what = format!("{layer:?} {groups} {fused:?} on {backend:?}");
                let (params, plain) = bench.flat(AT + 2 * channels + 1);
                let (x, plain_x) = bench.rows(rows, channels * spatial);
                let (gradient, plain_gradient) = bench.rows(rows, channels * spatial);
                let running = bench
                    .numbers(2 + 2 * channels + 1)
                    .iter()
                    .map(|x| x.abs())
                    .collect::<Vec<_>>();
                let on = |device: &Device| Tensor::<1>::from_data(running.as_slice(), device);
                let (running, mut plain_running) = (on(&bench.tested), on(&bench.plain));
                let wide = |flat: Tensor<1>| flat.reshape([1, channels, 1]);
                let gamma = wide(part(&plain, AT, channels));
                let beta = wide(part(&plain, AT + channels, channels));

                let by_running = Dispatch::batch_norm_running(
                    x.clone().into_dispatch(),
                    params.clone().into_dispatch(),
                    running.clone().into_dispatch(),
                    layer,
                    fused,
                );
                let mean = wide(part(&plain_running, 2, channels));
                let var = wide(part(&plain_running, 2 + channels, channels));
                let cube = plain_x.clone().reshape([rows, channels, spatial]);
                let y = (cube - mean) / var.add_scalar(1e-3).sqrt() * gamma.clone() + beta.clone();
                let y = activated(y, fused).reshape([rows, channels * spatial]);
                same(&what, Tensor::<2>::from_dispatch(by_running), y).await;

                let (y, statistics, moved) = Dispatch::batch_norm(
                    x.clone().into_dispatch(),
                    params.clone().into_dispatch(),
                    running.clone().into_dispatch(),
                    layer,
                    groups,
                    true,
                    fused,
                );
                let into = bench.flat(AT + 2 * channels + 1);
                let sums = Dispatch::batch_norm_sums(
                    x.clone().into_dispatch(),
                    gradient.clone().into_dispatch(),
                    statistics.clone(),
                    layer,
                    groups,
                );
                let input = Dispatch::batch_norm_input_gradient(
                    x.clone().into_dispatch(),
                    gradient.clone().into_dispatch(),
                    statistics,
                    sums.clone(),
                    params.clone().into_dispatch(),
                    layer,
                    groups,
                    fused,
                );
                let written = Dispatch::batch_norm_weight_gradient(
                    sums,
                    into.0.into_dispatch(),
                    layer,
                    groups,
                );
                let size = rows / groups;
                let count = (size * spatial) as f64;
                let (mut ys, mut inputs, mut of_gamma, mut of_beta) =
                    (vec![], vec![], vec![], vec![]);
                for group in 0..groups {
                    let cut = |x: &Tensor<2>| {
                        let rows = x.clone().slice([group * size..(group + 1) * size]);
                        rows.reshape([size, channels, spatial])
                    };
                    let mean_of = |x: Tensor<3>| x.sum_dim(2).sum_dim(0).div_scalar(count);
                    let (x, gradient) = (cut(&plain_x), cut(&plain_gradient));
                    let mean = mean_of(x.clone()); // [1, channels, 1]
                    let distance = x.clone() - mean.clone();
                    let var = mean_of(distance.clone().square());
                    let inverse = var.clone().add_scalar(1e-3).sqrt().recip();
                    let normal = distance * inverse.clone();
                    ys.push(activated(
                        normal.clone() * gamma.clone() + beta.clone(),
                        fused,
                    ));
                    let both = mean_of(gradient.clone() * normal.clone());
                    let own = gradient.clone() - mean_of(gradient.clone()) - normal * both.clone();
                    inputs.push(own * gamma.clone() * inverse * slopes(x, fused));
                    of_gamma.push(both.mul_scalar(count));
                    of_beta.push(mean_of(gradient).mul_scalar(count));
                    let now = Tensor::cat(vec![mean, var], 1).reshape([2 * channels]);
                    let old = part(&plain_running, 2, 2 * channels);
                    let next = old.mul_scalar(0.8) + now.mul_scalar(0.2);
                    plain_running = plain_running.slice_assign([2..2 + 2 * channels], next);
                }
                let flat = |parts: Vec<Tensor<3>>| {
                    Tensor::cat(parts, 0).reshape([rows, channels * spatial])
                };
                let sum = |parts: Vec<Tensor<3>>| {
                    let sum = parts.into_iter().reduce(|a, b| a + b).expect("a group");
                    sum.reshape([channels])
                };
                same(&what, Tensor::<2>::from_dispatch(y), flat(ys)).await;
                same(&what, Tensor::<1>::from_dispatch(moved), plain_running).await;
                same(&what, Tensor::<2>::from_dispatch(input), flat(inputs)).await;
                let new = Tensor::cat(vec![sum(of_gamma), sum(of_beta)], 0);
                let expected = into.1.slice_assign([AT..AT + 2 * channels], new);
                same(&what, Tensor::<1>::from_dispatch(written), expected).await;
                // The tensor was shared, so it was left as it was.
                same(&what, running, on(&bench.plain)).await;
            }
        }
    }
}

async fn upsampling(backend: Backend) {
    let Some(mut bench) = Bench::new(backend).await else {
        return;
    };
    // Pictures of two channels, three lines of five pixels.
    let [batch, channels, height, width] = [4, 2, 3, 5];
    let (x, plain_x) = bench.rows(batch, channels * height * width);
    let (gradient, plain_gradient) = bench.rows(batch, 4 * channels * height * width);
    let what = format!("upsample on {backend:?}");
    let y = Dispatch::upsample(x.clone().into_dispatch(), width);
    let pixels = plain_x
        .clone()
        .reshape([batch * channels, height, 1, width, 1]);
    let expected = pixels.repeat_dim(2, 2).repeat_dim(4, 2);
    let expected = expected.reshape([batch as i32, -1]);
    same(&what, Tensor::<2>::from_dispatch(y), expected).await;
    for slope in ACTIVATIONS {
        let (gradient, below) = (gradient.clone().into_dispatch(), x.clone().into_dispatch());
        let sums = Dispatch::upsample_gradient(gradient, below, width, slope);
        let squares = plain_gradient
            .clone()
            .reshape([batch * channels, height, 2, width, 2]);
        let expected = squares.sum_dim(4).sum_dim(2).reshape([batch as i32, -1]);
        let expected = expected * slopes(plain_x.clone(), slope);
        same(&what, Tensor::<2>::from_dispatch(sums), expected).await;
    }
}

async fn elements(backend: Backend) {
    let Some(mut bench) = Bench::new(backend).await else {
        return;
    };
    let (x, plain_x) = bench.rows(7, 9);
    let (b, plain_b) = bench.rows(7, 9);
    let what = |name: &str| format!("{name} on {backend:?}");
    for fused in ACTIVATIONS {
        let activation = Activation::Fused(fused);
        let y = Dispatch::activation(x.clone().into_dispatch(), activation);
        same(
            &what("activation"),
            Tensor::<2>::from_dispatch(y),
            activated(plain_x.clone(), fused),
        )
        .await;
        let (gradient, y) = (x.clone().into_dispatch(), b.clone().into_dispatch());
        let y = Dispatch::activation_gradient(gradient, y.clone(), y, activation);
        let expected = plain_x.clone() * slopes(plain_b.clone(), fused);
        same(
            &what("activation's gradient"),
            Tensor::<2>::from_dispatch(y),
            expected,
        )
        .await;
    }
    for activation in ALL_ACTIVATIONS {
        let what = format!("{activation:?} on {backend:?}");
        let y = Dispatch::activation(b.clone().into_dispatch(), activation);
        let expected = plain_activation(plain_b.clone(), activation);
        same(&what, Tensor::<2>::from_dispatch(y.clone()), expected).await;
        let (gradient, b) = (x.clone().into_dispatch(), b.clone().into_dispatch());
        let input = Dispatch::activation_gradient(gradient, b, y, activation);
        let expected = plain_x.clone() * plain_slope(plain_b.clone(), activation);
        same(&what, Tensor::<2>::from_dispatch(input), expected).await;
    }
    let both = || (x.clone().into_dispatch(), b.clone().into_dispatch());
    let (a, other) = both();
    let y = Tensor::<2>::from_dispatch(Dispatch::multiply(a, other));
    same(&what("multiply"), y, plain_x.clone() * plain_b.clone()).await;
    let (a, other) = both();
    let y = Tensor::<2>::from_dispatch(Dispatch::stack(a, other));
    same(
        &what("stack"),
        y,
        Tensor::cat(vec![plain_x.clone(), plain_b.clone()], 0),
    )
    .await;
    let (shares, plain_shares) = bench.rows(7, 1);
    let (a, other) = both();
    let y = Tensor::<2>::from_dispatch(Dispatch::blend(a, other, shares.into_dispatch()));
    let rest = plain_shares.clone().neg().add_scalar(1.0);
    same(
        &what("blend"),
        y,
        plain_shares * plain_x.clone() + rest * plain_b.clone(),
    )
    .await;

    let (shares, plain_shares) = bench.rows(7, 1);
    let (more, plain_more) = bench.rows(3, 9);
    let y = Dispatch::blend_rows(
        x.clone().into_dispatch(),
        shares.clone().into_dispatch(),
        more.into_dispatch(),
    );
    let shared = plain_shares.clone() * plain_x.clone();
    let none = plain_x.clone().slice([3..7]).zeros_like();
    let expected = shared + Tensor::cat(vec![plain_more, none], 0);
    same(&what("blend_rows"), Tensor::<2>::from_dispatch(y), expected).await;
    let y = Dispatch::first_rows(x.clone().into_dispatch(), 3);
    let expected = plain_x.clone().slice([0..3]);
    same(&what("first_rows"), Tensor::<2>::from_dispatch(y), expected).await;
    biases(&mut bench, backend).await;
    penalties(&mut bench, backend).await;
    pairs(&mut bench, backend).await;

    for slope in [
        LossSlope::Logistic(0.9),
        LossSlope::Difference(0.9),
        LossSlope::HingeReal,
        LossSlope::HingeFake,
        LossSlope::One,
    ] {
        let (outputs, plain) = bench.rows(11, 1);
        let loss = LossSlopes {
            firsts: 4,
            halves: [(slope, 0.3), (LossSlope::Logistic(0.0), -2.0)],
        };
        let (journal, plain_journal) = bench.flat(20);
        let journal = journal.into_dispatch();
        let (y, journal) = Dispatch::loss_gradient(outputs.into_dispatch(), journal, 7, loss);
        let (before, after) = (
            plain_journal.clone().slice([0..7]),
            plain_journal.slice([18..20]),
        );
        let noted = Tensor::cat(vec![before, plain.clone().reshape([11]), after], 0);
        same(
            &what("loss_gradient's notes"),
            Tensor::<1>::from_dispatch(journal),
            noted,
        )
        .await;
        let (first, second) = (plain.clone().slice([0..4]), plain.slice([4..11]));
        let first = match slope {
            LossSlope::Logistic(target) => sigmoid(first).sub_scalar(target),
            LossSlope::Difference(target) => first.sub_scalar(target),
            LossSlope::HingeReal => first.lower_elem(1.0).float().neg(),
            LossSlope::HingeFake => first.greater_elem(-1.0).float(),
            LossSlope::One => first.ones_like(),
        };
        let expected = Tensor::cat(
            vec![first.mul_scalar(0.3), sigmoid(second).mul_scalar(-2.0)],
            0,
        );
        same(
            &what("loss_gradient"),
            Tensor::<2>::from_dispatch(y),
            expected,
        )
        .await;
    }
}

/// The biases' gradients where each row has a share; few and many terms.
async fn biases(bench: &mut Bench, backend: Backend) {
    for (rows, channels, pixels, biases) in [(7, 5, 1, 5), (7, 5, 1, 1), (9, 3, 196, 3)] {
        let what = format!("bias_gradient of {biases} of {channels} channels on {backend:?}");
        let (gradient, plain) = bench.rows(rows, channels * pixels);
        let (shares, plain_shares) = bench.rows(rows, 1);
        let (into, plain_into) = bench.flat(2 + biases + 3);
        let (gradient, shares) = (gradient.into_dispatch(), shares.into_dispatch());
        let into = into.into_dispatch();
        let written = Dispatch::bias_gradient(gradient, shares, into, 2, channels, biases);
        let shared = (plain * plain_shares).reshape([rows, channels, pixels]);
        let sums = shared
            .sum_dim(2)
            .sum_dim(0)
            .reshape([channels])
            .slice([0..biases]);
        let expected = plain_into.slice_assign([2..2 + biases], sums);
        same(&what, Tensor::<1>::from_dispatch(written), expected).await;
    }
}

/// Penalties on norms around 0 and 1; a row and more of them than threads that share it.
async fn penalties(bench: &mut Bench, backend: Backend) {
    let what = format!("penalty on {backend:?}");
    for width in [3, 100] {
        let (x, plain) = bench.rows(7, width);
        let (journal, plain_journal) = bench.flat(20);
        let [first, second] = [(1.0, 20.0 / 7.0), (0.0, 0.3)];
        let half = |(centre, share)| NormPenalty { centre, share };
        let given = NormPenalties {
            firsts: 4,
            halves: [half(first), half(second)],
        };
        let (x, journal) = (x.into_dispatch(), journal.into_dispatch());
        let (direction, journal) = Dispatch::penalty(x, journal, 5, given);
        let norm = plain.clone().square().sum_dim(1).sqrt();
        let factor = |rows: core::ops::Range<usize>, (centre, share): (f32, f32)| {
            let norm = norm.clone().slice([rows]);
            (norm.clone().sub_scalar(centre) / norm).mul_scalar(share)
        };
        let factors = Tensor::cat(vec![factor(0..4, first), factor(4..7, second)], 0);
        same(
            &what,
            Tensor::<2>::from_dispatch(direction),
            plain * factors,
        )
        .await;
        let noted = plain_journal.slice_assign([5..12], norm.reshape([7]));
        same(&what, Tensor::<1>::from_dispatch(journal), noted).await;
    }
}

/// Gradients of pairs of outputs, the first added to and the second written; differences of ±70 overflow nothing.
async fn pairs(bench: &mut Bench, backend: Backend) {
    for slope in [PairSlope::Logistic, PairSlope::Difference] {
        for gradients_at in [[Some(0), Some(5)], [None, Some(0)], [Some(5), None]] {
            let what = format!("{slope:?} pairs {gradients_at:?} on {backend:?}");
            let (gradient, plain) = bench.rows(10, 1);
            let (firsts, plain_firsts) = bench.flat(9);
            let wide = |x: Tensor<1>| x.mul_scalar(50.0).clamp(-35.0, 35.0);
            let (firsts, plain_firsts) = (wide(firsts), wide(plain_firsts));
            let pairs = PairSlopes {
                slope,
                weight: 0.3,
                count: 5,
                outputs_at: [1, 4],
                gradients_at,
            };
            let journal = firsts.into_dispatch();
            let gradient = gradient.into_dispatch();
            let actual = Dispatch::pair_gradient(gradient, journal.clone(), journal, pairs);
            let outputs = |at: usize| plain_firsts.clone().slice([at..at + 5]).reshape([5, 1]);
            let difference = outputs(1) - outputs(4);
            let slopes = match slope {
                PairSlope::Logistic => sigmoid(difference),
                PairSlope::Difference => difference,
            };
            let slopes = slopes.mul_scalar(0.3);
            let mut expected = plain;
            if let Some(at) = gradients_at[0] {
                let old = expected.clone().slice([at..at + 5]);
                expected = expected.slice_assign([at..at + 5, 0..1], old + slopes.clone());
            }
            if let Some(at) = gradients_at[1] {
                expected = expected.slice_assign([at..at + 5, 0..1], slopes.neg());
            }
            same(&what, Tensor::<2>::from_dispatch(actual), expected).await;
        }
    }
}

/// A layer's outputs and their gradient at once, against one after the other.
async fn logits(backend: Backend) {
    let Some(mut bench) = Bench::new(backend).await else {
        return;
    };
    let what = format!("logits on {backend:?}");
    let loss = LossSlopes {
        firsts: 4,
        halves: [(LossSlope::Logistic(0.9), 0.3), (LossSlope::One, -2.0)],
    };
    // Loaded four at a time and one at a time; few terms and more than there are threads.
    for inputs in [4, 5, 132] {
        for bias in [true, false] {
            let layer = Dense {
                at: AT,
                inputs,
                outputs: 1,
                biases: usize::from(bias),
            };
            let (x, plain_x) = bench.rows(11, inputs);
            let (params, plain_params) = bench.flat((AT + inputs + 1).next_multiple_of(4));
            let (journal, plain_journal) = bench.flat(20);
            let (y, journal) = Dispatch::logits(
                x.into_dispatch(),
                params.into_dispatch(),
                layer,
                journal.into_dispatch(),
                7,
                loss,
            );
            let weights = plain_params.clone().slice([AT..AT + inputs]);
            let mut outputs = plain_x.matmul(weights.reshape([inputs, 1]));
            if bias {
                let bias = plain_params.slice([AT + inputs..AT + inputs + 1]);
                outputs = outputs + bias.reshape([1, 1]);
            }
            let (before, after) = (
                plain_journal.clone().slice([0..7]),
                plain_journal.slice([18..20]),
            );
            let noted = Tensor::cat(vec![before, outputs.clone().reshape([11]), after], 0);
            same(&what, Tensor::<1>::from_dispatch(journal), noted).await;
            let first = sigmoid(outputs.clone().slice([0..4])).sub_scalar(0.9);
            let second = outputs.slice([4..11]).ones_like();
            let expected = Tensor::cat(vec![first.mul_scalar(0.3), second.mul_scalar(-2.0)], 0);
            same(&what, Tensor::<2>::from_dispatch(y), expected).await;
        }
    }
}

/// One-hot rows of the labels, `[labels.len(), classes]`.
fn one_hot(labels: &[u8], classes: usize, device: &Device) -> Tensor<2> {
    let of = |label: &u8| {
        let own = usize::from(*label);
        (0..classes).map(move |class| f32::from(class == own))
    };
    let values: Vec<f32> = labels.iter().flat_map(of).collect();
    Tensor::from_data(TensorData::new(values, [labels.len(), classes]), device)
}

async fn label_columns(backend: Backend) {
    let Some(mut bench) = Bench::new(backend).await else {
        return;
    };
    const CLASSES: usize = 4;
    let labels = [3, 0, 0, 2, 1, 3, 2];
    let rows = labels.len();
    let hot = one_hot(&labels, CLASSES, &bench.plain);
    let numbers: Vec<f32> = labels.iter().map(|label| f32::from(*label)).collect();
    let given = Tensor::<2>::from_data(TensorData::new(numbers, [rows, 1]), &bench.tested);
    // As they join an input, as they choose an output, and both at once.
    for (width, constant, share) in [(5, 2.5, 0.0), (1, 0.0, 1.0), (12, 0.5, -2.0)] {
        let columns = LabelColumns {
            classes: CLASSES,
            constant,
            share,
        };
        let what = format!("{columns:?} on {backend:?}");
        let (x, plain_x) = bench.rows(rows, width);
        let y = Dispatch::append_label(
            x.clone().into_dispatch(),
            given.clone().into_dispatch(),
            columns,
        );
        let first = plain_x.clone().slice([0..rows, 0..1]);
        let own = first.mul_scalar(share).add_scalar(constant);
        let expected = Tensor::cat(vec![plain_x.clone(), hot.clone() * own], 1);
        same(&what, Tensor::<2>::from_dispatch(y), expected).await;

        let (wide, plain_wide) = bench.rows(rows, width + CLASSES);
        for fused in ACTIVATIONS {
            let what = format!("{what}, back to {fused:?}");
            let y = Dispatch::remove_label(
                wide.clone().into_dispatch(),
                given.clone().into_dispatch(),
                x.clone().into_dispatch(),
                columns,
                fused,
            );
            let kept = plain_wide.clone().slice([0..rows, 0..width]);
            let appended = plain_wide.clone().slice([0..rows, width..width + CLASSES]);
            let own = (appended * hot.clone()).sum_dim(1).mul_scalar(share);
            let first = kept.clone().slice([0..rows, 0..1]) + own;
            let summed = kept.slice_assign([0..rows, 0..1], first);
            let expected = summed * slopes(plain_x.clone(), fused);
            same(&what, Tensor::<2>::from_dispatch(y), expected).await;
        }
    }
}

async fn flats(backend: Backend) {
    const LEN: usize = 700;
    let Some(mut bench) = Bench::new(backend).await else {
        return;
    };
    let what = |name: &str| format!("{name} on {backend:?}");
    let (params, plain_params) = bench.flat(LEN);
    let (gradient, plain_gradient) = bench.flat(LEN);
    let moments: Vec<f32> = bench.numbers(2 * LEN).iter().map(|x| x.abs()).collect();
    let rules = [
        Rule::Sgd {
            rate: 0.1,
            momentum: 0.0,
        },
        Rule::Sgd {
            rate: 0.1,
            momentum: 0.9,
        },
        Rule::Adam {
            rate: 0.1,
            beta1: Decay::from(0.5),
            beta2: Decay::from(0.999),
            unbias: 3.0,
            eps: 1e-3,
        },
        Rule::RmsProp {
            rate: 0.1,
            alpha: Decay::from(0.99),
            eps: 1e-3,
        },
    ];
    for rule in rules {
        for clip in [f32::INFINITY, 0.5] {
            let count = (rule.moments() * LEN).max(1);
            let on = |device: &Device| Tensor::<1>::from_data(&moments[..count], device);
            let (moved, kept) = Dispatch::optimize(
                params.clone().into_dispatch(),
                gradient.clone().into_dispatch(),
                on(&bench.tested).into_dispatch(),
                rule,
                clip,
            );
            let (p, g, old) = (
                plain_params.clone(),
                plain_gradient.clone(),
                on(&bench.plain),
            );
            let (change, new) = match rule {
                Rule::Sgd {
                    rate,
                    momentum: 0.0,
                } => (g.mul_scalar(rate), old),
                Rule::Sgd { rate, momentum } => {
                    let v = old.mul_scalar(momentum) + g;
                    (v.clone().mul_scalar(rate), v)
                }
                Rule::Adam {
                    rate,
                    beta1,
                    beta2,
                    unbias,
                    eps,
                } => {
                    let m = part(&old, 0, LEN).mul_scalar(beta1.keep)
                        + g.clone().mul_scalar(beta1.take);
                    let v = part(&old, LEN, LEN).mul_scalar(beta2.keep)
                        + g.square().mul_scalar(beta2.take);
                    let root = v.clone().mul_scalar(unbias).sqrt().add_scalar(eps);
                    (
                        (m.clone() / root).mul_scalar(rate),
                        Tensor::cat(vec![m, v], 0),
                    )
                }
                Rule::RmsProp { rate, alpha, eps } => {
                    let v = old.mul_scalar(alpha.keep) + g.clone().square().mul_scalar(alpha.take);
                    ((g / v.clone().sqrt().add_scalar(eps)).mul_scalar(rate), v)
                }
            };
            let expected = p - change;
            let expected = if clip.is_finite() {
                expected.clamp(-clip, clip)
            } else {
                expected
            };
            let name = format!("{rule:?}, clip {clip}");
            same(&what(&name), Tensor::<1>::from_dispatch(moved), expected).await;
            same(&what(&name), Tensor::<1>::from_dispatch(kept), new).await;
        }
    }
    let shared = || params.clone().into_dispatch();
    let mixed = Dispatch::mix(shared(), gradient.clone().into_dispatch(), 0.9);
    let expected = plain_params.clone().mul_scalar(0.9) + plain_gradient.clone().mul_scalar(0.1);
    same(&what("mix"), Tensor::<1>::from_dispatch(mixed), expected).await;
    let norm = read(plain_params.clone().square().sum().sqrt()).await[0];
    for (limit, factor) in [(2.0, 2.0 / norm), (1e6, 1.0)] {
        let limited = Dispatch::limit_norm(shared(), limit);
        let expected = plain_params.clone().mul_scalar(factor);
        same(
            &what("limit_norm"),
            Tensor::<1>::from_dispatch(limited),
            expected,
        )
        .await;
    }
    let (few, plain_few) = bench.flat(9);
    let written = Dispatch::write(shared(), few.into_dispatch(), 31);
    let expected = plain_params.clone().slice_assign([31..40], plain_few);
    same(
        &what("write"),
        Tensor::<1>::from_dispatch(written),
        expected,
    )
    .await;
    same(&what("a shared tensor"), params, plain_params).await;
}

/// However products are cut into tiles, they are the same. (Where tests run in parallel, one may change another's tiling: it has to pass all
/// the same.)
async fn in_every_tiling<F: Future<Output = ()>>(test: impl Fn() -> F) {
    #[cfg(feature = "webgpu")]
    for variant in Variant::ALL {
        let tilings = Tilings {
            small: variant,
            large: variant,
        };
        tilings.apply();
        test().await;
    }
    #[cfg(not(feature = "webgpu"))]
    test().await; // Says why it is skipped.
}

/// What a hardware adapter goes through when it is opened.
async fn measured() {
    #[cfg(feature = "webgpu")]
    if let Some(bench) = Bench::new(Backend::WebGpu).await {
        let best = measure(&bench.tested).await.expect("the device works");
        // Other tests may change it meanwhile, natively; in a browser they run one after the other.
        if cfg!(target_arch = "wasm32") {
            assert_eq!(told(), Some(best));
        }
        dense(Backend::WebGpu).await;
    }
    #[cfg(not(feature = "webgpu"))]
    println!("skipped: this build has no WebGPU to measure");
}

on_every_target! {
    async fn the_fastest_tilings_are_measured_and_taken() {
        measured().await;
    }

    async fn dense_layers_on_the_cpu() {
        dense(Backend::Cpu).await;
    }

    async fn dense_layers_on_webgpu() {
        in_every_tiling(|| dense(Backend::WebGpu)).await;
    }

    async fn convolutions_on_the_cpu() {
        windows(Backend::Cpu).await;
    }

    async fn convolutions_on_webgpu() {
        in_every_tiling(|| windows(Backend::WebGpu)).await;
    }

    async fn batch_norms_on_the_cpu() {
        norms(Backend::Cpu).await;
    }

    async fn batch_norms_on_webgpu() {
        norms(Backend::WebGpu).await;
    }

    async fn upsampling_on_the_cpu() {
        upsampling(Backend::Cpu).await;
    }

    async fn upsampling_on_webgpu() {
        upsampling(Backend::WebGpu).await;
    }

    async fn elements_on_the_cpu() {
        elements(Backend::Cpu).await;
    }

    async fn elements_on_webgpu() {
        elements(Backend::WebGpu).await;
    }

    async fn label_columns_on_the_cpu() {
        label_columns(Backend::Cpu).await;
    }

    async fn label_columns_on_webgpu() {
        label_columns(Backend::WebGpu).await;
    }

    async fn logits_on_the_cpu() {
        logits(Backend::Cpu).await;
    }

    async fn logits_on_webgpu() {
        in_every_tiling(|| logits(Backend::WebGpu)).await;
    }

    async fn optimizers_on_the_cpu() {
        flats(Backend::Cpu).await;
    }

    async fn optimizers_on_webgpu() {
        flats(Backend::WebGpu).await;
    }
}
