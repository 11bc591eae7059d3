//! Step for step equal to PyTorch, Keras and NumPy: every reference run and every loss, on every device there is; and mistakes that
//! this must notice.

mod common;
#[path = "common/reference/mod.rs"]
mod reference;

use common::say;
use gan_playground::Backend;
use gan_playground::config::{
    BatchNorm, DiscriminatorLabels, LayerConfig, LeakyRelu, LossConfig, OptimizerConfig,
    ScheduleConfig, UpdateOrder,
};
use reference::{Run, compare_losses, manifests, replay_all};

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

/// Whether WebGPU can be tested here. In a browser it must be: the flags of webdriver.json give an adapter. Natively there may be none.
async fn has_webgpu() -> bool {
    match Backend::WebGpu.open().await {
        Ok(_) => true,
        Err(error) if cfg!(target_arch = "wasm32") => panic!("{error}"),
        Err(error) => {
            say(&format!("skipped on WebGPU: {error}"));
            false
        }
    }
}

on_every_target! {
    async fn every_reference_run_is_replayed_on_the_cpu() {
        replay_all(Backend::Cpu).await;
    }

    async fn every_reference_run_is_replayed_on_webgpu() {
        if has_webgpu().await {
            replay_all(Backend::WebGpu).await;
        }
    }

    async fn losses_and_their_gradients_are_those_of_the_reference_on_the_cpu() {
        compare_losses(Backend::Cpu).await;
    }

    async fn losses_and_their_gradients_are_those_of_the_reference_on_webgpu() {
        if has_webgpu().await {
            compare_losses(Backend::WebGpu).await;
        }
    }

    /// What a comparison is worth: each of these mistakes, made alone in a run's configuration, must put it out of tolerance.
    /// (`cargo xtask mutants` makes mistakes in the engine itself.)
    async fn a_mistake_in_the_configuration_is_noticed() {
        let mut missed = Vec::new();
        for (name, runs, spoil) in MISTAKES {
            let Some(mut run) = find(name, runs) else { continue };
            let right = run.config.clone();
            spoil(&mut run.config);
            if run.config == right {
                say(&format!("skipped: {name}: {} is configured so", right.name));
                continue;
            }
            run.config.validate().unwrap_or_else(|error| panic!("{name}: {error}"));
            if !is_noticed(name, &run).await {
                missed.push(name);
            }
        }
        assert!(missed.is_empty(), "not noticed: {missed:?}");
    }

    /// The same for labels that go astray, in runs of networks that hear of them.
    async fn a_label_in_the_wrong_place_is_noticed() {
        let mut missed = Vec::new();
        for runs in [PROJECTING, CONCATENATING] {
            for (name, spoil) in LABEL_MISTAKES {
                let Some(mut run) = find(name, runs) else { continue };
                spoil(&mut run);
                if !is_noticed(name, &run).await {
                    missed.push(name);
                }
            }
        }
        assert!(missed.is_empty(), "not noticed: {missed:?}");
    }
}

/// The first of these runs that there is; says so if there is none.
fn find(mistake: &str, runs: &[&str]) -> Option<Run> {
    let manifests = manifests();
    for name in runs {
        if let Some(manifest) = manifests.iter().find(|m| m.fixtures.contains_key(*name)) {
            return Some(Run::new(manifest, name).expect("the engine can express it"));
        }
    }
    say(&format!(
        "skipped: {mistake}: none of {runs:?} is among these reference runs"
    ));
    None
}

/// Whether the replay of a run with a mistake is out of tolerance.
async fn is_noticed(mistake: &str, run: &Run) -> bool {
    let (failures, worst) = run.replay(Backend::Cpu).await;
    let count = failures.len();
    say(&format!(
        "{mistake} in {}: {count} failures, {worst:.0} times a tolerance",
        run.config.name
    ));
    count > 0
}

/// Makes a mistake in a configuration.
type Spoil = fn(&mut gan_playground::GanConfig);
/// The mistake, the first of these runs that there is, and how to make it.
type Mistake = (&'static str, &'static [&'static str], Spoil);

const DENSE: &[&str] = &["mlp_bce_ns", "mlp_bce_sat", "mlp_hinge", "mlp_lsgan"];
const CONVOLUTIONAL: &[&str] = &["dcgan_bce_ns", "dcgan_lsgan", "dcgan_hinge"];
const CRITIC: &[&str] = &["mlp_wgan_gp"];
const CLIPPED: &[&str] = &["mlp_wgan"];

const PROJECTING: &[&str] = &["cdcgan_proj_bce_ns"];
const CONCATENATING: &[&str] = &["cmlp_decay"];
const PENALISED: &[&str] = &["cdcgan_r1"];
const BOTH_PENALISED: &[&str] = &["cdcgan_rpgan_r1r2"];
const APPROXIMATED: &[&str] = &["cdcgan_ar1"];
const PAIRED: &[&str] = &["cdcgan_concat_rpgan", "cdcgan_rpgan_r1r2"];
const DECAYING: &[&str] = &["cmlp_decay"];

/// Moves labels of a run.
type Mislabel = fn(&mut Run);

const LABEL_MISTAKES: [(&str, Mislabel); 7] = [
    ("the columns of labels in reverse", |run| {
        for list in ["y_real", "y_d", "y_g"] {
            run.change_labels(list, |label| 9.0 - label);
        }
    }),
    ("labels counted from 1", |run| {
        for list in ["y_real", "y_d", "y_g"] {
            run.change_labels(list, |label| (label + 1.0) % 10.0);
        }
    }),
    ("the class ignored", |run| {
        for list in ["y_real", "y_d", "y_g"] {
            run.change_labels(list, |_| 0.0);
        }
    }),
    ("the class of real samples ignored", |run| {
        run.change_labels("y_real", |_| 0.0);
    }),
    ("fakes of the real samples' classes", |run| {
        run.take_labels("y_d", "y_real");
    }),
    ("G asked for the classes of D's fakes", |run| {
        run.take_labels("y_g", "y_d");
    }),
    ("real samples with the fakes' classes", |run| {
        run.take_labels("y_real", "y_d");
    }),
];

const MISTAKES: [Mistake; 29] = [
    (
        "labels at another scale beside D's input",
        CONCATENATING,
        |c| {
            if let Some(labels) = &mut c.labels {
                labels.discriminator = DiscriminatorLabels::Concat { scale: 1.1 };
            }
        },
    ),
    ("no schedule", DECAYING, |c| {
        c.schedule = ScheduleConfig::Constant
    }),
    ("the schedule a phase late", DECAYING, |c| shift(c, 1)),
    ("the schedule a phase early", DECAYING, |c| shift(c, -1)),
    (
        "BatchNorm's momentum read as the share of the new batch",
        DENSE,
        |c| {
            each_norm(c, |momentum, _| *momentum = 1.0 - *momentum);
        },
    ),
    ("Burn's eps for BatchNorm", DENSE, |c| {
        each_norm(c, |_, eps| *eps = 1e-5)
    }),
    ("Keras' eps for BatchNorm in a DCGAN", CONVOLUTIONAL, |c| {
        each_norm(c, |_, eps| *eps = 1e-3)
    }),
    ("Burn's eps for Adam", DENSE, |c| {
        each_optimizer(c, |_, eps| *eps = 1e-5)
    }),
    ("Adam's beta1 left at 0.9", DENSE, |c| {
        each_optimizer(c, |beta1, _| *beta1 = 0.9)
    }),
    ("LeakyReLU's slope left at 0.01", DENSE, |c| {
        for layer in c
            .generator
            .layers
            .iter_mut()
            .chain(&mut c.discriminator.layers)
        {
            if let LayerConfig::LeakyRelu(LeakyRelu { slope }) = layer {
                *slope = 0.01;
            }
        }
    }),
    ("ReLU where LeakyReLU is meant", DENSE, |c| {
        for layer in &mut c.discriminator.layers {
            if let LayerConfig::LeakyRelu(_) = layer {
                *layer = LayerConfig::Relu;
            }
        }
    }),
    (
        "the saturating loss",
        &["mlp_bce_ns", "dcgan_bce_ns"],
        |c| {
            c.loss = LossConfig::BceSaturating {
                label_smoothing: 0.0,
            };
        },
    ),
    ("smoothed labels", &["mlp_bce_ns", "dcgan_bce_ns"], |c| {
        c.loss = LossConfig::Bce {
            label_smoothing: 0.1,
        };
    }),
    (
        "D's halves summed, not averaged",
        &["mlp_bce_ns", "dcgan_bce_ns"],
        |c| {
            c.discriminator_loss_scale = 1.0;
        },
    ),
    (
        "one joint update of D where Keras makes two",
        &["mlp_bce_ns_keras"],
        |c| {
            c.order = UpdateOrder::Joint;
        },
    ),
    ("two updates of D where there is one", DENSE, |c| {
        c.order = UpdateOrder::KerasTwoUpdates
    }),
    ("no weight clipping", CLIPPED, |c| {
        c.loss = LossConfig::Wasserstein { clip: 10.0 }
    }),
    ("RMSProp's alpha left at 0.9", CLIPPED, |c| {
        for player in [&mut c.generator, &mut c.discriminator] {
            if let OptimizerConfig::RmsProp { alpha, .. } = &mut player.optimizer {
                *alpha = 0.9;
            }
        }
    }),
    ("no gradient penalty", CRITIC, |c| {
        c.loss = LossConfig::WassersteinGp { penalty: 0.0 }
    }),
    ("R1 with γ for γ / 2", PENALISED, |c| {
        c.gradient_penalties.r1 = c.gradient_penalties.r1.map(|gamma| 2.0 * gamma);
    }),
    ("R1 scaled as D's loss is", PENALISED, |c| {
        let scale = c.discriminator_loss_scale;
        c.gradient_penalties.r1 = c.gradient_penalties.r1.map(|gamma| scale * gamma);
    }),
    ("R1 at the fakes", PENALISED, |c| {
        let penalties = &mut c.gradient_penalties;
        (penalties.r1, penalties.r2) = (penalties.r2, penalties.r1);
    }),
    ("the mean of R1 and R2", BOTH_PENALISED, |c| {
        for gamma in [&mut c.gradient_penalties.r1, &mut c.gradient_penalties.r2] {
            *gamma = gamma.map(|gamma| gamma / 2.0);
        }
    }),
    ("no R2", BOTH_PENALISED, |c| c.gradient_penalties.r2 = None),
    (
        "the approximated R1 with twice the noise",
        APPROXIMATED,
        |c| {
            if let Some(penalty) = &mut c.gradient_penalties.approximated_r1 {
                penalty.deviation *= 2.0;
            }
        },
    ),
    ("R1 for its approximation", APPROXIMATED, |c| {
        c.gradient_penalties.approximated_r1 = None;
        c.gradient_penalties.r1 = Some(0.02); // 2 λ σ²: what its expectation is
    }),
    ("cross-entropy for the loss of pairs", PAIRED, |c| {
        c.loss = LossConfig::Bce {
            label_smoothing: 0.0,
        };
    }),
    ("a scaled loss of pairs", PAIRED, |c| {
        c.discriminator_loss_scale = 0.5
    }),
    ("gradients clipped", CONVOLUTIONAL, |c| {
        c.generator.gradient_clip_norm = Some(1e-3)
    }),
];

/// Moves the schedule by so many phases.
fn shift(config: &mut gan_playground::GanConfig, phases: i32) {
    if let ScheduleConfig::Linear { from, to, .. } = &mut config.schedule {
        *from = from.saturating_add_signed(phases);
        *to = to.saturating_add_signed(phases);
    }
}

fn each_norm(config: &mut gan_playground::GanConfig, change: fn(&mut f64, &mut f64)) {
    for layer in &mut config.generator.layers {
        if let LayerConfig::BatchNorm(BatchNorm { momentum, eps }) = layer {
            change(momentum, eps);
        }
    }
}

/// `change` is given Adam's beta1 and eps.
fn each_optimizer(config: &mut gan_playground::GanConfig, change: fn(&mut f64, &mut f64)) {
    for player in [&mut config.generator, &mut config.discriminator] {
        if let OptimizerConfig::Adam { beta1, eps, .. } = &mut player.optimizer {
            change(beta1, eps);
        }
    }
}
