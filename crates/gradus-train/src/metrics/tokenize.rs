//! How sacrebleu cuts texts into the tokens that BLEU counts.
//!
//! `13a` is what `mteval-v13a.pl` of NIST does, which WMT uses. Four entities and the mark `<skipped>` are
//! replaced, words that were broken at the end of a line are joined, and then four rules run over the text one
//! after another, each from left to right and over what the one before left:
//!
//! 1. ASCII punctuation other than `'`, `,`, `-` and `.` stands alone;
//! 2. `.` and `,` stand alone after anything but a digit,
//! 3. and before anything but a digit;
//! 4. `-` stands alone after a digit.
//!
//! `zh` puts each Chinese character on its own and runs the four rules over the rest. What counts as
//! Chinese is sacrebleu's table; two of its ranges were meant for characters beyond U+FFFF and, as they are
//! written, cover U+2001 to U+2A6D and U+2F81 to U+2FA1, so that dashes, arrows and curly quotes are
//! Chinese, and the characters beyond U+FFFF are not.
//!
//! Source: M. Post, "A Call for Clarity in Reporting BLEU Scores", 2018, and the recorded tokens of sacrebleu
//! 2.6.0.

use serde::{Deserialize, Serialize};

/// How a text is cut into the tokens that [`Bleu`](super::Bleu) counts.
///
/// ```
/// use gradus_train::metrics::BleuTokenizer;
///
/// let tokens = BleuTokenizer::V13a.tokens("It's 3.14 (or 22/7).");
/// assert_eq!(tokens, ["It's", "3.14", "(", "or", "22", "/", "7", ")", "."]);
/// assert_eq!(BleuTokenizer::Zh.tokens("很好 OK!"), ["很", "好", "OK", "!"]);
/// assert_eq!(BleuTokenizer::Words.tokens("It 's"), ["It", "'s"]);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum BleuTokenizer {
    /// That of `mteval-v13a`, for languages with spaces between words: the usual one.
    #[default]
    V13a,
    /// Each Chinese character alone, and what lies between as [`V13a`](Self::V13a) without entities.
    Zh,
    /// Each character alone.
    Char,
    /// At white space only: for texts that are tokens already.
    Words,
}

impl BleuTokenizer {
    /// The tokens of a text.
    pub fn tokens(self, text: &str) -> Vec<String> {
        let text = text.trim_end_matches(is_space);
        let cut = match self {
            Self::V13a => rules(&format!(" {} ", plain(text))),
            Self::Zh => rules(&alone(text.trim_matches(is_space), is_chinese)),
            Self::Char => alone(text, |_| true),
            Self::Words => text.to_string(),
        };
        cut.split(is_space).filter(|token| !token.is_empty()).map(String::from).collect()
    }

    /// What sacrebleu calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::V13a => "13a",
            Self::Zh => "zh",
            Self::Char => "char",
            Self::Words => "none",
        }
    }
}

/// Without line ends and entities.
fn plain(text: &str) -> String {
    let replaced = [("<skipped>", ""), ("-\n", ""), ("\n", " ")];
    let entities = [("&quot;", "\""), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">")];
    let all = replaced.into_iter().chain(entities);
    all.fold(text.to_string(), |text, (from, to)| text.replace(from, to))
}

/// The four rules.
fn rules(text: &str) -> String {
    let stop = |c| c == '.' || c == ',';
    let digit = |c: char| c.is_ascii_digit();
    let text = alone(text, |c| c.is_ascii_punctuation() && !"',-.".contains(c));
    let text = pairs(&text, |a, b| !digit(a) && stop(b), |a, b| format!("{a} {b} "));
    let text = pairs(&text, |a, b| stop(a) && !digit(b), |a, b| format!(" {a} {b}"));
    pairs(&text, |a, b| digit(a) && b == '-', |a, b| format!("{a} {b} "))
}

/// Puts spaces around characters.
fn alone(text: &str, which: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(2 * text.len());
    for c in text.chars() {
        if which(c) {
            out.extend([' ', c, ' ']);
        } else {
            out.push(c);
        }
    }
    out
}

/// Writes pairs of neighbours anew. As with a regular expression, what belongs to one pair belongs
/// to no other.
fn pairs(
    text: &str,
    found: impl Fn(char, char) -> bool,
    write: impl Fn(char, char) -> String,
) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    let mut rest = text.chars().peekable();
    while let Some(a) = rest.next() {
        match rest.next_if(|&b| found(a, b)) {
            Some(b) => out.push_str(&write(a, b)),
            None => out.push(a),
        }
    }
    out
}

/// What Python takes for white space: that of Unicode, and four separators of ASCII.
fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// sacrebleu's table of Chinese characters, ranges that touch or overlap put together.
fn is_chinese(c: char) -> bool {
    matches!(c,
        '\u{2001}'..='\u{2a6d}'
        | '\u{2e80}'..='\u{2fdf}'
        | '\u{2ff0}'..='\u{303f}'
        | '\u{3100}'..='\u{312f}'
        | '\u{31a0}'..='\u{31ef}'
        | '\u{3200}'..='\u{4db5}'
        | '\u{4e00}'..='\u{9fbb}'
        | '\u{f900}'..='\u{fa2d}'
        | '\u{fa30}'..='\u{fa6a}'
        | '\u{fa70}'..='\u{fad9}'
        | '\u{fe10}'..='\u{fe1f}'
        | '\u{fe30}'..='\u{fe4f}'
        | '\u{ff00}'..='\u{ffef}')
}
