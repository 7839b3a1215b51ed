//! GPT-2's alphabet: a visible character for each byte, so that a file of tokens is readable text.
//!
//! A byte that is a printable, non-space character of Latin-1 (33 to 126, 161 to 172, 174 to 255) stands
//! for itself; the other 68 become U+0100, U+0101 … in their order. A space is Ġ, a line feed Ċ. Source:
//! `bytes_to_unicode` in the `encoder.py` of GPT-2 (Radford and others, 2019).

/// Whether a byte stands for itself.
const fn is_itself(byte: u8) -> bool {
    matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff)
}

/// The character of each byte.
const CHARS: [char; 256] = {
    let mut chars = ['\0'; 256];
    let (mut byte, mut next) = (0_usize, 0x100_u32);
    while byte < 256 {
        chars[byte] = match (is_itself(byte as u8), char::from_u32(next)) {
            (false, Some(c)) => {
                next += 1;
                c
            }
            _ => byte as u8 as char,
        };
        byte += 1;
    }
    chars
};

/// The byte of each character below U+0144.
const BYTES: [Option<u8>; 0x144] = {
    let mut bytes = [None; 0x144];
    let mut byte = 0_usize;
    while byte < 256 {
        bytes[CHARS[byte] as usize] = Some(byte as u8);
        byte += 1;
    }
    bytes
};

/// The bytes in the alphabet's order of characters, in which trainers number them.
pub(crate) fn in_order() -> Vec<u8> {
    let mut bytes: Vec<u8> = (0..=255).collect();
    bytes.sort_by_key(|&byte| CHARS[usize::from(byte)]);
    bytes
}

/// Bytes as characters.
pub(crate) fn to_chars(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| CHARS[usize::from(byte)]).collect()
}

/// Characters as bytes, if all of them are of the alphabet.
pub(crate) fn from_chars(text: &str) -> Option<Vec<u8>> {
    text.chars().map(|c| BYTES.get(c as usize).copied().flatten()).collect()
}

#[cfg(test)]
mod tests {
    use super::{from_chars, in_order, to_chars};

    #[test]
    fn every_byte_goes_there_and_back() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(from_chars(&to_chars(&all)).unwrap(), all);
        assert_eq!(to_chars(" a\n\u{e9}".as_bytes()), "ĠaĊÃ©");
        assert_eq!(from_chars("a b"), None);
        let order = in_order();
        assert_eq!((order[0], order[187], order[188], order[255]), (b'!', 255, 0, 173));
    }
}
