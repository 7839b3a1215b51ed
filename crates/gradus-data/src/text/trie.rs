//! A trie over bytes: the longest key that a text begins with, in one walk.
//!
//! A node is a number, an edge an entry `(node, byte) → node` of one table. The walk stops at the first
//! byte without an edge, so a look-up costs at most the length of the longest key. Source: E. Fredkin,
//! *Trie memory*, Communications of the ACM 3 (1960).

use super::hash::FastMap;

/// Keys of bytes, each with a number.
#[derive(Debug, Clone)]
pub(crate) struct Trie {
    edges: FastMap<u64, u32>,
    /// For each node the number of the key that ends there.
    ends: Vec<Option<u32>>,
    /// Whether a key begins with the byte.
    first: Box<[bool; 256]>,
}

impl Trie {
    /// The node of the empty key.
    pub(crate) const ROOT: u32 = 0;

    /// No keys.
    pub(crate) fn new() -> Self {
        Self { edges: FastMap::default(), ends: vec![None], first: Box::new([false; 256]) }
    }

    /// Whether there are no keys.
    pub(crate) fn is_empty(&self) -> bool {
        self.edges.is_empty()
    }

    /// Adds a key; the last number given to it counts.
    pub(crate) fn insert(&mut self, key: &[u8], value: u32) {
        let mut node = Self::ROOT;
        if let Some(&byte) = key.first() {
            self.first[usize::from(byte)] = true;
        }
        for &byte in key {
            let next = self.ends.len() as u32;
            node = *self.edges.entry(edge(node, byte)).or_insert(next);
            if node == next {
                self.ends.push(None);
            }
        }
        self.ends[node as usize] = Some(value);
    }

    /// The node at the end of `path`, if some key goes through it.
    pub(crate) fn node(&self, path: &[u8]) -> Option<u32> {
        path.iter().try_fold(Self::ROOT, |node, &byte| self.edges.get(&edge(node, byte)).copied())
    }

    /// The longest non-empty key below `node` that `text` begins with: its length and its number.
    pub(crate) fn longest(&self, mut node: u32, text: &[u8]) -> Option<(usize, u32)> {
        if node == Self::ROOT && !text.first().is_some_and(|&b| self.first[usize::from(b)]) {
            return None;
        }
        let mut best = None;
        for (i, &byte) in text.iter().enumerate() {
            match self.edges.get(&edge(node, byte)) {
                Some(&next) => node = next,
                None => break,
            }
            if let Some(value) = self.ends[node as usize] {
                best = Some((i + 1, value));
            }
        }
        best
    }
}

fn edge(node: u32, byte: u8) -> u64 {
    u64::from(node) << 8 | u64::from(byte)
}

#[cfg(test)]
mod tests {
    use super::Trie;

    #[test]
    fn the_longest_key_is_found() {
        let mut trie = Trie::new();
        assert!(trie.is_empty());
        for (i, key) in ["un", "unable", "a", "##able"].iter().enumerate() {
            trie.insert(key.as_bytes(), i as u32);
        }
        assert_eq!(trie.longest(Trie::ROOT, b"unab"), Some((2, 0)));
        assert_eq!(trie.longest(Trie::ROOT, b"unable!"), Some((6, 1)));
        assert_eq!(trie.longest(Trie::ROOT, b"xun"), None);
        assert_eq!(trie.longest(Trie::ROOT, b""), None);
        let inner = trie.node(b"##").unwrap();
        assert_eq!(trie.longest(inner, b"able"), Some((4, 3)));
        assert_eq!(trie.node(b"#a"), None);
    }
}
