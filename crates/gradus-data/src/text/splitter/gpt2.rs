//! GPT-2's pattern, by hand:
//! `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`.
//!
//! The alternatives are tried in that order at each place, so:
//! 1. an apostrophe with one of seven endings is a word;
//! 2. else a run of one kind (letters, numbers, others) is, with one space U+0020 before it;
//! 3. else there is white space: its whole run if the text ends there; but if something follows, the run
//!    without its last character, which is left for the next word; a single one stands alone.
//!
//! Every byte belongs to exactly one word. Source: A. Radford and others, *Language Models are
//! Unsupervised Multitask Learners*, 2019, and its `encoder.py`.

use std::ops::Range;

use crate::text::unicode::{Kind, kind};

const ENDINGS: [&str; 7] = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];

/// Calls `f` with each word.
pub(super) fn each(text: &str, mut f: impl FnMut(Range<usize>)) {
    let mut at = 0;
    while at < text.len() {
        let end = at + next(&text[at..]);
        f(at..end);
        at = end;
    }
}

/// The length of the first word of a text that is not empty.
fn next(text: &str) -> usize {
    if text.starts_with('\'')
        && let Some(ending) = ENDINGS.iter().find(|ending| text.starts_with(**ending))
    {
        return ending.len();
    }
    let body = text.strip_prefix(' ').unwrap_or(text);
    let first = body.chars().next().map_or(Kind::Space, kind);
    if first != Kind::Space {
        return text.len() - body.len() + run(body, first);
    }
    let spaces = run(text, Kind::Space);
    if spaces == text.len() {
        return spaces;
    }
    match text[..spaces].char_indices().next_back() {
        Some((last, _)) if last > 0 => last,
        _ => spaces,
    }
}

/// The length of the run of one kind at the start.
fn run(text: &str, wanted: Kind) -> usize {
    text.char_indices().find(|&(_, c)| kind(c) != wanted).map_or(text.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use crate::text::Splitter;

    #[test]
    fn each_alternative_and_its_edges() {
        for (text, wanted) in [
            ("", &[][..]),
            ("I'll can't 'sup", &["I", "'ll", " can", "'t", " '", "sup"]),
            ("'S 's", &["'", "S", " '", "s"]),
            ("a  b", &["a", " ", " b"]),
            ("a \n b", &["a", " \n", " b"]),
            ("a\n\nb", &["a", "\n", "\n", "b"]),
            ("a\tb ", &["a", "\t", "b", " "]),
            ("a \u{a0}b", &["a", " ", "\u{a0}", "b"]),
            (" \u{3000} ", &[" \u{3000} "]),
            ("x²Ⅷ½", &["x", "²Ⅷ½"]),
            ("e\u{301}a", &["e", "\u{301}", "a"]),
            ("👍🏽!? 12ab", &["👍🏽!?", " 12", "ab"]),
            ("我们 3人", &["我们", " 3", "人"]),
        ] {
            assert_eq!(Splitter::Gpt2.split(text).collect::<Vec<_>>(), wanted, "{text:?}");
        }
    }
}
