//! Other channels for a picture.
//!
//! Grey is `Y = 0.299 R + 0.587 G + 0.114 B` (ITU-R BT.601), with the whole numbers that Pillow
//! takes: `(19595 R + 38470 G + 7471 B + 2¹⁵) / 2¹⁶`. From grey to colour the value is repeated.
//! New alpha is 255; alpha is dropped without a look at it, as Pillow's `convert("RGB")` does.
//! [`Image::over`] lays a picture on a background instead: `(a · x + (255 − a) · b) / 255`, rounded.

use super::Image;
use crate::{Error, Result};

/// The grey of a colour.
pub(crate) fn luma(r: u8, g: u8, b: u8) -> u8 {
    let sum = 19595 * u32::from(r) + 38470 * u32::from(g) + 7471 * u32::from(b);
    ((sum + 0x8000) >> 16) as u8
}

/// `a · b / 255`, rounded, without a division (Blinn, *Three wrongs make a right*, 1995).
pub(crate) fn mul_255(a: u8, b: u8) -> u8 {
    let product = u32::from(a) * u32::from(b) + 128;
    ((product + (product >> 8)) >> 8) as u8
}

impl Image {
    /// The picture with this number of channels: 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA.
    ///
    /// ```
    /// use gradus_data::vision::Image;
    /// let blue = Image::filled([1, 1], &[0, 0, 255])?;
    /// assert_eq!(blue.clone().with_channels(1)?.pixels(), [29]);
    /// assert_eq!(blue.with_channels(4)?.pixels(), [0, 0, 255, 255]);
    /// # Ok::<(), gradus_data::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Value`] unless there are 1 to 4 channels.
    pub fn with_channels(self, channels: usize) -> Result<Self> {
        if !(1..=4).contains(&channels) {
            let got = format!("channels = {channels}");
            return Err(Error::value("with_channels", got, "1, 2 (grey), 3 or 4 (colour)"));
        }
        if channels == self.channels() {
            return Ok(self);
        }
        let area = self.height() * self.width();
        let mut out = Vec::with_capacity(area * channels);
        for pixel in self.pixels().chunks_exact(self.channels()) {
            let alpha = if self.has_alpha() { pixel[pixel.len() - 1] } else { 255 };
            match (self.colours(), channels) {
                (1, 1 | 2) => out.push(pixel[0]),
                (1, _) => out.extend([pixel[0]; 3]),
                (_, 1 | 2) => out.push(luma(pixel[0], pixel[1], pixel[2])),
                _ => out.extend_from_slice(&pixel[..3]),
            }
            if channels.is_multiple_of(2) {
                out.push(alpha);
            }
        }
        Ok(Self::of(self.size(), channels, out))
    }

    /// The picture on a background of one colour, a byte for each channel that is no alpha. Without
    /// alpha it stays as it is.
    ///
    /// ```
    /// use gradus_data::vision::Image;
    /// let glass = Image::filled([1, 1], &[255, 0, 0, 51])?;
    /// assert_eq!(glass.over(&[255, 255, 255])?.pixels(), [255, 204, 204]);
    /// # Ok::<(), gradus_data::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Value`] unless the background has as many channels as the picture has colours.
    pub fn over(self, background: &[u8]) -> Result<Self> {
        let colours = self.colours();
        if background.len() != colours {
            let got = format!("a background of {} channels", background.len());
            return Err(Error::value("Image::over", got, format!("{colours}, as the picture has")));
        }
        if !self.has_alpha() {
            return Ok(self);
        }
        let mut out = Vec::with_capacity(self.height() * self.width() * colours);
        for pixel in self.pixels().chunks_exact(colours + 1) {
            let alpha = pixel[colours];
            let mix = |(&x, &b): (&u8, &u8)| {
                let sum = u32::from(alpha) * u32::from(x) + u32::from(255 - alpha) * u32::from(b);
                ((sum + 127) / 255) as u8
            };
            out.extend(pixel.iter().zip(background).map(mix));
        }
        Ok(Self::of(self.size(), colours, out))
    }
}
