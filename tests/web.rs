//! What only a browser can show: WebGPU beside the CPU, and the JavaScript API as JavaScript sees it.
#![cfg(target_arch = "wasm32")]

mod common;
#[path = "common/toy.rs"]
mod toy;

use common::{largest_difference, on, ramps, records, small, tensors};
use gan_playground::config::{
    DiscriminatorLabels, GeneratorLabels, LabelsConfig, LossConfig, UpdateOrder,
};
use gan_playground::trainer::Role;
use gan_playground::{Backend, GanConfig, web};
use js_sys::{Array, Float32Array, JSON, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

/// Tolerance: both compute in f32 with sums in other orders. Losses and scores of order 1 may differ by some ulps times the
/// longest sum (16 terms): 1e-5. Adam divides each gradient by its own size, so one near 0 may round to either side and move
/// its parameter by up to 2 × lr (1e-3) more or less in a step; all others agree to 1e-5.
#[wasm_bindgen_test]
async fn cpu_and_webgpu_agree_on_a_whole_step() {
    for order in [UpdateOrder::Joint, UpdateOrder::KerasTwoUpdates] {
        let mut cpu = on(Backend::Cpu, small(order), 3).await;
        let mut webgpu = on(Backend::WebGpu, small(order), 3).await;
        for trainer in [&mut cpu, &mut webgpu] {
            trainer.step(&ramps()).expect("fits");
        }
        let (a, b) = (records(&mut cpu).await[0], records(&mut webgpu).await[0]);
        for (name, a, b) in [
            ("lossD", a.loss_d, b.loss_d),
            ("lossG", a.loss_g, b.loss_g),
            ("scoreReal", a.score_real, b.score_real),
            ("scoreFake", a.score_fake, b.score_fake),
        ] {
            let (a, b) = (a.expect("measured"), b.expect("measured"));
            assert!(
                (a - b).abs() < 1e-5,
                "{order:?} {name}: {a} on the CPU, {b} on WebGPU"
            );
        }
        let (mut all, mut apart) = (0, 0);
        for role in [Role::Generator, Role::Discriminator] {
            let (a, b) = (tensors(&cpu, role).await, tensors(&webgpu, role).await);
            for ((name, a), (_, b)) in a.iter().zip(&b) {
                assert!(
                    largest_difference(a, b) < 2.1e-3,
                    "{order:?} {role:?} {name}"
                );
                all += a.len();
                apart += a
                    .iter()
                    .zip(b)
                    .filter(|(a, b)| (*a - *b).abs() > 1e-5)
                    .count();
            }
        }
        assert!(
            apart * 50 < all,
            "{order:?}: {apart} of {all} parameters differ by more than 1e-5"
        );
    }
}

#[wasm_bindgen_test]
async fn equal_seeds_give_equal_first_values_on_both_devices() {
    let cpu = on(Backend::Cpu, small(UpdateOrder::Joint), 3).await;
    let webgpu = on(Backend::WebGpu, small(UpdateOrder::Joint), 3).await;
    for role in [Role::Generator, Role::Discriminator] {
        assert_eq!(tensors(&cpu, role).await, tensors(&webgpu, role).await);
    }
}

#[wasm_bindgen_test]
async fn the_toy_reproduces_the_notebooks_first_500_steps_on_webgpu() {
    let json = include_str!("fixtures/toy/fixture_seed42.json");
    toy::replay(
        json,
        UpdateOrder::RealThenFakeSameLatents,
        Backend::WebGpu,
        500,
    )
    .await;
}

async fn session(config: JsValue, seed: f64) -> Result<web::Session, String> {
    let created = web::create_session(config, seed, "cpu".into()).await;
    created.map_err(|error| {
        let error: js_sys::Error = error.unchecked_into();
        format!("{}: {}", error.name(), error.message())
    })
}

fn set(object: &JsValue, key: &str, value: impl Into<JsValue>) {
    Reflect::set(object, &key.into(), &value.into()).expect("an object");
}

fn get(object: &JsValue, key: &str) -> JsValue {
    let value = Reflect::get(object, &key.into()).expect("an object");
    assert!(
        !value.is_undefined(),
        "no {key} in {:?}",
        JSON::stringify(object)
    );
    value
}

/// The body of `export interface NAME { … }` of types.d.ts: its top-level keys.
fn declared_keys(interface: &str) -> Vec<String> {
    let types = include_str!("../src/types.d.ts");
    let (_, rest) = types
        .split_once(&format!("export interface {interface} {{\n"))
        .unwrap_or_else(|| panic!("types.d.ts declares no {interface}"));
    let (body, _) = rest.split_once("\n}").expect("the interface is closed");
    let mut keys: Vec<String> = body
        .lines()
        .filter_map(|line| line.strip_prefix("  "))
        .filter(|line| line.starts_with(|c: char| c.is_ascii_alphabetic()))
        .filter_map(|line| line.split([':', '(', '?']).next())
        .map(String::from)
        .collect();
    keys.sort();
    keys
}

fn sent_keys(object: &JsValue) -> Vec<String> {
    let mut keys: Vec<String> = Object::keys(object.unchecked_ref::<Object>())
        .iter()
        .filter_map(|key| key.as_string())
        .collect();
    keys.sort();
    keys
}

#[wasm_bindgen_test]
async fn types_declare_exactly_what_is_sent() {
    let config = web::preset("mnist-fast").expect("exists");
    assert_eq!(sent_keys(&config), declared_keys("GanConfig"));
    assert_eq!(
        sent_keys(&get(&config, "shape")),
        declared_keys("SampleShape")
    );
    assert_eq!(
        sent_keys(&get(&config, "generator")),
        declared_keys("PlayerConfig")
    );
    assert_eq!(sent_keys(&web::limits()), declared_keys("Limits"));

    let mut session = session(web::preset("toy-2x2").expect("exists"), 7.0)
        .await
        .expect("valid");
    let info = session.info();
    assert_eq!(sent_keys(&info), declared_keys("SessionInfo"));
    assert_eq!(
        sent_keys(&get(&info, "generator")),
        declared_keys("NetworkInfo")
    );
    let layer = Array::from(&get(&get(&info, "generator"), "layers")).get(0);
    assert_eq!(sent_keys(&layer), declared_keys("LayerInfo"));
    assert_eq!(
        get(&info, "seed").as_f64(),
        Some(7.0),
        "a number, not a BigInt"
    );

    session
        .step(&web::toy_faces()[..4], None)
        .expect("one face");
    let records: Array = JsFuture::from(session.read_metrics())
        .await
        .expect("read")
        .unchecked_into();
    assert_eq!(records.length(), 1);
    assert_eq!(sent_keys(&records.get(0)), declared_keys("StepRecord"));
    let tensors: Array = JsFuture::from(session.parameters())
        .await
        .expect("read")
        .unchecked_into();
    let names: Vec<String> = tensors
        .iter()
        .filter_map(|t| get(&t, "name").as_string())
        .collect();
    assert_eq!(names, ["0.weight", "0.bias", "0.weight", "0.bias"]);
    assert_eq!(sent_keys(&tensors.get(0)), declared_keys("NamedTensor"));
    assert_eq!(
        get(&tensors.get(2), "network").as_string().as_deref(),
        Some("discriminator")
    );
    assert!(get(&tensors.get(0), "values").is_instance_of::<Float32Array>());
    let samples: Float32Array = JsFuture::from(session.samples(false))
        .await
        .expect("read")
        .unchecked_into();
    assert_eq!(samples.length(), 64 * 4);
}

#[wasm_bindgen_test]
async fn configurations_are_described_without_being_built() {
    let config = web::preset("mnist-dcgan").expect("exists");
    let described = web::describe(config.clone()).expect("valid");
    let parameters = |network: &str| get(&get(&described, network), "parameters").as_f64();
    let (generator, discriminator) = (
        65 * 3136 + 4 * 3136 + 64 * 32 * 16 + 4 * 32 + 32 * 16 + 1,
        32 * 16 + 32 + 32 * 64 * 16 + 4 * 64 + 3137,
    );
    assert_eq!(parameters("generator"), Some(f64::from(generator)));
    assert_eq!(parameters("discriminator"), Some(f64::from(discriminator)));
    let layers = get(&get(&config, "generator"), "layers");
    set(&Array::from(&layers).get(0), "units", 100);
    let error = web::describe(config).expect_err("100 values are no 64×7×7");
    let error: js_sys::Error = error.unchecked_into();
    assert_eq!(String::from(error.name()), "invalidConfig");
    let message = String::from(error.message());
    assert!(message.contains("generator.layers[3]"), "{message}");
    assert_eq!(
        get(&error, "field").as_string().as_deref(),
        Some("generator.layers[3]")
    );
}

#[wasm_bindgen_test]
async fn given_latents_make_samples_by_either_generator() {
    let mut session = session(web::preset("mnist-fast").expect("exists"), 7.0)
        .await
        .expect("valid");
    assert_eq!(sent_keys(&session.config()), declared_keys("GanConfig"));
    for averaged in [false, true] {
        let samples = JsFuture::from(session.generate(&[0.5; 2 * 64], averaged, None)).await;
        let samples: Float32Array = samples.expect("two latents").unchecked_into();
        assert_eq!(samples.length(), 2 * 784);
    }
    let error = JsFuture::from(session.generate(&[0.5; 65], true, None)).await;
    let error: js_sys::Error = error.expect_err("no whole latents").unchecked_into();
    assert_eq!(String::from(error.name()), "invalidBatch");
}

/// A labelled preset that is small: three classes of 4×4 samples.
fn labelled(order: UpdateOrder) -> JsValue {
    let mut config = small(order);
    config.labels = Some(LabelsConfig {
        classes: 3,
        generator: GeneratorLabels::OneHot,
        discriminator: DiscriminatorLabels::Concat { scale: 1.0 },
    });
    let text = serde_json::to_string(&config).expect("it serialises");
    JSON::parse(&text).expect("it is JSON")
}

#[wasm_bindgen_test]
async fn labels_go_with_samples_and_latents() {
    let mut session = session(labelled(UpdateOrder::Joint), 7.0)
        .await
        .expect("valid");
    assert_eq!(get(&session.info(), "classes").as_f64(), Some(3.0));
    let (real, z) = (ramps(), vec![0.5_f32; 8 * 3]);
    let labels: Vec<u8> = vec![0, 1, 2, 0, 1, 2, 0, 1];
    let some = || Some(labels.clone());
    session.step(&real, some()).expect("fits");
    session.discriminator_step(&real, some()).expect("fits");
    session.generator_step(8.0, some()).expect("fits");
    session.generator_step(8.0, None).expect("drawn");
    session.update("real".into(), &real, some()).expect("fits");
    session.update("fake".into(), &z, None).expect("drawn");
    for refused in [
        session.step(&real, None),
        session.step(&real, Some(vec![3; 8])),
        session.update("real".into(), &real, None),
        session.generator_step(8.0, Some(vec![0; 7])),
    ] {
        let error: js_sys::Error = refused.expect_err("labels").unchecked_into();
        assert_eq!(String::from(error.name()), "invalidBatch");
    }
    let samples: Float32Array = JsFuture::from(session.generate(&z, false, some()))
        .await
        .expect("fits")
        .unchecked_into();
    assert_eq!(samples.length(), 8 * 16);
    let grid: Float32Array = JsFuture::from(session.samples(false))
        .await
        .expect("read")
        .unchecked_into();
    assert_eq!(grid.length(), 8 * 3 * 16);
    for promise in [
        session.scores(&real, some()),
        session.measure(&real, &z, some(), some()),
        session.gradients("generated".into(), &z, some()),
    ] {
        JsFuture::from(promise).await.expect("fits");
    }
    for promise in [
        session.scores(&real, None),
        session.generate(&z, false, None),
        session.measure(&real, &z, some(), None),
        session.gradients("generated".into(), &z, None),
    ] {
        let error = JsFuture::from(promise).await.expect_err("no labels");
        let error: js_sys::Error = error.unchecked_into();
        assert_eq!(String::from(error.name()), "invalidBatch");
    }
}

/// What the options of `stepWith` say counts: the same numbers give the same step, others another; a word that is none is refused.
#[wasm_bindgen_test]
async fn a_step_is_given_its_labels_and_shares() {
    let real = ramps();
    let z = |phase: f32| -> Vec<f32> { (0..24).map(|i| (i as f32 + phase).sin()).collect() };
    let bytes = |values: [u8; 8]| -> JsValue { js_sys::Uint8Array::from(&values[..]).into() };
    let mut losses = Vec::new();
    for (label, asked) in [(0, 1), (0, 1), (2, 1), (0, 2)] {
        let mut session = session(labelled(UpdateOrder::Joint), 7.0)
            .await
            .expect("valid");
        let options: JsValue = Object::new().into();
        set(&options, "labels", bytes([label; 8]));
        set(&options, "discriminatorLabels", bytes([0; 8]));
        set(&options, "generatorLabels", bytes([asked; 8]));
        session
            .step_with(&real, z(0.0), Some(z(1.0)), options)
            .expect("fits");
        let records: Array = JsFuture::from(session.read_metrics())
            .await
            .expect("read")
            .unchecked_into();
        let of = |key| get(&records.get(0), key).as_f64().expect("measured");
        losses.push((of("lossD"), of("lossG")));
    }
    assert_eq!(losses[0], losses[1]);
    assert_ne!(losses[0].0, losses[2].0, "labels of real samples count");
    assert_ne!(losses[0].1, losses[3].1, "labels of G's updates count");

    let mut config = small(UpdateOrder::Joint);
    config.loss = LossConfig::WassersteinGp { penalty: 10.0 };
    let text = serde_json::to_string(&config).expect("it serialises");
    let config = JSON::parse(&text).expect("it is JSON");
    let mut session = session(config, 7.0).await.expect("valid");
    let error = session.step_with(&real, z(0.0), Some(z(1.0)), JsValue::UNDEFINED);
    let error: js_sys::Error = error.expect_err("no shares").unchecked_into();
    assert_eq!(String::from(error.name()), "invalidBatch");
    let options: JsValue = Object::new().into();
    set(&options, "interpolation", Float32Array::from(&[0.5; 8][..]));
    session
        .step_with(&real, z(0.0), Some(z(1.0)), options.clone())
        .expect("fits");
    set(&options, "shares", 1);
    let error = session.step_with(&real, z(0.0), Some(z(1.0)), options);
    let error: js_sys::Error = error.expect_err("no such option").unchecked_into();
    assert_eq!(String::from(error.name()), "invalidConfig");
    assert!(String::from(error.message()).contains("shares"));
}

#[wasm_bindgen_test]
async fn phases_that_did_not_run_are_null() {
    let mut session = session(web::preset("toy-2x2").expect("exists"), 7.0)
        .await
        .expect("valid");
    session.generator_step(1.0, None).expect("in range");
    let records: Array = JsFuture::from(session.read_metrics())
        .await
        .expect("read")
        .unchecked_into();
    let record = records.get(0);
    assert!(get(&record, "lossD").is_null() && get(&record, "scoreReal").is_null());
    assert!(get(&record, "lossG").as_f64().is_some());
}

#[wasm_bindgen_test]
async fn the_updates_of_a_step_are_made_one_by_one() {
    let mut session = session(web::preset("toy-2x2").expect("exists"), 7.0)
        .await
        .expect("valid");
    let face = &web::toy_faces()[..4];
    let z = session.draw_latents(1).to_vec();
    assert_eq!(z.len(), 1);
    let gradients: Array = JsFuture::from(session.gradients("generated".into(), &z, None))
        .await
        .expect("read")
        .unchecked_into();
    assert_eq!(
        sent_keys(&gradients.get(0)),
        declared_keys("NamedTensor"),
        "gradients are named as parameters are"
    );
    assert_eq!(
        get(&gradients.get(1), "network").as_string().as_deref(),
        Some("generator")
    );
    let measured = JsFuture::from(session.measure(face, &z, None, None))
        .await
        .expect("read");
    assert_eq!(sent_keys(&measured), declared_keys("StepRecord"));
    for (update, inputs) in [("real", face), ("fake", &z[..]), ("generated", &z[..])] {
        session.update(update.into(), inputs, None).expect("fits");
    }
    let records: Array = JsFuture::from(session.read_metrics())
        .await
        .expect("read")
        .unchecked_into();
    assert_eq!(records.length(), 3);
    assert!(get(&records.get(0), "lossD").is_null());
    assert_eq!(
        get(&records.get(0), "lossDReal").as_f64(),
        get(&measured, "lossDReal").as_f64()
    );
    assert_eq!(get(&records.get(2), "step").as_f64(), Some(1.0));
    assert!(session.update("fake".into(), &[], None).is_err());
    assert!(session.update("neither".into(), &z, None).is_err());
    let refused = JsFuture::from(session.gradients("real".into(), &z, None)).await;
    let error: js_sys::Error = refused.expect_err("one value is no face").unchecked_into();
    assert_eq!(String::from(error.name()), "invalidBatch");
}

#[wasm_bindgen_test]
async fn bad_configurations_are_refused_by_name() {
    type Spoil = fn(&JsValue);
    let cases: [(&str, Spoil); 6] = [
        ("batchsize", |c| set(c, "batchsize", 3)),
        ("order", |c| {
            Reflect::delete_property(c.unchecked_ref::<Object>(), &"order".into())
                .expect("an object");
        }),
        ("batchSize", |c| set(c, "batchSize", 0)),
        ("batchSize", |c| set(c, "batchSize", 1e9)),
        ("generator.learningRate", |c| {
            set(&get(c, "generator"), "learningRate", -1)
        }),
        ("discriminator.learningRate", |c| {
            set(&get(c, "discriminator"), "learningRate", 1e6)
        }),
    ];
    for (field, spoil) in cases {
        let config = web::preset("toy-2x2").expect("exists");
        spoil(&config);
        let error = session(config, 1.0).await.err().expect("refused");
        assert!(
            error.starts_with("invalidConfig: ") && error.contains(field),
            "{field}: {error}"
        );
    }
    for seed in [-1.0, 0.5, f64::NAN, 1e12] {
        let error = session(web::preset("toy-2x2").expect("exists"), seed)
            .await
            .err()
            .expect("refused");
        assert!(error.starts_with("invalidConfig: seed is"), "{error}");
    }
    for config in [
        JsValue::UNDEFINED,
        JsValue::NULL,
        "toy-2x2".into(),
        3.into(),
    ] {
        let error = session(config, 1.0).await.err().expect("refused");
        assert!(error.starts_with("invalidConfig: "), "{error}");
    }
    assert!(web::preset("nothing").is_err());
}

/// The page marks the field in its form by it.
#[wasm_bindgen_test]
async fn an_error_carries_the_field_it_is_about_if_there_is_one() {
    let config = web::preset("toy-2x2").expect("exists");
    set(&get(&config, "generator"), "learningRate", -1);
    let Err(refused) = web::create_session(config, 1.0, "cpu".into()).await else {
        panic!("a negative rate is refused");
    };
    assert_eq!(
        get(&refused, "field").as_string().as_deref(),
        Some("generator.learningRate")
    );
    let mut session = session(web::preset("toy-2x2").expect("exists"), 7.0)
        .await
        .expect("valid");
    let refused = session.generator_step(0.0, None).expect_err("no batch");
    assert_eq!(get(&refused, "field").as_string().as_deref(), Some("batch"));
    let refused = session.step(&[0.0], None).expect_err("no face");
    let field = Reflect::get(&refused, &"field".into()).expect("an object");
    assert!(field.is_undefined(), "a batch is no field: {field:?}");
}

/// A borrow of the session must not live across an await: the page goes on calling while it waits for a read.
#[wasm_bindgen_test]
async fn a_session_can_be_used_while_a_read_is_under_way() {
    let mut session = session(web::preset("toy-2x2").expect("exists"), 7.0)
        .await
        .expect("valid");
    session
        .step(&web::toy_faces()[..4], None)
        .expect("one face");
    let read = session.read_metrics();
    session
        .step(&web::toy_faces()[4..8], None)
        .expect("one face");
    let samples = session.samples(false);
    let first: Array = JsFuture::from(read).await.expect("read").unchecked_into();
    JsFuture::from(samples).await.expect("read");
    let second: Array = JsFuture::from(session.read_metrics())
        .await
        .expect("read")
        .unchecked_into();
    assert_eq!((first.length(), second.length()), (1, 1));
}

#[wasm_bindgen_test]
async fn a_nan_reaches_javascript_as_a_named_error() {
    let mut session = session(web::preset("toy-2x2").expect("exists"), 7.0)
        .await
        .expect("valid");
    session.step(&[f32::NAN; 4], None).expect("queued");
    let error = JsFuture::from(session.read_metrics())
        .await
        .expect_err("NaN");
    let error: js_sys::Error = error.unchecked_into();
    assert_eq!(String::from(error.name()), "nonFinite");
}

#[wasm_bindgen_test]
fn the_default_preset_is_what_the_rust_side_calls_it() {
    let names = web::preset_names();
    assert!(names.contains(&GanConfig::mnist_fast().name));
}

const MNIST_JUDGE: &[u8] = include_bytes!("../www/judge/mnist.bin");

async fn judge(backend: &str) -> web::Judge {
    let judge = web::open_judge(MNIST_JUDGE.to_vec(), backend.into()).await;
    judge.unwrap_or_else(|error| panic!("{error:?}"))
}

/// `n` samples of 28×28: a light ring on dark ground, whose middle and radius go round.
fn rings(n: usize) -> Vec<f32> {
    let value = |sample: usize, at: usize| {
        let (x, y) = ((at % 28) as f32, (at / 28) as f32);
        let (middle, radius) = (12.0 + (sample % 5) as f32, 4.0 + (sample % 7) as f32);
        let off = ((x - middle).hypot(y - 14.0) - radius).abs();
        1.0 - off.min(2.0)
    };
    (0..n)
        .flat_map(|sample| (0..28 * 28).map(move |at| value(sample, at)))
        .collect()
}

fn number(object: &JsValue, key: &str) -> f64 {
    get(object, key).as_f64().expect("a number")
}

#[wasm_bindgen_test]
async fn a_judge_sends_what_its_types_declare() {
    let mut judge = judge("cpu").await;
    let info = judge.info();
    assert_eq!(sent_keys(&info), declared_keys("JudgeInfo"));
    assert_eq!(get(&info, "dataset").as_string().as_deref(), Some("mnist"));
    assert!(number(&info, "accuracy") > 0.99);
    assert!(number(&get(&info, "realFd"), "500") > number(&get(&info, "realFd"), "5000"));
    let labels = vec![0; 30];
    let score = JsFuture::from(judge.score(&rings(30), Some(labels.clone()))).await;
    let score = score.expect("whole samples");
    assert_eq!(sent_keys(&score), declared_keys("JudgeScore"));
    assert_eq!(Array::from(&get(&score, "classShare")).length(), 10);
    assert_eq!(number(&score, "samples"), 30.0);
    assert!(number(&score, "agreement") > 0.5, "most rings are zeros");
    let probabilities = JsFuture::from(judge.classify(&rings(30))).await;
    let probabilities: Float32Array = probabilities.expect("whole samples").unchecked_into();
    assert_eq!(probabilities.length(), 300);
    for chunk in rings(30).chunks(10 * 784) {
        judge.look(chunk, None).expect("whole samples");
    }
    let verdict = JsFuture::from(judge.verdict()).await.expect("looked at");
    assert!(get(&verdict, "agreement").is_null());
    let apart = number(&verdict, "fd") - number(&score, "fd");
    assert!(apart.abs() < 1e-3 * number(&score, "fd"), "{apart}");
    judge.clear();
    let refused = JsFuture::from(judge.verdict()).await;
    let error: js_sys::Error = refused.expect_err("an empty window").unchecked_into();
    assert_eq!(String::from(error.name()), "invalidBatch");
}

/// Tolerance: features are sums of 400 or 1,568 products in f32, and of order 1 to 10; their rounding is some 1e-5, and the distance is
/// about quadratic in them.
#[wasm_bindgen_test]
async fn a_judge_says_the_same_on_both_devices() {
    let (mut cpu, mut webgpu) = (judge("cpu").await, judge("webgpu").await);
    let samples = rings(40);
    let mut scores = Vec::new();
    let mut classes: Vec<Float32Array> = Vec::new();
    for judge in [&mut cpu, &mut webgpu] {
        let score = JsFuture::from(judge.score(&samples, None)).await;
        scores.push(score.expect("whole samples"));
        let probabilities = JsFuture::from(judge.classify(&samples)).await;
        classes.push(probabilities.expect("whole samples").unchecked_into());
    }
    for key in ["fd", "confident", "diversity"] {
        let (a, b) = (number(&scores[0], key), number(&scores[1], key));
        assert!(
            (a - b).abs() < 1e-3 * a,
            "{key}: {a} on the CPU, {b} on WebGPU"
        );
    }
    assert!(largest_difference(&classes[0].to_vec(), &classes[1].to_vec()) < 1e-3);
}

#[wasm_bindgen_test]
async fn bytes_that_are_no_judge_and_samples_that_are_none_are_refused_by_name() {
    let opened = web::open_judge(MNIST_JUDGE[1..].to_vec(), "cpu".into()).await;
    let Err(error) = opened else {
        panic!("the first byte is missing");
    };
    let error: js_sys::Error = error.unchecked_into();
    assert_eq!(String::from(error.name()), "invalidConfig");
    let mut judge = judge("cpu").await;
    let refused = judge
        .look(&[0.0; 783], None)
        .expect_err("a pixel is missing");
    let error: js_sys::Error = refused.unchecked_into();
    assert_eq!(String::from(error.name()), "invalidBatch");
    let refused = JsFuture::from(judge.score(&rings(2), Some(vec![0, 10]))).await;
    let error: js_sys::Error = refused.expect_err("10 is no class").unchecked_into();
    assert_eq!(String::from(error.name()), "invalidConfig");
}
