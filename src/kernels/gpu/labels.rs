//! Columns of a label on a GPU: appended to rows, and cut off backward.

use burn::backend::TensorMetadata;
use cubecl::prelude::*;

use super::epilogue::{EpilogueArgument, apply_epilogue, epilogue_argument};
use super::launch::{Values, buffer, room, threads};
use crate::kernels::spec::{Epilogue, Fused, LabelColumns};

/// The number of rows, their widths without and with the label's columns, and [`LabelColumns`] as kernels take them.
#[derive(CubeType, CubeLaunch, Clone, Copy)]
struct Sizes {
    rows: usize,
    narrow: usize,
    wide: usize,
    constant: f32,
    share: f32,
}

/// Appends the label's columns to each row.
pub(super) fn append(x: &Values, labels: &Values, columns: LabelColumns) -> Values {
    let (rows, narrow) = (x.shape()[0], x.shape()[1]);
    let wide = narrow + columns.classes;
    let y = room(x, rows, wide);
    let (groups, size) = threads(x, rows * wide);
    // SAFETY: threads past `rows * wide`, the length of `y`, stop at once; so rows are below `rows`, the length of `labels`, and what is read of
    // `x` is below `rows * narrow`, its length.
    unsafe {
        append_kernel::launch_unchecked(
            &x.client,
            groups,
            size,
            buffer(x),
            buffer(labels),
            buffer(&y),
            sizes(rows, [narrow, wide], columns),
        );
    }
    y
}

/// A thread takes one value of the result.
#[cube(launch_unchecked)]
fn append_kernel(x: &[f32], labels: &[f32], y: &mut [f32], sizes: Sizes) {
    let at = ABSOLUTE_POS;
    if at >= sizes.rows * sizes.wide {
        terminate!();
    }
    let row = at / sizes.wide;
    let column = at % sizes.wide;
    let is_label = column >= sizes.narrow;
    let value = x[row * sizes.narrow + select(is_label, 0, column)];
    let own = sizes.narrow + usize::cast_from(labels[row]);
    let marked = select(column == own, sizes.constant + sizes.share * value, 0.0f32);
    y[at] = select(is_label, marked, value);
}

/// The transpose of [`append`], times the slope of the activation whose output is `below`.
pub(super) fn remove(
    x: &Values,
    labels: &Values,
    below: &Values,
    columns: LabelColumns,
    slope: Fused,
) -> Values {
    let (rows, wide) = (x.shape()[0], x.shape()[1]);
    let narrow = wide - columns.classes;
    let y = room(x, rows, narrow);
    let (groups, size) = threads(x, rows * narrow);
    // SAFETY: threads past `rows * narrow`, the length of `y`, stop at once; so rows are below `rows`, the length of `labels`. Labels are below
    // the number of classes, as the makers of tensors check, so what is read of `x` is below `rows * wide`, its length. `below` is as long as
    // `y`, or its first value is read where the slope is the identity's.
    unsafe {
        remove_kernel::launch_unchecked(
            &x.client,
            groups,
            size,
            buffer(x),
            buffer(labels),
            buffer(below),
            buffer(&y),
            sizes(rows, [narrow, wide], columns),
            epilogue_argument(Epilogue::Slope(slope)),
            u32::from(slope == Fused::Identity),
        );
    }
    y
}

/// A thread takes one value of the result.
#[cube(launch_unchecked)]
fn remove_kernel(
    x: &[f32],
    labels: &[f32],
    below: &[f32],
    y: &mut [f32],
    sizes: Sizes,
    epilogue: EpilogueArgument,
    is_identity: u32,
) {
    let at = ABSOLUTE_POS;
    if at >= sizes.rows * sizes.narrow {
        terminate!();
    }
    let row = at / sizes.narrow;
    let column = at % sizes.narrow;
    let mut value = x[row * sizes.wide + column];
    if column == 0 {
        value += sizes.share * x[row * sizes.wide + sizes.narrow + usize::cast_from(labels[row])];
    }
    let from = select(is_identity == 1, 0, at);
    y[at] = apply_epilogue(value, below, from, &epilogue);
}

fn sizes(rows: usize, [narrow, wide]: [usize; 2], columns: LabelColumns) -> SizesLaunch {
    SizesLaunch {
        rows,
        narrow,
        wide,
        constant: columns.constant,
        share: columns.share,
    }
}
