//! What a person sees while a model trains.
//!
//! On a terminal a bar stands on standard error: epoch, step, what was measured in the epoch so far, items per second, and
//! the time left for the whole run. The line that closes an epoch
//! goes to standard output. Where standard error is no terminal there is no bar, and where standard
//! output is none, its lines carry no control codes: what lands in a pipe or a log is plain text.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::metrics::{RunningMean, Unit};
use crate::text::{grouped, plain};

/// The bar is drawn at most this often, so that it takes no time from training.
const BETWEEN_DRAWINGS: Duration = Duration::from_millis(100);

/// A progress display.
///
/// ```
/// use gradus_train::Progress;
///
/// let mut progress = Progress::new(2, 10, "images");
/// for epoch in 1..=2 {
///     for _ in 0..10 {
///         // ... train on a batch of 64 images ...
///         progress.step(64, &[("loss", 0.25), ("accuracy", 0.9)]);
///     }
///     progress.end_epoch(&format!("epoch {epoch}/2  loss 0.2500  accuracy 90.0 %"));
/// }
/// progress.finish();
/// ```
///
/// A pipe that is closed early (`| head`) does not stop the training: what cannot be written is
/// dropped.
pub struct Progress {
    epochs: usize,
    steps: usize,
    what: String,
    /// The current epoch, from 1.
    epoch: usize,
    /// Steps done in the current epoch.
    step: usize,
    /// Steps done since this display was made.
    done: usize,
    items: u64,
    /// Items of the current epoch that were done before this display was made.
    before: u64,
    means: Vec<(String, RunningMean)>,
    started: Instant,
    epoch_started: Instant,
    drawn: Option<Instant>,
    bar: Option<ProgressBar>,
    lines: Box<dyn Write + Send>,
    plain: bool,
}

impl Progress {
    /// A display for `epochs` epochs of `steps_per_epoch` steps; `what` names the items that a step
    /// goes through: "images", "sentences".
    pub fn new(epochs: usize, steps_per_epoch: usize, what: &str) -> Self {
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let bar = (io::stderr().is_terminal() && !dumb).then(ProgressDrawTarget::stderr);
        let plain = dumb || !io::stdout().is_terminal();
        Self::build(epochs, steps_per_epoch, what, bar, Box::new(io::stdout()), plain)
    }

    /// A display without a bar, whose lines go to `lines` without control codes.
    ///
    /// ```
    /// use gradus_train::Progress;
    /// let mut progress = Progress::to_writer(1, 10, "images", Box::new(std::io::sink()));
    /// progress.step(64, &[("loss", 0.25)]);
    /// assert_eq!(progress.mean("loss"), Some(0.25));
    /// ```
    pub fn to_writer(
        epochs: usize,
        steps_per_epoch: usize,
        what: &str,
        lines: Box<dyn Write + Send>,
    ) -> Self {
        Self::build(epochs, steps_per_epoch, what, None, lines, true)
    }

    /// A display that shows nothing.
    pub fn silent(epochs: usize, steps_per_epoch: usize) -> Self {
        Self::to_writer(epochs, steps_per_epoch, "", Box::new(io::sink()))
    }

    fn build(
        epochs: usize,
        steps: usize,
        what: &str,
        bar: Option<ProgressDrawTarget>,
        lines: Box<dyn Write + Send>,
        plain: bool,
    ) -> Self {
        let now = Instant::now();
        let bar = bar.map(|target| {
            let bar = ProgressBar::with_draw_target(Some(steps as u64), target);
            if let Ok(style) = ProgressStyle::with_template("{prefix} {wide_bar:.cyan/dim} {msg}") {
                bar.set_style(style.progress_chars("━╸─"));
            }
            bar
        });
        Self {
            epochs,
            steps,
            what: what.into(),
            epoch: 1,
            step: 0,
            done: 0,
            items: 0,
            before: 0,
            means: Vec::new(),
            started: now,
            epoch_started: now,
            drawn: None,
            bar,
            lines,
            plain,
        }
    }

    /// Says that the run goes on in `epoch` (from 1) after its first `step` steps, for a run that
    /// is resumed.
    pub fn start_at(&mut self, epoch: usize, step: usize) {
        self.start_with(epoch, step, 0);
    }

    /// The same, where so many items of the epoch are done.
    pub(crate) fn start_with(&mut self, epoch: usize, step: usize, items: u64) {
        (self.epoch, self.step) = (epoch, step);
        (self.items, self.before) = (items, items);
        self.started = Instant::now();
        self.epoch_started = self.started;
    }

    /// Counts a step over `items` items with what was measured in it. The bar shows means over the items of the epoch;
    /// one called `accuracy` in percent.
    pub fn step(&mut self, items: usize, measured: &[(&str, f64)]) {
        for (name, value) in measured {
            let place = self.means.iter().position(|(known, _)| known == name);
            let place = place.unwrap_or_else(|| {
                self.means.push((name.to_string(), RunningMean::new()));
                self.means.len() - 1
            });
            self.means[place].1.add(*value, items);
        }
        let all = self.items.saturating_add(items as u64);
        let means = std::mem::take(&mut self.means);
        self.advance(all, || {
            let mean = |(name, mean): &(String, RunningMean)| {
                let unit = if name == "accuracy" { Unit::Percent } else { Unit::Plain };
                Some(format!("{name} {}", unit.show(mean.mean()?)))
            };
            means.iter().filter_map(mean).collect::<Vec<_>>().join(" ")
        });
        self.means = means;
    }

    /// Counts a step, after which there were `items` items in this epoch; `text` is asked for if the bar is drawn.
    pub(crate) fn advance(&mut self, items: u64, text: impl FnOnce() -> String) {
        self.step = self.step.saturating_add(1);
        self.done += 1;
        self.items = items;
        let now = Instant::now();
        if self.bar.is_some()
            && self.drawn.is_none_or(|then| now.duration_since(then) >= BETWEEN_DRAWINGS)
        {
            self.drawn = Some(now);
            self.draw(now, &text());
        }
    }

    fn draw(&self, now: Instant, measured: &str) {
        if let Some(bar) = &self.bar {
            bar.set_prefix(format!("epoch {}/{}", self.epoch, self.epochs));
            bar.set_message(self.message(now, measured));
            bar.set_position(self.step as u64);
        }
    }

    /// The numbers beside the bar.
    fn message(&self, now: Instant, measured: &str) -> String {
        let mut parts = match self.steps {
            0 => vec![format!("step {}", self.step)],
            steps => vec![format!("step {}/{steps}", self.step)],
        };
        parts.push(measured.to_string());
        let items = self.items.saturating_sub(self.before);
        let rate = items as f64 / now.duration_since(self.epoch_started).as_secs_f64();
        if rate.is_finite() {
            parts.push(format!("{} {}/s", grouped(rate.round() as u64), self.what));
        }
        if self.steps == 0 {
            return parts.join("  ");
        }
        let total = self.epochs.saturating_mul(self.steps);
        let before = self.epoch.saturating_sub(1).saturating_mul(self.steps);
        let left = total.saturating_sub(before).saturating_sub(self.step);
        let pace = now.duration_since(self.started).as_secs_f64() / self.done.max(1) as f64;
        parts.push(format!("{} left", duration(pace * left as f64)));
        parts.join("  ")
    }

    /// Closes the epoch with a line for the reader, and starts the next.
    pub fn end_epoch(&mut self, line: &str) {
        self.print(line);
        self.epoch = self.epoch.saturating_add(1);
        self.step = 0;
        (self.items, self.before) = (0, 0);
        self.means.clear();
        self.epoch_started = Instant::now();
        self.drawn = None;
    }

    /// Prints a line, above the bar if there is one.
    pub fn print(&mut self, line: &str) {
        let mut text = if self.plain { plain(line) } else { line.to_string() };
        text.push('\n');
        let lines = &mut self.lines;
        let mut write = || lines.write_all(text.as_bytes()).and_then(|()| lines.flush()).ok();
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        };
    }

    /// A line on standard error, above the bar if there is one.
    pub(crate) fn warn(&self, line: &str) {
        let write = || eprintln!("{}", plain(line));
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    /// The mean of something that was measured over the epoch so far, or `None` if it was not.
    pub fn mean(&self, name: &str) -> Option<f64> {
        self.means.iter().find(|(known, _)| known == name).and_then(|(_, mean)| mean.mean())
    }

    /// Takes the bar away. Dropping the display does so too.
    pub fn finish(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}

/// A time in the two units that matter: "48 s", "3 min 20 s", "1 h 05 min".
fn duration(seconds: f64) -> String {
    if !seconds.is_finite() {
        return "unknown time".into();
    }
    // Rounded up: "0 s left" while there is something left would be untrue.
    let seconds = seconds.ceil() as u64;
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, s) => format!("{s} s"),
        (0, min, s) => format!("{min} min {s:02} s"),
        (h, min, _) => format!("{h} h {min:02} min"),
    }
}

#[cfg(test)]
mod tests;
