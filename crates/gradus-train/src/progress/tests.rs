//! What a terminal sees.

use super::*;
use indicatif::TermLike;
use std::sync::{Arc, Mutex, PoisonError};

/// A terminal of 100 columns that remembers what it was sent.
#[derive(Debug, Clone, Default)]
struct Screen(Arc<Mutex<String>>);

impl Screen {
    fn sent(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
    fn add(&self, text: &str) -> io::Result<()> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += text;
        Ok(())
    }
}

impl TermLike for Screen {
    fn width(&self) -> u16 {
        100
    }
    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.add(&"<up>".repeat(n))
    }
    fn move_cursor_down(&self, _: usize) -> io::Result<()> {
        Ok(())
    }
    fn move_cursor_right(&self, _: usize) -> io::Result<()> {
        Ok(())
    }
    fn move_cursor_left(&self, _: usize) -> io::Result<()> {
        Ok(())
    }
    fn write_line(&self, line: &str) -> io::Result<()> {
        self.add(line)?;
        self.add("\n")
    }
    fn write_str(&self, text: &str) -> io::Result<()> {
        self.add(text)
    }
    fn clear_line(&self) -> io::Result<()> {
        self.add("<clear>")
    }
    fn flush(&self) -> io::Result<()> {
        Ok(())
    }
}

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.add(&String::from_utf8_lossy(bytes))?;
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_terminal_sees_a_bar_with_everything() {
    let (screen, lines) = (Screen::default(), Screen::default());
    let target = ProgressDrawTarget::term_like(Box::new(screen.clone()));
    let mut progress =
        Progress::build(3, 4, "images", Some(target), Box::new(lines.clone()), false);
    progress.start_at(2, 0);
    progress.step(8, &[("loss", 0.5), ("accuracy", 0.75)]);
    let seen = screen.sent();
    for part in ["epoch 2/3", "━", "step 1/4", "loss 0.5000", "accuracy 75.00 %", "images/s"] {
        assert!(seen.contains(part), "{part:?} is not in {seen:?}");
    }
    assert!(seen.contains("s left"), "{seen:?}");
    progress.end_epoch("epoch 2/3 done");
    assert_eq!(lines.sent(), "epoch 2/3 done\n");
    progress.finish();
    assert!(screen.sent().ends_with("<clear>"), "{:?}", screen.sent());
}

#[test]
fn drawing_is_rare() {
    let screen = Screen::default();
    let target = ProgressDrawTarget::term_like(Box::new(screen.clone()));
    let mut progress =
        Progress::build(1, 100_000, "images", Some(target), Box::new(io::sink()), false);
    for _ in 0..100_000 {
        progress.step(1, &[("loss", 1.0)]);
    }
    // However slow the machine: far fewer drawings than steps.
    let drawings = screen.sent().matches("step ").count();
    assert!((1..10_000).contains(&drawings), "{drawings} drawings");
}

#[test]
fn times_read_well() {
    let times = [0.0, 0.2, 47.5, 200.0, 3900.0, f64::INFINITY].map(duration);
    assert_eq!(times, ["0 s", "1 s", "48 s", "3 min 20 s", "1 h 05 min", "unknown time"]);
}
