//! The reference's words for networks, losses, optimizers and tensors, and the engine's for the same.

use std::collections::BTreeMap;

use gan_playground::config::{
    ApproximatedR1, BatchNorm, ConvConfig, DiscriminatorLabels, GeneratorLabels, GradientPenalties,
    LabelsConfig, LayerConfig, LeakyRelu, Linear, LossConfig, OptimizerConfig, Reshape,
    ScheduleConfig,
};
use serde_json::Value;

use super::files::{Array, Arrays, RunConfig};

/// The layers of G and D, each with the reference's name if it has parameters.
pub(super) type Layers = Vec<(LayerConfig, Option<String>)>;

/// The layers of both networks that the reference calls `net`; sizes are those of the initial values.
pub(super) fn networks(net: &str, init: &Arrays) -> Result<[Layers; 2], String> {
    let leaky = (LayerConfig::LeakyRelu(LeakyRelu { slope: 0.2 }), None);
    let norm = |name: &str, momentum, eps| {
        (
            LayerConfig::BatchNorm(BatchNorm { momentum, eps }),
            Some(name.to_owned()),
        )
    };
    let linear = |player: &str, name: &str| {
        let (shape, _) = of_reference(init, player, name, "weight").expect("the layer has weights");
        let units = shape[0];
        (LayerConfig::Linear(Linear { units }), Some(name.to_owned()))
    };
    let conv = |player: &str, name: &str| {
        let (shape, _) = &init[&format!("{player}.{name}.weight")];
        let config = ConvConfig {
            channels: shape[if player == "G" { 1 } else { 0 }],
            kernel: shape[2],
            stride: 2,
            padding: 1,
            bias: init.contains_key(&format!("{player}.{name}.bias")),
        };
        let layer = if player == "G" {
            LayerConfig::ConvTranspose2d(config)
        } else {
            LayerConfig::Conv2d(config)
        };
        (layer, Some(name.to_owned()))
    };
    // Variants carry a suffix, like `dcgan_dbn`: what differs is in the initial values.
    match net.split('_').next() {
        Some("mlp" | "cmlp") => {
            let mut generator = Layers::new();
            for index in 1..=3 {
                generator.extend([
                    linear("G", &format!("fc{index}")),
                    leaky.clone(),
                    norm(&format!("bn{index}"), 0.8, 1e-3),
                ]);
            }
            generator.extend([linear("G", "out"), (LayerConfig::Tanh, None)]);
            let discriminator = vec![
                linear("D", "fc1"),
                leaky.clone(),
                linear("D", "fc2"),
                leaky,
                linear("D", "out"),
            ];
            Ok([generator, discriminator])
        }
        Some("dcgan") => {
            let picture = |channels, side| {
                LayerConfig::Reshape(Reshape {
                    channels,
                    height: side,
                    width: side,
                })
            };
            let deep = init["G.ct1.weight"].0[0];
            let relu = (LayerConfig::Relu, None);
            let generator = vec![
                linear("G", "fc"),
                (picture(deep, 7), None),
                norm("bn0", 0.9, 1e-5),
                relu.clone(),
                conv("G", "ct1"),
                norm("bn1", 0.9, 1e-5),
                relu,
                conv("G", "ct2"),
                (LayerConfig::Tanh, None),
            ];
            let mut discriminator = vec![
                (picture(1, 28), None),
                conv("D", "c1"),
                leaky.clone(),
                conv("D", "c2"),
            ];
            // Its name is the file's to choose; there is one at most.
            let norms = init.keys().filter_map(|key| {
                let (name, field) = key.strip_prefix("D.")?.split_once('.')?;
                (name.starts_with("bn") && field == "weight").then_some(name)
            });
            discriminator.extend(norms.map(|name| norm(name, 0.9, 1e-5)));
            discriminator.extend([leaky, (LayerConfig::Flatten, None), linear("D", "fc")]);
            Ok([generator, discriminator])
        }
        Some("cdcgan") => {
            let picture = |channels, side| {
                LayerConfig::Reshape(Reshape {
                    channels,
                    height: side,
                    width: side,
                })
            };
            let deep = init["G.ct1.weight"].0[0];
            let generator = vec![
                linear("G", "fc1"),
                norm("bn1", 0.8, 1e-3),
                leaky.clone(),
                linear("G", "fc2"),
                norm("bn2", 0.8, 1e-3),
                leaky.clone(),
                (picture(deep, 7), None),
                conv("G", "ct1"),
                norm("bn3", 0.8, 1e-3),
                leaky.clone(),
                conv("G", "ct2"),
                (LayerConfig::Tanh, None),
            ];
            let discriminator = vec![
                (picture(1, 28), None),
                conv("D", "c1"),
                leaky.clone(),
                conv("D", "c2"),
                leaky.clone(),
                (LayerConfig::Flatten, None),
                linear("D", "fc1"),
                leaky,
                linear("D", "out"),
            ];
            Ok([generator, discriminator])
        }
        _ => Err(format!("its networks are {net}")),
    }
}

/// Number of classes in every run with labels.
const CLASSES: usize = 10;

/// How the networks hear of labels; the error says why the engine cannot express it. G's first layer tells whether G does.
pub(super) fn labels(
    cond: Option<&str>,
    latent_dim: usize,
    init: &Arrays,
) -> Result<Option<LabelsConfig>, String> {
    let discriminator = match cond {
        None => DiscriminatorLabels::Off,
        Some("proj") => DiscriminatorLabels::Projection,
        Some("concat") => DiscriminatorLabels::Concat { scale: 1.0 },
        Some(other) => return Err(format!("its D hears of labels by {other}")),
    };
    let inputs = init.get("G.fc1.weight").map(|(shape, _)| shape[1]);
    let generator = match inputs {
        Some(inputs) if inputs == latent_dim + CLASSES => GeneratorLabels::OneHot,
        Some(inputs) if inputs != latent_dim => return Err(format!("its G has {inputs} inputs")),
        _ => GeneratorLabels::Off,
    };
    if (generator, discriminator) == (GeneratorLabels::Off, DiscriminatorLabels::Off) {
        return Ok(None);
    }
    Ok(Some(LabelsConfig {
        classes: CLASSES,
        generator,
        discriminator,
    }))
}

/// The schedule of the learning rates; the error says why there is none. It must give the factors that the run lists.
pub(super) fn schedule(config: &RunConfig, iterations: usize) -> Result<ScheduleConfig, String> {
    let schedule = match &config.lr_decay {
        None => ScheduleConfig::Constant,
        Some(decay) => match (decay.kind.as_str(), decay.to, decay.factor) {
            _ if !decay.unknown.is_empty() => {
                return Err(format!("its learning rate has {:?}", decay.unknown));
            }
            ("linear", Some(to), Some(factor)) => ScheduleConfig::Linear {
                from: decay.from,
                to,
                factor,
            },
            ("inverse_sqrt" | "inv_sqrt", None, None) => {
                ScheduleConfig::InverseSqrt { from: decay.from }
            }
            (kind, to, factor) => {
                return Err(format!("its learning rate is {kind} to {to:?}, {factor:?}"));
            }
        },
    };
    let given = config.lr_factors.iter().flatten();
    for (iteration, given) in (1..=iterations as u32).zip(given) {
        let factor = schedule.factor(iteration);
        if (factor - given).abs() > 1e-9 {
            return Err(format!(
                "its learning rate is {given} times the first in iteration {iteration}, not {factor}"
            ));
        }
    }
    Ok(schedule)
}

/// The penalties beside the loss; the error says why there are none.
pub(super) fn penalties(config: &RunConfig) -> Result<GradientPenalties, String> {
    let approximated_r1 = match (config.ar1_lambda, config.ar1_sigma) {
        (None, None) => None,
        (Some(weight), Some(deviation)) => Some(ApproximatedR1 { weight, deviation }),
        other => return Err(format!("its approximated R1 is {other:?}")),
    };
    Ok(GradientPenalties {
        r1: config.r1_gamma,
        r2: config.r2_gamma,
        approximated_r1,
    })
}

/// The loss that the reference calls `name`; the error says why there is none.
pub(super) fn loss_called(
    name: &str,
    clip: Option<f64>,
    gp_lambda: Option<f64>,
) -> Result<LossConfig, String> {
    let label_smoothing = 0.0;
    match (name, clip, gp_lambda) {
        ("bce_ns", None, None) => Ok(LossConfig::Bce { label_smoothing }),
        ("bce_sat", None, None) => Ok(LossConfig::BceSaturating { label_smoothing }),
        ("lsgan", None, None) => Ok(LossConfig::LeastSquares { label_smoothing }),
        ("hinge", None, None) => Ok(LossConfig::Hinge),
        ("wgan", Some(clip), None) => Ok(LossConfig::Wasserstein { clip }),
        ("wgan_gp", None, Some(penalty)) => Ok(LossConfig::WassersteinGp { penalty }),
        ("rpgan", None, None) => Ok(LossConfig::Relativistic),
        _ => Err(format!(
            "its loss is {name}, clip {clip:?}, penalty {gp_lambda:?}"
        )),
    }
}

/// An optimizer and its learning rate; the error says why there is none.
pub(super) fn optimizer(
    fields: &BTreeMap<String, Value>,
) -> Result<(OptimizerConfig, f64), String> {
    let keys: Vec<&str> = fields.keys().map(String::as_str).collect();
    let number = |key: &str| {
        fields[key]
            .as_f64()
            .ok_or(format!("its {key} is no number"))
    };
    let kind = fields["kind"].as_str();
    let optimizer = match (kind, keys.as_slice()) {
        (Some("adam"), ["b1", "b2", "eps", "kind", "lr"]) => OptimizerConfig::Adam {
            beta1: number("b1")?,
            beta2: number("b2")?,
            eps: number("eps")?,
        },
        (Some("rmsprop"), ["alpha", "eps", "kind", "lr"]) => OptimizerConfig::RmsProp {
            alpha: number("alpha")?,
            eps: number("eps")?,
        },
        (Some("sgd"), ["kind", "lr"]) => OptimizerConfig::Sgd { momentum: 0.0 },
        (Some("sgd"), ["kind", "lr", "momentum"]) => OptimizerConfig::Sgd {
            momentum: number("momentum")?,
        },
        _ => return Err(format!("its optimizer is {fields:?}")),
    };
    Ok((optimizer, number("lr")?))
}

/// The tensors of a layer: each by the reference's name and by ours.
pub(super) fn fields(layer: &str) -> &'static [(&'static str, &'static str)] {
    if layer.starts_with("bn") {
        &[
            ("weight", "gamma"),
            ("bias", "beta"),
            ("running_mean", "runningMean"),
            ("running_var", "runningVar"),
        ]
    } else {
        &[("weight", "weight"), ("bias", "bias")]
    }
}

/// The layer of D whose weights are followed, in ours, by those of `embed`, which the reference keeps apart.
const PROJECTED: &str = "out";

/// A tensor of the reference, as we have it but for the order of its sides: D's last weights with the embedding of the classes behind.
pub(super) fn of_reference(init: &Arrays, letter: &str, layer: &str, field: &str) -> Option<Array> {
    let (shape, values) = init.get(&format!("{letter}.{layer}.{field}"))?;
    let embedding = match (letter, layer, field) {
        ("D", PROJECTED, "weight") => init.get("D.embed.weight"),
        _ => None,
    };
    let Some((rows, more)) = embedding else {
        return Some((shape.clone(), values.clone()));
    };
    let shape = vec![shape[0] + rows[0], shape[1]];
    Some((shape, [values.as_slice(), more].concat()))
}

/// PyTorch's linear weights are `[out, in]`, ours `[in, out]`; the layout of all others is the same.
pub(super) fn to_ours((shape, values): &Array) -> Vec<f32> {
    match **shape {
        [rows, columns] => transposed(values, rows, columns),
        _ => values.clone(),
    }
}

/// Our tensors of one player by the reference's names, in its layout; D's, and gradients of D, have another letter than "G".
pub(super) fn to_theirs(
    letter: &str,
    names: &[Option<String>],
    tensors: impl Iterator<Item = (String, Vec<usize>, Vec<f32>)>,
) -> Arrays {
    let arrays = tensors.map(|(name, shape, values)| {
        let (index, ours) = name.split_once('.').expect("<layer>.<field>");
        let index: usize = index.parse().expect("a layer's number");
        let layer = names[index].as_deref().expect("it has parameters");
        let theirs = fields(layer).iter().find(|(_, field)| *field == ours);
        let (theirs, _) = theirs.expect("every field has a name there");
        let array = match *shape {
            [rows, columns] => (vec![columns, rows], transposed(&values, rows, columns)),
            _ => (shape, values),
        };
        (format!("{letter}.{layer}.{theirs}"), array)
    });
    arrays
        .flat_map(|(name, array)| without_embedding(letter, name, array))
        .collect()
}

/// A tensor of D by the reference's names: the embedding of the classes, if it stands behind the last weights, by itself.
fn without_embedding(letter: &str, name: String, array: Array) -> Vec<(String, Array)> {
    let (shape, mut values) = array;
    match *shape {
        [rows, columns] if rows > 1 && letter != "G" && name.ends_with(".out.weight") => {
            let more = values.split_off(columns);
            let embedding = format!("{letter}.embed.weight");
            vec![
                (name, (vec![1, columns], values)),
                (embedding, (vec![rows - 1, columns], more)),
            ]
        }
        _ => vec![(name, (shape, values))],
    }
}

fn transposed(values: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    assert_eq!(values.len(), rows * columns);
    (0..columns)
        .flat_map(|column| (0..rows).map(move |row| values[row * columns + column]))
        .collect()
}
