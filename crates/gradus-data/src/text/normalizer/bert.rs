//! BERT's cleaning of text. Source: J. Devlin, M. Chang, K. Lee, K. Toutanova, *BERT: Pre-training of
//! Deep Bidirectional Transformers*, 2018, and its `tokenization.py`; where the two differ, the library
//! `tokenizers`, whose files are read here:
//!
//! * Dropped: U+0000, U+FFFD and the categories Cc, Cf, Co, but for tab, line feed and carriage return.
//! * Each white space becomes U+0020.
//! * Spaces go around the characters of the blocks of Chinese ideographs. Extension E begins at U+2B920
//!   here, as in that library; Google's list says U+2B820.

use crate::text::aligned::Spanned;
use crate::text::unicode;

/// Drops control characters; white space becomes a space.
pub(super) fn clean(chars: &mut Vec<Spanned>) {
    chars.retain(|c| !is_dropped(c.char));
    for c in chars {
        if c.char.is_whitespace() {
            c.char = ' ';
        }
    }
}

fn is_dropped(c: char) -> bool {
    match c {
        '\t' | '\n' | '\r' => false,
        ' '..='~' => false,
        '\u{0}' | '\u{fffd}' => true,
        _ => unicode::is_other(c),
    }
}

/// Puts spaces around Chinese characters.
pub(super) fn space_chinese(chars: &mut Vec<Spanned>) {
    let count = chars.iter().filter(|c| is_chinese(c.char)).count();
    if count == 0 {
        return;
    }
    let mut out = Vec::with_capacity(chars.len() + 2 * count);
    for &c in chars.iter() {
        match is_chinese(c.char) {
            true => out.extend([c.with(' '), c, c.with(' ')]),
            false => out.push(c),
        }
    }
    *chars = out;
}

fn is_chinese(c: char) -> bool {
    matches!(
        c,
        '\u{4e00}'..='\u{9fff}'
            | '\u{3400}'..='\u{4dbf}'
            | '\u{f900}'..='\u{faff}'
            | '\u{20000}'..='\u{2a6df}'
            | '\u{2a700}'..='\u{2b73f}'
            | '\u{2b740}'..='\u{2b81f}'
            | '\u{2b920}'..='\u{2ceaf}'
            | '\u{2f800}'..='\u{2fa1f}'
    )
}
