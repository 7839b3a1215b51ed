//! Text that remembers where it came from: each byte of the normalized text has a range in the
//! original, so that the offsets of tokens point into what the user gave.
//!
//! While it is being normalized a text is a list of characters with ranges ([`Spanned`]); afterwards it
//! is a string with the ranges beside it ([`Aligned`]). Without a normalizer it is the original itself
//! and nothing is stored.

use std::borrow::Cow;
use std::ops::Range;

/// A character and the bytes of the original that it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spanned {
    pub(crate) char: char,
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Spanned {
    /// The characters of a text, each from itself.
    pub(crate) fn all(text: &str) -> Vec<Self> {
        let one = |(at, char): (usize, char)| Self {
            char,
            start: at as u32,
            end: (at + char.len_utf8()) as u32,
        };
        text.char_indices().map(one).collect()
    }

    /// Another character from the same place.
    pub(crate) fn with(self, char: char) -> Self {
        Self { char, ..self }
    }
}

/// A normalized text and where it came from.
#[derive(Debug)]
pub(crate) struct Aligned<'a> {
    pub(crate) text: Cow<'a, str>,
    /// For each byte of `text` its range in the original; nothing if they are the same.
    spans: Option<Vec<(u32, u32)>>,
}

impl<'a> Aligned<'a> {
    /// The longest text that may be normalized.
    pub(crate) const MAX: usize = u32::MAX as usize;

    /// The original as it is.
    pub(crate) fn same(text: &'a str) -> Self {
        Self { text: Cow::Borrowed(text), spans: None }
    }

    /// A text after normalization.
    pub(crate) fn new(chars: &[Spanned]) -> Self {
        let mut text = String::with_capacity(chars.len());
        let mut spans = Vec::with_capacity(chars.len());
        for &Spanned { char, start, end } in chars {
            text.push(char);
            spans.extend(std::iter::repeat_n((start, end), char.len_utf8()));
        }
        Self { text: Cow::Owned(text), spans: Some(spans) }
    }

    /// A part of the text, with a space before it that comes from nowhere.
    pub(crate) fn after_space(&self, range: Range<usize>) -> Aligned<'static> {
        let text = format!(" {}", &self.text[range.clone()]);
        let of = |at: usize| {
            let span = self.source(at..at + 1);
            (span.start as u32, span.end as u32)
        };
        let start = if range.is_empty() { 0 } else { of(range.start).0 };
        let spans = std::iter::once((start, start)).chain(range.map(of)).collect();
        Aligned { text: Cow::Owned(text), spans: Some(spans) }
    }

    /// The range in the original of a non-empty range of the text; it begins and ends at the edge of a
    /// character.
    pub(crate) fn source(&self, range: Range<usize>) -> Range<usize> {
        match &self.spans {
            Some(spans) => {
                let inner = spans.get(range).unwrap_or_default();
                let start = inner.iter().map(|span| span.0).min().unwrap_or(0);
                let end = inner.iter().map(|span| span.1).max().unwrap_or(0);
                start as usize..end as usize
            }
            None => {
                let (mut start, mut end) = (range.start, range.end);
                while !self.text.is_char_boundary(start) {
                    start -= 1;
                }
                while !self.text.is_char_boundary(end) {
                    end += 1;
                }
                start..end
            }
        }
    }
}
