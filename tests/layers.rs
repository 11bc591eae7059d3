//! Each layer and each loss against closed forms and finite differences.

mod common;

use burn::tensor::{Device, Tensor, TensorData};
use gan_playground::Backend;
use gan_playground::config::{
    BatchNorm, ConvConfig, Dropout, Elu, Features, Init, LayerConfig, LeakyRelu, Linear,
    LossConfig, Reshape,
};
use gan_playground::journal::Journal;
use gan_playground::kernels::{Fused, NormPenalties};
use gan_playground::loss::{Loss, around_one, gradient_penalty};
use gan_playground::network::{Network, Pass};
use gan_playground::rng::{Rng, Stream};
use gan_playground::store::Store;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

const BATCH: usize = 3;

async fn device() -> Device {
    Backend::Cpu.open().await.expect("the CPU opens")
}

fn network(layers: Vec<LayerConfig>, input: Features, device: &Device) -> Network {
    let mut rng = Rng::new(7, Stream::GeneratorWeights);
    Network::new(
        &layers,
        "network",
        input,
        Init::FanInUniform,
        &mut rng,
        device,
    )
    .expect("the layers fit")
}

fn numbers(count: usize) -> Vec<f32> {
    let mut rng = Rng::new(11, Stream::TrainingLatents);
    (0..count).map(|_| rng.normal()).collect()
}

fn tensor(values: &[f32], columns: usize, device: &Device) -> Tensor<2> {
    let shape = [values.len() / columns, columns];
    Tensor::from_data(TensorData::new(values.to_vec(), shape), device)
}

async fn read<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    let data = tensor.into_data_async().await.expect("readable");
    data.try_into_vec().expect("f32")
}

fn conv(kernel: usize, stride: usize, padding: usize) -> ConvConfig {
    ConvConfig {
        channels: 3,
        kernel,
        stride,
        padding,
        bias: true,
    }
}

/// Adds the gradients of penalties at points that take a training pass; gives the norms.
async fn penalised(
    critic: &mut Network,
    points: &Tensor<2>,
    penalties: NormPenalties,
    mut masks: Rng,
    into: &mut Store,
) -> Vec<f32> {
    let mut journal = Journal::new(&points.device());
    let pass = Pass::Train {
        groups: 1,
        dropout: &mut masks,
    };
    let norms = critic.penalise(points.clone(), pass, penalties, &mut journal, into);
    let noted = read(journal.take(false).remove(0)).await;
    norms.of(&noted).to_vec()
}

/// `sum_i c_i y_i` in f64, for fixed random c: an objective that every output takes part in.
async fn objective(network: &mut Network, input: &Tensor<2>, batch_norm_by_batch: bool) -> f64 {
    let pass = if batch_norm_by_batch {
        Pass::Batch
    } else {
        Pass::Running
    };
    let output = read(network.forward(input.clone(), pass).output().clone()).await;
    let weights = numbers(output.len());
    let pairs = output.iter().zip(&weights);
    pairs.map(|(y, c)| f64::from(*y) * f64::from(*c)).sum()
}

/// Checks the gradients of every parameter and of the input against central differences.
///
/// Step 1e-2 on values of order 1: the truncation error is about 1e-4 of a third derivative, rounding (6e-8 × the sum's size) / 1e-2;
/// 2e-3 of the largest gradient leaves room for both. Kinks (ReLU at 0) are avoided by the draw, which the first assertion shows.
async fn check_gradients(name: &str, layers: Vec<LayerConfig>, input: Features, by_batch: bool) {
    const STEP: f32 = 1e-2;
    let device = device().await;
    let mut network = network(layers, input, &device);
    let width = input.values();
    let values: Vec<f32> = numbers(BATCH * width);
    let x = tensor(&values, width, &device);

    let pass = if by_batch { Pass::Batch } else { Pass::Running };
    let tape = network.forward(x.clone(), pass);
    let output = read(tape.output().clone()).await;
    let last_activation = network.last_activation();
    let pairs = output.iter().zip(numbers(output.len()));
    let gradient: Vec<f32> = pairs.map(|(y, c)| c * last_activation.slope(*y)).collect();
    let gradient = tensor(&gradient, output.len() / BATCH, &device);
    let mut gradients = network.no_gradients();
    let of_input = network.input_gradient(&tape, gradient.clone(), Fused::Identity);
    let of_input = read(of_input).await;
    network.parameter_gradients(&tape, gradient, &mut gradients);
    let of_parameters = network
        .gradients(&gradients)
        .read()
        .await
        .expect("readable");

    let mut compared = Vec::new();
    for index in 0..values.len() {
        let mut sides = [0.0; 2];
        for (side, sign) in sides.iter_mut().zip([-1.0, 1.0]) {
            let mut moved = values.clone();
            moved[index] += sign * STEP;
            *side = objective(&mut network, &tensor(&moved, width, &device), by_batch).await;
        }
        compared.push((
            (sides[1] - sides[0]) / f64::from(2.0 * STEP),
            of_input[index],
        ));
    }
    for tensor in network.tensors().read().await.expect("readable") {
        let Some(gradient) = of_parameters.iter().find(|g| g.name == tensor.name) else {
            assert!(
                tensor.name.contains("running"),
                "{name}: {} has no gradient",
                tensor.name
            );
            continue;
        };
        let (gradient, values) = (&gradient.values, &tensor.values);
        for index in 0..values.len() {
            let mut sides = [0.0; 2];
            for (side, sign) in sides.iter_mut().zip([-1.0, 1.0]) {
                let mut moved = values.clone();
                moved[index] += sign * STEP;
                network.load(&tensor.name, &moved).expect("its own length");
                *side = objective(&mut network, &x, by_batch).await;
            }
            network.load(&tensor.name, values).expect("its own length");
            compared.push((
                (sides[1] - sides[0]) / f64::from(2.0 * STEP),
                gradient[index],
            ));
        }
    }
    let scale = compared.iter().fold(0.0, |a: f64, (d, _)| a.max(d.abs()));
    assert!(
        scale > 0.1,
        "{name}: the objective does not depend on anything"
    );
    for (difference, gradient) in compared {
        let error = (difference - f64::from(gradient)).abs();
        assert!(
            error < 2e-3 * scale,
            "{name}: gradient {gradient}, difference {difference}"
        );
    }
}

/// Index within the kernel, and within the larger picture of `height × width`, of each value that the kernel at this place covers;
/// those of the padding are left out.
fn covered(
    c: ConvConfig,
    [row, column]: [usize; 2],
    [height, width]: [usize; 2],
) -> impl Iterator<Item = (usize, usize)> {
    (0..c.kernel * c.kernel).filter_map(move |at| {
        let y = (row * c.stride + at / c.kernel).checked_sub(c.padding)?;
        let x = (column * c.stride + at % c.kernel).checked_sub(c.padding)?;
        (y < height && x < width).then_some((at, y * width + x))
    })
}

/// Convolution by its definition, in f64: weights `[out, in, k, k]`.
fn naive_conv(
    x: &[f32],
    [channels, height, width]: [usize; 3],
    weight: &[f32],
    bias: &[f32],
    c: ConvConfig,
) -> Vec<f64> {
    let side = |n: usize| (n + 2 * c.padding - c.kernel) / c.stride + 1;
    let (area, kernel) = (height * width, c.kernel * c.kernel);
    let mut output = Vec::new();
    for image in x.chunks_exact(channels * area) {
        for (out, bias) in bias.iter().enumerate() {
            for place in 0..side(height) * side(width) {
                let place = [place / side(width), place % side(width)];
                let mut sum = f64::from(*bias);
                for input in 0..channels {
                    for (w, pixel) in covered(c, place, [height, width]) {
                        let w = weight[(out * channels + input) * kernel + w];
                        sum += f64::from(image[input * area + pixel]) * f64::from(w);
                    }
                }
                output.push(sum);
            }
        }
    }
    output
}

/// Its transpose by its definition: each input value adds its kernel to the output. Weights `[in, out, k, k]`.
fn naive_transpose(
    x: &[f32],
    [channels, height, width]: [usize; 3],
    weight: &[f32],
    bias: &[f32],
    c: ConvConfig,
) -> Vec<f64> {
    let side = |n: usize| (n - 1) * c.stride + c.kernel - 2 * c.padding;
    let sides = [side(height), side(width)];
    let (area, kernel) = (sides[0] * sides[1], c.kernel * c.kernel);
    let mut output = Vec::new();
    for image in x.chunks_exact(channels * height * width) {
        let mut sums: Vec<f64> = bias
            .iter()
            .flat_map(|b| vec![f64::from(*b); area])
            .collect();
        for (at, value) in image.iter().enumerate() {
            let (input, place) = (at / (height * width), [at / width % height, at % width]);
            for out in 0..bias.len() {
                for (w, pixel) in covered(c, place, sides) {
                    let w = weight[(input * bias.len() + out) * kernel + w];
                    sums[out * area + pixel] += f64::from(*value) * f64::from(w);
                }
            }
        }
        output.extend(sums);
    }
    output
}

on_every_target! {
    async fn gradients_of_every_layer_agree_with_finite_differences() {
        let row = Features::Row(6);
        let picture = Features::Picture([2, 5, 4]);
        let linear = LayerConfig::Linear(Linear { units: 4 });
        let norm = LayerConfig::BatchNorm(BatchNorm { momentum: 0.8, eps: 1e-3 });
        let leaky = LayerConfig::LeakyRelu(LeakyRelu { slope: 0.2 });
        for (name, layers, input, by_batch) in [
            ("linear", vec![linear], row, false),
            ("batchNorm of a row, by the batch", vec![norm], row, true),
            ("batchNorm of a picture, by the batch", vec![norm], picture, true),
            ("conv2d", vec![LayerConfig::Conv2d(conv(3, 2, 1))], picture, false),
            ("convTranspose2d", vec![LayerConfig::ConvTranspose2d(conv(4, 2, 1))], picture, false),
            ("tanh", vec![LayerConfig::Tanh], row, false),
            ("sigmoid", vec![LayerConfig::Sigmoid], row, false),
            ("relu", vec![LayerConfig::Relu], row, false),
            ("leakyRelu", vec![leaky], row, false),
            ("elu", vec![LayerConfig::Elu(Elu { alpha: 0.7 })], row, false),
            ("elu between layers", vec![linear, LayerConfig::Elu(Elu { alpha: 0.7 }), leaky, linear], row, false),
            ("silu", vec![LayerConfig::Silu], row, false),
            ("silu between layers", vec![linear, LayerConfig::Silu, leaky, linear], row, false),
            ("upsample", vec![LayerConfig::Upsample], picture, false),
            ("upsample between layers", vec![LayerConfig::Conv2d(conv(3, 2, 1)), LayerConfig::Tanh, LayerConfig::Upsample, LayerConfig::Tanh], picture, false),
            ("dropout, off", vec![linear, LayerConfig::Dropout(Dropout { rate: 0.5 })], row, false),
            ("several", vec![
                LayerConfig::Linear(Linear { units: 8 }),
                LayerConfig::Reshape(Reshape { channels: 2, height: 2, width: 2 }),
                norm,
                LayerConfig::ConvTranspose2d(conv(4, 2, 1)),
                LayerConfig::Tanh,
                LayerConfig::Conv2d(conv(2, 1, 0)),
                LayerConfig::Flatten,
                LayerConfig::Linear(Linear { units: 1 }),
            ], row, true),
        ] {
            check_gradients(name, layers, input, by_batch).await;
        }
    }

    /// Tolerance: sums of at most 50 products of order 1 in f32.
    async fn convolutions_follow_their_definition() {
        let device = device().await;
        let sides = [2, 5, 4];
        let x = numbers(BATCH * 40);
        for (kernel, stride, padding) in [(1, 1, 0), (1, 2, 0), (5, 2, 2), (3, 1, 1), (4, 2, 1), (3, 2, 0), (2, 3, 1), (4, 1, 2)] {
            for transposed in [false, true] {
                let config = conv(kernel, stride, padding);
                let layer = if transposed { LayerConfig::ConvTranspose2d(config) } else { LayerConfig::Conv2d(config) };
                let mut network = network(vec![layer], Features::Picture(sides), &device);
                let tensors = network.tensors().read().await.expect("readable");
                let (weight, bias) = (&tensors[0].values, &tensors[1].values);
                let naive = if transposed { naive_transpose } else { naive_conv };
                let expected = naive(&x, sides, weight, bias, config);
                let actual = read(network.forward(tensor(&x, 40, &device), Pass::Running).output().clone()).await;
                assert_eq!(actual.len(), expected.len(), "{layer:?}");
                for (actual, expected) in actual.iter().zip(&expected) {
                    assert!((f64::from(*actual) - expected).abs() < 1e-5, "{layer:?}: {actual}, expected {expected}");
                }
            }
        }
    }

    /// Of 30,000 values a share of 0.3 is dropped, within five standard errors (0.0132); those kept are divided by 0.7, so that the
    /// mean stays.
    async fn dropout_drops_its_share_while_training_only() {
        let device = device().await;
        let mut network = network(vec![LayerConfig::Dropout(Dropout { rate: 0.3 })], Features::Row(300), &device);
        let ones = tensor(&[1.0; 30_000], 300, &device);
        let mut rng = Rng::new(1, Stream::Dropout);
        let trained = read(network.forward(ones.clone(), Pass::Train { groups: 1, dropout: &mut rng }).output().clone()).await;
        assert!(trained.iter().all(|x| *x == 0.0 || (x - 1.0 / 0.7).abs() < 1e-6));
        let dropped = trained.iter().filter(|x| **x == 0.0).count() as f64 / 30_000.0;
        assert!((dropped - 0.3).abs() < 0.0132, "{dropped}");
        let again = read(network.forward(ones.clone(), Pass::Train { groups: 1, dropout: &mut rng }).output().clone()).await;
        assert_ne!(trained, again);
        for pass in [Pass::Batch, Pass::Running] {
            assert!(read(network.forward(ones.clone(), pass).output().clone()).await.iter().all(|x| *x == 1.0));
        }
    }

    /// The device's gradients against central differences of the figures that are shown.
    async fn gradients_of_every_loss_agree_with_finite_differences() {
        const STEP: f32 = 1e-2;
        let device = device().await;
        let outputs = [2.0_f32, -0.5, 0.25, -3.0, 1.5];
        for config in LOSSES {
            for loss in [config.real(), config.fake(), config.generator()] {
                let slopes = loss.slopes(outputs.len(), 1.0);
                let gradient = read(common::loss_gradient(&outputs, slopes, &device)).await;
                for (index, gradient) in gradient.iter().enumerate() {
                    let [low, high] = [-STEP, STEP].map(|step| {
                        let mut moved = outputs;
                        moved[index] += step;
                        loss.mean(&moved)
                    });
                    let difference = (high - low) / f64::from(2.0 * STEP);
                    let error = (difference - f64::from(*gradient)).abs();
                    assert!(error < 1e-5, "{config:?}, {loss:?}: {gradient}, difference {difference}");
                }
            }
        }
    }

    async fn every_loss_and_its_gradient_are_finite_at_logits_of_100() {
        let device = device().await;
        for config in LOSSES {
            for loss in [config.real(), config.fake(), config.generator()] {
                let outputs = [100.0, -100.0];
                let slopes = loss.slopes(outputs.len(), 1.0);
                let gradient = read(common::loss_gradient(&outputs, slopes, &device)).await;
                let value = loss.mean(&outputs);
                assert!(value.is_finite() && gradient.iter().all(|x| x.is_finite()), "{loss:?}: {value}, {gradient:?}");
            }
        }
    }

    /// With targets t = 1 - s the cross-entropy is -t ln σ(r) - (1 - t) ln(1 - σ(r)); the least squares loss aims at t. r = 2, s = 0.1.
    async fn label_smoothing_moves_the_target_of_real_samples_only() {
        let score = 1.0 / (1.0 + (-2.0_f64).exp());
        let cases = [
            (LossConfig::Bce { label_smoothing: 0.1 }, -0.9 * score.ln() - 0.1 * (1.0 - score).ln()),
            (LossConfig::LeastSquares { label_smoothing: 0.1 }, 0.5 * (2.0_f64 - 0.9).powi(2)),
        ];
        for (loss, expected) in cases {
            let at = |loss: Loss| loss.mean(&[2.0]);
            assert!((at(loss.real()) - expected).abs() < 1e-12, "{loss:?}: {}, expected {expected}", at(loss.real()));
            let plain = match loss {
                LossConfig::Bce { .. } => LossConfig::Bce { label_smoothing: 0.0 },
                _ => LossConfig::LeastSquares { label_smoothing: 0.0 },
            };
            assert_eq!(at(loss.fake()), at(plain.fake()));
            assert_eq!(at(loss.generator()), at(plain.generator()));
        }
    }

    /// The norms are those of the input gradient, row by row, and the penalty's gradients those of central differences; with dropout, by the same
    /// masks. (`tests/penalties.rs` has the other layers, and exact differences.)
    async fn the_gradient_penalty_is_that_of_the_input_gradients() {
        let device = device().await;
        let leaky = LayerConfig::LeakyRelu(LeakyRelu { slope: 0.2 });
        let linear = |units| LayerConfig::Linear(Linear { units });
        let dropout = LayerConfig::Dropout(Dropout { rate: 0.3 });
        let points = tensor(&numbers(BATCH * 6), 6, &device);
        let penalties = NormPenalties { firsts: BATCH, halves: [around_one(10.0, BATCH); 2] };
        // The larger network bends more often, so its step is shorter.
        for (layers, step) in [
            (vec![linear(5), leaky, linear(4), LayerConfig::Relu, linear(1)], 1e-2_f32),
            (vec![linear(8), dropout, leaky, linear(6), LayerConfig::Relu, dropout, linear(1)], 1e-3),
        ] {
            let mut critic = network(layers, Features::Row(6), &device);
            let masks = || Rng::new(3, Stream::Dropout);
            let tape = critic.forward(points.clone(), Pass::Train { groups: 1, dropout: &mut masks() });
            let ones = tensor(&[1.0; BATCH], 1, &device);
            let gradient = read(critic.input_gradient(&tape, ones, Fused::Identity)).await;
            let mut gradients = critic.no_gradients();
            let norms = penalised(&mut critic, &points, penalties, masks(), &mut gradients).await;
            for (row, norm) in gradient.chunks_exact(6).zip(norms) {
                let expected = row.iter().map(|g| g * g).sum::<f32>().sqrt();
                assert!((norm - expected).abs() < 1e-5, "{norm}, expected {expected}");
            }

            let gradients = critic.gradients(&gradients).read().await.expect("readable");
            for (gradient, tensor) in gradients.iter().zip(critic.tensors().read().await.expect("readable")) {
                for (index, gradient) in gradient.values.iter().enumerate() {
                    let mut sides = [0.0; 2];
                    for (side, sign) in sides.iter_mut().zip([-1.0, 1.0]) {
                        let mut moved = tensor.values.clone();
                        moved[index] += sign * step;
                        critic.load(&tensor.name, &moved).expect("its own length");
                        let mut unread = critic.no_gradients();
                        let norms = penalised(&mut critic, &points, penalties, masks(), &mut unread).await;
                        *side = gradient_penalty(&norms, 10.0);
                    }
                    critic.load(&tensor.name, &tensor.values).expect("its own length");
                    let difference = (sides[1] - sides[0]) / f64::from(2.0 * step);
                    let error = (difference - f64::from(*gradient)).abs();
                    assert!(error < 2e-2, "{}: gradient {gradient}, difference {difference}", tensor.name);
                }
            }
        }
    }
}

const LOSSES: [LossConfig; 8] = [
    LossConfig::Bce {
        label_smoothing: 0.0,
    },
    LossConfig::Bce {
        label_smoothing: 0.1,
    },
    LossConfig::BceSaturating {
        label_smoothing: 0.0,
    },
    LossConfig::LeastSquares {
        label_smoothing: 0.0,
    },
    LossConfig::LeastSquares {
        label_smoothing: 0.1,
    },
    LossConfig::Hinge,
    LossConfig::Wasserstein { clip: 0.01 },
    LossConfig::WassersteinGp { penalty: 10.0 },
];
