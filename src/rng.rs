//! The one source of randomness: a seeded ChaCha8 generator on the host, split into named streams.
//!
//! Invariant: equal seeds give equal bits on every target. The transcendental functions come from the `libm` crate, not from
//! the platform, because the last bit of `ln` and `cos` differs between C libraries and WebAssembly.

use core::f64::consts::TAU;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng};

/// What a stream of random numbers is for. Streams of one seed are independent, so that drawing more from one (a larger
/// batch, a deeper generator) leaves the others as they were.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// First values of the generator's parameters.
    GeneratorWeights,
    /// First values of the discriminator's parameters.
    DiscriminatorWeights,
    /// Latents that train.
    TrainingLatents,
    /// The fixed latents whose samples are shown.
    DisplayLatents,
    /// Order in which the real samples are shown to D.
    BatchOrder,
    /// Masks of the dropout layers.
    Dropout,
    /// Places between real samples and fakes at which the gradient penalty looks.
    Interpolation,
    /// Classes that fakes are to have.
    Labels,
    /// Noise beside real samples, for the approximated R1.
    PenaltyNoise,
}

/// One stream of seeded random numbers.
#[derive(Debug, Clone)]
pub struct Rng {
    chacha: ChaCha8Rng,
    /// Second half of the last Box-Muller pair.
    spare_normal: Option<f32>,
}

impl Rng {
    /// The start of `stream` for `seed`.
    pub fn new(seed: u32, stream: Stream) -> Self {
        let mut chacha = ChaCha8Rng::seed_from_u64(u64::from(seed));
        chacha.set_stream(stream as u64);
        Self {
            chacha,
            spare_normal: None,
        }
    }

    /// A uniform value in [0, 1): a multiple of 2^-24, so exact in f32.
    pub fn uniform(&mut self) -> f32 {
        (self.chacha.next_u32() >> 8) as f32 / (1 << 24) as f32
    }

    /// A standard normal value, by the Box-Muller transform in f64.
    pub fn normal(&mut self) -> f32 {
        if let Some(spare) = self.spare_normal.take() {
            return spare;
        }
        // 53 bits in (0, 1]: the logarithm of 0 is never taken.
        let unit = |bits: u64| ((bits >> 11) + 1) as f64 / (1_u64 << 53) as f64;
        let radius = libm::sqrt(-2.0 * libm::log(unit(self.chacha.next_u64())));
        let angle = TAU * unit(self.chacha.next_u64());
        self.spare_normal = Some((radius * libm::sin(angle)) as f32);
        (radius * libm::cos(angle)) as f32
    }

    /// A shuffled `0..n`, by Fisher and Yates.
    pub fn permutation(&mut self, n: u32) -> Vec<u32> {
        let mut order: Vec<u32> = (0..n).collect();
        for i in (1..n).rev() {
            order.swap(i as usize, self.below(i + 1) as usize);
        }
        order
    }

    /// A uniform integer in `0..bound`, without bias: values past the last whole multiple of `bound` are drawn again.
    pub fn below(&mut self, bound: u32) -> u32 {
        let zone = u32::MAX - (u32::MAX % bound + 1) % bound;
        loop {
            let bits = self.chacha.next_u32();
            if bits <= zone {
                return bits % bound;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_seeds_give_equal_bits_and_streams_differ() {
        let draw = |seed, stream| {
            let mut rng = Rng::new(seed, stream);
            (0..8).map(|_| rng.normal().to_bits()).collect::<Vec<_>>()
        };
        assert_eq!(
            draw(7, Stream::TrainingLatents),
            draw(7, Stream::TrainingLatents)
        );
        assert_ne!(
            draw(7, Stream::TrainingLatents),
            draw(8, Stream::TrainingLatents)
        );
        assert_ne!(
            draw(7, Stream::TrainingLatents),
            draw(7, Stream::DisplayLatents)
        );
    }

    /// Tolerances: five standard errors of the estimate at n = 100,000 (mean 1/sqrt(n), variance sqrt(2/n)).
    #[test]
    fn normal_has_mean_zero_and_variance_one() {
        let mut rng = Rng::new(1, Stream::TrainingLatents);
        let n = 100_000;
        let draws: Vec<f64> = (0..n).map(|_| f64::from(rng.normal())).collect();
        let mean = draws.iter().sum::<f64>() / n as f64;
        let variance = draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n as f64;
        assert!(mean.abs() < 5.0 / (n as f64).sqrt(), "mean {mean}");
        assert!(
            (variance - 1.0).abs() < 5.0 * (2.0 / n as f64).sqrt(),
            "variance {variance}"
        );
    }

    #[test]
    fn uniform_stays_in_its_range() {
        let mut rng = Rng::new(1, Stream::TrainingLatents);
        let draws: Vec<f32> = (0..10_000).map(|_| rng.uniform()).collect();
        assert!(draws.iter().all(|x| (0.0..1.0).contains(x)));
        let mean = draws.iter().sum::<f32>() / draws.len() as f32;
        assert!((mean - 0.5).abs() < 5.0 * 0.2887 / 100.0, "mean {mean}");
    }

    #[test]
    fn permutation_holds_each_index_once_and_moves_on() {
        let mut rng = Rng::new(1, Stream::BatchOrder);
        let first = rng.permutation(1000);
        let second = rng.permutation(1000);
        assert_ne!(first, second);
        for mut order in [first, second] {
            order.sort_unstable();
            assert!(order.into_iter().eq(0..1000));
        }
        assert!(rng.permutation(0).is_empty());
    }
}
