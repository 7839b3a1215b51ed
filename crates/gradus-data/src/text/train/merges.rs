//! Learning merges: the most frequent pair of neighbours becomes a token, again and again.
//!
//! 1. All words lie in one list of symbols, each word once, with its count; a gap ends it.
//! 2. A table has for each pair its count and the places where it was seen; a heap orders the pairs.
//! 3. The top of the heap is taken. If its count is out of date, it goes back with the right one.
//! 4. The pair is joined at its places, from left to right; the counts of the neighbouring pairs change
//!    by the count of the word. Places that hold something else by now are passed over.
//!
//! Only places of the joined pair are touched, so all merges together cost little more than the first
//! count. Ties: the pair whose left, then right token has the smaller id. Source: Sennrich, Haddow,
//! Birch, 2016, section 3.2.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::text::TextError;
use crate::text::hash::FastMap;

/// Ends a word, or marks what was joined to the symbol before it.
const NONE: u32 = u32::MAX;

/// A symbol in the list of all words.
#[derive(Debug, Clone, Copy)]
struct Symbol {
    id: u32,
    before: u32,
    after: u32,
    word: u32,
}

/// How often a pair occurs, and where it was seen.
#[derive(Debug, Default)]
struct Seen {
    count: i64,
    places: Vec<u32>,
}

/// Words as symbols, and the counts of their pairs.
#[derive(Debug, Default)]
pub(super) struct Learner {
    symbols: Vec<Symbol>,
    counts: Vec<i64>,
    pairs: FastMap<(u32, u32), Seen>,
    heap: BinaryHeap<(i64, Reverse<(u32, u32)>)>,
}

impl Learner {
    /// Adds a word.
    pub(super) fn add(
        &mut self,
        ids: impl IntoIterator<Item = u32>,
        count: u64,
    ) -> Result<(), TextError> {
        let full = || {
            let problem =
                format!("the different words have more than {NONE} symbols; train on less text");
            TextError::vocab(problem)
        };
        let word = u32::try_from(self.counts.len()).map_err(|_| full())?;
        let first = self.symbols.len();
        for id in ids {
            let at = self.symbols.len();
            if at >= NONE as usize {
                return Err(full());
            }
            let (at, is_first) = (at as u32, at == first);
            let before = if is_first { NONE } else { at - 1 };
            self.symbols.push(Symbol { id, before, after: at + 1, word });
        }
        if let Some(last) = self.symbols[first..].last_mut() {
            last.after = NONE;
        }
        self.counts.push(i64::try_from(count).map_err(|_| full())?);
        Ok(())
    }

    /// Counts the pairs of all words.
    pub(super) fn count(&mut self) {
        for at in 0..self.symbols.len() {
            let symbol = self.symbols[at];
            if let Some(next) = self.symbols.get(symbol.after as usize) {
                let seen = self.pairs.entry((symbol.id, next.id)).or_default();
                seen.count += self.counts[symbol.word as usize];
                seen.places.push(at as u32);
            }
        }
        let tops = self.pairs.iter().map(|(pair, seen)| (seen.count, Reverse(*pair)));
        self.heap = tops.collect();
    }

    /// The most frequent pair, if it occurs `least` times.
    pub(super) fn best(&mut self, least: u64) -> Option<(u32, u32)> {
        while let Some((count, Reverse(pair))) = self.heap.pop() {
            let now = self.pairs.get(&pair).map_or(0, |seen| seen.count);
            if now == count && now > 0 {
                return (count.unsigned_abs() >= least.max(1)).then_some(pair);
            }
            if now > 0 && now < count {
                self.heap.push((now, Reverse(pair)));
            }
        }
        None
    }

    /// Joins a pair everywhere.
    pub(super) fn join(&mut self, pair: (u32, u32), joined: u32) {
        let mut places = self.pairs.remove(&pair).map(|seen| seen.places).unwrap_or_default();
        places.sort_unstable();
        places.dedup();
        let mut grown = Vec::new();
        for at in places {
            let left = self.symbols[at as usize];
            let Some(&right) = self.symbols.get(left.after as usize) else { continue };
            if (left.id, right.id) != pair {
                continue;
            }
            let count = self.counts[left.word as usize];
            if let Some(before) = self.symbols.get(left.before as usize).map(|s| s.id) {
                self.change((before, pair.0), -count, None);
                grown.extend(self.change((before, joined), count, Some(left.before)));
            }
            if let Some(beyond) = self.symbols.get_mut(right.after as usize) {
                beyond.before = at;
                let id = beyond.id;
                self.change((pair.1, id), -count, None);
                grown.extend(self.change((joined, id), count, Some(at)));
            }
            self.symbols[left.after as usize].id = NONE;
            self.symbols[at as usize] = Symbol { id: joined, after: right.after, ..left };
        }
        // One entry a pair, with the count it has now; older entries of it are out of date.
        grown.sort_unstable();
        grown.dedup();
        for pair in grown {
            let count = self.pairs.get(&pair).map_or(0, |seen| seen.count);
            self.heap.push((count, Reverse(pair)));
        }
    }

    /// Changes the count of a pair; one that grew and where it stands is given back.
    fn change(&mut self, pair: (u32, u32), by: i64, place: Option<u32>) -> Option<(u32, u32)> {
        match place {
            Some(place) => {
                let seen = self.pairs.entry(pair).or_default();
                seen.count += by;
                seen.places.push(place);
                Some(pair)
            }
            None => {
                if let Some(seen) = self.pairs.get_mut(&pair) {
                    seen.count += by;
                }
                None
            }
        }
    }
}
