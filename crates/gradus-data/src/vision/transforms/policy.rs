//! The fourteen changes of RandAugment and TrivialAugment, each with a strength. Sources: E. Cubuk et
//! al., *RandAugment*, arXiv:1909.13719, and S. Müller, F. Hutter, *TrivialAugment*, arXiv:2103.10158,
//! in the form that torchvision gives them.
//!
//! With a magnitude `m` of `n` bins, `u = m / (n − 1)` goes from 0 to 1:
//!
//! | change | RandAugment | TrivialAugmentWide | either sign |
//! |---|---|---|---|
//! | identity, autocontrast, equalize | | | |
//! | shear x, shear y: `arctan` of | 0.3 u | 0.99 u | yes |
//! | translate x, y: whole pixels | 150/331 of the side · u | 32 u | yes |
//! | rotate: degrees | 30 u | 135 u | yes |
//! | brightness, color, contrast, sharpness: 1 + | 0.9 u | 0.99 u | yes |
//! | posterize: bits | round(8 − 4 u) | round(8 − 6 u) | no |
//! | solarize: threshold | 255 (1 − u) | the same | no |

use gradus_tensor::Rng;

use super::{Adjust, Affine};
use crate::Result;
use crate::vision::{Boxes, Change, Filter, Image, Mask, Size};

/// One change of a policy: of place or of colours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PolicyChange {
    /// Nothing.
    Identity,
    /// Pixels move.
    Affine(Affine),
    /// Colours change.
    Adjust(Adjust),
}

impl Change for PolicyChange {
    fn image(&self, image: Image) -> Result<Image> {
        match self {
            Self::Identity => Ok(image),
            Self::Affine(affine) => affine.image(image),
            Self::Adjust(adjust) => adjust.image(image),
        }
    }
    fn mask(&self, mask: Mask) -> Result<Mask> {
        if let Self::Affine(affine) = self { affine.mask(mask) } else { Ok(mask) }
    }
    fn boxes(&self, boxes: Boxes) -> Result<Boxes> {
        if let Self::Affine(affine) = self { affine.boxes(boxes) } else { Ok(boxes) }
    }
}

/// How strong the strongest changes are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Strengths {
    pub shear: f64,
    /// Parts of the side, or pixels.
    pub translate: Move,
    pub rotate: f64,
    pub factor: f64,
    pub bits: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Move {
    Part(f64),
    Pixels(f64),
}

/// How many changes there are.
const KINDS: usize = 14;

/// Draws one of them. `u` is its strength from 0 to 1.
pub(super) fn draw(
    strengths: &Strengths,
    u: f64,
    size: Size,
    (filter, fill): (Filter, u8),
    rng: &mut Rng,
) -> PolicyChange {
    let kind = rng.below(KINDS);
    let sign = if rng.below(2) == 0 { 1.0 } else { -1.0 };
    let pixels = |side: usize| match strengths.translate {
        Move::Part(part) => (part * side as f64 * u).trunc() * sign,
        Move::Pixels(pixels) => (pixels * u).trunc() * sign,
    };
    let still = Affine { filter, fill, ..Affine::default() };
    let slope = (strengths.shear * u * sign).atan().to_degrees();
    let corner = Some([0.0, 0.0]);
    let factor = 1.0 + strengths.factor * u * sign;
    let affine = PolicyChange::Affine;
    let adjust = PolicyChange::Adjust;
    match kind {
        0 => PolicyChange::Identity,
        1 => affine(Affine { shear: [slope, 0.0], center: corner, ..still }),
        2 => affine(Affine { shear: [0.0, slope], center: corner, ..still }),
        3 => affine(Affine { translate: [pixels(size.width), 0.0], ..still }),
        4 => affine(Affine { translate: [0.0, pixels(size.height)], ..still }),
        5 => affine(Affine { angle: -strengths.rotate * u * sign, ..still }),
        6 => adjust(Adjust::Brightness(factor)),
        7 => adjust(Adjust::Saturation(factor)),
        8 => adjust(Adjust::Contrast(factor)),
        9 => adjust(Adjust::Sharpness(factor)),
        10 => adjust(Adjust::Posterize((8.0 - strengths.bits * u).round_ties_even() as u32)),
        11 => adjust(Adjust::Solarize((255.0 * (1.0 - u)).ceil() as u8)),
        12 => adjust(Adjust::Autocontrast),
        _ => adjust(Adjust::Equalize),
    }
}
