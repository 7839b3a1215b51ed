//! Random order without all items in memory: a buffer is filled, and each item that goes out is drawn from it, its place
//! taken by the next that comes in. Item `i` can come at most `buffer − 1` places early; how late is up to chance.

use gradus_tensor::Rng;

use crate::Result;

/// Items drawn from a buffer. Errors pass by it.
pub(super) struct Shuffle<I, T> {
    items: I,
    buffer: Vec<T>,
    size: usize,
    rng: Rng,
}

impl<I, T> Shuffle<I, T> {
    /// A buffer of `size` items; 0 and 1 leave the order as it is.
    pub fn new(items: I, size: usize, rng: Rng) -> Self {
        Self { items, buffer: Vec::new(), size: size.max(1), rng }
    }
}

impl<I: Iterator<Item = Result<T>>, T> Iterator for Shuffle<I, T> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Result<T>> {
        while self.buffer.len() < self.size {
            match self.items.next() {
                Some(Ok(item)) => self.buffer.push(item),
                Some(Err(error)) => return Some(Err(error)),
                None => break,
            }
        }
        if self.buffer.is_empty() {
            return None;
        }
        let drawn = self.rng.below(self.buffer.len());
        Some(Ok(self.buffer.swap_remove(drawn)))
    }
}
