//! The two passes of a weighted resize, each from bytes to bytes.

use gradus_tensor::simd::vectorize;

use super::taps::{BITS, Taps};
use crate::vision::{Image, Size};

/// One half, so that a shift rounds.
const HALF: i32 = 1 << (BITS - 1);

/// Rows whose columns are made at the same time.
const LANES: usize = 16;

#[inline(always)]
fn byte(sum: i32) -> u8 {
    (sum >> BITS).clamp(0, 255) as u8
}

/// Columns to other columns. Sixteen rows at a time are laid so that their bytes of one column stand
/// side by side: then a weight multiplies a whole vector.
pub(super) fn columns(image: &Image, taps: &Taps) -> Image {
    let channels = image.channels();
    let size = Size { width: taps.len(), ..image.size() };
    let (old, new) = (image.width() * channels, size.width * channels);
    let mut pixels = vec![0; size.height * new];
    let mut from = vec![[0_u8; LANES]; old];
    let mut to = vec![[0_u8; LANES]; new];
    let blocks = image.pixels().chunks(old * LANES).zip(pixels.chunks_mut(new * LANES));
    for (rows, out) in blocks {
        for (lane, row) in rows.chunks_exact(old).enumerate() {
            from.iter_mut().zip(row).for_each(|(line, &x)| line[lane] = x);
        }
        match channels {
            1 => lanes::<1>(&from, &mut to, taps),
            2 => lanes::<2>(&from, &mut to, taps),
            3 => lanes::<3>(&from, &mut to, taps),
            _ => lanes::<4>(&from, &mut to, taps),
        }
        for (lane, row) in out.chunks_exact_mut(new).enumerate() {
            row.iter_mut().zip(&to).for_each(|(x, line)| *x = line[lane]);
        }
    }
    Image::of(size, channels, pixels)
}

/// The columns of some rows, `C` a pixel.
fn lanes<const C: usize>(from: &[[u8; LANES]], to: &mut [[u8; LANES]], taps: &Taps) {
    let (from, to) = (from.as_chunks::<C>().0, to.as_chunks_mut::<C>().0);
    vectorize(
        #[inline(always)]
        || {
            for (out, (first, weights)) in to.iter_mut().zip(taps.iter()) {
                for c in 0..C {
                    let mut sums = [HALF; LANES];
                    for (pixel, &weight) in from[first..].iter().zip(weights) {
                        let line = pixel[c];
                        for lane in 0..LANES {
                            sums[lane] += i32::from(line[lane]) * weight;
                        }
                    }
                    out[c] = sums.map(byte);
                }
            }
        },
    );
}

/// Rows to other rows: whole rows are added up.
pub(super) fn rows(image: &Image, taps: &Taps) -> Image {
    let size = Size { height: taps.len(), ..image.size() };
    let stride = size.width * image.channels();
    let mut pixels = vec![0; size.height * stride];
    let mut sums = vec![HALF; stride];
    for (out, (first, weights)) in pixels.chunks_exact_mut(stride).zip(taps.iter()) {
        vectorize(
            #[inline(always)]
            || {
                sums.fill(HALF);
                for (y, &weight) in weights.iter().enumerate() {
                    let from = image.row(first + y);
                    sums.iter_mut().zip(from).for_each(|(sum, &x)| *sum += i32::from(x) * weight);
                }
                out.iter_mut().zip(&sums).for_each(|(out, &sum)| *out = byte(sum));
            },
        );
    }
    Image::of(size, image.channels(), pixels)
}
