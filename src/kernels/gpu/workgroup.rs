//! Products by workgroup memory, for GPUs: a workgroup loads the blocks of both operands that its tile needs, and each of its threads
//! takes them from there.

use cubecl::prelude::*;

use super::epilogue::{EpilogueArgument, apply_epilogue, epilogue_argument};
use super::launch::{Values, buffer, groups_of};
use crate::kernels::spec::{Epilogue, Fused};

/// Rows and columns of a workgroup's tile.
const SIDE: usize = 64;
/// Terms of the sums that are loaded at once.
const DEPTH: usize = 16;
/// Threads along each side of the tile.
const ACROSS: usize = 8;

/// Memory layout of an operand of a product: which values are adjacent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Layout {
    /// Values that go into neighbouring values of the result.
    ResultAdjacent,
    /// Values that are terms of the same sum.
    SumAdjacent,
}

/// The epilogue of a product: what is done with its sums.
pub(super) enum ProductEpilogue<'a> {
    /// Add the biases, whose place and number these are, to the first columns; then apply the activation.
    Forward {
        params: &'a Values,
        biases: [usize; 2],
        activation: Fused,
    },
    /// Multiply by the slope of the activation whose output is `below`.
    Slope { below: &'a Values, slope: Fused },
    /// Write one result for each of `slices` slices of the sums; `accumulate` adds to the old values.
    Sum { slices: usize, accumulate: bool },
}

/// An operand of a product.
pub(super) struct Operand<'a> {
    values: &'a Values,
    /// Place of its first value.
    at: usize,
    layout: Layout,
}

/// A product of `left`, `[rows, inner]`, and `right`, `[inner, columns]`.
pub(super) struct Product<'a> {
    pub(super) left: Operand<'a>,
    pub(super) right: Operand<'a>,
    pub(super) rows: usize,
    pub(super) inner: usize,
    pub(super) columns: usize,
    /// Number of values that a load takes.
    pub(super) vector: usize,
}

impl<'a> Operand<'a> {
    pub(super) fn new(values: &'a Values, at: usize, layout: Layout) -> Self {
        Self { values, at, layout }
    }
}

/// Number of workgroups for a result of so many rows and columns.
fn tiles(rows: usize, columns: usize) -> usize {
    rows.div_ceil(SIDE) * columns.div_ceil(SIDE)
}

/// Number of threads for a result of so many rows and columns.
pub(super) fn threads(rows: usize, columns: usize) -> usize {
    tiles(rows, columns) * ACROSS * ACROSS
}

/// Writes a product into `into` from `at` on.
pub(super) fn product(
    product: &Product<'_>,
    into: &Values,
    at: usize,
    epilogue: &ProductEpilogue<'_>,
) {
    let Product {
        left,
        right,
        rows,
        inner,
        columns,
        vector,
    } = product;
    let plain = Epilogue::Activate(Fused::Identity);
    let (extra, [bias_at, biases], elementwise, slices, accumulate) = match *epilogue {
        ProductEpilogue::Forward {
            params,
            biases,
            activation,
        } => (params, biases, Epilogue::Activate(activation), 1, false),
        ProductEpilogue::Slope { below, slope } => {
            (below, [0, 0], Epilogue::Slope(slope), 1, false)
        }
        ProductEpilogue::Sum { slices, accumulate } => {
            (left.values, [0, 0], plain, slices, accumulate)
        }
    };
    let threads = threads(*rows, *columns) * slices;
    let (groups, size) = groups_of(into, ACROSS * ACROSS, threads);
    let sizes = SizesLaunch {
        rows: *rows,
        inner: *inner,
        columns: *columns,
        left_at: left.at / vector,
        right_at: right.at / vector,
        bias_at,
        at,
        tiles: tiles(*rows, *columns),
        slices,
        biases,
        accumulate: u32::from(accumulate),
    };
    let layouts = Layouts {
        left: left.layout,
        right: right.layout,
    };
    // SAFETY: `load` reads an operand's first value in place of any outside of its rows, columns and terms, and writes SIDE * DEPTH places of
    // workgroup memory, all that there are. A thread writes only rows and columns of the result, in a slice below `slices`, for all of which
    // the caller's `into` has room from `at` on. Of `extra` it reads a bias for each of the first columns, or `below`, as long as the result
    // (its first value where the slope is the identity's).
    unsafe {
        product_kernel::launch_unchecked(
            &into.client,
            groups,
            size,
            *vector,
            buffer(left.values),
            buffer(right.values),
            buffer(extra),
            buffer(into),
            sizes,
            epilogue_argument(elementwise),
            layouts,
        );
    }
}

/// The sizes of a [`Product`]: `left_at` and `right_at` in vectors, the others in values.
#[derive(CubeType, CubeLaunch, Clone, Copy)]
struct Sizes {
    rows: usize,
    inner: usize,
    columns: usize,
    left_at: usize,
    right_at: usize,
    bias_at: usize,
    at: usize,
    /// Number of tiles in a slice.
    tiles: usize,
    slices: usize,
    /// Number of columns that a bias is added to, the first ones.
    biases: usize,
    /// 1 if old values are added.
    accumulate: u32,
}

/// The layouts of both operands, compiled into the kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Layouts {
    left: Layout,
    right: Layout,
}

/// Where a block of an operand is. A line is a row of the left operand or a column of the right one.
#[derive(CubeType, Clone, Copy)]
struct Block {
    /// Place of the operand, in vectors.
    at: usize,
    /// First line of the block.
    first: usize,
    /// Number of lines in the operand.
    count: usize,
    /// First term of the block.
    term: usize,
    /// Where the terms end; values from there on are zeros.
    last: usize,
    /// Number of terms in a line.
    inner: usize,
}

/// Loads a block of an operand as `[DEPTH, SIDE]`; values outside of the operand are zeros.
#[cube]
fn load<N: Size>(
    from: &[Vector<f32, N>],
    block: &Block,
    to: &mut Shared<[f32]>,
    #[comptime] layout: Layout,
) {
    let lanes = N::value().comptime();
    let at = block.at;
    let first = block.first;
    let count = block.count;
    let term = block.term;
    let last = block.last;
    let loads = comptime!(SIDE * DEPTH / lanes / (ACROSS * ACROSS));
    #[unroll]
    for load in 0..loads {
        let i = load * comptime!(ACROSS * ACROSS) + UNIT_POS as usize;
        if comptime!(layout == Layout::SumAdjacent) {
            let wide = comptime!(DEPTH / lanes);
            let line = i / wide;
            let deep = i % wide * lanes;
            let inside = first + line < count && term + deep < last;
            let place = at
                + select(
                    inside,
                    ((first + line) * block.inner + term + deep) / lanes,
                    0,
                );
            let values = from[place];
            #[unroll]
            for lane in 0..lanes {
                to[(deep + lane) * SIDE + line] = select(inside, values.extract(lane), 0.0f32);
            }
        } else {
            let wide = comptime!(SIDE / lanes);
            let line = i % wide * lanes;
            let deep = i / wide;
            let inside = first + line < count && term + deep < last;
            let place = at + select(inside, ((term + deep) * count + first + line) / lanes, 0);
            let values = from[place];
            #[unroll]
            for lane in 0..lanes {
                to[deep * SIDE + line + lane] = select(inside, values.extract(lane), 0.0f32);
            }
        }
    }
}

#[cube(launch_unchecked)]
fn product_kernel<N: Size>(
    left: &[Vector<f32, N>],
    right: &[Vector<f32, N>],
    extra: &[f32],
    into: &mut [f32],
    sizes: Sizes,
    epilogue: EpilogueArgument,
    #[comptime] layouts: Layouts,
) {
    let is_identity = epilogue.curve.smooth == 0 && epilogue.curve.number == 1.0;
    let rows = sizes.rows;
    let inner = sizes.inner;
    let columns = sizes.columns;
    let side = comptime!(SIDE / ACROSS);
    let across = columns.div_ceil(SIDE);
    let tile = CUBE_POS % sizes.tiles;
    let slice = CUBE_POS / sizes.tiles;
    let row = tile / across * SIDE;
    let column = tile % across * SIDE;
    // Slices are whole loads, so that each begins at a vector.
    let share = inner.div_ceil(sizes.slices).div_ceil(DEPTH) * DEPTH;
    let first = min(slice * share, inner);
    let last = select(slice < sizes.slices, min(first + share, inner), first);
    let mut lefts = Shared::<[f32]>::new_slice(comptime!(SIDE * DEPTH));
    let mut rights = Shared::<[f32]>::new_slice(comptime!(SIDE * DEPTH));
    let down = UNIT_POS as usize / ACROSS;
    let over = UNIT_POS as usize % ACROSS;
    let mut sums = Array::<f32>::new(comptime!(side * side));
    #[unroll]
    for i in 0..comptime!(side * side) {
        sums[i] = 0.0f32;
    }
    let steps = (last - first).div_ceil(DEPTH);
    for step in 0..steps {
        let term = first + step * DEPTH;
        let of_left = Block {
            at: sizes.left_at,
            first: row,
            count: rows,
            term,
            last,
            inner,
        };
        load::<N>(left, &of_left, &mut lefts, comptime!(layouts.left));
        let of_right = Block {
            at: sizes.right_at,
            first: column,
            count: columns,
            term,
            last,
            inner,
        };
        load::<N>(right, &of_right, &mut rights, comptime!(layouts.right));
        sync_cube();
        for k in 0..DEPTH {
            let mut ours = Array::<f32>::new(side);
            #[unroll]
            for r in 0..side {
                ours[r] = lefts[k * SIDE + down + r * ACROSS];
            }
            #[unroll]
            for c in 0..side {
                let theirs = rights[k * SIDE + over + c * ACROSS];
                #[unroll]
                for r in 0..side {
                    sums[r * side + c] += ours[r] * theirs;
                }
            }
        }
        sync_cube();
    }
    #[unroll]
    for r in 0..side {
        #[unroll]
        for c in 0..side {
            let (y, x) = (row + down + r * ACROSS, column + over + c * ACROSS);
            if slice < sizes.slices && y < rows && x < columns {
                let place = y * columns + x;
                let to = sizes.at + slice * (rows * columns) + place;
                let mut sum = sums[r * side + c];
                if x < sizes.biases {
                    sum += extra[sizes.bias_at + x];
                }
                if sizes.accumulate == 1 {
                    sum += into[to];
                }
                into[to] = apply_epilogue(sum, extra, select(is_identity, 0, place), &epilogue);
            }
        }
    }
}
