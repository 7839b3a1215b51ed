//! Texts that ship inside the crate, compressed.

use std::io::Read;

use flate2::read::GzDecoder;

use crate::{Error, Result};

/// The text of a compressed file, which has less than `limit` bytes; `name` stands for it in errors.
pub(crate) fn unpack(op: &'static str, file: &[u8], name: &str, limit: u64) -> Result<String> {
    let mut text = String::new();
    match GzDecoder::new(file).take(limit).read_to_string(&mut text) {
        Ok(_) => Ok(text),
        Err(e) => {
            Err(Error::value(op, format!("a damaged file ({e})"), format!("the embedded {name}")))
        }
    }
}
