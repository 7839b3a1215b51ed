//! Changes of colours. Alpha, where there is some, and all that has no colours stay as they are.
//!
//! | change | file |
//! |---|---|
//! | brightness, contrast, saturation | `blend` |
//! | hue | `hue` |
//! | sharpness | `sharpness` |
//! | posterize, solarize, invert, grey | `levels` |
//! | stretched contrast, equal shares | `histogram` |
//!
//! Definitions are those of torchvision for bytes (`torchvision.transforms.v2.functional`): what a
//! formula gives is cut to 0 … 255 and rounded down.

mod blend;
mod histogram;
mod hue;
mod levels;
mod sharpness;

use crate::vision::{Change, Image};
use crate::{Error, Result};

/// A change of colours, without chance. Together with [`RandomApply`](super::RandomApply) these make
/// torchvision's `RandomInvert`, `RandomPosterize`, `RandomSolarize`, `RandomAdjustSharpness`,
/// `RandomAutocontrast` and `RandomEqualize`.
///
/// ```
/// use gradus_data::vision::{Adjust, Augment, Image};
/// use gradus_tensor::Rng;
/// let grey = Image::filled([1, 1], &[100])?;
/// let brighter = Adjust::Brightness(1.5).apply(grey, &mut Rng::new(0))?;
/// assert_eq!(brighter.pixels(), [150]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Adjust {
    /// Every value times a factor >= 0.
    Brightness(f64),
    /// The distance to the mean grey times a factor >= 0.
    Contrast(f64),
    /// The distance to the pixel's own grey times a factor >= 0.
    Saturation(f64),
    /// Hues moved by a part of the circle, from −0.5 to 0.5.
    Hue(f64),
    /// The distance to the smoothed picture times a factor >= 0: 0 smooth, 1 as it is, 2 sharp.
    Sharpness(f64),
    /// So many upper bits of each value, 0 to 8.
    Posterize(u32),
    /// Values from the threshold on become 255 − value.
    Solarize(u8),
    /// Every value becomes 255 − value.
    Invert,
    /// Every pixel in its grey; the channels stay.
    Grayscale,
    /// The least value of each channel becomes 0, the largest 255.
    Autocontrast,
    /// Values of each channel so that all are about equally frequent.
    Equalize,
}

impl Change for Adjust {
    fn image(&self, mut image: Image) -> Result<Image> {
        let factor = |name: &str, factor: f64, [least, most]: [f64; 2]| {
            if factor.is_finite() && (least..=most).contains(&factor) {
                return Ok(factor);
            }
            let got = format!("{name} {factor}");
            Err(Error::value("Adjust", got, format!("a finite number from {least} to {most}")))
        };
        let any = [0.0, f64::INFINITY];
        match *self {
            Self::Brightness(f) => blend::brightness(&mut image, factor("brightness", f, any)?),
            Self::Contrast(f) => blend::contrast(&mut image, factor("contrast", f, any)?),
            Self::Saturation(f) => blend::saturation(&mut image, factor("saturation", f, any)?),
            Self::Hue(by) => hue::turn(&mut image, factor("hue", by, [-0.5, 0.5])?),
            Self::Sharpness(f) => sharpness::adjust(&mut image, factor("sharpness", f, any)?),
            Self::Posterize(bits) => levels::posterize(&mut image, bits)?,
            Self::Solarize(threshold) => levels::solarize(&mut image, threshold),
            Self::Invert => levels::solarize(&mut image, 0),
            Self::Grayscale => levels::grey(&mut image),
            Self::Autocontrast => histogram::stretch(&mut image),
            Self::Equalize => histogram::equalize(&mut image),
        }
        Ok(image)
    }
}

/// Each pixel's colours, without alpha.
fn colours(image: &mut Image) -> impl Iterator<Item = &mut [u8]> {
    let (channels, colours) = (image.channels(), image.colours());
    image.pixels_mut().chunks_exact_mut(channels).map(move |pixel| &mut pixel[..colours])
}

/// A pixel's grey: `⌊0.2989 R + 0.587 G + 0.114 B⌋`, torchvision's weights.
fn grey(pixel: &[u8]) -> u8 {
    match *pixel {
        [r, g, b] => {
            let [r, g, b] = [r, g, b].map(f32::from);
            (r * 0.2989 + g * 0.587 + b * 0.114) as u8
        }
        _ => pixel.first().copied().unwrap_or(0),
    }
}

/// `f · a + (1 − f) · b`, as a byte, from `(f, 1 − f)`.
#[inline(always)]
fn blended(a: f32, b: f32, (own, other): (f32, f32)) -> u8 {
    (a * own + b * other) as u8
}

/// A factor `f` as `(f, 1 − f)`, each rounded once.
fn shares(factor: f64) -> (f32, f32) {
    (factor as f32, (1.0 - factor) as f32)
}
