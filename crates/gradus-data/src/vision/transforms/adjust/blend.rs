//! Brightness, contrast and saturation: each pixel `x` becomes `f x + (1 − f) y`, where `y` is black, or
//! the mean of the picture's grey, or the pixel's own grey. With f = 0 only `y` is left, with f = 1
//! only `x`.

use super::{blended, colours, grey, shares};
use crate::vision::Image;

pub(super) fn brightness(image: &mut Image, factor: f64) {
    for pixel in colours(image) {
        pixel.iter_mut().for_each(|x| *x = (f32::from(*x) * factor as f32) as u8);
    }
}

pub(super) fn contrast(image: &mut Image, factor: f64) {
    let shares = shares(factor);
    let sum: u64 = colours(image).map(|pixel| u64::from(grey(pixel))).sum();
    let mean = (sum as f64 / (image.height() * image.width()) as f64) as f32;
    for pixel in colours(image) {
        pixel.iter_mut().for_each(|x| *x = blended((*x).into(), mean, shares));
    }
}

pub(super) fn saturation(image: &mut Image, factor: f64) {
    if image.colours() == 1 {
        return;
    }
    let shares = shares(factor);
    for pixel in colours(image) {
        let grey = grey(pixel).into();
        pixel.iter_mut().for_each(|x| *x = blended((*x).into(), grey, shares));
    }
}
