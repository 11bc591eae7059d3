//! Copies of rows of a few values, four at a time. Where fewer than four are left, the last four are copied again: that is quicker than a loop over
//! single values, or a call.

/// Copies `from`, which is as long as `to`.
#[inline(always)]
pub(super) fn copy(from: &[f32], to: &mut [f32]) {
    let from = &from[..to.len()];
    let (Some(last), Some(into)) = (from.last_chunk::<4>(), to.last_chunk_mut::<4>()) else {
        to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
        return;
    };
    *into = *last;
    let quads = to.as_chunks_mut::<4>().0.iter_mut();
    quads
        .zip(from.as_chunks::<4>().0)
        .for_each(|(to, from)| *to = *from);
}

/// Copies the values at even places of `row` to `evens`, the others to `odds`, as many as there is room for; `evens` has as much room as `odds`,
/// or one more.
#[inline(always)]
pub(super) fn split(row: &[f32], evens: &mut [f32], odds: &mut [f32]) {
    let pairs = odds.len();
    if let Some(rest) = evens.get_mut(pairs) {
        *rest = row[2 * pairs];
    }
    let (row, evens) = (&row[..2 * pairs], &mut evens[..pairs]);
    let (fours, eights) = (row.as_chunks::<4>().0, pairs / 4);
    if let (Some([first, second]), Some(evens), Some(odds)) = (
        last_eight(row),
        evens.last_chunk_mut(),
        odds.last_chunk_mut(),
    ) {
        shuffles::split([first, second], evens, odds);
    } else {
        let pairs = row.as_chunks::<2>().0.iter();
        pairs
            .zip(evens.iter_mut().zip(odds.iter_mut()))
            .for_each(|([a, b], (even, odd))| [*even, *odd] = [*a, *b]);
    }
    let into = evens
        .as_chunks_mut::<4>()
        .0
        .iter_mut()
        .zip(odds.as_chunks_mut::<4>().0);
    for (two, (evens, odds)) in fours.as_chunks::<2>().0.iter().zip(into).take(eights) {
        shuffles::split([&two[0], &two[1]], evens, odds);
    }
}

/// Copies `evens` to the even places of `row` and `odds` to the others; there are as many even ones as odd ones, or one more.
#[inline(always)]
pub(super) fn join(evens: &[f32], odds: &[f32], row: &mut [f32]) {
    let pairs = odds.len();
    if let Some(rest) = evens.get(pairs) {
        row[2 * pairs] = *rest;
    }
    let (row, evens) = (&mut row[..2 * pairs], &evens[..pairs]);
    if let (Some(even), Some(odd)) = (evens.last_chunk(), odds.last_chunk()) {
        let (first, second) = row[2 * pairs - 8..].split_at_mut(4);
        if let (Some(first), Some(second)) = (first.first_chunk_mut(), second.first_chunk_mut()) {
            shuffles::join(even, odd, [first, second]);
        }
    } else {
        let pairs = row.as_chunks_mut::<2>().0.iter_mut();
        pairs
            .zip(evens.iter().zip(odds))
            .for_each(|(pair, (even, odd))| *pair = [*even, *odd]);
    }
    let from = evens.as_chunks::<4>().0.iter().zip(odds.as_chunks::<4>().0);
    for (two, (evens, odds)) in row
        .as_chunks_mut::<4>()
        .0
        .as_chunks_mut::<2>()
        .0
        .iter_mut()
        .zip(from)
    {
        let [first, second] = two;
        shuffles::join(evens, odds, [first, second]);
    }
}

/// The last eight values, four by four.
#[inline(always)]
fn last_eight(row: &[f32]) -> Option<[&[f32; 4]; 2]> {
    let eight = row.last_chunk::<8>()?;
    Some([eight.first_chunk()?, eight.last_chunk()?])
}

/// Copies rows of `length` values to the columns of a matrix whose rows have `columns` values.
pub(super) fn transpose(rows: &[f32], length: usize, into: &mut [f32], columns: usize) {
    let quads = rows.chunks_exact(4 * length);
    let whole = length / 4 * 4;
    for (row, single) in quads.remainder().chunks_exact(length).enumerate() {
        let column = into
            .iter_mut()
            .skip(rows.len() / length / 4 * 4 + row)
            .step_by(columns);
        column.zip(single).for_each(|(into, value)| *into = *value);
    }
    for (quad, rows) in quads.enumerate() {
        let rows: [&[f32]; 4] = std::array::from_fn(|i| &rows[i * length..][..length]);
        let squares = rows.map(|row| row.as_chunks::<4>().0);
        let (fours, rest) = into.split_at_mut(whole * columns);
        for (square, into) in fours.chunks_exact_mut(4 * columns).enumerate() {
            let mut lines = into
                .chunks_exact_mut(columns)
                .filter_map(|line| line[4 * quad..].first_chunk_mut());
            if let [Some(a), Some(b), Some(c), Some(d)] = std::array::from_fn(|_| lines.next()) {
                shuffles::transpose(squares.map(|squares| &squares[square]), [a, b, c, d]);
            }
        }
        for (at, line) in (whole..length).zip(rest.chunks_exact_mut(columns)) {
            line[4 * quad..][..4].copy_from_slice(&rows.map(|row| row[at]));
        }
    }
}

/// Rearrangements within SIMD registers, which a compiler for WebAssembly does not find by itself.
#[cfg(target_arch = "wasm32")]
pub(super) mod shuffles {
    use core::arch::wasm32::{i32x4_shuffle, v128, v128_load, v128_store};

    #[allow(unsafe_code, reason = "SIMD loads take pointers")]
    #[inline(always)]
    fn load(four: &[f32; 4]) -> v128 {
        // SAFETY: the reference is to four values; a load may have any alignment.
        unsafe { v128_load(four.as_ptr().cast()) }
    }

    #[allow(unsafe_code, reason = "SIMD stores take pointers")]
    #[inline(always)]
    fn store(values: v128, into: &mut [f32; 4]) {
        // SAFETY: the reference is to four values; a store may have any alignment.
        unsafe { v128_store(into.as_mut_ptr().cast(), values) }
    }

    /// Divides values between even and odd places.
    #[inline(always)]
    pub(super) fn split(from: [&[f32; 4]; 2], evens: &mut [f32; 4], odds: &mut [f32; 4]) {
        let [first, second] = from.map(load);
        store(i32x4_shuffle::<0, 2, 4, 6>(first, second), evens);
        store(i32x4_shuffle::<1, 3, 5, 7>(first, second), odds);
    }

    /// Takes values from both in turn.
    #[inline(always)]
    pub(super) fn join(evens: &[f32; 4], odds: &[f32; 4], into: [&mut [f32; 4]; 2]) {
        let (evens, odds) = (load(evens), load(odds));
        let [first, second] = into;
        store(i32x4_shuffle::<0, 4, 1, 5>(evens, odds), first);
        store(i32x4_shuffle::<2, 6, 3, 7>(evens, odds), second);
    }

    /// Makes columns of rows.
    #[inline(always)]
    pub(super) fn transpose(rows: [&[f32; 4]; 4], columns: [&mut [f32; 4]; 4]) {
        let turned = turned(rows.map(load));
        turned
            .into_iter()
            .zip(columns)
            .for_each(|(values, column)| store(values, column));
    }

    /// The columns of a square whose rows these are.
    #[inline(always)]
    pub(in crate::kernels::cpu) fn turned([a, b, c, d]: [v128; 4]) -> [v128; 4] {
        let (ab, cd) = (
            i32x4_shuffle::<0, 4, 1, 5>(a, b),
            i32x4_shuffle::<0, 4, 1, 5>(c, d),
        );
        let (ab2, cd2) = (
            i32x4_shuffle::<2, 6, 3, 7>(a, b),
            i32x4_shuffle::<2, 6, 3, 7>(c, d),
        );
        [
            i32x4_shuffle::<0, 1, 4, 5>(ab, cd),
            i32x4_shuffle::<2, 3, 6, 7>(ab, cd),
            i32x4_shuffle::<0, 1, 4, 5>(ab2, cd2),
            i32x4_shuffle::<2, 3, 6, 7>(ab2, cd2),
        ]
    }
}

/// Rearrangements of a few values.
#[cfg(not(target_arch = "wasm32"))]
mod shuffles {
    use std::array::from_fn;

    /// Divides values between even and odd places.
    #[inline(always)]
    pub(super) fn split(
        [first, second]: [&[f32; 4]; 2],
        evens: &mut [f32; 4],
        odds: &mut [f32; 4],
    ) {
        *evens = [first[0], first[2], second[0], second[2]];
        *odds = [first[1], first[3], second[1], second[3]];
    }

    /// Takes values from both in turn.
    #[inline(always)]
    pub(super) fn join(evens: &[f32; 4], odds: &[f32; 4], [first, second]: [&mut [f32; 4]; 2]) {
        *first = [evens[0], odds[0], evens[1], odds[1]];
        *second = [evens[2], odds[2], evens[3], odds[3]];
    }

    /// Makes columns of rows.
    #[inline(always)]
    pub(super) fn transpose(rows: [&[f32; 4]; 4], columns: [&mut [f32; 4]; 4]) {
        for (at, column) in columns.into_iter().enumerate() {
            *column = from_fn(|row| rows[row][at]);
        }
    }
}
