//! A network with its optimizer: the only place where parameters move.

use burn::backend::Dispatch;
use burn::tensor::Tensor;

use crate::config::{OptimizerConfig, PlayerConfig};
use crate::journal::{Journal, Span};
use crate::kernels::{Fused, Kernels, NormPenalties, Rule};
use crate::network::{Input, Logits, NamedTensor, Network, Pass, Tape};
use crate::reading::Reading;
use crate::store::Store;

/// One of the two players, or any other network that is trained.
pub struct Player {
    /// The network that is trained.
    pub network: Network,
    /// Step size of the next update.
    pub learning_rate: f64,
    /// After each update every parameter is clamped to ± this.
    pub(crate) weight_clip: Option<f64>,
    optimizer: OptimizerConfig,
    updates: u32,
    gradients: Store,
    moments: Store,
    gradient_clip_norm: Option<f64>,
    captured: Capture,
}

/// Gradients kept for a reader.
enum Capture {
    /// No reader asked for them.
    Off,
    /// The next update will keep its gradients.
    Next,
    /// An update has kept its gradients.
    Taken(Box<Store>),
}

impl Player {
    /// A player before its first update.
    pub fn new(network: Network, config: &PlayerConfig) -> Self {
        let gradients = network.no_gradients();
        let moments = rule(config.optimizer, 0.0, 1).moments() * gradients.len();
        Self {
            moments: Store::new(vec![0.0; moments], &gradients.device()),
            gradients,
            network,
            optimizer: config.optimizer,
            updates: 0,
            learning_rate: config.learning_rate,
            gradient_clip_norm: config.gradient_clip_norm,
            weight_clip: None,
            captured: Capture::Off,
        }
    }

    /// Computes the gradients of an update, along a pass and from `gradient` of its output `[batch, output values]` before the last
    /// activation; [`Player::update`] follows them.
    pub fn backward(&mut self, tape: &Tape, gradient: Tensor<2>) {
        self.network
            .parameter_gradients(tape, gradient, &mut self.gradients);
    }

    /// The gradient of a pass's input `[batch, input values]`, times the slope of the activation `made_by`, which made the input.
    pub fn input_gradient(&self, tape: &Tape, gradient: Tensor<2>, made_by: Fused) -> Tensor<2> {
        self.network.input_gradient(tape, gradient, made_by)
    }

    /// [`Player::backward`] with `penalties`, as [`Network::penalised_gradients`]; gives the place of the norms.
    pub(crate) fn penalised_backward(
        &mut self,
        logits: &Logits,
        rows: usize,
        penalties: NormPenalties,
        journal: &mut Journal,
    ) -> Span {
        let into = &mut self.gradients;
        self.network
            .penalised_gradients(logits, rows, penalties, journal, into)
    }

    /// Adds to the gradients as [`Network::penalise`] does, and gives the place of the norms.
    pub(crate) fn penalise(
        &mut self,
        points: impl Into<Input>,
        pass: Pass<'_>,
        penalties: NormPenalties,
        journal: &mut Journal,
    ) -> Span {
        let into = &mut self.gradients;
        self.network
            .penalise(points, pass, penalties, journal, into)
    }

    /// The gradients that [`Player::backward`] computed last, in layer order.
    pub(crate) fn gradients(&self) -> Reading<Vec<NamedTensor>> {
        self.network.gradients(&self.gradients)
    }

    /// Moves the parameters down the gradients.
    pub fn update(&mut self) {
        if matches!(self.captured, Capture::Next) {
            self.captured = Capture::Taken(Box::new(self.gradients.clone()));
        }
        if let Some(limit) = self.gradient_clip_norm {
            self.gradients
                .change(|gradients| (Dispatch::limit_norm(gradients, limit as f32), ()));
        }
        self.updates += 1;
        let rule = rule(self.optimizer, self.learning_rate, self.updates);
        let clip = self.weight_clip.map_or(f32::INFINITY, |clip| clip as f32);
        let (gradients, moments) = (self.gradients.share(), &mut self.moments);
        self.network.parameters_mut().change(|parameters| {
            let parameters = moments.change(|moments| {
                let (parameters, moments) =
                    Dispatch::optimize(parameters, gradients, moments, rule, clip);
                (moments, parameters)
            });
            (parameters, ())
        });
    }

    /// Keeps the gradients of the next update, before any clipping.
    pub(crate) fn capture_gradients(&mut self) {
        self.captured = Capture::Next;
    }

    /// The gradients kept, once, in layer order.
    pub(crate) fn take_gradients(&mut self) -> Option<Reading<Vec<NamedTensor>>> {
        match std::mem::replace(&mut self.captured, Capture::Off) {
            Capture::Taken(gradients) => Some(self.network.gradients(&gradients)),
            other => {
                self.captured = other;
                None
            }
        }
    }
}

/// The rule of update number `update`, counted from 1.
fn rule(optimizer: OptimizerConfig, learning_rate: f64, update: u32) -> Rule {
    match optimizer {
        OptimizerConfig::Sgd { momentum } => Rule::Sgd {
            rate: learning_rate as f32,
            momentum: momentum as f32,
        },
        // Both moments start at 0; without these corrections the first updates would be too small.
        OptimizerConfig::Adam { beta1, beta2, eps } => {
            let grown = |beta: f64| 1.0 - beta.powi(update as i32);
            Rule::Adam {
                rate: (learning_rate / grown(beta1)) as f32,
                beta1: beta1.into(),
                beta2: beta2.into(),
                unbias: (1.0 / grown(beta2)) as f32,
                eps: eps as f32,
            }
        }
        OptimizerConfig::RmsProp { alpha, eps } => Rule::RmsProp {
            rate: learning_rate as f32,
            alpha: alpha.into(),
            eps: eps as f32,
        },
    }
}
