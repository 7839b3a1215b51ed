//! Frames: overlapping pieces of a sound, `length` samples every `hop` samples.
//!
//! Frame `t` starts at sample `t · hop` of the sound, which is padded first or not:
//!
//! | padding | samples added at each end | frames of `n` samples |
//! |---|---|---|
//! | none | none | `1 + (n − length) / hop`, or 0 if `n < length` |
//! | reflected, zeros | `length / 2` | `1 + (n + 2 (length / 2) − length) / hop` |
//!
//! With padding, frame `t` is centred on sample `t · hop`: PyTorch's `center=True`. Divisions round
//! down.
//!
//! Frames are cut from a stream of pieces of any sizes; a whole sound is a stream of one piece.

use crate::{Error, Result};

/// What stands before the first and after the last sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Padding {
    /// Nothing: every frame lies within the sound.
    None,
    /// The sound run backwards, without repeating its end: `… x₂ x₁ [x₀ x₁ x₂ …`. It needs more than
    /// `length / 2` samples.
    Reflect,
    /// Silence.
    Zeros,
}

/// How a sound is cut into frames.
#[derive(Debug, Clone, Copy)]
pub(super) struct Framing {
    /// Samples a frame.
    pub(super) length: usize,
    /// Samples from the start of a frame to the start of the next, at least 1.
    pub(super) hop: usize,
    pub(super) padding: Padding,
}

/// Cuts a stream into frames.
#[derive(Debug, Clone)]
pub(super) struct Framer {
    framing: Framing,
    /// Padded samples, from some time on.
    buffer: Vec<f32>,
    /// Where in the buffer the next frame starts; this may be beyond its end.
    at: usize,
    /// Whether the padding stands before the first sample.
    started: bool,
}

/// Samples that are done with are kept until there are this many.
const KEPT: usize = 1 << 13;

impl Framing {
    /// Samples added at each end.
    fn half(&self) -> usize {
        if self.padding == Padding::None { 0 } else { self.length / 2 }
    }

    /// The number of frames of `n` samples.
    pub(super) fn count(&self, n: usize) -> usize {
        let padded = n.saturating_add(2 * self.half());
        padded.checked_sub(self.length).map_or(0, |rest| 1 + rest / self.hop)
    }

    /// Gives each frame of a sound.
    pub(super) fn each(
        &self,
        samples: &[f32],
        mut to: impl FnMut(&[f32]) -> Result<()>,
    ) -> Result<()> {
        let mut framer = Framer::new(*self);
        framer.push(samples, &mut to)?;
        framer.finish(&mut to)
    }
}

impl Framer {
    pub(super) fn new(framing: Framing) -> Self {
        let zeros = if framing.padding == Padding::Zeros { framing.half() } else { 0 };
        let started = framing.padding != Padding::Reflect;
        Self { framing, buffer: vec![0.0; zeros], at: 0, started }
    }

    /// Takes the next samples and gives the frames that they complete.
    pub(super) fn push(
        &mut self,
        samples: &[f32],
        to: &mut impl FnMut(&[f32]) -> Result<()>,
    ) -> Result<()> {
        self.buffer.extend_from_slice(samples);
        let half = self.framing.half();
        if !self.started {
            if self.buffer.len() <= half {
                return Ok(());
            }
            let mirror: Vec<f32> = self.buffer[1..=half].iter().rev().copied().collect();
            self.buffer.splice(..0, mirror);
            self.started = true;
        }
        self.cut(to)?;
        // The end may yet be reflected.
        let done = self.at.min(self.buffer.len().saturating_sub(half + 1));
        if done >= KEPT {
            self.buffer.drain(..done);
            self.at -= done;
        }
        Ok(())
    }

    /// Gives the frames that reach beyond the last sample.
    pub(super) fn finish(mut self, to: &mut impl FnMut(&[f32]) -> Result<()>) -> Result<()> {
        let half = self.framing.half();
        if !self.started {
            let got = format!("{} samples, to be reflected", self.buffer.len());
            let wanted = format!("more than {half}, half a frame; or another padding");
            return Err(Error::value("Padding::Reflect", got, wanted));
        }
        if self.framing.padding == Padding::Reflect {
            let last = self.buffer.len() - 1;
            let mirror: Vec<f32> = self.buffer[last - half..last].iter().rev().copied().collect();
            self.buffer.extend(mirror);
        } else {
            self.buffer.resize(self.buffer.len() + half, 0.0);
        }
        self.cut(to)
    }

    fn cut(&mut self, to: &mut impl FnMut(&[f32]) -> Result<()>) -> Result<()> {
        while let Some(frame) = self.buffer.get(self.at..self.at + self.framing.length) {
            to(frame)?;
            self.at += self.framing.hop;
        }
        Ok(())
    }
}
