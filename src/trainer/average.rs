//! The moving average of G's weights: what the picture shows, never what trains.

use crate::network::Network;

/// An exponential moving average over the updates of a network, running statistics included.
///
/// Source: Yazıcı et al. 2019, "The unusual effectiveness of averaging in GAN training"; the quicker start is that of TensorFlow's
/// `ExponentialMovingAverage` with `num_updates`.
pub(super) struct Average {
    decay: f64,
    /// Updates it has followed.
    updates: u32,
    /// The averaged network, which makes pictures.
    pub(super) network: Network,
}

impl Average {
    /// Starts from the network as it is.
    pub(super) fn new(decay: f64, network: &Network) -> Self {
        Self {
            decay,
            updates: 0,
            network: network.clone(),
        }
    }

    /// Moves towards the network as it is after one more update.
    pub(super) fn follow(&mut self, network: &Network) {
        let updates = f64::from(self.updates);
        let keep = self.decay.min((1.0 + updates) / (10.0 + updates));
        self.updates += 1;
        self.network.follow(network, keep);
    }
}
