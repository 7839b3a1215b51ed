//! Hues: from RGB to HSV, a turn, and back (A. R. Smith, *Color gamut transform pairs*, 1978).
//!
//! With `M = max`, `m = min`, `v = M`, `s = (M − m) / M`, and the hue in sixths of a circle
//! `(G − B) / (M − m)` where red is largest, `2 + (B − R) / (M − m)` for green, `4 + (R − G) / (M − m)`
//! for blue.

use super::colours;
use crate::vision::Image;

/// `by` is a part of the circle.
pub(super) fn turn(image: &mut Image, by: f64) {
    let by = by as f32;
    if by == 0.0 || image.colours() == 1 {
        return;
    }
    for pixel in colours(image) {
        if let [r, g, b] = pixel {
            [*r, *g, *b] = turned([*r, *g, *b], by);
        }
    }
}

fn turned(rgb: [u8; 3], by: f32) -> [u8; 3] {
    let [r, g, b] = rgb.map(|x| f32::from(x) / 255.0);
    let (most, least) = (r.max(g).max(b), r.min(g).min(b));
    let range = most - least;
    if range == 0.0 {
        // Grey has no hue.
        return rgb;
    }
    let saturation = range / most;
    let [rc, gc, bc] = [r, g, b].map(|x| (most - x) / range);
    let sixths = if most == r {
        bc - gc
    } else if most == g {
        2.0 + rc - bc
    } else {
        4.0 + gc - rc
    };
    let hue = (sixths / 6.0 + 1.0 + by).rem_euclid(1.0) * 6.0;
    let (sector, part) = (hue.floor(), hue - hue.floor());
    let p = most * (1.0 - saturation);
    let q = most * (1.0 - saturation * part);
    let t = most * (1.0 - saturation * (1.0 - part));
    let rgb = match sector as u32 % 6 {
        0 => [most, t, p],
        1 => [q, most, p],
        2 => [p, most, t],
        3 => [p, q, most],
        4 => [t, p, most],
        _ => [most, p, q],
    };
    // As torchvision counts from 0 … 1 to bytes: every byte has an equal share.
    rgb.map(|x| (x.clamp(0.0, 1.0) * (256.0 - 1e-3)) as u8)
}
