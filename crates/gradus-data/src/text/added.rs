//! Tokens that are found in the text before anything else is done to it: `[MASK]`, `<|endoftext|>`.
//!
//! The text is searched from left to right for the longest of them. Those that are not `normalized` are
//! found in the original text, the others afterwards in the normalized text, their own content being
//! normalized too. Flags: `single_word` asks for an edge of a word on both sides, `lstrip` and `rstrip`
//! take the white space beside it along.

use std::ops::Range;

use super::trie::Trie;
use super::{Normalizer, TextError, unicode};

/// A token outside the model's rules.
///
/// ```
/// use gradus_data::text::{AddedToken, BpeTrainer};
/// let tokenizer = BpeTrainer::new(256).train([""])?.added([AddedToken::special("<end>", 256)])?;
/// assert_eq!(tokenizer.ids("a<end>")?, [64, 256]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddedToken {
    /// Its text.
    pub content: String,
    /// Its id.
    pub id: u32,
    /// Whether decoding leaves it out.
    pub special: bool,
    /// Whether it is found only between the edges of words.
    pub single_word: bool,
    /// Whether the white space before it belongs to it.
    pub lstrip: bool,
    /// Whether the white space after it belongs to it.
    pub rstrip: bool,
    /// Whether it is found in the normalized text instead of the original.
    pub normalized: bool,
}

impl AddedToken {
    /// A special token, found in the original text, with all other flags off.
    pub fn special(content: impl Into<String>, id: u32) -> Self {
        Self {
            content: content.into(),
            id,
            special: true,
            single_word: false,
            lstrip: false,
            rstrip: false,
            normalized: false,
        }
    }
}

/// A stretch of text, or a token in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) range: Range<usize>,
    pub(crate) token: Option<u32>,
}

/// Tokens to look for. Of equal contents the last counts.
#[derive(Debug, Clone)]
pub(crate) struct Finder {
    trie: Trie,
    tokens: Vec<AddedToken>,
}

impl Finder {
    /// Looks for nothing.
    pub(crate) fn none() -> Self {
        Self { trie: Trie::new(), tokens: Vec::new() }
    }

    /// Looks for those with `normalized` as given, in text that went through `normalizer`.
    pub(crate) fn new(
        tokens: &[AddedToken],
        normalized: bool,
        normalizer: Option<&Normalizer>,
    ) -> Result<Self, TextError> {
        let chosen = tokens.iter().filter(|token| token.normalized == normalized);
        let (mut trie, tokens): (_, Vec<_>) = (Trie::new(), chosen.cloned().collect());
        for (i, token) in tokens.iter().enumerate() {
            let content = match normalizer {
                Some(normalizer) => normalizer.normalize(&token.content)?,
                None => token.content.clone(),
            };
            if !content.is_empty() {
                trie.insert(content.as_bytes(), i as u32);
            }
        }
        Ok(Self { trie, tokens })
    }

    /// Cuts a text at the tokens that `wanted` lets through.
    pub(crate) fn cut(&self, text: &str, wanted: impl Fn(&AddedToken) -> bool) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let (mut done, mut at) = (0, 0);
        while !self.trie.is_empty() && at < text.len() {
            let found = self.trie.longest(Trie::ROOT, &text.as_bytes()[at..]);
            let Some((len, token)) = found.map(|(len, i)| (len, &self.tokens[i as usize])) else {
                at += 1;
                continue;
            };
            let (mut start, mut end) = (at, at + len);
            at = end;
            let inside = |before: &str, after: &str| {
                before.chars().next_back().is_some_and(unicode::is_word)
                    || after.chars().next().is_some_and(unicode::is_word)
            };
            if !wanted(token) || token.single_word && inside(&text[..start], &text[end..]) {
                continue;
            }
            if token.lstrip {
                start = done + text[done..start].trim_end().len();
            }
            if token.rstrip {
                end = text.len() - text[end..].trim_start().len();
            }
            if done < start {
                pieces.push(Piece { range: done..start, token: None });
            }
            pieces.push(Piece { range: start..end, token: Some(token.id) });
            (done, at) = (end, end);
        }
        if done < text.len() {
            pieces.push(Piece { range: done..text.len(), token: None });
        }
        pieces
    }
}

#[cfg(test)]
mod tests {
    use super::{AddedToken, Finder};

    #[test]
    fn flags_and_the_longest() {
        let token = |content, id| AddedToken::special(content, id);
        let tokens = [
            token("<a>", 1),
            token("<a><b>", 2),
            AddedToken { lstrip: true, rstrip: true, ..token("<m>", 3) },
            AddedToken { single_word: true, ..token("ing", 4) },
            AddedToken { normalized: true, ..token("x", 5) },
        ];
        let finder = Finder::new(&tokens, false, None).unwrap();
        let cut = |text: &str| -> Vec<_> {
            let pieces = finder.cut(text, |_| true);
            pieces.into_iter().map(|p| (text[p.range].to_owned(), p.token)).collect()
        };
        let own = |parts: &[(&str, Option<u32>)]| -> Vec<_> {
            parts.iter().map(|(text, token)| ((*text).to_owned(), *token)).collect()
        };
        for (text, wanted) in [
            ("", &[][..]),
            ("x", &[("x", None)]),
            ("é<a><a><b>", &[("é", None), ("<a>", Some(1)), ("<a><b>", Some(2))]),
            (
                "u \u{a0}<m>  <m> v",
                &[("u", None), (" \u{a0}<m>  ", Some(3)), ("<m> ", Some(3)), ("v", None)],
            ),
            ("king ing!", &[("king ", None), ("ing", Some(4)), ("!", None)]),
        ] {
            assert_eq!(cut(text), own(wanted), "{text}");
        }
        assert_eq!(finder.cut("<a>", |token| token.id != 1).len(), 1);
    }
}
