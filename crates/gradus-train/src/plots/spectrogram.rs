//! A spectrogram with what was said under it: time from left to right, bands from low to high upwards, the more
//! energy the darker.
//!
//! Frames are joined, by their largest value, until there are at most [`Spectrogram::MOST_COLUMNS`].

use gradus_data::audio::Features;

use super::axis::Axis;
use super::canvas::{Align, Canvas, fitted, text_width};
use super::colors::{AXIS, BLUE, Color, INK, SOFT, WHITE, mix};
use super::picture;
use super::private::Draw;
use crate::{Error, Result};

/// How far apart the rows of words are.
const ROW: f64 = 18.0;

/// Features over time, such as the logarithms of mel bands, with words under them.
///
/// ```
/// use gradus_data::audio::Features;
/// use gradus_train::plots::{Plot, Spectrogram};
///
/// let features = Features::new(4, (0..200).map(|i| (i % 7) as f32).collect())?;
/// let picture = Spectrogram::new(&features, 0.01)?.title("one two").word("one", 0.05, 0.2);
/// assert!(picture.word("two", 0.25, 0.4).svg()?.contains("two"));
/// # Ok::<(), gradus_train::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Spectrogram {
    /// Column by column, from the lowest band up; from 0 to 1.
    shades: Vec<f64>,
    bands: usize,
    seconds: f64,
    title: String,
    words: Vec<(String, f64, f64)>,
}

impl Spectrogram {
    /// The largest number of columns that a picture has.
    pub const MOST_COLUMNS: usize = 960;
    /// The largest number of bands that a picture can show.
    pub const MOST_BANDS: usize = 512;

    /// A picture of features of which one frame comes every `step` seconds. The smallest value is white, the
    /// largest dark.
    ///
    /// # Errors
    /// [`Error::Value`] if there are no frames or more than [`MOST_BANDS`](Self::MOST_BANDS) bands, a value is not
    /// finite, or the step is not above 0.
    pub fn new(features: &Features, step: f64) -> Result<Self> {
        let bad = |got: String, wanted: String| Err(Error::value("Spectrogram::new", got, wanted));
        let (frames, bands) = (features.frames(), features.size());
        if frames == 0 || bands > Self::MOST_BANDS {
            let wanted = format!("at least 1 frame of at most {} bands", Self::MOST_BANDS);
            return bad(format!("{frames} frames of {bands} bands"), wanted);
        }
        if !(step.is_finite() && step > 0.0) {
            return bad(format!("a step of {step} s"), "a step above 0".into());
        }
        if let Some(i) = features.values().iter().position(|x| !x.is_finite()) {
            let got = format!("{} in frame {}", features.values()[i], i / bands);
            return bad(got, "finite values".into());
        }
        let joined = frames.div_ceil(Self::MOST_COLUMNS);
        let rows: Vec<&[f32]> = features.rows().collect();
        let most =
            |rows: &[&[f32]], b: usize| rows.iter().map(|row| row[b]).fold(f32::MIN, f32::max);
        let values: Vec<f32> =
            rows.chunks(joined).flat_map(|rows| (0..bands).map(|b| most(rows, b))).collect();
        let low = values.iter().copied().fold(f32::MAX, f32::min);
        let high = values.iter().copied().fold(f32::MIN, f32::max);
        let range = (f64::from(high) - f64::from(low)).max(f64::MIN_POSITIVE);
        let shade = |&x: &f32| (f64::from(x) - f64::from(low)) / range;
        let shades = values.iter().map(shade).collect();
        let seconds = frames as f64 * step;
        Ok(Self { shades, bands, seconds, title: "Spectrogram".into(), words: Vec::new() })
    }

    /// Another title.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// A word from one time to another, in seconds.
    #[must_use]
    pub fn word(mut self, word: impl Into<String>, start: f64, end: f64) -> Self {
        self.words.push((word.into(), start, end));
        self
    }
}

impl Draw for Spectrogram {
    fn draw(&self) -> Result<Canvas> {
        let columns = self.shades.len() / self.bands;
        let width = (self.seconds * 120.0).clamp(420.0, 1200.0);
        let height = (self.bands as f64 * 4.0).clamp(120.0, 260.0);
        let (left, top) = (48.0, 48.0);
        let (right, bottom) = (left + width, top + height);
        let mut canvas = Canvas::new(right + 24.0, bottom + 44.0 + 3.0 * ROW);
        canvas.text(fitted(&self.title, 16.0, width)?, (left, 24.0), 16.0, Align::Left, INK);
        // From the highest band down, from left to right.
        let shade = |(b, i): (usize, usize)| self.shades[i * self.bands + b];
        let places = (0..self.bands).rev().flat_map(|b| (0..columns).map(move |i| (b, i)));
        let colors: Vec<Color> = places.map(|place| dark(shade(place))).collect();
        let image = picture::of_colors([self.bands, columns], &colors)?;
        canvas.picture(image, (left, top), (right, bottom));
        canvas.turned_text(
            "bands, low to high",
            (28.0, top + height / 2.0),
            12.0,
            Align::Center,
            SOFT,
        );
        let axis = Axis::round(0.0, self.seconds, (width / 80.0) as usize);
        let place = |seconds: f64| left + width * (seconds / self.seconds).clamp(0.0, 1.0);
        for (seconds, label) in axis.ticks().into_iter().filter(|tick| tick.0 <= self.seconds) {
            let x = place(seconds);
            canvas.line([(x, bottom), (x, bottom + 4.0)], 1.0, AXIS);
            canvas.text(format!("{label} s"), (x, bottom + 14.0), 11.0, Align::Center, SOFT);
        }
        // The first row in which the word does not run into the one before it; the last if there is none.
        let mut ends = [f64::NEG_INFINITY; 3];
        for (word, start, end) in &self.words {
            let (from, to) = (place(*start), place(*end));
            canvas.line([(from, top - 8.0), (from, top)], 1.5, BLUE);
            canvas.line([(from, bottom + 24.0), (to.max(from + 1.0), bottom + 24.0)], 3.0, BLUE);
            let word = fitted(word, 13.0, (to - from).max(200.0))?;
            let half = text_width(&word, 13.0)? / 2.0;
            let middle = ((from + to) / 2.0).clamp(left.min(right - half) + half, right - half);
            let row = ends.iter().position(|&end| end + 5.0 < middle - half).unwrap_or(2);
            ends[row] = middle + half;
            canvas.text(word, (middle, bottom + 40.0 + ROW * row as f64), 13.0, Align::Center, INK);
        }
        Ok(canvas)
    }
}

/// White at 0, blue in the middle, nearly black at 1.
fn dark(shade: f64) -> Color {
    match shade {
        s if s < 0.5 => mix(WHITE, BLUE, 2.0 * s),
        s => mix(BLUE, INK, 2.0 * s - 1.0),
    }
}
