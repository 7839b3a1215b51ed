//! Writing WAV: 16-bit integers, or the floats as they are.
//!
//! Floats get the 18-byte `fmt ` and the chunk `fact` (frames) that the 1994 revision of the
//! specification wants for everything but integers.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use crate::audio::Audio;
use crate::{Error, Result};

/// The form in which samples are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum WavEncoding {
    /// Integers of 16 bits: `x · 2¹⁵`, rounded to the nearest, and cut off at the ends of the range.
    Int16,
    /// The samples as they are, NaN too.
    Float32,
}

/// Writes a WAV file.
///
/// ```
/// use gradus_data::audio::{Audio, WavEncoding, read_wav, write_wav};
/// let mut file = Vec::new();
/// write_wav(&mut file, &Audio::new(8000, 1, vec![0.5, -2.0])?, WavEncoding::Int16)?;
/// assert_eq!(file.len(), 44 + 2 * 2);
/// assert_eq!(read_wav(&file[..], "two.wav")?.samples(), [0.5, -1.0]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
///
/// # Errors
/// If it cannot be written, for more than 4 GiB or 65,535 channels, and for a NaN among 16-bit
/// samples.
pub fn write_wav(to: impl Write, audio: &Audio, encoding: WavEncoding) -> Result<()> {
    let failed = |source| Error::File { path: "the WAV file".into(), source };
    let header = header(audio, encoding)?;
    let mut to = BufWriter::new(to);
    to.write_all(&header).map_err(failed)?;
    for &x in audio.samples() {
        match encoding {
            // A conversion from a float stops at the ends of the range.
            WavEncoding::Int16 => {
                let x = (x * 32768.0).round_ties_even() as i16;
                to.write_all(&x.to_le_bytes()).map_err(failed)?;
            }
            WavEncoding::Float32 => to.write_all(&x.to_le_bytes()).map_err(failed)?,
        }
    }
    to.flush().map_err(failed)
}

/// Writes a WAV file to a path; what was there is replaced.
///
/// # Errors
/// As [`write_wav`].
pub fn save_wav(path: impl AsRef<Path>, audio: &Audio, encoding: WavEncoding) -> Result<()> {
    let path = path.as_ref();
    header(audio, encoding)?;
    let failed = |source| Error::File { path: path.into(), source };
    let file = File::create(path).map_err(failed)?;
    write_wav(file, audio, encoding).map_err(|error| match error {
        Error::File { source, .. } => failed(source),
        other => other,
    })
}

/// Everything before the samples.
fn header(audio: &Audio, encoding: WavEncoding) -> Result<Vec<u8>> {
    let bad = |got: String, wanted: &str| Error::value("write_wav", got, wanted);
    let (tag, bytes, integers) = match encoding {
        WavEncoding::Int16 => (1_u16, 2_u16, true),
        WavEncoding::Float32 => (3, 4, false),
    };
    if let Some(at) = audio.samples().iter().position(|x| x.is_nan()).filter(|_| integers) {
        return Err(bad(format!("sample {at} is NaN"), "numbers, or WavEncoding::Float32"));
    }
    let frame = u16::try_from(audio.channels()).ok().and_then(|n| n.checked_mul(bytes));
    let frame = frame.ok_or_else(|| {
        bad(format!("{} channels", audio.channels()), "frames of at most 65,535 bytes")
    })?;
    let data = audio.samples().len() as u64 * u64::from(bytes);
    let extra = if integers { 0 } else { 2 + 12 };
    let riff = u32::try_from(4 + 24 + extra + 8 + data);
    let riff = riff.map_err(|_| bad(format!("{data} bytes of samples"), "less than 4 GiB"))?;

    let mut header = Vec::with_capacity(58);
    let mut put = |bytes: &[u8]| header.extend_from_slice(bytes);
    put(b"RIFF");
    put(&riff.to_le_bytes());
    put(b"WAVEfmt ");
    put(&(if integers { 16_u32 } else { 18 }).to_le_bytes());
    put(&tag.to_le_bytes());
    put(&(audio.channels() as u16).to_le_bytes());
    put(&audio.rate().to_le_bytes());
    // Bytes a second; a rate and a frame that are both extreme have no such number.
    put(&audio.rate().saturating_mul(frame.into()).to_le_bytes());
    put(&frame.to_le_bytes());
    put(&(8 * bytes).to_le_bytes());
    if !integers {
        put(&[0, 0]);
        put(b"fact");
        put(&4_u32.to_le_bytes());
        put(&(audio.frames() as u32).to_le_bytes());
    }
    put(b"data");
    put(&(data as u32).to_le_bytes());
    Ok(header)
}
