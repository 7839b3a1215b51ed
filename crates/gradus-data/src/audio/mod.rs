//! Sound: files to samples, samples to features.
//!
//! | step | here |
//! |---|---|
//! | a file | [`open_wav`], [`read_wav`], `open_flac` (feature `flac`); [`save_wav`], [`write_wav`] |
//! | sound in memory | [`Audio`]: a rate in Hz, channels, samples as `f32` |
//! | another rate | [`Resampler`], [`Audio::resampled`] |
//! | spectra of frames | [`Window`], [`Padding`], [`Stft`] |
//! | bands | [`MelFilters`], [`power_to_db`]; as Whisper takes them, also from a stream: [`LogMel`] |
//! | cepstra | [`Mfcc`], [`deltas`], [`with_deltas`], [`Cmvn`]; [`SphinxMfcc`] |
//! | voices | [`VoiceActivity`], [`Pitch`] |
//! | changes in training | [`augment`] |
//! | folders of recordings | [`RecordingFolder`], [`Transcripts`] |
//!
//! ```
//! use gradus_data::audio::{Audio, LogMel};
//! let stereo = Audio::new(44_100, 2, vec![0.0; 88_200])?;
//! let speech = stereo.resampled(16_000)?.mono();
//! assert_eq!(speech.len(), 16_000);
//! let features = LogMel::whisper(80)?.apply(&speech)?;
//! assert_eq!(features.to_tensor()?.shape(), [100, 80]);
//! # Ok::<(), gradus_data::Error>(())
//! ```
//!
//! Everything works on slices of `f32`; [`Features`] are rows of them, one a frame, and
//! [`Features::to_tensor`] ends the way to a network.

mod activity;
pub mod augment;
mod clip;
mod cmvn;
mod decibels;
mod deltas;
mod error;
mod features;
#[cfg(feature = "flac")]
mod flac;
mod frames;
mod kaiser;
mod log_mel;
mod log_mel_stream;
mod mel;
mod mfcc;
mod pitch;
mod polyphase;
mod recordings;
mod resample;
mod spectrum;
mod sphinx;
mod stft;
mod transcripts;
mod wav;
mod window;

pub use activity::VoiceActivity;
pub use clip::{Audio, MAX_RATE};
pub use cmvn::Cmvn;
pub use decibels::power_to_db;
pub use deltas::{deltas, with_deltas};
pub use error::AudioProblem;
pub use features::Features;
#[cfg(feature = "flac")]
pub use flac::{open_flac, read_flac};
pub use frames::Padding;
pub use log_mel::LogMel;
pub use log_mel_stream::LogMelStream;
pub use mel::{MelFilters, MelScale, MelSpec};
pub use mfcc::Mfcc;
pub use pitch::Pitch;
pub use recordings::{Recording, RecordingFolder};
pub use resample::Resampler;
pub use sphinx::SphinxMfcc;
pub use stft::Stft;
pub use transcripts::{Transcripts, Utterance};
pub use wav::{WavEncoding, open_wav, read_wav, save_wav, write_wav};
pub use window::Window;

/// What to do with a form of sound that is not read here.
fn ffmpeg() -> &'static str {
    "`ffmpeg -i FILE -c:a pcm_s16le NEW.wav` converts most kinds"
}

/// Bytes in hexadecimal, for messages.
fn hex(bytes: &[u8]) -> String {
    let bytes: Vec<_> = bytes.iter().map(|b| format!("{b:02x}")).collect();
    bytes.join(" ")
}
