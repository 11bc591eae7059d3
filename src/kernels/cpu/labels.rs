//! Columns of a label on the CPU: appended to rows, and cut off backward.

use super::values::{Values, slice, tensor, width};
use crate::kernels::spec::{Fused, LabelColumns};

/// Appends the label's columns to each row.
pub(super) fn append(x: &Values, labels: &Values, columns: LabelColumns) -> Values {
    let width = width(x);
    let rows = slice(x).chunks_exact(width).zip(slice(labels));
    let mut y = Vec::with_capacity(rows.len() * (width + columns.classes));
    for (row, label) in rows {
        y.extend_from_slice(row);
        let own = y.len() + *label as usize;
        y.resize(y.len() + columns.classes, 0.0);
        y[own] = columns.constant + columns.share * row[0];
    }
    tensor(y, width + columns.classes)
}

/// The transpose of [`append`], times the slope of the activation whose output is `below`.
pub(super) fn remove(
    x: &Values,
    labels: &Values,
    below: &Values,
    columns: LabelColumns,
    slope: Fused,
) -> Values {
    let wide = width(x);
    let width = wide - columns.classes;
    let rows = slice(x).chunks_exact(wide).zip(slice(labels));
    let mut y = Vec::with_capacity(rows.len() * width);
    for (row, label) in rows {
        let first = y.len();
        y.extend_from_slice(&row[..width]);
        y[first] += columns.share * row[width + *label as usize];
    }
    slope.apply_slope(&mut y, slice(below));
    tensor(y, width)
}
