//! Sound in memory: a rate in Hz, a number of channels, and samples as `f32`, nominally from −1 to 1.
//!
//! A *frame* is one sample of every channel; a sound of `n` frames and `C` channels has `n · C`
//! samples, frame by frame, and lasts `n / rate` seconds.

use super::Resampler;
use crate::{Error, Result};

/// The largest rate in Hz that is taken for true. Sound is recorded at 8,000 to 768,000 Hz.
pub const MAX_RATE: u32 = 10_000_000;

/// Sound in memory.
///
/// ```
/// use gradus_data::audio::Audio;
/// let stereo = Audio::new(8000, 2, vec![0.5, -0.5, 0.25, 0.75])?;
/// assert_eq!((stereo.rate(), stereo.channels(), stereo.frames()), (8000, 2, 2));
/// assert_eq!(stereo.mono(), [0.0, 0.5]);
/// assert_eq!(stereo.channel(1)?, [-0.5, 0.75]);
/// assert_eq!(stereo.seconds(), 2.0 / 8000.0);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Audio {
    rate: u32,
    channels: usize,
    samples: Vec<f32>,
}

impl Audio {
    /// Sound of `channels` channels at `rate` Hz; `samples` has all channels of the first frame,
    /// then all of the second, and so on.
    ///
    /// # Errors
    /// Without channels, for a rate of 0 or above [`MAX_RATE`], or if the samples do not fill whole
    /// frames.
    pub fn new(rate: u32, channels: usize, samples: Vec<f32>) -> Result<Self> {
        let bad = |got: String, wanted: &str| Err(Error::value("Audio::new", got, wanted));
        if channels == 0 {
            return bad("channels = 0".into(), "at least 1");
        }
        if !(1..=MAX_RATE).contains(&rate) {
            return bad(format!("rate = {rate} Hz"), "a rate from 1 to 10,000,000 Hz");
        }
        if !samples.len().is_multiple_of(channels) {
            return bad(
                format!("{} samples for {channels} channels", samples.len()),
                "a whole number of frames, each with a sample of every channel",
            );
        }
        Ok(Self { rate, channels, samples })
    }

    /// Samples a second in each channel, in Hz.
    pub fn rate(&self) -> u32 {
        self.rate
    }

    /// The number of channels, at least 1.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// The number of frames: samples of each channel.
    pub fn frames(&self) -> usize {
        self.samples.len() / self.channels
    }

    /// How long it lasts, in seconds.
    pub fn seconds(&self) -> f64 {
        self.frames() as f64 / f64::from(self.rate)
    }

    /// All samples, frame by frame: `frames · channels` of them.
    pub fn samples(&self) -> &[f32] {
        &self.samples
    }

    /// All samples, frame by frame.
    pub fn into_samples(self) -> Vec<f32> {
        self.samples
    }

    /// The mean over the channels: `frames` samples.
    pub fn mono(&self) -> Vec<f32> {
        match self.channels {
            1 => self.samples.clone(),
            n => self.frames_iter().map(|frame| frame.iter().sum::<f32>() / n as f32).collect(),
        }
    }

    /// The samples of one channel, counted from 0.
    ///
    /// # Errors
    /// If there is no such channel.
    pub fn channel(&self, channel: usize) -> Result<Vec<f32>> {
        Error::check_index("channels of an Audio", channel, self.channels)?;
        Ok(self.samples.iter().skip(channel).step_by(self.channels).copied().collect())
    }

    /// The first sample that is not finite, counted in [`samples`](Self::samples). A file of floats
    /// may hold NaN; they are kept, and this finds them.
    ///
    /// ```
    /// use gradus_data::audio::Audio;
    /// let damaged = Audio::new(8000, 1, vec![0.5, f32::NAN])?;
    /// assert_eq!(damaged.first_not_finite(), Some(1));
    /// # Ok::<(), gradus_data::Error>(())
    /// ```
    pub fn first_not_finite(&self) -> Option<usize> {
        self.samples.iter().position(|x| !x.is_finite())
    }

    /// The same sound at another rate, channel by channel: `ceil(frames · rate / self.rate())`
    /// frames. See [`Resampler`].
    ///
    /// # Errors
    /// As [`new`](Self::new) for the rate, and if the result is too long for memory.
    pub fn resampled(&self, rate: u32) -> Result<Self> {
        if rate == self.rate {
            return Ok(self.clone());
        }
        let resampler = Resampler::new(self.rate, rate)?;
        if self.channels == 1 {
            return Self::new(rate, 1, resampler.apply(&self.samples)?);
        }
        let mut samples = vec![0.0; resampler.output_len(self.frames())? * self.channels];
        for channel in 0..self.channels {
            let new = resampler.apply(&self.channel(channel)?)?;
            let places = samples.iter_mut().skip(channel).step_by(self.channels);
            places.zip(new).for_each(|(place, x)| *place = x);
        }
        Self::new(rate, self.channels, samples)
    }

    fn frames_iter(&self) -> impl Iterator<Item = &[f32]> {
        self.samples.chunks_exact(self.channels)
    }
}
