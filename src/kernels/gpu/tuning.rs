//! The fastest way to cut products into tiles on a device: measured, written as text, and read from such text again.

use std::fmt;
use std::str::FromStr;
use std::sync::RwLock;

use burn::backend::Dispatch;
use burn::tensor::{Device, Tensor, TensorData};
use web_time::Instant;

use crate::Error;
use crate::kernels::operations::Kernels;
use crate::kernels::spec::{Dense, Fused};

/// A way to cut a product into tiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// A thread computes 4 × 4 values in registers.
    Registers4,
    /// A thread computes 8 × 8 values in registers.
    Registers8,
    /// A workgroup computes 64 × 64 values by way of its memory.
    Shared,
    /// A thread computes 24 × 16 values in registers, and a workgroup has few threads: for adapters that are a CPU, where loads cost more
    /// than anything else. A GPU has no room for so many registers and takes seconds to compile the code.
    Cores,
}

/// The ways for small and for large products.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tilings {
    /// The way for results of fewer than [`LARGE`] values.
    pub small: Variant,
    /// The way for larger results.
    pub large: Variant,
}

/// The tilings of the one device that this process opens; `None` until they are measured, or set by [`Tilings::apply`].
static TILINGS: RwLock<Option<Tilings>> = RwLock::new(None);

/// Number of values from which on a result counts as large.
pub const LARGE: usize = 1 << 17;

/// Number of launches in one measurement: enough that their time stands out from that of reading the result.
const LAUNCHES: usize = 4;

impl Variant {
    /// Every way there is.
    pub const ALL: [Self; 4] = [
        Self::Registers4,
        Self::Registers8,
        Self::Shared,
        Self::Cores,
    ];
    /// The ways that may be the fastest on a GPU.
    const OF_GPUS: [Self; 3] = [Self::Registers4, Self::Registers8, Self::Shared];

    /// Name of the way in text, which never changes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Registers4 => "registers4",
            Self::Registers8 => "registers8",
            Self::Shared => "shared",
            Self::Cores => "cores",
        }
    }
}

impl Tilings {
    /// The tilings for software adapters; measured in Chromium on SwiftShader, where compiling the others would take seconds.
    pub const SOFTWARE: Self = Self {
        small: Variant::Cores,
        large: Variant::Cores,
    };

    /// The variant for a result of so many values.
    pub fn of(self, values: usize) -> Variant {
        if values < LARGE {
            self.small
        } else {
            self.large
        }
    }

    /// Uses these tilings from the next product on, on every WebGPU device of this process. Any tiling gives the same results but for rounding.
    pub fn apply(self) {
        *TILINGS.write().expect("nobody panics while holding it") = Some(self);
    }
}

/// `small=<variant> large=<variant>`
impl fmt::Display for Tilings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "small={} large={}", self.small.name(), self.large.name())
    }
}

impl FromStr for Tilings {
    type Err = Error;

    /// # Errors
    /// [`Error::InvalidConfig`] for anything but what [`Tilings`] prints.
    fn from_str(text: &str) -> Result<Self, Error> {
        let named = |part: Option<&str>, key| {
            let name = part?.strip_prefix(key)?;
            Variant::ALL
                .into_iter()
                .find(|variant| variant.name() == name)
        };
        let mut parts = text.split(' ');
        let (small, large) = (named(parts.next(), "small="), named(parts.next(), "large="));
        match (small, large, parts.next()) {
            (Some(small), Some(large), None) => Ok(Self { small, large }),
            _ => Err(Error::config(
                "tilings",
                text,
                format!(
                    "small=V large=V, each V one of {}",
                    Variant::ALL.map(Variant::name).join(", ")
                ),
            )),
        }
    }
}

/// The tilings that were measured, or set by [`Tilings::apply`]; `None` before that, and on a software adapter, where [`Tilings::SOFTWARE`] are in use.
pub fn told() -> Option<Tilings> {
    *TILINGS.read().expect("nobody panics while holding it")
}

/// Times every variant for GPUs on a small and on a large product, and applies the fastest of each. Takes well under a second on a GPU; on a
/// software adapter it would not, and the answer is known: [`Tilings::SOFTWARE`].
///
/// # Errors
/// [`Error::Device`] if the device failed.
pub async fn measure(device: &Device) -> Result<Tilings, Error> {
    let best = Tilings {
        // A hidden layer of the dense networks at batch 64, and the windows of some pictures of a convolution.
        small: fastest(device, [64, 256, 512]).await?,
        large: fastest(device, [1024, 512, 256]).await?,
    };
    best.apply();
    Ok(best)
}

/// The fastest variant for a product of `[rows, inputs]` and `[inputs, outputs]`.
async fn fastest(device: &Device, [rows, inputs, outputs]: [usize; 3]) -> Result<Variant, Error> {
    let layer = Dense {
        at: 0,
        inputs,
        outputs,
        biases: 0,
    };
    let ones = |shape: [usize; 2]| {
        let values = TensorData::new(vec![1.0_f32; shape[0] * shape[1]], shape);
        Tensor::<2>::from_data(values, device)
    };
    let (x, weights) = (ones([rows, inputs]), ones([1, inputs * outputs]));
    let mut best = (f64::INFINITY, Variant::Registers8);
    for variant in Variant::OF_GPUS {
        let tilings = Tilings {
            small: variant,
            large: variant,
        };
        tilings.apply();
        // The first run compiles.
        for launches in [1, LAUNCHES] {
            let start = Instant::now();
            let mut y = None;
            for _ in 0..launches {
                let (x, weights) = (x.clone().into_dispatch(), weights.clone().into_dispatch());
                y = Some(Dispatch::linear(x, weights, layer, Fused::Identity));
            }
            let y = Tensor::<2>::from_dispatch(y.expect("there is a launch"));
            y.into_data_async().await?;
            let seconds = start.elapsed().as_secs_f64();
            if launches == LAUNCHES && seconds < best.0 {
                best = (seconds, variant);
            }
        }
    }
    Ok(best.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tilings_are_read_as_they_are_written() {
        for small in Variant::ALL {
            for large in Variant::ALL {
                let tilings = Tilings { small, large };
                assert_eq!(tilings.to_string().parse(), Ok(tilings));
            }
        }
    }

    #[test]
    fn what_is_no_tiling_is_refused_in_words() {
        for text in [
            "",
            "small=shared",
            "small=shared large=9",
            "small=shared large=shared x",
        ] {
            let error = text.parse::<Tilings>().expect_err(text);
            assert!(error.to_string().contains("registers8"), "{error}");
        }
    }
}
