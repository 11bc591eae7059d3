//! The replay of reference runs on a trainer, and its comparison with what the reference measured.

use std::fmt::Write as _;

use burn::tensor::Device;
use gan_playground::config::LossConfig;
use gan_playground::kernels::NormPenalty;
use gan_playground::loss::{around_one, around_zero};
use gan_playground::trainer::{Rows, StepRecord, replay};
use gan_playground::{Backend, Trainer};

use super::files::{Arrays, Checkpoint, arrays, manifests};
use super::report::{Report, errors, largest, rms};
use super::run::Run;
use super::translate::to_theirs;
use crate::common::{records, say};

impl Run {
    /// Replays the run on `backend` and returns what is out of tolerance, and the largest share of a tolerance that was used.
    pub async fn replay(&self, backend: Backend) -> (Vec<String>, f64) {
        let device = backend.open().await.expect("the backend opens");
        let mut trainer = Trainer::new(self.config.clone(), 0, device.clone()).expect("valid");
        self.load(&mut trainer);
        replay::capture_gradients(&mut trainer);
        let mut report = Report::default();
        for iteration in 0..self.iterations {
            let batch = self.batch(iteration);
            let step = trainer.step_with(batch.real(), &batch.latents);
            step.expect("fits");
            let record = records(&mut trainer).await[0];
            self.compare_metrics(iteration, &record, &mut report);
            if iteration == 0 {
                self.compare_gradients(&mut trainer, &device, &mut report)
                    .await;
            }
            if let Some(checkpoint) = self.fixture.after.get(&(iteration + 1).to_string()) {
                let actual = self.tensors(&trainer).await;
                self.compare_tensors(iteration, checkpoint, &actual, &mut report);
            }
        }
        let checked = self.fixture.after.len() as u32;
        if report.checkpoints != checked {
            report.fail(format!(
                "{} of {checked} checkpoints came",
                report.checkpoints
            ));
        }
        (report.failures, report.worst)
    }

    fn compare_metrics(&self, iteration: usize, record: &StepRecord, report: &mut Report) {
        let penalty = record.penalty.unwrap_or(0.0);
        for (name, tolerance) in &self.fixture.metrics_tol {
            let Some(&expected) = self.fixture.metrics[iteration].get(name) else {
                continue;
            };
            let actual = match name.as_str() {
                "d_loss" => record.loss_d.map(|loss| loss - penalty),
                "d_loss_with_gp" | "d_loss_with_penalty" => record.loss_d,
                "d_loss_real" => record.loss_d_real,
                "d_loss_fake" => record.loss_d_fake,
                "gp" => record.penalty,
                "r1" => record.penalty_real,
                "r2" => record.penalty_fake,
                "ar1" => record.penalty_approximated,
                "grad_norm_mean" => record.gradient_norm,
                "grad_norm_mean_fake" => record.gradient_norm_fake,
                "d_out_real" => record.logit_real,
                "d_out_fake" => record.logit_fake,
                "d_out_gen" => record.logit_generated,
                "d_prob_real" => record.score_real,
                "d_prob_fake" => record.score_fake,
                "d_prob_gen" => record.score_generated,
                "g_loss" => record.loss_g,
                other => {
                    report.fail(format!("metric {other} is not known"));
                    continue;
                }
            };
            let what = || {
                format!(
                    "iteration {}: {name} {actual:?}, reference {expected}",
                    iteration + 1
                )
            };
            let error = actual.map_or(f64::NAN, |actual| (f64::from(actual) - expected).abs());
            report.check(error, *tolerance, what);
        }
    }

    fn compare_tensors(
        &self,
        iteration: usize,
        checkpoint: &Checkpoint,
        actual: &Arrays,
        report: &mut Report,
    ) {
        report.checkpoints += 1;
        let expected = arrays(self.folder, &checkpoint.file);
        for (name, tolerance) in &checkpoint.tensors {
            if name.ends_with("running_var_torch") {
                continue; // The same as running_var, in PyTorch's convention (n - 1); ours is the biased one.
            }
            let what = |kind: &str| format!("after iteration {}: {name}, {kind}", iteration + 1);
            let Some((shape, values)) = actual.get(name) else {
                report.fail(what("missing"));
                continue;
            };
            let (expected_shape, expected) = &expected[name];
            if shape != expected_shape {
                report.fail(what("of another shape"));
                continue;
            }
            let errors = errors(values, expected);
            report.check(rms(&errors), tolerance.tol_rms, || what("rms"));
            report.check(largest(&errors), tolerance.tol_max, || what("largest"));
        }
    }

    /// Gradients of the very first update of each player, and of the penalty alone.
    async fn compare_gradients(&self, trainer: &mut Trainer, device: &Device, report: &mut Report) {
        let Some(entry) = &self.fixture.first_grads else {
            return;
        };
        let mut actual = Arrays::new();
        for (role, letter, names) in self.players() {
            let reading = replay::take_gradients(trainer, role).expect("both have learnt");
            let gradients = reading.read().await.expect("readable");
            let named = gradients
                .into_iter()
                .map(|tensor| (tensor.name, tensor.shape, tensor.values));
            actual.extend(to_theirs(letter, names, named));
        }
        actual.extend(self.penalty_gradients(device).await);
        for (name, (_, expected)) in arrays(self.folder, &entry.file) {
            let Some((_, values)) = actual.get(&name) else {
                // A bias gets no gradient from the penalty: the reference stores zeros.
                let of_penalty = ["GP.", "R1.", "R2."].iter().any(|of| name.starts_with(of));
                if !(of_penalty && expected.iter().all(|x| *x == 0.0)) {
                    report.fail(format!("first gradient {name} is missing"));
                }
                continue;
            };
            let scale = rms(&expected.iter().map(|x| f64::from(*x)).collect::<Vec<_>>());
            let error = rms(&errors(values, &expected));
            report.check(error, 1e-4 * scale + 1e-7, || {
                format!("first gradient {name}, rms of {scale:e}")
            });
        }
    }

    /// The gradients of each penalty alone at D's initial values: `GP.*` with its norms `GP_norms.norms`, `R1.*` and `R2.*`.
    async fn penalty_gradients(&self, device: &Device) -> Arrays {
        let mut fresh = Trainer::new(self.config.clone(), 0, device.clone()).expect("valid");
        self.load(&mut fresh);
        let batch = self.batch(0);
        let (count, dim) = (self.config.batch_size, self.config.shape.dim());
        let labels = |labels: &Option<Vec<u8>>| labels.as_ref().map(|all| all[..count].to_vec());
        let (real_labels, fake_labels) = (
            labels(&batch.labels),
            labels(&batch.latents.discriminator_labels),
        );
        let first = &batch.latents.discriminator[..count * self.config.latent.dim];
        let first = Rows::new(first, fake_labels.as_deref());
        let fakes = replay::training_fakes(&mut fresh, first).expect("fits");
        let fakes = fakes.read().await.expect("readable");
        let real = &batch.real[..count * dim];
        let penalties = self.config.gradient_penalties;
        let mut all = Arrays::new();
        if let LossConfig::WassersteinGp { penalty } = self.config.loss {
            let rows = real.chunks_exact(dim).zip(fakes.chunks_exact(dim));
            let rows = rows.zip(&batch.latents.interpolation);
            let points = rows.flat_map(|((real, fake), share)| {
                let pairs = real.iter().zip(fake);
                pairs.map(move |(r, f)| share * r + (1.0 - share) * f)
            });
            let points: Vec<f32> = points.collect();
            let points = Rows::new(&points, real_labels.as_deref());
            let of = around_one(penalty, count);
            all.extend(self.one_penalty(&mut fresh, "GP", points, of).await);
        }
        let at_real = Rows::new(real, real_labels.as_deref());
        let at_fakes = Rows::new(&fakes, fake_labels.as_deref());
        for (letters, gamma, points) in [
            ("R1", penalties.r1, at_real),
            ("R2", penalties.r2, at_fakes),
        ] {
            if let Some(gamma) = gamma {
                let of = around_zero(gamma, count);
                all.extend(self.one_penalty(&mut fresh, letters, points, of).await);
            }
        }
        all
    }

    async fn one_penalty(
        &self,
        fresh: &mut Trainer,
        letters: &str,
        points: Rows<'_>,
        penalty: NormPenalty,
    ) -> Arrays {
        let (gradients, norms) = replay::penalty_gradients(fresh, points, penalty).expect("fits");
        let gradients = gradients.read().await.expect("readable");
        let named = gradients
            .into_iter()
            .map(|tensor| (tensor.name, tensor.shape, tensor.values));
        let mut arrays = to_theirs(letters, &self.names.discriminator, named);
        let norms = norms.read().await.expect("readable");
        let name = format!("{letters}_norms.norms");
        arrays.insert(name, (vec![norms.len()], norms));
        arrays
    }

    /// Every tensor by the reference's names and layout.
    async fn tensors(&self, trainer: &Trainer) -> Arrays {
        let mut all = Arrays::new();
        for (role, letter, names) in self.players() {
            let reading = trainer.parameters(role).read().await.expect("readable");
            let named = reading
                .into_iter()
                .map(|tensor| (tensor.name, tensor.shape, tensor.values));
            all.extend(to_theirs(letter, names, named));
        }
        all
    }
}

/// Replays every fixture on `backend`; panics with all that is wrong.
pub async fn replay_all(backend: Backend) {
    let mut wrong = String::new();
    for manifest in manifests() {
        let folders = manifest.folders();
        let path = manifest.folder.path;
        assert!(!folders.is_empty(), "{path} holds no reference run");
        for name in folders {
            let (failures, worst) = match Run::new(&manifest, name) {
                Ok(run) => run.replay(backend).await,
                Err(reason) => (vec![format!("the engine cannot express it: {reason}")], 0.0),
            };
            say(&format!(
                "{name} on {backend:?}: {} failures, at most {:.0} % of a tolerance",
                failures.len(),
                100.0 * worst
            ));
            for failure in failures.iter().take(12) {
                writeln!(wrong, "{path}: {name} on {backend:?}: {failure}")
                    .expect("a string takes all");
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
