//! Text for a terminal: its width in columns, cutting and padding to a width, and taking out
//! control codes.

/// The columns that a character takes: two for East Asian wide characters and emoji, else one.
///
/// A coarse table of the wide blocks of Unicode Standard Annex 11; enough to align a table.
fn columns(c: char) -> usize {
    match c as u32 {
        0x0300..=0x036F | 0x200B..=0x200D | 0xFE00..=0xFE0F => 0,
        0x1100..=0x115F
        | 0x2E80..=0xA4CF
        | 0xAC00..=0xD7A3
        | 0xF900..=0xFAFF
        | 0xFE30..=0xFE6F
        | 0xFF00..=0xFF60
        | 0xFFE0..=0xFFE6
        | 0x1F300..=0x1FAFF
        | 0x20000..=0x3FFFD => 2,
        _ => 1,
    }
}

/// The columns that a line takes.
pub(crate) fn width(text: &str) -> usize {
    text.chars().map(columns).sum()
}

/// The text, cut to at most `most` columns with an ellipsis at the end if it was longer.
pub(crate) fn cut(text: &str, most: usize) -> String {
    if width(text) <= most {
        return text.into();
    }
    let mut out = String::new();
    let mut used = 1;
    for c in text.chars() {
        used += columns(c);
        if used > most {
            break;
        }
        out.push(c);
    }
    if most > 0 {
        out.push('…');
    }
    out
}

/// The text, filled with spaces to `to` columns; on the left if `right` (aligned to the right).
pub(crate) fn pad(text: &str, to: usize, right: bool) -> String {
    let space = " ".repeat(to.saturating_sub(width(text)));
    if right { space + text } else { text.to_string() + &space }
}

/// The text without control characters and terminal escape sequences; tabs become spaces.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => {
                // ESC [ parameters letter, the form of all colours and cursor moves.
                if chars.next_if_eq(&'[').is_some() {
                    while chars.next_if(|c| !('@'..='~').contains(c) && !c.is_control()).is_some() {
                    }
                    chars.next_if(|c| ('@'..='~').contains(c));
                }
            }
            '\n' => out.push('\n'),
            '\t' => out.push(' '),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// A whole number with its digits in groups of three.
///
/// Groups are parted by commas, as in "1,797".
pub(crate) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_count_columns() {
        assert_eq!(width("abc"), 3);
        assert_eq!(width("手写"), 4);
        assert_eq!(cut("a long name", 6), "a lon…");
        assert_eq!(cut("手写数字", 6), "手写…");
        assert_eq!(pad("手", 4, true), "  手");
    }

    #[test]
    fn control_codes_go() {
        assert_eq!(plain("\u{1b}[1;31mred\u{1b}[0m\rand\tdone\u{1b}"), "redand done");
    }

    #[test]
    fn digits_are_grouped() {
        assert_eq!([0, 999, 1797, 1234567].map(grouped), ["0", "999", "1,797", "1,234,567"]);
    }
}
