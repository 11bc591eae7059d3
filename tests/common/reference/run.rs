//! One reference run in the words of the engine.

use gan_playground::config::{
    Init, LatentConfig, LatentKind, LayerConfig, LossConfig, PlayerConfig, SampleShape, UpdateOrder,
};
use gan_playground::trainer::{Role, Rows, StepLatents};
use gan_playground::{GanConfig, Trainer};
use reference_runs::Folder;

use super::files::{Arrays, Fixture, Manifest, arrays};
use super::translate::{self, fields, loss_called, networks, of_reference, to_ours};

/// Everything that a replay of one run needs.
pub struct Run {
    pub config: GanConfig,
    /// Random numbers, real samples and labels: `reals`, `z_d`, `z_g`, `gp_eps`, `y_real`, `y_d`, `y_g`.
    pub(super) inputs: Arrays,
    pub(super) init: Arrays,
    pub(super) iterations: usize,
    pub(super) fixture: Fixture,
    pub(super) names: Names,
    pub(super) folder: &'static Folder,
}

/// What one step of a run works on.
pub(super) struct StepBatch {
    pub(super) real: Vec<f32>,
    /// Labels of the real samples, if the networks hear of them.
    pub(super) labels: Option<Vec<u8>>,
    pub(super) latents: StepLatents,
}

impl StepBatch {
    /// The real samples with their labels.
    pub(super) fn real(&self) -> Rows<'_> {
        Rows::new(&self.real, self.labels.as_deref())
    }
}

/// The reference's name of each layer of G and of D, if it has parameters.
#[derive(Default)]
pub(super) struct Names {
    pub(super) generator: Vec<Option<String>>,
    pub(super) discriminator: Vec<Option<String>>,
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
        let folder = manifest.folder;
        let init = arrays(folder, &entry.file);
        let inputs = arrays(folder, &manifest.inputs.file);
        let latent_dim = *inputs["z_d"].0.last().expect("rows of latents");
        let nets = networks(&config.net, &init)?;
        let player = |layers: &[(LayerConfig, Option<String>)], optimizer| {
            let (optimizer, learning_rate) = translate::optimizer(optimizer)?;
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
                labels: translate::labels(config.cond.as_deref(), latent_dim, &init)?,
                init: Init::GlorotUniform,
                batch_size: manifest.batch,
                loss: loss_called(&config.loss, config.clip, config.gp_lambda)?,
                gradient_penalties: translate::penalties(config)?,
                schedule: translate::schedule(config, manifest.iterations)?,
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
            folder,
        };
        run.config.validate().map_err(|error| error.to_string())?;
        Ok(run)
    }

    /// Changes each label of a list: `y_real`, `y_d` or `y_g`.
    pub fn change_labels(&mut self, list: &str, change: fn(f32) -> f32) {
        let (_, labels) = self.inputs.get_mut(list).expect("the run has labels");
        labels.iter_mut().for_each(|label| *label = change(*label));
    }

    /// Puts the labels of another list in place of a list's own.
    pub fn take_labels(&mut self, list: &str, other: &str) {
        let labels = self.inputs[other].clone();
        self.inputs.insert(list.into(), labels);
    }

    /// Puts the initial values in.
    pub(super) fn load(&self, trainer: &mut Trainer) {
        for (role, letter, names) in self.players() {
            let scale = match role {
                Role::Generator => 1.0,
                Role::Discriminator => self.fixture.config.d_init_scale,
            };
            for (index, name) in names.iter().enumerate() {
                let Some(name) = name else { continue };
                for (theirs, ours) in fields(name) {
                    let Some(array) = of_reference(&self.init, letter, name, theirs) else {
                        continue; // A bias that is not there, or a running statistic, which starts as ours.
                    };
                    let values = to_ours(&array)
                        .iter()
                        .map(|x| x * scale)
                        .collect::<Vec<_>>();
                    trainer
                        .load_parameter(role, &format!("{index}.{ours}"), &values)
                        .expect("the networks are the same");
                }
            }
        }
    }

    pub(super) fn players(&self) -> [(Role, &'static str, &Vec<Option<String>>); 2] {
        [
            (Role::Generator, "G", &self.names.generator),
            (Role::Discriminator, "D", &self.names.discriminator),
        ]
    }

    /// Real samples and random numbers of an iteration: D's update number k takes `reals[k mod 10]`, `z_d[k]` and `gp_eps[k]`, G's
    /// of iteration i takes `z_g[i]`; labels likewise.
    pub(super) fn batch(&self, iteration: usize) -> StepBatch {
        let cut = |name: &str, index: usize| {
            let (shape, values) = &self.inputs[name];
            let size: usize = shape[1..].iter().product();
            let index = if matches!(name, "reals" | "y_real" | "ar1_eps") {
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
        let is_told = self.config.labels.is_some();
        let labels = |values: Vec<f32>| is_told.then(|| values.iter().map(|y| *y as u8).collect());
        let reuses = self.config.order == UpdateOrder::SumSameZ;
        let latents = StepLatents {
            discriminator: each("z_d"),
            discriminator_labels: is_told.then(|| each("y_d")).and_then(labels),
            generator: (!reuses).then(|| cut("z_g", iteration)),
            generator_labels: (is_told && !reuses)
                .then(|| cut("y_g", iteration))
                .and_then(labels),
            interpolation: if penalised { each("gp_eps") } else { vec![] },
            noise: self
                .config
                .gradient_penalties
                .approximated_r1
                .map(|_| each("ar1_eps")),
        };
        StepBatch {
            real: each("reals"),
            labels: is_told.then(|| each("y_real")).and_then(labels),
            latents,
        }
    }
}
