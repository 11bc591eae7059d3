//! Products by workgroup memory, for GPUs: a workgroup loads the parts of both operands that its tile needs, and each of its threads
//! takes them from there.

use super::*;

/// Rows and columns of a workgroup's tile.
const SIDE: usize = 64;
/// Terms of the sums that are loaded at once.
const DEPTH: usize = 16;
/// Threads along each side of the tile.
const ACROSS: usize = 8;

/// How an operand lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// Values that are multiplied with the same one lie side by side.
    Across,
    /// Values that are added up lie side by side.
    Along,
}

/// How a product ends.
pub(super) enum Finish<'a> {
    /// Plus the biases at this place, if any; then the activation.
    Forward(&'a Values, Option<usize>, Fused),
    /// Times the slope of this activation, whose output is `below`.
    Slope(&'a Values, Fused),
    /// As it is, in so many parts; added to what is there, if so.
    Sum { parts: usize, add: bool },
}

/// An operand and its first value.
pub(super) struct Operand<'a>(pub(super) &'a Values, pub(super) usize, pub(super) Layout);

/// Threads of a product.
pub(super) fn threads(rows: usize, columns: usize) -> usize {
    rows.div_ceil(SIDE) * columns.div_ceil(SIDE) * ACROSS * ACROSS
}

/// Writes the product of `left` `[rows, terms]` and `right` `[terms, columns]` into `into` from `at` on.
pub(super) fn product(
    left: Operand<'_>,
    right: Operand<'_>,
    into: &Values,
    at: usize,
    [rows, terms, columns]: [usize; 3],
    vector: usize,
    finish: &Finish<'_>,
) {
    let plain = Epilogue::Activate(Fused::Identity);
    let (extra, bias, end, parts, add) = match *finish {
        Finish::Forward(params, bias, end) => (params, bias, Epilogue::Activate(end), 1, false),
        Finish::Slope(below, end) => (below, None, Epilogue::Slope(end), 1, false),
        Finish::Sum { parts, add } => (left.0, None, plain, parts, add),
    };
    let tiles = rows.div_ceil(SIDE) * columns.div_ceil(SIDE);
    let size = CubeDim::new_1d((ACROSS * ACROSS) as u32);
    let groups = calculate_cube_count_elemwise(&into.client, threads(rows, columns) * parts, size);
    // SAFETY: the kernel keeps within the lengths it is given.
    unsafe {
        product_kernel::launch_unchecked(
            &into.client,
            groups,
            size,
            vector,
            buffer(left.0),
            buffer(right.0),
            buffer(extra),
            buffer(into),
            rows,
            terms,
            columns,
            left.1 / vector,
            right.1 / vector,
            bias.unwrap_or(0),
            at,
            tiles,
            parts,
            u32::from(bias.is_some()),
            ending(end),
            u32::from(add),
            left.2 == Layout::Along,
            right.2 == Layout::Along,
        );
    }
}

/// A part of an operand, as `[DEPTH, SIDE]`: where it leaves the operand, zeros.
#[cube]
fn load<N: Size>(
    from: &[Vector<f32, N>],
    at: usize,
    first: usize,
    count: usize,
    term: usize,
    terms: usize,
    stride_terms: usize,
    to: &mut Shared<[f32]>,
    #[comptime] along: bool,
) {
    let lanes = N::value().comptime();
    let loads = comptime!(SIDE * DEPTH / lanes / (ACROSS * ACROSS));
    #[unroll]
    for load in 0..loads {
        let i = load * comptime!(ACROSS * ACROSS) + UNIT_POS as usize;
        if comptime!(along) {
            let wide = comptime!(DEPTH / lanes);
            let own = i / wide;
            let deep = i % wide * lanes;
            let inside = first + own < count && term + deep < terms;
            let place = at
                + select(
                    inside,
                    ((first + own) * stride_terms + term + deep) / lanes,
                    0,
                );
            let values = from[place];
            #[unroll]
            for lane in 0..lanes {
                to[(deep + lane) * SIDE + own] = select(inside, values.extract(lane), 0.0f32);
            }
        } else {
            let wide = comptime!(SIDE / lanes);
            let own = i % wide * lanes;
            let deep = i / wide;
            let inside = first + own < count && term + deep < terms;
            let place = at + select(inside, ((term + deep) * count + first + own) / lanes, 0);
            let values = from[place];
            #[unroll]
            for lane in 0..lanes {
                to[deep * SIDE + own + lane] = select(inside, values.extract(lane), 0.0f32);
            }
        }
    }
}

/// Lengths are in values, `left_at` and `right_at` in vectors.
#[cube(launch_unchecked)]
fn product_kernel<N: Size>(
    left: &[Vector<f32, N>],
    right: &[Vector<f32, N>],
    extra: &[f32],
    into: &mut [f32],
    rows: usize,
    terms: usize,
    columns: usize,
    left_at: usize,
    right_at: usize,
    bias_at: usize,
    at: usize,
    tiles: usize,
    parts: usize,
    bias: u32,
    end: Ending,
    add: u32,
    #[comptime] left_along: bool,
    #[comptime] right_along: bool,
) {
    let is_identity = end.curve.smooth == 0 && end.curve.number == 1.0;
    let side = comptime!(SIDE / ACROSS);
    let across = columns.div_ceil(SIDE);
    let tile = CUBE_POS % tiles;
    let part = CUBE_POS / tiles;
    let row = tile / across * SIDE;
    let column = tile % across * SIDE;
    // Parts are whole loads, so that each begins at a vector.
    let share = terms.div_ceil(parts).div_ceil(DEPTH) * DEPTH;
    let first = min(part * share, terms);
    let last = select(part < parts, min(first + share, terms), first);
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
        load::<N>(
            left, left_at, row, rows, term, last, terms, &mut lefts, left_along,
        );
        load::<N>(
            right,
            right_at,
            column,
            columns,
            term,
            last,
            terms,
            &mut rights,
            right_along,
        );
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
            if part < parts && y < rows && x < columns {
                let place = y * columns + x;
                let to = at + part * (rows * columns) + place;
                let mut sum = sums[r * side + c];
                if bias == 1 {
                    sum += extra[bias_at + x];
                }
                if add == 1 {
                    sum += into[to];
                }
                into[to] = ended(sum, extra, select(is_identity, 0, place), &end);
            }
        }
    }
}
