//! Gradient penalties and the relativistic loss: the gradients that both players follow, against central differences of the same objective
//! computed in f64 by a network of the tests' own, on every device there is.

mod common;
#[path = "common/exact.rs"]
mod exact;

use std::collections::BTreeMap;

use common::{on, ramps, records, say, small};
use exact::Exact;
use gan_playground::config::{
    ApproximatedR1, ConvConfig, DiscriminatorLabels, GeneratorLabels, GradientPenalties,
    LabelsConfig, LayerConfig, LeakyRelu, Linear, LossConfig, Reshape, UpdateOrder,
};
use gan_playground::trainer::{self, Role, StepLatents, StepRecord, Update, replay};
use gan_playground::{Backend, GanConfig, Trainer};

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

const DIM: usize = 16;
const BATCH: usize = 8;
const WEIGHT: f64 = 3.0;

/// What one update of D sees, in f64.
struct Rows {
    real: Vec<Sample>,
    fake: Vec<Sample>,
    /// Noise beside the real samples.
    noise: Vec<Vec<f64>>,
    /// Shares of the real samples.
    shares: Vec<f64>,
}

/// A sample, and the class that it is said to have; 0 where D is not told.
#[derive(Clone)]
struct Sample {
    x: Vec<f64>,
    label: usize,
}

fn samples(rows: Vec<Vec<f64>>, labels: &[u8]) -> Vec<Sample> {
    let rows = rows.into_iter().zip(labels);
    rows.map(|(x, label)| Sample {
        x,
        label: usize::from(*label),
    })
    .collect()
}

fn rows(values: &[f32]) -> Vec<Vec<f64>> {
    let rows = values.chunks_exact(DIM);
    rows.map(|row| row.iter().map(|x| f64::from(*x)).collect())
        .collect()
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len() as f64;
    values.sum::<f64>() / count
}

fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

fn norm(critic: &Exact, sample: &Sample) -> f64 {
    let (_, gradient) = critic.gradient(&sample.x, sample.label);
    gradient.iter().map(|g| g * g).sum::<f64>().sqrt()
}

fn judge(critic: &Exact, samples: &[Sample]) -> Vec<f64> {
    let samples = samples.iter();
    samples
        .map(|sample| critic.output(&sample.x, sample.label)[0])
        .collect()
}

/// R1, R2 (on the halves that are there), the approximated R1.
fn penalties(
    critic: &Exact,
    config: &GanConfig,
    rows: &Rows,
    on_real: bool,
    on_fake: bool,
) -> [f64; 3] {
    let GradientPenalties {
        r1,
        r2,
        approximated_r1,
    } = config.gradient_penalties;
    let squares = |samples: &[Sample]| mean(samples.iter().map(|x| norm(critic, x).powi(2)));
    let mut all = [0.0; 3];
    if let (true, Some(gamma)) = (on_real, r1) {
        all[0] = gamma / 2.0 * squares(&rows.real);
    }
    if let (true, Some(gamma)) = (on_fake, r2) {
        all[1] = gamma / 2.0 * squares(&rows.fake);
    }
    if let (true, Some(ApproximatedR1 { weight, deviation })) = (on_real, approximated_r1) {
        // What the engine adds is rounded to f32; so is this, for at a deviation of 0.01 it decides the third digit.
        let beside = rows.real.iter().zip(&rows.noise).map(|(sample, noise)| {
            let pairs = sample.x.iter().zip(noise);
            let x = pairs.map(|(x, noise)| f64::from(*x as f32 + deviation as f32 * *noise as f32));
            Sample {
                x: x.collect(),
                label: sample.label,
            }
        });
        let beside: Vec<Sample> = beside.collect();
        let (at, beside) = (judge(critic, &rows.real), judge(critic, &beside));
        all[2] = weight * mean(at.iter().zip(&beside).map(|(a, b)| (a - b).powi(2)));
    }
    all
}

/// D's objective on both halves.
fn objective(critic: &Exact, config: &GanConfig, rows: &Rows) -> f64 {
    let (real, fake) = (judge(critic, &rows.real), judge(critic, &rows.fake));
    let adversarial = match config.loss {
        LossConfig::Bce { .. } => {
            mean(real.iter().map(|r| softplus(-r))) + mean(fake.iter().map(|f| softplus(*f)))
        }
        LossConfig::Relativistic => mean(real.iter().zip(&fake).map(|(r, f)| softplus(f - r))),
        LossConfig::WassersteinGp { penalty } => {
            let points = rows.real.iter().zip(&rows.fake).zip(&rows.shares);
            let points = points.map(|((real, fake), share)| {
                let pairs = real.x.iter().zip(&fake.x);
                Sample {
                    x: pairs.map(|(r, f)| share * r + (1.0 - share) * f).collect(),
                    label: real.label,
                }
            });
            let distances = points.map(|point| (norm(critic, &point) - 1.0).powi(2));
            let penalty = penalty * mean(distances);
            mean(fake.iter().copied()) - mean(real.iter().copied())
                + penalty / config.discriminator_loss_scale
        }
        other => unimplemented!("{other:?}"),
    };
    let penalties: f64 = penalties(critic, config, rows, true, true).iter().sum();
    config.discriminator_loss_scale * adversarial + penalties
}

/// f32 sums of some hundred products, once back, once forward and once across; measured: at most 3e-6 of the largest gradient.
fn compare(what: &str, actual: Vec<(String, Vec<f32>)>, expected: &BTreeMap<String, Vec<f64>>) {
    assert_eq!(actual.len(), expected.len(), "{what}");
    let mut worst: f64 = 0.0;
    let largest = expected
        .values()
        .flatten()
        .fold(0.0_f64, |a, x| a.max(x.abs()));
    assert!(largest > 1e-3, "{what}: nothing to compare");
    for (name, values) in actual {
        for (index, (actual, expected)) in values.iter().zip(&expected[&name]).enumerate() {
            let error = (f64::from(*actual) - expected).abs() / largest;
            worst = worst.max(error);
            assert!(
                error < 2e-5,
                "{what}: {name}[{index}] is {actual}, differences {expected}"
            );
        }
    }
    say(&format!(
        "{what}: at most {worst:.1e} of the largest gradient"
    ));
}

async fn named(reading: gan_playground::trainer::NamedReading) -> Vec<(String, Vec<f32>)> {
    let tensors = reading.read().await.expect("readable");
    tensors
        .into_iter()
        .map(|tensor| (tensor.name, tensor.values))
        .collect()
}

fn figure(value: Option<f32>, expected: f64, what: &str) {
    let value = value.unwrap_or_else(|| panic!("{what} is missing"));
    let error = (f64::from(value) - expected).abs();
    assert!(
        error < 2e-6 * (1.0 + expected.abs()),
        "{what} is {value}, expected {expected}"
    );
}

/// One step on given numbers: the gradients that both players followed, and D's figures.
async fn step_follows_the_objective(name: &str, backend: Backend, config: GanConfig) {
    let what = format!("{name} on {backend:?}");
    let mut trainer = on(backend, config.clone(), 5).await;
    replay::capture_gradients(&mut trainer);
    let latents = step_latents(&mut trainer);
    let mut critic = Exact::of(&trainer, Role::Discriminator, DIM).await;
    let inputs = config.generator_input().values();
    let mut generator = Exact::of(&trainer, Role::Generator, inputs).await;
    let rows = Rows {
        real: samples(rows(&ramps()), &real_labels(&config)),
        fake: fakes(
            &generator,
            &latents.discriminator,
            &latents.discriminator_labels,
        ),
        noise: rows(latents.noise.as_ref().expect("given")),
        shares: latents
            .interpolation
            .iter()
            .map(|x| f64::from(*x))
            .collect(),
    };
    let (ramps, labels) = (ramps(), config.labels.map(|_| real_labels(&config)));
    let real = trainer::Rows::new(&ramps, labels.as_deref());
    trainer.step_with(real, &latents).expect("it fits");

    let of_d =
        named(replay::take_gradients(&mut trainer, Role::Discriminator).expect("captured")).await;
    let expected = critic.differences(|critic| objective(critic, &config, &rows));
    compare(&format!("{what}, D"), of_d, &expected);
    let record = records(&mut trainer).await[0];
    check_record(&what, &record, &critic, &config, &rows);

    // G learns through the D just updated.
    let critic = Exact::of(&trainer, Role::Discriminator, DIM).await;
    let real = judge(&critic, &rows.real);
    let asked = match config.order {
        UpdateOrder::SumSameZ => (latents.discriminator, latents.discriminator_labels),
        _ => (latents.generator.expect("given"), latents.generator_labels),
    };
    let loss_of_g = |generator: &Exact| {
        let judged = judge(&critic, &fakes(generator, &asked.0, &asked.1));
        match config.loss {
            LossConfig::Relativistic => {
                mean(judged.iter().zip(&real).map(|(f, r)| softplus(r - f)))
            }
            LossConfig::Bce { .. } => mean(judged.iter().map(|f| softplus(-f))),
            _ => mean(judged.iter().map(|f| -f)),
        }
    };
    figure(
        record.loss_g,
        loss_of_g(&generator),
        &format!("{what}: lossG"),
    );
    let of_g =
        named(replay::take_gradients(&mut trainer, Role::Generator).expect("captured")).await;
    let expected = generator.differences(loss_of_g);
    compare(&format!("{what}, G"), of_g, &expected);
}

fn check_record(what: &str, record: &StepRecord, critic: &Exact, config: &GanConfig, rows: &Rows) {
    let [r1, r2, approximated] = penalties(critic, config, rows, true, true);
    let set = config.gradient_penalties;
    let figures = [
        ("penaltyReal", record.penalty_real, set.r1.map(|_| r1)),
        ("penaltyFake", record.penalty_fake, set.r2.map(|_| r2)),
        (
            "penaltyApproximated",
            record.penalty_approximated,
            set.approximated_r1.map(|_| approximated),
        ),
        (
            "gradientNormFake",
            record.gradient_norm_fake,
            set.r2
                .map(|_| mean(rows.fake.iter().map(|x| norm(critic, x)))),
        ),
    ];
    for (name, value, expected) in figures {
        match expected {
            Some(expected) => figure(value, expected, &format!("{what}: {name}")),
            None => assert_eq!(value, None, "{what}: {name}"),
        }
    }
    figure(
        record.loss_d,
        objective(critic, config, rows),
        &format!("{what}: lossD"),
    );
    if set.any() && !matches!(config.loss, LossConfig::WassersteinGp { .. }) {
        figure(
            record.penalty,
            r1 + r2 + approximated,
            &format!("{what}: penalty"),
        );
    }
    if set.r1.is_some() {
        let norms = mean(rows.real.iter().map(|x| norm(critic, x)));
        figure(
            record.gradient_norm,
            norms,
            &format!("{what}: gradientNorm"),
        );
    }
    assert_eq!(record.loss_d_real.is_none(), config.loss.pairs(), "{what}");
    assert_eq!(record.loss_d_fake.is_none(), config.loss.pairs(), "{what}");
}

fn step_latents(trainer: &mut Trainer) -> StepLatents {
    let numbers = |trainer: &mut Trainer, count: usize| {
        let mut values = trainer.draw_latents(count.div_ceil(3));
        values.truncate(count);
        values
    };
    let reuses = trainer.config().order == UpdateOrder::SumSameZ;
    let is_wasserstein = matches!(trainer.config().loss, LossConfig::WassersteinGp { .. });
    let is_told = trainer.config().labels.is_some();
    let labels =
        |shift: u8| is_told.then(|| (0..BATCH as u8).map(|row| (row + shift) % 3).collect());
    StepLatents {
        discriminator: numbers(trainer, BATCH * 3),
        discriminator_labels: labels(1),
        generator: (!reuses).then(|| numbers(trainer, BATCH * 3)),
        generator_labels: labels(2).filter(|_| !reuses),
        interpolation: match is_wasserstein {
            true => (0..BATCH).map(|i| i as f32 / 8.0 + 0.06).collect(),
            false => vec![],
        },
        noise: Some(numbers(trainer, BATCH * DIM)),
    }
}

/// Classes of the real samples; 0 where there are none.
fn real_labels(config: &GanConfig) -> Vec<u8> {
    let classes = config.classes().max(1);
    (0..BATCH).map(|row| (row * row % classes) as u8).collect()
}

/// What G makes of latents, each with its label behind it where there are labels.
fn fakes(generator: &Exact, latents: &[f32], labels: &Option<Vec<u8>>) -> Vec<Sample> {
    let latents = latents.chunks_exact(3).enumerate();
    let made = latents.map(|(row, latent)| {
        let mut z: Vec<f64> = latent.iter().map(|x| f64::from(*x)).collect();
        if let Some(labels) = labels {
            z.extend((0..3).map(|class| f64::from(u8::from(class == labels[row]))));
        }
        generator.output(&z, 0)
    });
    let none = vec![0; BATCH];
    samples(made.collect(), labels.as_ref().unwrap_or(&none))
}

fn leaky() -> LayerConfig {
    LayerConfig::LeakyRelu(LeakyRelu { slope: 0.2 })
}

fn linear(units: usize) -> LayerConfig {
    LayerConfig::Linear(Linear { units })
}

fn picture(channels: usize, side: usize) -> LayerConfig {
    LayerConfig::Reshape(Reshape {
        channels,
        height: side,
        width: side,
    })
}

fn conv(channels: usize, kernel: usize, stride: usize, bias: bool) -> ConvConfig {
    ConvConfig {
        channels,
        kernel,
        stride,
        padding: 1,
        bias,
    }
}

/// Networks without BatchNorm; D has a convolution with and one without biases, and a hidden dense layer.
fn convolutional(order: UpdateOrder) -> GanConfig {
    let mut config = small(order);
    config.generator.layers = vec![linear(6), leaky(), linear(DIM), LayerConfig::Tanh];
    config.discriminator.layers = vec![
        picture(1, 4),
        LayerConfig::Conv2d(conv(3, 3, 1, true)),
        leaky(),
        LayerConfig::Conv2d(conv(4, 4, 2, false)),
        leaky(),
        LayerConfig::Flatten,
        linear(5),
        LayerConfig::Relu,
        linear(1),
    ];
    config
}

/// D with every other layer that a penalty is written out for, but dropout: an activation first, upsampling, a transposed convolution.
fn unusual(order: UpdateOrder) -> GanConfig {
    let mut config = convolutional(order);
    config.discriminator.layers = vec![
        leaky(),
        linear(8),
        leaky(),
        picture(2, 2),
        LayerConfig::Upsample,
        leaky(),
        LayerConfig::ConvTranspose2d(conv(2, 4, 2, true)),
        LayerConfig::Relu,
        LayerConfig::Flatten,
        linear(1),
    ];
    config
}

/// Launches of a step of [`digits`] without a penalty, with R1, with R1 and R2.
#[cfg(feature = "webgpu")]
const LAUNCHES: [u64; 3] = [97, 116, 115];

/// The networks of `mnist-digits`, without labels.
#[cfg(feature = "webgpu")]
fn digits() -> GanConfig {
    let mut config = GanConfig::mnist_dcgan();
    let conv = |channels| conv(channels, 4, 2, true);
    config.discriminator.layers = vec![
        picture(1, 28),
        LayerConfig::Conv2d(conv(8)),
        leaky(),
        LayerConfig::Conv2d(conv(16)),
        leaky(),
        LayerConfig::Flatten,
        linear(128),
        leaky(),
        linear(1),
    ];
    config
}

/// Both players are told one of three classes.
fn told(mut config: GanConfig, discriminator: DiscriminatorLabels) -> GanConfig {
    config.labels = Some(LabelsConfig {
        classes: 3,
        generator: GeneratorLabels::OneHot,
        discriminator,
    });
    if let (DiscriminatorLabels::Projection, Some(last)) =
        (discriminator, config.discriminator.layers.last_mut())
    {
        *last = linear(4);
    }
    config
}

fn with(mut config: GanConfig, r1: Option<f64>, r2: Option<f64>, approximated: bool) -> GanConfig {
    config.gradient_penalties = GradientPenalties {
        r1,
        r2,
        approximated_r1: approximated.then_some(ApproximatedR1 {
            weight: 100.0,
            deviation: 0.05,
        }),
    };
    config
}

async fn every_step(backend: Backend) {
    match backend.open().await {
        Ok(_) => {}
        Err(error) if cfg!(target_arch = "wasm32") => panic!("{error}"),
        Err(error) => return say(&format!("skipped on {backend:?}: {error}")),
    }
    let joint = UpdateOrder::Joint;
    let relativistic = |order| GanConfig {
        loss: LossConfig::Relativistic,
        discriminator_loss_scale: 1.0,
        ..convolutional(order)
    };
    let wasserstein = |config| GanConfig {
        loss: LossConfig::WassersteinGp { penalty: 10.0 },
        discriminator_loss_scale: 1.0,
        ..config
    };
    let projection = DiscriminatorLabels::Projection;
    let concat = DiscriminatorLabels::Concat { scale: 1.5 };
    let dense = small(joint).discriminator;
    let on_dense = |config| GanConfig {
        discriminator: dense.clone(),
        ..config
    };
    for (name, config) in [
        ("no penalty", convolutional(joint)),
        ("R1", with(convolutional(joint), Some(WEIGHT), None, false)),
        (
            "R1 on a dense D",
            on_dense(with(convolutional(joint), Some(WEIGHT), None, false)),
        ),
        ("R2", with(convolutional(joint), None, Some(WEIGHT), false)),
        (
            "R1 + R2",
            with(
                convolutional(UpdateOrder::SumSameZ),
                Some(WEIGHT),
                Some(0.7),
                false,
            ),
        ),
        (
            "R1 + R2 on unusual layers",
            with(unusual(joint), Some(WEIGHT), Some(0.7), false),
        ),
        (
            "approximated R1",
            with(convolutional(joint), None, None, true),
        ),
        ("relativistic", relativistic(joint)),
        (
            "relativistic, the same fakes",
            relativistic(UpdateOrder::SumSameZ),
        ),
        (
            "relativistic, scaled",
            GanConfig {
                discriminator_loss_scale: 0.5,
                ..relativistic(joint)
            },
        ),
        (
            "relativistic with all penalties",
            with(relativistic(joint), Some(WEIGHT), Some(0.7), true),
        ),
        (
            "R1, labels by projection",
            told(
                with(convolutional(joint), Some(WEIGHT), None, false),
                projection,
            ),
        ),
        (
            "R1 + R2, labels beside the features",
            told(
                with(convolutional(joint), Some(WEIGHT), Some(0.7), false),
                concat,
            ),
        ),
        (
            "R1, labels beside the values",
            told(
                on_dense(with(convolutional(joint), Some(WEIGHT), None, false)),
                concat,
            ),
        ),
        (
            "relativistic with all penalties, labels by projection",
            told(
                with(
                    relativistic(UpdateOrder::SumSameZ),
                    Some(WEIGHT),
                    Some(0.7),
                    true,
                ),
                projection,
            ),
        ),
        (
            "Wasserstein, labels by projection",
            told(wasserstein(convolutional(joint)), projection),
        ),
        ("Wasserstein", wasserstein(convolutional(joint))),
        ("Wasserstein on unusual layers", wasserstein(unusual(joint))),
        (
            "Wasserstein with R1",
            with(wasserstein(convolutional(joint)), Some(WEIGHT), None, false),
        ),
    ] {
        step_follows_the_objective(name, backend, config).await;
    }
}

on_every_target! {
    async fn a_step_follows_the_gradients_of_loss_and_penalties_on_the_cpu() {
        every_step(Backend::Cpu).await;
    }

    async fn a_step_follows_the_gradients_of_loss_and_penalties_on_webgpu() {
        every_step(Backend::WebGpu).await;
    }

    /// What R1 costs on a GPU, in launches of kernels, for the networks of `mnist-digits` without labels. The work that decides is in the products,
    /// so a number that grows is no fault by itself; one that grows unnoticed is.
    #[cfg(feature = "webgpu")]
    async fn a_step_with_r1_takes_so_many_launches() {
        match Backend::WebGpu.open().await {
            Ok(_) => {}
            Err(error) if cfg!(target_arch = "wasm32") => panic!("{error}"),
            Err(error) => return say(&format!("skipped: {error}")),
        }
        let mut counts = [0; 3];
        let gammas = [(None, None), (Some(0.5), None), (Some(0.5), Some(0.5))];
        for (count, (r1, r2)) in counts.iter_mut().zip(gammas) {
            let config = with(digits(), r1, r2, false);
            let real = vec![0.5; 4 * 28 * 28];
            let mut trainer = on(Backend::WebGpu, config, 5).await;
            trainer.step(&real).expect("it fits");
            records(&mut trainer).await;
            let before = gan_playground::kernels::launches();
            trainer.step(&real).expect("it fits");
            *count = gan_playground::kernels::launches() - before;
        }
        assert_eq!(counts, LAUNCHES, "launches of a step without a penalty, with R1, with R1 and R2");
    }

    /// A loss of pairs needs D's phase first, as many fakes as real samples, and no halves.
    async fn the_relativistic_loss_says_what_it_needs() {
        let config = GanConfig { loss: LossConfig::Relativistic, ..convolutional(UpdateOrder::Joint) };
        let mut trainer = on(Backend::Cpu, config, 5).await;
        let latents = trainer.draw_latents(BATCH);
        let refused = |result: Result<(), gan_playground::Error>, code: &str, words: &str| {
            let error = result.expect_err(words);
            assert_eq!(error.code(), code);
            assert!(error.to_string().contains(words), "{error}");
        };
        refused(trainer.generator_step(BATCH), "invalidBatch", "a discriminator step before it");
        refused(trainer.update(Update::Generated, &latents), "invalidBatch", "a discriminator step before it");
        refused(trainer.update(Update::Real, &ramps()), "invalidConfig", "halves");
        refused(trainer.gradients(Update::Fake, &latents).map(|_| ()), "invalidConfig", "halves");
        trainer.discriminator_step(&ramps()).expect("it fits");
        refused(trainer.generator_step(BATCH - 1), "invalidBatch", "8 latents");
        refused(trainer.measure(&ramps(), &latents[3..]).map(|_| ()), "invalidBatch", "8 latents");
        trainer.generator_step(BATCH).expect("it fits");
        trainer.update(Update::Generated, &latents).expect("it fits");
        let measured = trainer.measure(&ramps(), &latents).expect("it fits").read().await.expect("finite");
        assert!(measured.loss_d.is_some() && measured.loss_g.is_some() && measured.loss_d_real.is_none());
        assert!(records(&mut trainer).await.iter().all(|record| record.loss_d_fake.is_none()));
    }

    /// Noise that is not given is drawn from a stream of its own: equal seeds give equal bits, and latents stay as they were.
    async fn noise_of_the_approximated_penalty_is_seeded() {
        let mut runs = Vec::new();
        for seed in [5, 5, 6] {
            let mut trainer = on(Backend::Cpu, with(convolutional(UpdateOrder::Joint), None, None, true), seed).await;
            for _ in 0..2 {
                trainer.step(&ramps()).expect("it fits");
            }
            let penalties: Vec<_> = records(&mut trainer).await.iter().map(|record| record.penalty_approximated).collect();
            runs.push((penalties, trainer.draw_latents(2)));
        }
        assert_eq!(runs[0], runs[1]);
        assert_ne!(runs[0].0, runs[2].0);
        assert_ne!(runs[0].0[0], runs[0].0[1]);
        let mut plain = on(Backend::Cpu, convolutional(UpdateOrder::Joint), 5).await;
        for _ in 0..2 {
            plain.step(&ramps()).expect("it fits");
        }
        assert_eq!(plain.draw_latents(2), runs[0].1);
    }

    /// In the update orders with a half each, R1 and its approximation belong to the real half and R2 to that of the fakes.
    async fn each_half_has_its_own_penalties() {
        let config = with(convolutional(UpdateOrder::KerasTwoUpdates), Some(WEIGHT), Some(0.7), true);
        let mut trainer = on(Backend::Cpu, config.clone(), 5).await;
        let latents = step_latents(&mut trainer).discriminator;
        let mut critic = Exact::of(&trainer, Role::Discriminator, DIM).await;
        let generator = Exact::of(&trainer, Role::Generator, 3).await;
        let real = samples(rows(&ramps()), &[0; BATCH]);
        let rows = Rows { real, fake: fakes(&generator, &latents, &None), noise: vec![], shares: vec![] };
        let of_fake = named(trainer.gradients(Update::Fake, &latents).expect("it fits")).await;
        let expected = critic.differences(|critic| {
            mean(judge(critic, &rows.fake).iter().map(|f| softplus(*f))) + penalties(critic, &config, &rows, false, true)[1]
        });
        compare("the half of the fakes", of_fake, &expected);

        // The noise is the engine's own here; without it, the rest is exact.
        let config = with(config, Some(WEIGHT), Some(0.7), false);
        let mut trainer = on(Backend::Cpu, config.clone(), 5).await;
        let of_real = named(trainer.gradients(Update::Real, &ramps()).expect("it fits")).await;
        let expected = critic.differences(|critic| {
            mean(judge(critic, &rows.real).iter().map(|r| softplus(-r))) + penalties(critic, &config, &rows, true, false)[0]
        });
        compare("the half of the real samples", of_real, &expected);
        trainer.update(Update::Real, &ramps()).expect("it fits");
        trainer.update(Update::Fake, &latents).expect("it fits");
        let [first, second] = records(&mut trainer).await.try_into().expect("two");
        assert!(first.penalty_real.is_some() && first.penalty_fake.is_none() && first.loss_d.is_none());
        assert_eq!(first.penalty, first.penalty_real);
        assert!(second.penalty_real == first.penalty_real && second.penalty_fake.is_some() && second.loss_d.is_some());
    }
}
