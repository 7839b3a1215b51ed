//! Byte-pair encoding over bytes: every text has tokens, and the tokens give its bytes back.
//!
//! 1. A word is cut into its bytes, each of them a token.
//! 2. Neighbours are joined by a table of ranked pairs (`merge.rs`) until no pair is in the table.
//!
//! Sources: P. Gage, *A New Algorithm for Data Compression*, 1994; Sennrich, Haddow, Birch, 2016; over
//! bytes: A. Radford and others, *Language Models are Unsupervised Multitask Learners*, 2019.

use std::ops::Range;

use super::cache::Scratch;
use super::merge::{Merger, Merges, pair};
use crate::text::{TextError, Vocab};

/// A vocabulary of byte strings and the ranked pairs that make them.
#[derive(Debug, Clone)]
pub struct Bpe {
    vocab: Vocab,
    merges: Merges,
    /// The pairs in order of rank, as they were given; `None` if every split of a token is a pair.
    listed: Option<Vec<(u32, u32)>>,
    bytes: Box<[Option<u32>; 256]>,
    unknown: Option<u32>,
    whole_words: bool,
}

impl Bpe {
    /// The tokens, and the pairs to join in their order.
    ///
    /// ```
    /// use gradus_data::text::{Bpe, Splitter, Tokenizer, Vocab};
    /// let vocab = Vocab::from_tokens(["l", "o", "w", "e", "r", "lo", "low", "er"])?;
    /// let bpe = Bpe::new(vocab, [("l", "o"), ("lo", "w"), ("e", "r")])?;
    /// let tokenizer = Tokenizer::new(bpe, Splitter::Gpt2);
    /// assert_eq!(tokenizer.ids("lower")?, [6, 7]);
    /// # Ok::<(), gradus_data::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`TextError::Merge`] if a part or the joined token is not in the vocabulary, if a part is empty
    /// (the joined token would be the other part, a cycle), or if a pair occurs twice.
    pub fn new<L: AsRef<[u8]>, R: AsRef<[u8]>>(
        vocab: Vocab,
        merges: impl IntoIterator<Item = (L, R)>,
    ) -> Result<Self, TextError> {
        let mut table = Merges::default();
        let mut listed = Vec::new();
        for (index, (left, right)) in merges.into_iter().enumerate() {
            let (left, right) = (left.as_ref(), right.as_ref());
            let fault = |problem: String| TextError::Merge {
                index,
                left: String::from_utf8_lossy(left).into_owned(),
                right: String::from_utf8_lossy(right).into_owned(),
                problem,
            };
            if left.is_empty() || right.is_empty() {
                let problem = "a part is empty, so the joined token is one of its own parts: a \
                               cycle; wanted two tokens of a byte or more";
                return Err(fault(problem.into()));
            }
            let find = |token: &[u8]| {
                let text = String::from_utf8_lossy(token);
                let problem =
                    || format!("{text:?} is not in the vocabulary; add it, or drop the merge");
                vocab.id(token).ok_or_else(|| fault(problem()))
            };
            let (a, b) = (find(left)?, find(right)?);
            let joined = find(&[left, right].concat())?;
            if let Some((old, _)) = table.insert(pair(a, b), (index as u32, joined)) {
                return Err(fault(format!(
                    "the pair is merge {old} already; wanted each pair once"
                )));
            }
            listed.push((a, b));
        }
        Ok(Self {
            bytes: byte_ids(&vocab),
            vocab,
            merges: table,
            listed: Some(listed),
            unknown: None,
            whole_words: false,
        })
    }

    /// The rule of tiktoken: the id of a token is its rank, any two neighbours whose bytes together are
    /// a token may be joined, and a word that is a token is that token.
    ///
    /// # Errors
    /// [`TextError::Vocab`] if a byte has no token.
    pub fn from_ranks(vocab: Vocab) -> Result<Self, TextError> {
        let bytes = byte_ids(&vocab);
        if let Some(byte) = bytes.iter().position(Option::is_none) {
            let problem = format!("byte {byte:#04x} is no token; ranks need all 256 bytes");
            return Err(TextError::vocab(problem));
        }
        let mut merges = Merges::default();
        for (token, id) in vocab.iter() {
            for cut in 1..token.len() {
                if let (Some(a), Some(b)) = (vocab.id(&token[..cut]), vocab.id(&token[cut..])) {
                    merges.insert(pair(a, b), (id, id));
                }
            }
        }
        Ok(Self { vocab, merges, listed: None, bytes, unknown: None, whole_words: true })
    }

    /// The token for bytes that have none. Without it they are an error.
    ///
    /// # Errors
    /// [`TextError::Vocab`] if it is not in the vocabulary.
    pub fn unknown(mut self, token: &str) -> Result<Self, TextError> {
        let problem = || format!("the unknown token {token:?} is not in the vocabulary; add it");
        self.unknown = Some(self.vocab.id(token).ok_or_else(|| TextError::vocab(problem()))?);
        Ok(self)
    }

    /// Whether a word that is a token is that token, whatever the merges say (`ignore_merges`).
    #[must_use]
    pub fn whole_words(mut self, yes: bool) -> Self {
        self.whole_words = yes;
        self
    }

    /// The tokens and their ids.
    pub fn vocab(&self) -> &Vocab {
        &self.vocab
    }

    pub(crate) fn has_all_bytes(&self) -> bool {
        self.bytes.iter().all(Option::is_some)
    }

    pub(crate) fn unknown_id(&self) -> Option<u32> {
        self.unknown
    }

    pub(crate) fn takes_whole_words(&self) -> bool {
        self.whole_words
    }

    /// The pairs in order of rank. Of ranks: for each token the two that its bytes become under the
    /// pairs of lower rank.
    pub(crate) fn listed(&self) -> Vec<(u32, u32)> {
        if let Some(listed) = &self.listed {
            return listed.clone();
        }
        let (mut merger, mut parts) = (Merger::default(), Vec::new());
        let mut listed = Vec::new();
        for (token, id) in self.vocab.iter() {
            parts.clear();
            let ids: Vec<u32> = token.iter().filter_map(|&b| self.bytes[usize::from(b)]).collect();
            merger.merge(ids.into_iter(), &self.merges, id, &mut parts);
            if let [(a, _), (b, _)] = parts[..] {
                listed.push((a, b));
            }
        }
        listed
    }

    /// The tokens of a word; the error is the range of a byte that has none.
    pub(super) fn word(
        &self,
        word: &[u8],
        scratch: &mut Scratch,
        mut emit: impl FnMut(u32, Range<usize>),
    ) -> Result<(), Range<usize>> {
        let mut at = 0;
        let mut send = |&(id, len): &(u32, u32)| {
            emit(id, at..at + len as usize);
            at += len as usize;
        };
        if Scratch::keeps(word) {
            let tokens = scratch.tokens(word, |merger, out| self.tokens(word, merger, out))?;
            tokens.iter().for_each(send);
        } else {
            let mut tokens = Vec::new();
            self.tokens(word, &mut scratch.merger, &mut tokens)?;
            tokens.iter().for_each(&mut send);
        }
        Ok(())
    }

    fn tokens(
        &self,
        word: &[u8],
        merger: &mut Merger,
        out: &mut Vec<(u32, u32)>,
    ) -> Result<(), Range<usize>> {
        if self.whole_words
            && let Some(id) = self.vocab.id(word)
        {
            out.push((id, word.len() as u32));
            return Ok(());
        }
        let id = |byte: &u8| self.bytes[usize::from(*byte)].or(self.unknown);
        if let Some(at) = word.iter().position(|byte| id(byte).is_none()) {
            return Err(at..at + 1);
        }
        let ids = word.iter().map(|byte| id(byte).unwrap_or_default());
        merger.merge(ids, &self.merges, u32::MAX, out);
        Ok(())
    }
}

/// The ids of the tokens of one byte.
fn byte_ids(vocab: &Vocab) -> Box<[Option<u32>; 256]> {
    Box::new(std::array::from_fn(|byte| vocab.id([byte as u8])))
}
