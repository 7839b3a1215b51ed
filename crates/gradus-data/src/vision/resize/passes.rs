//! The two passes of a weighted resize, each from bytes to bytes.

use gradus_tensor::simd::vectorize;

use super::taps::{BITS, Taps};
use crate::vision::{Image, Size};

/// One half, so that a shift rounds.
const HALF: i32 = 1 << (BITS - 1);

#[inline(always)]
fn byte(sum: i32) -> u8 {
    (sum >> BITS).clamp(0, 255) as u8
}

/// Columns to other columns, row by row.
pub(super) fn columns(image: &Image, taps: &Taps) -> Image {
    let channels = image.channels();
    let size = Size { width: taps.len(), ..image.size() };
    let mut pixels = vec![0; size.height * size.width * channels];
    // A row and one byte: of three channels four bytes are read at a time.
    let mut from = vec![0; image.width() * channels + 1];
    let row = match channels {
        1 => row::<1, 1>,
        2 => row::<2, 2>,
        3 => row::<3, 4>,
        _ => row::<4, 4>,
    };
    for (y, out) in pixels.chunks_exact_mut(size.width * channels).enumerate() {
        let len = from.len() - 1;
        from[..len].copy_from_slice(image.row(y));
        row(&from, out, taps);
    }
    Image::of(size, channels, pixels)
}

/// One row of pixels of `C` bytes, in vectors of `L`.
fn row<const C: usize, const L: usize>(from: &[u8], out: &mut [u8], taps: &Taps) {
    vectorize(
        #[inline(always)]
        || {
            for (out, (first, weights)) in out.as_chunks_mut::<C>().0.iter_mut().zip(taps.iter()) {
                let mut sums = [HALF; L];
                let mut at = first * C;
                for &weight in weights {
                    let pixel: [u8; L] = from[at..at + L].try_into().unwrap_or([0; L]);
                    for lane in 0..L {
                        sums[lane] += i32::from(pixel[lane]) * weight;
                    }
                    at += C;
                }
                for c in 0..C {
                    out[c] = byte(sums[c]);
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
