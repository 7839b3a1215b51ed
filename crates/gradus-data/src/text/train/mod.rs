//! Vocabularies from text.
//!
//! Training is deterministic: the same texts, in any order, give the same vocabulary. Each trainer says
//! how ties are broken.

mod bpe;
mod merges;
mod word_level;
mod word_piece;

pub use bpe::BpeTrainer;
pub use word_level::WordLevelTrainer;
pub use word_piece::WordPieceTrainer;

use super::hash::FastMap;
use super::{Normalizer, Splitter, TextError};

/// The words of texts and how often each occurs, ordered by word.
fn count_words<S: AsRef<str>>(
    texts: impl IntoIterator<Item = S>,
    normalizer: Option<&Normalizer>,
    splitter: &Splitter,
) -> Result<Vec<(Box<str>, u64)>, TextError> {
    let mut counts: FastMap<Box<str>, u64> = FastMap::default();
    for text in texts {
        let normalized = normalizer.map(|n| n.normalize(text.as_ref())).transpose()?;
        let text = normalized.as_deref().unwrap_or(text.as_ref());
        splitter.each(text, |word| match counts.get_mut(&text[word.clone()]) {
            Some(count) => *count += 1,
            None => {
                counts.insert(text[word].into(), 1);
            }
        });
    }
    let mut words: Vec<_> = counts.into_iter().collect();
    words.sort_unstable();
    Ok(words)
}

/// Names each once.
fn check_special(special: &[String]) -> Result<(), TextError> {
    for (i, token) in special.iter().enumerate() {
        if token.is_empty() || special[..i].contains(token) {
            let problem =
                format!("special token {i} is {token:?}; wanted a text that is not there yet");
            return Err(TextError::vocab(problem));
        }
    }
    Ok(())
}
