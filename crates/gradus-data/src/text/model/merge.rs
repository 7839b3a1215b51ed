//! The merge loop of byte-pair encoding: as long as two neighbours form a pair in the table, the pair of
//! lowest rank is joined, the leftmost first. Source: R. Sennrich, B. Haddow, A. Birch, *Neural Machine
//! Translation of Rare Words with Subword Units*, 2016, algorithm 1.
//!
//! Short words: each symbol keeps the rank of itself and its neighbour; the lowest is found by looking
//! at all, which for a dozen symbols is faster than anything else. Long words: the symbols are a linked
//! list and the pairs a heap ordered by rank and place, so that `n` symbols cost `n log n` steps. The pair
//! at a place may have changed since it went into the heap; if its rank did, it is passed over.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::text::hash::FastMap;

/// From a pair of ids to its rank and the id of the joined token.
pub(crate) type Merges = FastMap<u64, (u32, u32)>;

/// The key of a pair.
pub(crate) fn pair(left: u32, right: u32) -> u64 {
    u64::from(left) << 32 | u64::from(right)
}

/// No symbol, no rank.
const NONE: u32 = u32::MAX;

/// A stretch of bytes that is one token so far.
#[derive(Debug, Clone, Copy)]
struct Symbol {
    id: u32,
    len: u32,
    /// Rank and id of this and the next symbol joined (short words).
    rank: u32,
    joined: u32,
}

/// Buffers of the loop.
#[derive(Debug, Default)]
pub(crate) struct Merger {
    short: Vec<Symbol>,
    long: Vec<Link>,
    /// Rank and place, in one number.
    heap: BinaryHeap<Reverse<u64>>,
}

/// A symbol of a long word; a joined one leaves an id of `NONE` behind.
#[derive(Debug, Clone, Copy)]
struct Link {
    id: u32,
    len: u32,
    before: u32,
    after: u32,
}

impl Merger {
    /// Up to this many symbols the loop looks at all of them.
    const SHORT: usize = 40;

    /// Joins `ids`, each of one byte, by the merges of a rank below `limit`, and appends the tokens with
    /// their lengths to `out`.
    pub(super) fn merge(
        &mut self,
        ids: impl ExactSizeIterator<Item = u32>,
        merges: &Merges,
        limit: u32,
        out: &mut Vec<(u32, u32)>,
    ) {
        match ids.len() {
            0..=Self::SHORT => self.merge_short(ids, &Table { merges, limit }, out),
            _ => self.merge_long(ids, &Table { merges, limit }, out),
        }
    }

    /// Gives back the memory that a very long word took.
    pub(super) fn shrink(&mut self) {
        self.long.clear();
        self.long.shrink_to(1 << 16);
        self.heap.shrink_to(1 << 16);
    }

    fn merge_short(
        &mut self,
        ids: impl Iterator<Item = u32>,
        table: &Table<'_>,
        out: &mut Vec<(u32, u32)>,
    ) {
        let symbols = &mut self.short;
        symbols.clear();
        symbols.extend(ids.map(|id| Symbol { id, len: 1, rank: NONE, joined: NONE }));
        for i in 0..symbols.len() {
            rate(symbols, i, table);
        }
        while let Some((i, rank)) = lowest(symbols)
            && rank != NONE
        {
            let gone = symbols.remove(i + 1);
            symbols[i].id = symbols[i].joined;
            symbols[i].len += gone.len;
            rate(symbols, i, table);
            if i > 0 {
                rate(symbols, i - 1, table);
            }
        }
        out.extend(symbols.iter().map(|symbol| (symbol.id, symbol.len)));
    }

    fn merge_long(
        &mut self,
        ids: impl Iterator<Item = u32>,
        table: &Table<'_>,
        out: &mut Vec<(u32, u32)>,
    ) {
        let (links, heap) = (&mut self.long, &mut self.heap);
        links.clear();
        heap.clear();
        links.extend(ids.zip(0..).map(|(id, at): (u32, u32)| Link {
            id,
            len: 1,
            before: at.wrapping_sub(1),
            after: at + 1,
        }));
        if let Some(last) = links.last_mut() {
            last.after = NONE;
        }
        let mut first = std::mem::take(heap).into_vec();
        let all = 0..links.len() as u32;
        first.extend(all.filter_map(|at| Some(entry(joinable(links, at, table)?.0, at))));
        *heap = BinaryHeap::from(first);
        while let Some(Reverse(key)) = heap.pop() {
            let (rank, at) = ((key >> 32) as u32, key as u32);
            let Some((now, joined)) = joinable(links, at, table) else { continue };
            if now != rank {
                continue;
            }
            let link = links[at as usize];
            let next = links[link.after as usize];
            links[link.after as usize].id = NONE;
            if let Some(beyond) = links.get_mut(next.after as usize) {
                beyond.before = at;
            }
            links[at as usize] =
                Link { id: joined, len: link.len + next.len, after: next.after, ..link };
            for at in [at, link.before] {
                heap.extend(joinable(links, at, table).map(|(rank, _)| entry(rank, at)));
            }
        }
        let live = links.iter().filter(|link| link.id != NONE);
        out.extend(live.map(|link| (link.id, link.len)));
    }
}

/// The merges of a rank below a limit.
struct Table<'a> {
    merges: &'a Merges,
    limit: u32,
}

impl Table<'_> {
    /// Rank and joined id.
    fn get(&self, left: u32, right: u32) -> Option<(u32, u32)> {
        self.merges.get(&pair(left, right)).copied().filter(|merge| merge.0 < self.limit)
    }
}

/// Looks up the pair that begins at `i`.
fn rate(symbols: &mut [Symbol], i: usize, table: &Table<'_>) {
    let next = symbols.get(i + 1).map(|next| next.id);
    let found = next.and_then(|next| table.get(symbols[i].id, next));
    (symbols[i].rank, symbols[i].joined) = found.unwrap_or((NONE, NONE));
}

/// The leftmost symbol of lowest rank.
fn lowest(symbols: &[Symbol]) -> Option<(usize, u32)> {
    symbols.iter().map(|symbol| symbol.rank).enumerate().min_by_key(|&(_, rank)| rank)
}

/// Rank and joined id of the pair that begins at `at`, if it can be joined. What was joined to the one
/// before it begins no pair: no merge has the id `NONE`.
fn joinable(links: &[Link], at: u32, table: &Table<'_>) -> Option<(u32, u32)> {
    let link = links.get(at as usize)?;
    let next = links.get(link.after as usize)?;
    table.get(link.id, next.id)
}

/// A place in the heap.
fn entry(rank: u32, at: u32) -> Reverse<u64> {
    Reverse(u64::from(rank) << 32 | u64::from(at))
}

#[cfg(test)]
mod tests {
    use super::{Merger, Merges, Table, pair};

    /// The definition: look at all pairs, join the first of lowest rank, begin again.
    fn by_definition(ids: &[u32], merges: &Merges) -> Vec<(u32, u32)> {
        let mut symbols: Vec<(u32, u32)> = ids.iter().map(|&id| (id, 1)).collect();
        loop {
            let pairs = symbols.windows(2).enumerate();
            let ranked = pairs.filter_map(|(i, w)| Some((merges.get(&pair(w[0].0, w[1].0))?, i)));
            let Some((&(_, joined), i)) = ranked.min_by_key(|&(m, i)| (m.0, i)) else {
                return symbols;
            };
            symbols[i] = (joined, symbols[i].1 + symbols[i + 1].1);
            symbols.remove(i + 1);
        }
    }

    #[test]
    fn both_loops_follow_the_definition() {
        // Random tables over three letters, with pairs of what earlier pairs made.
        let mut state = 1_u64;
        let mut below = |n: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) % n
        };
        let mut merger = Merger::default();
        for _ in 0..200 {
            let mut merges = Merges::default();
            for rank in 0..12_u32 {
                let (a, b) = (below(3 + u64::from(rank)) as u32, below(3 + u64::from(rank)) as u32);
                merges.entry(pair(a, b)).or_insert((rank, 3 + rank));
            }
            for len in [0, 1, 2, 3, 10, 39, 40, 41, 200] {
                let ids: Vec<u32> = (0..len).map(|_| below(3) as u32).collect();
                let wanted = by_definition(&ids, &merges);
                let (mut short, mut long) = (Vec::new(), Vec::new());
                let table = Table { merges: &merges, limit: u32::MAX };
                merger.merge_short(ids.iter().copied(), &table, &mut short);
                merger.merge_long(ids.iter().copied(), &table, &mut long);
                assert_eq!((&short, &long), (&wanted, &wanted), "{ids:?} {merges:?}");
            }
        }
    }
}
