//! Sums over each channel, for the gradient of a normalisation.

use super::normalize::value;
use super::{Channels, TILE};
use crate::Float;
use crate::simd::vectorize_for;
use crate::threads::{PIECE, for_each_piece, map_indices};
use smallvec::SmallVec;

/// Accumulators that run side by side along a row.
const LANES: usize = 32;
/// Accumulators that run side by side over pixels; they and the sums of products fit in registers.
const WIDE: usize = 64;
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
                if WIDE.is_multiple_of(channels) {
                    of_narrow_pixels::<T, RELU>(x, grad, gate.numbers, channels)
                } else {
                    of_pixels::<T, RELU>(x, grad, gate.numbers, channels)
                }
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
            vectorize_for::<T, T, T, _>(
                #[inline(always)]
                || {
                    for (j, part) in parts.iter_mut().enumerate() {
                        let (row, block) = ((i * piece + j) / blocks, (i * piece + j) % blocks);
                        let end = after.min((block + 1) * BLOCK);
                        let range = row * after + block * BLOCK..row * after + end;
                        let numbers = gate.numbers.map(|numbers| numbers[row % channels]);
                        *part = of_row::<T, RELU>(&values[range.clone()], &grad[range], numbers);
                    }
                },
            );
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

/// The sums of a row of one channel.
#[inline(always)]
fn of_row<T: Float, const RELU: bool>(x: &[T], grad: &[T], numbers: [T; 3]) -> [f64; 2] {
    let (mut plain, mut mixed) = ([T::ZERO; LANES], [T::ZERO; LANES]);
    for (x, grad) in x.chunks(LANES).zip(grad.chunks(LANES)) {
        let (n, grad) = (x.len(), &grad[..x.len()]);
        let (plain, mixed) = (&mut plain[..n], &mut mixed[..n]);
        for i in 0..n {
            let g = gated::<T, RELU>(grad[i], x[i], numbers);
            plain[i] += g;
            mixed[i] += g * (x[i] - numbers[0]);
        }
    }
    [plain, mixed].map(|lanes| lanes.into_iter().fold(T::ZERO, |a, b| a + b).to_f64())
}

/// The sums of whole pixels whose channels divide [`WIDE`]: everything stays in registers.
fn of_narrow_pixels<T: Float, const RELU: bool>(
    x: &[T],
    grad: &[T],
    numbers: [&[T]; 3],
    channels: usize,
) -> Vec<[f64; 2]> {
    let (mut plain, mut mixed) = ([T::ZERO; WIDE], [T::ZERO; WIDE]);
    vectorize_for::<T, T, T, _>(
        #[inline(always)]
        || {
            // Local, so that nothing else can point at them.
            let (mut sums, mut products) = ([T::ZERO; WIDE], [T::ZERO; WIDE]);
            let [mean, scale, shift] = numbers;
            let mean: [T; WIDE] = std::array::from_fn(|i| mean[i % channels]);
            let scale: [T; WIDE] = std::array::from_fn(|i| scale[i % channels]);
            let shift: [T; WIDE] = std::array::from_fn(|i| shift[i % channels]);
            let (xs, gs) = (x.as_chunks::<WIDE>(), grad.as_chunks::<WIDE>());
            for (x, g) in xs.0.iter().zip(gs.0) {
                for i in 0..WIDE {
                    let g = gated::<T, RELU>(g[i], x[i], [mean[i], scale[i], shift[i]]);
                    sums[i] += g;
                    products[i] += g * (x[i] - mean[i]);
                }
            }
            for (i, (&x, &g)) in xs.1.iter().zip(gs.1).enumerate() {
                let g = gated::<T, RELU>(g, x, [mean[i], scale[i], shift[i]]);
                sums[i] += g;
                products[i] += g * (x - mean[i]);
            }
            (plain, mixed) = (sums, products);
        },
    );
    let mut all = vec![[0.0; 2]; channels];
    add(&mut all, plain.iter().zip(&mixed).map(|(p, m)| [p.to_f64(), m.to_f64()]));
    all
}

/// The sums of whole pixels. The numbers are repeated to the length of a tile.
fn of_pixels<T: Float, const RELU: bool>(
    x: &[T],
    grad: &[T],
    [mean, scale, shift]: [&[T]; 3],
    channels: usize,
) -> Vec<[f64; 2]> {
    let tile = mean.len();
    let mut plain: SmallVec<[T; TILE]> = SmallVec::from_elem(T::ZERO, tile);
    let mut mixed = plain.clone();
    vectorize_for::<T, T, T, _>(
        #[inline(always)]
        || {
            for (x, grad) in x.chunks(tile).zip(grad.chunks(tile)) {
                let n = x.len();
                let (mean, scale, shift) = (&mean[..n], &scale[..n], &shift[..n]);
                let (plain, mixed, grad) = (&mut plain[..n], &mut mixed[..n], &grad[..n]);
                for i in 0..n {
                    let g = gated::<T, RELU>(grad[i], x[i], [mean[i], scale[i], shift[i]]);
                    plain[i] += g;
                    mixed[i] += g * (x[i] - mean[i]);
                }
            }
        },
    );
    let mut all = vec![[0.0; 2]; channels];
    add(&mut all, plain.iter().zip(&mixed).map(|(p, m)| [p.to_f64(), m.to_f64()]));
    all
}
