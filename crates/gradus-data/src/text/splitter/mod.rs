//! How text is cut into words before a model makes tokens of them. No token crosses a cut.

mod bert;
mod gpt2;
#[cfg(feature = "jieba")]
mod jieba;

use std::ops::Range;

#[cfg(feature = "jieba")]
pub use jieba::Jieba;
use unicode_segmentation::UnicodeSegmentation;

/// A way to cut text into words.
///
/// ```
/// use gradus_data::text::Splitter;
/// let words = |splitter: Splitter| splitter.split("It's 3.5 m,  好的").collect::<Vec<_>>();
/// assert_eq!(words(Splitter::Gpt2), ["It", "'s", " 3", ".", "5", " m", ",", " ", " 好的"]);
/// assert_eq!(words(Splitter::Bert), ["It", "'", "s", "3", ".", "5", "m", ",", "好的"]);
/// assert_eq!(words(Splitter::Words), ["It's", "3.5", "m", ",", "好", "的"]);
/// assert_eq!(words(Splitter::WhiteSpace), ["It's", "3.5", "m,", "好的"]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Splitter {
    /// The pattern of GPT-2: contractions, then runs of letters, of digits and of others, each with one
    /// space before it, and the remaining white space.
    Gpt2,
    /// White space separates and is dropped; each character of punctuation stands alone.
    Bert,
    /// Words by Unicode Standard Annex #29; white space is dropped.
    Words,
    /// Chinese words by a dictionary, with the feature `jieba`; white space is dropped.
    #[cfg(feature = "jieba")]
    Jieba(Jieba),
    /// White space separates and is dropped.
    WhiteSpace,
    /// Each character alone, white space too.
    Characters,
    /// The whole text is one word.
    #[default]
    Whole,
}

impl Splitter {
    /// The words of a text.
    pub fn split<'a>(&self, text: &'a str) -> impl Iterator<Item = &'a str> + use<'a> {
        let mut words = Vec::new();
        self.each(text, |range| words.push(&text[range]));
        words.into_iter()
    }

    /// Whether words follow each other without a space between them.
    pub(crate) fn joins(&self) -> bool {
        match self {
            Self::Characters | Self::Gpt2 => true,
            #[cfg(feature = "jieba")]
            Self::Jieba(_) => true,
            _ => false,
        }
    }

    /// Calls `f` with the range of each word.
    pub(crate) fn each(&self, text: &str, mut f: impl FnMut(Range<usize>)) {
        let sized = |(at, word): (usize, &str)| at..at + word.len();
        let is_blank = |word: &str| word.chars().all(char::is_whitespace);
        match self {
            Self::Gpt2 => gpt2::each(text, f),
            Self::Bert => bert::each(text, f),
            Self::Words => text
                .split_word_bound_indices()
                .filter(|(_, word)| !is_blank(word))
                .for_each(|word| f(sized(word))),
            #[cfg(feature = "jieba")]
            Self::Jieba(words) => words.each(text, f),
            Self::WhiteSpace => {
                let start = text.as_ptr().addr();
                text.split_whitespace().for_each(|w| f(sized((w.as_ptr().addr() - start, w))));
            }
            Self::Characters => {
                text.char_indices().for_each(|(at, c)| f(at..at + c.len_utf8()));
            }
            Self::Whole if text.is_empty() => {}
            Self::Whole => f(0..text.len()),
        }
    }
}
