//! Rows as the caller has them: samples or latents, and their labels.

/// Samples or latents, row-major, with a label each where the configuration has labels.
///
/// Methods take anything that turns into it: values alone (`&[f32]`, `&Vec<f32>`, `&[f32; N]`) are rows without labels.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    /// Samples `[n, sample_dim]` or latents `[n, latent.dim]`.
    pub values: &'a [f32],
    /// The class of each row, `[n]`, each below [`GanConfig::classes`](crate::GanConfig::classes).
    pub labels: Option<&'a [u8]>,
}

impl<'a> Rows<'a> {
    /// Rows, with labels if there are any.
    pub fn new(values: &'a [f32], labels: Option<&'a [u8]>) -> Self {
        Self { values, labels }
    }

    /// Rows with their labels.
    pub fn labelled(values: &'a [f32], labels: &'a [u8]) -> Self {
        Self::new(values, Some(labels))
    }
}

impl<'a> From<&'a [f32]> for Rows<'a> {
    fn from(values: &'a [f32]) -> Self {
        Self::new(values, None)
    }
}

impl<'a> From<&'a Vec<f32>> for Rows<'a> {
    fn from(values: &'a Vec<f32>) -> Self {
        Self::new(values, None)
    }
}

impl<'a, const N: usize> From<&'a [f32; N]> for Rows<'a> {
    fn from(values: &'a [f32; N]) -> Self {
        Self::new(values, None)
    }
}
