//! Matrix products on the CPU. In a browser they are ours, since a general library's kernels leave half of the machine unused once they are
//! WebAssembly; elsewhere they are those of the `gemm` crate, which knows each processor.
//!
//! In our product `b` is packed into panels of [`COLUMNS`] columns, `a` into panels of [`ROWS`] rows, so that the innermost loop reads both
//! in order whatever their layout was; its tile of 4 × 8 sums fits the sixteen SIMD registers that a browser's compiler has on x86-64.
//! With the cargo feature `fma` a multiplication and an addition are one instruction of relaxed SIMD; that is the package `pkg/cpu-fma`.

/// Products of fewer multiplications are done one sum at a time; anything else takes longer to begin.
const FEW: usize = 256;

/// A matrix in memory, row by row or transposed.
#[derive(Clone, Copy)]
pub(super) struct Matrix<'a> {
    values: &'a [f32],
    rows: usize,
    columns: usize,
    row_stride: usize,
    column_stride: usize,
}

impl<'a> Matrix<'a> {
    /// A matrix that stands row by row at the start of `values`.
    pub(super) fn new(values: &'a [f32], rows: usize, columns: usize) -> Self {
        assert!(values.len() >= rows * columns, "a matrix needs its values");
        Self {
            values,
            rows,
            columns,
            row_stride: columns,
            column_stride: 1,
        }
    }

    pub(super) fn transposed(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
            ..self
        }
    }

    fn at(&self, row: usize, column: usize) -> f32 {
        self.values[row * self.row_stride + column * self.column_stride]
    }
}

/// Writes the product `a b` row by row into `into`; `accumulate` adds to the old values.
pub(super) fn product(a: Matrix<'_>, b: Matrix<'_>, into: &mut [f32], accumulate: bool) {
    let (rows, inner, columns) = (a.rows, a.columns, b.columns);
    assert_eq!(inner, b.rows, "a product needs matching sides");
    let into = &mut into[..rows * columns];
    if rows * inner * columns >= FEW {
        return large(a, b, into, accumulate);
    }
    for (row, into) in into.chunks_exact_mut(columns).enumerate() {
        for (column, into) in into.iter_mut().enumerate() {
            let sum: f32 = (0..inner).map(|k| a.at(row, k) * b.at(k, column)).sum();
            *into = if accumulate { *into + sum } else { sum };
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn large(a: Matrix<'_>, b: Matrix<'_>, into: &mut [f32], accumulate: bool) {
    #[allow(
        unsafe_code,
        reason = "gemm takes pointers and strides, so that it can read a matrix of any layout"
    )]
    // SAFETY: `Matrix::new` asserted that `rows * columns` values are there, and the strides it set (or `transposed` swapped) reach no
    // further; `product` cut `into` to `rows * columns` of the result; it is borrowed mutably, so it overlaps neither operand.
    unsafe {
        ::gemm::gemm(
            a.rows,
            b.columns,
            a.columns,
            into.as_mut_ptr(),
            1,
            b.columns as isize,
            accumulate,
            a.values.as_ptr(),
            a.column_stride as isize,
            a.row_stride as isize,
            b.values.as_ptr(),
            b.column_stride as isize,
            b.row_stride as isize,
            1.0,
            1.0,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

#[cfg(target_arch = "wasm32")]
use packed::large;

#[cfg(target_arch = "wasm32")]
mod packed {
    use core::arch::wasm32::{f32x4_add, f32x4_splat, i32x4_shuffle, v128, v128_load, v128_store};
    use std::cell::RefCell;

    use super::Matrix;
    use crate::kernels::cpu::copies::shuffles::turned;

    /// Rows of a tile.
    const ROWS: usize = 4;
    /// Columns of a tile.
    const COLUMNS: usize = 8;
    /// Number of products that a tile adds up before it is written, so that a panel of `b` stays in the first cache: 8 × 512 values are 16 kB.
    const DEPTH: usize = 512;

    thread_local! {
        /// Buffers for the panels of `a` and of `b`, kept from product to product.
        static PANELS: RefCell<(Vec<f32>, Vec<f32>)> = const { RefCell::new((Vec::new(), Vec::new())) };
    }

    pub(super) fn large(a: Matrix<'_>, b: Matrix<'_>, into: &mut [f32], accumulate: bool) {
        PANELS.with_borrow_mut(|(lefts, rights)| {
            for first in (0..a.columns).step_by(DEPTH) {
                let depth = DEPTH.min(a.columns - first);
                lefts.resize(a.rows.div_ceil(ROWS) * ROWS * depth, 0.0);
                for (panel, lefts) in lefts.chunks_exact_mut(ROWS * depth).enumerate() {
                    pack::<ROWS>(a.transposed(), panel * ROWS, first, lefts);
                }
                rights.resize(COLUMNS * depth, 0.0);
                for column in (0..b.columns).step_by(COLUMNS) {
                    pack::<COLUMNS>(b, column, first, rights);
                    for (panel, lefts) in lefts.chunks_exact(ROWS * depth).enumerate() {
                        let sums = tile(lefts, rights);
                        let from = (panel * ROWS, column);
                        store(
                            &sums,
                            into,
                            from,
                            (a.rows, b.columns),
                            accumulate || first > 0,
                        );
                    }
                }
            }
        });
    }

    /// Copies `WIDTH` columns from `column` on into `into`, and as many rows from `first` on as there is room for. Columns beyond the last are zeros.
    fn pack<const WIDTH: usize>(matrix: Matrix<'_>, column: usize, first: usize, into: &mut [f32]) {
        let width = WIDTH.min(matrix.columns - column);
        let (row_stride, column_stride) = (matrix.row_stride, matrix.column_stride);
        let values = &matrix.values[first * row_stride + column * column_stride..];
        if column_stride == 1 {
            for (row, into) in into.chunks_exact_mut(WIDTH).enumerate() {
                let values = &values[row * row_stride..];
                match values.first_chunk::<WIDTH>() {
                    Some(values) if width == WIDTH => into.copy_from_slice(values),
                    _ => {
                        into.fill(0.0);
                        into[..width].copy_from_slice(&values[..width]);
                    }
                }
            }
            return;
        }
        if row_stride == 1 && width == WIDTH {
            let depth = into.len() / WIDTH;
            for four in (0..WIDTH).step_by(4) {
                let columns: [&[f32]; 4] =
                    std::array::from_fn(|i| &values[(four + i) * column_stride..][..depth]);
                transpose_four::<WIDTH>(columns, four, into);
            }
            return;
        }
        for (row, into) in into.chunks_exact_mut(WIDTH).enumerate() {
            into.fill(0.0);
            for (column, into) in into[..width].iter_mut().enumerate() {
                *into = values[row * row_stride + column * column_stride];
            }
        }
    }

    /// Writes four columns side by side into rows of `WIDTH`, from place `at` of each row on.
    fn transpose_four<const WIDTH: usize>(columns: [&[f32]; 4], at: usize, into: &mut [f32]) {
        let depth = columns[0].len();
        let whole = depth / 4 * 4;
        assert!(columns.iter().all(|column| column.len() == depth));
        assert!(into.len() >= depth * WIDTH && at + 4 <= WIDTH);
        for row in (0..whole).step_by(4) {
            #[allow(unsafe_code, reason = "SIMD loads and stores take pointers")]
            // SAFETY: row + 4 <= whole <= depth, by the first assertion the length of each column; the last store ends at
            // (depth - 1) * WIDTH + at + 4, which the second assertion keeps within `into`.
            unsafe {
                let columns = columns.map(|column| v128_load(column.as_ptr().add(row).cast()));
                let rows = turned(columns);
                for (i, values) in rows.into_iter().enumerate() {
                    v128_store(into.as_mut_ptr().add((row + i) * WIDTH + at).cast(), values);
                }
            }
        }
        for row in whole..depth {
            for (i, column) in columns.iter().enumerate() {
                into[row * WIDTH + at + i] = column[row];
            }
        }
    }

    /// Sums of a tile, row by row.
    type Sums = [[v128; 2]; ROWS];

    /// The product of a panel of `a` and a panel of `b`.
    #[cfg_attr(feature = "fma", target_feature(enable = "relaxed-simd"))]
    fn tile(lefts: &[f32], rights: &[f32]) -> Sums {
        let depth = lefts.len() / ROWS;
        assert_eq!(rights.len(), depth * COLUMNS);
        let mut sums = [[f32x4_splat(0.0); 2]; ROWS];
        let (mut left, mut right) = (lefts.as_ptr(), rights.as_ptr());
        for _ in 0..depth {
            #[allow(unsafe_code, reason = "SIMD loads take pointers")]
            // SAFETY: the loop takes `depth` steps of ROWS and of COLUMNS values; `lefts` has at least depth * ROWS of them by the
            // division above, `rights` depth * COLUMNS by the assertion.
            unsafe {
                let four = v128_load(left.cast());
                let rights = [v128_load(right.cast()), v128_load(right.add(4).cast())];
                let splats = [
                    i32x4_shuffle::<0, 0, 0, 0>(four, four),
                    i32x4_shuffle::<1, 1, 1, 1>(four, four),
                    i32x4_shuffle::<2, 2, 2, 2>(four, four),
                    i32x4_shuffle::<3, 3, 3, 3>(four, four),
                ];
                for (sums, splat) in sums.iter_mut().zip(splats) {
                    for (sum, right) in sums.iter_mut().zip(rights) {
                        *sum = multiply_add(splat, right, *sum);
                    }
                }
                left = left.add(ROWS);
                right = right.add(COLUMNS);
            }
        }
        sums
    }

    #[cfg(feature = "fma")]
    #[inline]
    #[target_feature(enable = "relaxed-simd")]
    fn multiply_add(a: v128, b: v128, sum: v128) -> v128 {
        core::arch::wasm32::f32x4_relaxed_madd(a, b, sum)
    }

    #[cfg(not(feature = "fma"))]
    #[inline]
    fn multiply_add(a: v128, b: v128, sum: v128) -> v128 {
        f32x4_add(sum, core::arch::wasm32::f32x4_mul(a, b))
    }

    /// Writes the sums of a tile, or adds them, as far as the tile is within the result of `size`.
    #[inline(always)]
    fn store(
        sums: &Sums,
        into: &mut [f32],
        (row, column): (usize, usize),
        size: (usize, usize),
        accumulate: bool,
    ) {
        let width = COLUMNS.min(size.1 - column);
        for (sums, row) in sums.iter().zip(row..size.0) {
            let into = &mut into[row * size.1 + column..][..width];
            if let Ok(into) = <&mut [f32; COLUMNS]>::try_from(&mut *into) {
                for (half, sum) in sums.iter().enumerate() {
                    #[allow(unsafe_code, reason = "SIMD stores take pointers")]
                    // SAFETY: the array has room for two times four values.
                    unsafe {
                        let to: *mut v128 = into.as_mut_ptr().add(4 * half).cast();
                        v128_store(
                            to,
                            if accumulate {
                                f32x4_add(v128_load(to), *sum)
                            } else {
                                *sum
                            },
                        );
                    }
                }
                continue;
            }
            let mut values = [0.0_f32; COLUMNS];
            for (half, sum) in sums.iter().enumerate() {
                #[allow(unsafe_code, reason = "SIMD stores take pointers")]
                // SAFETY: the array has room for two times four values.
                unsafe {
                    v128_store(values.as_mut_ptr().add(4 * half).cast(), *sum);
                }
            }
            for (into, value) in into.iter_mut().zip(values) {
                *into = if accumulate { *into + value } else { value };
            }
        }
    }
}
