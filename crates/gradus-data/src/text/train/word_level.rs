//! A vocabulary of whole words, or of characters: the most frequent ones. Ties: the smaller text by code
//! points.

use std::cmp::Reverse;

use super::{check_special, count_words};
use crate::Result;
use crate::text::{AddedToken, Normalizer, Splitter, TextError, Tokenizer, Vocab, WordLevel};

/// Makes a [`Tokenizer`] with one token a word.
///
/// ```
/// use gradus_data::text::WordLevelTrainer;
/// let tokenizer = WordLevelTrainer::words(4).unknown("<unk>").train(["to be or not to be"])?;
/// assert_eq!(tokenizer.ids("be that to")?, [1, 0, 2]);
/// let characters = WordLevelTrainer::characters(100).train(["床前明月光"])?;
/// assert_eq!(characters.decode(&characters.ids("明月")?)?, "明月");
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct WordLevelTrainer {
    vocab_size: usize,
    least: u64,
    unknown: Option<String>,
    special: Vec<String>,
    normalizer: Option<Normalizer>,
    splitter: Splitter,
}

impl WordLevelTrainer {
    /// Words by Unicode's rules; at most so many entries.
    pub fn words(vocab_size: usize) -> Self {
        Self {
            vocab_size,
            least: 1,
            unknown: None,
            special: Vec::new(),
            normalizer: None,
            splitter: Splitter::Words,
        }
    }

    /// Characters; at most so many entries.
    pub fn characters(vocab_size: usize) -> Self {
        Self { splitter: Splitter::Characters, ..Self::words(vocab_size) }
    }

    /// How often a word must occur; once if nothing is said.
    pub fn min_count(mut self, count: u64) -> Self {
        self.least = count;
        self
    }

    /// The token for words that are not in the vocabulary; it gets the id 0. Without one they are an
    /// error.
    pub fn unknown(mut self, token: impl Into<String>) -> Self {
        self.unknown = Some(token.into());
        self
    }

    /// Other special tokens; they get the next ids.
    pub fn special_tokens<S: Into<String>>(mut self, tokens: impl IntoIterator<Item = S>) -> Self {
        self.special = tokens.into_iter().map(Into::into).collect();
        self
    }

    /// What is done to text before it is split.
    pub fn normalizer(mut self, normalizer: Normalizer) -> Self {
        self.normalizer = Some(normalizer);
        self
    }

    /// How text is cut into words.
    pub fn splitter(mut self, splitter: Splitter) -> Self {
        self.splitter = splitter;
        self
    }

    /// Counts the words of texts.
    ///
    /// # Errors
    /// [`TextError::Vocab`] if the size does not hold the special tokens, or if one of them is empty or
    /// given twice.
    pub fn train<S: AsRef<str>>(&self, texts: impl IntoIterator<Item = S>) -> Result<Tokenizer> {
        let special: Vec<String> = self.unknown.iter().chain(&self.special).cloned().collect();
        check_special(&special)?;
        let Some(room) = self.vocab_size.checked_sub(special.len()) else {
            let (size, count) = (self.vocab_size, special.len());
            let problem = format!("size {size}; wanted at least the {count} special tokens");
            return Err(TextError::vocab(problem).into());
        };
        let mut words = count_words(texts, self.normalizer.as_ref(), &self.splitter)?;
        words
            .retain(|(word, count)| *count >= self.least && !special.iter().any(|s| **s == **word));
        // The words come sorted, and this sort is stable.
        words.sort_by_key(|(_, count)| Reverse(*count));
        let kept = words.iter().take(room).map(|(word, _)| &**word);
        let vocab = Vocab::from_tokens(special.iter().map(String::as_str).chain(kept))?;
        let model = WordLevel::new(vocab, self.unknown.as_deref())?;
        let added = special.iter().zip(0..).map(|(token, id)| AddedToken::special(token, id));
        let tokenizer = Tokenizer::new(model, self.splitter.clone()).added(added)?;
        match &self.normalizer {
            Some(normalizer) => tokenizer.normalizer(normalizer.clone()),
            None => Ok(tokenizer),
        }
    }
}
