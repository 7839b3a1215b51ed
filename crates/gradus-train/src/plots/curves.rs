//! Curves over the epochs, in panels side by side.
//!
//! A value that is NaN or infinite leaves a gap; a point between two gaps is a dot.

use super::axis::Axis;
use super::canvas::{Align, Canvas, fitted, text_width};
use super::colors::{AXIS, CURVES, Color, GRID, INK, SOFT, WHITE};
use super::private::Draw;
use crate::metrics::{Goal, Unit};
use crate::{Error, History, Result};

const PANEL: (f64, f64) = (480.0, 380.0);
/// Left, upper, right and lower margin of the plotting area in its panel.
const MARGIN: (f64, f64, f64, f64) = (68.0, 74.0, 20.0, 54.0);
const LABEL: f64 = 12.0;
/// Up to this many points a curve has a dot at each of them.
const MOST_DOTS: usize = 40;

/// One set of axes with its curves.
#[derive(Debug, Clone)]
pub struct Panel {
    title: String,
    y_label: String,
    note: String,
    most: f64,
    curves: Vec<Curve>,
}

#[derive(Debug, Clone)]
struct Curve {
    name: String,
    /// Values that are not finite are kept: they part the curve.
    points: Vec<(f64, f64)>,
}

impl Panel {
    /// A panel without curves.
    pub fn new(title: impl Into<String>, y_label: impl Into<String>) -> Self {
        let (title, y_label) = (title.into(), y_label.into());
        Self { title, y_label, note: String::new(), most: f64::INFINITY, curves: Vec::new() }
    }

    /// Adds a curve through the points `(x[i], y[i])`; if there are more of the ones than of the
    /// others, these are left out.
    #[must_use]
    pub fn curve(mut self, name: impl Into<String>, x: &[f64], y: &[f64]) -> Self {
        let points = x.iter().copied().zip(y.iter().copied()).collect();
        self.curves.push(Curve { name: name.into(), points });
        self
    }

    /// A line of small text under the title.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// Ends the vertical axis at `most` even where round steps would go on: 100 for percentages.
    #[must_use]
    pub fn at_most(mut self, most: f64) -> Self {
        self.most = most;
        self
    }

    fn finite(&self) -> impl Iterator<Item = (f64, f64)> {
        self.curves.iter().flat_map(|c| c.points.iter().copied()).filter(|p| drawable(*p))
    }
}

/// Values beyond this would overflow the arithmetic of the axes, and are no use to a reader.
fn drawable((x, y): (f64, f64)) -> bool {
    x.abs() < 1e300 && y.abs() < 1e300
}

/// Panels of curves over the same horizontal axis, side by side.
///
/// ```
/// use gradus_train::History;
/// use gradus_train::plots::{Curves, Plot};
///
/// let mut history = History::new(["epoch", "train_loss", "validation_loss", "validation_accuracy"])?;
/// history.push(&[1.0, 0.71, 0.55, 0.88])?;
/// history.push(&[2.0, 0.32, 0.30, 0.95])?;
/// let svg = Curves::from_history(&history)?.svg()?;
/// assert!(svg.contains("best validation: 95.00 %, epoch 2"));
/// # Ok::<(), gradus_train::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Curves {
    x_label: String,
    panels: Vec<Panel>,
}

impl Curves {
    /// No panels yet.
    pub fn new(x_label: impl Into<String>) -> Self {
        Self { x_label: x_label.into(), panels: Vec::new() }
    }

    /// Adds a panel to the right of the others.
    #[must_use]
    pub fn panel(mut self, panel: Panel) -> Self {
        self.panels.push(panel);
        self
    }

    /// Loss and metrics, training and validation, from a history: a panel for each pair of columns `train_NAME` and
    /// `validation_NAME`, or one of them. A column without numbers is left out.
    ///
    /// What is best is marked where the history [knows](History::about) which values are better, and for loss and accuracy.
    ///
    /// # Errors
    /// [`Error::Value`] if the history has no such columns.
    pub fn from_history(history: &History) -> Result<Self> {
        let epochs = history
            .column("epoch")
            .unwrap_or_else(|| (1..=history.len()).map(|epoch| epoch as f64).collect());
        let mut curves = Self::new("epoch");
        for quantity in quantities(history) {
            curves = curves.panel(panel(history, &epochs, quantity));
        }
        if curves.panels.is_empty() {
            return Err(Error::value(
                "Curves::from_history",
                format!("a history of {}", history.columns().join(", ")),
                "a column train_loss, validation_loss, or train_NAME or validation_NAME of another metric",
            ));
        }
        Ok(curves)
    }
}

const PARTS: [(&str, &str); 2] = [("train", "training"), ("validation", "validation")];

/// What was measured, in the order of the columns.
fn quantities(history: &History) -> Vec<&str> {
    let mut found = Vec::new();
    for column in history.columns() {
        let name = |(part, _)| column.strip_prefix(part)?.strip_prefix('_');
        if let Some(name) = PARTS.into_iter().find_map(name)
            && !found.contains(&name)
        {
            found.push(name);
        }
    }
    found
}

/// The panel of a quantity.
fn panel(history: &History, epochs: &[f64], quantity: &str) -> Panel {
    let known = PARTS.iter().find_map(|(part, _)| history.about(&format!("{part}_{quantity}")));
    let about = known.or(match quantity {
        "loss" => Some((Goal::Lower, Unit::Plain)),
        "accuracy" => Some((Goal::Higher, Unit::Percent)),
        _ => None,
    });
    let percent = about.is_some_and(|(_, unit)| unit == Unit::Percent);
    let name = quantity.replace('_', " ");
    let title = name.chars().take(1).flat_map(char::to_uppercase).chain(name.chars().skip(1));
    let label = match (quantity, percent) {
        ("loss", _) => "mean loss".to_string(),
        (_, true) => format!("{name} (%)"),
        (_, false) => name.clone(),
    };
    let mut panel = Panel::new(title.collect::<String>(), label);
    if percent {
        panel = panel.at_most(100.0);
    }
    for (part, name) in PARTS {
        let Some(mut values) = history.column(&format!("{part}_{quantity}")) else { continue };
        if percent {
            values.iter_mut().for_each(|v| *v *= 100.0);
        }
        if values.iter().any(|v| v.is_finite()) {
            if let (Some((goal, _)), "validation") = (about, name) {
                panel.note = best(epochs, &values, goal, percent);
            }
            panel = panel.curve(name, epochs, &values);
        }
    }
    panel
}

fn best(epochs: &[f64], values: &[f64], goal: Goal, percent: bool) -> String {
    let good = |v: f64| if goal == Goal::Higher { v } else { -v };
    let finite = epochs.iter().zip(values).filter(|(_, v)| v.is_finite());
    // The first of equal ones.
    let found = finite.fold(None, |best: Option<(f64, f64)>, (&e, &v)| match best {
        Some((_, b)) if good(v) <= good(b) => best,
        _ => Some((e, v)),
    });
    match found {
        Some((epoch, v)) if percent => format!("best validation: {v:.2} %, epoch {epoch}"),
        Some((epoch, v)) => format!("best validation: {v:.4}, epoch {epoch}"),
        None => String::new(),
    }
}

impl Draw for Curves {
    fn draw(&self) -> Result<Canvas> {
        let (w, h) = PANEL;
        let mut canvas = Canvas::new(w * self.panels.len().max(1) as f64, h);
        for (i, panel) in self.panels.iter().enumerate() {
            draw_panel(&mut canvas, i as f64 * w, panel, &self.x_label)?;
        }
        Ok(canvas)
    }
}

fn draw_panel(canvas: &mut Canvas, left: f64, panel: &Panel, x_label: &str) -> Result<()> {
    let (x0, x1) = (left + MARGIN.0, left + PANEL.0 - MARGIN.2);
    let (y0, y1) = (MARGIN.1, PANEL.1 - MARGIN.3);
    let used = draw_legend(canvas, (x1, 30.0), panel, (x1 - x0) * 0.75)?;
    let title = fitted(&panel.title, 18.0, x1 - x0 - used)?;
    canvas.text(title, (x0, 30.0), 18.0, Align::Left, INK);
    canvas.text(fitted(&panel.note, LABEL, x1 - x0)?, (x0, 54.0), LABEL, Align::Left, SOFT);

    let (x_axis, y_axis) = axes(panel);
    for (value, label) in y_axis.ticks() {
        let y = y1 - y_axis.place(value) * (y1 - y0);
        canvas.line([(x0, y), (x1, y)], 1.0, GRID);
        canvas.text(label, (x0 - 8.0, y), LABEL, Align::Right, SOFT);
    }
    for (value, label) in x_axis.ticks() {
        let x = x0 + x_axis.place(value) * (x1 - x0);
        canvas.line([(x, y0), (x, y1)], 1.0, GRID);
        canvas.text(label, (x, y1 + 15.0), LABEL, Align::Center, SOFT);
    }
    canvas.line([(x0, y1), (x1, y1)], 1.0, AXIS);
    canvas.line([(x0, y0), (x0, y1)], 1.0, AXIS);
    canvas.text(x_label, ((x0 + x1) / 2.0, y1 + 37.0), 13.0, Align::Center, INK);
    canvas.turned_text(&panel.y_label, (left + 18.0, (y0 + y1) / 2.0), 13.0, Align::Center, INK);

    if panel.finite().next().is_none() {
        let middle = ((x0 + x1) / 2.0, (y0 + y1) / 2.0);
        canvas.rect((middle.0 - 60.0, middle.1 - 14.0), (middle.0 + 60.0, middle.1 + 14.0), WHITE);
        canvas.text("no values yet", middle, 14.0, Align::Center, SOFT);
    }
    let place =
        |(x, y): (f64, f64)| (x0 + x_axis.place(x) * (x1 - x0), y1 - y_axis.place(y) * (y1 - y0));
    for (i, curve) in panel.curves.iter().enumerate() {
        let dots = curve.points.len() <= MOST_DOTS;
        for piece in curve.points.split(|&p| !drawable(p)) {
            let places: Vec<(f64, f64)> = piece.iter().map(|&p| place(p)).collect();
            if dots || places.len() == 1 {
                places.iter().for_each(|&at| draw_dot(canvas, at, i));
            }
            if places.len() > 1 {
                canvas.line(places, 2.0, color(i));
            }
        }
    }
    Ok(())
}

fn axes(panel: &Panel) -> (Axis, Axis) {
    let ends = |values: &mut dyn Iterator<Item = f64>| {
        values.fold(None, |ends: Option<(f64, f64)>, v| match ends {
            Some((low, high)) => Some((low.min(v), high.max(v))),
            None => Some((v, v)),
        })
    };
    let (first, last) = ends(&mut panel.finite().map(|p| p.0)).unwrap_or((0.0, 1.0));
    let (mut low, high) = ends(&mut panel.finite().map(|p| p.1)).unwrap_or((0.0, 1.0));
    // Zero is part of the story where it is near, but must not flatten a curve far above it, nor
    // one that ends at a fixed top.
    if low > 0.0 && low < 0.5 * high && panel.most.is_infinite() {
        low = 0.0;
    }
    (Axis::whole(first, last, 8), Axis::round(low, high, 5).at_most(panel.most.max(high)))
}

/// The curves and their names, ending at the right; gives the width that they take.
fn draw_legend(canvas: &mut Canvas, at: (f64, f64), panel: &Panel, most: f64) -> Result<f64> {
    let mut x = at.0;
    let share = most / panel.curves.len().max(1) as f64 - 44.0;
    for (i, curve) in panel.curves.iter().enumerate().rev() {
        let name = fitted(&curve.name, 13.0, share.max(10.0))?;
        x -= text_width(&name, 13.0)?;
        canvas.text(name, (x, at.1), 13.0, Align::Left, INK);
        x -= 28.0;
        canvas.line([(x, at.1), (x + 22.0, at.1)], 2.0, color(i));
        draw_dot(canvas, (x + 11.0, at.1), i);
        x -= 16.0;
    }
    Ok(at.0 - x)
}

/// The mark of a curve: round and square by turns, so that colour is not all that tells them apart.
fn draw_dot(canvas: &mut Canvas, (x, y): (f64, f64), curve: usize) {
    match curve % 2 {
        0 => canvas.disc((x, y), 3.5, color(curve)),
        _ => canvas.rect((x - 3.25, y - 3.25), (x + 3.25, y + 3.25), color(curve)),
    }
}

fn color(curve: usize) -> Color {
    CURVES[curve % CURVES.len()]
}
