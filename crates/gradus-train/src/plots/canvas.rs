//! A list of shapes, in the units of the finished picture, that either backend of `plotters` can
//! draw.
//!
//! Plots draw onto this instead of onto a backend, because the backends take whole numbers for
//! places and differ in where they put a text: here places are fractions, and a text stands where
//! it is told.

use std::sync::OnceLock;

use gradus_data::vision::Image;
use plotters::backend::{BitMapBackend, DrawingBackend, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{
    Color as _, FontDesc, FontFamily, FontStyle, FontTransform, RGBColor, ShapeStyle, TextStyle,
    register_font,
};

use super::colors::{Color, WHITE};
use super::picture;
use crate::{Error, Result};

/// What an SVG asks its viewer for. All have the proportions of the embedded font, or nearly.
const FAMILY: &str = "DejaVu Sans, Verdana, Helvetica, Arial, sans-serif";
static FONT: &[u8] = include_bytes!("../../assets/DejaVuSans-subset.ttf");

/// The height that `plotters` wants for a text, in sizes of the font. A bitmap takes the height
/// from ascender to descender, an SVG a constant of plotters' own.
const BITMAP_HEIGHT: f64 = 1.164;
const SVG_HEIGHT: f64 = 1.24;
/// How far the backends put the base line below the place of a text, in those heights.
const BITMAP_DROP: f64 = 0.5;
const SVG_DROP: f64 = 0.76 / SVG_HEIGHT;
/// The height of a capital letter, in sizes of the font.
const CAPITAL: f64 = 0.729;

/// The PNG has this many pixels for each unit ...
const PIXELS: usize = 2;
/// ... each the mean of this many by this many that were drawn, which smooths all edges.
const SAMPLES: usize = 2;
/// The most that are drawn, three bytes each.
const MOST_SAMPLES: usize = 1 << 27;
/// The SVG has this many steps for each unit, so that rounding does not show.
const STEPS: f64 = 8.0;

/// How a text lies about its place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Align {
    Left,
    Center,
    Right,
}

#[derive(Debug)]
enum Shape {
    Rect { from: (f64, f64), to: (f64, f64), color: Color },
    Line { points: Vec<(f64, f64)>, width: f64, color: Color },
    Disc { at: (f64, f64), radius: f64, color: Color },
    Text { text: String, at: (f64, f64), size: f64, align: Align, color: Color, turned: bool },
    Picture { image: Image, from: (f64, f64), to: (f64, f64) },
}

/// A picture under way. The origin is the upper left corner.
#[derive(Debug)]
pub struct Canvas {
    width: u32,
    height: u32,
    shapes: Vec<Shape>,
}

impl Canvas {
    /// A white canvas.
    pub(super) fn new(width: f64, height: f64) -> Self {
        let (width, height) = (width.ceil() as u32, height.ceil() as u32);
        let to = (width.into(), height.into());
        Self { width, height, shapes: vec![Shape::Rect { from: (0.0, 0.0), to, color: WHITE }] }
    }

    /// A filled rectangle.
    pub(super) fn rect(&mut self, from: (f64, f64), to: (f64, f64), color: Color) {
        self.shapes.push(Shape::Rect { from, to, color });
    }

    /// A line through points.
    pub(super) fn line(&mut self, points: impl Into<Vec<(f64, f64)>>, width: f64, color: Color) {
        self.shapes.push(Shape::Line { points: points.into(), width, color });
    }

    /// A filled circle.
    pub(super) fn disc(&mut self, at: (f64, f64), radius: f64, color: Color) {
        self.shapes.push(Shape::Disc { at, radius, color });
    }

    /// A text whose capitals have their middle at the height of `at`.
    pub(super) fn text(
        &mut self,
        text: impl Into<String>,
        at: (f64, f64),
        size: f64,
        align: Align,
        color: Color,
    ) {
        let text = text.into();
        self.shapes.push(Shape::Text { text, at, size, align, color, turned: false });
    }

    /// A text that reads upwards, its middle line through `at`; `Right` ends there, `Left` begins.
    pub(super) fn turned_text(
        &mut self,
        text: impl Into<String>,
        at: (f64, f64),
        size: f64,
        align: Align,
        color: Color,
    ) {
        let text = text.into();
        self.shapes.push(Shape::Text { text, at, size, align, color, turned: true });
    }

    /// A picture that fills a rectangle. Pictures stand above all other shapes.
    pub(super) fn picture(&mut self, image: Image, from: (f64, f64), to: (f64, f64)) {
        self.shapes.push(Shape::Picture { image, from, to });
    }

    /// The picture as an SVG document.
    pub(super) fn svg(&self) -> Result<String> {
        let size = (self.width * STEPS as u32, self.height * STEPS as u32);
        let mut out = String::new();
        self.draw(&mut SVGBackend::with_string(&mut out, size), STEPS, (SVG_HEIGHT, SVG_DROP))?;
        // The backend would draw a picture as a rectangle for each pixel.
        for shape in &self.shapes {
            if let Shape::Picture { image, from, to } = shape {
                let end = out.rfind("</svg>").unwrap_or(out.len());
                let at = [from.0 * STEPS, from.1 * STEPS];
                let size = [(to.0 - from.0) * STEPS, (to.1 - from.1) * STEPS];
                out.insert_str(end, &picture::element(image, at, size)?);
            }
        }
        // The view box keeps the fine steps; the size is that of the picture.
        let fine = format!(r#"width="{}" height="{}""#, size.0, size.1);
        let size = format!(r#"width="{}" height="{}""#, self.width, self.height);
        Ok(out.replacen(&fine, &size, 1))
    }

    /// The picture as a PNG file.
    pub(super) fn png(&self) -> Result<Vec<u8>> {
        let scale = PIXELS * SAMPLES;
        let (w, h) = (self.width as usize * scale, self.height as usize * scale);
        if w.checked_mul(h).is_none_or(|samples| samples > MOST_SAMPLES) {
            let got = format!("a plot of {} × {} units", self.width, self.height);
            let most = MOST_SAMPLES / (scale * scale);
            let wanted =
                format!("at most {most} square units for a PNG: fewer pictures, or an SVG");
            return Err(Error::value("Plot::png", got, wanted));
        }
        let mut fine = vec![255; w * h * 3];
        let mut backend = BitMapBackend::with_buffer(&mut fine, (w as u32, h as u32));
        self.draw(&mut backend, scale as f64, (BITMAP_HEIGHT, BITMAP_DROP))?;
        drop(backend);
        for shape in &self.shapes {
            if let Shape::Picture { image, from, to } = shape {
                let place = |x: f64, most: usize| ((x * scale as f64).round() as usize).min(most);
                let [left, top] = [place(from.0, w - 1), place(from.1, h - 1)];
                let [right, end] = [place(to.0, w).max(left + 1), place(to.1, h).max(top + 1)];
                let bytes = picture::scaled(image, [end - top, right - left])?;
                let rows = fine.chunks_exact_mut(w * 3).skip(top);
                for (row, line) in rows.zip(bytes.chunks_exact((right - left) * 3)) {
                    row[left * 3..right * 3].copy_from_slice(line);
                }
            }
        }
        encode(&halved(&fine, w * 3), w / SAMPLES, h / SAMPLES)
    }

    fn draw<B: DrawingBackend>(
        &self,
        backend: &mut B,
        scale: f64,
        (height, drop): (f64, f64),
    ) -> Result<()> {
        font()?;
        let at = |(x, y): (f64, f64)| ((x * scale).round() as i32, (y * scale).round() as i32);
        for shape in &self.shapes {
            match shape {
                Shape::Picture { .. } => Ok(()),
                Shape::Rect { from, to, color } => {
                    backend.draw_rect(at(*from), at(*to), &rgb(*color).to_backend_color(), true)
                }
                Shape::Line { points, width, color } => {
                    let points: Vec<_> = points.iter().map(|&p| at(p)).collect();
                    backend.draw_path(points, &line_style(*color, width * scale))
                }
                Shape::Disc { at: place, radius, color } => {
                    let radius = (radius * scale).round() as u32;
                    backend.draw_circle(at(*place), radius, &rgb(*color).to_backend_color(), true)
                }
                Shape::Text { text, at: (x, y), size, align, color, turned } => {
                    // From the middle of the capitals down to the base line, and from there up to
                    // where the backend counts from.
                    let up = (height * drop - CAPITAL / 2.0) * size;
                    let place = if *turned { (x - up, *y) } else { (*x, y - up) };
                    let style = text_style(size * height * scale, *align, *color, *turned);
                    backend.draw_text(text, &style, at(place))
                }
            }
            .map_err(|e| Error::picture("Plot", e))?;
        }
        backend.present().map_err(|e| Error::picture("Plot", e))
    }
}

/// The width of a text in a font of this size.
pub(super) fn text_width(text: &str, size: f64) -> Result<f64> {
    font()?;
    // Measured large, since the answer is a whole number.
    let large = FontDesc::new(FontFamily::Name(FAMILY), 100.0 * BITMAP_HEIGHT, FontStyle::Normal);
    let (width, _) = large.box_size(text).map_err(|e| Error::picture("Plot", e))?;
    Ok(f64::from(width) * size / 100.0)
}

/// The text, cut with an ellipsis if it is wider than `most`.
pub(super) fn fitted(text: &str, size: f64, most: f64) -> Result<String> {
    // A sign is at least a sixth of its size wide: no need to measure what cannot fit.
    let mut chars: Vec<char> = text.chars().take((6.0 * most / size) as usize + 1).collect();
    let mut out: String = chars.iter().collect();
    while text_width(&out, size)? > most && chars.pop().is_some() {
        out = chars.iter().collect::<String>().trim_end().to_string() + "…";
    }
    Ok(out)
}

fn line_style(color: Color, width: f64) -> ShapeStyle {
    ShapeStyle { color: rgb(color).to_rgba(), filled: true, stroke_width: width.round() as u32 }
}

fn text_style(height: f64, align: Align, color: Color, turned: bool) -> TextStyle<'static> {
    let h_pos = match align {
        Align::Left => HPos::Left,
        Align::Center => HPos::Center,
        Align::Right => HPos::Right,
    };
    let turn = if turned { FontTransform::Rotate270 } else { FontTransform::None };
    let font = FontDesc::new(FontFamily::Name(FAMILY), height, FontStyle::Normal).transform(turn);
    TextStyle { pos: Pos::new(h_pos, VPos::Top), ..font.color(&rgb(color)) }
}

fn rgb((r, g, b): Color) -> RGBColor {
    RGBColor(r, g, b)
}

/// Makes the embedded font known to `plotters`, once.
fn font() -> Result<()> {
    static KNOWN: OnceLock<bool> = OnceLock::new();
    match KNOWN.get_or_init(|| register_font(FAMILY, FontStyle::Normal, FONT).is_ok()) {
        true => Ok(()),
        false => Err(Error::picture("Plot", "the embedded font cannot be read")),
    }
}

/// Means over blocks of `SAMPLES` by `SAMPLES` pixels, for rows of `row` bytes.
fn halved(fine: &[u8], row: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(fine.len() / (SAMPLES * SAMPLES));
    for band in fine.chunks_exact(row * SAMPLES) {
        let (upper, lower) = band.split_at(row);
        for (a, b) in upper.chunks_exact(3 * SAMPLES).zip(lower.chunks_exact(3 * SAMPLES)) {
            for c in 0..3 {
                let sum =
                    u16::from(a[c]) + u16::from(a[c + 3]) + u16::from(b[c]) + u16::from(b[c + 3]);
                out.push(((sum + 2) / 4) as u8);
            }
        }
    }
    out
}

fn encode(pixels: &[u8], width: usize, height: usize) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, width as u32, height as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(pixels).and_then(|()| writer.finish()))
        .map_err(|e| Error::picture("Plot::png", e))?;
    Ok(out)
}
