//! Presets, names and limits.

use super::*;
use crate::Error;
use crate::network::LAYERS;

#[test]
fn every_preset_is_valid_and_survives_json() {
    for name in PRESETS {
        let config = GanConfig::preset(name).expect("the table names it");
        assert_eq!(config.name, name);
        config.validate().expect("presets are valid");
        let json = serde_json::to_string(&config).expect("plain data");
        let back: GanConfig = serde_json::from_str(&json).expect("its own output");
        assert_eq!(back, config);
    }
}

#[test]
fn an_unknown_preset_is_named_in_the_error() {
    let error = GanConfig::preset("mnist").expect_err("no such preset");
    assert_eq!(
        error.to_string(),
        format!("preset is mnist, expected one of {}", PRESETS.join(", "))
    );
}

#[test]
fn a_missing_or_unknown_key_is_an_error_that_names_it() {
    let mut json = serde_json::to_value(GanConfig::toy_2x2()).expect("plain data");
    json["batchsize"] = 3.into();
    let unknown = serde_json::from_value::<GanConfig>(json.clone()).expect_err("unknown key");
    assert!(unknown.to_string().contains("batchsize"), "{unknown}");
    let fields = json.as_object_mut().expect("an object");
    fields.remove("batchsize");
    for key in ["order", "emaDecay"] {
        let mut fields = fields.clone();
        fields.remove(key);
        let missing = serde_json::from_value::<GanConfig>(fields.into());
        let missing = missing.expect_err("missing key").to_string();
        assert!(missing.contains(key), "{missing}");
    }
}

/// Names and fields of every kind of layer, loss and optimizer, as types.d.ts lists them.
#[test]
fn types_declare_every_kind_with_its_fields() {
    let smooth = 0.1;
    let losses = [
        LossConfig::Bce {
            label_smoothing: smooth,
        },
        LossConfig::BceSaturating {
            label_smoothing: smooth,
        },
        LossConfig::LeastSquares {
            label_smoothing: smooth,
        },
        LossConfig::Hinge,
        LossConfig::Wasserstein { clip: 0.01 },
        LossConfig::WassersteinGp { penalty: 10.0 },
    ];
    let optimizers = [
        OptimizerConfig::Sgd { momentum: 0.9 },
        OptimizerConfig::Adam {
            beta1: 0.5,
            beta2: 0.999,
            eps: 1e-7,
        },
        OptimizerConfig::RmsProp {
            alpha: 0.99,
            eps: 1e-7,
        },
    ];
    for layer in LAYERS {
        let json = serde_json::to_value(layer).expect("plain data");
        assert_eq!(json["type"], layer.name());
        assert_declared(&json);
    }
    for loss in losses {
        assert_declared(&serde_json::to_value(loss).expect("plain data"));
    }
    for optimizer in optimizers {
        assert_declared(&serde_json::to_value(optimizer).expect("plain data"));
    }
}

/// Asserts that the kind's line of types.d.ts, `| { type: "adam"; beta1: number; … }`, has the same keys.
fn assert_declared(json: &serde_json::Value) {
    let start = format!("| {{ type: {}", json["type"]);
    let types = include_str!("../types.d.ts").lines();
    let line = types
        .map(str::trim)
        .find(|line| line.starts_with(&start))
        .unwrap_or_else(|| panic!("types.d.ts has no line {start}"));
    let (body, _) = line
        .trim_start_matches("| {")
        .split_once('}')
        .expect("closed");
    let fields = body.split(';').filter_map(|field| field.split_once(':'));
    let mut declared: Vec<&str> = fields.map(|(key, _)| key.trim()).collect();
    declared.sort_unstable();
    let sent: Vec<&String> = json.as_object().expect("an object").keys().collect();
    assert_eq!(sent, declared, "{line}");
}

const CONV: ConvConfig = ConvConfig {
    channels: 4,
    kernel: 4,
    stride: 2,
    padding: 1,
    bias: true,
};

#[test]
fn bad_values_are_refused_by_the_path_of_their_field() {
    let fast = GanConfig::mnist_fast;
    type Spoil = fn(&mut GanConfig);
    let cases: [(&str, Spoil); 37] = [
        ("batchSize", |c| c.batch_size = 0),
        ("batchSize", |c| c.batch_size = 1),
        ("batchSize", |c| c.batch_size = 100_000),
        ("latent.dim", |c| c.latent.dim = 0),
        ("shape.width", |c| c.shape.width = 0),
        ("shape.range", |c| c.shape.range = [0.0, 1.0]),
        ("shape.range", |c| c.shape.range = [f32::NAN, 1.0]),
        ("generator.layers", |c| c.generator.layers.clear()),
        ("generator.layers", |c| {
            c.generator.layers[9] = LayerConfig::Linear(Linear { units: 100 });
        }),
        ("generator.layers: trainable parameters", |c| {
            c.generator.layers[3] = LayerConfig::Linear(Linear { units: 16_384 });
        }),
        ("generator.layers[3]", |c| {
            c.generator.layers[3] = LayerConfig::Conv2d(CONV);
        }),
        ("generator.layers[3]", |c| {
            c.generator.layers[3] = LayerConfig::Flatten;
        }),
        ("generator.layers[3]", |c| {
            c.generator.layers[3] = LayerConfig::Reshape(Reshape {
                channels: 2,
                height: 8,
                width: 7,
            });
        }),
        ("discriminator.layers[1].kernel", |c| {
            *c = GanConfig::mnist_dcgan();
            c.discriminator.layers[1] = LayerConfig::Conv2d(ConvConfig { kernel: 0, ..CONV });
        }),
        ("discriminator.layers[1].stride", |c| {
            *c = GanConfig::mnist_dcgan();
            c.discriminator.layers[1] = LayerConfig::Conv2d(ConvConfig { stride: 0, ..CONV });
        }),
        ("discriminator.layers[4].kernel", |c| {
            *c = GanConfig::mnist_dcgan();
            c.discriminator.layers[3] = LayerConfig::Conv2d(ConvConfig { stride: 8, ..CONV });
            c.discriminator.layers[4] = LayerConfig::Conv2d(ConvConfig { kernel: 9, ..CONV });
        }),
        ("generator.layers[4].padding", |c| {
            *c = GanConfig::mnist_dcgan();
            c.generator.layers[4] = LayerConfig::ConvTranspose2d(ConvConfig {
                padding: 15,
                ..CONV
            });
        }),
        ("discriminator.layers[2].rate", |c| {
            c.discriminator.layers[2] = LayerConfig::Dropout(Dropout { rate: 1.0 });
        }),
        ("discriminator.layers[1]", |c| {
            c.loss = LossConfig::WassersteinGp { penalty: 10.0 };
            c.discriminator.layers[1] = LayerConfig::Tanh;
        }),
        ("order", |c| {
            c.loss = LossConfig::WassersteinGp { penalty: 10.0 };
            c.order = UpdateOrder::KerasTwoUpdates;
        }),
        ("order", |c| {
            c.loss = LossConfig::Relativistic;
            c.order = UpdateOrder::KerasTwoUpdates;
        }),
        ("discriminator.layers[1]", |c| {
            c.gradient_penalties.r1 = Some(0.1);
            c.discriminator.layers[1] = NORM;
        }),
        ("discriminator.layers[3]", |c| {
            c.gradient_penalties.r2 = Some(0.1);
            c.discriminator.layers[3] = LayerConfig::Silu;
        }),
        ("discriminator.layers[1]", |c| {
            c.gradient_penalties.approximated_r1 = Some(ApproximatedR1 {
                weight: 100.0,
                deviation: 0.01,
            });
            c.discriminator.layers[1] = NORM;
        }),
        ("loss.labelSmoothing", |c| {
            c.loss = LossConfig::Bce {
                label_smoothing: f64::NAN,
            };
        }),
        ("loss.clip", |c| {
            c.loss = LossConfig::Wasserstein { clip: 0.0 };
        }),
        ("discriminatorUpdates", |c| c.discriminator_updates = 0),
        ("generatorUpdates", |c| {
            c.order = UpdateOrder::SumSameZ;
            c.generator_updates = 2;
        }),
        ("discriminatorLossScale", |c| {
            c.discriminator_loss_scale = f64::NAN;
        }),
        ("emaDecay", |c| c.ema_decay = Some(1.0)),
        ("generator.gradientClipNorm", |c| {
            c.generator.gradient_clip_norm = Some(0.0);
        }),
        ("generator.layers[0].units", |c| {
            c.generator.layers[0] = LayerConfig::Linear(Linear { units: 0 });
        }),
        ("generator.learningRate", |c| {
            c.generator.learning_rate = -1.0
        }),
        ("discriminator.learningRate", |c| {
            c.discriminator.learning_rate = f64::NAN;
        }),
        ("discriminator.layers[1].slope", |c| {
            c.discriminator.layers[1] = LayerConfig::LeakyRelu(LeakyRelu { slope: f64::NAN });
        }),
        ("discriminator.layers[5]", |c| {
            c.discriminator.layers.push(LayerConfig::Sigmoid);
        }),
        ("discriminator.optimizer.beta1", |c| {
            c.discriminator.optimizer = OptimizerConfig::Adam {
                beta1: 1.0,
                beta2: 0.999,
                eps: 1e-7,
            };
        }),
    ];
    for (field, spoil) in cases {
        let mut config = fast();
        spoil(&mut config);
        match config.validate() {
            Err(Error::InvalidConfig { field: named, .. }) => assert_eq!(named, field),
            other => panic!("{field}: {other:?}"),
        }
    }
}

const NORM: LayerConfig = LayerConfig::BatchNorm(BatchNorm {
    momentum: 0.8,
    eps: 1e-3,
});

#[test]
fn every_layer_made_of_straight_lines_may_be_penalised_and_the_message_names_them() {
    let mut config = GanConfig::mnist_dcgan();
    let is_norm = |layer: &LayerConfig| matches!(layer, LayerConfig::BatchNorm(_));
    let at = config.discriminator.layers.iter().position(is_norm);
    config.gradient_penalties.r1 = Some(0.1);
    let error = config
        .validate()
        .expect_err("D has a batchNorm")
        .to_string();
    for name in [
        "linear",
        "conv2d",
        "convTranspose2d",
        "reshape",
        "flatten",
        "upsample",
        "dropout",
        "leakyRelu or relu with gradientPenalties.r1",
    ] {
        assert!(error.contains(name), "{error} does not name {name}");
    }
    config
        .discriminator
        .layers
        .remove(at.expect("there is one"));
    for loss in [
        LossConfig::Hinge,
        LossConfig::WassersteinGp { penalty: 10.0 },
        LossConfig::Relativistic,
    ] {
        config.loss = loss;
        config
            .validate()
            .unwrap_or_else(|error| panic!("{loss:?}: {error}"));
    }
}
