//! The general categories of Unicode that splitting and cleaning ask for.
//!
//! ASCII and the common ideographs are answered at once, all others from the table of
//! `unicode-properties`. Source: Unicode Standard Annex #44, table 12.

use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

/// What a character is to GPT-2's pattern: `\p{L}`, `\p{N}`, `\s` or anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Letter,
    Number,
    Space,
    Other,
}

/// The kind of a character.
pub(crate) fn kind(c: char) -> Kind {
    match c {
        'a'..='z' | 'A'..='Z' | '\u{4e00}'..='\u{9fa5}' | '\u{ac00}'..='\u{d7a3}' => Kind::Letter,
        '0'..='9' => Kind::Number,
        _ if c.is_whitespace() => Kind::Space,
        _ if c.is_ascii() => Kind::Other,
        _ => match c.general_category_group() {
            GeneralCategoryGroup::Letter => Kind::Letter,
            GeneralCategoryGroup::Number => Kind::Number,
            _ => Kind::Other,
        },
    }
}

/// Category P, or one of the ASCII symbols that BERT takes for punctuation too (`$`, `+`, `^` …).
pub(crate) fn is_punctuation(c: char) -> bool {
    match c {
        _ if c.is_ascii() => c.is_ascii_punctuation(),
        '\u{4e00}'..='\u{9fa5}' | '\u{ac00}'..='\u{d7a3}' => false,
        _ => c.general_category_group() == GeneralCategoryGroup::Punctuation,
    }
}

/// Category Mn.
pub(crate) fn is_nonspacing_mark(c: char) -> bool {
    match c {
        '\u{0}'..='\u{2ff}' | '\u{4e00}'..='\u{9fa5}' | '\u{ac00}'..='\u{d7a3}' => false,
        _ => c.general_category() == GeneralCategory::NonspacingMark,
    }
}

/// Categories Cc, Cf and Co; not Cn, so that characters newer than the table stay.
pub(crate) fn is_other(c: char) -> bool {
    match c {
        ' '..='~' | '\u{4e00}'..='\u{9fa5}' | '\u{ac00}'..='\u{d7a3}' => false,
        _ => matches!(
            c.general_category(),
            GeneralCategory::Control | GeneralCategory::Format | GeneralCategory::PrivateUse
        ),
    }
}

/// What `\w` means to a pattern: letters, marks, digits, connectors, joiners.
pub(crate) fn is_word(c: char) -> bool {
    c.is_alphanumeric()
        || matches!(c, '\u{200c}' | '\u{200d}')
        || c.general_category() == GeneralCategory::ConnectorPunctuation
        || c.general_category_group() == GeneralCategoryGroup::Mark
}
