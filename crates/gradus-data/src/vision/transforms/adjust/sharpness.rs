//! Sharpness: `f x + (1 − f) y`, where `y` is the picture smoothed by `[1 1 1; 1 5 1; 1 1 1] / 13`. The
//! outermost pixels stay, and so does a picture of less than three rows or columns.

use super::{blended, shares};
use crate::vision::Image;

pub(super) fn adjust(image: &mut Image, factor: f64) {
    let (height, width, channels) = (image.height(), image.width(), image.channels());
    if height < 3 || width < 3 {
        return;
    }
    let shares = shares(factor);
    let old = image.clone();
    let colours = image.colours();
    let rows = image.pixels_mut().chunks_exact_mut(width * channels).enumerate();
    for (y, row) in rows.skip(1).take(height - 2) {
        for x in 1..width - 1 {
            for c in 0..colours {
                let at = |dy: usize, dx: usize| {
                    u32::from(old.row(y + dy - 1)[(x + dx - 1) * channels + c])
                };
                let around: u32 = (0..9).map(|i| at(i / 3, i % 3)).sum();
                let centre = at(1, 1);
                let smooth = ((around + 4 * centre) as f32 / 13.0).round();
                row[x * channels + c] = blended(centre as f32, smooth, shares);
            }
        }
    }
}
