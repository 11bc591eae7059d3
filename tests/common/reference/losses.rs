//! Every loss and its gradients, for given raw outputs.

use std::collections::BTreeMap;

use burn::tensor::Tensor;
use gan_playground::Backend;
use gan_playground::loss::{self, Loss};
use reference_runs::FOLDERS;
use serde::Deserialize;

use super::translate::loss_called;
use crate::common::{loss_gradient, say};

/// `losses.json`: values and gradients for given raw outputs.
#[derive(Deserialize)]
struct Losses {
    real_out: Vec<f32>,
    fake_out: Vec<f32>,
    losses: BTreeMap<String, LossValues>,
}

#[derive(Deserialize)]
struct LossValues {
    d_loss_real: f64,
    d_loss_fake: f64,
    d_loss_sum: f64,
    d_loss_avg: f64,
    d_sum_grad_real_out: Vec<f64>,
    d_sum_grad_fake_out: Vec<f64>,
    g_loss: f64,
    g_grad_fake_out: Vec<f64>,
}

/// Compares every loss of `losses.json` and its gradients. Tolerance: a few roundings of f32, relative to the largest term of the mean.
pub async fn compare_losses(backend: Backend) {
    for folder in FOLDERS {
        match folder.find("losses.json") {
            Some(file) => compare(file, backend).await,
            None => say(&format!("skipped: {} holds no losses.json", folder.path)),
        }
    }
}

async fn compare(file: &[u8], backend: Backend) {
    let device = backend.open().await.expect("the backend opens");
    let given: Losses = serde_json::from_slice(file).expect("losses.json parses");
    // Both halves of D's task at once, as a step does it.
    let both = [given.real_out.as_slice(), &given.fake_out].concat();
    let (real_count, fake_count) = (given.real_out.len(), given.fake_out.len());
    for (name, expected) in &given.losses {
        let (clip, penalty) = match name.as_str() {
            "wgan" => (Some(0.01), None),
            "wgan_gp" => (None, Some(10.0)),
            _ => (None, None),
        };
        let loss = loss_called(name, clip, penalty).expect("the engine has every loss");
        let halves = [(loss.real(), real_count), (loss.fake(), fake_count)];
        let slopes = loss::slopes(halves, 1.0);
        let d_gradients = read(loss_gradient(&both, slopes, &device)).await;
        let (of_real, of_fake) = d_gradients.split_at(real_count);
        let slopes = loss.generator().slopes(fake_count, 1.0);
        let g_gradients = read(loss_gradient(&given.fake_out, slopes, &device)).await;
        let mean = |loss: Loss, outputs: &[f32]| vec![loss.mean(outputs) as f32];
        let sum = expected.d_loss_real + expected.d_loss_fake;
        assert!(
            (sum - expected.d_loss_sum).abs() < 1e-9
                && (sum / 2.0 - expected.d_loss_avg).abs() < 1e-9
        );
        for (what, actual, expected) in [
            (
                "d_loss_real",
                mean(loss.real(), &given.real_out),
                vec![expected.d_loss_real],
            ),
            (
                "d_loss_fake",
                mean(loss.fake(), &given.fake_out),
                vec![expected.d_loss_fake],
            ),
            (
                "g_loss",
                mean(loss.generator(), &given.fake_out),
                vec![expected.g_loss],
            ),
            (
                "d_sum_grad_real_out",
                of_real.to_vec(),
                expected.d_sum_grad_real_out.clone(),
            ),
            (
                "d_sum_grad_fake_out",
                of_fake.to_vec(),
                expected.d_sum_grad_fake_out.clone(),
            ),
            (
                "g_grad_fake_out",
                g_gradients.clone(),
                expected.g_grad_fake_out.clone(),
            ),
        ] {
            assert_eq!(actual.len(), expected.len(), "{name} {what}");
            let scale = expected.iter().fold(1.0, |a: f64, x| a.max(x.abs()));
            for (actual, expected) in actual.iter().zip(&expected) {
                let error = (f64::from(*actual) - expected).abs();
                assert!(
                    error <= 1e-6 * scale,
                    "{name} {what} on {backend:?}: {actual}, reference {expected}"
                );
            }
        }
    }
}

async fn read(tensor: Tensor<2>) -> Vec<f32> {
    let data = tensor.into_data_async().await.expect("readable");
    data.try_into_vec().expect("f32")
}
