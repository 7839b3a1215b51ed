//! A sum over pixels, by several threads: blocks that are summed up side by side, and then added one
//! after the other. The blocks depend on the sizes alone, and so does every bit of the result.

use crate::Number;
use crate::memory::Buffer;
use crate::simd::vectorize_for;
use crate::threads::for_each_piece;

/// The most elements, over all blocks, of partial sums; at least two blocks are allowed.
const ELEMENTS: usize = 4 << 20;
/// Elements of the result that are added up at a time.
const PIECE: usize = 4 << 10;

/// The sums of all blocks, of equal size.
pub(super) struct Partials<T> {
    values: Buffer<T>,
    size: usize,
}

impl<T: Number> Partials<T> {
    /// How many blocks there may be for a result of `size` elements, `most` at most.
    pub(super) fn blocks(size: usize, most: usize) -> usize {
        (ELEMENTS / size.max(1)).clamp(2, most)
    }

    /// What `fill` writes for each block: all elements of it.
    pub(super) fn new(blocks: usize, size: usize, fill: impl Fn(usize, &mut [T]) + Sync) -> Self {
        let mut values = Buffer::stale(blocks * size);
        for_each_piece(values.as_mut_slice(), size.max(1), fill);
        Self { values, size }
    }

    /// The sums, block by block.
    #[inline(always)]
    pub(super) fn iter(&self) -> impl Iterator<Item = &[T]> {
        self.values.as_slice().chunks_exact(self.size.max(1))
    }

    /// The sum of what `fill` writes for each block.
    pub(super) fn sum(out: &mut [T], blocks: usize, fill: impl Fn(usize, &mut [T]) + Sync) {
        if blocks == 1 {
            return fill(0, out);
        }
        let partials = Self::new(blocks, out.len(), fill);
        for_each_piece(out, PIECE, |i, out| {
            vectorize_for::<T, T, T, _>(
                #[inline(always)]
                || {
                    let (first, n) = (i * PIECE, out.len());
                    for (block, sums) in partials.iter().enumerate() {
                        let sums = &sums[first..first + n];
                        match block {
                            0 => out.copy_from_slice(sums),
                            _ => out.iter_mut().zip(sums).for_each(|(sum, &x)| *sum = sum.plus(x)),
                        }
                    }
                },
            );
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_added_in_their_order() {
        for size in [1, 5, PIECE, 3 * PIECE + 1] {
            for blocks in [1, 2, 7] {
                // In singles 1e8 + 1 = 1e8: only one order gives these bits.
                let value = |block: usize, i: usize| if block == 1 { 1e8 } else { i as f32 };
                let fill = |block: usize, sum: &mut [f32]| {
                    sum.iter_mut().enumerate().for_each(|(i, x)| *x = value(block, i));
                };
                let mut out = vec![9.0; size];
                Partials::sum(&mut out, blocks, fill);
                let partials = Partials::new(blocks, size, fill);
                for (i, &got) in out.iter().enumerate() {
                    let plain = (1..blocks).fold(value(0, i), |sum, block| sum + value(block, i));
                    assert_eq!(got, plain);
                    assert!(partials.iter().enumerate().all(|(b, sums)| sums[i] == value(b, i)));
                }
            }
        }
        assert_eq!(Partials::<f32>::blocks(0, 8), 8);
        assert_eq!(Partials::<f32>::blocks(usize::MAX, 8), 2);
    }
}
