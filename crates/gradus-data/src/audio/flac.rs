//! Reading FLAC, by the crate `claxon`; with the feature `flac`.
//!
//! Integers of `b` bits are divided by `2^(b−1)`. As for WAV, no length in the file is believed:
//! samples are kept as they are decoded. Source: RFC 9639.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use super::{Audio, AudioProblem, MAX_RATE, hex};
use crate::{Error, Result};

/// More samples than this (4 GiB of them) are not a clip to hold in memory.
const LIMIT: usize = 1 << 30;

/// Reads a FLAC file. `name` stands for the file in errors.
///
/// ```no_run
/// let file = std::fs::File::open("speech.flac")?;
/// println!("{} s", gradus_data::audio::read_flac(file, "speech.flac")?.seconds());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::Audio`] if the file is not what it should be, [`Error::File`] if it cannot be read.
pub fn read_flac(source: impl Read, name: &str) -> Result<Audio> {
    let fault = |problem| Error::Audio { file: name.into(), problem };
    let failed = |error: claxon::Error| match error {
        claxon::Error::IoError(e) if e.kind() != std::io::ErrorKind::UnexpectedEof => {
            Error::File { path: name.into(), source: e }
        }
        other => fault(AudioProblem::Flac { message: other.to_string() }),
    };
    let mut source = BufReader::new(source);
    let mut start = Vec::new();
    let read = source.by_ref().take(4).read_to_end(&mut start);
    read.map_err(|source| Error::File { path: name.into(), source })?;
    if start != b"fLaC" {
        return Err(fault(AudioProblem::Kind { start: hex(&start), wanted: "FLAC" }));
    }
    // Comments and pictures are passed over, whatever length they declare.
    let options = claxon::FlacReaderOptions { read_vorbis_comment: false, ..Default::default() };
    let source = std::io::Cursor::new(start).chain(source);
    let mut reader = claxon::FlacReader::new_ext(source, options).map_err(failed)?;
    let info = reader.streaminfo();
    if info.channels == 0 {
        return Err(fault(AudioProblem::NoChannels));
    }
    if !(1..=MAX_RATE).contains(&info.sample_rate) {
        return Err(fault(AudioProblem::Rate { rate: info.sample_rate }));
    }
    let scale = 1.0 / (1_u64 << (info.bits_per_sample.clamp(1, 32) - 1)) as f32;
    let channels = info.channels as usize;
    let mut samples: Vec<f32> = Vec::new();
    let mut frames = reader.blocks();
    let mut buffer = Vec::new();
    while let Some(block) = frames.read_next_or_eof(buffer).map_err(failed)? {
        if block.channels() as usize != channels {
            let message = format!("{} channels among {channels}", block.channels());
            return Err(fault(AudioProblem::Flac { message }));
        }
        for frame in 0..block.duration() {
            let values = (0..info.channels).map(|c| block.sample(c, frame) as f32 * scale);
            samples.extend(values);
        }
        if samples.len() > LIMIT {
            return Err(fault(AudioProblem::TooLong));
        }
        buffer = block.into_buffer();
    }
    let (found, declared) = ((samples.len() / channels) as u64, info.samples);
    if let Some(declared) = declared.filter(|&n| n > found) {
        let message = format!("{found} of {declared} frames are there");
        return Err(fault(AudioProblem::Flac { message }));
    }
    Audio::new(info.sample_rate, channels, samples)
}

/// Reads a FLAC file from a path.
///
/// # Errors
/// As [`read_flac`].
pub fn open_flac(path: impl AsRef<Path>) -> Result<Audio> {
    let path = path.as_ref();
    let file = File::open(path).map_err(|source| Error::File { path: path.into(), source })?;
    read_flac(file, &path.display().to_string())
}
