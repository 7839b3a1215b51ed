//! What encoding keeps from word to word: buffers, and the tokens of words that came before.
//!
//! A cache belongs to one call at a time; a pool holds those that are free. So threads that share a
//! tokenizer never wait for each other's look-ups, and what is in a cache never changes a result.

use std::ops::Range;
use std::sync::Mutex;

use super::merge::Merger;
use crate::text::hash::FastMap;

/// Buffers and a cache for one call.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    pub(super) merger: Merger,
    pub(super) pieces: Vec<(u32, Range<usize>)>,
    /// Where the tokens of a word stand in `tokens`.
    words: FastMap<Box<[u8]>, Range<usize>>,
    /// Ids and lengths.
    tokens: Vec<(u32, u32)>,
}

impl Scratch {
    /// Longer words are rare and would fill the memory.
    const LONGEST: usize = 64;
    /// At this many words the cache begins anew.
    const WORDS: usize = 1 << 15;

    /// The ids and lengths of a word's tokens, from the cache or from `make`, which is given the merger
    /// and a list to fill.
    pub(super) fn tokens<E>(
        &mut self,
        word: &[u8],
        make: impl FnOnce(&mut Merger, &mut Vec<(u32, u32)>) -> Result<(), E>,
    ) -> Result<&[(u32, u32)], E> {
        if let Some(range) = self.words.get(word) {
            return Ok(&self.tokens[range.clone()]);
        }
        if self.words.len() >= Self::WORDS {
            self.words.clear();
            self.tokens.clear();
        }
        let start = self.tokens.len();
        if let Err(fault) = make(&mut self.merger, &mut self.tokens) {
            self.tokens.truncate(start);
            return Err(fault);
        }
        self.words.insert(word.into(), start..self.tokens.len());
        Ok(&self.tokens[start..])
    }

    /// Whether a word is worth keeping.
    pub(super) fn keeps(word: &[u8]) -> bool {
        word.len() <= Self::LONGEST
    }
}

/// Free caches of one tokenizer.
#[derive(Debug, Default)]
pub(crate) struct Pool(Mutex<Vec<Scratch>>);

impl Pool {
    /// Runs `f` with a cache that no one else has.
    pub(crate) fn with<R>(&self, f: impl FnOnce(&mut Scratch) -> R) -> R {
        // A poisoned lock means that a thread panicked; a new cache is as good as an old one.
        let free = self.0.lock().ok().and_then(|mut free| free.pop());
        let mut scratch = free.unwrap_or_default();
        let result = f(&mut scratch);
        scratch.merger.shrink();
        if let Ok(mut free) = self.0.lock() {
            free.push(scratch);
        }
        result
    }
}

impl Clone for Pool {
    fn clone(&self) -> Self {
        Self::default()
    }
}
