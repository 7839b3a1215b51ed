//! Training of byte-level byte-pair encoding.
//!
//! Ids: special tokens first, in the order given; then the 256 bytes, in the order of the characters
//! that stand for them in files (`bytes.rs`); then what merges make, in their order. The merges: see
//! `merges.rs`.

use std::collections::HashSet;

use super::merges::Learner;
use super::{check_special, count_words};
use crate::Result;
use crate::text::{AddedToken, Bpe, Normalizer, Splitter, TextError, Tokenizer, Vocab, bytes};

/// Makes a [`Tokenizer`] of byte-level byte-pair encoding, split as GPT-2 does.
///
/// ```
/// use gradus_data::text::BpeTrainer;
/// let tokenizer = BpeTrainer::new(259)
///     .special_tokens(["<|endoftext|>"])
///     .train(["the then there", "the other"])?;
/// assert_eq!(tokenizer.vocab_size(), 259);
/// assert_eq!(tokenizer.ids("the<|endoftext|>")?, [258, 0]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct BpeTrainer {
    vocab_size: usize,
    least: u64,
    special: Vec<String>,
    normalizer: Option<Normalizer>,
    splitter: Splitter,
}

impl BpeTrainer {
    /// The number of entries to reach, special tokens and the 256 bytes included; fewer if no pair is
    /// left.
    pub fn new(vocab_size: usize) -> Self {
        Self {
            vocab_size,
            least: 2,
            special: Vec::new(),
            normalizer: None,
            splitter: Splitter::Gpt2,
        }
    }

    /// How often a pair must occur to be joined; 2 if nothing is said.
    pub fn min_count(mut self, count: u64) -> Self {
        self.least = count;
        self
    }

    /// Special tokens; they get the first ids.
    pub fn special_tokens<S: Into<String>>(mut self, tokens: impl IntoIterator<Item = S>) -> Self {
        self.special = tokens.into_iter().map(Into::into).collect();
        self
    }

    /// What is done to text before it is split.
    pub fn normalizer(mut self, normalizer: Normalizer) -> Self {
        self.normalizer = Some(normalizer);
        self
    }

    /// How text is cut into words; as GPT-2 does, if nothing is said.
    pub fn splitter(mut self, splitter: Splitter) -> Self {
        self.splitter = splitter;
        self
    }

    /// Learns from texts.
    ///
    /// # Errors
    /// [`TextError::Vocab`] if the size does not hold the bytes and the special tokens, if a special token
    /// is empty, one byte or given twice, or if there are more than 4 billion bytes of different words.
    pub fn train<S: AsRef<str>>(&self, texts: impl IntoIterator<Item = S>) -> Result<Tokenizer> {
        check_special(&self.special)?;
        let least = self.special.len() + 256;
        if self.vocab_size < least {
            let problem = format!(
                "size {}; wanted at least {least}: 256 bytes and {} special tokens",
                self.vocab_size,
                self.special.len()
            );
            return Err(TextError::vocab(problem).into());
        }
        let alphabet = bytes::in_order();
        let first = self.special.len() as u32;
        let mut byte_ids = [0; 256];
        for (&byte, id) in alphabet.iter().zip(first..) {
            byte_ids[usize::from(byte)] = id;
        }
        let special = self.special.iter().map(|token| token.as_bytes().to_vec());
        let mut tokens: Vec<Vec<u8>> =
            special.chain(alphabet.iter().map(|&byte| vec![byte])).collect();
        let mut vocab = Vocab::from_tokens(&tokens)?;

        let mut learner = Learner::default();
        for (word, count) in count_words(texts, self.normalizer.as_ref(), &self.splitter)? {
            let ids = word.bytes().map(|byte| byte_ids[usize::from(byte)]);
            learner.add(ids, count)?;
        }
        learner.count();
        let (mut merges, mut listed) = (Vec::new(), HashSet::new());
        while tokens.len() < self.vocab_size {
            let Some(pair) = learner.best(self.least) else { break };
            let token = [&tokens[pair.0 as usize][..], &tokens[pair.1 as usize]].concat();
            let joined = match vocab.id(&token) {
                Some(id) => id,
                None => {
                    let id = tokens.len() as u32;
                    vocab.insert(&token, id)?;
                    tokens.push(token);
                    id
                }
            };
            // A pair can come back, when other merges make its parts again; it is in the table then.
            if listed.insert(pair) {
                merges.push(pair);
            }
            learner.join(pair, joined);
        }
        let parts = merges.iter().map(|&(a, b)| (&tokens[a as usize], &tokens[b as usize]));
        let model = Bpe::new(vocab, parts)?;
        let added = self.special.iter().zip(0..).map(|(token, id)| AddedToken::special(token, id));
        let tokenizer = Tokenizer::new(model, self.splitter.clone()).added(added)?;
        match &self.normalizer {
            Some(normalizer) => tokenizer.normalizer(normalizer.clone()),
            None => Ok(tokenizer),
        }
    }
}
