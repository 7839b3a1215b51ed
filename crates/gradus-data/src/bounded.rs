//! Reading no more than is wanted.

use std::io::{self, Read};

/// The next `limit` bytes of a source, or those that are left.
pub(crate) fn up_to(source: &mut dyn Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}
