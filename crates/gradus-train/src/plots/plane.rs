//! Points of many numbers in the plane, by their two principal components: embeddings, or what the layer before the last gives.

use gradus_tensor::{Float, Tensor};

use super::axis::Axis;
use super::canvas::{Align, Canvas, fitted, text_width};
use super::colors::{AXIS, CURVES, Color, GRID, INK, SOFT, WHITE};
use super::pca::Pca;
use super::private::Draw;
use crate::text::grouped;
use crate::{Error, Result};

const SIDE: f64 = 520.0;
const LEFT: f64 = 68.0;
const TOP: f64 = 76.0;
const LABEL: f64 = 12.0;
/// More points than this are thinned out evenly: the others would lie under them.
const MOST_POINTS: usize = 4000;

/// A plane with a dot for each point `[N, D]`, coloured by its class.
///
/// ```
/// use gradus_data::Digits;
/// use gradus_train::plots::{Plane, Plot};
///
/// let images = Digits::load()?.images().clone();
/// let points = images.images().flatten(1)?;
/// let plane = Plane::new(&points, &images.labels(), images.class_names())?.title("Digits, their pixels");
/// assert!(plane.svg()?.contains("component 1"));
/// # Ok::<(), gradus_train::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Plane {
    title: String,
    note: String,
    axes: [String; 2],
    points: Vec<(f64, f64, usize)>,
    names: Vec<String>,
}

impl Plane {
    /// The most classes that a plane can tell apart, by colours and forms.
    pub const MOST_CLASSES: usize = 24;

    /// Points `[N, D]` with classes `[N]` in the plane of their first two principal components (see [`Pca`]); with `D` of 1 in a
    /// line. Both axes have one scale.
    ///
    /// # Errors
    /// [`Error::Value`] if the shapes do not fit, a class has no name, or there are more than
    /// [`MOST_CLASSES`](Self::MOST_CLASSES); and those of [`Pca::of`].
    pub fn new<T: Float>(
        points: &Tensor<T>,
        classes: &Tensor<i64>,
        names: &[impl AsRef<str>],
    ) -> Result<Self> {
        const OP: &str = "Plane::new";
        let count = points.shape().first().copied().unwrap_or(0);
        if classes.shape() != [count] {
            let got = format!("classes {:?} for points {:?}", classes.shape(), points.shape());
            return Err(Error::value(OP, got, "[N] for [N, D]"));
        }
        if names.len() > Self::MOST_CLASSES {
            let got = format!("{} names", names.len());
            return Err(Error::value(OP, got, format!("at most {}", Self::MOST_CLASSES)));
        }
        let known = |&class: &i64| usize::try_from(class).is_ok_and(|class| class < names.len());
        let classes = classes.to_vec();
        if let Some(class) = classes.iter().find(|class| !known(class)) {
            let wanted = format!("one that has a name: there are {}", names.len());
            return Err(Error::value(OP, format!("class {class}"), wanted));
        }
        let pca = Pca::of(points, points.shape().get(1).map_or(1, |&dim| dim.clamp(1, 2)))?;
        let flat = pca.project(points)?.to_vec();
        let shares = pca.shares();
        let wide = shares.len();
        let axis = |i: usize| match shares.get(i) {
            Some(share) => format!("component {} ({:.1} % of the variance)", i + 1, 100.0 * share),
            None => String::new(),
        };
        let step = count.div_ceil(MOST_POINTS).max(1);
        let point = |i: usize| {
            let y = if wide == 2 { flat[i * wide + 1] } else { 0.0 };
            (flat[i * wide], y, classes[i] as usize)
        };
        let points: Vec<_> = (0..count).step_by(step).map(point).collect();
        let shown =
            if step == 1 { String::new() } else { format!("{} of ", grouped(points.len() as u64)) };
        let dim = pca.mean.len();
        Ok(Self {
            title: "Embeddings in the plane".into(),
            note: format!(
                "{shown}{} points of {} numbers",
                grouped(count as u64),
                grouped(dim as u64)
            ),
            axes: [axis(0), axis(1)],
            points,
            names: names.iter().map(|name| name.as_ref().to_string()).collect(),
        })
    }

    /// Another title.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }
}

impl Plane {
    /// Axes over what there is, as long as each other.
    fn axes_of_one_scale(&self) -> [Axis; 2] {
        let ends = |of: fn(&(f64, f64, usize)) -> f64| {
            let all = self.points.iter().map(of);
            all.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)))
        };
        let both = [ends(|p| p.0), ends(|p| p.1)];
        let half = both.iter().fold(0.0_f64, |most, (a, b)| most.max(0.53 * (b - a)));
        both.map(|(a, b)| Axis::exact((a + b) / 2.0 - half, (a + b) / 2.0 + half, 8))
    }
}

impl Draw for Plane {
    fn draw(&self) -> Result<Canvas> {
        let mut canvas = Canvas::new(LEFT + SIDE + 190.0, TOP + SIDE + 64.0);
        canvas.text(fitted(&self.title, 18.0, SIDE)?, (LEFT, 30.0), 18.0, Align::Left, INK);
        canvas.text(fitted(&self.note, LABEL, SIDE)?, (LEFT, 54.0), LABEL, Align::Left, SOFT);
        let [across, up] = self.axes_of_one_scale();
        let (end, low) = (LEFT + SIDE, TOP + SIDE);
        let place = |x: f64, y: f64| (LEFT + across.place(x) * SIDE, low - up.place(y) * SIDE);
        for (value, label) in across.ticks() {
            let (x, _) = place(value, 0.0);
            canvas.line([(x, TOP), (x, low)], 1.0, GRID);
            canvas.text(label, (x, low + 15.0), LABEL, Align::Center, SOFT);
        }
        for (value, label) in up.ticks() {
            let (_, y) = place(0.0, value);
            canvas.line([(LEFT, y), (end, y)], 1.0, GRID);
            canvas.text(label, (LEFT - 8.0, y), LABEL, Align::Right, SOFT);
        }
        canvas.line([(LEFT, low), (end, low)], 1.0, AXIS);
        canvas.line([(LEFT, TOP), (LEFT, low)], 1.0, AXIS);
        canvas.text(&self.axes[0], (LEFT + SIDE / 2.0, low + 40.0), 13.0, Align::Center, INK);
        canvas.turned_text(&self.axes[1], (18.0, TOP + SIDE / 2.0), 13.0, Align::Center, INK);
        let radius = if self.points.len() > 800 { 2.2 } else { 3.5 };
        let mut sums = vec![(0.0, 0.0, 0.0); self.names.len()];
        for &(x, y, class) in &self.points {
            draw_mark(&mut canvas, place(x, y), radius, class);
            let sum = &mut sums[class];
            *sum = (sum.0 + x, sum.1 + y, sum.2 + 1.0);
        }
        // The name of a class stands at its mean, on paper that makes it readable.
        for (name, &(x, y, n)) in self.names.iter().zip(&sums).filter(|(_, sum)| sum.2 > 0.0) {
            let name = fitted(name, 13.0, 80.0)?;
            let wide = text_width(&name, 13.0)? / 2.0 + 3.0;
            let at = place(x / n, y / n);
            canvas.rect((at.0 - wide, at.1 - 9.0), (at.0 + wide, at.1 + 9.0), WHITE);
            canvas.text(name, at, 13.0, Align::Center, INK);
        }
        for (i, name) in self.names.iter().enumerate() {
            let y = TOP + 8.0 + 22.0 * i as f64;
            draw_mark(&mut canvas, (end + 24.0, y), 4.5, i);
            canvas.text(fitted(name, 13.0, 140.0)?, (end + 38.0, y), 13.0, Align::Left, INK);
        }
        Ok(canvas)
    }
}

/// The mark of a class: six colours, each as a disc, a square, a ring and a frame.
fn draw_mark(canvas: &mut Canvas, (x, y): (f64, f64), r: f64, class: usize) {
    let color: Color = CURVES[class % CURVES.len()];
    let square = |canvas: &mut Canvas, r: f64, color| {
        canvas.rect((x - r, y - r), (x + r, y + r), color);
    };
    match class / CURVES.len() {
        0 => canvas.disc((x, y), r, color),
        1 => square(canvas, 0.9 * r, color),
        2 => {
            canvas.disc((x, y), r, color);
            canvas.disc((x, y), 0.5 * r, WHITE);
        }
        _ => {
            square(canvas, 0.9 * r, color);
            square(canvas, 0.45 * r, WHITE);
        }
    }
}
