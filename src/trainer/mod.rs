//! The training loop: two players, the phases of a step, and what each step measured.
//!
//! Invariant: a step is queued without waiting for the device; only [`Reading`]s are awaited. In D's phase no trainable parameter of
//! G changes, and the reverse, bit for bit. (Running statistics follow each training pass, of a frozen network too, as PyTorch's do.)

mod average;
mod record;

use burn::backend::Dispatch;
use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::config::{
    GanConfig, LIMITS, LatentConfig, LatentKind, LossConfig, NetworkInfo, PlayerConfig,
    UpdateOrder, check_learning_rate,
};
use crate::journal::{Journal, Span};
use crate::kernels::{Activation, Kernels, LossSlopes};
use crate::loss::{self, Loss};
use crate::network::{Judged, NamedTensor, Network, Pass, Tape, activated};
use crate::player::Player;
use crate::reading::Reading;
use crate::rng::{Rng, Stream};
use average::Average;
pub use record::StepRecord;
use record::{CriticPass, PendingRecord};

/// Samples in the picture grid: 8 × 8.
pub const DISPLAY_SAMPLES: usize = 64;

/// One of the two networks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// Turns latents into samples.
    Generator,
    /// Turns samples into logits.
    Discriminator,
}

/// Which values of G a picture is made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weights {
    /// Those that train.
    Raw,
    /// Their moving average, where one is kept ([`GanConfig::ema_decay`]), else the raw ones.
    Averaged,
}

/// One update within a step: who learns, and from which rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Update {
    /// D, from real samples `[n * sample_dim]`.
    Real,
    /// D, from the fakes of latents `[n * latent.dim]`.
    Fake,
    /// G, from what D makes of the fakes of latents `[n * latent.dim]`.
    Generated,
}

impl Update {
    /// Whose parameters move.
    pub fn learner(self) -> Role {
        match self {
            Self::Real | Self::Fake => Role::Discriminator,
            Self::Generated => Role::Generator,
        }
    }
}

/// Random numbers of one step, row-major; a batch for each update.
#[derive(Debug, Clone, PartialEq)]
pub struct StepLatents {
    /// For the fakes that D sees, `[discriminator_updates * batch, latent.dim]`.
    pub discriminator: Vec<f32>,
    /// For G's updates, `[generator_updates * batch, latent.dim]`; `None` in the orders that use the same latents again.
    pub generator: Option<Vec<f32>>,
    /// Share of the real sample in the point at which the gradient penalty looks, `[discriminator_updates * batch]` in [0, 1];
    /// empty for losses without one.
    pub interpolation: Vec<f32>,
}

/// A generator, a discriminator and their training loop, on one device.
pub struct Trainer {
    config: GanConfig,
    seed: u32,
    device: Device,
    generator: Player,
    discriminator: Player,
    average: Option<Average>,
    training_latents: Rng,
    dropout: Rng,
    interpolation: Rng,
    batch_order: Rng,
    /// `[DISPLAY_SAMPLES * latent.dim]`
    display_latents: Vec<f32>,
    discriminator_phases: u32,
    generator_phases: u32,
    /// Raw outputs of D in its updates and G's.
    journal: Journal,
    pending: Vec<PendingRecord>,
    /// Of a half of D's phase whose other half is still to come.
    half: Option<(Update, Span)>,
}

impl Trainer {
    /// A fresh pair of networks on `device`, all of it decided by `config` and `seed`.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] as [`GanConfig::validate`].
    pub fn new(config: GanConfig, seed: u32, device: Device) -> Result<Self, Error> {
        config.validate()?;
        let player = |player: &PlayerConfig, name, input, stream| {
            let mut rng = Rng::new(seed, stream);
            let network = Network::new(player, name, input, config.init, &mut rng, &device)?;
            Ok::<_, Error>(Player::new(network, player))
        };
        let generator = player(
            &config.generator,
            "generator",
            config.generator_input(),
            Stream::GeneratorWeights,
        )?;
        let mut discriminator = player(
            &config.discriminator,
            "discriminator",
            config.discriminator_input(),
            Stream::DiscriminatorWeights,
        )?;
        if let LossConfig::Wasserstein { clip } = config.loss {
            discriminator.weight_clip = Some(clip);
        }
        let mut display = Rng::new(seed, Stream::DisplayLatents);
        Ok(Self {
            seed,
            average: config
                .ema_decay
                .map(|decay| Average::new(decay, &generator.network)),
            generator,
            discriminator,
            training_latents: Rng::new(seed, Stream::TrainingLatents),
            dropout: Rng::new(seed, Stream::Dropout),
            interpolation: Rng::new(seed, Stream::Interpolation),
            batch_order: Rng::new(seed, Stream::BatchOrder),
            display_latents: draw_latents(&mut display, config.latent, DISPLAY_SAMPLES),
            discriminator_phases: 0,
            generator_phases: 0,
            journal: Journal::new(&device),
            pending: Vec::new(),
            half: None,
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

    /// Where its tensors live.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// Layers and parameter counts of one network.
    pub fn network_info(&self, role: Role) -> NetworkInfo {
        let summary = self.config.describe().expect("it was valid when built");
        match role {
            Role::Generator => summary.generator,
            Role::Discriminator => summary.discriminator,
        }
    }

    /// Queues one step on real samples.
    ///
    /// # Shapes
    /// - `real`: `[discriminator_updates * batch, sample_dim]`, row-major, a batch for each update of D; any batch within [`LIMITS`].
    ///
    /// # Errors
    /// [`Error::InvalidBatch`] if `real` is not a whole number of such batches, or too many or too few samples.
    pub fn step(&mut self, real: &[f32]) -> Result<(), Error> {
        let batch = self.batch_of(real)?;
        let mut latents = self.draw_for_discriminator(batch);
        if !self.config.order.reuses_latents() {
            let count = self.config.generator_updates * batch;
            latents.generator = Some(self.draw_training_latents(count));
        }
        self.step_with(real, &latents)
    }

    /// [`Trainer::step`] on given random numbers, for comparison with a reference run.
    ///
    /// # Errors
    /// [`Error::InvalidBatch`] as [`Trainer::step`], or if the latents do not fit the batch.
    pub fn step_with(&mut self, real: &[f32], latents: &StepLatents) -> Result<(), Error> {
        let batches = self.discriminator_batches(real, latents)?;
        self.half = None;
        let generator_latents = match (&latents.generator, self.config.order.reuses_latents()) {
            (Some(values), _) => self.generator_batches(values, batches[0].batch())?,
            (None, true) => vec![batches[0].latents.clone()],
            (None, false) => self.generator_batches(&[], batches[0].batch())?,
        };
        let (discriminator, generator) = match self.config.order {
            UpdateOrder::Joint
            | UpdateOrder::KerasTwoUpdates
            | UpdateOrder::RealThenFakeSameLatents => {
                let discriminator = self.discriminator_phase(batches);
                (discriminator, self.generator_phase(generator_latents))
            }
            UpdateOrder::SumSameZ => self.both_on_the_same_fakes(only(batches)),
            UpdateOrder::FakeThenGeneratorThenReal => {
                let batch = only(batches);
                let fakes = self.fakes(batch.latents);
                let fake = self.update_discriminator_on(fakes, self.config.loss.fake());
                let generator = self.generator_phase(generator_latents);
                let real = self.update_discriminator_on(batch.real, self.config.loss.real());
                (halves(real, fake), generator)
            }
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
        let latents = self.draw_for_discriminator(batch);
        let batches = self.discriminator_batches(real, &latents)?;
        self.half = None;
        let measured = self.discriminator_phase(batches);
        self.discriminator_phases += 1;
        self.record(Some(measured), None);
        Ok(())
    }

    /// Queues G's phase alone, on `batch` fresh latents for each update; no trainable parameter of D changes.
    ///
    /// # Errors
    /// [`Error::InvalidBatch`] if `batch` is out of [`LIMITS`], or 1 for networks with BatchNorm.
    pub fn generator_step(&mut self, batch: usize) -> Result<(), Error> {
        self.check_batch("generator batch", batch, batch * self.config.shape.dim(), 1)?;
        let latents = self.draw_training_latents(self.config.generator_updates * batch);
        let batches = self.generator_batches(&latents, batch)?;
        let measured = self.generator_phase(batches);
        self.generator_phases += 1;
        self.record(None, Some(measured));
        Ok(())
    }

    /// Queues one update alone; no trainable parameter of the other player changes.
    ///
    /// D's two halves, one after the other, make a phase of D with one update, G's update a phase of G: the parts of a step in the
    /// configured order leave what [`Trainer::step_with`] leaves. The record of the second half has both, each before its own
    /// update. A gradient penalty belongs to neither half.
    ///
    /// # Errors
    /// [`Error::InvalidBatch`] if `rows` are no whole rows, or too many or too few.
    pub fn update(&mut self, part: Update, rows: &[f32]) -> Result<(), Error> {
        let rows = self.part_rows(part, rows)?;
        let outputs = match part {
            Update::Real => self.update_discriminator_on(rows, self.config.loss.real()),
            Update::Fake => {
                let fakes = self.fakes(rows);
                self.update_discriminator_on(fakes, self.config.loss.fake())
            }
            Update::Generated => {
                let outputs = self.generator_phase(vec![rows]);
                self.generator_phases += 1;
                self.record(None, Some(outputs));
                return Ok(());
            }
        };
        let measured = match (self.half.take(), part) {
            (Some((Update::Real, real)), Update::Fake) => halves(real, outputs),
            (Some((Update::Fake, fake)), Update::Real) => halves(outputs, fake),
            _ => {
                self.half = Some((part, outputs));
                let (real, fake) = match part {
                    Update::Real => (Some(outputs), None),
                    Update::Fake | Update::Generated => (None, Some(outputs)),
                };
                let norms = None;
                self.record(Some(CriticPass { real, fake, norms }), None);
                return Ok(());
            }
        };
        self.discriminator_phases += 1;
        self.record(Some(measured), None);
        Ok(())
    }

    /// The gradients that [`Trainer::update`] would follow, before any clipping and without dropout, named as the player's parameters.
    /// Nothing moves.
    ///
    /// # Errors
    /// [`Error::InvalidBatch`] as [`Trainer::update`].
    pub fn gradients(&mut self, part: Update, rows: &[f32]) -> Result<NamedReading, Error> {
        let rows = self.part_rows(part, rows)?;
        let loss = match part {
            Update::Real => self.config.loss.real(),
            Update::Fake => self.config.loss.fake(),
            Update::Generated => self.config.loss.generator(),
        };
        let made = (part != Update::Real).then(|| {
            let pass = match (part, self.config.order) {
                (Update::Fake, UpdateOrder::KerasTwoUpdates) => Pass::Running,
                _ => Pass::Batch,
            };
            self.generator.network.forward(rows.clone(), pass)
        });
        let samples = made.as_ref().map_or(rows, |made| made.output().clone());
        let slopes = loss.slopes(samples.dims()[0], 1.0);
        // Nobody reads what is noted down here.
        let mut journal = Journal::new(&self.device);
        let judge = &mut self.discriminator.network;
        let judged = judge.judge(samples, Pass::Batch, slopes, &mut journal);
        match made {
            Some(made) if part == Update::Generated => self.generator_backward(&made, judged),
            _ => self.discriminator.backward(&judged.tape, judged.gradient),
        }
        Ok(self.player(part.learner()).gradients())
    }

    /// Both players' losses as they are now, on real samples `[n * sample_dim]` and on the fakes of latents `[m * latent.dim]`, by
    /// running statistics and without a penalty. Nothing moves.
    ///
    /// # Errors
    /// [`Error::InvalidBatch`] if either is no whole number of rows.
    pub fn measure(&mut self, real: &[f32], latents: &[f32]) -> Result<Reading<StepRecord>, Error> {
        let real = self.whole_rows("real samples", real, self.config.shape.dim())?;
        let latents = self.whole_rows("latents", latents, self.config.latent.dim)?;
        let made = self.generator.network.forward(latents, Pass::Running);
        let judge = &mut self.discriminator.network;
        let mut journal = Journal::new(&self.device);
        let [real, fake] = [real, made.output().clone()].map(|samples| {
            let judged = judge.forward(samples, Pass::Running);
            journal.write(judged.output().clone())
        });
        let record = PendingRecord {
            step: self.steps(),
            discriminator: Some(halves(real, fake)),
            generator: Some(fake),
        };
        let (loss, scale) = (self.config.loss, self.config.discriminator_loss_scale);
        let reading = PendingRecord::reading(vec![record], journal.take(false), loss, scale);
        Ok(reading.map(|mut records| records.pop().expect("one was asked for")))
    }

    /// The next `count` latents `[count * latent.dim]` of the stream that steps draw from.
    pub fn draw_latents(&mut self, count: usize) -> Vec<f32> {
        self.draw_training_latents(count)
    }

    /// Takes the records of every step since the last call, to be awaited.
    pub fn take_records(&mut self) -> Reading<Vec<StepRecord>> {
        let pending = std::mem::take(&mut self.pending);
        let journal = self.journal.take(self.half.is_some());
        let (loss, scale) = (self.config.loss, self.config.discriminator_loss_scale);
        PendingRecord::reading(pending, journal, loss, scale)
    }

    /// [`DISPLAY_SAMPLES`] samples `[64 * sample_dim]` from the fixed latents.
    ///
    /// BatchNorm takes the statistics of these 64 themselves, so the picture depends on G's weights alone: the running
    /// statistics, which D's phase moves, do not show in it, nor are they moved by it.
    pub fn samples(&mut self, weights: Weights) -> Reading<Vec<f32>> {
        let latents = self.rows(&self.display_latents, self.config.latent.dim);
        self.generate_rows(latents, weights, Pass::Batch)
    }

    /// Samples from given latents `[n * latent.dim]`, by running statistics.
    ///
    /// # Errors
    /// [`Error::InvalidBatch`] if `latents` is not a whole number of latents.
    pub fn generate(
        &mut self,
        latents: &[f32],
        weights: Weights,
    ) -> Result<Reading<Vec<f32>>, Error> {
        let latents = self.whole_rows("latents", latents, self.config.latent.dim)?;
        Ok(self.generate_rows(latents, weights, Pass::Running))
    }

    /// D's score, sigmoid of the logit, of each of the given samples `[n * sample_dim]`.
    ///
    /// # Errors
    /// [`Error::InvalidBatch`] if `samples` is not a whole number of samples.
    pub fn scores(&mut self, samples: &[f32]) -> Result<Reading<Vec<f32>>, Error> {
        let rows = self.whole_rows("samples", samples, self.config.shape.dim())?;
        let tape = self.discriminator.network.forward(rows, Pass::Running);
        let scores = activated(tape.output().clone(), Activation::Sigmoid); // [n, 1]
        Ok(Reading::one(scores.reshape([-1])))
    }

    /// Keeps the gradients of each player's next update, before any clipping, for [`Trainer::take_gradients`].
    pub fn capture_gradients(&mut self) {
        self.generator.capture_gradients();
        self.discriminator.capture_gradients();
    }

    /// The gradients kept of one player, named as its parameters; `None` if it made no update since they were asked for.
    pub fn take_gradients(&mut self, role: Role) -> Option<NamedReading> {
        self.player(role).take_gradients()
    }

    /// Samples as D sees them in its phase, from given latents `[n * latent.dim]`; like that phase, it moves G's running statistics.
    ///
    /// # Errors
    /// [`Error::InvalidBatch`] if `latents` is not a whole number of latents.
    pub fn training_fakes(&mut self, latents: &[f32]) -> Result<Reading<Vec<f32>>, Error> {
        let latents = self.whole_rows("latents", latents, self.config.latent.dim)?;
        let fakes = self.fakes(latents);
        Ok(Reading::one(fakes.reshape([-1])))
    }

    /// What the gradient penalty of `weight` at given points `[n * sample_dim]` asks of D's parameters, and the norms `[n]` of D's
    /// input gradient there. Nothing moves.
    ///
    /// # Errors
    /// [`Error::InvalidBatch`] if `points` is not a whole number of samples.
    pub fn penalty_gradients(
        &mut self,
        points: &[f32],
        weight: f64,
    ) -> Result<(NamedReading, Reading<Vec<f32>>), Error> {
        let points = self.whole_rows("points", points, self.config.shape.dim())?;
        let network = &mut self.discriminator.network;
        let mut gradients = network.no_gradients();
        let norms = network.penalise(points, weight, &mut gradients); // [n, 1]
        Ok((
            network.gradients(&gradients),
            Reading::one(norms.reshape([-1])),
        ))
    }

    /// Every parameter and running statistic of one network, with its values, in layer order.
    pub fn parameters(&self, role: Role) -> NamedReading {
        self.network(role).tensors()
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

    /// D's phase: an update on each batch. Measures the last.
    fn discriminator_phase(&mut self, batches: Vec<DiscriminatorBatch>) -> CriticPass {
        let measured = batches.into_iter().map(|batch| {
            let fake = self.fakes(batch.latents);
            if self.config.order.joins_halves() {
                return self.update_discriminator(batch.real, fake, batch.interpolation);
            }
            let real = self.update_discriminator_on(batch.real, self.config.loss.real());
            let fake = self.update_discriminator_on(fake, self.config.loss.fake());
            halves(real, fake)
        });
        measured.last().expect("validate() demands an update")
    }

    /// One D update on both halves of its task, which pass through it together, each normalised by its own statistics.
    fn update_discriminator(
        &mut self,
        real: Tensor<2>,
        fake: Tensor<2>,
        interpolation: Option<Tensor<2>>,
    ) -> CriticPass {
        let (loss, batch) = (self.config.loss, real.dims()[0]);
        let both = Dispatch::stack(real.clone().into_dispatch(), fake.clone().into_dispatch());
        let parts = [(loss.real(), batch), (loss.fake(), batch)];
        let slopes = loss::slopes(parts, self.config.discriminator_loss_scale);
        let judged = self.judge(Tensor::from_dispatch(both), 2, slopes);
        self.discriminator.backward(&judged.tape, judged.gradient);
        let penalised = match (loss, interpolation) {
            (LossConfig::WassersteinGp { penalty }, Some(shares)) => Some((penalty, shares)),
            _ => None,
        };
        let norms = penalised.map(|(weight, shares)| {
            let shares = shares.into_dispatch();
            let points = Dispatch::blend(real.into_dispatch(), fake.into_dispatch(), shares); // [batch, sample_dim]
            let points = Tensor::from_dispatch(points);
            let norms = self.discriminator.penalise(points, weight);
            self.journal.write(norms)
        });
        self.discriminator.descend();
        let [real, fake] = judged.outputs.split(batch);
        CriticPass {
            norms,
            ..halves(real, fake)
        }
    }

    /// One D update on one half of its task; gives its raw outputs.
    fn update_discriminator_on(&mut self, samples: Tensor<2>, loss: Loss) -> Span {
        let slopes = loss.slopes(samples.dims()[0], 1.0);
        let judged = self.judge(samples, 1, slopes);
        self.discriminator.backward(&judged.tape, judged.gradient);
        self.discriminator.descend();
        judged.outputs
    }

    /// G's phase: an update on each batch of latents, through the D of now. Gives D's raw outputs in the last.
    fn generator_phase(&mut self, batches: Vec<Tensor<2>>) -> Span {
        let measured = batches.into_iter().map(|latents| {
            let tape = self.imagine(latents);
            self.update_generator(&tape)
        });
        measured.last().expect("validate() demands an update")
    }

    /// D's phase and G's on the same fakes, made once.
    fn both_on_the_same_fakes(&mut self, batch: DiscriminatorBatch) -> (CriticPass, Span) {
        let tape = self.imagine(batch.latents);
        let fake = tape.output().clone();
        let discriminator = self.update_discriminator(batch.real, fake, batch.interpolation);
        (discriminator, self.update_generator(&tape))
    }

    /// One G update: its loss on what D makes of the fakes of a pass; gives D's raw outputs.
    fn update_generator(&mut self, made: &Tape) -> Span {
        let fakes = made.output().clone();
        let slopes = self.config.loss.generator().slopes(fakes.dims()[0], 1.0);
        let judged = self.judge(fakes, 1, slopes);
        let outputs = judged.outputs;
        self.generator_backward(made, judged);
        self.generator.descend();
        if let Some(average) = &mut self.average {
            average.follow(&self.generator.network);
        }
        outputs
    }

    /// G's gradients, back through what D made of a pass.
    fn generator_backward(&mut self, made: &Tape, judged: Judged) {
        let Judged { tape, gradient, .. } = judged;
        let end = self.generator.network.end();
        let gradient = self.discriminator.input_gradient(&tape, gradient, end); // [batch, sample_dim]
        self.generator.backward(made, gradient);
    }

    /// A training pass of D over samples `[groups * batch, sample_dim]`.
    fn judge(&mut self, samples: Tensor<2>, groups: usize, slopes: LossSlopes) -> Judged {
        let dropout = &mut self.dropout;
        let pass = Pass::Train { groups, dropout };
        let judge = &mut self.discriminator.network;
        judge.judge(samples, pass, slopes, &mut self.journal)
    }

    /// A training pass of G over latents `[batch, latent.dim]`.
    fn imagine(&mut self, latents: Tensor<2>) -> Tape {
        let dropout = &mut self.dropout;
        let pass = Pass::Train { groups: 1, dropout };
        self.generator.network.forward(latents, pass)
    }

    /// Samples for D's phase, `[batch, sample_dim]`.
    fn fakes(&mut self, latents: Tensor<2>) -> Tensor<2> {
        let tape = match self.config.order {
            UpdateOrder::KerasTwoUpdates => self.generator.network.forward(latents, Pass::Running),
            _ => self.imagine(latents),
        };
        tape.output().clone()
    }

    fn generate_rows(
        &mut self,
        latents: Tensor<2>,
        weights: Weights,
        pass: Pass<'_>,
    ) -> Reading<Vec<f32>> {
        let network = match (&mut self.average, weights) {
            (Some(average), Weights::Averaged) => &mut average.network,
            _ => &mut self.generator.network,
        };
        let samples = network.forward(latents, pass).output().clone();
        Reading::one(samples.reshape([-1]))
    }

    fn record(&mut self, discriminator: Option<CriticPass>, generator: Option<Span>) {
        self.pending.push(PendingRecord {
            step: self.steps(),
            discriminator,
            generator,
        });
    }

    /// Everything but G's latents.
    fn draw_for_discriminator(&mut self, batch: usize) -> StepLatents {
        let count = self.config.discriminator_updates * batch;
        let penalised = matches!(self.config.loss, LossConfig::WassersteinGp { .. });
        let shares = if penalised { count } else { 0 };
        StepLatents {
            discriminator: self.draw_training_latents(count),
            generator: None,
            interpolation: (0..shares).map(|_| self.interpolation.uniform()).collect(),
        }
    }

    fn draw_training_latents(&mut self, batch: usize) -> Vec<f32> {
        draw_latents(&mut self.training_latents, self.config.latent, batch)
    }

    /// Samples of one update.
    fn batch_of(&self, real: &[f32]) -> Result<usize, Error> {
        let updates = self.config.discriminator_updates;
        let batch = real.len() / (self.config.shape.dim() * updates);
        self.check_batch("real batch", batch, real.len(), updates)?;
        Ok(batch)
    }

    fn check_batch(
        &self,
        what: &'static str,
        batch: usize,
        values: usize,
        updates: usize,
    ) -> Result<(), Error> {
        let dim = self.config.shape.dim();
        let [mut smallest, largest] = LIMITS.batch_size;
        if self.config.generator.has_batch_norm() || self.config.discriminator.has_batch_norm() {
            smallest = 2;
        }
        if (smallest..=largest).contains(&batch) && updates * batch * dim == values {
            return Ok(());
        }
        let each = match updates {
            1 => String::new(),
            _ => format!(" for each of {updates} updates"),
        };
        Err(Error::InvalidBatch {
            what,
            values,
            expected: format!(
                "a multiple of {}, {smallest} to {largest} samples{each}",
                updates * dim
            ),
        })
    }

    /// Uploads the rows of one update.
    fn part_rows(&self, part: Update, rows: &[f32]) -> Result<Tensor<2>, Error> {
        let sample_dim = self.config.shape.dim();
        let (what, dim) = match part {
            Update::Real => ("real samples", sample_dim),
            Update::Fake | Update::Generated => ("latents", self.config.latent.dim),
        };
        let rows = self.whole_rows(what, rows, dim)?;
        let batch = rows.dims()[0];
        self.check_batch(what, batch, batch * sample_dim, 1)?;
        Ok(rows)
    }

    /// What each update of D works on.
    fn discriminator_batches(
        &self,
        real: &[f32],
        latents: &StepLatents,
    ) -> Result<Vec<DiscriminatorBatch>, Error> {
        let batch = self.batch_of(real)?;
        let updates = self.config.discriminator_updates;
        let (sample_dim, latent_dim) = (self.config.shape.dim(), self.config.latent.dim);
        let real = self.batches("real batch", real, updates, batch, sample_dim)?;
        let shares = &latents.interpolation;
        let shares = match self.config.loss {
            LossConfig::WassersteinGp { .. } => {
                let shares = self.batches("interpolation", shares, updates, batch, 1)?;
                shares.into_iter().map(Some).collect()
            }
            _ => vec![None; updates],
        };
        let latents = &latents.discriminator;
        let latents = self.batches("discriminator latents", latents, updates, batch, latent_dim)?;
        let parts = real.into_iter().zip(latents).zip(shares);
        Ok(parts
            .map(|((real, latents), interpolation)| DiscriminatorBatch {
                real,
                latents,
                interpolation,
            })
            .collect())
    }

    /// What each update of G works on.
    fn generator_batches(&self, latents: &[f32], batch: usize) -> Result<Vec<Tensor<2>>, Error> {
        let (updates, dim) = (self.config.generator_updates, self.config.latent.dim);
        self.batches("generator latents", latents, updates, batch, dim)
    }

    /// Cuts `[updates * batch, dim]` into batches on the device.
    fn batches(
        &self,
        what: &'static str,
        values: &[f32],
        updates: usize,
        batch: usize,
        dim: usize,
    ) -> Result<Vec<Tensor<2>>, Error> {
        check_rows(what, values.len(), updates * batch, dim)?;
        let batches = values.chunks_exact(batch * dim);
        Ok(batches.map(|values| self.rows(values, dim)).collect())
    }

    /// Uploads `values` as `[rows, dim]`, if they are whole rows.
    fn whole_rows(
        &self,
        what: &'static str,
        values: &[f32],
        dim: usize,
    ) -> Result<Tensor<2>, Error> {
        check_rows(what, values.len(), values.len() / dim, dim)?;
        Ok(self.rows(values, dim))
    }

    /// Uploads `values` as `[rows, dim]`.
    fn rows(&self, values: &[f32], dim: usize) -> Tensor<2> {
        let shape = [values.len() / dim, dim];
        Tensor::from_data(TensorData::new(values.to_vec(), shape), &self.device)
    }
}

/// What one update of D works on.
struct DiscriminatorBatch {
    /// `[batch, sample_dim]`
    real: Tensor<2>,
    /// `[batch, latent.dim]`
    latents: Tensor<2>,
    /// `[batch, 1]`, for the gradient penalty.
    interpolation: Option<Tensor<2>>,
}

impl DiscriminatorBatch {
    fn batch(&self) -> usize {
        self.real.dims()[0]
    }
}

/// The batch of an order that updates each player once.
fn only(mut batches: Vec<DiscriminatorBatch>) -> DiscriminatorBatch {
    assert_eq!(batches.len(), 1, "validate() demands one update");
    batches.remove(0)
}

/// D's phase without a penalty.
fn halves(real: Span, fake: Span) -> CriticPass {
    CriticPass {
        real: Some(real),
        fake: Some(fake),
        norms: None,
    }
}

/// Tensors with their names and shapes, on their way back.
pub type NamedReading = Reading<Vec<NamedTensor>>;

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
