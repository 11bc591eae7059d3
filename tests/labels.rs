//! Labels through every update order, every substep and every look; on the CPU, and on WebGPU where that gives the same.

mod common;

use common::{largest_difference, on, on_cpu, ramps, records, small, tensors, trainable_bits};
use gan_playground::config::{
    ConvConfig, DiscriminatorLabels, GeneratorLabels, LabelsConfig, LayerConfig, LeakyRelu, Linear,
    LossConfig, Reshape, ScheduleConfig, UpdateOrder,
};
use gan_playground::loss::around_one;
use gan_playground::trainer::{Role, Rows, StepLatents, Update, Weights, replay};
use gan_playground::{Backend, Error, GanConfig, Trainer};

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

const CLASSES: usize = 3;
const PROJECTION: DiscriminatorLabels = DiscriminatorLabels::Projection;
const CONCAT: DiscriminatorLabels = DiscriminatorLabels::Concat { scale: 2.0 };
const ORDERS: [UpdateOrder; 5] = [
    UpdateOrder::Joint,
    UpdateOrder::KerasTwoUpdates,
    UpdateOrder::SumSameZ,
    UpdateOrder::RealThenFakeSameLatents,
    UpdateOrder::FakeThenGeneratorThenReal,
];

/// The updates of each order, one by one, as far as substeps have them: D's halves are one update in the first and the third.
const SUBSTEPS: [(UpdateOrder, [Update; 3]); 3] = [
    (
        UpdateOrder::KerasTwoUpdates,
        [Update::Real, Update::Fake, Update::Generated],
    ),
    (
        UpdateOrder::RealThenFakeSameLatents,
        [Update::Real, Update::Fake, Update::Generated],
    ),
    (
        UpdateOrder::FakeThenGeneratorThenReal,
        [Update::Fake, Update::Generated, Update::Real],
    ),
];

/// [`small`] with three classes.
fn told(
    order: UpdateOrder,
    generator: GeneratorLabels,
    discriminator: DiscriminatorLabels,
) -> GanConfig {
    let mut config = GanConfig {
        labels: Some(LabelsConfig {
            classes: CLASSES,
            generator,
            discriminator,
        }),
        ..small(order)
    };
    if discriminator == PROJECTION
        && let Some(last) = config.discriminator.layers.last_mut()
    {
        *last = LayerConfig::Linear(Linear { units: 1 + CLASSES });
    }
    config
}

/// Both players are told.
fn both(order: UpdateOrder, discriminator: DiscriminatorLabels) -> GanConfig {
    told(order, GeneratorLabels::OneHot, discriminator)
}

/// [`both`] with a D that convolves 4×4 pictures.
fn convolutional(discriminator: DiscriminatorLabels) -> GanConfig {
    let mut config = both(UpdateOrder::Joint, discriminator);
    let head = config.discriminator.layers.pop().expect("the last layer");
    let leaky = LayerConfig::LeakyRelu(LeakyRelu { slope: 0.2 });
    config.discriminator.layers = vec![
        LayerConfig::Reshape(Reshape {
            channels: 1,
            height: 4,
            width: 4,
        }),
        LayerConfig::Conv2d(ConvConfig {
            channels: 4,
            kernel: 4,
            stride: 2,
            padding: 1,
            bias: true,
        }),
        leaky,
        LayerConfig::Flatten,
        LayerConfig::Linear(Linear { units: 6 }),
        leaky,
        head,
    ];
    config
}

/// The same without BatchNorm, which `measure` takes by other statistics than `gradients`, and without bends.
fn smooth(mut config: GanConfig) -> GanConfig {
    for player in [&mut config.generator, &mut config.discriminator] {
        let layers = &mut player.layers;
        layers.retain(|layer| !matches!(layer, LayerConfig::BatchNorm(_)));
        for layer in layers {
            if matches!(layer, LayerConfig::LeakyRelu(_)) {
                *layer = LayerConfig::Tanh;
            }
        }
    }
    config
}

/// Labels of 8 rows.
const REAL: [u8; 8] = [0, 2, 1, 1, 0, 2, 2, 1];
const FAKE: [u8; 8] = [2, 2, 0, 1, 0, 0, 1, 2];
const GENERATED: [u8; 8] = [1, 0, 2, 2, 1, 0, 0, 1];

/// Latents of 8 rows that differ by `phase`.
fn latents(phase: f32) -> Vec<f32> {
    (0..24)
        .map(|i| 1.3 * (i as f32 * 0.37 + phase).sin())
        .collect()
}

/// Random numbers of a step in the given order.
fn given(order: UpdateOrder) -> StepLatents {
    let reuses = !matches!(order, UpdateOrder::Joint | UpdateOrder::KerasTwoUpdates);
    StepLatents {
        discriminator: latents(0.0),
        discriminator_labels: Some(FAKE.into()),
        generator: (!reuses).then(|| latents(1.0)),
        generator_labels: (!reuses).then(|| GENERATED.into()),
        ..StepLatents::default()
    }
}

async fn all(trainer: &Trainer) -> Vec<(String, Vec<f32>)> {
    let mut all = tensors(trainer, Role::Generator).await;
    all.extend(tensors(trainer, Role::Discriminator).await);
    all
}

async fn values(trainer: &Trainer) -> Vec<f32> {
    all(trainer)
        .await
        .into_iter()
        .flat_map(|(_, values)| values)
        .collect()
}

async fn generated(trainer: &mut Trainer, rows: Rows<'_>) -> Vec<f32> {
    let reading = trainer.generate(rows, Weights::Raw).expect("fits");
    reading.read().await.expect("readable")
}

async fn scored(trainer: &mut Trainer, rows: Rows<'_>) -> Vec<f32> {
    let reading = trainer.scores(rows).expect("fits");
    reading.read().await.expect("readable")
}

/// The loss that an update follows, by `measure`.
async fn loss(trainer: &mut Trainer, update: Update) -> f64 {
    let z = latents(1.0);
    let (real, z) = (ramps(), Rows::labelled(&z, &GENERATED));
    let reading = trainer
        .measure(Rows::labelled(&real, &REAL), z)
        .expect("fits");
    let record = reading.read().await.expect("finite");
    let loss = match update {
        Update::Real => record.loss_d_real,
        Update::Fake => record.loss_d_fake,
        Update::Generated => record.loss_g,
    };
    f64::from(loss.expect("measured"))
}

/// Compares gradients of an update with central differences of the loss, parameter by parameter (every `stride`-th).
async fn check_gradients(config: GanConfig, update: Update, stride: usize) {
    const H: f32 = 1.0 / 128.0;
    let name = format!("{:?} {update:?}", config.labels);
    let mut trainer = on_cpu(config, 4).await;
    let z = latents(1.0);
    let real = ramps();
    let rows = match update {
        Update::Real => Rows::labelled(&real, &REAL),
        _ => Rows::labelled(&z, &GENERATED),
    };
    let role = update.learner();
    let reading = trainer.gradients(update, rows).expect("fits");
    let gradients = reading.read().await.expect("readable");
    let mut largest = 0.0_f64;
    for gradient in gradients {
        for (index, given) in gradient.values.iter().enumerate().step_by(stride) {
            let mut losses = [0.0; 2];
            for (loss_at, shift) in losses.iter_mut().zip([H, -H]) {
                let mut moved = tensor(&trainer, role, &gradient.name).await;
                let before = moved.clone();
                moved[index] += shift;
                trainer
                    .load_parameter(role, &gradient.name, &moved)
                    .expect("exists");
                *loss_at = loss(&mut trainer, update).await;
                trainer
                    .load_parameter(role, &gradient.name, &before)
                    .expect("exists");
            }
            let slope = (losses[0] - losses[1]) / f64::from(2.0 * H);
            let given = f64::from(*given);
            largest = largest.max(given.abs());
            let what = format!(
                "{name}, {} {index}: {given}, differences {slope}",
                gradient.name
            );
            assert!((slope - given).abs() < 1e-4, "{what}");
        }
    }
    assert!(
        largest > 0.02,
        "{name}: a gradient of {largest} proves nothing"
    );
}

async fn tensor(trainer: &Trainer, role: Role, name: &str) -> Vec<f32> {
    let tensors = tensors(trainer, role).await.into_iter();
    let mut named = tensors.filter(|(other, _)| other == name);
    named.next().expect("it is there").1
}

fn invalid(result: Result<impl Sized, Error>, words: &str) {
    let Err(error) = result else {
        panic!("accepted, though: {words}");
    };
    assert_eq!(error.code(), "invalidBatch", "{error}");
    assert!(
        error.to_string().contains(words),
        "{error}; expected: {words}"
    );
}

/// Whether WebGPU can be tested here. In a browser it must be: the flags of webdriver.json give an adapter. Natively there may be none.
async fn has_webgpu() -> bool {
    match Backend::WebGpu.open().await {
        Ok(_) => true,
        Err(error) if cfg!(all(target_arch = "wasm32", feature = "webgpu")) => panic!("{error}"),
        Err(error) => {
            common::say(&format!("skipped on WebGPU: {error}"));
            false
        }
    }
}

on_every_target! {
    /// Counted by hand from the layers of the recipe: with weights, biases, gamma and beta, G of `mnist-digits` has
    /// (74 × 256 + 256 + 512) + (256 × 784 + 784 + 1568) + (16 × 8 × 16 + 8 + 16) + (8 × 16 + 1) and D
    /// (16 × 8 + 8) + (8 × 16 × 16 + 16) + (784 × 128 + 128) + (128 × 11 + 1).
    async fn label_inputs_and_projections_are_counted() {
        let trainer = on_cpu(GanConfig::mnist_digits(), 1).await;
        let counted = [Role::Generator, Role::Discriminator].map(|role| trainer.network_info(role).trainable_parameters);
        assert_eq!(counted, [224_969, 104_089]);
        let held = tensors(&trainer, Role::Discriminator).await;
        assert_eq!(held.iter().map(|(_, values)| values.len()).sum::<usize>(), 104_089);
        assert_eq!(held.last().map(|(name, values)| (name.as_str(), values.len())), Some(("8.bias", 1)));

        let mut dense = GanConfig::mnist_fast();
        dense.labels = Some(LabelsConfig { classes: 10, generator: GeneratorLabels::Off, discriminator: CONCAT });
        let info = dense.describe().expect("valid").discriminator;
        assert_eq!(info.layers[0].label, "Linear 794 → 256");
        assert_eq!(info.layers[0].parameters, 795 * 256);
        let trainer = on_cpu(dense, 1).await;
        let held: usize = tensors(&trainer, Role::Discriminator).await.iter().map(|(_, values)| values.len()).sum();
        assert_eq!(held, info.parameters);
    }

    /// The raw output by projection is `o[0] + o[1 + y]`: a network of one linear layer says so in closed form.
    async fn projection_adds_the_output_of_the_label() {
        let mut config = both(UpdateOrder::Joint, PROJECTION);
        config.discriminator.layers = vec![LayerConfig::Linear(Linear { units: 1 + CLASSES })];
        let mut trainer = on_cpu(config, 3).await;
        let weight: Vec<f32> = (0..16 * 4).map(|i| (i as f32 * 0.7).cos()).collect();
        trainer.load_parameter(Role::Discriminator, "0.weight", &weight).expect("[16, 4]");
        trainer.load_parameter(Role::Discriminator, "0.bias", &[0.25]).expect("one bias");
        let real = ramps();
        let scores = scored(&mut trainer, Rows::labelled(&real, &REAL)).await;
        for (row, (score, label)) in scores.iter().zip(REAL).enumerate() {
            let x = &real[16 * row..][..16];
            let of = |column: usize| -> f64 {
                x.iter().enumerate().map(|(i, x)| f64::from(*x) * f64::from(weight[4 * i + column])).sum()
            };
            let logit = of(0) + of(1 + usize::from(label)) + 0.25;
            let expected = 1.0 / (1.0 + (-logit).exp());
            assert!((f64::from(*score) - expected).abs() < 2e-6, "row {row}: {score}, {expected}");
        }
    }

    /// A label that joins the pixels is a value there: D of one linear layer gives `x w + scale w[16 + y] + b`.
    async fn concatenation_adds_the_weight_of_the_label() {
        let mut config = both(UpdateOrder::Joint, CONCAT);
        config.discriminator.layers = vec![LayerConfig::Linear(Linear { units: 1 })];
        let mut trainer = on_cpu(config, 3).await;
        let weight: Vec<f32> = (0..16 + CLASSES).map(|i| (i as f32 * 0.7).cos()).collect();
        trainer.load_parameter(Role::Discriminator, "0.weight", &weight).expect("[19, 1]");
        let real = ramps();
        let scores = scored(&mut trainer, Rows::labelled(&real, &REAL)).await;
        for (row, (score, label)) in scores.iter().zip(REAL).enumerate() {
            let x = real[16 * row..][..16].iter().zip(&weight);
            let sum: f64 = x.map(|(x, w)| f64::from(*x) * f64::from(*w)).sum();
            let logit = sum + 2.0 * f64::from(weight[16 + usize::from(label)]);
            let expected = 1.0 / (1.0 + (-logit).exp());
            assert!((f64::from(*score) - expected).abs() < 2e-6, "row {row}: {score}, {expected}");
        }
    }

    async fn the_generator_makes_another_sample_for_another_label() {
        let z = latents(0.0)[..3].repeat(CLASSES);
        let labels = [0, 1, 2];
        for generator in [GeneratorLabels::OneHot, GeneratorLabels::Off] {
            let mut trainer = on_cpu(told(UpdateOrder::Joint, generator, PROJECTION), 3).await;
            let made = generated(&mut trainer, Rows::labelled(&z, &labels)).await;
            let is_told = generator == GeneratorLabels::OneHot;
            assert_eq!(made[..16] != made[16..32], is_told, "{generator:?}");
            assert_eq!(made[16..32] != made[32..], is_told, "{generator:?}");
        }
    }

    /// With smooth activations; tolerance: f32 leaves some 1e-7 of a loss, so 1e-5 of a quotient; cutting off the series leaves h² / 6
    /// times the third derivative, 1e-5 times at most 10.
    async fn gradients_are_the_slopes_of_the_losses() {
        for discriminator in [PROJECTION, CONCAT] {
            for update in [Update::Real, Update::Fake, Update::Generated] {
                check_gradients(smooth(both(UpdateOrder::Joint, discriminator)), update, 1).await;
                check_gradients(smooth(convolutional(discriminator)), update, 1).await;
            }
        }
    }

    /// What a step draws is what it can be given.
    async fn a_step_is_a_step_with_the_labels_that_it_draws() {
        for discriminator in [PROJECTION, CONCAT] {
            for order in ORDERS {
                let mut drawn = on_cpu(both(order, discriminator), 5).await;
                let mut given = on_cpu(both(order, discriminator), 5).await;
                let real = ramps();
                for _ in 0..2 {
                    drawn.step(Rows::labelled(&real, &REAL)).expect("fits");
                    let reuses = !matches!(order, UpdateOrder::Joint | UpdateOrder::KerasTwoUpdates);
                    let mut latents = StepLatents {
                        discriminator: given.draw_latents(8),
                        discriminator_labels: given.draw_labels(8),
                        ..StepLatents::default()
                    };
                    if !reuses {
                        latents.generator = Some(given.draw_latents(8));
                        latents.generator_labels = given.draw_labels(8);
                    }
                    given.step_with(Rows::labelled(&real, &REAL), &latents).expect("fits");
                }
                assert_eq!(all(&drawn).await, all(&given).await, "{order:?}");
                assert_eq!(records(&mut drawn).await, records(&mut given).await, "{order:?}");
            }
        }
    }

    async fn every_label_of_a_step_counts() {
        for discriminator in [PROJECTION, CONCAT] {
            for order in ORDERS {
                let step = async |real_labels: [u8; 8], latents: StepLatents| {
                    let mut trainer = on_cpu(both(order, discriminator), 5).await;
                    trainer.step_with(Rows::labelled(&ramps(), &real_labels), &latents).expect("fits");
                    [
                        trainable_bits(&trainer, Role::Generator).await,
                        trainable_bits(&trainer, Role::Discriminator).await,
                    ]
                };
                let plain = step(REAL, given(order)).await;
                let mut labels = REAL;
                labels[3] = 2;
                let other = step(labels, given(order)).await;
                assert_ne!(plain[1], other[1], "{order:?}: D does not hear of the reals' labels");
                let mut latents = given(order);
                latents.discriminator_labels = Some(vec![1; 8]);
                let other = step(REAL, latents).await;
                assert_ne!(plain[1], other[1], "{order:?}: D does not hear of the fakes' labels");
                if let Some(labels) = &mut given(order).generator_labels {
                    labels[0] = 2;
                    let latents = StepLatents { generator_labels: Some(labels.clone()), ..given(order) };
                    let other = step(REAL, latents).await;
                    assert_eq!(plain[1], other[1], "{order:?}");
                    assert_ne!(plain[0], other[0], "{order:?}: G does not hear of its own labels");
                } else {
                    assert_ne!(plain[0], other[0], "{order:?}: G does not hear of its own labels");
                }
            }
        }
    }

    async fn phases_of_a_step_one_by_one_leave_what_the_whole_step_leaves() {
        for discriminator in [PROJECTION, CONCAT] {
            let mut whole = on_cpu(both(UpdateOrder::Joint, discriminator), 5).await;
            let mut halves = on_cpu(both(UpdateOrder::Joint, discriminator), 5).await;
            let mut asked = on_cpu(both(UpdateOrder::Joint, discriminator), 5).await;
            let real = ramps();
            whole.step(Rows::labelled(&real, &REAL)).expect("fits");
            halves.discriminator_step(Rows::labelled(&real, &REAL)).expect("fits");
            halves.generator_step(8).expect("fits");
            asked.discriminator_step(Rows::labelled(&real, &REAL)).expect("fits");
            let labels = asked.draw_labels(8).expect("it has labels");
            asked.generator_step_for(8, Some(&labels)).expect("fits");
            assert_eq!(all(&whole).await, all(&halves).await);
            assert_eq!(all(&whole).await, all(&asked).await);
        }
    }

    /// A step is the updates that it is made of, on the same labels; the running statistics follow D's fakes once more where G's pass is
    /// made anew.
    async fn updates_of_a_step_one_by_one_leave_what_the_whole_step_leaves() {
        for discriminator in [PROJECTION, CONCAT] {
            for (order, updates) in SUBSTEPS {
                let mut whole = on_cpu(both(order, discriminator), 5).await;
                let mut apart = on_cpu(both(order, discriminator), 5).await;
                let (real, latents) = (ramps(), given(order));
                for _ in 0..2 {
                    whole.step_with(Rows::labelled(&real, &REAL), &latents).expect("fits");
                    for update in updates {
                        let rows = match (update, &latents.generator) {
                            (Update::Real, _) => Rows::labelled(&real, &REAL),
                            (Update::Generated, Some(z)) => Rows::labelled(z, &GENERATED),
                            _ => Rows::labelled(&latents.discriminator, &FAKE),
                        };
                        apart.update(update, rows).expect("fits");
                    }
                }
                for role in [Role::Generator, Role::Discriminator] {
                    assert_eq!(
                        trainable_bits(&whole, role).await,
                        trainable_bits(&apart, role).await,
                        "{order:?} {role:?}"
                    );
                }
                assert_eq!(whole.steps(), apart.steps());
            }
        }
    }

    /// `gradients` gives what `update` follows, and what the first update of a step followed.
    async fn gradients_are_those_that_updates_follow() {
        for discriminator in [PROJECTION, CONCAT] {
            for update in [Update::Real, Update::Fake, Update::Generated] {
                let mut trainer = on_cpu(both(UpdateOrder::RealThenFakeSameLatents, discriminator), 5).await;
                let (real, z) = (ramps(), latents(1.0));
                let rows = match update {
                    Update::Real => Rows::labelled(&real, &REAL),
                    _ => Rows::labelled(&z, &GENERATED),
                };
                let before = all(&trainer).await;
                let looked = trainer.gradients(update, rows).expect("fits").read().await.expect("read");
                assert_eq!(before, all(&trainer).await);
                replay::capture_gradients(&mut trainer);
                trainer.update(update, rows).expect("fits");
                let followed = replay::take_gradients(&mut trainer, update.learner()).expect("it learned");
                assert_eq!(looked, followed.read().await.expect("read"));
            }
        }
    }

    /// Labels of an unlikely draw are drawn all the same: 4,000 of 3 classes, each within five standard errors of a third.
    async fn drawn_labels_are_uniform_and_disturb_no_other_stream() {
        let mut trainer = on_cpu(both(UpdateOrder::Joint, PROJECTION), 5).await;
        let labels = trainer.draw_labels(4000).expect("it has labels");
        for class in 0..CLASSES as u8 {
            let share = labels.iter().filter(|label| **label == class).count() as f64 / 4000.0;
            let error = (2.0_f64 / 9.0 / 4000.0).sqrt();
            assert!((share - 1.0 / 3.0).abs() < 5.0 * error, "{class}: {share}");
        }
        let mut plain = on_cpu(small(UpdateOrder::Joint), 5).await;
        assert_eq!(plain.draw_labels(5), None);
        assert_eq!(trainer.draw_latents(4), plain.draw_latents(4));
        assert_eq!(trainer.permutation(9), plain.permutation(9));
    }

    /// Column c of the grid is class c, a row is of one latent.
    async fn the_grid_has_a_column_for_each_class_and_a_latent_for_each_row() {
        let mut config = both(UpdateOrder::Joint, PROJECTION);
        config.generator.layers.retain(|layer| !matches!(layer, LayerConfig::BatchNorm(_)));
        let mut trainer = on_cpu(config, 5).await;
        let grid = trainer.samples(Weights::Raw).read().await.expect("read");
        assert_eq!(grid.len(), 8 * CLASSES * 16);
        let mut plain = small(UpdateOrder::Joint);
        plain.generator.layers.retain(|layer| !matches!(layer, LayerConfig::BatchNorm(_)));
        let weight = tensor(&trainer, Role::Generator, "0.weight").await; // [3 + 3, 8]
        let weights: Vec<_> = tensors(&trainer, Role::Generator).await;
        let mut by_hand = on_cpu(plain, 5).await;
        let mut columns = Vec::new();
        for class in 0..CLASSES {
            // The label's row of weights is a bias of its class.
            for (name, values) in &weights {
                let values = match name.as_str() {
                    "0.weight" => weight[..24].to_vec(),
                    "0.bias" => values.iter().zip(&weight[8 * (3 + class)..]).map(|(b, w)| b + w).collect(),
                    _ => values.clone(),
                };
                by_hand.load_parameter(Role::Generator, name, &values).expect("exists");
            }
            columns.push(by_hand.samples(Weights::Raw).read().await.expect("read"));
        }
        for row in 0..8 {
            for (class, column) in columns.iter().enumerate() {
                let sample = &grid[16 * (CLASSES * row + class)..][..16];
                assert!(largest_difference(sample, &column[16 * row..][..16]) < 1e-5, "row {row}, class {class}");
            }
        }
        let mut untold = on_cpu(told(UpdateOrder::Joint, GeneratorLabels::Off, PROJECTION), 5).await;
        let grid = untold.samples(Weights::Raw).read().await.expect("read");
        assert_eq!(grid.len(), 8 * CLASSES * 16);
        assert_ne!(grid[..16], grid[16..32], "other latents, for one that is not told the class");
    }

    async fn labels_that_do_not_fit_are_refused_and_change_nothing() {
        let mut trainer = on_cpu(both(UpdateOrder::Joint, PROJECTION), 3).await;
        let before = all(&trainer).await;
        let (real, z) = (ramps(), latents(0.0));
        let bad: [(Option<&[u8]>, &str); 4] = [
            (None, "has 0 values, expected 8, one for each row"),
            (Some(&REAL[1..]), "has 7 values, expected 8, one for each row"),
            (Some(&[0; 9]), "has 9 values, expected 8, one for each row"),
            (Some(&[0, 1, 2, 0, 3, 0, 0, 0]), "only values below 3, the number of classes; value 4 is 3"),
        ];
        for (labels, words) in bad {
            let reals = Rows::new(&real, labels);
            invalid(trainer.step(reals), words);
            invalid(trainer.discriminator_step(reals), words);
            invalid(trainer.step_with(reals, &given(UpdateOrder::Joint)), words);
            invalid(trainer.update(Update::Real, reals), words);
            invalid(trainer.gradients(Update::Real, reals), words);
            invalid(trainer.scores(reals), words);
            let rows = Rows::new(&z, labels);
            invalid(trainer.measure(reals, Rows::labelled(&z, &FAKE)), words);
            invalid(trainer.measure(Rows::labelled(&real, &REAL), rows), words);
            invalid(trainer.generate(rows, Weights::Raw), words);
            invalid(trainer.gradients(Update::Fake, rows), words);
            let Some(labels) = labels else { continue }; // Fakes' labels would be drawn.
            invalid(trainer.generator_step_for(8, Some(labels)), words);
            invalid(trainer.update(Update::Generated, rows), words);
            for place in 0..2 {
                let mut latents = given(UpdateOrder::Joint);
                let list = [&mut latents.discriminator_labels, &mut latents.generator_labels];
                *list.into_iter().nth(place).expect("two lists") = Some(labels.to_vec());
                invalid(trainer.step_with(Rows::labelled(&real, &REAL), &latents), words);
            }
        }
        assert_eq!(trainer.steps(), 0);
        assert_eq!(before, all(&trainer).await);
        let mut fresh = on_cpu(both(UpdateOrder::Joint, PROJECTION), 3).await;
        assert_eq!(trainer.draw_labels(8), fresh.draw_labels(8));

        let mut same = on_cpu(both(UpdateOrder::SumSameZ, PROJECTION), 3).await;
        let mut latents = given(UpdateOrder::SumSameZ);
        latents.generator_labels = Some(GENERATED.into());
        invalid(same.step_with(Rows::labelled(&real, &REAL), &latents), "the update order uses D's latents again");

        let mut plain = on_cpu(small(UpdateOrder::Joint), 3).await;
        let words = "no list: the configuration has no labels";
        invalid(plain.step(Rows::labelled(&real, &REAL)), words);
        invalid(plain.generate(Rows::labelled(&z, &FAKE), Weights::Raw), words);
        invalid(plain.generator_step_for(8, Some(&FAKE)), words);
        invalid(plain.step_with(&real, &given(UpdateOrder::Joint)), words);
    }

    /// The critic's penalty with labels, against central differences of its value; the points have the labels of the reals.
    async fn the_penalty_of_a_critic_that_is_told_is_its_slope() {
        for discriminator in [PROJECTION, CONCAT] {
            let mut config = both(UpdateOrder::Joint, discriminator);
            config.loss = LossConfig::WassersteinGp { penalty: 10.0 };
            let mut trainer = on_cpu(config, 4).await;
            let points = ramps();
            let rows = Rows::labelled(&points, &REAL);
            let penalty = async |trainer: &mut Trainer| {
                let (_, norms) = replay::penalty_gradients(trainer, rows, around_one(10.0, 8)).expect("fits");
                let norms = norms.read().await.expect("read");
                10.0 * norms.iter().map(|n| (f64::from(*n) - 1.0).powi(2)).sum::<f64>() / 8.0
            };
            let (gradients, _) = replay::penalty_gradients(&mut trainer, rows, around_one(10.0, 8)).expect("fits");
            let (mut compared, mut bent) = (0, 0);
            for gradient in gradients.read().await.expect("read") {
                let before = tensor(&trainer, Role::Discriminator, &gradient.name).await;
                for (index, given) in gradient.values.iter().enumerate() {
                    let mut slopes = Vec::new();
                    for h in [1.0 / 1024.0, 1.0 / 2048.0] {
                        let mut values = [0.0; 2];
                        for (value, shift) in values.iter_mut().zip([h, -h]) {
                            let mut moved = before.clone();
                            moved[index] += shift;
                            trainer.load_parameter(Role::Discriminator, &gradient.name, &moved).expect("exists");
                            *value = penalty(&mut trainer).await;
                        }
                        slopes.push((values[0] - values[1]) / f64::from(2.0 * h));
                    }
                    trainer.load_parameter(Role::Discriminator, &gradient.name, &before).expect("exists");
                    let close = |a: f64, b: f64| (a - b).abs() < 2e-2 * (1.0 + a.abs());
                    // At a bend of LeakyReLU the norm jumps, and the quotient is another for every h.
                    if !close(slopes[0], slopes[1]) {
                        bent += 1;
                        continue;
                    }
                    compared += 1;
                    assert!(
                        close(slopes[1], f64::from(*given)),
                        "{discriminator:?} {} {index}: {given}, {slopes:?}", gradient.name
                    );
                }
            }
            assert!(compared > 20 * bent, "{discriminator:?}: {bent} bends, {compared} compared");
        }
    }

    /// Adam's first steps move by the learning rate, so the schedule can be read off; the two updates of D's phase share its factor.
    async fn a_schedule_multiplies_the_rate_of_each_players_own_phases() {
        let mut config = small(UpdateOrder::Joint);
        config.schedule = ScheduleConfig::Linear { from: 1, to: 3, factor: 0.5 };
        config.discriminator.optimizer = gan_playground::config::OptimizerConfig::Sgd { momentum: 0.0 };
        config.discriminator_updates = 2;
        let mut plain = config.clone();
        plain.schedule = ScheduleConfig::Constant;
        let mut scheduled = on_cpu(config.clone(), 3).await;
        let mut by_hand = on_cpu(plain, 3).await;
        let real = ramps().repeat(2);
        for (phase, factor) in [1.0, 0.75, 0.5, 0.5].into_iter().enumerate() {
            by_hand.set_learning_rates(1e-3, 1e-3 * factor).expect("in range");
            by_hand.discriminator_step(&real).expect("fits");
            scheduled.discriminator_step(&real).expect("fits");
            assert_eq!(all(&by_hand).await, all(&scheduled).await, "phase {phase} of D");
        }
        // G's phases are counted by themselves.
        for (phase, factor) in [1.0, 0.75, 0.5, 0.5].into_iter().enumerate() {
            by_hand.set_learning_rates(2e-3 * factor, 1e-3).expect("in range");
            scheduled.set_learning_rates(2e-3, 1e-3).expect("in range");
            by_hand.generator_step(8).expect("fits");
            scheduled.generator_step(8).expect("fits");
            assert_eq!(all(&by_hand).await, all(&scheduled).await, "phase {phase} of G");
        }
        assert_eq!(scheduled.config().generator.learning_rate, 2e-3, "the rate that the schedule multiplies");
    }

    async fn substeps_follow_the_schedule_of_a_whole_step() {
        let schedule = ScheduleConfig::InverseSqrt { from: 1 };
        for (order, updates) in SUBSTEPS {
            let config = GanConfig { schedule, ..small(order) };
            let mut whole = on_cpu(config.clone(), 5).await;
            let mut apart = on_cpu(config, 5).await;
            let latents = StepLatents { discriminator_labels: None, generator_labels: None, ..given(order) };
            for _ in 0..3 {
                whole.step_with(&ramps(), &latents).expect("fits");
                for update in updates {
                    let (real, z) = (ramps(), &latents.discriminator);
                    let rows = match update {
                        Update::Real => &real,
                        Update::Fake => z,
                        Update::Generated => latents.generator.as_ref().unwrap_or(z),
                    };
                    apart.update(update, rows).expect("fits");
                }
            }
            for role in [Role::Generator, Role::Discriminator] {
                assert_eq!(trainable_bits(&whole, role).await, trainable_bits(&apart, role).await, "{order:?}");
            }
        }
    }

    /// Three classes of samples: light in one third of the values, dark elsewhere. After 600 steps a sample is nearest to the class that was
    /// asked for; untrained it is not.
    async fn a_generator_that_is_told_learns_the_classes() {
        let face = |class: u8| (0..16).map(move |x| if x % 3 == usize::from(class) { 0.8 } else { -0.8 });
        let nearest = |sample: &[f32]| {
            let distance = |class: &u8| -> f32 { face(*class).zip(sample).map(|(a, b)| (a - b) * (a - b)).sum() };
            (0..CLASSES as u8).min_by(|a, b| distance(a).total_cmp(&distance(b))).expect("three classes")
        };
        for discriminator in [PROJECTION, CONCAT] {
            for order in ORDERS {
                let mut config = both(order, discriminator);
                config.generator.learning_rate = 5e-3;
                config.discriminator.learning_rate = 5e-3;
                let mut trainer = on_cpu(config, 3).await;
                let right = async |trainer: &mut Trainer| {
                    let grid = trainer.samples(Weights::Raw).read().await.expect("read");
                    let classes = grid.chunks_exact(16).map(nearest);
                    classes.zip((0..CLASSES as u8).cycle()).filter(|(seen, asked)| seen == asked).count()
                };
                let before = right(&mut trainer).await;
                for step in 0..600_u32 {
                    let labels: Vec<u8> = (0..8).map(|row| ((row + step) % 3) as u8).collect();
                    let real: Vec<f32> = labels.iter().flat_map(|label| face(*label)).collect();
                    trainer.step(Rows::labelled(&real, &labels)).expect("fits");
                }
                let after = right(&mut trainer).await;
                common::say(&format!("{discriminator:?} {order:?}: {before}, then {after} of 24 are of the class asked for"));
                assert!(before < 18 && after >= 22, "{discriminator:?} {order:?}: {before}, then {after}");
            }
        }
    }

    /// Bits of both networks, samples, scores and losses after two steps and a phase of D, joined by the FNV-1a hash; stored from the commit
    /// before there were labels. Networks so small are computed one sum at a time, which is the same on every machine.
    async fn without_labels_the_toy_keeps_its_bits() {
        let stored = [
            (GanConfig::toy_2x2(), 0xa96e_02e9_0c13_9d10_u64),
            (GanConfig::toy_2x2_fake_first(), 0x348d_0456_45f7_a46a),
        ];
        for (config, stored) in stored {
            let name = config.name.clone();
            let mut trainer = on_cpu(config, 42).await;
            let (real, z) = ([0.0_f32, 0.41, 0.82, 0.22], [0.25; 3]);
            for _ in 0..2 {
                trainer.step(&real).expect("one face");
            }
            trainer.discriminator_step(&real).expect("one face");
            let mut numbers = values(&trainer).await;
            numbers.extend(trainer.samples(Weights::Averaged).read().await.expect("read"));
            let made = generated(&mut trainer, Rows::from(&z)).await;
            numbers.extend(scored(&mut trainer, Rows::from(&made)).await);
            let measured = trainer.measure(&real, &z).expect("fits").read().await.expect("finite");
            numbers.extend(measured.loss_d);
            let records = records(&mut trainer).await;
            numbers.extend(records.iter().flat_map(|record| [record.loss_d, record.loss_g]).flatten());
            let hash = numbers.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, x| {
                (hash ^ u64::from(x.to_bits())).wrapping_mul(0x0100_0000_01b3)
            });
            assert_eq!(hash, stored, "{name}: {hash:#x}");
        }
    }

    /// Ten steps on both devices. Tolerance: that of f32 sums in another order, grown over ten updates of Adam at rate 1e-3.
    async fn labels_train_alike_on_webgpu() {
        if !has_webgpu().await {
            return;
        }
        let mut configs = Vec::new();
        for discriminator in [PROJECTION, CONCAT, DiscriminatorLabels::Off] {
            configs.push(both(UpdateOrder::Joint, discriminator));
        }
        configs.push(both(UpdateOrder::KerasTwoUpdates, CONCAT));
        configs.push(both(UpdateOrder::SumSameZ, PROJECTION));
        configs.push(convolutional(PROJECTION));
        configs.push(convolutional(CONCAT));
        for config in configs {
            let name = format!("{:?} {:?}", config.labels, config.order);
            let mut results = Vec::new();
            for backend in [Backend::Cpu, Backend::WebGpu] {
                let mut trainer = on(backend, config.clone(), 3).await;
                let real = ramps();
                for _ in 0..10 {
                    trainer.step(Rows::labelled(&real, &REAL)).expect("fits");
                }
                let z = latents(0.0);
                let mut numbers = values(&trainer).await;
                numbers.extend(trainer.samples(Weights::Raw).read().await.expect("read"));
                numbers.extend(generated(&mut trainer, Rows::labelled(&z, &FAKE)).await);
                numbers.extend(scored(&mut trainer, Rows::labelled(&real, &REAL)).await);
                numbers.push(loss(&mut trainer, Update::Fake).await as f32);
                numbers.extend(records(&mut trainer).await.iter().filter_map(|record| record.loss_d));
                results.push(numbers);
            }
            let difference = largest_difference(&results[0], &results[1]);
            assert!(difference < 1e-3, "{name}: {difference}");
        }
    }
}
