//! The two sums of products that convolutions are made of. Both read pictures where they lie: a tap of a window is a start in the picture.

use super::lanes::{LANES, Lanes, Loop};

/// Rows of a tile of sums: with two registers each, a tile fits the sixteen SIMD registers that a browser's compiler has on x86-64.
pub(super) const ROWS: usize = 4;

/// Columns of a tile.
pub(super) const COLUMNS: usize = 2 * LANES;

/// `sums[row][i] = firsts[row] + sum over terms of factors[row][term] * values[starts[term] + i]`
pub(super) struct Shifted<'a> {
    /// `[panels, terms, ROWS]`: the rows four by four.
    pub(super) factors: &'a [f32],
    /// `[panels * ROWS]`
    pub(super) firsts: &'a [f32],
    /// `[terms]`
    pub(super) starts: &'a [usize],
    pub(super) values: &'a [f32],
    /// `[panels * ROWS, length]`
    pub(super) sums: &'a mut [f32],
    /// A multiple of [`COLUMNS`].
    pub(super) length: usize,
}

impl Loop for Shifted<'_> {
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self {
            factors,
            firsts,
            starts,
            values,
            sums,
            length,
        } = self;
        let terms = starts.len();
        let reach = starts.iter().max().map_or(0, |start| start + length);
        assert!(length.is_multiple_of(COLUMNS) && values.len() >= reach);
        let panels = firsts
            .chunks_exact(ROWS)
            .zip(factors.chunks_exact(terms * ROWS));
        for ((firsts, factors), sums) in panels.zip(sums.chunks_exact_mut(ROWS * length)) {
            for at in (0..length).step_by(COLUMNS) {
                let mut tile: [[Lanes<FUSED>; 2]; ROWS] =
                    std::array::from_fn(|row| [Lanes::splat(firsts[row]); 2]);
                for (factors, start) in factors.chunks_exact(ROWS).zip(starts) {
                    #[allow(
                        unsafe_code,
                        reason = "a check of bounds for each term would take a good part of the loop's time"
                    )]
                    // SAFETY: start + at + COLUMNS <= reach, which the assertion compared with the number of values.
                    let values = unsafe {
                        let values = values.as_ptr().add(start + at);
                        [Lanes::load(values), Lanes::load(values.add(LANES))]
                    };
                    for (factor, sums) in factors.iter().zip(&mut tile) {
                        let factor = Lanes::splat(*factor);
                        for (sum, values) in sums.iter_mut().zip(values) {
                            *sum = sum.add_product(factor, values);
                        }
                    }
                }
                for (tile, sums) in tile.into_iter().zip(sums.chunks_exact_mut(length)) {
                    for (lanes, sums) in tile.into_iter().zip(sums[at..].chunks_exact_mut(LANES)) {
                        sums.copy_from_slice(&lanes.values());
                    }
                }
            }
        }
    }
}

/// Adds to `sums[row][column]` the sum, over all lines and places in a line, of `values[starts[row] + line * pitch + place]` times
/// `others[line * width + place][column]`.
pub(super) struct OuterProducts<'a> {
    /// `[rows]`, a multiple of [`ROWS`].
    pub(super) starts: &'a [usize],
    pub(super) values: &'a [f32],
    /// Number of values that are read of a line.
    pub(super) width: usize,
    /// Distance from one line of `values` to the next.
    pub(super) pitch: usize,
    /// `[lines * width, columns]`
    pub(super) others: &'a [f32],
    /// A multiple of [`LANES`].
    pub(super) columns: usize,
    /// `[rows, columns]`
    pub(super) sums: &'a mut [f32],
}

impl Loop for OuterProducts<'_> {
    #[inline(always)]
    fn run<const FUSED: bool>(mut self) {
        let lines = self.others.len() / (self.width * self.columns);
        let last = lines.saturating_sub(1) * self.pitch + self.width;
        let reach = self.starts.iter().max().map_or(0, |start| start + last);
        assert!(self.columns.is_multiple_of(LANES) && self.values.len() >= reach);
        let two = self.columns / COLUMNS * COLUMNS;
        for row in (0..self.starts.len()).step_by(ROWS) {
            for column in (0..two).step_by(COLUMNS) {
                self.tile::<FUSED, 2>(row, column);
            }
            if two < self.columns {
                self.tile::<FUSED, 1>(row, two);
            }
        }
    }
}

impl OuterProducts<'_> {
    /// Adds up the tile of so many registers a row at `row` and `column`.
    #[inline(always)]
    fn tile<const FUSED: bool, const REGISTERS: usize>(&mut self, row: usize, column: usize) {
        let starts = &self.starts[row..][..ROWS];
        let mut tile = [[Lanes::<FUSED>::splat(0.0); REGISTERS]; ROWS];
        for (line, others) in self
            .others
            .chunks_exact(self.width * self.columns)
            .enumerate()
        {
            let values = starts.iter().map(|start| start + line * self.pitch);
            let mut at = column;
            #[allow(
                unsafe_code,
                reason = "a check of bounds for each product would take a good part of the loop's time"
            )]
            // SAFETY: `run` compared the largest start and the last place of the last line with the number of values; `others` has `width` rows
            // of `columns`, and column + REGISTERS * LANES <= columns.
            unsafe {
                let mut rows = [self.values.as_ptr(); ROWS];
                for (row, start) in rows.iter_mut().zip(values) {
                    *row = row.add(start);
                }
                for place in 0..self.width {
                    let others: [Lanes<FUSED>; REGISTERS] =
                        std::array::from_fn(|i| Lanes::load(others.as_ptr().add(at + i * LANES)));
                    for (row, sums) in rows.iter().zip(&mut tile) {
                        let factor = Lanes::splat(*row.add(place));
                        for (sum, others) in sums.iter_mut().zip(others) {
                            *sum = sum.add_product(factor, others);
                        }
                    }
                    at += self.columns;
                }
            }
        }
        for (tile, sums) in tile
            .into_iter()
            .zip(self.sums[row * self.columns..].chunks_exact_mut(self.columns))
        {
            for (lanes, sums) in tile.into_iter().zip(sums[column..].chunks_exact_mut(LANES)) {
                for (sum, value) in sums.iter_mut().zip(lanes.values()) {
                    *sum += value;
                }
            }
        }
    }
}
