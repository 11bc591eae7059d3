//! The training loop: two players, the phases of a step, and what each step measured.
//!
//! Invariant: a step is queued without waiting for the device; only [`Reading`]s are awaited. In D's phase no trainable parameter of
//! G changes, and the reverse, bit for bit. (G's running statistics follow the fakes it makes for D, as in the reference runs.)

use burn::module::Module;
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer, SgdConfig};
use burn::tensor::activation::sigmoid;
use burn::tensor::{Device, Tensor, TensorData, Transaction};
use serde::Serialize;

use crate::Error;
use crate::config::{
    GanConfig, LIMITS, LatentConfig, LatentKind, OptimizerConfig, PlayerConfig, UpdateOrder,
    check_learning_rate,
};
use crate::loss;
use crate::network::{NamedTensor, Network, NetworkInfo, Statistics};
use crate::rng::{Rng, Stream};

/// Samples in the picture grid: 8 × 8.
pub const DISPLAY_SAMPLES: usize = 64;

/// One of the two networks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// Turns latents into samples.
    Generator,
    /// Turns samples into logits.
    Discriminator,
}

/// A network with its optimizer.
struct Player {
    network: Network,
    optimizer: ModuleOptimizer,
    learning_rate: f64,
}

impl Player {
    fn new(network: Network, config: &PlayerConfig) -> Self {
        let optimizer = match config.optimizer {
            OptimizerConfig::Sgd => SgdConfig::new().init(),
            OptimizerConfig::Adam { beta1, beta2, eps } => AdamConfig::new()
                .with_beta_1(beta1 as f32)
                .with_beta_2(beta2 as f32)
                .with_epsilon(eps as f32)
                .init(),
        };
        Self {
            network,
            optimizer,
            learning_rate: config.learning_rate,
        }
    }

    /// One update down the gradient of the loss that `forward` computes; returns what `forward` returned beside it.
    ///
    /// The network is thawed only here, so nothing else can move its parameters.
    fn update<T>(&mut self, forward: impl FnOnce(&mut Network) -> (Tensor<1>, T)) -> T {
        let mut thawed = std::mem::take(&mut self.network).unfreeze();
        let (loss, measured) = forward(&mut thawed);
        let gradients = GradientsParams::from_grads(loss.backward(), &thawed);
        self.network = self
            .optimizer
            .step(self.learning_rate, thawed, gradients)
            .freeze();
        measured
    }
}

/// Figures of one step, still on the device: `[lossD, lossG, scoreReal, scoreFake]`, those that ran.
struct PendingRecord {
    step: u32,
    has_discriminator: bool,
    has_generator: bool,
    /// `[3]` of D's phase, then `[1]` of G's.
    values: Tensor<1>,
}

/// What one step (or one phase of it) measured.
///
/// The losses are in nats, each taken before its own update; the scores are means of the sigmoid of the logits.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StepRecord {
    /// Completed steps after this one.
    pub step: u32,
    /// Discriminator's loss: the mean of its real and fake halves, in the toy's orders their sum.
    pub loss_d: Option<f32>,
    /// Generator's loss.
    pub loss_g: Option<f32>,
    /// Mean D(real), before D's update on the real batch.
    pub score_real: Option<f32>,
    /// Mean D(fake), before D's update on the fakes.
    pub score_fake: Option<f32>,
}

/// Latents of one step, row-major `[batch, latent.dim]`.
#[derive(Debug, Clone, PartialEq)]
pub struct StepLatents {
    /// For the fakes that D sees.
    pub discriminator: Vec<f32>,
    /// For G's update; `None` in the orders that use the same latents again.
    pub generator: Option<Vec<f32>>,
}

/// A generator, a discriminator and their training loop, on one device.
pub struct Trainer {
    config: GanConfig,
    seed: u32,
    device: Device,
    generator: Player,
    discriminator: Player,
    training_latents: Rng,
    batch_order: Rng,
    /// `[DISPLAY_SAMPLES * latent.dim]`
    display_latents: Vec<f32>,
    discriminator_phases: u32,
    generator_phases: u32,
    pending: Vec<PendingRecord>,
}

impl Trainer {
    /// A fresh pair of networks on `device`, all of it decided by `config` and `seed`.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] as [`GanConfig::validate`].
    pub fn new(config: GanConfig, seed: u32, device: Device) -> Result<Self, Error> {
        config.validate()?;
        let device = device.autodiff();
        let network = |player: &PlayerConfig, input_dim, stream| {
            let mut rng = Rng::new(seed, stream);
            Network::new(&player.layers, input_dim, config.init, &mut rng, &device)
        };
        let generator = network(
            &config.generator,
            config.latent.dim,
            Stream::GeneratorWeights,
        );
        let discriminator = network(
            &config.discriminator,
            config.shape.dim(),
            Stream::DiscriminatorWeights,
        );
        let mut display = Rng::new(seed, Stream::DisplayLatents);
        Ok(Self {
            seed,
            generator: Player::new(generator, &config.generator),
            discriminator: Player::new(discriminator, &config.discriminator),
            training_latents: Rng::new(seed, Stream::TrainingLatents),
            batch_order: Rng::new(seed, Stream::BatchOrder),
            display_latents: draw_latents(&mut display, config.latent, DISPLAY_SAMPLES),
            discriminator_phases: 0,
            generator_phases: 0,
            pending: Vec::new(),
            device,
            config,
        })
    }

    /// The configuration it was made from, with the learning rates of now.
    pub fn config(&self) -> &GanConfig {
        &self.config
    }

    /// The seed it was made from.
    pub fn seed(&self) -> u32 {
        self.seed
    }

    /// Completed steps: pairs of a D phase and a G phase.
    pub fn steps(&self) -> u32 {
        self.discriminator_phases.min(self.generator_phases)
    }

    /// Layers and parameter counts of one network.
    pub fn network_info(&self, role: Role) -> NetworkInfo {
        self.network(role).info()
    }

    /// Queues one step on a batch of real samples.
    ///
    /// # Shapes
    /// - `real`: `[batch, sample_dim]`, row-major; any batch within [`LIMITS`].
    ///
    /// # Errors
    /// [`Error::InvalidBatch`] if `real` is not a whole number of samples, or too many or too few.
    pub fn step(&mut self, real: &[f32]) -> Result<(), Error> {
        let batch = self.batch_of(real)?;
        let latents = StepLatents {
            discriminator: self.draw_training_latents(batch),
            generator: (!self.config.order.reuses_latents())
                .then(|| self.draw_training_latents(batch)),
        };
        self.step_with(real, &latents)
    }

    /// [`Trainer::step`] on given latents, for comparison with a reference run.
    ///
    /// # Errors
    /// [`Error::InvalidBatch`] as [`Trainer::step`], or if the latents do not fit the batch.
    pub fn step_with(&mut self, real: &[f32], latents: &StepLatents) -> Result<(), Error> {
        let batch = self.batch_of(real)?;
        let discriminator_latents =
            self.latents("discriminator latents", &latents.discriminator, batch)?;
        let generator_latents = match &latents.generator {
            Some(values) => self.latents("generator latents", values, batch)?,
            None => discriminator_latents.clone(),
        };
        let real = self.rows(real, self.config.shape.dim());
        let (discriminator, generator) =
            if self.config.order == UpdateOrder::FakeThenGeneratorThenReal {
                let fake = self.fakes(discriminator_latents);
                let fake_half = self.update_discriminator_on(fake, loss::target_fake);
                let generator = self.update_generator(generator_latents);
                let real_half = self.update_discriminator_on(real, loss::target_real);
                (join_halves(real_half, fake_half, 1.0), generator)
            } else {
                let discriminator = self.update_discriminator(real, discriminator_latents);
                (discriminator, self.update_generator(generator_latents))
            };
        self.discriminator_phases += 1;
        self.generator_phases += 1;
        self.record(Some(discriminator), Some(generator));
        Ok(())
    }

    /// Queues D's phase alone; no trainable parameter of G changes.
    ///
    /// # Errors
    /// [`Error::InvalidBatch`] as [`Trainer::step`].
    pub fn discriminator_step(&mut self, real: &[f32]) -> Result<(), Error> {
        let batch = self.batch_of(real)?;
        let latents = self.draw_training_latents(batch);
        let latents = self.rows(&latents, self.config.latent.dim);
        let real = self.rows(real, self.config.shape.dim());
        let measured = self.update_discriminator(real, latents);
        self.discriminator_phases += 1;
        self.record(Some(measured), None);
        Ok(())
    }

    /// Queues G's phase alone, on `batch` fresh latents; no parameter of D changes.
    ///
    /// # Errors
    /// [`Error::InvalidBatch`] if `batch` is out of [`LIMITS`], or 1 for networks with BatchNorm.
    pub fn generator_step(&mut self, batch: usize) -> Result<(), Error> {
        self.check_batch(batch, batch * self.config.shape.dim())?;
        let latents = self.draw_training_latents(batch);
        let latents = self.rows(&latents, self.config.latent.dim);
        let measured = self.update_generator(latents);
        self.generator_phases += 1;
        self.record(None, Some(measured));
        Ok(())
    }

    /// Takes the records of every step since the last call, to be awaited.
    pub fn take_records(&mut self) -> Reading<Vec<StepRecord>> {
        let pending = std::mem::take(&mut self.pending);
        let (heads, values): (Vec<_>, Vec<_>) = pending
            .into_iter()
            .map(|record| {
                let head = (record.step, record.has_discriminator, record.has_generator);
                (head, record.values)
            })
            .unzip();
        Reading::new(values, move |rows| {
            heads
                .iter()
                .zip(rows)
                .map(|(&(step, has_discriminator, has_generator), row)| {
                    let mut row = row.into_iter();
                    let mut take = |present: bool| if present { row.next() } else { None };
                    let record = StepRecord {
                        step,
                        loss_d: take(has_discriminator),
                        score_real: take(has_discriminator),
                        score_fake: take(has_discriminator),
                        loss_g: take(has_generator),
                    };
                    record.check_finite()
                })
                .collect()
        })
    }

    /// [`DISPLAY_SAMPLES`] samples `[64 * sample_dim]` from the fixed latents.
    ///
    /// BatchNorm takes the statistics of these 64 themselves, so the picture depends on G's weights alone: the running
    /// statistics, which D's phase moves, do not show in it, nor are they moved by it.
    pub fn samples(&mut self) -> Reading<Vec<f32>> {
        let latents = self.rows(&self.display_latents, self.config.latent.dim);
        self.generate_rows(latents, Statistics::BatchOnly)
    }

    /// Samples from given latents `[n * latent.dim]`, by running statistics.
    ///
    /// # Errors
    /// [`Error::InvalidBatch`] if `latents` is not a whole number of latents.
    pub fn generate(&mut self, latents: &[f32]) -> Result<Reading<Vec<f32>>, Error> {
        let dim = self.config.latent.dim;
        let latents = self.latents("latents", latents, latents.len() / dim)?;
        Ok(self.generate_rows(latents, Statistics::Running))
    }

    /// D's score, sigmoid of the logit, of each of the given samples `[n * sample_dim]`.
    ///
    /// # Errors
    /// [`Error::InvalidBatch`] if `samples` is not a whole number of samples.
    pub fn scores(&mut self, samples: &[f32]) -> Result<Reading<Vec<f32>>, Error> {
        let dim = self.config.shape.dim();
        check_rows("samples", samples.len(), samples.len() / dim, dim)?;
        let rows = self.rows(samples, dim);
        let logits = self
            .discriminator
            .network
            .forward(rows, Statistics::Running); // [n, 1]
        Ok(Reading::one(sigmoid(logits).reshape([-1])))
    }

    /// Every parameter and running statistic of one network, with its values, in layer order.
    pub fn parameters(&self, role: Role) -> Reading<Vec<(NamedTensorHead, Vec<f32>)>> {
        let (heads, values): (Vec<_>, Vec<_>) = self
            .network(role)
            .tensors()
            .into_iter()
            .map(
                |NamedTensor {
                     name,
                     shape,
                     values,
                 }| (NamedTensorHead { name, shape }, values),
            )
            .unzip();
        Reading::new(values, move |rows| {
            Ok(heads.into_iter().zip(rows).collect())
        })
    }

    /// Replaces one parameter or running statistic; the optimizer's moments stay.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if no tensor has the name, or its length differs.
    pub fn load_parameter(&mut self, role: Role, name: &str, values: &[f32]) -> Result<(), Error> {
        self.player(role).network.load(name, values)
    }

    /// Changes both learning rates from the next update on.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if one is out of [`LIMITS`]; then neither changes.
    pub fn set_learning_rates(&mut self, generator: f64, discriminator: f64) -> Result<(), Error> {
        check_learning_rate("generator.learningRate", generator)?;
        check_learning_rate("discriminator.learningRate", discriminator)?;
        self.config.generator.learning_rate = generator;
        self.config.discriminator.learning_rate = discriminator;
        self.generator.learning_rate = generator;
        self.discriminator.learning_rate = discriminator;
        Ok(())
    }

    /// A shuffled `0..n` from the stream of the batch order.
    pub fn permutation(&mut self, n: u32) -> Vec<u32> {
        self.batch_order.permutation(n)
    }

    fn network(&self, role: Role) -> &Network {
        match role {
            Role::Generator => &self.generator.network,
            Role::Discriminator => &self.discriminator.network,
        }
    }

    fn player(&mut self, role: Role) -> &mut Player {
        match role {
            Role::Generator => &mut self.generator,
            Role::Discriminator => &mut self.discriminator,
        }
    }

    /// D's phase. Returns `[lossD, scoreReal, scoreFake]`.
    fn update_discriminator(&mut self, real: Tensor<2>, latents: Tensor<2>) -> Tensor<1> {
        let fake = self.fakes(latents);
        match self.config.order {
            UpdateOrder::Joint => self.discriminator.update(|network| {
                let real_logits = network.forward(real, Statistics::Batch); // [batch, 1]
                let fake_logits = network.forward(fake, Statistics::Batch); // [batch, 1]
                let real_half = Half::new(real_logits, loss::target_real);
                let fake_half = Half::new(fake_logits, loss::target_fake);
                let loss = (real_half.loss.clone() + fake_half.loss.clone()).mul_scalar(0.5);
                (loss, join_halves(real_half, fake_half, 0.5))
            }),
            UpdateOrder::RealThenFake => {
                let real_half = self.update_discriminator_on(real, loss::target_real);
                let fake_half = self.update_discriminator_on(fake, loss::target_fake);
                join_halves(real_half, fake_half, 0.5)
            }
            UpdateOrder::RealThenFakeSameLatents | UpdateOrder::FakeThenGeneratorThenReal => {
                let real_half = self.update_discriminator_on(real, loss::target_real);
                let fake_half = self.update_discriminator_on(fake, loss::target_fake);
                join_halves(real_half, fake_half, 1.0)
            }
        }
    }

    /// One D update on one half of its task.
    fn update_discriminator_on(
        &mut self,
        samples: Tensor<2>,
        loss: fn(Tensor<2>) -> Tensor<1>,
    ) -> Half {
        self.discriminator.update(|network| {
            let half = Half::new(network.forward(samples, Statistics::Batch), loss);
            (half.loss.clone(), half)
        })
    }

    /// G's phase, through the D of now. Returns `[lossG]`.
    fn update_generator(&mut self, latents: Tensor<2>) -> Tensor<1> {
        let discriminator = &mut self.discriminator.network;
        self.generator.update(|network| {
            let fake = network.forward(latents, Statistics::Batch); // [batch, sample_dim]
            let logits = discriminator.forward(fake, Statistics::Batch); // [batch, 1]
            let loss = loss::generator(logits);
            let measured = loss.clone().detach();
            (loss, measured)
        })
    }

    /// Samples for D's phase, `[batch, sample_dim]`; G is frozen, so no gradient reaches it.
    fn fakes(&mut self, latents: Tensor<2>) -> Tensor<2> {
        let statistics = match self.config.order {
            UpdateOrder::RealThenFake => Statistics::Running,
            _ => Statistics::Batch,
        };
        self.generator.network.forward(latents, statistics)
    }

    fn generate_rows(&mut self, latents: Tensor<2>, statistics: Statistics) -> Reading<Vec<f32>> {
        let samples = self.generator.network.forward(latents, statistics);
        Reading::one(samples.reshape([-1]))
    }

    fn record(&mut self, discriminator: Option<Tensor<1>>, generator: Option<Tensor<1>>) {
        let (has_discriminator, has_generator) = (discriminator.is_some(), generator.is_some());
        let values = discriminator.into_iter().chain(generator).collect();
        self.pending.push(PendingRecord {
            step: self.steps(),
            has_discriminator,
            has_generator,
            values: Tensor::cat(values, 0).without_autodiff(),
        });
    }

    fn draw_training_latents(&mut self, batch: usize) -> Vec<f32> {
        draw_latents(&mut self.training_latents, self.config.latent, batch)
    }

    fn batch_of(&self, real: &[f32]) -> Result<usize, Error> {
        let batch = real.len() / self.config.shape.dim();
        self.check_batch(batch, real.len())?;
        Ok(batch)
    }

    fn check_batch(&self, batch: usize, values: usize) -> Result<(), Error> {
        let dim = self.config.shape.dim();
        let [mut smallest, largest] = LIMITS.batch_size;
        if self.config.generator.has_batch_norm() || self.config.discriminator.has_batch_norm() {
            smallest = 2;
        }
        if (smallest..=largest).contains(&batch) && batch * dim == values {
            return Ok(());
        }
        Err(Error::InvalidBatch {
            what: "real batch",
            values,
            expected: format!("a multiple of {dim}, for {smallest} to {largest} samples"),
        })
    }

    fn latents(&self, what: &'static str, values: &[f32], rows: usize) -> Result<Tensor<2>, Error> {
        let dim = self.config.latent.dim;
        check_rows(what, values.len(), rows, dim)?;
        Ok(self.rows(values, dim))
    }

    /// Uploads `values` as `[rows, dim]`.
    fn rows(&self, values: &[f32], dim: usize) -> Tensor<2> {
        let shape = [values.len() / dim, dim];
        Tensor::from_data(TensorData::new(values.to_vec(), shape), &self.device)
    }
}

/// Name and shape of a tensor that was read back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NamedTensorHead {
    /// `<layer index>.<weight|bias|gamma|beta|runningMean|runningVar>`.
    pub name: String,
    /// Row-major; linear weights are `[in, out]`.
    pub shape: Vec<usize>,
}

/// Loss `[1]` and mean score `[1]` of one half of D's task.
struct Half {
    loss: Tensor<1>,
    score: Tensor<1>,
}

impl Half {
    fn new(logits: Tensor<2>, loss: fn(Tensor<2>) -> Tensor<1>) -> Self {
        Self {
            score: sigmoid(logits.clone().detach()).mean(),
            loss: loss(logits),
        }
    }
}

/// `[scale * (real loss + fake loss), scoreReal, scoreFake]`, cut off from the graph.
fn join_halves(real: Half, fake: Half, scale: f64) -> Tensor<1> {
    let loss = (real.loss.detach() + fake.loss.detach()).mul_scalar(scale);
    Tensor::cat(vec![loss, real.score, fake.score], 0)
}

impl UpdateOrder {
    fn reuses_latents(self) -> bool {
        matches!(
            self,
            Self::RealThenFakeSameLatents | Self::FakeThenGeneratorThenReal
        )
    }
}

impl StepRecord {
    fn check_finite(self) -> Result<Self, Error> {
        let figures = [("lossD", self.loss_d), ("lossG", self.loss_g)];
        for (quantity, value) in figures {
            if let Some(value) = value.filter(|value| !value.is_finite()) {
                let step = self.step;
                return Err(Error::NonFinite {
                    quantity,
                    value,
                    step,
                });
            }
        }
        Ok(self)
    }
}

/// Makes what a reading gives out of its tensors' values, in the order of the tensors.
type Finish<T> = dyn FnOnce(Vec<Vec<f32>>) -> Result<T, Error>;

/// Values on their way back from the device; independent of the trainer, which may step on meanwhile.
pub struct Reading<T> {
    values: Vec<Tensor<1>>,
    finish: Box<Finish<T>>,
}

impl<T> Reading<T> {
    fn new(
        values: Vec<Tensor<1>>,
        finish: impl FnOnce(Vec<Vec<f32>>) -> Result<T, Error> + 'static,
    ) -> Self {
        Self {
            values,
            finish: Box::new(finish),
        }
    }

    /// Waits for the device, reads all values in one transaction.
    ///
    /// # Errors
    /// [`Error::Device`] if the device failed; what the particular reading adds, as [`Error::NonFinite`].
    pub async fn read(self) -> Result<T, Error> {
        let transaction = self
            .values
            .into_iter()
            .fold(Transaction::default(), Transaction::register);
        let rows = transaction
            .execute_async()
            .await?
            .into_iter()
            .map(|data| {
                data.try_into_vec::<f32>()
                    .expect("every tensor here is f32")
            })
            .collect();
        (self.finish)(rows)
    }
}

impl Reading<Vec<f32>> {
    fn one(values: Tensor<1>) -> Self {
        Self::new(vec![values.without_autodiff()], |mut rows| {
            Ok(rows.pop().expect("one tensor was registered"))
        })
    }
}

fn check_rows(what: &'static str, values: usize, rows: usize, dim: usize) -> Result<(), Error> {
    if rows > 0 && rows * dim == values {
        return Ok(());
    }
    let expected = match rows {
        0 => format!("a multiple of {dim}"),
        _ => format!("{} ({rows} x {dim})", rows * dim),
    };
    Err(Error::InvalidBatch {
        what,
        values,
        expected,
    })
}

fn draw_latents(rng: &mut Rng, latent: LatentConfig, count: usize) -> Vec<f32> {
    let mut draw = || match latent.kind {
        LatentKind::Normal => rng.normal(),
        LatentKind::Uniform => rng.uniform(),
    };
    (0..count * latent.dim).map(|_| draw()).collect()
}
