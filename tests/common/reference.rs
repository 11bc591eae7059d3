//! Reference runs of other implementations (tests/fixtures/README.md), and their replay on a trainer.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use burn::tensor::Tensor;
use gan_playground::config::{
    BatchNorm, ConvConfig, Init, LatentConfig, LatentKind, LayerConfig, LeakyRelu, Linear,
    LossConfig, OptimizerConfig, PlayerConfig, Reshape, SampleShape, UpdateOrder,
};
use gan_playground::loss::{self, Loss};
use gan_playground::trainer::{Role, StepLatents, StepRecord};
use gan_playground::{Backend, GanConfig, Trainer};
use safetensors::SafeTensors;
use serde::Deserialize;
use serde_json::Value;

use super::common::{loss_gradient, records};

/// `manifest.json`.
#[derive(Deserialize)]
pub struct Manifest {
    pub iterations: usize,
    batch: usize,
    inputs: FileEntry,
    init: BTreeMap<String, FileEntry>,
    pub fixtures: BTreeMap<String, Fixture>,
}

#[derive(Deserialize)]
struct FileEntry {
    file: String,
}

/// One run.
#[derive(Deserialize, Clone)]
pub struct Fixture {
    pub config: RunConfig,
    after: BTreeMap<String, Checkpoint>,
    metrics: Vec<BTreeMap<String, f64>>,
    metrics_tol: BTreeMap<String, f64>,
    first_grads: Option<Gradients>,
}

#[derive(Deserialize, Clone)]
pub struct RunConfig {
    pub net: String,
    loss: String,
    order: String,
    d_scale: f64,
    n_critic: usize,
    clip: Option<f64>,
    gp_lambda: Option<f64>,
    d_init_scale: f32,
    opt_d: BTreeMap<String, Value>,
    opt_g: BTreeMap<String, Value>,
    #[serde(rename = "note")]
    _note: Option<String>,
    #[serde(flatten)]
    unknown: BTreeMap<String, Value>,
}

#[derive(Deserialize, Clone)]
struct Checkpoint {
    file: String,
    tensors: BTreeMap<String, Tolerance>,
}

#[derive(Deserialize, Clone, Copy)]
struct Tolerance {
    tol_rms: f64,
    tol_max: f64,
}

#[derive(Deserialize, Clone)]
struct Gradients {
    file: String,
}

/// A tensor as the file has it: shape and row-major values.
pub type Array = (Vec<usize>, Vec<f32>);
/// Tensors by name.
pub type Arrays = BTreeMap<String, Array>;

/// The manifest of the folder that was built in, without the runs that have no folder there.
pub fn manifest() -> Manifest {
    let mut manifest: Manifest =
        serde_json::from_slice(reference_runs::file("manifest.json")).expect("the manifest parses");
    let folders = folders();
    manifest.fixtures.retain(|name, _| {
        let there = folders.contains(name.as_str());
        if !there {
            say(&format!(
                "skipped: {name} is in the manifest, but has no folder"
            ));
        }
        there
    });
    manifest
}

fn folders() -> BTreeSet<&'static str> {
    let files = reference_runs::FILES.iter();
    files
        .filter_map(|(path, _)| Some(path.split_once('/')?.0))
        .collect()
}

/// All tensors of a safetensors file of f32.
pub fn arrays(path: &str) -> Arrays {
    let file = SafeTensors::deserialize(reference_runs::file(path)).expect("safetensors");
    let tensors = file.tensors().into_iter();
    tensors
        .map(|(name, view)| {
            assert_eq!(view.dtype(), safetensors::Dtype::F32, "{name}");
            let values = view
                .data()
                .chunks_exact(4)
                .map(|four| f32::from_le_bytes(four.try_into().expect("four bytes")));
            (name, (view.shape().to_vec(), values.collect()))
        })
        .collect()
}

/// Everything needed to run one fixture, in the words of the engine.
pub struct Run {
    pub config: GanConfig,
    /// Random numbers and real samples: `reals`, `z_d`, `z_g`, `gp_eps`.
    inputs: Arrays,
    init: Arrays,
    iterations: usize,
    fixture: Fixture,
    names: Names,
}

/// For each layer of G and of D the reference's name of it.
#[derive(Default)]
struct Names {
    generator: Vec<Option<String>>,
    discriminator: Vec<Option<String>>,
}

impl Run {
    /// Translates a fixture; the error says what the engine cannot express.
    pub fn new(manifest: &Manifest, name: &str) -> Result<Self, String> {
        let fixture = manifest.fixtures.get(name).cloned();
        let fixture = fixture.ok_or("the manifest does not know it")?;
        let config = &fixture.config;
        let unknown = config.unknown.iter().find(|(_, value)| !value.is_null());
        if let Some((key, value)) = unknown {
            return Err(format!("its configuration has {key} = {value}"));
        }
        let entry = manifest
            .init
            .get(&config.net)
            .ok_or_else(|| format!("the manifest has no initial values of {}", config.net))?;
        let init = arrays(&entry.file);
        let inputs = arrays(&manifest.inputs.file);
        let latent_dim = *inputs["z_d"].0.last().expect("rows of latents");
        let nets = networks(&config.net, &init)?;
        let player = |layers: &[(LayerConfig, Option<String>)], optimizer| {
            let (optimizer, learning_rate) = self::optimizer(optimizer)?;
            Ok::<_, String>(PlayerConfig {
                layers: layers.iter().map(|(layer, _)| *layer).collect(),
                optimizer,
                learning_rate,
                gradient_clip_norm: None,
            })
        };
        let order = match config.order.as_str() {
            "joint" => UpdateOrder::Joint,
            "keras_two_updates" => UpdateOrder::KerasTwoUpdates,
            "sum_same_z" => UpdateOrder::SumSameZ,
            other => return Err(format!("its order is {other}")),
        };
        let names = |layers: &[(LayerConfig, Option<String>)]| {
            layers.iter().map(|(_, name)| name.clone()).collect()
        };
        let run = Self {
            config: GanConfig {
                name: name.into(),
                shape: SampleShape {
                    width: 28,
                    height: 28,
                    range: [-1.0, 1.0],
                },
                latent: LatentConfig {
                    kind: LatentKind::Normal,
                    dim: latent_dim,
                },
                init: Init::GlorotUniform,
                batch_size: manifest.batch,
                loss: loss_called(&config.loss, config.clip, config.gp_lambda)?,
                order,
                // With an update for each half there is nothing to scale; the reference reports their mean.
                discriminator_loss_scale: match order {
                    UpdateOrder::KerasTwoUpdates => 0.5,
                    _ => config.d_scale,
                },
                discriminator_updates: config.n_critic,
                generator_updates: 1,
                ema_decay: None,
                generator: player(&nets[0], &config.opt_g)?,
                discriminator: player(&nets[1], &config.opt_d)?,
            },
            names: Names {
                generator: names(&nets[0]),
                discriminator: names(&nets[1]),
            },
            init,
            inputs,
            iterations: manifest.iterations,
            fixture,
        };
        run.config.validate().map_err(|error| error.to_string())?;
        Ok(run)
    }

    /// Replays the run on `backend` and returns what is out of tolerance, and the largest share of a tolerance that was used.
    pub async fn replay(&self, backend: Backend) -> (Vec<String>, f64) {
        let device = backend.open().await.expect("the backend opens");
        let mut trainer = Trainer::new(self.config.clone(), 0, device).expect("valid");
        self.load(&mut trainer);
        trainer.capture_gradients();
        let mut report = Report::default();
        for iteration in 0..self.iterations {
            let (real, latents) = self.batch(iteration);
            trainer.step_with(&real, &latents).expect("fits");
            let record = records(&mut trainer).await[0];
            self.compare_metrics(iteration, &record, &mut report);
            if iteration == 0 {
                self.compare_gradients(&mut trainer, &mut report).await;
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

    /// Puts the initial values in.
    fn load(&self, trainer: &mut Trainer) {
        for (role, letter, names) in self.players() {
            let scale = match role {
                Role::Generator => 1.0,
                Role::Discriminator => self.fixture.config.d_init_scale,
            };
            for (index, name) in names.iter().enumerate() {
                let Some(name) = name else { continue };
                for (theirs, ours) in fields(name) {
                    let Some(array) = self.init.get(&format!("{letter}.{name}.{theirs}")) else {
                        continue; // A bias that is not there, or a running statistic, which starts as ours.
                    };
                    let values = to_ours(array).iter().map(|x| x * scale).collect::<Vec<_>>();
                    trainer
                        .load_parameter(role, &format!("{index}.{ours}"), &values)
                        .expect("the networks are the same");
                }
            }
        }
    }

    fn players(&self) -> [(Role, &'static str, &Vec<Option<String>>); 2] {
        [
            (Role::Generator, "G", &self.names.generator),
            (Role::Discriminator, "D", &self.names.discriminator),
        ]
    }

    /// Real samples and random numbers of an iteration: D's update number k takes `reals[k mod 10]`, `z_d[k]` and `gp_eps[k]`, G's
    /// of iteration i takes `z_g[i]`.
    fn batch(&self, iteration: usize) -> (Vec<f32>, StepLatents) {
        let cut = |name: &str, index: usize| {
            let (shape, values) = &self.inputs[name];
            let size: usize = shape[1..].iter().product();
            let index = if name == "reals" {
                index % shape[0]
            } else {
                index
            };
            values[index * size..(index + 1) * size].to_vec()
        };
        let updates = self.config.discriminator_updates;
        let each = |name: &str| {
            (iteration * updates..(iteration + 1) * updates)
                .flat_map(|k| cut(name, k))
                .collect::<Vec<_>>()
        };
        let penalised = matches!(self.config.loss, LossConfig::WassersteinGp { .. });
        let latents = StepLatents {
            discriminator: each("z_d"),
            generator: (self.config.order != UpdateOrder::SumSameZ).then(|| cut("z_g", iteration)),
            interpolation: if penalised { each("gp_eps") } else { vec![] },
        };
        (each("reals"), latents)
    }

    fn compare_metrics(&self, iteration: usize, record: &StepRecord, report: &mut Report) {
        let penalty = record.penalty.unwrap_or(0.0);
        for (name, tolerance) in &self.fixture.metrics_tol {
            let Some(&expected) = self.fixture.metrics[iteration].get(name) else {
                continue;
            };
            let actual = match name.as_str() {
                "d_loss" => record.loss_d.map(|loss| loss - penalty),
                "d_loss_with_gp" => record.loss_d,
                "d_loss_real" => record.loss_d_real,
                "d_loss_fake" => record.loss_d_fake,
                "gp" => record.penalty,
                "grad_norm_mean" => record.gradient_norm,
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
        let expected = arrays(&checkpoint.file);
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
    async fn compare_gradients(&self, trainer: &mut Trainer, report: &mut Report) {
        let Some(entry) = &self.fixture.first_grads else {
            return;
        };
        let mut actual = Arrays::new();
        for (role, letter, names) in self.players() {
            let reading = trainer.take_gradients(role).expect("both have learnt");
            let gradients = reading.read().await.expect("readable");
            let named = gradients
                .into_iter()
                .map(|tensor| (tensor.name, tensor.shape, tensor.values));
            actual.extend(to_theirs(letter, names, named));
        }
        actual.extend(self.penalty_gradients(trainer).await);
        for (name, (_, expected)) in arrays(&entry.file) {
            let Some((_, values)) = actual.get(&name) else {
                // A bias gets no gradient from the penalty: the reference stores zeros.
                if !(name.starts_with("GP.") && expected.iter().all(|x| *x == 0.0)) {
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

    /// `GP.*`, the gradients of the penalty alone, and `GP_norms.norms`, at the critic's initial values.
    async fn penalty_gradients(&self, trainer: &Trainer) -> Arrays {
        let LossConfig::WassersteinGp { penalty } = self.config.loss else {
            return Arrays::new();
        };
        let device = trainer.device();
        let mut fresh = Trainer::new(self.config.clone(), 0, device.clone()).expect("valid");
        self.load(&mut fresh);
        let (real, latents) = self.batch(0);
        let (count, dim) = (self.config.batch_size, self.config.shape.dim());
        let latents_of_first = &latents.discriminator[..count * self.config.latent.dim];
        let fakes = fresh.training_fakes(latents_of_first).expect("fits");
        let fakes = fakes.read().await.expect("readable");
        let rows = real[..count * dim].chunks_exact(dim);
        let rows = rows
            .zip(fakes.chunks_exact(dim))
            .zip(&latents.interpolation);
        let points: Vec<f32> = rows
            .flat_map(|((real, fake), share)| {
                let pairs = real.iter().zip(fake);
                pairs.map(move |(r, f)| share * r + (1.0 - share) * f)
            })
            .collect();
        let (gradients, norms) = fresh.penalty_gradients(&points, penalty).expect("fits");
        let gradients = gradients.read().await.expect("readable");
        let named = gradients
            .into_iter()
            .map(|tensor| (tensor.name, tensor.shape, tensor.values));
        let mut arrays = to_theirs("GP", &self.names.discriminator, named);
        let norms = norms.read().await.expect("readable");
        arrays.insert("GP_norms.norms".into(), (vec![norms.len()], norms));
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

/// The layers of G and D, each with the reference's name if it has parameters.
type Layers = Vec<(LayerConfig, Option<String>)>;

fn networks(net: &str, init: &Arrays) -> Result<[Layers; 2], String> {
    let leaky = (LayerConfig::LeakyRelu(LeakyRelu { slope: 0.2 }), None);
    let norm = |name: &str, momentum, eps| {
        (
            LayerConfig::BatchNorm(BatchNorm { momentum, eps }),
            Some(name.to_owned()),
        )
    };
    let linear = |player: &str, name: &str| {
        let units = init[&format!("{player}.{name}.weight")].0[0];
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
        Some("mlp") => {
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
        _ => Err(format!("its networks are {net}")),
    }
}

fn loss_called(
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
        _ => Err(format!(
            "its loss is {name}, clip {clip:?}, penalty {gp_lambda:?}"
        )),
    }
}

fn optimizer(fields: &BTreeMap<String, Value>) -> Result<(OptimizerConfig, f64), String> {
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

/// The reference's fields of a layer, and ours.
fn fields(layer: &str) -> &'static [(&'static str, &'static str)] {
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

/// PyTorch's linear weights are `[out, in]`, ours `[in, out]`; the layout of all others is the same.
fn to_ours((shape, values): &Array) -> Vec<f32> {
    match **shape {
        [rows, columns] => transposed(values, rows, columns),
        _ => values.clone(),
    }
}

fn to_theirs(
    letter: &str,
    names: &[Option<String>],
    tensors: impl Iterator<Item = (String, Vec<usize>, Vec<f32>)>,
) -> Arrays {
    tensors
        .map(|(name, shape, values)| {
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
        })
        .collect()
}

fn transposed(values: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    assert_eq!(values.len(), rows * columns);
    (0..columns)
        .flat_map(|column| (0..rows).map(move |row| values[row * columns + column]))
        .collect()
}

#[derive(Default)]
struct Report {
    failures: Vec<String>,
    checkpoints: u32,
    worst: f64,
}

impl Report {
    fn check(&mut self, error: f64, tolerance: f64, what: impl Fn() -> String) {
        self.worst = self.worst.max(error / tolerance);
        // A NaN is within no tolerance.
        if error.is_nan() || error > tolerance {
            self.fail(format!(
                "{}: off by {error:e}, tolerance {tolerance:e}",
                what()
            ));
        }
    }

    fn fail(&mut self, what: String) {
        self.failures.push(what);
    }
}

fn errors(actual: &[f32], expected: &[f32]) -> Vec<f64> {
    assert_eq!(actual.len(), expected.len());
    let pairs = actual.iter().zip(expected);
    pairs.map(|(a, b)| f64::from(*a) - f64::from(*b)).collect()
}

fn rms(values: &[f64]) -> f64 {
    (values.iter().map(|x| x * x).sum::<f64>() / values.len() as f64).sqrt()
}

/// Largest size; NaN if there is one.
fn largest(values: &[f64]) -> f64 {
    let largest = |a: f64, x: &f64| if x.is_nan() { f64::NAN } else { a.max(x.abs()) };
    values.iter().fold(0.0, largest)
}

/// Replays every fixture on `backend`; panics with all that is wrong.
pub async fn replay_all(backend: Backend) {
    let manifest = manifest();
    let mut wrong = String::new();
    let folders = folders();
    assert!(
        !folders.is_empty(),
        "{} holds no reference run",
        reference_runs::FOLDER
    );
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
            writeln!(wrong, "{name} on {backend:?}: {failure}").expect("a string takes all");
        }
    }
    assert!(wrong.is_empty(), "{}\n{wrong}", reference_runs::FOLDER);
}

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
    if !reference_runs::FILES
        .iter()
        .any(|(path, _)| *path == "losses.json")
    {
        say(&format!(
            "skipped: {} holds no losses.json",
            reference_runs::FOLDER
        ));
        return;
    }
    let device = backend.open().await.expect("the backend opens");
    let given: Losses =
        serde_json::from_slice(reference_runs::file("losses.json")).expect("losses.json parses");
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
        let parts = [(loss.real(), real_count), (loss.fake(), fake_count)];
        let slopes = loss::slopes(parts, 1.0);
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

/// Prints a line, in a browser to its console.
pub fn say(line: &str) {
    #[cfg(target_arch = "wasm32")]
    wasm_bindgen_test::console_log!("{line}");
    #[cfg(not(target_arch = "wasm32"))]
    println!("{line}");
}
