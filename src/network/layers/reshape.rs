//! The same values in another shape: reshape and flatten. Between layers a sample is a flat row anyway, so nothing is computed.

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::limits::{LIMITS, within};
use crate::network::features::Features;
use crate::network::layer::{Built, Counts, Kind, Properties, misfit};
use crate::network::layout::Builder;

/// A row becomes a picture of as many values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Reshape {
    /// Channels, the slowest index.
    pub channels: usize,
    /// Rows.
    pub height: usize,
    /// Pixels in a row, the fastest index.
    pub width: usize,
}

/// A picture becomes a row, channel by channel, row by row.
pub(crate) struct Flatten;

impl Kind for Reshape {
    fn name(&self) -> &'static str {
        "reshape"
    }

    fn check(&self, field: &str) -> Result<(), Error> {
        within(&format!("{field}.channels"), self.channels, LIMITS.units)?;
        within(&format!("{field}.height"), self.height, LIMITS.side)?;
        within(&format!("{field}.width"), self.width, LIMITS.side)
    }

    fn output(&self, field: &str, input: Features) -> Result<Features, Error> {
        let Features::Row(values) = input else {
            let expected = "a row: a flatten layer before it";
            return Err(misfit(self, field, input, expected));
        };
        let output = Features::Picture([self.channels, self.height, self.width]);
        if output.values() != values {
            let given = format!("reshape to {output}, {} values", output.values());
            let expected = format!("{values} values, as the layer before gives");
            return Err(Error::config(field, given, expected));
        }
        Ok(output)
    }

    fn counts(&self, _input: Features) -> Counts {
        Counts::default()
    }

    fn label(&self, input: Features, output: Features) -> String {
        format!("Reshape {input} → {output}")
    }

    fn properties(&self) -> Properties {
        Properties {
            range: None,
            needs_batch: false,
            in_penalty: true,
        }
    }

    fn build(&self, _builder: &mut Builder<'_>, _input: Features, _output: Features) -> Built {
        Built::Nothing
    }
}

impl Kind for Flatten {
    fn name(&self) -> &'static str {
        "flatten"
    }

    fn check(&self, _field: &str) -> Result<(), Error> {
        Ok(())
    }

    fn output(&self, field: &str, input: Features) -> Result<Features, Error> {
        match input {
            Features::Picture(_) => Ok(Features::Row(input.values())),
            Features::Row(_) => Err(misfit(self, field, input, "a picture")),
        }
    }

    fn counts(&self, _input: Features) -> Counts {
        Counts::default()
    }

    fn label(&self, input: Features, output: Features) -> String {
        format!("Flatten {input} → {output}")
    }

    fn properties(&self) -> Properties {
        Properties {
            range: None,
            needs_batch: false,
            in_penalty: true,
        }
    }

    fn build(&self, _builder: &mut Builder<'_>, _input: Features, _output: Features) -> Built {
        Built::Nothing
    }
}
