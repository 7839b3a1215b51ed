//! The tiles that images are cut into, and where their pixels lie.

use pulp::Simd;

use super::transform::Square;
use super::{MOST, OUT};
use crate::memory::place;

/// What a tile sees beyond the border.
static ZEROS: [f32; MOST] = [0.0; MOST];

/// Images with the channels of a pixel side by side, seen in squares of `N × N` pixels: square
/// `(i, j)` of an image begins at the pixel `(4 i + lead, 4 j + lead)`, which may lie outside.
#[derive(Clone, Copy)]
pub(super) struct Patches<'a, const N: usize> {
    values: &'a [f32],
    /// Rows and columns of an image.
    size: [usize; 2],
    channels: usize,
    lead: [isize; 2],
    /// Squares of an image, downwards and across.
    tiles: [usize; 2],
}

impl<'a, const N: usize> Patches<'a, N> {
    /// Squares for outputs of `result` rows and columns.
    ///
    /// # Panics
    /// If the values are not whole images, or have too many channels.
    pub(super) fn new(
        values: &'a [f32],
        [rows, columns, channels]: [usize; 3],
        lead: [isize; 2],
        result: [usize; 2],
    ) -> Self {
        assert!(channels <= MOST && values.len().is_multiple_of(rows * columns * channels));
        let tiles = result.map(|n| n.div_ceil(OUT));
        Self { values, size: [rows, columns], channels, lead, tiles }
    }

    pub(super) fn channels(&self) -> usize {
        self.channels
    }

    /// Of all images.
    pub(super) fn count(&self) -> usize {
        let [rows, columns] = self.size;
        self.values.len() / (rows * columns * self.channels) * self.tiles[0] * self.tiles[1]
    }

    /// The image of a tile, and the first of its outputs.
    #[inline(always)]
    pub(super) fn origin(&self, tile: usize) -> (usize, [usize; 2]) {
        let [down, across] = self.tiles;
        let (image, rest) = (tile / (down * across), tile % (down * across));
        (image, [rest / across * OUT, rest % across * OUT])
    }

    /// Where the pixels of a tile begin: in the image, or at zeros.
    #[inline(always)]
    pub(super) fn pixels(&self, tile: usize) -> [[*const f32; N]; N] {
        let (image, [top, left]) = self.origin(tile);
        let [top, left] = [top as isize + self.lead[0], left as isize + self.lead[1]];
        let [rows, columns] = self.size;
        let mut pixels = [[ZEROS.as_ptr(); N]; N];
        for (i, line) in (top..).zip(&mut pixels) {
            if i < 0 || i >= rows as isize {
                continue;
            }
            let row = (image * rows + i as usize) * columns;
            for (j, pixel) in (left..).zip(line) {
                if j >= 0 && j < columns as isize {
                    *pixel = self.values[(row + j as usize) * self.channels..].as_ptr();
                }
            }
        }
        pixels
    }

    /// A vector of channels, from `channel` on, of each pixel.
    ///
    /// # Safety
    /// The pixels must be those of a tile, and have these channels.
    #[inline(always)]
    pub(super) unsafe fn load<S: Simd>(
        simd: S,
        pixels: &[[*const f32; N]; N],
        channel: usize,
    ) -> Square<S, N> {
        let mut square = [[simd.splat_f32s(0.0); N]; N];
        for (square, pixels) in square.iter_mut().zip(pixels) {
            for (x, pixel) in square.iter_mut().zip(pixels) {
                // SAFETY: as the caller promises.
                *x = unsafe { place::read(pixel.wrapping_add(channel)) };
            }
        }
        square
    }
}

/// Reads the vectors of a square, row by row, that lie `stride` apart.
///
/// # Safety
/// They must be readable.
#[inline(always)]
pub(super) unsafe fn gather<S: Simd, const N: usize>(
    simd: S,
    from: *const f32,
    stride: usize,
) -> Square<S, N> {
    let mut square = [[simd.splat_f32s(0.0); N]; N];
    for (i, x) in square.as_flattened_mut().iter_mut().enumerate() {
        // SAFETY: as the caller promises.
        *x = unsafe { place::read(from.wrapping_add(i.wrapping_mul(stride))) };
    }
    square
}

/// Writes the vectors of a square, row by row, `stride` apart.
///
/// # Safety
/// They must be writable, by nobody else meanwhile.
#[inline(always)]
pub(super) unsafe fn scatter<S: Simd, const N: usize>(
    square: Square<S, N>,
    to: *mut f32,
    stride: usize,
) {
    for (i, &x) in square.as_flattened().iter().enumerate() {
        // SAFETY: as the caller promises.
        unsafe { place::write(to.wrapping_add(i.wrapping_mul(stride)), x) };
    }
}
