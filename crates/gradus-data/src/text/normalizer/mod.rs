//! What is done to text before it is split: normal forms, lower case, accents, BERT's cleaning.
//!
//! A normalizer changes a list of characters that each know the bytes they came from (`aligned.rs`), so
//! that steps can follow one another and offsets still point into the original.

mod bert;
mod forms;

use unicode_normalization::char::is_combining_mark;

pub use forms::Form;

use super::aligned::{Aligned, Spanned};
use super::{TextError, unicode};

/// A change of text before it is split.
///
/// ```
/// use gradus_data::text::{Form, Normalizer};
/// let plain = Normalizer::Sequence(vec![
///     Normalizer::Form(Form::Nfkd),
///     Normalizer::StripAccents,
///     Normalizer::Lowercase,
/// ]);
/// assert_eq!(plain.normalize("ﬁancée Ａ①")?, "fiancee a1");
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Normalizer {
    /// One of the four normal forms of Unicode.
    Form(Form),
    /// Lower case, character by character: no rule looks at the neighbours (Σ becomes σ everywhere).
    Lowercase,
    /// Without the characters of category M (marks). Decompose before: `é` is one character until then.
    StripAccents,
    /// What BERT does; see [`Normalizer::bert`].
    Bert {
        /// Drop control characters, make each white space a space.
        clean_text: bool,
        /// Put spaces around Chinese characters.
        handle_chinese_chars: bool,
        /// Decompose and drop nonspacing marks; if not said, as `lowercase`.
        strip_accents: Option<bool>,
        /// Lower case.
        lowercase: bool,
    },
    /// One after the other.
    Sequence(Vec<Normalizer>),
}

impl Normalizer {
    /// BERT's: clean, space Chinese characters and, if `lowercase`, strip accents and make lower case.
    pub fn bert(lowercase: bool) -> Self {
        Self::Bert { clean_text: true, handle_chinese_chars: true, strip_accents: None, lowercase }
    }

    /// The normalized text.
    ///
    /// # Errors
    /// [`TextError::TooLong`] for 4 GiB of text or more.
    pub fn normalize(&self, text: &str) -> Result<String, TextError> {
        Ok(self.align(text)?.text.into_owned())
    }

    pub(crate) fn align<'a>(&self, text: &'a str) -> Result<Aligned<'a>, TextError> {
        if text.len() > Aligned::MAX {
            return Err(TextError::TooLong { len: text.len(), max: Aligned::MAX });
        }
        let mut chars = Spanned::all(text);
        self.apply(&mut chars);
        Ok(Aligned::new(&chars))
    }

    fn apply(&self, chars: &mut Vec<Spanned>) {
        match self {
            Self::Form(form) => form.apply(chars),
            Self::Lowercase => lowercase(chars),
            Self::StripAccents => chars.retain(|c| !is_combining_mark(c.char)),
            Self::Bert { clean_text, handle_chinese_chars, strip_accents, lowercase: lower } => {
                if *clean_text {
                    bert::clean(chars);
                }
                if *handle_chinese_chars {
                    bert::space_chinese(chars);
                }
                if strip_accents.unwrap_or(*lower) {
                    Form::Nfd.apply(chars);
                    chars.retain(|c| !unicode::is_nonspacing_mark(c.char));
                }
                if *lower {
                    lowercase(chars);
                }
            }
            Self::Sequence(steps) => steps.iter().for_each(|step| step.apply(chars)),
        }
    }
}

/// Lower case; one character can become several (İ becomes i and a dot above).
fn lowercase(chars: &mut Vec<Spanned>) {
    let grows = |c: &Spanned| c.char.to_lowercase().len() > 1;
    if chars.iter().any(|c| !c.char.is_ascii() && grows(c)) {
        *chars = chars.iter().flat_map(|c| c.char.to_lowercase().map(|l| c.with(l))).collect();
        return;
    }
    for c in chars {
        c.char = match c.char.is_ascii() {
            true => c.char.to_ascii_lowercase(),
            false => c.char.to_lowercase().next().unwrap_or(c.char),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::Normalizer;

    #[test]
    fn bert_cleans_spaces_strips_and_lowers() {
        let bert = Normalizer::bert(true);
        for (text, wanted) in [
            ("Héllo\tWörld\u{0}\u{fffd}\u{200b}", "hello world"),
            ("我爱 AI", " 我  爱  ai"),
            ("İstanbul ΣΑΣ", "istanbul σασ"),
            ("\u{a0}a\u{3000}b\r\n", " a b  "),
            ("", ""),
        ] {
            assert_eq!(bert.normalize(text).unwrap(), wanted, "{text:?}");
        }
        assert_eq!(Normalizer::bert(false).normalize("É我").unwrap(), "É 我 ");
    }

    #[test]
    fn spans_point_into_the_original() {
        let text = "e\u{301}É İ我";
        let aligned = Normalizer::bert(true).align(text).unwrap();
        assert_eq!(aligned.text, "ee i 我 ");
        let sources: Vec<_> = aligned
            .text
            .char_indices()
            .map(|(at, c)| &text[aligned.source(at..at + c.len_utf8())])
            .collect();
        assert_eq!(sources, ["e", "É", " ", "İ", "我", "我", "我"]);
    }
}
