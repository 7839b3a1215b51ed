//! Sharpness: `f x + (1 − f) y`, where `y` is the picture smoothed by `[1 1 1; 1 5 1; 1 1 1] / 13`. The
//! outermost pixels stay, and so does a picture of less than three rows or columns.

use gradus_tensor::simd::vectorize;

use super::{blended, shares};
use crate::vision::Image;

pub(super) fn adjust(image: &mut Image, factor: f64) {
    let (height, width, channels) = (image.height(), image.width(), image.channels());
    if height < 3 || width < 3 {
        return;
    }
    let shares = shares(factor);
    let old = image.clone();
    let (alpha, stride) = (image.has_alpha(), width * channels);
    // Sums of three rows, column by column.
    let mut sums = vec![0_u16; stride];
    let rows = image.pixels_mut().chunks_exact_mut(stride).enumerate();
    for (y, row) in rows.skip(1).take(height - 2) {
        let (above, own, below) = (old.row(y - 1), old.row(y), old.row(y + 1));
        vectorize(
            #[inline(always)]
            || {
                let three = above.iter().zip(own).zip(below);
                let three = three.map(|((&a, &b), &c)| u16::from(a) + u16::from(b) + u16::from(c));
                sums.iter_mut().zip(three).for_each(|(sum, three)| *sum = three);
                let (left, right) = (&sums[..], &sums[2 * channels..]);
                let around = left.iter().zip(&sums[channels..]).zip(right);
                let pixels = row[channels..].iter_mut().zip(&own[channels..]);
                for ((out, &centre), ((l, m), r)) in pixels.zip(around) {
                    let sum = l + m + r + 4 * u16::from(centre);
                    let smooth = (f32::from(sum) / 13.0).round_ties_even();
                    *out = blended(f32::from(centre), smooth, shares);
                }
            },
        );
        if alpha {
            let pixels = row.chunks_exact_mut(channels).zip(own.chunks_exact(channels));
            pixels.for_each(|(out, old)| out[channels - 1] = old[channels - 1]);
        }
    }
}
