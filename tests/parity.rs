//! Step for step equal to PyTorch, Keras and NumPy: every reference run and every loss, on every device there is; and mistakes that
//! this must notice.

mod common;
#[path = "common/reference/mod.rs"]
mod reference;

use common::say;
use gan_playground::Backend;
use gan_playground::config::{
    BatchNorm, LayerConfig, LeakyRelu, LossConfig, OptimizerConfig, UpdateOrder,
};
use reference::{Run, compare_losses, manifest, replay_all};

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
        let manifest = manifest();
        let mut missed = Vec::new();
        for (name, fixture, spoil) in MISTAKES {
            let Some(fixture) = fixture.iter().find(|name| manifest.fixtures.contains_key(**name)) else {
                say(&format!("skipped: {name}: none of {fixture:?} is among these reference runs"));
                continue;
            };
            let mut run = Run::new(&manifest, fixture).expect("the engine can express it");
            let right = run.config.clone();
            spoil(&mut run.config);
            if run.config == right {
                say(&format!("skipped: {name}: {fixture} is configured so"));
                continue;
            }
            run.config.validate().unwrap_or_else(|error| panic!("{name}: {error}"));
            let (failures, worst) = run.replay(Backend::Cpu).await;
            say(&format!("{name} in {fixture}: {} failures, {worst:.0} times a tolerance", failures.len()));
            if failures.is_empty() {
                missed.push(name);
            }
        }
        assert!(missed.is_empty(), "not noticed: {missed:?}");
    }
}

/// Makes a mistake in a configuration.
type Spoil = fn(&mut gan_playground::GanConfig);
/// The mistake, the first of these runs that there is, and how to make it.
type Mistake = (&'static str, &'static [&'static str], Spoil);

const DENSE: &[&str] = &["mlp_bce_ns", "mlp_bce_sat", "mlp_hinge", "mlp_lsgan"];
const CONVOLUTIONAL: &[&str] = &["dcgan_bce_ns", "dcgan_lsgan", "dcgan_hinge"];
const CRITIC: &[&str] = &["mlp_wgan_gp"];
const CLIPPED: &[&str] = &["mlp_wgan"];

const MISTAKES: [Mistake; 16] = [
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
    ("gradients clipped", CONVOLUTIONAL, |c| {
        c.generator.gradient_clip_norm = Some(1e-3)
    }),
];

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
