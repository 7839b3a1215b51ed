//! Convolution of `f32` with kernels of 3 × 3 by a quarter of the multiplications.
//!
//! Four outputs `y` of a row see six inputs `d` through three taps `g`. Written as polynomials, the
//! transposed problem is a product of degree 5; such a product is known from its values at six points,
//! and a value costs one multiplication: 6 instead of 4 · 3. In two directions a tile of 4 × 4
//! outputs takes 6 · 6 = 36 multiplications for each pair of channels instead of 144:
//!
//! `y = Aᵀ [ (G g Gᵀ) ⊙ (Bᵀ d B) ] A`
//!
//! The points are `0, ±a, ±b, ∞`; [`transform`] has the matrices. Summed over the channels the
//! products in the middle are 36 products of matrices, tiles × channels times channels × outputs, one
//! for each pair of points. (Winograd, *Arithmetic complexity of computations*, 1980; Lavin and Gray,
//! *Fast algorithms for convolutional neural networks*, 2016.) Both gradients go the same way: that by
//! the input is a convolution, and that by the weights is the transposed formula,
//!
//! `ḡ = Gᵀ [ Σ over tiles (A ȳ Aᵀ) ⊙ (Bᵀ d B) ] G`.
//!
//! # Error
//! The points decide it (Barabasz and others, *Error analysis and improving the accuracy of Winograd
//! convolution for deep neural networks*, 2020). With `a = 1/√2`, `b = √2` the root mean square of the
//! error against `f64` is about twice that of a direct sum in `f32`, and up to four times for the
//! gradient by the weights; with the usual points 1 and 2 it is twice as large again. A test holds it
//! to three and five times.

#[cfg(test)]
mod accuracy;
mod correlate;
mod patches;
mod transform;
mod weights;

pub(super) use correlate::{input, output};
pub(super) use weights::weights;

use super::geometry::Geometry;
use crate::conv::window::Window;

/// Outputs of a tile on one axis, and inputs that it sees.
const OUT: usize = 4;
const IN: usize = 6;
/// Pairs of points: products for each tile and pair of channels.
const POINTS: usize = IN * IN;
/// What the numbers of channels are multiples of: the widest vector.
const LANES: usize = 16;
/// The most channels on either side: beyond them the transformed weights, four times as large as the
/// weights, would no longer stay in the caches.
const MOST: usize = 256;
/// Tiles from which on the weights are worth transforming.
const LEAST: usize = 16;
/// Elements of the transformed inputs and outputs of one block of tiles: they stay in an ordinary
/// second-level cache.
const NEAR: usize = 96 << 10;
/// Tiles in a block are a multiple of this, and so of the heights of the product's tiles.
const STEP: usize = 24;

/// Whether the kernels here do this convolution, and do it faster than `direct`.
pub(super) fn takes(g: &Geometry) -> bool {
    let axes = [&g.images.rows, &g.images.columns];
    let fits = |w: &&Window| w.kernel == 3 && w.stride == 1 && w.dilation == 1;
    let channels = [g.images.channels, g.out_channels];
    let tiles = |count: fn(&Window) -> usize| axes.map(|w| count(w).div_ceil(OUT)).iter().product();
    let (there, back): (usize, usize) = (tiles(|w| w.output), tiles(|w| w.input));
    g.groups == 1
        && axes.iter().all(fits)
        && channels.iter().all(|c| (LANES..=MOST).contains(c) && c.is_multiple_of(LANES))
        && there.min(back) * g.images.batch >= LEAST
        // Tiles at the border may reach beyond it: at least a third of the multiplications is saved.
        && there * POINTS * 3 <= g.images.output_plane() * 9 * 2
        && back * POINTS * 3 <= g.images.input_plane() * 9 * 2
}

/// Tiles that are worked on at a time, for the channels of both sides.
fn block(channels: usize) -> usize {
    (NEAR / (POINTS * channels * STEP)).max(1) * STEP
}

/// From point to point in a block of transformed tiles. The odd line keeps the 36 places of one tile
/// apart in the cache, where those of a power of two would share a few lines.
fn stride(tiles: usize, channels: usize) -> usize {
    tiles * channels + LANES
}
