//! How a product is cut into tiles. What is best differs from adapter to adapter by factors, so it is measured once when a device is
//! opened ([`super::tuning`]), for small products and for large ones.

use cubecl::prelude::*;

use super::launch::{Values, groups_of};
use super::tuning::{self, Tilings, Variant};

/// The tile that one thread computes, and the number of threads in a workgroup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tiling {
    pub(super) rows: usize,
    pub(super) columns: usize,
    /// Whether a kernel writes its tile in a loop, for code that is short rather than quick: a software adapter takes as long to compile
    /// the end of a kernel, written out for a large tile, as all the rest.
    pub(super) rolled: bool,
    group: usize,
}

/// The tiling for sizes whose values cannot be loaded four at a time: small layers as a rule, and D's last, which has one output. Therefore
/// it has one column. Code for four columns would be four times as long and take a software adapter half a second more to compile.
const SINGLE: Tiling = Tiling {
    rows: 4,
    columns: 1,
    rolled: false,
    group: 16,
};

/// The tiling on a software adapter. In SwiftShader a load takes as long as about nine multiplications and additions of vectors, so what counts is
/// loads per multiplication: 40 for 384 here, 24 for 128 in a tile of 16 × 8. With 32 rows it would be 48 for 512, a tenth faster and a
/// third longer to compile. A workgroup is one SIMD vector of threads, on one core.
const CORES: Tiling = Tiling {
    rows: 24,
    columns: 16,
    rolled: true,
    group: 4,
};

/// Number of threads that a product is spread over, at least, by splitting its sums into slices.
const SPREAD: usize = 2048;
/// The same number on a software adapter, which has a few cores.
const SPREAD_ON_CORES: usize = 128;
/// Number of terms in the shortest slice.
const SHORTEST: usize = 256;

/// The tilings in use.
fn tilings() -> Tilings {
    tuning::told().unwrap_or(Tilings::SOFTWARE)
}

/// Whether the adapter is a software one, which runs on the few cores of a CPU.
pub(super) fn on_cores() -> bool {
    tilings() == Tilings::SOFTWARE
}

/// The tiling for a result of so many rows and columns whose operands are loaded by `vector` values; `None` if the product goes by workgroup memory.
pub(super) fn of(rows: usize, columns: usize, vector: usize) -> Option<Tiling> {
    let side = match tilings().of(rows * columns) {
        Variant::Shared => return None,
        _ if vector == 1 => return Some(SINGLE),
        Variant::Cores => return Some(CORES),
        Variant::Registers4 => 4,
        Variant::Registers8 => 8,
    };
    Some(Tiling {
        rows: side,
        columns: side,
        rolled: false,
        group: 64,
    })
}

/// Slices into which a sum of so many terms is split when a product has few threads.
pub(super) fn slices(threads: usize, terms: usize) -> usize {
    let spread = if on_cores() { SPREAD_ON_CORES } else { SPREAD };
    spread
        .div_ceil(threads)
        .min(terms.div_ceil(SHORTEST))
        .max(1)
}

impl Tiling {
    /// The same with half the rows where the tile is large, for a kernel that takes twice as long to compile.
    pub(super) fn halved(self) -> Self {
        match self {
            CORES => Self {
                rows: self.rows / 2,
                ..self
            },
            _ => self,
        }
    }

    /// Number of tiles in a result of so many rows and columns.
    pub(super) fn count(self, rows: usize, columns: usize) -> usize {
        rows.div_ceil(self.rows) * columns.div_ceil(self.columns)
    }

    /// Workgroups with a thread for each tile of a result.
    pub(super) fn threads(self, on: &Values, rows: usize, columns: usize) -> (CubeCount, CubeDim) {
        self.groups(on, self.count(rows, columns))
    }

    /// Workgroups of this tiling's size, enough for so many threads.
    pub(super) fn groups(self, on: &Values, threads: usize) -> (CubeCount, CubeDim) {
        groups_of(on, self.group, threads)
    }
}
