//! Colours multiplied by alpha, and back: a pixel that cannot be seen must not tint its neighbours.

use crate::vision::Image;
use crate::vision::convert::mul_255;

pub(super) fn multiply(mut image: Image) -> Image {
    let channels = image.channels();
    for pixel in image.pixels_mut().chunks_exact_mut(channels) {
        if let [colours @ .., alpha] = pixel {
            colours.iter_mut().for_each(|x| *x = mul_255(*x, *alpha));
        }
    }
    image
}

pub(super) fn divide(mut image: Image) -> Image {
    let channels = image.channels();
    for pixel in image.pixels_mut().chunks_exact_mut(channels) {
        if let [colours @ .., alpha @ 1..=254] = pixel {
            let whole = |x: u8| (255 * u32::from(x) / u32::from(*alpha)).min(255) as u8;
            colours.iter_mut().for_each(|x| *x = whole(*x));
        }
    }
    image
}
