//! Convolution of `f32` without patches: the tiles of the matrix product read images where they lie.
//!
//! Channels-last, what a row of the kernel sees at one output pixel is one run of `kw · C` numbers,
//! and the run of the next pixel starts `stride · C` further on. So the tile of a matrix product
//! (see `linalg`) does a convolution if it takes its steps in `kh` runs: its rows are the pixels of
//! an output row, its columns the output channels. (Georganas and others, *Anatomy of
//! high-performance deep learning convolutions on SIMD architectures*, 2018.)
//!
//! A band of some rows of one image, with zeros around it, is copied into a buffer that the first
//! cache holds, so that the tiles know no borders.
//!
//! The gradient by the input is a correlation too, of `ȳ` with the kernel turned around. With a
//! stride `s` every `s`-th pixel sees every `s`-th tap: there are `s²` [parts](correlate::Part), each
//! a correlation of its own with its taps, and none of them multiplies by zeros.

pub(super) mod correlate;
pub(super) mod input;
pub(super) mod output;
mod padded;
pub(super) mod taps;
pub(super) mod weights;

use super::geometry::Geometry;

/// Whether the kernels here do this convolution: taps side by side, and more than one.
pub(super) fn takes(g: &Geometry) -> bool {
    let (rows, columns) = (&g.images.rows, &g.images.columns);
    rows.dilation.max(columns.dilation) == 1
        && !g.is_pointwise()
        && g.patch() * g.out_channels > 0
        && g.images.pixels() * g.images.input_plane() > 0
}
