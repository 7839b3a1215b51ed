//! The only file that knows `bincode`, which encodes a checkpoint's index.
//!
//! The package is no longer maintained (2.0.1 is its last version that works), so nothing else may
//! depend on it. What it writes with the settings below is simple enough to be written by hand one
//! day: integers as little-endian bytes of their size, a `u64` length before each string and each
//! sequence, and one byte 0 or 1 before an optional value.
//!
//! Decoding borrows: strings are slices of the input, and a sequence grows as its elements are
//! found. So a length that lies about what follows runs into the end of the input and never
//! allocates; the size of the file is the limit.

use bincode::config::{Configuration, Fixint, LittleEndian, standard};
use serde::{Deserialize, Serialize};

fn settings() -> Configuration<LittleEndian, Fixint> {
    standard().with_little_endian().with_fixed_int_encoding()
}

/// The bytes of a value.
pub(crate) fn encode(value: &impl Serialize) -> Result<Vec<u8>, String> {
    bincode::serde::encode_to_vec(value, settings()).map_err(|error| error.to_string())
}

/// The value whose bytes these are, all of them. No string in `T` may be owned: see above.
pub(crate) fn decode<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, String> {
    match bincode::serde::borrow_decode_from_slice(bytes, settings()) {
        Ok((value, used)) if used == bytes.len() => Ok(value),
        Ok((_, used)) => Err(format!("{} bytes follow its end", bytes.len() - used)),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoding_is_the_one_described() {
        let bytes = encode(&("ab", 7_u32, Some(1_u8), None::<u8>)).unwrap();
        assert_eq!(bytes, [2, 0, 0, 0, 0, 0, 0, 0, b'a', b'b', 7, 0, 0, 0, 1, 1, 0]);
        assert_eq!(decode(&bytes), Ok(("ab", 7_u32, Some(1_u8), None::<u8>)));
    }

    #[test]
    fn lengths_that_lie_are_errors() {
        for len in [1, 1 << 20, 1 << 40, u64::MAX / 2, u64::MAX] {
            let bytes = len.to_le_bytes();
            assert!(decode::<&str>(&bytes).is_err());
            assert!(decode::<Vec<u64>>(&bytes).is_err());
            assert!(decode::<Vec<(&str, Vec<u64>)>>(&bytes).is_err());
        }
        assert_eq!(decode::<u8>(&[1, 2]), Err("1 bytes follow its end".into()));
    }
}
