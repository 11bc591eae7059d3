//! The 2×2 reference run (tests/fixtures/README.md) and its replay on a trainer.

use std::collections::BTreeMap;

use gan_playground::config::UpdateOrder;
use gan_playground::data::TOY_FACES;
use gan_playground::trainer::{Role, StepLatents, Weights};
use gan_playground::{Backend, GanConfig};
use serde::Deserialize;

use super::common::{on, records, tensors};

#[derive(Deserialize)]
struct Fixture {
    init: Parameters,
    faces: Vec<[f32; 4]>,
    z: Vec<f64>,
    checkpoints: BTreeMap<u32, Checkpoint>,
}

#[derive(Deserialize)]
struct Parameters {
    d_weights: Vec<f64>,
    d_bias: f64,
    g_weights: Vec<f64>,
    g_biases: Vec<f64>,
}

#[derive(Deserialize)]
struct Checkpoint {
    #[serde(flatten)]
    parameters: Parameters,
    losses_recorded_in_this_step: Losses,
    losses_after_this_step: Losses,
    f32_param_tolerance: f64,
    f32_loss_tolerance: f64,
}

#[derive(Deserialize)]
struct Losses {
    d_loss: f64,
    g_loss: f64,
    d_fake: f64,
}

impl Parameters {
    /// All values in the order of `Trainer::parameters`: G's weight and bias, then D's.
    fn flat(&self) -> Vec<f64> {
        let parts = [&self.g_weights, &self.g_biases, &self.d_weights];
        let generator_and_weights = parts.into_iter().flatten().copied();
        generator_and_weights.chain([self.d_bias]).collect()
    }
}

fn f32s(values: &[f64]) -> Vec<f32> {
    values.iter().map(|x| *x as f32).collect()
}

/// Replays the fixture for `steps` steps on `backend`, and compares parameters and losses at every checkpoint up to there.
pub async fn replay(json: &str, order: UpdateOrder, backend: Backend, steps: u32) {
    let fixture: Fixture = serde_json::from_str(json).expect("the fixture parses");
    assert_eq!(fixture.faces, TOY_FACES);
    let config = GanConfig {
        order,
        ..GanConfig::toy_2x2()
    };
    let mut trainer = on(backend, config, 0).await;
    for (role, name, values) in [
        (Role::Generator, "0.weight", &fixture.init.g_weights),
        (Role::Generator, "0.bias", &fixture.init.g_biases),
        (Role::Discriminator, "0.weight", &fixture.init.d_weights),
        (Role::Discriminator, "0.bias", &vec![fixture.init.d_bias]),
    ] {
        let loaded = trainer.load_parameter(role, name, &f32s(values));
        loaded.expect("the toy has this tensor");
    }
    let mut checked = 0;
    for step in 1..=steps {
        let face = TOY_FACES[(step as usize - 1) % TOY_FACES.len()];
        let z = fixture.z[step as usize - 1] as f32;
        let latents = StepLatents {
            discriminator: vec![z],
            ..StepLatents::default()
        };
        trainer.step_with(&face, &latents).expect("fits");
        let Some(checkpoint) = fixture.checkpoints.get(&step) else {
            continue;
        };
        let record = *records(&mut trainer)
            .await
            .last()
            .expect("steps were taken");
        assert_eq!(record.step, step);
        let mut actual = tensors(&trainer, Role::Generator).await;
        actual.extend(tensors(&trainer, Role::Discriminator).await);
        let actual = actual.into_iter().flat_map(|(_, values)| values);
        for (index, (actual, expected)) in actual.zip(checkpoint.parameters.flat()).enumerate() {
            let error = (f64::from(actual) - expected).abs();
            assert!(
                error <= checkpoint.f32_param_tolerance,
                "parameter {index} after step {step} on {backend:?}: {actual}, reference {expected}"
            );
        }
        // What the notebook recorded within the step: our score of the fake is taken at the same place in its order.
        if order == UpdateOrder::RealThenFakeSameLatents {
            let recorded = &checkpoint.losses_recorded_in_this_step;
            let score = f64::from(record.score_fake.expect("D ran"));
            assert!((score - recorded.d_fake).abs() <= checkpoint.f32_loss_tolerance);
        }
        // The losses after the step, from the two scores: -ln D(face) - ln(1 - D(fake)), and -ln D(fake).
        let fake = trainer
            .generate(&[z], Weights::Raw)
            .expect("one latent")
            .read()
            .await;
        let samples = [&face[..], &fake.expect("readable")].concat();
        let scores = trainer.scores(&samples).expect("two samples").read().await;
        let scores = scores.expect("readable");
        let (real, fake) = (f64::from(scores[0]), f64::from(scores[1]));
        let after = &checkpoint.losses_after_this_step;
        for (name, actual, expected) in [
            ("d_loss", -real.ln() - (1.0 - fake).ln(), after.d_loss),
            ("g_loss", -fake.ln(), after.g_loss),
        ] {
            assert!(
                (actual - expected).abs() <= checkpoint.f32_loss_tolerance,
                "{name} after step {step} on {backend:?}: {actual}, reference {expected}"
            );
        }
        checked += 1;
    }
    let expected = fixture.checkpoints.range(..=steps).count();
    assert_eq!(checked, expected);
    assert!(checked >= 4, "at least steps 1, 2, 5 and 10 are compared");
}
