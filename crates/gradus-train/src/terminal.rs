//! Small grey images as text, side by side, each over its caption.
//!
//! On a terminal with colours a pixel is a block of one of the 24 greys of the 256-colour palette;
//! an image wider than 16 pixels packs two rows into a line of half blocks. Anywhere else a pixel
//! is one of ten characters from space to `@`, and there are no control codes. The least value of
//! an image is drawn black (a space), the largest white; a NaN is a question mark.

use std::fmt;
use std::io::IsTerminal;

use gradus_tensor::Tensor;

use crate::text::{cut, pad, plain};
use crate::{Error, Result};

/// From dark to bright, in the light that a character gives off on a dark screen.
const SHADES: [char; 10] = [' ', '.', ':', '-', '=', '+', '*', '#', '%', '@'];
/// The greatest width that is drawn pixel by pixel; larger images are averaged down to it.
const MOST_PIXELS: usize = 32;
/// Up to this width a pixel is two characters wide and one line high, which is nearly square.
const MOST_WIDE_PIXELS: usize = 16;
/// The least width of a caption.
const LEAST_COLUMNS: usize = 12;

/// Images with captions; its `Display` draws them.
///
/// ```
/// use gradus_tensor::Tensor;
/// use gradus_train::Gallery;
///
/// let image = Tensor::from_vec(vec![0.0, 1.0, 1.0, 0.0], [1, 2, 2])?;
/// let mut gallery = Gallery::new().plain(true);
/// gallery.add(&image, "7 (99.8 %)")?;
/// assert_eq!(gallery.to_string(), "  @@\n@@\n7 (99.8 %)");
/// # Ok::<(), gradus_train::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Gallery {
    tiles: Vec<Tile>,
    columns: usize,
    plain: bool,
}

#[derive(Debug, Clone)]
struct Tile {
    /// Rows of brightness from 0 to 1, or NaN.
    pixels: Vec<Vec<f32>>,
    caption: Vec<String>,
}

impl Default for Gallery {
    fn default() -> Self {
        Self::new()
    }
}

impl Gallery {
    /// No images yet; 80 columns wide, in colour if standard output is a terminal that has them.
    pub fn new() -> Self {
        let no_colours = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty())
            || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self {
            tiles: Vec::new(),
            columns: 80,
            plain: no_colours || !std::io::stdout().is_terminal(),
        }
    }

    /// Whether to draw with characters alone, instead of asking standard output.
    #[must_use]
    pub fn plain(mut self, plain: bool) -> Self {
        self.plain = plain;
        self
    }

    /// The width that the images side by side may take, in characters.
    #[must_use]
    pub fn columns(mut self, columns: usize) -> Self {
        self.columns = columns;
        self
    }

    /// Adds a grey image `[H, W]` or `[1, H, W]` and its caption, which may have several lines.
    ///
    /// # Errors
    /// [`gradus_tensor::Error::Shape`] for another shape or an image without pixels,
    /// [`Error::Value`] for one of more than a million pixels.
    pub fn add(&mut self, image: &Tensor, caption: &str) -> Result<()> {
        let &([h, w] | [1, h, w]) = image.shape() else {
            return Err(wrong_shape(image));
        };
        if h == 0 || w == 0 {
            return Err(wrong_shape(image));
        }
        if image.len() > 1_000_000 {
            let got = format!("an image of {h}×{w} pixels");
            return Err(Error::value("Gallery::add", got, "a small one: at most a million pixels"));
        }
        let pixels = shrink(&image.to_vec(), w, h.max(w).div_ceil(MOST_PIXELS));
        let caption = plain(caption).lines().map(String::from).collect();
        self.tiles.push(Tile { pixels: stretch(pixels), caption });
        Ok(())
    }
}

fn wrong_shape(image: &Tensor) -> Error {
    let wanted = "a grey image [H, W] or [1, H, W] with at least one pixel";
    gradus_tensor::Error::shape("Gallery::add", image.shape(), wanted).into()
}

/// Means over blocks of `by` × `by` pixels; smaller blocks at the right and lower edge.
fn shrink(pixels: &[f32], width: usize, by: usize) -> Vec<Vec<f32>> {
    let rows: Vec<&[f32]> = pixels.chunks(width).collect();
    rows.chunks(by)
        .map(|band| {
            (0..width.div_ceil(by))
                .map(|x| {
                    let block = band.iter().flat_map(|row| row.iter().skip(x * by).take(by));
                    let (sum, n) = block.fold((0.0, 0.0), |(sum, n), &p| (sum + p, n + 1.0));
                    sum / n
                })
                .collect()
        })
        .collect()
}

/// Maps the least finite value to 0 and the largest to 1; an even image is 1 where it is positive.
fn stretch(mut pixels: Vec<Vec<f32>>) -> Vec<Vec<f32>> {
    let finite = || pixels.iter().flatten().copied().filter(|p| p.is_finite());
    let low = finite().fold(f32::INFINITY, f32::min);
    let high = finite().fold(f32::NEG_INFINITY, f32::max);
    for p in pixels.iter_mut().flatten() {
        *p = match () {
            () if p.is_nan() => f32::NAN,
            // Halves, so that the difference of two huge values stays finite.
            () if high > low => ((*p / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0)).clamp(0.0, 1.0),
            () => f32::from(*p > 0.0),
        };
    }
    pixels
}

impl Tile {
    /// The columns and lines that the image takes.
    fn size(&self) -> (usize, usize) {
        let (h, w) = (self.pixels.len(), self.pixels[0].len());
        if w <= MOST_WIDE_PIXELS { (2 * w, h) } else { (w, h.div_ceil(2)) }
    }

    /// Line `y` of the image, exactly as wide as `size` says.
    fn line(&self, y: usize, plain: bool) -> String {
        let wide = self.pixels[0].len() <= MOST_WIDE_PIXELS;
        let row = |y: usize| self.pixels.get(y);
        let mut out = String::new();
        if wide {
            for &p in row(y).into_iter().flatten() {
                match plain {
                    true => out.extend([shade(p); 2]),
                    false => out += &format!("\u{1b}[48;5;{}m  ", grey(p)),
                }
            }
        } else {
            let above = row(2 * y).map_or(&[][..], Vec::as_slice);
            for (x, &top) in above.iter().enumerate() {
                // Below the last line of an odd number of them there is nothing: black.
                let low = row(2 * y + 1).map_or(0.0, |row| row[x]);
                match plain {
                    true => out.push(shade((top + low) / 2.0)),
                    false => out += &format!("\u{1b}[38;5;{};48;5;{}m▀", grey(top), grey(low)),
                }
            }
        }
        if plain { out } else { out + "\u{1b}[0m" }
    }
}

fn shade(p: f32) -> char {
    if p.is_nan() { '?' } else { SHADES[(p * (SHADES.len() - 1) as f32).round() as usize] }
}

/// The number of a grey in the 256-colour palette: black 16, then 232 to 255, then white 231. A
/// NaN is red.
fn grey(p: f32) -> u8 {
    match (p * 25.0).round() {
        p if p.is_nan() => 196,
        p if p < 1.0 => 16,
        p if p >= 25.0 => 231,
        p => 231 + p as u8,
    }
}

impl fmt::Display for Gallery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cell = self.tiles.iter().map(|t| t.size().0.max(LEAST_COLUMNS)).max().unwrap_or(1);
        let per_row = ((self.columns + 2) / (cell + 2)).max(1);
        for (i, row) in self.tiles.chunks(per_row).enumerate() {
            if i > 0 {
                write!(f, "\n\n")?;
            }
            let height = row.iter().map(|t| t.size().1).max().unwrap_or(0);
            let captions = row.iter().map(|t| t.caption.len()).max().unwrap_or(0);
            for y in 0..height + captions {
                let mut line = String::new();
                for tile in row {
                    let (w, h) = tile.size();
                    match y {
                        // Images stand on one line; what is lower starts further down.
                        y if y < height - h => line += &" ".repeat(cell),
                        y if y < height => {
                            line += &tile.line(y - (height - h), self.plain);
                            line += &" ".repeat(cell - w);
                        }
                        y => {
                            let text = tile.caption.get(y - height).map_or("", String::as_str);
                            line += &pad(&cut(text, cell), cell, false);
                        }
                    }
                    line += "  ";
                }
                if y > 0 {
                    writeln!(f)?;
                }
                write!(f, "{}", line.trim_end())?;
            }
        }
        Ok(())
    }
}
