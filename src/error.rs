//! What can go wrong, each with a stable code and a message that names the field, the value and what was expected.

/// Every error this crate returns.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// A field of [`GanConfig`](crate::GanConfig) or of a call is out of range or does not fit the rest.
    #[error("{field} is {value}, expected {expected}")]
    InvalidConfig {
        /// Path of the field, e.g. `generator.layers[2].units`.
        field: String,
        /// The value as given.
        value: String,
        /// What would have been accepted.
        expected: String,
    },
    /// A configuration that could not be read at all: a missing or unknown key, a wrong type.
    #[error("configuration not understood: {reason}")]
    UnreadableConfig {
        /// The parser's words; they name the key.
        reason: String,
    },
    /// A batch whose length does not fit the configuration.
    #[error("{what} has {values} values, expected {expected}")]
    InvalidBatch {
        /// Which batch, e.g. `real batch`.
        what: &'static str,
        /// Number of values given.
        values: usize,
        /// Expected length, in words: `1568 (2 x 784)`.
        expected: String,
    },
    /// A loss or a weight became NaN or infinite; training on cannot mend it.
    #[error("{quantity} became {value} at step {step}; reset and try a lower learning rate")]
    NonFinite {
        /// Which figure, e.g. `lossD`.
        quantity: &'static str,
        /// `NaN`, `inf` or `-inf`.
        value: f32,
        /// Step at which it was measured.
        step: u32,
    },
    /// The device could not be opened, or failed while it worked.
    #[error("device error: {reason}")]
    Device {
        /// The backend's own words.
        reason: String,
    },
}

impl Error {
    /// Stable name of this kind of error, and the `name` of the JavaScript `Error` it becomes.
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidConfig { .. } | Self::UnreadableConfig { .. } => "invalidConfig",
            Self::InvalidBatch { .. } => "invalidBatch",
            Self::NonFinite { .. } => "nonFinite",
            Self::Device { .. } => "device",
        }
    }

    /// Path of the field at fault, e.g. `generator.layers[2].units`; `None` where the error is about no single field.
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::InvalidConfig { field, .. } => Some(field),
            Self::UnreadableConfig { .. }
            | Self::InvalidBatch { .. }
            | Self::NonFinite { .. }
            | Self::Device { .. } => None,
        }
    }

    /// An [`Error::InvalidConfig`] whose value is anything that displays.
    pub(crate) fn config(
        field: impl Into<String>,
        value: impl ToString,
        expected: impl Into<String>,
    ) -> Self {
        Self::InvalidConfig {
            field: field.into(),
            value: value.to_string(),
            expected: expected.into(),
        }
    }
}

impl From<burn::tensor::ExecutionError> for Error {
    fn from(error: burn::tensor::ExecutionError) -> Self {
        Self::Device {
            reason: error.to_string(),
        }
    }
}
