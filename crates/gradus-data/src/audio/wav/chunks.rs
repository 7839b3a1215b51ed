//! From chunk to chunk, to the format and the bytes of the samples.
//!
//! Each chunk is a name of 4 bytes, a length of 4, and a content, which a byte of 0 pads to an even
//! length. Some writers forget that byte.

use super::format::Format;
use crate::audio::AudioProblem;

type Result<T> = std::result::Result<T, AudioProblem>;

/// From here on a length of `data` is taken for the mark of a writer that did not know it: sox leaves
/// 2³¹ − 4096, arecord about 2³¹, ffmpeg 2³² − 1.
const UNKNOWN: u32 = 0x7fff_f000;

/// The format, and the bytes of the samples that are there.
pub(super) fn samples(file: &[u8]) -> Result<(Format, &[u8])> {
    let mut format = None;
    let mut at = 12;
    while let Some((name, declared)) = header(file, at) {
        let rest = &file[at + 8..];
        let content = rest.get(..declared as usize);
        if name == *b"data" {
            let format = format.ok_or(AudioProblem::Order)?;
            return Ok((format, data(rest, declared)?));
        }
        let Some(content) = content else {
            let chunk = String::from_utf8_lossy(&name).escape_debug().to_string();
            return Err(AudioProblem::Chunk { chunk, at, declared, found: rest.len() });
        };
        if name == *b"fmt " {
            format = Some(Format::parse(content)?);
        }
        at = next(file, at, content.len());
    }
    let chunk = if format.is_none() { "fmt " } else { "data" };
    Err(AudioProblem::NoChunk { chunk })
}

/// The samples among the bytes after the header of `data`.
fn data(rest: &[u8], declared: u32) -> Result<&[u8]> {
    match rest.get(..declared as usize) {
        // Either there are no samples, or the writer did not come back to say how many.
        Some([]) if !are_chunks(rest) => Ok(rest),
        Some(content) => Ok(content),
        None if declared >= UNKNOWN => Ok(rest),
        None => Err(AudioProblem::Truncated { found: rest.len(), declared }),
    }
}

/// Whether these bytes are chunks with names, to the last byte.
fn are_chunks(bytes: &[u8]) -> bool {
    let mut at = 0;
    while let Some((name, length)) = header(bytes, at) {
        if !is_name(&name) || bytes.len() - at - 8 < length as usize {
            return false;
        }
        at = next(bytes, at, length as usize);
    }
    at >= bytes.len()
}

/// The name and the length of the chunk at a place.
fn header(file: &[u8], at: usize) -> Option<([u8; 4], u32)> {
    let (name, rest) = file.get(at..)?.split_first_chunk()?;
    let (length, _) = rest.split_first_chunk()?;
    Some((*name, u32::from_le_bytes(*length)))
}

/// Where the chunk after one with such a content starts.
fn next(file: &[u8], at: usize, length: usize) -> usize {
    let end = at + 8 + length;
    let unpadded = || {
        let name = file.get(end..).and_then(|rest| rest.first_chunk());
        name.is_some_and(is_name)
    };
    end + if length % 2 == 1 && !unpadded() { 1 } else { 0 }
}

/// Names are of printing characters: never a byte of padding.
fn is_name(name: &[u8; 4]) -> bool {
    name.iter().all(|c| (b' '..=b'~').contains(c))
}
