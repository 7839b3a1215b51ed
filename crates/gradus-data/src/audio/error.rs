//! What can be wrong with a file of sound. Every message says what was found, what was wanted and
//! what to do; the file's name stands before it, in [`Error::Audio`](crate::Error::Audio).

use super::{MAX_RATE, ffmpeg};

/// What is wrong with a file of sound.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AudioProblem {
    /// The file is of another kind, whatever its name says.
    #[error("is no {wanted} file: it starts with the bytes {start}{}; {}", looks_like(.start), ffmpeg())]
    Kind {
        /// The first bytes, in hexadecimal.
        start: String,
        /// The kind of file that was wanted.
        wanted: &'static str,
    },
    /// The file ends before its samples.
    #[error("ends without a chunk `{chunk}`; the file is truncated or damaged: get it again")]
    NoChunk {
        /// The chunk that is missing.
        chunk: &'static str,
    },
    /// Samples before the chunk that says what they are.
    #[error("has its chunk `data` before its chunk `fmt `; the file is damaged: get it again")]
    Order,
    /// A chunk goes on past the end of the file.
    #[error(
        "has a chunk `{chunk}` of {declared} bytes at byte {at}, but only {found} follow; the file \
         is truncated or damaged: get it again"
    )]
    Chunk {
        /// The chunk's name.
        chunk: String,
        /// Where in the file it starts, in bytes.
        at: usize,
        /// Its length, as it says.
        declared: u32,
        /// The bytes that are there.
        found: usize,
    },
    /// The chunk `fmt ` is too short for what it says.
    #[error("has a chunk `fmt ` of {size} bytes; wanted {wanted}: the file is damaged")]
    FormatSize {
        /// Its length in bytes.
        size: usize,
        /// The least length.
        wanted: usize,
    },
    /// Samples in a form that is not read here.
    #[error(
        "holds {bits}-bit samples with the format tag {tag:#06x}{}; wanted 8, 16, 24 or 32-bit \
         integers, 32 or 64-bit floats, A-law or mu-law; {}", tag_name(*.tag), ffmpeg()
    )]
    Encoding {
        /// The format tag (of an extensible format, that of its sub-format).
        tag: u16,
        /// Bits a sample.
        bits: u16,
    },
    /// Sound without channels.
    #[error("declares 0 channels; wanted at least 1: the file is damaged")]
    NoChannels,
    /// A rate that no sound has.
    #[error("declares a rate of {rate} Hz; wanted 1 to {MAX_RATE} Hz: its header is damaged")]
    Rate {
        /// The rate in Hz.
        rate: u32,
    },
    /// A frame that is not as long as its samples together.
    #[error(
        "declares frames of {got} bytes, but {channels} samples of {bits} bits need {wanted}; its \
         header is damaged"
    )]
    BlockAlign {
        /// The bytes of a frame, as the file says.
        got: u16,
        /// The channels.
        channels: u16,
        /// Bits a sample.
        bits: u16,
        /// The bytes that the samples of a frame need.
        wanted: u32,
    },
    /// The file ends before the samples that it declares.
    #[error(
        "holds {found} bytes of samples, but declares {declared}; the file is truncated: get it \
         again, or set the length of its chunk `data` to 0 to read what is there"
    )]
    Truncated {
        /// The bytes that are there.
        found: usize,
        /// The bytes that should be there.
        declared: u32,
    },
    /// More than is held in memory at once.
    #[error("goes on after 4 GiB; cut it into shorter files, as `ffmpeg -f segment` does")]
    TooLong,
    /// A FLAC stream that cannot be decoded.
    #[error("is damaged FLAC ({message}); get it again")]
    Flac {
        /// What the decoder said.
        message: String,
    },
}

/// The kinds of files that often have a wrong name.
fn looks_like(start: &str) -> &'static str {
    let kinds = [
        ("52 49 46 58", " (RIFX, big-endian WAV)"),
        ("52 46 36 34", " (RF64, WAV of more than 4 GiB)"),
        ("66 4c 61 43", " (FLAC)"),
        ("4f 67 67 53", " (Ogg)"),
        ("49 44 33", " (MP3)"),
        ("ff fb", " (MP3)"),
        ("46 4f 52 4d", " (AIFF)"),
        ("2e 73 6e 64", " (AU)"),
        ("4e 49 53 54", " (NIST Sphere)"),
        ("3c", " (a web page?)"),
        ("1f 8b", " (gzip: unpack it)"),
        ("50 4b", " (zip: unpack it)"),
    ];
    kinds.iter().find(|(magic, _)| start.starts_with(magic)).map_or("", |(_, name)| name)
}

/// Format tags of the registry that are met in files.
fn tag_name(tag: u16) -> &'static str {
    match tag {
        0x0001 => " (PCM)",
        0x0002 => " (Microsoft ADPCM)",
        0x0003 => " (floats)",
        0x0006 => " (A-law)",
        0x0007 => " (mu-law)",
        0x0011 => " (IMA ADPCM)",
        0x0031 => " (GSM 6.10)",
        0x0055 => " (MP3)",
        0x00ff => " (AAC)",
        _ => "",
    }
}
