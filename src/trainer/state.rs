//! What a trainer is made of: two players, the streams that steps draw from, and what steps have noted down.

use burn::tensor::Device;

use super::average::Average;
use super::batches::Batches;
use super::draws::{Display, Draws};
use super::record::{DiscriminatorOutputs, PendingRecord};
use super::role::{Role, Update};
use crate::Error;
use crate::config::{GanConfig, LossConfig, NetworkInfo, PlayerConfig, check_learning_rate};
use crate::journal::Journal;
use crate::network::{Input, Network};
use crate::player::Player;
use crate::rng::{Rng, Stream};

/// A generator, a discriminator and their training loop, on one device.
pub struct Trainer {
    pub(super) config: GanConfig,
    seed: u32,
    pub(super) device: Device,
    pub(super) generator: Player,
    pub(super) discriminator: Player,
    /// The moving average of G, where one is kept.
    pub(super) average: Option<Average>,
    pub(super) draws: Draws,
    /// The fixed latents whose samples are shown.
    pub(super) display: Display,
    /// Completed phases of D.
    pub(super) discriminator_phases: u32,
    /// Completed phases of G.
    pub(super) generator_phases: u32,
    /// Raw outputs of D in its updates and in G's, since the last reading.
    pub(super) journal: Journal,
    /// Records since the last reading.
    pub(super) pending: Vec<PendingRecord>,
    /// Set between the two halves of D's phase: which half was done, and its raw outputs.
    pub(super) half: Option<(Update, DiscriminatorOutputs)>,
    /// The real samples of D's last update, `[batch, sample_dim]`, for a loss that compares G's fakes with them.
    pub(super) partners: Option<Input>,
}

impl Trainer {
    /// A fresh pair of networks on `device`, all of it decided by `config` and `seed`.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] as [`GanConfig::validate`].
    pub fn new(config: GanConfig, seed: u32, device: Device) -> Result<Self, Error> {
        config.validate()?;
        let player = |player: &PlayerConfig, conditioning, name, input, stream| {
            let (layers, mut rng) = (&player.layers, Rng::new(seed, stream));
            let (init, rng) = (config.init, &mut rng);
            let network =
                Network::conditional(layers, conditioning, name, input, init, rng, &device)?;
            Ok::<_, Error>(Player::new(network, player))
        };
        let generator = player(
            &config.generator,
            None,
            "generator",
            config.generator_input(),
            Stream::GeneratorWeights,
        )?;
        let mut discriminator = player(
            &config.discriminator,
            config.conditioning(),
            "discriminator",
            config.discriminator_input(),
            Stream::DiscriminatorWeights,
        )?;
        if let LossConfig::Wasserstein { clip } = config.loss {
            discriminator.weight_clip = Some(clip);
        }
        Ok(Self {
            seed,
            average: config
                .ema_decay
                .map(|decay| Average::new(decay, &generator.network)),
            generator,
            discriminator,
            draws: Draws::new(seed),
            display: Display::new(seed, &config),
            discriminator_phases: 0,
            generator_phases: 0,
            journal: Journal::new(&device),
            pending: Vec::new(),
            half: None,
            partners: None,
            device,
            config,
        })
    }

    /// The configuration it was made from, with the current learning rates, which the schedule multiplies.
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

    /// Layers and parameter counts of one player's network.
    pub fn network_info(&self, role: Role) -> NetworkInfo {
        let summary = self.config.describe().expect("it was valid when built");
        match role {
            Role::Generator => summary.generator,
            Role::Discriminator => summary.discriminator,
        }
    }

    /// Replaces one parameter or running statistic; the optimizer's moments stay.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if no tensor has the name, or its length differs.
    pub fn load_parameter(&mut self, role: Role, name: &str, values: &[f32]) -> Result<(), Error> {
        self.player_mut(role).network.load(name, values)
    }

    /// Changes both learning rates, which the schedule multiplies, from the next phase on.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if one is out of [`LIMITS`](crate::config::LIMITS); then neither changes.
    pub fn set_learning_rates(&mut self, generator: f64, discriminator: f64) -> Result<(), Error> {
        check_learning_rate("generator.learningRate", generator)?;
        check_learning_rate("discriminator.learningRate", discriminator)?;
        self.config.generator.learning_rate = generator;
        self.config.discriminator.learning_rate = discriminator;
        Ok(())
    }

    /// Sets each player's learning rate to what the schedule makes of it in the phase that it is in, or takes next.
    pub(super) fn follow_schedule(&mut self) {
        let Self {
            config,
            generator,
            discriminator,
            ..
        } = self;
        let phases = [self.generator_phases, self.discriminator_phases];
        let players = [
            (generator, &config.generator),
            (discriminator, &config.discriminator),
        ];
        for ((player, given), completed) in players.into_iter().zip(phases) {
            let factor = config.schedule.factor(completed + 1);
            player.learning_rate = given.learning_rate * factor;
        }
    }

    /// A shuffled `0..n` from the stream of the batch order.
    pub fn permutation(&mut self, n: u32) -> Vec<u32> {
        self.draws.permutation(n)
    }

    /// The next `count` latents `[count * latent.dim]` of the stream that steps draw from.
    pub fn draw_latents(&mut self, count: usize) -> Vec<f32> {
        self.draws.latents(self.config.latent, count)
    }

    /// The next `count` classes of the stream that fakes are drawn from; `None` where samples have no labels.
    pub fn draw_labels(&mut self, count: usize) -> Option<Vec<u8>> {
        self.draws.labels(&self.config, count)
    }

    /// Checks rows by this configuration, and uploads them to this device.
    pub(super) fn batches(&self) -> Batches<'_> {
        Batches {
            config: &self.config,
            device: &self.device,
        }
    }

    pub(super) fn player(&self, role: Role) -> &Player {
        match role {
            Role::Generator => &self.generator,
            Role::Discriminator => &self.discriminator,
        }
    }

    pub(super) fn player_mut(&mut self, role: Role) -> &mut Player {
        match role {
            Role::Generator => &mut self.generator,
            Role::Discriminator => &mut self.discriminator,
        }
    }
}
