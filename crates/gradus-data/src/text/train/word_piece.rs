//! Training of WordPiece.
//!
//! 1. The words of the texts, cleaned and split as BERT does, are cut into characters; those within a
//!    word have the prefix `##`. The most frequent characters are the alphabet, at most so many as was
//!    said; at others a word is cut in two.
//! 2. The most frequent pair of neighbours becomes a token, again and again (`merges.rs`).
//!
//! Ids: special tokens first; then the alphabet by code points; then its characters with the prefix, as
//! far as they occur within words, by code points; then what merges make. The pair is chosen by its
//! count, as the library `tokenizers` does; Schuster and Nakajima, 2012, choose by the gain in likelihood
//! under a language model, which needs one.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::merges::Learner;
use super::{check_special, count_words};
use crate::Result;
use crate::text::hash::FastMap;
use crate::text::{
    AddedToken, Normalizer, Padding, Splitter, Template, TextError, Tokenizer, Vocab, WordPiece,
};

/// The special tokens of BERT, in the order of their ids here.
const SPECIAL: [&str; 5] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

/// Makes a [`Tokenizer`] of BERT's kind: cleaned text, `[CLS]` and `[SEP]` around it, `[PAD]` after it.
///
/// ```
/// use gradus_data::text::WordPieceTrainer;
/// let tokenizer = WordPieceTrainer::new(60).train(["Unaffable, affable; able table", "unstuck"])?;
/// let ids = tokenizer.encode("Unstable")?.ids;
/// assert_eq!(ids.first(), tokenizer.id("[CLS]").as_ref());
/// assert_eq!(tokenizer.decode(&ids)?, "unstable");
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct WordPieceTrainer {
    vocab_size: usize,
    least: u64,
    alphabet: usize,
    special: Vec<String>,
    lowercase: bool,
}

impl WordPieceTrainer {
    /// The number of entries to reach, special tokens included; fewer if no pair is left.
    pub fn new(vocab_size: usize) -> Self {
        Self { vocab_size, least: 2, alphabet: 1000, special: Vec::new(), lowercase: true }
    }

    /// How often a pair must occur to be joined; 2 if nothing is said.
    pub fn min_count(mut self, count: u64) -> Self {
        self.least = count;
        self
    }

    /// How many characters are kept; 1000 if nothing is said. Chinese needs several thousand.
    pub fn alphabet(mut self, characters: usize) -> Self {
        self.alphabet = characters;
        self
    }

    /// Special tokens beside `[PAD]`, `[UNK]`, `[CLS]`, `[SEP]`, `[MASK]`; they get the ids from 5.
    pub fn special_tokens<S: Into<String>>(mut self, tokens: impl IntoIterator<Item = S>) -> Self {
        self.special = tokens.into_iter().map(Into::into).collect();
        self
    }

    /// Whether text is made lower case and loses its accents; it does, if nothing is said.
    pub fn lowercase(mut self, yes: bool) -> Self {
        self.lowercase = yes;
        self
    }

    /// Learns from texts.
    ///
    /// # Errors
    /// [`TextError::Vocab`] if the size does not hold the special tokens and the alphabet, if a special
    /// token is empty or given twice, or if there are more than 4 billion characters of different words.
    pub fn train<S: AsRef<str>>(&self, texts: impl IntoIterator<Item = S>) -> Result<Tokenizer> {
        let special: Vec<String> =
            SPECIAL.iter().map(|&s| s.to_owned()).chain(self.special.iter().cloned()).collect();
        check_special(&special)?;
        let normalizer = Normalizer::bert(self.lowercase);
        let words = count_words(texts, Some(&normalizer), &Splitter::Bert)?;
        let alphabet = alphabet(&words, self.alphabet);
        let inner: BTreeSet<char> = words
            .iter()
            .flat_map(|(word, _)| stretches(word, &alphabet))
            .flat_map(|stretch| stretch.chars().skip(1))
            .collect();
        let mut tokens = special.clone();
        tokens.extend(alphabet.iter().map(char::to_string));
        tokens.extend(inner.iter().map(|c| format!("##{c}")));
        if tokens.len() > self.vocab_size {
            let problem = format!(
                "size {}; wanted at least {}: {} special tokens, {} characters, {} of them within \
                 words; ask for more, or for a smaller alphabet",
                self.vocab_size,
                tokens.len(),
                special.len(),
                alphabet.len(),
                inner.len()
            );
            return Err(TextError::vocab(problem).into());
        }
        let mut vocab = Vocab::from_tokens(&tokens)?;
        let outer = ids(&vocab, &alphabet, "");
        let inner = ids(&vocab, &inner, "##");

        let mut learner = Learner::default();
        for (word, count) in &words {
            for stretch in stretches(word, &alphabet) {
                let first = stretch.chars().take(1).filter_map(|c| outer.get(&c));
                let rest = stretch.chars().skip(1).filter_map(|c| inner.get(&c));
                learner.add(first.chain(rest).copied(), *count)?;
            }
        }
        learner.count();
        while tokens.len() < self.vocab_size {
            let Some(pair) = learner.best(self.least) else { break };
            let right = &tokens[pair.1 as usize];
            let token =
                format!("{}{}", tokens[pair.0 as usize], right.strip_prefix("##").unwrap_or(right));
            let joined = match vocab.id(&token) {
                Some(id) => id,
                None => {
                    let id = tokens.len() as u32;
                    vocab.insert(token.as_bytes(), id)?;
                    tokens.push(token);
                    id
                }
            };
            learner.join(pair, joined);
        }
        let added = special.iter().zip(0..).map(|(token, id)| AddedToken::special(token, id));
        Tokenizer::new(WordPiece::new(vocab, "[UNK]")?, Splitter::Bert)
            .normalizer(normalizer)?
            .padding(Padding::longest("[PAD]", 0))
            .added(added)?
            .template(Template::bert(("[CLS]", 2), ("[SEP]", 3)))
    }
}

/// The most frequent characters; ties: the smaller code point.
fn alphabet(words: &[(Box<str>, u64)], limit: usize) -> BTreeSet<char> {
    let mut counts: FastMap<char, u64> = FastMap::default();
    for (word, count) in words {
        word.chars().for_each(|c| *counts.entry(c).or_default() += count);
    }
    let mut chars: Vec<(char, u64)> = counts.into_iter().collect();
    chars.sort_by_key(|&(c, count)| (Reverse(count), c));
    chars.into_iter().take(limit).map(|(c, _)| c).collect()
}

/// The parts of a word between characters outside the alphabet. A part after such a character would be
/// within the word, but its word is unknown in any case; what it teaches is taken for a beginning.
fn stretches<'a>(word: &'a str, alphabet: &BTreeSet<char>) -> impl Iterator<Item = &'a str> {
    word.split(|c| !alphabet.contains(&c)).filter(|part| !part.is_empty())
}

/// The ids of characters behind a prefix.
fn ids(vocab: &Vocab, chars: &BTreeSet<char>, prefix: &str) -> FastMap<char, u32> {
    let id = |c: &char| Some((*c, vocab.id(format!("{prefix}{c}"))?));
    chars.iter().filter_map(id).collect()
}
