//! WAV: a RIFF file of chunks, of which `fmt ` says what the samples are and `data` holds them.
//!
//! ```text
//! "RIFF" length "WAVE" { name[4] length[4] content[length] pad[length mod 2] }…
//! ```
//!
//! All numbers are little-endian. Sources: IBM and Microsoft, *Multimedia Programming Interface and
//! Data Specifications 1.0* (1991); Microsoft, *Multiple Channel Audio Data and WAVE Files* (2007)
//! for the extensible format; ITU-T G.711 for A-law and mu-law.
//!
//! | read | tag | bits |
//! |---|---|---|
//! | integers | 1 | 8 (without sign), 16, 24, 32, or fewer on the left of such a field |
//! | floats | 3 | 32, 64 |
//! | A-law, mu-law | 6, 7 | 8 |
//! | extensible | 0xfffe | any of these |
//!
//! Integers of `b` bits are divided by `2^(b−1)`, so that samples lie in `[−1, 1)`; floats stay as
//! they are, NaN too.
//!
//! No length in a file is believed: memory grows with the bytes that are there. A program that writes
//! to a pipe cannot know the length of `data` and leaves 0, or a number near 2³¹ or 2³²; such a file
//! is read to its end. Half a frame at the end is dropped. Other chunks are passed over.

mod chunks;
mod encoding;
mod format;
mod write;

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

pub use write::{WavEncoding, save_wav, write_wav};

use super::{Audio, AudioProblem, hex};
use crate::bounded::up_to;
use crate::{Error, Result};
use chunks::samples;
use format::Format;

/// What a file of more bytes would need is not a clip to hold in memory.
const LIMIT: u64 = 1 << 32;

/// Reads a WAV file. `name` stands for the file in errors.
///
/// ```
/// use gradus_data::audio::{Audio, WavEncoding, read_wav, write_wav};
/// let tone = Audio::new(16000, 1, (0..160).map(|t| (0.1 * t as f32).sin() / 2.0).collect())?;
/// let mut file = Vec::new();
/// write_wav(&mut file, &tone, WavEncoding::Float32)?;
/// assert_eq!(read_wav(&file[..], "tone.wav")?, tone);
/// # Ok::<(), gradus_data::Error>(())
/// ```
///
/// # Errors
/// [`Error::Audio`] if the file is not what it should be, [`Error::File`] if it cannot be read.
pub fn read_wav(mut source: impl Read, name: &str) -> Result<Audio> {
    read(&mut source, name)
}

fn read(source: &mut dyn Read, name: &str) -> Result<Audio> {
    let fault = |problem| Error::Audio { file: name.into(), problem };
    let failed = |source| Error::File { path: name.into(), source };
    let source: &mut dyn Read = &mut BufReader::new(source);
    // A large file of another kind is not read.
    let mut file = up_to(source, 12).map_err(failed)?;
    if !is_wav(&file) {
        return Err(fault(AudioProblem::Kind { start: hex(&file), wanted: "WAV" }));
    }
    source.take(LIMIT).read_to_end(&mut file).map_err(failed)?;
    if file.len() as u64 > LIMIT {
        return Err(fault(AudioProblem::TooLong));
    }
    let (format, data) = samples(&file).map_err(fault)?;
    let Format { rate, channels, encoding } = format;
    let whole = data.len() - data.len() % (encoding.bytes() * channels);
    Audio::new(rate, channels, encoding.decode(&data[..whole]))
}

/// Reads a WAV file from a path.
///
/// # Errors
/// As [`read_wav`].
pub fn open_wav(path: impl AsRef<Path>) -> Result<Audio> {
    let path = path.as_ref();
    let file = File::open(path).map_err(|source| Error::File { path: path.into(), source })?;
    read_wav(file, &path.display().to_string())
}

/// Whether a file that starts with these 12 bytes is WAV.
pub(super) fn is_wav(start: &[u8]) -> bool {
    matches!(start, [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..])
}
