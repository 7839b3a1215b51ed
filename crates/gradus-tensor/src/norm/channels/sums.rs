//! Sums over each channel, for the gradient of a normalisation.

use pulp::Simd;

use super::Channels;
use super::normalize::value;
use crate::Float;
use crate::memory::Buffer;
use crate::sums::{Terms, add_rows, sums};
use crate::threads::{PIECE, for_each_piece, map_indices};

/// Elements in a block whose partial sums are merged in double precision.
const BLOCK: usize = 8 * 1024;

/// The numbers of the channels that decide which gradients pass: mean, scale and shift, repeated as
/// the loops need them. Where there was no ReLU after the normalisation, only the mean is used.
#[derive(Clone, Copy)]
pub(super) struct Gate<'a, T> {
    pub(super) numbers: [&'a [T]; 3],
    pub(super) relu: bool,
}

/// The gradient before ReLU, given that behind it.
#[inline(always)]
pub(super) fn gated<T: Float, const RELU: bool>(grad: T, x: T, numbers: [T; 3]) -> T {
    let shut = RELU && value::<T, false, false>(x, numbers, T::ZERO) <= T::ZERO;
    if shut { T::ZERO } else { grad }
}

impl<T: Float> Channels<T> {
    /// For each channel the sums of `g` and of `g · (x - mean)`, where `g` is the gated gradient,
    /// added up in blocks that depend on the sizes alone.
    pub(super) fn sums(&self, grad: &[T], gate: Gate<'_, T>) -> Vec<[f64; 2]> {
        if gate.relu { self.sums_of::<true>(grad, gate) } else { self.sums_of::<false>(grad, gate) }
    }

    fn sums_of<const RELU: bool>(&self, grad: &[T], gate: Gate<'_, T>) -> Vec<[f64; 2]> {
        let (values, channels, after) = (self.values(), self.channels, self.after);
        let mut all = vec![[0.0; 2]; channels];
        if values.is_empty() {
            return all;
        }
        if after == 1 {
            let tile = self.tile();
            let block = (BLOCK / tile).max(16) * tile;
            let parts = map_indices(values.len().div_ceil(block), values.len() > PIECE, |i| {
                let range = i * block..values.len().min((i + 1) * block);
                let (x, grad) = (&values[range.clone()], &grad[range]);
                of_pixels::<T, RELU>(x, grad, gate.numbers, channels)
            });
            for part in parts {
                add(&mut all, part);
            }
            return all;
        }
        let blocks = after.div_ceil(BLOCK);
        let mut parts = vec![[0.0; 2]; values.len() / after * blocks];
        let piece = (PIECE / after.min(BLOCK)).max(1);
        for_each_piece(&mut parts, piece, |i, parts| {
            for (j, part) in parts.iter_mut().enumerate() {
                let (row, block) = ((i * piece + j) / blocks, (i * piece + j) % blocks);
                let end = after.min((block + 1) * BLOCK);
                let range = row * after + block * BLOCK..row * after + end;
                let numbers = gate.numbers.map(|numbers| numbers[row % channels]);
                let of = [&values[range.clone()], &grad[range]];
                *part = sums(of, GatedRow::<T, RELU>(numbers)).map(T::to_f64);
            }
        });
        for (i, part) in parts.into_iter().enumerate() {
            let all = &mut all[i / blocks % channels];
            *all = [all[0] + part[0], all[1] + part[1]];
        }
        all
    }
}

/// Adds part `i` to the sum of channel `i` modulo their number.
fn add(all: &mut [[f64; 2]], parts: impl IntoIterator<Item = [f64; 2]>) {
    let channels = all.len();
    for (i, part) in parts.into_iter().enumerate() {
        let sum = &mut all[i % channels];
        *sum = [sum[0] + part[0], sum[1] + part[1]];
    }
}

/// The gated gradient `g` and `g (x - mean)`, of numbers for a whole row.
#[derive(Clone, Copy)]
struct GatedRow<T, const RELU: bool>([T; 3]);

impl<T: Float, const RELU: bool> Terms<T, 2, 0, 2> for GatedRow<T, RELU> {
    #[inline(always)]
    fn of<V: Simd>(
        self,
        simd: V,
        x: [T::Vector<V>; 2],
        []: [T::Vector<V>; 0],
    ) -> [T::Vector<V>; 2] {
        let [mean, scale, shift] = self.0;
        let numbers = [T::splat(simd, mean), T::splat(simd, scale), T::splat(simd, shift)];
        Terms::<T, 2, 3, 2>::of(GatedColumns::<RELU>, simd, x, numbers)
    }
}

/// The same of numbers for each column.
#[derive(Clone, Copy)]
struct GatedColumns<const RELU: bool>;

impl<T: Float, const RELU: bool> Terms<T, 2, 3, 2> for GatedColumns<RELU> {
    #[inline(always)]
    fn of<V: Simd>(
        self,
        simd: V,
        [x, grad]: [T::Vector<V>; 2],
        [mean, scale, shift]: [T::Vector<V>; 3],
    ) -> [T::Vector<V>; 2] {
        let off = T::subtracted(simd, x, mean);
        let g = match RELU {
            true => {
                T::where_positive(simd, T::added(simd, T::scaled(simd, off, scale), shift), grad)
            }
            false => grad,
        };
        [g, T::scaled(simd, g, off)]
    }
}

/// The sums of whole pixels. The numbers are repeated to the length of a tile.
fn of_pixels<T: Float, const RELU: bool>(
    x: &[T],
    grad: &[T],
    numbers: [&[T]; 3],
    channels: usize,
) -> Vec<[f64; 2]> {
    let tile = numbers[0].len();
    let mut totals = Buffer::stale(4 * tile);
    let all = totals.as_mut_slice();
    all.fill(T::ZERO);
    let (plain, mixed) = all.split_at_mut(2 * tile);
    let (plain, mixed) = (plain.split_at_mut(tile), mixed.split_at_mut(tile));
    let whole = x.len() / tile * tile;
    for (from, to, width) in [(0, whole, tile), (whole, x.len(), x.len() - whole)] {
        let totals = [
            [&mut plain.0[..width], &mut plain.1[..width]],
            [&mut mixed.0[..width], &mut mixed.1[..width]],
        ];
        let numbers = numbers.map(|numbers| &numbers[..width]);
        add_rows(totals, [&x[from..to], &grad[from..to]], numbers, GatedColumns::<RELU>);
    }
    let totals = totals.as_slice();
    let value = |at: usize| totals[at].to_f64() + totals[at + tile].to_f64();
    let mut all = vec![[0.0; 2]; channels];
    add(&mut all, (0..tile).map(|i| [value(i), value(i + 2 * tile)]));
    all
}
