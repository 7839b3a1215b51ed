//! BERT's words: white space separates and is dropped, each character of punctuation stands alone.
//! Source: `tokenization.py` of BERT (Devlin and others, 2018). Chinese characters are spaced before, by
//! the normalizer.

use std::ops::Range;

use crate::text::unicode;

/// Calls `f` with each word.
pub(super) fn each(text: &str, mut f: impl FnMut(Range<usize>)) {
    let mut start = 0;
    for (at, c) in text.char_indices() {
        let (space, alone) = (c.is_whitespace(), unicode::is_punctuation(c));
        if !(space || alone) {
            continue;
        }
        if start < at {
            f(start..at);
        }
        start = at + c.len_utf8();
        if alone {
            f(at..start);
        }
    }
    if start < text.len() {
        f(start..text.len());
    }
}
