//! Voice activity: where in a recording somebody speaks, by its loudness.
//!
//! `e` of 10 ms is the mean of `|x|` in them. With `e_max` the largest and `e_min` the mean of the quietest tenth:
//!
//! ```text
//! low  = min(0.03 (e_max − e_min) + e_min, 4 e_min),    high = 5 low
//! ```
//!
//! Speech begins where `e` goes over `low` and then over `high` before it falls below `low` again, and ends where it falls
//! below `low`. Pauses that are short are part of it, bursts that are short are none. It needs a recording in which it
//! is quiet for a tenth of the time; steady noise as loud as speech deceives it, and a network (Silero's) does better
//! there. (Rabiner and Sambur, *An algorithm for determining the endpoints of isolated utterances*, 1975, figure 4;
//! their zero crossings are left out.)

use std::ops::Range;

use crate::{Error, Result};

/// Finds speech.
///
/// ```
/// use gradus_data::audio::VoiceActivity;
/// // Half a second of tone within two of near silence.
/// let loud = |t: usize| if (12_000..20_000).contains(&t) { 0.5 } else { 1e-3 };
/// let sound: Vec<f32> = (0..32_000).map(|t| loud(t) * (t as f32 * 0.3).sin()).collect();
/// assert_eq!(VoiceActivity::new(16_000)?.spans(&sound), [12_000..20_000]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VoiceActivity {
    rate: f64,
    /// Samples of 10 ms.
    frame: usize,
    /// In frames.
    pause: usize,
    burst: usize,
    around: usize,
}

impl VoiceActivity {
    /// For sound at a rate in Hz. Pauses below 0.2 s are part of speech, bursts below 0.05 s are none, and nothing is
    /// added around.
    ///
    /// # Errors
    /// [`Error::Value`] unless the rate is 100 to 10,000,000 Hz.
    pub fn new(rate: u32) -> Result<Self> {
        if !(100..=10_000_000).contains(&rate) {
            let wanted = "100 to 10,000,000 Hz";
            return Err(Error::value("VoiceActivity::new", format!("rate = {rate} Hz"), wanted));
        }
        let frame = rate as usize / 100;
        Ok(Self { rate: f64::from(rate), frame, pause: 20, burst: 5, around: 0 })
    }

    /// Other times in seconds, taken to 10 ms: the shortest pause, the shortest burst, and what is added on both sides.
    ///
    /// # Errors
    /// [`Error::Value`] unless each is from 0 to 3600.
    pub fn times(self, pause: f64, burst: f64, around: f64) -> Result<Self> {
        for seconds in [pause, burst, around] {
            if !(0.0..=3600.0).contains(&seconds) {
                let got = format!("{seconds} s");
                return Err(Error::value("VoiceActivity::times", got, "0 to 3600 s"));
            }
        }
        let frames = |seconds: f64| (seconds * self.rate / self.frame as f64).round() as usize;
        Ok(Self { pause: frames(pause), burst: frames(burst), around: frames(around), ..self })
    }

    /// Where there is speech, in samples, in order and apart from each other. Samples that are not finite are silence.
    pub fn spans(&self, samples: &[f32]) -> Vec<Range<usize>> {
        let loudness = |frame: &[f32]| {
            let finite = frame.iter().filter(|x| x.is_finite());
            finite.map(|&x| f64::from(x).abs()).sum::<f64>() / frame.len() as f64
        };
        let e: Vec<f64> = samples.chunks(self.frame).map(loudness).collect();
        let mut sorted = e.clone();
        sorted.sort_by(f64::total_cmp);
        let Some(&most) = sorted.last() else { return Vec::new() };
        let quiet = &sorted[..e.len().div_ceil(10)];
        // Below the smallest step of 16 bits there is no sound.
        let least = (quiet.iter().sum::<f64>() / quiet.len() as f64).max(1.0 / 32_768.0);
        let low = (0.03 * (most - least) + least).min(4.0 * least);
        let high = 5.0 * low;

        let mut spans: Vec<Range<usize>> = Vec::new();
        let mut at = 0;
        for run in e.chunk_by(|a, b| (*a > low) == (*b > low)) {
            let span = at..at + run.len();
            at = span.end;
            if run[0] > low && run.iter().any(|&e| e > high) {
                match spans.last_mut() {
                    Some(last) if span.start - last.end < self.pause => last.end = span.end,
                    _ => spans.push(span),
                }
            }
        }
        spans.retain(|span| span.len() >= self.burst);
        let mut wide: Vec<Range<usize>> = Vec::new();
        for span in spans {
            let span = span.start.saturating_sub(self.around)..span.end + self.around;
            let samples = span.start * self.frame..(span.end * self.frame).min(samples.len());
            match wide.last_mut() {
                Some(last) if samples.start <= last.end => last.end = samples.end,
                _ => wide.push(samples),
            }
        }
        wide
    }
}
