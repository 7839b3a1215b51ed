//! Which tiles there are.

use pulp::Simd;

use crate::linalg::lanes::Lanes;

/// The most vectors that a tile is wide.
pub(crate) const fn widest<S: Simd, T: Lanes>() -> usize {
    if S::REGISTER_COUNT >= 32 && !T::FEW_TILES { 3 } else { 2 }
}

/// How many rows the next tile takes when `left` rows are left.
#[inline(always)]
pub(crate) const fn height<S: Simd, T: Lanes>(vectors: usize, left: usize) -> usize {
    let many = S::REGISTER_COUNT >= 32;
    if T::FEW_TILES { of_few(many, vectors, left) } else { of_all(many, vectors, left) }
}

/// Full tiles, and the last two of about equal height, since a tile of one row would wait for its own
/// sums.
const fn of_all(many: bool, vectors: usize, left: usize) -> usize {
    let most = match (many, vectors) {
        (true, 3) => 8,
        (true, _) => 12,
        (false, 2) => 6,
        (false, _) => 8,
    };
    if left == most || 2 * left >= 3 * most {
        return most;
    }
    let full = if most < 8 { most } else { 8 };
    if left <= full {
        return left;
    }
    let half = left.div_ceil(2);
    if half < full { half } else { full }
}

/// Powers of two.
const fn of_few(many: bool, vectors: usize, left: usize) -> usize {
    let most = if many || vectors == 1 { 8 } else { 4 };
    if left >= most { most } else { 1 << left.ilog2() }
}
