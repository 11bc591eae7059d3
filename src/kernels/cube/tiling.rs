//! How products are cut into tiles. What is best differs from adapter to adapter by factors, so it is measured once when a device is
//! opened ([`super::super::tuning`]), for small products and for large ones.

use super::*;
use crate::kernels::tuning::{self, Tilings, Variant};

/// Rows and columns of a thread's tile, and threads of a workgroup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tiling {
    pub(super) rows: usize,
    pub(super) columns: usize,
    group: usize,
}

/// For sizes whose values cannot be loaded four at a time: small layers as a rule, and D's last, which has one output. So it has one
/// column; and code a quarter as long as of four columns, which would take a software adapter half a second more to compile.
const SINGLE: Tiling = Tiling {
    rows: 4,
    columns: 1,
    group: 16,
};

/// Threads that a sum is spread over, at least, by cutting it into parts.
const SPREAD: usize = 2048;
/// The same on a software adapter, which has a few cores.
const SPREAD_ON_CORES: usize = 128;
/// Terms of the shortest part.
const SHORTEST: usize = 256;

/// The tilings in use.
fn tilings() -> Tilings {
    tuning::told().unwrap_or(Tilings::SOFTWARE)
}

/// Whether work is best left to few threads, those of a CPU.
pub(super) fn on_cores() -> bool {
    tilings() == Tilings::SOFTWARE
}

/// How a product of so many rows and columns is cut, loaded by `vector` values; `None`: by workgroup memory.
pub(super) fn of(rows: usize, columns: usize, vector: usize) -> Option<Tiling> {
    let tiling = |rows, columns, group| Tiling {
        rows,
        columns,
        group,
    };
    match tilings().of(rows * columns) {
        Variant::Shared => None,
        _ if vector == 1 => Some(SINGLE),
        Variant::Registers4 => Some(tiling(4, 4, 64)),
        Variant::Registers8 => Some(tiling(8, 8, 64)),
        Variant::Registers16 => Some(tiling(16, 8, 16)),
    }
}

/// Parts that sums of so many terms are cut into, where there are so few threads.
pub(super) fn parts(threads: usize, terms: usize) -> usize {
    let spread = if on_cores() { SPREAD_ON_CORES } else { SPREAD };
    spread
        .div_ceil(threads)
        .min(terms.div_ceil(SHORTEST))
        .max(1)
}

impl Tiling {
    /// Where it is wide, as wide as high: for a kernel that is short all the same.
    pub(super) fn square(self) -> Self {
        match self {
            SINGLE => SINGLE,
            _ => Self {
                columns: self.rows,
                ..self
            },
        }
    }

    /// Tiles of a product.
    pub(super) fn count(self, rows: usize, columns: usize) -> usize {
        rows.div_ceil(self.rows) * columns.div_ceil(self.columns)
    }

    /// Workgroups for a thread for each tile of a product.
    pub(super) fn threads(self, on: &Values, rows: usize, columns: usize) -> (CubeCount, CubeDim) {
        self.groups(on, self.count(rows, columns))
    }

    /// Workgroups for so many threads.
    pub(super) fn groups(self, on: &Values, threads: usize) -> (CubeCount, CubeDim) {
        let dim = CubeDim::new_1d(self.group as u32);
        (calculate_cube_count_elemwise(&on.client, threads, dim), dim)
    }
}
