//! The sums of a metric as bytes: the only file of the crate that knows `bincode`.
//!
//! Integers and floats are little-endian bytes of their size, and a `u64` length stands before each
//! string and each sequence. A sequence grows as its elements are found, but a string that is owned is
//! allocated by the length that is read; so there is a limit on lengths, the next of three above the
//! number of bytes that are there.

use bincode::config::{Config, Configuration, Fixint, LittleEndian, standard};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The largest sums that are read.
const MOST: usize = 1 << 30;

fn settings() -> Configuration<LittleEndian, Fixint> {
    standard().with_little_endian().with_fixed_int_encoding()
}

/// The bytes of a value.
pub(super) fn encode(value: &impl Serialize) -> Result<Vec<u8>, String> {
    bincode::serde::encode_to_vec(value, settings()).map_err(|error| error.to_string())
}

/// The value whose bytes these are, all of them.
pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    const FEW: usize = 1 << 12;
    const SOME: usize = 1 << 21;
    if bytes.len() <= FEW {
        decode_with(bytes, settings().with_limit::<FEW>())
    } else if bytes.len() <= SOME {
        decode_with(bytes, settings().with_limit::<SOME>())
    } else if bytes.len() <= MOST {
        decode_with(bytes, settings().with_limit::<MOST>())
    } else {
        Err(format!("more than {MOST} bytes"))
    }
}

fn decode_with<T: DeserializeOwned>(bytes: &[u8], settings: impl Config) -> Result<T, String> {
    match bincode::serde::decode_from_slice(bytes, settings) {
        Ok((value, used)) if used == bytes.len() => Ok(value),
        Ok((_, used)) => Err(format!("{} bytes follow its end", bytes.len() - used)),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bit_comes_back() {
        let value = (f64::NAN, -0.0_f64, u64::MAX, vec!["a".to_string()], Some(1_u8));
        let bytes = encode(&value).unwrap();
        let back: (f64, f64, u64, Vec<String>, Option<u8>) = decode(&bytes).unwrap();
        assert_eq!(back.0.to_bits(), value.0.to_bits());
        assert_eq!(
            (back.1.to_bits(), back.2, back.3, back.4),
            (1 << 63, u64::MAX, value.3, value.4)
        );
    }

    #[test]
    fn lengths_that_lie_are_errors() {
        for len in [1, 1 << 20, 1 << 40, u64::MAX / 2, u64::MAX] {
            let bytes = len.to_le_bytes();
            assert!(decode::<String>(&bytes).is_err());
            assert!(decode::<Vec<u64>>(&bytes).is_err());
            assert!(decode::<Vec<(String, Vec<u64>)>>(&bytes).is_err());
        }
        assert_eq!(decode::<u8>(&[1, 2]), Err("1 bytes follow its end".into()));
    }
}
