//! Bytes to text: refuse what is not UTF-8, or put U+FFFD in its place.
//!
//! One U+FFFD stands for each maximal part of a sequence that could have become a character, which is
//! what browsers and `String::from_utf8_lossy` do. Source: The Unicode Standard, section 3.9, *U+FFFD
//! Substitution of Maximal Subparts*.

use std::borrow::Cow;

use super::TextError;

/// What to do with bytes that are not UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Invalid {
    /// An error with the offset of the first such byte.
    #[default]
    Refuse,
    /// U+FFFD in place of each such sequence.
    Replace,
}

/// The text of `bytes`.
///
/// ```
/// use gradus_data::text::{Invalid, utf8};
/// assert_eq!(utf8(b"caf\xc3\xa9", Invalid::Refuse)?, "café");
/// assert_eq!(utf8(b"caf\xe9 au lait", Invalid::Replace)?, "caf\u{fffd} au lait");
/// assert!(utf8(b"caf\xe9", Invalid::Refuse).unwrap_err().to_string().starts_with("byte 3 begins"));
/// # Ok::<(), gradus_data::Error>(())
/// ```
///
/// # Errors
/// [`TextError::Utf8`] if the bytes are not UTF-8 and `invalid` says to refuse them.
pub fn utf8(bytes: &[u8], invalid: Invalid) -> Result<Cow<'_, str>, TextError> {
    match invalid {
        Invalid::Replace => Ok(String::from_utf8_lossy(bytes)),
        Invalid::Refuse => std::str::from_utf8(bytes)
            .map(Cow::Borrowed)
            .map_err(|e| TextError::Utf8 { offset: e.valid_up_to() }),
    }
}

/// Where replacements shift a text: for each, its end in the replaced text and in the bytes.
///
/// Between two of them positions differ by a constant; within one, both ends are its own.
#[derive(Debug)]
pub(crate) struct Shifts(Vec<(usize, usize)>);

impl Shifts {
    /// The replacements in `bytes`.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let (mut text, mut source, mut shifts) = (0, 0, Vec::new());
        for chunk in bytes.utf8_chunks() {
            text += chunk.valid().len();
            source += chunk.valid().len();
            if !chunk.invalid().is_empty() {
                text += '\u{fffd}'.len_utf8();
                source += chunk.invalid().len();
                shifts.push((text, source));
            }
        }
        Self(shifts)
    }

    /// The position in the bytes of a position at the edge of a character of the text.
    pub(crate) fn source(&self, at: usize) -> usize {
        match self.0[..self.0.partition_point(|shift| shift.0 <= at)].last() {
            Some(&(text, source)) => source + (at - text),
            None => at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Shifts;

    #[test]
    fn positions_go_back_to_the_bytes() {
        let bytes = b"a\xe9b\xf0\x9f\x92c\xff";
        let text = String::from_utf8_lossy(bytes);
        assert_eq!(text, "a\u{fffd}b\u{fffd}c\u{fffd}");
        let shifts = Shifts::of(bytes);
        let edges: Vec<_> = text.char_indices().map(|(at, _)| shifts.source(at)).collect();
        assert_eq!(edges, [0, 1, 2, 3, 6, 7]);
        assert_eq!(shifts.source(text.len()), bytes.len());
    }
}
