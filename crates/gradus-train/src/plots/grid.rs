//! A grid of pictures with captions.

use gradus_data::vision::Image;
use gradus_tensor::Tensor;

use super::canvas::{Align, Canvas, fitted};
use super::colors::{AXIS, BLUE, Color, INK, SOFT, VERMILION};
use super::private::Draw;
use crate::{Error, Result};

/// The size of captions.
const CAPTION: f64 = 12.0;
const GAP: f64 = 10.0;
const MARGIN: f64 = 24.0;
/// The widest that a row of pictures becomes, if not told otherwise.
const WIDEST: f64 = 960.0;

/// Pictures side by side, each with lines of text below it. What is often wanted is one call:
///
/// | call | shows |
/// |---|---|
/// | [`predictions`](ImageGrid::predictions) | images with prediction and label, the wrong ones first |
/// | [`feature_maps`](ImageGrid::feature_maps) | what each channel of a layer found |
/// | [`filters`](ImageGrid::filters) | what the channels of a first layer look for |
/// | [`heat_maps`](ImageGrid::heat_maps) | which pixels count, over the picture: Grad-CAM, saliency |
/// | [`masks`](ImageGrid::masks) | a class for each pixel, over the picture |
///
/// ```
/// use gradus_data::{Dataset, Digits};
/// use gradus_train::plots::{ImageGrid, Plot};
///
/// let digits = Digits::load()?;
/// let mut grid = ImageGrid::new("Digits").note("of the test part").columns(2);
/// for i in 0..4 {
///     let (image, label) = digits.get(i)?;
///     grid.add(&image, [format!("is {label}")])?;
/// }
/// assert!(grid.svg()?.contains("is 3"));
/// assert!(grid.png()?.starts_with(b"\x89PNG"));
/// # Ok::<(), gradus_train::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct ImageGrid {
    title: String,
    note: String,
    columns: Option<usize>,
    cells: Vec<Cell>,
}

#[derive(Debug, Clone)]
struct Cell {
    image: Image,
    lines: Vec<String>,
    /// The colour of the frame and of the first line, if it is not the usual one.
    color: Option<Color>,
}

impl ImageGrid {
    /// The most pictures that a grid can have.
    pub const MOST: usize = 2048;

    /// A grid without pictures.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), note: String::new(), columns: None, cells: Vec::new() }
    }

    /// A line of small text under the title.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// How many pictures stand in a row, at least one; else it follows from their size and number.
    #[must_use]
    pub fn columns(mut self, columns: usize) -> Self {
        self.columns = Some(columns.max(1));
        self
    }

    /// Adds an image `[H, W]`, `[1, H, W]` or `[3, H, W]` with values from 0 to 1 (others are cut off), and lines below it.
    ///
    /// # Errors
    /// [`Error::Value`] for another shape, or beyond [`MOST`](Self::MOST) pictures.
    pub fn add<S: Into<String>>(
        &mut self,
        image: &Tensor,
        lines: impl IntoIterator<Item = S>,
    ) -> Result<()> {
        let image = picture("ImageGrid::add", image)?;
        self.push(image, lines.into_iter().map(Into::into).collect(), None)
    }

    /// How many pictures there are.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Adds a picture that is marked as right or wrong, or not at all.
    pub(super) fn push(
        &mut self,
        image: Image,
        lines: Vec<String>,
        right: Option<bool>,
    ) -> Result<()> {
        if self.len() == Self::MOST {
            let got = format!("{} pictures and one more", Self::MOST);
            return Err(Error::value("ImageGrid", got, "no more: nobody could see them"));
        }
        let color = right.map(|right| if right { BLUE } else { VERMILION });
        self.cells.push(Cell { image, lines, color });
        Ok(())
    }

    /// The sides of a cell's picture: whole multiples of small pictures, so that all pixels are alike.
    fn sides(&self) -> (f64, f64) {
        let largest = |of: fn(&Image) -> usize| self.cells.iter().map(|c| of(&c.image)).max();
        let (h, w) = (largest(Image::height).unwrap_or(1), largest(Image::width).unwrap_or(1));
        let lines = self.cells.iter().any(|c| !c.lines.is_empty());
        let wanted = match self.len() {
            0..=12 => 150.0,
            13..=60 if lines => 104.0,
            13..=60 => 72.0,
            _ if lines => 72.0,
            61..=512 => 44.0,
            _ => 24.0,
        };
        let factor = wanted / h.max(w) as f64;
        let factor = if factor > 1.0 { factor.round() } else { factor };
        ((h as f64 * factor).max(8.0), (w as f64 * factor).max(8.0))
    }
}

/// The picture of a tensor.
pub(super) fn picture(op: &'static str, image: &Tensor) -> Result<Image> {
    let chw = match *image.shape() {
        [h, w] if h > 0 && w > 0 => image.reshape([1, h, w])?,
        [1 | 3, h, w] if h > 0 && w > 0 => image.clone(),
        _ => {
            let got = format!("an image of shape {:?}", image.shape());
            return Err(Error::value(op, got, "[H, W], [1, H, W] or [3, H, W]"));
        }
    };
    Ok(Image::from_tensor(&chw)?)
}

impl Draw for ImageGrid {
    fn draw(&self) -> Result<Canvas> {
        let (high, wide) = self.sides();
        let lines = self.cells.iter().map(|cell| cell.lines.len()).max().unwrap_or(0);
        let below = if lines == 0 { GAP } else { GAP + 4.0 + 16.0 * lines as f64 };
        let least = if lines == 0 { wide } else { wide.max(72.0) };
        let fit = ((WIDEST + GAP) / (least + GAP)).floor().max(1.0) as usize;
        let columns = self.columns.unwrap_or(fit).min(self.len()).max(1);
        let rows = self.len().div_ceil(columns);
        let top = if self.note.is_empty() { 54.0 } else { 76.0 };
        let width = 2.0 * MARGIN + columns as f64 * (least + GAP) - GAP;
        let height = top + rows as f64 * (high + below) + MARGIN - GAP;
        // A title needs some room even above one small picture.
        let width = width.max(320.0);
        let mut canvas = Canvas::new(width, height);
        let room = width - 2.0 * MARGIN;
        canvas.text(fitted(&self.title, 18.0, room)?, (MARGIN, 30.0), 18.0, Align::Left, INK);
        if !self.note.is_empty() {
            canvas.text(
                fitted(&self.note, CAPTION, room)?,
                (MARGIN, 54.0),
                CAPTION,
                Align::Left,
                SOFT,
            );
        }
        for (i, cell) in self.cells.iter().enumerate() {
            let x = MARGIN + (i % columns) as f64 * (least + GAP) + (least - wide) / 2.0;
            let y = top + (i / columns) as f64 * (high + below);
            let frame = if cell.color.is_some() { 2.5 } else { 1.0 };
            let color = cell.color.unwrap_or(AXIS);
            canvas.rect((x - frame, y - frame), (x + wide + frame, y + high + frame), color);
            canvas.picture(cell.image.clone(), (x, y), (x + wide, y + high));
            for (j, line) in cell.lines.iter().enumerate() {
                let at = (x + wide / 2.0, y + high + 14.0 + 16.0 * j as f64);
                let ink = if j == 0 { cell.color.map_or(INK, |_| color) } else { SOFT };
                canvas.text(fitted(line, CAPTION, least + 4.0)?, at, CAPTION, Align::Center, ink);
            }
        }
        Ok(canvas)
    }
}
