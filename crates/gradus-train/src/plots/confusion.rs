//! The confusion matrix as a heat map: rows are true classes, columns predicted ones.
//!
//! A cell's colour tells which share of its true class it holds: right answers, on the diagonal,
//! are blue, wrong ones vermilion. The shade follows the square root of the share, so that a few
//! errors among many right answers can be seen.

use super::canvas::{Align, Canvas, fitted, text_width};
use super::colors::{BLUE, Color, EMPTY, INK, SOFT, VERMILION, WHITE, ink_on, mix};
use super::private::Draw;
use crate::metrics::ConfusionMatrix;
use crate::text::grouped;
use crate::{Error, Result};

const LABEL: f64 = 13.0;
/// The widest name of a class, in units of the picture.
const MOST_NAME: f64 = 150.0;

/// A heat map of a confusion matrix.
///
/// ```
/// use gradus_tensor::Tensor;
/// use gradus_train::metrics::ConfusionMatrix;
/// use gradus_train::plots::{ConfusionPlot, Plot};
///
/// let mut matrix = ConfusionMatrix::with_names(["cat", "dog"])?;
/// matrix.add(&Tensor::vector([0, 1, 1]), &Tensor::vector([0, 0, 1]))?;
/// let svg = ConfusionPlot::new(&matrix)?.svg()?;
/// assert!(svg.contains("2 of 3 right: 66.67 %"));
/// # Ok::<(), gradus_train::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct ConfusionPlot<'a> {
    matrix: &'a ConfusionMatrix,
    title: String,
}

impl<'a> ConfusionPlot<'a> {
    /// The largest number of classes that a picture can show.
    pub const MOST_CLASSES: usize = 400;

    /// A heat map under the title "Confusion matrix".
    ///
    /// # Errors
    /// [`Error::Value`] for more than [`MOST_CLASSES`](Self::MOST_CLASSES) classes.
    pub fn new(matrix: &'a ConfusionMatrix) -> Result<Self> {
        if matrix.classes() > Self::MOST_CLASSES {
            return Err(Error::value(
                "ConfusionPlot::new",
                format!("{} classes", matrix.classes()),
                format!("at most {}, the most that a picture can show", Self::MOST_CLASSES),
            ));
        }
        Ok(Self { matrix, title: "Confusion matrix".into() })
    }

    /// Another title.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }
}

/// Where things are.
struct Layout {
    left: f64,
    top: f64,
    cell: f64,
    side: f64,
    /// Whether the names of the columns read upwards, since they are wider than a cell.
    turned: bool,
    /// The size of the names.
    label: f64,
    /// Every how manieth class has a name.
    every: usize,
}

impl Draw for ConfusionPlot<'_> {
    fn draw(&self) -> Result<Canvas> {
        let n = self.matrix.classes();
        let cell = (480.0 / n as f64).clamp(24.0, 110.0).min(960.0 / n as f64);
        // Smaller than 9 nobody reads: then some classes go without a name.
        let label = LABEL.min(cell * 0.8).max(9.0);
        let every = (label / cell * 1.1).ceil().max(1.0) as usize;
        let mut names = Vec::with_capacity(n);
        let mut widest: f64 = 0.0;
        for name in self.matrix.names() {
            names.push(fitted(name, label, MOST_NAME)?);
            widest = widest.max(text_width(&names[names.len() - 1], label)?);
        }
        let turned = widest > cell - 8.0;
        let side = cell * n as f64;
        let layout = Layout { left: 52.0 + widest, top: 84.0, cell, side, turned, label, every };

        let below = if turned { widest + 12.0 } else { 24.0 };
        let width = (layout.left + side + 140.0).max(400.0);
        let mut canvas = Canvas::new(width, layout.top + side.max(150.0) + below + 40.0);
        canvas.text(fitted(&self.title, 18.0, width - 48.0)?, (24.0, 30.0), 18.0, Align::Left, INK);
        canvas.text(self.summary(), (24.0, 54.0), 12.0, Align::Left, SOFT);
        self.draw_cells(&mut canvas, &layout)?;
        draw_names(&mut canvas, &layout, &names);
        let (middle, end) = (side / 2.0, layout.top + side);
        canvas.turned_text("true class", (22.0, layout.top + middle), 13.0, Align::Center, INK);
        let at = (layout.left + middle, end + below + 14.0);
        canvas.text("predicted class", at, 13.0, Align::Center, INK);
        draw_scale(&mut canvas, (layout.left + side + 36.0, layout.top));
        Ok(canvas)
    }
}

impl ConfusionPlot<'_> {
    fn summary(&self) -> String {
        let [right, total] =
            [self.matrix.correct(), self.matrix.total()].map(|n| grouped(n.unsigned_abs()));
        match self.matrix.accuracy() {
            Ok(accuracy) => format!("{right} of {total} right: {:.2} %", 100.0 * accuracy),
            Err(_) => "no examples".into(),
        }
    }

    fn draw_cells(&self, canvas: &mut Canvas, at: &Layout) -> Result<()> {
        let n = self.matrix.classes();
        let far = (at.left + at.side, at.top + at.side);
        canvas.rect((at.left, at.top), far, EMPTY);
        // All counts have one size: that of the longest one in its cell, if it can be read at all.
        let most = (0..n).flat_map(|t| self.matrix.row(t)).max().copied().unwrap_or(0);
        let fits = (at.cell - 5.0) / text_width(&most.to_string(), 1.0)?;
        let size = fits.min(at.cell * 0.5).min(15.0);
        for t in 0..n {
            let row = self.matrix.row(t);
            let support: i64 = row.iter().sum();
            let y = at.top + t as f64 * at.cell;
            for (p, &count) in row.iter().enumerate().filter(|(_, count)| **count > 0) {
                let ground = shade(t == p, count as f64 / support as f64);
                let x = at.left + p as f64 * at.cell;
                canvas.rect((x, y), (x + at.cell, y + at.cell), ground);
                if size >= 6.0 {
                    let middle = (x + at.cell / 2.0, y + at.cell / 2.0);
                    let count = count.to_string();
                    canvas.text(count, middle, size, Align::Center, ink_on(ground));
                }
            }
        }
        if at.cell >= 8.0 {
            for i in 0..=n {
                let along = i as f64 * at.cell;
                let (x, y) = (at.left + along, at.top + along);
                canvas.line([(x, at.top), (x, far.1)], 1.0, WHITE);
                canvas.line([(at.left, y), (far.0, y)], 1.0, WHITE);
            }
        }
        Ok(())
    }
}

fn draw_names(canvas: &mut Canvas, at: &Layout, names: &[String]) {
    let end = at.top + at.side;
    for (i, name) in names.iter().enumerate().step_by(at.every) {
        let along = (i as f64 + 0.5) * at.cell;
        canvas.text(name, (at.left - 8.0, at.top + along), at.label, Align::Right, INK);
        match at.turned {
            true => {
                let place = (at.left + along, end + 8.0);
                canvas.turned_text(name, place, at.label, Align::Right, INK);
            }
            false => {
                let place = (at.left + along, end + 15.0);
                canvas.text(name, place, at.label, Align::Center, INK);
            }
        }
    }
}

/// What the colours mean.
fn draw_scale(canvas: &mut Canvas, (left, top): (f64, f64)) {
    let (height, steps) = (150.0, 50);
    for (i, (right, name)) in [(true, "right"), (false, "wrong")].into_iter().enumerate() {
        let x = left + 20.0 * i as f64;
        for step in 0..steps {
            let share = (f64::from(step) + 0.5) / f64::from(steps);
            let y = top + height * (1.0 - f64::from(step + 1) / f64::from(steps));
            let next = y + height / f64::from(steps);
            canvas.rect((x, y), (x + 14.0, next), shade(right, share));
        }
        canvas.turned_text(name, (x + 7.0, top + height + 8.0), 12.0, Align::Right, INK);
    }
    for percent in [0, 50, 100] {
        let y = top + height * (1.0 - f64::from(percent) / 100.0);
        canvas.text(format!("{percent} %"), (left + 42.0, y), 12.0, Align::Left, SOFT);
    }
    canvas.text("share of true class", (left - 4.0, top - 16.0), 11.0, Align::Left, SOFT);
}

/// The colour of a cell that holds this share, above zero, of its true class.
fn shade(right: bool, share: f64) -> Color {
    mix(WHITE, if right { BLUE } else { VERMILION }, 0.04 + 0.96 * share.sqrt())
}
