//! Log-mel features of a sound that comes in pieces.

use super::frames::Framer;
use super::spectrum::{Spectrum, power};
use super::{Features, MelFilters, Stft};
use crate::Result;

/// The least power that is told from silence.
const FLOOR: f32 = 1e-10;

/// Log-mel features of a sound that comes in pieces; made by
/// [`LogMel::stream`](super::LogMel::stream). The frames, put together, are those of
/// [`LogMel::raw`](super::LogMel::raw), bit for bit, whatever the sizes of the pieces.
#[derive(Clone)]
pub struct LogMelStream {
    framer: Framer,
    frames: Frames,
}

#[derive(Clone)]
struct Frames {
    spectrum: Spectrum,
    power: Vec<f32>,
    filters: MelFilters,
    /// The latest frame: the last of all is left out.
    held: Option<Vec<f32>>,
}

impl LogMelStream {
    pub(super) fn new(stft: &Stft, filters: &MelFilters) -> Self {
        let frames = Frames {
            spectrum: stft.spectrum(),
            power: vec![0.0; stft.bins()],
            filters: filters.clone(),
            held: None,
        };
        Self { framer: Framer::new(stft.framing), frames }
    }

    /// Takes the next samples, any number of them, and gives the frames of `L` that are complete.
    ///
    /// # Errors
    /// None that a sound can cause.
    pub fn push(&mut self, samples: &[f32]) -> Result<Features> {
        let Self { framer, frames } = self;
        let mut features = Features::empty(frames.filters.bands());
        framer.push(samples, &mut |frame| frames.next(frame, &mut features))?;
        Ok(features)
    }

    /// The frames that reach beyond the end of the sound.
    ///
    /// # Errors
    /// As [`LogMel::apply`](super::LogMel::apply).
    pub fn finish(self) -> Result<Features> {
        let Self { framer, mut frames } = self;
        let mut features = Features::empty(frames.filters.bands());
        framer.finish(&mut |frame| frames.next(frame, &mut features))?;
        Ok(features)
    }
}

impl Frames {
    fn next(&mut self, frame: &[f32], features: &mut Features) -> Result<()> {
        power(self.spectrum.of(frame)?, &mut self.power);
        match &mut self.held {
            Some(held) => features.push().copy_from_slice(held),
            None => self.held = Some(vec![0.0; self.filters.bands()]),
        }
        if let Some(held) = &mut self.held {
            self.filters.frame(&self.power, held);
            held.iter_mut().for_each(|x| *x = x.max(FLOOR).log10());
        }
        Ok(())
    }
}

impl std::fmt::Debug for LogMelStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LogMelStream({} bands)", self.frames.filters.bands())
    }
}
