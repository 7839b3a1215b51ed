//! Colours. The palette is that of M. Okabe and K. Ito, "Color Universal Design", 2008: its colours
//! stay distinct for readers with any of the usual kinds of colour blindness.

/// Red, green and blue, each from 0 to 255.
pub(super) type Color = (u8, u8, u8);

pub(super) const WHITE: Color = (255, 255, 255);
/// Text and titles.
pub(super) const INK: Color = (34, 34, 34);
/// Labels that explain.
pub(super) const SOFT: Color = (96, 96, 96);
/// Grid lines.
pub(super) const GRID: Color = (228, 228, 228);
/// Axes.
pub(super) const AXIS: Color = (150, 150, 150);
/// A cell without counts.
pub(super) const EMPTY: Color = (246, 246, 246);

pub(super) const BLUE: Color = (0, 114, 178);
pub(super) const VERMILION: Color = (213, 94, 0);
const YELLOW: Color = (240, 228, 66);

/// The colours of the curves of a panel, in their order.
pub(super) const CURVES: [Color; 6] =
    [BLUE, VERMILION, (0, 158, 115), (204, 121, 167), (230, 159, 0), (86, 180, 233)];

/// The colour at `t` from 0 to 1 between two colours.
pub(super) fn mix(a: Color, b: Color, t: f64) -> Color {
    let part = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * t).round() as u8;
    (part(a.0, b.0), part(a.1, b.1), part(a.2, b.2))
}

/// The colour of a value from -1 to 1: white for 0, blue above, vermilion below; darker beyond a half, so that it is seen how
/// far.
pub(super) fn signed(value: f64) -> Color {
    let end = if value < 0.0 { VERMILION } else { BLUE };
    match value.abs().min(1.0) {
        t if t <= 0.5 => mix(WHITE, end, 2.0 * t),
        t => mix(end, INK, 1.4 * (t - 0.5)),
    }
}

/// A grey pixel under a heat from 0 to 1: from the grey itself over yellow to vermilion.
pub(super) fn heated(grey: u8, heat: f64) -> Color {
    let heat = heat.clamp(0.0, 1.0);
    let warm = mix(YELLOW, VERMILION, heat);
    mix((grey, grey, grey), warm, 0.8 * heat.powf(0.8))
}

/// White or dark ink, whichever is easier to read on a ground of this colour.
pub(super) fn ink_on(ground: Color) -> Color {
    if contrast(WHITE, ground) > contrast(INK, ground) { WHITE } else { INK }
}

/// The contrast ratio of two colours, from 1 to 21 (Web Content Accessibility Guidelines 2.2).
fn contrast(a: Color, b: Color) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn luminance((r, g, b): Color) -> f64 {
    let linear = |c: u8| match f64::from(c) / 255.0 {
        c if c <= 0.04045 => c / 12.92,
        c => ((c + 0.055) / 1.055).powf(2.4),
    };
    0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stands_out_on_every_ground() {
        assert!((contrast((0, 0, 0), WHITE) - 21.0).abs() < 1e-9);
        for step in 0..=20 {
            for end in [BLUE, VERMILION] {
                let ground = mix(WHITE, end, f64::from(step) / 20.0);
                let ratio = contrast(ink_on(ground), ground);
                assert!(ratio > 3.5, "{ratio} on {ground:?}");
            }
        }
    }
}
