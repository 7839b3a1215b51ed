//! The four normal forms of Unicode, with the place that each character came from.
//!
//! Decomposition (NFD, NFKD): each character becomes its full decomposition, which keeps its range;
//! then each run of characters with a combining class is sorted by class, stably.
//! Composition (NFC, NFKC): the text is cut where nothing can combine over the cut, that is before a
//! character whose decomposition begins with class 0 and a quick check of *yes*; each piece is composed,
//! and if that changed it, its characters all have the range of the whole piece. Source: Unicode Standard Annex #15, *Unicode
//! Normalization Forms*, sections 1.3 and 9.

use unicode_normalization::char::{
    canonical_combining_class, decompose_canonical, decompose_compatible,
};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::text::aligned::Spanned;

/// A normal form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Form {
    /// Canonical composition: `e` and an acute accent become `é`.
    Nfc,
    /// Canonical decomposition: `é` becomes `e` and an acute accent.
    Nfd,
    /// Compatible composition: as NFC, and full width, ligatures and the like become plain.
    Nfkc,
    /// Compatible decomposition.
    Nfkd,
}

impl Form {
    pub(super) fn apply(self, chars: &mut Vec<Spanned>) {
        if chars.iter().all(|c| c.char.is_ascii()) {
            return;
        }
        match self {
            Self::Nfd | Self::Nfkd => *chars = decompose(chars, self),
            Self::Nfc | Self::Nfkc => *chars = compose(chars, self),
        }
    }

    /// Calls `emit` with each character of the full decomposition.
    fn parts(self, c: char, emit: impl FnMut(char)) {
        match self {
            Self::Nfkc | Self::Nfkd => decompose_compatible(c, emit),
            Self::Nfc | Self::Nfd => decompose_canonical(c, emit),
        }
    }

    /// Whether nothing before `c` can combine with it: the first character that it decomposes into has
    /// class 0 and never combines with one before it.
    fn starts(self, c: char) -> bool {
        if c.is_ascii() {
            return true;
        }
        let mut first = None;
        self.parts(c, |part| first = first.or(Some(part)));
        let first = first.unwrap_or(c);
        canonical_combining_class(first) == 0
            && is_nfc_quick(std::iter::once(first)) == IsNormalized::Yes
    }
}

fn decompose(chars: &[Spanned], form: Form) -> Vec<Spanned> {
    let mut out: Vec<Spanned> = Vec::with_capacity(chars.len());
    let mut marks = 0;
    for c in chars {
        if c.char.is_ascii() {
            sort(&mut out, &mut marks);
            out.push(*c);
            continue;
        }
        form.parts(c.char, |part| {
            match canonical_combining_class(part) {
                0 => sort(&mut out, &mut marks),
                _ => marks += 1,
            }
            out.push(c.with(part));
        });
    }
    sort(&mut out, &mut marks);
    out
}

/// Sorts the marks at the end by class; marks of one class keep their order.
fn sort(out: &mut [Spanned], marks: &mut usize) {
    if *marks > 1 {
        let start = out.len() - *marks;
        out[start..].sort_by_key(|c| canonical_combining_class(c.char));
    }
    *marks = 0;
}

fn compose(chars: &[Spanned], form: Form) -> Vec<Spanned> {
    let mut out = Vec::with_capacity(chars.len());
    let mut rest = chars;
    while !rest.is_empty() {
        let len = 1 + rest[1..].iter().take_while(|c| !form.starts(c.char)).count();
        let (piece, after) = rest.split_at(len);
        let from = piece.iter().map(|c| c.char);
        let composed: Vec<char> = match form {
            Form::Nfkc | Form::Nfkd => from.clone().nfkc().collect(),
            Form::Nfc | Form::Nfd => from.clone().nfc().collect(),
        };
        if composed.iter().copied().eq(from) {
            out.extend_from_slice(piece);
        } else {
            let start = piece.iter().map(|c| c.start).min().unwrap_or(0);
            let end = piece.iter().map(|c| c.end).max().unwrap_or(0);
            out.extend(composed.iter().map(|&char| Spanned { char, start, end }));
        }
        rest = after;
    }
    out
}

#[cfg(test)]
mod tests {
    use unicode_normalization::UnicodeNormalization;

    use super::{Form, Spanned};

    /// The characters of one form, through the list of spanned characters.
    fn through(form: Form, text: &str) -> String {
        let mut chars = Spanned::all(text);
        form.apply(&mut chars);
        chars.iter().map(|c| c.char).collect()
    }

    #[test]
    fn forms_are_those_of_the_whole_text() {
        // Every third character of the first planes, in a row and between others that combine.
        let all = (0..0x3_0000).filter_map(char::from_u32);
        let row: String = all.clone().step_by(3).collect();
        let mixed: String =
            all.step_by(7).flat_map(|c| ['a', '\u{301}', c, '\u{327}', '\u{1161}']).collect();
        for text in [row, mixed, "\u{1100}\u{1161}\u{11a8} ｶﾞ Å ﷺ \u{0f73}\u{0344}".into()] {
            assert!(through(Form::Nfc, &text) == text.nfc().collect::<String>());
            assert!(through(Form::Nfd, &text) == text.nfd().collect::<String>());
            assert!(through(Form::Nfkc, &text) == text.nfkc().collect::<String>());
            assert!(through(Form::Nfkd, &text) == text.nfkd().collect::<String>());
        }
    }

    #[test]
    fn what_was_composed_covers_all_of_it() {
        let mut chars = Spanned::all("xe\u{301}y");
        Form::Nfc.apply(&mut chars);
        let spans: Vec<_> = chars.iter().map(|c| (c.char, c.start, c.end)).collect();
        assert_eq!(spans, [('x', 0, 1), ('é', 1, 4), ('y', 4, 5)]);
    }
}
