//! Pictures whose pixels move: every pixel of the new picture is looked up in the old one.
//!
//! The centre of pixel `(row i, column j)` is the point `(j + ½, i + ½)`. A map from points of the new
//! picture to points of the old one says where to look; between pixels the filter's weights count
//! (`f` of `vision/resize`, never wider than its own support: nothing is smoothed). What lies outside
//! has the colour of the fill, and at the edges pixels blend into it. (torchvision weighs the picture
//! twice there if a fill is given; without a fill both agree.)

use gradus_tensor::simd::vectorize;

use super::{Filter, Image, Size};
use crate::Result;

/// The picture of `size` whose point `p` shows the old point `map(p)`; `fill` in every channel outside.
pub(super) fn warp(
    image: &Image,
    size: Size,
    filter: Filter,
    fill: u8,
    map: impl Fn(f64, f64) -> (f64, f64),
) -> Result<Image> {
    let area = size.memory("warp", image.channels())?;
    let mut pixels = vec![fill; area * image.channels()];
    let rows = match image.channels() {
        1 => rows::<1>,
        2 => rows::<2>,
        3 => rows::<3>,
        _ => rows::<4>,
    };
    rows(image, size.width, filter, fill, &map, &mut pixels);
    Ok(Image::of(size, image.channels(), pixels))
}

/// All rows of the new picture, `C` bytes a pixel.
fn rows<const C: usize>(
    image: &Image,
    width: usize,
    filter: Filter,
    fill: u8,
    map: &impl Fn(f64, f64) -> (f64, f64),
    out: &mut [u8],
) {
    let [old_width, old_height] = [image.width(), image.height()];
    let pixels = image.pixels().as_chunks::<C>().0;
    for (i, row) in out.chunks_exact_mut(width * C).enumerate() {
        vectorize(
            #[inline(always)]
            || {
                for (j, out) in row.as_chunks_mut::<C>().0.iter_mut().enumerate() {
                    let (x, y) = map(j as f64 + 0.5, i as f64 + 0.5);
                    let inside = |least: f64, less: f64| {
                        x >= least
                            && y >= least
                            && x < old_width as f64 - less
                            && y < old_height as f64 - less
                    };
                    match filter {
                        Filter::Nearest | Filter::Box if inside(0.0, 0.0) => {
                            *out = pixels[y as usize * old_width + x as usize];
                        }
                        Filter::Nearest | Filter::Box => {}
                        // Between four pixels of the picture, by far the most frequent case.
                        Filter::Bilinear if inside(0.5, 0.5) => {
                            let (x, y) = (x - 0.5, y - 0.5);
                            let at = y as usize * old_width + x as usize;
                            let (right, down) = (x - (x as usize) as f64, y - (y as usize) as f64);
                            let (left, up) = (1.0 - right, 1.0 - down);
                            let (a, b) = (&pixels[at], &pixels[at + 1]);
                            let (c, d) = (&pixels[at + old_width], &pixels[at + old_width + 1]);
                            for k in 0..C {
                                let [a, b, c, d] = [a[k], b[k], c[k], d[k]].map(f64::from);
                                let sum = up * left * a + up * right * b + down * left * c;
                                out[k] = (sum + down * right * d).round_ties_even() as u8;
                            }
                        }
                        _ => blended(image, x - 0.5, y - 0.5, filter, fill, out),
                    }
                }
            },
        );
    }
}

/// The most taps in a direction, those of Lanczos.
const MOST: usize = 6;

/// `x` and `y` count pixels from the centre of the first.
fn blended(image: &Image, x: f64, y: f64, filter: Filter, fill: u8, out: &mut [u8]) {
    let half = match filter {
        Filter::Bicubic => 2,
        Filter::Lanczos => 3,
        _ => 1_usize,
    };
    let reach = half as f64;
    let inside = |at: f64, len: usize| at > -reach && at < len as f64 - 1.0 + reach;
    if !(inside(x, image.width()) && inside(y, image.height())) {
        return;
    }
    let weights = |at: f64| {
        let first = at.floor() as isize - (half as isize - 1);
        let mut weights = [0.0; MOST];
        let places = weights.iter_mut().take(2 * half).enumerate();
        places.for_each(|(k, w)| *w = filter.weight((first + k as isize) as f64 - at));
        (first, weights)
    };
    let ((left, across), (top, down)) = (weights(x), weights(y));
    let (channels, mut sums, mut covered) = (image.channels(), [0.0; 4], 0.0);
    for (k, weight_down) in down.iter().take(2 * half).enumerate() {
        let row = top + k as isize;
        if !(0..image.height() as isize).contains(&row) {
            continue;
        }
        let row = image.row(row.unsigned_abs());
        for (l, weight_across) in across.iter().take(2 * half).enumerate() {
            let column = left + l as isize;
            if !(0..image.width() as isize).contains(&column) {
                continue;
            }
            let weight = weight_down * weight_across;
            let pixel = &row[column.unsigned_abs() * channels..][..channels];
            sums.iter_mut().zip(pixel).for_each(|(s, &p)| *s += weight * f64::from(p));
            covered += weight;
        }
    }
    // The weights of everything, inside and outside, make 1, for Lanczos nearly.
    let rest = (1.0 - covered) * f64::from(fill);
    out.iter_mut().zip(sums).for_each(|(out, sum)| *out = (sum + rest).round_ties_even() as u8);
}
