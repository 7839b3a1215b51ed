//! Values by how frequent they are, in each channel for itself.
//!
//! * Stretched contrast: `255 (x − m) / (M − m)` with the least and the largest value of the channel.
//! * Equal shares: with the histogram `h`, `n = Σ h` and `s = ⌊(n − h_last) / 255⌋`, where `last` is the
//!   largest value that occurs, `x` becomes `⌊(⌊s/2⌋ + h_0 + … + h_{x−1}) / s⌋`. With `s = 0` the channel
//!   stays. Pillow's `ImageOps.equalize`.

use super::colours;
use crate::vision::Image;

pub(super) fn stretch(image: &mut Image) {
    for c in 0..image.colours() {
        let (mut least, mut most) = (u8::MAX, u8::MIN);
        for pixel in colours(image) {
            (least, most) = (least.min(pixel[c]), most.max(pixel[c]));
        }
        if least < most {
            let (least, scale) = (f32::from(least), f32::from(most - least) * (1.0 / 255.0));
            for pixel in colours(image) {
                pixel[c] = ((f32::from(pixel[c]) - least) / scale) as u8;
            }
        }
    }
}

pub(super) fn equalize(image: &mut Image) {
    for c in 0..image.colours() {
        let mut histogram = [0_u64; 256];
        for pixel in colours(image) {
            histogram[usize::from(pixel[c])] += 1;
        }
        let last = histogram.iter().rev().find(|&&h| h > 0).copied().unwrap_or(0);
        let step = (histogram.iter().sum::<u64>() - last) / 255;
        if step == 0 {
            continue;
        }
        let mut sum = step / 2;
        let table = histogram.map(|h| {
            let value = (sum / step).min(255) as u8;
            sum += h;
            value
        });
        for pixel in colours(image) {
            pixel[c] = table[usize::from(pixel[c])];
        }
    }
}
