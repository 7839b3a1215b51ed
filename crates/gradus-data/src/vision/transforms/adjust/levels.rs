//! Values by a rule of their own: the upper `b` bits, `x ∧ (2ᵇ − 1) · 2⁸⁻ᵇ`; mirrored from a threshold
//! on, `255 − x` where `x ≥ t`; grey.

use super::colours;
use crate::vision::Image;
use crate::{Error, Result};

pub(super) fn posterize(image: &mut Image, bits: u32) -> Result<()> {
    if bits > 8 {
        return Err(Error::value("Adjust", format!("posterize to {bits} bits"), "0 to 8"));
    }
    let mask = (0xff00_u32 >> bits) as u8;
    colours(image).flatten().for_each(|x| *x &= mask);
    Ok(())
}

pub(super) fn solarize(image: &mut Image, threshold: u8) {
    let mirrored = |x: u8| if x >= threshold { 255 - x } else { x };
    colours(image).flatten().for_each(|x| *x = mirrored(*x));
}

pub(super) fn grey(image: &mut Image) {
    for pixel in colours(image) {
        let grey = super::grey(pixel);
        pixel.fill(grey);
    }
}
