//! Pictures within plots: pixels that are enlarged sharply, so that they can be counted.

use gradus_data::vision::{Filter, Image, write_png};

use super::colors::Color;
use crate::{Error, Result};

/// An RGB picture from colours, row by row.
pub(super) fn of_colors([height, width]: [usize; 2], colors: &[Color]) -> Result<Image> {
    let bytes = colors.iter().flat_map(|&(r, g, b)| [r, g, b]).collect();
    Ok(Image::new([height, width], 3, bytes)?)
}

/// The RGB bytes of a picture at a given size: pixels are repeated where there are too few, averaged where there are too many.
pub(super) fn scaled(image: &Image, [height, width]: [usize; 2]) -> Result<Vec<u8>> {
    let filter = match height < image.height() || width < image.width() {
        true => Filter::Box,
        false => Filter::Nearest,
    };
    Ok(image.clone().with_channels(3)?.resize([height, width], filter)?.into_pixels())
}

/// An SVG element that holds the picture.
pub(super) fn element(image: &Image, at: [f64; 2], size: [f64; 2]) -> Result<String> {
    let mut png = Vec::new();
    write_png(&mut png, image).map_err(|e| Error::picture("Plot::svg", e))?;
    let ([x, y], [width, height]) = (at, size);
    Ok(format!(
        "<image x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" preserveAspectRatio=\"none\" \
         style=\"image-rendering:pixelated\" href=\"data:image/png;base64,{}\"/>\n",
        base64(&png)
    ))
}

/// Six bits a sign (RFC 4648, section 4).
fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let byte = |i: usize| u32::from(three.get(i).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for i in 0..4 {
            // One byte takes two signs, two take three; the rest is filled.
            let sign = SIGNS[(bits >> (18 - 6 * i) & 63) as usize];
            out.push(if i > three.len() { '=' } else { char::from(sign) });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_rfc() {
        let pairs = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ];
        for (plain, coded) in pairs {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
        assert_eq!(base64(&[0xfb, 0xff, 0xbf]), "+/+/");
    }

    #[test]
    fn few_pixels_are_repeated_and_many_averaged() -> Result<()> {
        let two = Image::new([1, 2], 1, vec![10, 30])?;
        assert_eq!(scaled(&two, [1, 4])?, [10, 10, 10, 10, 10, 10, 30, 30, 30, 30, 30, 30]);
        assert_eq!(scaled(&two, [1, 1])?, [20, 20, 20]);
        Ok(())
    }
}
