//! What goes around one text or a pair of them: `[CLS] A [SEP]` and `[CLS] A [SEP] B [SEP]`.

use super::encoding::{Encoding, Token};

/// A place in a template.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Slot {
    /// The first text.
    A {
        /// The type of its tokens.
        type_id: u32,
    },
    /// The second text.
    B {
        /// The type of its tokens.
        type_id: u32,
    },
    /// Tokens that are not in the text.
    Special {
        /// The name that the file gives them, usually their text.
        name: String,
        /// Their ids.
        ids: Vec<u32>,
        /// Their type.
        type_id: u32,
    },
}

/// What goes around one text and around a pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// Around one text.
    pub single: Vec<Slot>,
    /// Around two texts.
    pub pair: Vec<Slot>,
}

impl Template {
    /// Nothing around them; the second has type 1.
    pub fn bare() -> Self {
        Self {
            single: vec![Slot::A { type_id: 0 }],
            pair: vec![Slot::A { type_id: 0 }, Slot::B { type_id: 1 }],
        }
    }

    /// BERT's: a token before, one after each text; the second text and its end have type 1.
    ///
    /// ```
    /// use gradus_data::text::Template;
    /// assert_eq!(Template::bert(("[CLS]", 101), ("[SEP]", 102)).pair.len(), 5);
    /// ```
    pub fn bert(start: (&str, u32), end: (&str, u32)) -> Self {
        let special = |(name, id): (&str, u32), type_id| Slot::Special {
            name: name.into(),
            ids: vec![id],
            type_id,
        };
        let single = vec![special(start, 0), Slot::A { type_id: 0 }, special(end, 0)];
        let mut pair = single.clone();
        pair.extend([Slot::B { type_id: 1 }, special(end, 1)]);
        Self { single, pair }
    }

    fn slots(&self, pair: bool) -> &[Slot] {
        if pair { &self.pair } else { &self.single }
    }

    /// How many tokens are added.
    pub(crate) fn added(&self, pair: bool) -> usize {
        let count = |slot: &Slot| match slot {
            Slot::Special { ids, .. } => ids.len(),
            Slot::A { .. } | Slot::B { .. } => 0,
        };
        self.slots(pair).iter().map(count).sum()
    }

    /// The ids of the tokens that are added somewhere.
    pub(crate) fn ids(&self) -> impl Iterator<Item = u32> {
        let ids = |slot: &Slot| match slot {
            Slot::Special { ids, .. } => ids.clone(),
            Slot::A { .. } | Slot::B { .. } => Vec::new(),
        };
        self.single.iter().chain(&self.pair).flat_map(ids)
    }

    /// Puts texts into their places.
    pub(crate) fn apply(&self, a: &[Token], b: Option<&[Token]>) -> Encoding {
        let mut encoding = Encoding::default();
        for slot in self.slots(b.is_some()) {
            match slot {
                Slot::A { type_id } => encoding.extend(a, *type_id),
                Slot::B { type_id } => encoding.extend(b.unwrap_or_default(), *type_id),
                Slot::Special { ids, type_id, .. } => {
                    ids.iter().for_each(|&id| encoding.push_special(id, *type_id));
                }
            }
        }
        encoding
    }
}
