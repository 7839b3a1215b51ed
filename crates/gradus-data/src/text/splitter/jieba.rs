//! Chinese words by a dictionary, with the feature `jieba`.
//!
//! Chinese has no spaces between words. Of all ways to cut a sentence into words of the dictionary, the likeliest one is
//! taken, as if words came independently: with `f(w)` how often `w` occurs, and `F` the sum of all,
//!
//! ```text
//! the cut that makes Σ ln (f(wᵢ) / F) largest
//! ```
//!
//! found from the end of the sentence by dynamic programming. Characters that the dictionary leaves alone are put
//! together by a hidden Markov model, whose states say whether a character begins, continues or ends a word. That is
//! `jieba` (Sun Junyi, 2012), here by the crate `jieba-rs`, without the dictionary that it would unpack with a C library:
//! [`PublicData::JIEBA`](crate::PublicData::JIEBA) says where that lies. Where that crate keeps letters, digits and signs
//! together (`gmail.com`, `3-4`), they are cut as `jieba` does.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use crate::text::TextError;
use crate::{Error, Result};

/// The largest dictionary that is read, in bytes; jieba's has 5 million.
const LIMIT: u64 = 1 << 28;
/// How often a word may occur at most: so the sum of all fits into 64 bits, whatever the file.
const OFTEN: u64 = 1 << 32;
/// How much text is cut at once, in bytes.
const PIECE: usize = 1 << 24;

/// A dictionary of Chinese words, for [`Splitter::Jieba`](super::Splitter::Jieba).
///
/// ```
/// use gradus_data::text::{Jieba, Splitter, WordLevelTrainer};
///
/// let words = Jieba::new("我们 30\n学习 20\n深度 10\n深度学习 5\n机器 8")?;
/// let splitter = Splitter::Jieba(words);
/// let split: Vec<&str> = splitter.split("我们学习深度学习, 2026").collect();
/// assert_eq!(split, ["我们", "学习", "深度学习", ",", "2026"]);
///
/// let tokenizer = WordLevelTrainer::words(100).splitter(splitter).train(["我们学习深度学习"])?;
/// assert_eq!(tokenizer.decode(&tokenizer.ids("学习我们")?)?, "学习我们");
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Clone)]
pub struct Jieba(Arc<jieba_rs::Jieba>);

impl Jieba {
    /// Reads a dictionary: a word in each line, behind a space how often it occurs, and behind another its part of speech,
    /// which is not used.
    ///
    /// # Errors
    /// [`Error::File`] if the file cannot be read; [`TextError::Format`] if it is too large, no UTF-8, or no dictionary.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let failed = |source| Error::File { path: path.into(), source };
        let mut bytes = Vec::new();
        let file = File::open(path).map_err(failed)?;
        file.take(LIMIT + 1).read_to_end(&mut bytes).map_err(failed)?;
        let name = path.display().to_string();
        let format = |problem: String| TextError::Format { name: name.clone(), problem };
        if bytes.len() as u64 > LIMIT {
            return Err(format(format!("more than {LIMIT} bytes, which is no dictionary")).into());
        }
        let text = std::str::from_utf8(&bytes).map_err(|error| {
            format(format!("byte {} begins a sequence that is not UTF-8", error.valid_up_to()))
        })?;
        Ok(read(&name, text)?)
    }

    /// The same of a text.
    ///
    /// # Errors
    /// [`TextError::Format`] if a line is no entry, or none has a word.
    pub fn new(dictionary: &str) -> Result<Self, TextError> {
        read("the dictionary", dictionary)
    }

    /// Calls `f` with each word that is not white space.
    pub(super) fn each(&self, text: &str, mut f: impl FnMut(Range<usize>)) {
        let mut start = 0;
        // No word goes over the end of a line. The library counts bytes with 32 bits.
        for line in text.split_inclusive('\n') {
            let mut rest = line;
            while !rest.is_empty() {
                let (piece, behind) = rest.split_at(rest.floor_char_boundary(PIECE));
                for token in self.0.cut(piece, true) {
                    let at = start + token.byte_start;
                    if token.word.is_ascii() && token.word.len() > 1 && !self.0.has_word(token.word)
                    {
                        each_of_ascii(token.word, |part| f(at + part.start..at + part.end));
                    } else if !token.word.chars().all(char::is_whitespace) {
                        f(at..start + token.byte_end);
                    }
                }
                (rest, start) = (behind, start + piece.len());
            }
        }
    }
}

/// Numbers and words, `[a-zA-Z0-9]+(\.[0-9]+)?%?`, and what stands between them.
fn each_of_ascii(text: &str, mut f: impl FnMut(Range<usize>)) {
    let bytes = text.as_bytes();
    let end_of = |from: usize, of: fn(&u8) -> bool| {
        from + bytes[from..].iter().take_while(|&byte| of(byte)).count()
    };
    let mut at = 0;
    while at < bytes.len() {
        let mut end = end_of(at, u8::is_ascii_alphanumeric);
        if end == at {
            end = end_of(at, |byte| !byte.is_ascii_alphanumeric());
            if bytes[at..end].iter().all(u8::is_ascii_whitespace) {
                at = end;
                continue;
            }
        } else {
            if bytes.get(end) == Some(&b'.') && end_of(end + 1, u8::is_ascii_digit) > end + 1 {
                end = end_of(end + 1, u8::is_ascii_digit);
            }
            end += usize::from(bytes.get(end) == Some(&b'%'));
        }
        f(at..end);
        at = end;
    }
}

/// Checks each line, and hands the dictionary on.
fn read(name: &str, text: &str) -> Result<Jieba, TextError> {
    let format = |problem| TextError::Format { name: name.into(), problem };
    let mut known = false;
    for (i, line) in text.lines().enumerate() {
        let mut parts = line.split_whitespace();
        let (Some(word), count) = (parts.next(), parts.next()) else { continue };
        let often =
            count.and_then(|count| count.parse().ok()).filter(|count| (1..=OFTEN).contains(count));
        if often.is_none() {
            let got = count.map_or("nothing".into(), |count| format!("{count:?}"));
            let problem = format!(
                "line {}: got {got} behind {word:?}, wanted how often the word occurs",
                i + 1
            );
            return Err(format(format!("{problem}, from 1 to {OFTEN}")));
        }
        known = true;
    }
    if !known {
        return Err(format("no words, wanted lines such as `我们 30`".into()));
    }
    let words = jieba_rs::Jieba::with_dict(&mut text.as_bytes());
    let words = words.map_err(|error| format(error.to_string()))?;
    Ok(Jieba(Arc::new(words)))
}

impl fmt::Debug for Jieba {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Jieba")
    }
}

/// Whether both are one dictionary that was read once.
impl PartialEq for Jieba {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Jieba {}
