//! What a text becomes: ids, and for each of them where it came from and what it is for.

use std::ops::Range;

/// A text, or a pair of texts, as ids. All lists have one length.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Encoding {
    /// The ids.
    pub ids: Vec<u32>,
    /// 0 for the first text and 1 for the second, or what the template says.
    pub type_ids: Vec<u32>,
    /// `false` for padding: what attention must not look at.
    pub attention_mask: Vec<bool>,
    /// `true` for what was not in the text: `[CLS]`, `[SEP]`, padding.
    pub special_mask: Vec<bool>,
    /// The bytes of the text that each id stands for, at the edges of characters; `0..0` for what was
    /// not in the text. In a pair each counts from the start of its own text.
    pub offsets: Vec<Range<usize>>,
}

impl Encoding {
    /// How many ids there are.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there are no ids.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Appends the tokens of a text.
    pub(crate) fn extend(&mut self, tokens: &[Token], type_id: u32) {
        self.ids.extend(tokens.iter().map(|token| token.id));
        self.offsets.extend(tokens.iter().map(|token| token.range.clone()));
        self.fill(type_id, true, false);
    }

    /// Appends a token that is not in the text.
    pub(crate) fn push_special(&mut self, id: u32, type_id: u32) {
        self.ids.push(id);
        self.offsets.push(0..0);
        self.fill(type_id, true, true);
    }

    /// Brings the other lists to the length of the ids.
    fn fill(&mut self, type_id: u32, attend: bool, special: bool) {
        let len = self.ids.len();
        self.type_ids.resize(len, type_id);
        self.attention_mask.resize(len, attend);
        self.special_mask.resize(len, special);
    }

    /// Appends padding, or puts it before the rest.
    pub(crate) fn pad(&mut self, count: usize, id: u32, type_id: u32, left: bool) {
        let len = self.len() + count;
        self.ids.resize(len, id);
        self.offsets.resize(len, 0..0);
        self.fill(type_id, false, true);
        if left {
            self.ids.rotate_right(count);
            self.type_ids.rotate_right(count);
            self.attention_mask.rotate_right(count);
            self.special_mask.rotate_right(count);
            self.offsets.rotate_right(count);
        }
    }
}

/// A token in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) id: u32,
    /// Its bytes in the original text.
    pub(crate) range: Range<usize>,
}
