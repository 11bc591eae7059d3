//! How the learning rates change while a run goes on.

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::limits::{LIMITS, fraction, within};

/// The factor on a player's learning rate at each of its phases, counted from 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", deny_unknown_fields)]
pub enum ScheduleConfig {
    /// 1
    #[default]
    Constant,
    /// 1 up to phase `from`, then along a straight line to `factor` at phase `to`, which stays.
    Linear {
        /// The last phase at the whole rate.
        from: u32,
        /// The first phase at the final rate.
        to: u32,
        /// Share of the rate that is left.
        factor: f64,
    },
    /// `min(1, sqrt(from / n))` at phase n: needs no end, and the rate never becomes 0. Vaswani et al. 2017 decay so.
    InverseSqrt {
        /// The last phase at the whole rate.
        from: u32,
    },
}

impl ScheduleConfig {
    /// The factor at phase `n`, counted from 1.
    pub fn factor(&self, n: u32) -> f64 {
        match *self {
            Self::Constant => 1.0,
            Self::Linear { from, to, factor } => {
                let part = f64::from(n.saturating_sub(from)) / f64::from(to - from);
                1.0 - (1.0 - factor) * part.min(1.0)
            }
            Self::InverseSqrt { from } => (f64::from(from) / f64::from(n)).sqrt().min(1.0),
        }
    }

    /// Checks its fields.
    pub(super) fn validate(&self) -> Result<(), Error> {
        match *self {
            Self::Constant => Ok(()),
            Self::Linear { from, to, factor } => {
                within("schedule.from", from, LIMITS.phases)?;
                within("schedule.to", to, LIMITS.phases)?;
                fraction("schedule.factor", factor)?;
                if to <= from {
                    let expected = format!("more than schedule.from, {from}");
                    return Err(Error::config("schedule.to", to, expected));
                }
                Ok(())
            }
            Self::InverseSqrt { from } => within("schedule.from", from, LIMITS.phases),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_linear_schedule_falls_from_one_phase_to_another_and_stays() {
        let schedule = ScheduleConfig::Linear {
            from: 5,
            to: 10,
            factor: 0.1,
        };
        let expected = [1.0, 1.0, 1.0, 1.0, 1.0, 0.82, 0.64, 0.46, 0.28, 0.1, 0.1];
        for (n, expected) in (1..).zip(expected) {
            assert!((schedule.factor(n) - expected).abs() < 1e-12, "{n}");
        }
    }

    #[test]
    fn an_inverse_square_root_is_half_at_four_times_its_beginning() {
        let schedule = ScheduleConfig::InverseSqrt { from: 250 };
        assert_eq!([1, 250].map(|n| schedule.factor(n)), [1.0, 1.0]);
        assert!((schedule.factor(1000) - 0.5).abs() < 1e-12);
        assert_eq!(ScheduleConfig::Constant.factor(u32::MAX), 1.0);
    }
}
