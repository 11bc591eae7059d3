//! Every loss and its gradients, for given raw outputs.

use std::collections::BTreeMap;

use burn::backend::Dispatch;
use burn::tensor::{Tensor, TensorData};
use gan_playground::Backend;
use gan_playground::kernels::{Kernels, PairSlope, PairSlopes};
use gan_playground::loss::{self, Loss, relativistic};
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
        match folder.find("rpgan.json") {
            Some(file) => compare_pairs(file, backend).await,
            None => say(&format!("skipped: {} holds no rpgan.json", folder.path)),
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

/// `rpgan.json`: the relativistic loss and its gradients for given raw outputs, which differ by up to 70 either way.
#[derive(Deserialize)]
struct Pairs {
    real_out: Vec<f32>,
    fake_out: Vec<f32>,
    d_loss: f64,
    d_grad_real_out: Vec<f64>,
    d_grad_fake_out: Vec<f64>,
    g_loss: f64,
    g_grad_fake_out: Vec<f64>,
}

async fn compare_pairs(file: &[u8], backend: Backend) {
    let device = backend.open().await.expect("the backend opens");
    let given: Pairs = serde_json::from_slice(file).expect("rpgan.json parses");
    let count = given.real_out.len();
    let outputs = [given.real_out.as_slice(), &given.fake_out].concat();
    // Real outputs are noted first, as a step does it.
    let gradient = async |outputs_at: [usize; 2], gradients_at: [Option<usize>; 2]| {
        let data = TensorData::new(outputs.clone(), [2 * count, 1]);
        let journal = Tensor::<2>::from_data(data, &device).into_dispatch();
        let none = TensorData::new(vec![0.0_f32; 2 * count], [2 * count, 1]);
        let none = Tensor::<2>::from_data(none, &device).into_dispatch();
        let pairs = PairSlopes {
            slope: PairSlope::Logistic,
            weight: 1.0 / count as f32,
            count,
            outputs_at,
            gradients_at,
        };
        let gradient = Dispatch::pair_gradient(none, journal.clone(), journal, pairs);
        read(Tensor::from_dispatch(gradient)).await
    };
    let of_d = gradient([count, 0], [Some(count), Some(0)]).await;
    let of_g = gradient([0, count], [None, Some(count)]).await;
    let (real, fake) = (&given.real_out, &given.fake_out);
    for (what, actual, expected) in [
        (
            "d_loss",
            vec![relativistic(fake, real) as f32],
            vec![given.d_loss],
        ),
        (
            "g_loss",
            vec![relativistic(real, fake) as f32],
            vec![given.g_loss],
        ),
        (
            "d_grad_real_out",
            of_d[..count].to_vec(),
            given.d_grad_real_out,
        ),
        (
            "d_grad_fake_out",
            of_d[count..].to_vec(),
            given.d_grad_fake_out,
        ),
        ("g_grad_real_out", of_g[..count].to_vec(), vec![0.0; count]),
        (
            "g_grad_fake_out",
            of_g[count..].to_vec(),
            given.g_grad_fake_out,
        ),
    ] {
        for (actual, expected) in actual.iter().zip(&expected) {
            let error = (f64::from(*actual) - expected).abs();
            assert!(
                error <= 1e-6 * expected.abs().max(0.1),
                "rpgan {what} on {backend:?}: {actual}, reference {expected}"
            );
        }
    }
}

async fn read(tensor: Tensor<2>) -> Vec<f32> {
    let data = tensor.into_data_async().await.expect("readable");
    data.try_into_vec().expect("f32")
}
