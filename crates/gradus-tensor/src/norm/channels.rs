//! Normalisation of each channel (axis 1) by given numbers, and its gradient.
//!
//! `y = (x - μ_c) s_c + b_c`. With `μ` and `r = 1/√(σ² + ε)` from the batch itself, `x̂ = (x - μ) r`,
//! weight `γ` and `m` elements in a channel:
//!
//! `β̄ = Σ ȳ`, `γ̄ = Σ ȳ x̂`, `x̄ = γ r (ȳ - β̄/m - x̂ γ̄/m)`
//!
//! (Ioffe and Szegedy, *Batch normalization*, 2015, section 3.) Two reads of memory: one for the
//! sums, one for `x̄`. Elements are taken in the order in which they lie, seen as
//! `[before, channel, after]`: channels-last and row-major images are equally quick.

use smallvec::SmallVec;

use super::NormGrads;
use crate::layout::Layout;
use crate::simd::vectorize;
use crate::threads::{PIECE, for_each_piece, map_indices};
use crate::{Element, Error, Float, Result, Tensor};

/// Accumulators that run side by side along a row.
const LANES: usize = 32;
/// Elements in a block whose partial sums are merged in double precision.
const BLOCK: usize = 8 * 1024;
/// The least length of a loop over channels; the numbers of few channels are repeated for it.
const TILE: usize = 256;

/// A tensor without gaps, and how its channels lie: `[before, channel, after]`.
struct Channels<T: Element> {
    x: Tensor<T>,
    channels: usize,
    after: usize,
}

/// A piece of memory in which the channels are known.
enum Run {
    /// All elements belong to one channel.
    One(usize),
    /// Element `i` belongs to channel `i` modulo their number.
    All,
}

impl<T: Float> Channels<T> {
    fn new(op: &'static str, x: &Tensor<T>) -> Result<Self> {
        if x.rank() < 2 {
            let wanted = "at least two axes, the second that of the channels";
            return Err(Error::shape(op, x.shape(), wanted));
        }
        let x = x.packed();
        let channels = x.shape()[1];
        let order = x.layout.order();
        let after = order.iter().rev().take_while(|&&axis| axis != 1);
        let after = after.map(|&axis| x.shape()[axis]).product();
        // A single channel may stand anywhere among the axes.
        let after = if channels == 1 { x.len() } else { after };
        Ok(Self { x, channels, after })
    }

    fn values(&self) -> &[T] {
        self.x.as_dense().unwrap_or_default()
    }

    /// A tensor of the same shape, with the elements in the same order in memory.
    fn aligned(&self, op: &'static str, other: &Tensor<T>) -> Result<Tensor<T>> {
        if other.shape() != self.x.shape() {
            let wanted = format!("{:?}, the shape of the input", self.x.shape());
            return Err(Error::shape(op, other.shape(), wanted));
        }
        let (a, b) = (self.x.strides(), other.strides());
        let mut axes = a.iter().zip(b).zip(self.x.shape());
        match axes.all(|((a, b), &n)| n == 1 || a == b) {
            true => Ok(other.packed()),
            false => Ok(other.copied_to(self.layout())),
        }
    }

    fn layout(&self) -> Layout {
        self.x.layout.packed()
    }

    /// One number for each channel, repeated if the loops run over all channels.
    fn numbers(&self, values: impl Iterator<Item = T> + Clone) -> SmallVec<[T; TILE]> {
        let repeated = if self.after == 1 { self.tile() } else { self.channels };
        values.cycle().take(repeated).collect()
    }

    /// The length of a loop over all channels, some times over.
    fn tile(&self) -> usize {
        self.channels * TILE.div_ceil(self.channels.max(1))
    }

    /// A new tensor in the same order in memory. `run(first element, out, channels)` writes it.
    fn fill(&self, run: impl Fn(usize, &mut [T], Run) + Sync + Send) -> Tensor<T> {
        let (after, tile) = (self.after, self.tile().max(1));
        Tensor::build(self.layout(), |out| {
            let piece = if after == 1 { (PIECE / tile).max(1) * tile } else { PIECE };
            for_each_piece(out, piece, |i, out| {
                vectorize(
                    #[inline(always)]
                    || {
                        if after == 1 {
                            for (t, out) in out.chunks_mut(tile).enumerate() {
                                run(i * piece + t * tile, out, Run::All);
                            }
                            return;
                        }
                        let (mut rest, mut at) = (out, i * piece);
                        while !rest.is_empty() {
                            let n = (after - at % after).min(rest.len());
                            let (out, others) = rest.split_at_mut(n);
                            run(at, out, Run::One(at / after % self.channels));
                            (rest, at) = (others, at + n);
                        }
                    },
                );
            });
        })
    }

    /// For each channel the sums of `g` and of `g · (x - mean)`, added up in blocks that depend on
    /// the sizes alone.
    fn sums(&self, grad: &[T], mean: &[T]) -> Vec<[f64; 2]> {
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
                sums_of_all(&values[range.clone()], &grad[range], mean, channels)
            });
            for part in parts {
                for (all, part) in all.iter_mut().zip(part) {
                    *all = [all[0] + part[0], all[1] + part[1]];
                }
            }
            return all;
        }
        let blocks = after.div_ceil(BLOCK);
        let mut parts = vec![[0.0; 2]; values.len() / after * blocks];
        let piece = (PIECE / after.min(BLOCK)).max(1);
        for_each_piece(&mut parts, piece, |i, parts| {
            vectorize(
                #[inline(always)]
                || {
                    for (j, part) in parts.iter_mut().enumerate() {
                        let (row, block) = ((i * piece + j) / blocks, (i * piece + j) % blocks);
                        let end = after.min((block + 1) * BLOCK);
                        let range = row * after + block * BLOCK..row * after + end;
                        let mean = mean[row % channels];
                        *part = sums_of_one(&values[range.clone()], &grad[range], mean);
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

/// The sums of a row of one channel.
#[inline(always)]
fn sums_of_one<T: Float>(x: &[T], grad: &[T], mean: T) -> [f64; 2] {
    let (mut plain, mut mixed) = ([T::ZERO; LANES], [T::ZERO; LANES]);
    let (mut xs, mut gs) = (x.chunks_exact(LANES), grad.chunks_exact(LANES));
    for (x, g) in (&mut xs).zip(&mut gs) {
        for i in 0..LANES {
            plain[i] += g[i];
            mixed[i] += g[i] * (x[i] - mean);
        }
    }
    for (i, (&x, &g)) in xs.remainder().iter().zip(gs.remainder()).enumerate() {
        plain[i] += g;
        mixed[i] += g * (x - mean);
    }
    [plain, mixed].map(|lanes| lanes.into_iter().fold(T::ZERO, |a, b| a + b).to_f64())
}

/// The sums of whole pixels. `mean` is repeated to the length of a tile.
fn sums_of_all<T: Float>(x: &[T], grad: &[T], mean: &[T], channels: usize) -> Vec<[f64; 2]> {
    let tile = mean.len();
    let mut plain: SmallVec<[T; TILE]> = SmallVec::from_elem(T::ZERO, tile);
    let mut mixed = plain.clone();
    vectorize(
        #[inline(always)]
        || {
            for (x, g) in x.chunks(tile).zip(grad.chunks(tile)) {
                let (n, mean) = (x.len(), &mean[..x.len()]);
                let (plain, mixed, g) = (&mut plain[..n], &mut mixed[..n], &g[..n]);
                for i in 0..n {
                    plain[i] += g[i];
                    mixed[i] += g[i] * (x[i] - mean[i]);
                }
            }
        },
    );
    let mut sums = vec![[0.0; 2]; channels];
    for (i, (p, m)) in plain.iter().zip(&mixed).enumerate() {
        let sum = &mut sums[i % channels];
        *sum = [sum[0] + p.to_f64(), sum[1] + m.to_f64()];
    }
    sums
}

/// Makes sure that there is one number for each channel, and gives them.
fn per_channel<T: Float>(
    op: &'static str,
    what: &str,
    numbers: &Tensor<T>,
    x: &Tensor<T>,
) -> Result<Vec<T>> {
    match x.shape().get(1) {
        Some(&channels) if numbers.shape() != [channels] => {
            let wanted =
                format!("{what} [{channels}], one number for each channel of {:?}", x.shape());
            Err(Error::shape(op, numbers.shape(), wanted))
        }
        _ => Ok(numbers.to_vec()),
    }
}

/// `(x - mean) · scale + shift` for each channel of `x`, of shape `[N, C, …]`; the others have
/// shape `[C]`. The order of the axes in memory stays.
///
/// ```
/// use gradus_tensor::{Tensor, channel_norm};
/// let x = Tensor::from_vec(vec![1.0, 2.0, 3.0, 4.0], [2, 2])?;
/// let [mean, scale, shift] = [[2.0, 3.0], [1.0, 10.0], [0.0, 5.0]].map(Tensor::vector);
/// assert_eq!(channel_norm(&x, &mean, &scale, &shift)?.to_vec(), [-1.0, -5.0, 1.0, 15.0]);
/// # Ok::<(), gradus_tensor::Error>(())
/// ```
///
/// # Errors
/// [`Error::Shape`] if `x` has fewer than two axes, or another tensor not one number for each
/// channel.
pub fn channel_norm<T: Float>(
    x: &Tensor<T>,
    mean: &Tensor<T>,
    scale: &Tensor<T>,
    shift: &Tensor<T>,
) -> Result<Tensor<T>> {
    let op = "channel_norm";
    let at = Channels::new(op, x)?;
    let numbers = |what, tensor| {
        per_channel(op, what, tensor, x).map(|numbers| at.numbers(numbers.iter().copied()))
    };
    let mean = numbers("a mean", mean)?;
    let scale = numbers("a scale", scale)?;
    let shift = numbers("a shift", shift)?;
    let values = at.values();
    Ok(at.fill(
        #[inline(always)]
        |start, out, run| {
            let n = out.len();
            let x = &values[start..start + n];
            match run {
                Run::One(c) => {
                    let (mean, scale, shift) = (mean[c], scale[c], shift[c]);
                    out.iter_mut().zip(x).for_each(|(o, &x)| *o = (x - mean) * scale + shift);
                }
                Run::All => {
                    let (mean, scale, shift) = (&mean[..n], &scale[..n], &shift[..n]);
                    for i in 0..n {
                        out[i] = (x[i] - mean[i]) * scale[i] + shift[i];
                    }
                }
            }
        },
    ))
}

/// The gradients of a batch normalisation `y = (x - mean) · rstd · weight + bias`, where `mean`
/// and `rstd` `= 1/√(var + ε)` were computed from `x` itself: with respect to `x` (if `wanted`),
/// to the weight, and to the bias.
///
/// ```
/// use gradus_tensor::{Tensor, batch_norm_grad};
/// let x = Tensor::from_vec(vec![-1.0, 1.0], [2, 1])?;
/// let grad = Tensor::from_vec(vec![3.0, 3.0], [2, 1])?;
/// let [mean, rstd, weight] = [[0.0], [1.0], [2.0]].map(Tensor::vector);
/// let (dx, dweight, dbias) = batch_norm_grad(&x, &grad, &mean, &rstd, &weight, true)?;
/// // The mean of the output is fixed, so moving it does nothing to the input.
/// assert_eq!(dx.map(|dx| dx.to_vec()), Some(vec![0.0, 0.0]));
/// assert_eq!((dweight.to_vec(), dbias.to_vec()), (vec![0.0], vec![6.0]));
/// # Ok::<(), gradus_tensor::Error>(())
/// ```
///
/// # Errors
/// [`Error::Shape`] if `x` has fewer than two axes, `grad_y` another shape, or another tensor not
/// one number for each channel.
pub fn batch_norm_grad<T: Float>(
    x: &Tensor<T>,
    grad_y: &Tensor<T>,
    mean: &Tensor<T>,
    rstd: &Tensor<T>,
    weight: &Tensor<T>,
    wanted: bool,
) -> Result<NormGrads<T>> {
    let op = "batch_norm_grad";
    let at = Channels::new(op, x)?;
    let grad = at.aligned(op, grad_y)?;
    let (values, grad) = (at.values(), grad.as_dense().unwrap_or_default());
    let numbers = |what, tensor| per_channel(op, what, tensor, x);
    let (rstd, weight) = (numbers("a deviation", rstd)?, numbers("a weight", weight)?);
    let mean = at.numbers(numbers("a mean", mean)?.into_iter());
    let sums = at.sums(grad, &mean);
    let count = (values.len() / at.channels.max(1)) as f64;

    let dx = wanted.then(|| {
        // x̄ = scale · (ȳ - offset - (x - mean) · slope)
        let each = sums.iter().zip(&rstd);
        let scale = at.numbers(rstd.iter().zip(&weight).map(|(&r, &w)| r * w));
        let offset = at.numbers(sums.iter().map(|s| T::from_f64(s[0] / count)));
        let slope = at.numbers(each.map(|(s, r)| {
            let r = r.to_f64();
            T::from_f64(s[1] / count * r * r)
        }));
        at.fill(
            #[inline(always)]
            |start, out, run| {
                let n = out.len();
                let (x, g) = (&values[start..start + n], &grad[start..start + n]);
                match run {
                    Run::One(c) => {
                        let (mean, scale, offset, slope) = (mean[c], scale[c], offset[c], slope[c]);
                        for i in 0..n {
                            out[i] = scale * (g[i] - offset - (x[i] - mean) * slope);
                        }
                    }
                    Run::All => {
                        let (mean, scale) = (&mean[..n], &scale[..n]);
                        let (offset, slope) = (&offset[..n], &slope[..n]);
                        for i in 0..n {
                            out[i] = scale[i] * (g[i] - offset[i] - (x[i] - mean[i]) * slope[i]);
                        }
                    }
                }
            },
        )
    });
    let dweight = sums.iter().zip(&rstd).map(|(s, r)| T::from_f64(s[1] * r.to_f64()));
    let dbias = sums.iter().map(|s| T::from_f64(s[0]));
    let [dweight, dbias] =
        [dweight.collect(), dbias.collect()].map(|sums: Vec<T>| Tensor::vector(sums));
    Ok((dx, dweight, dbias))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Rng, threads};

    fn near(a: &Tensor<f64>, b: &Tensor<f64>) {
        let far = |a: f64, b: f64| (a - b).is_nan() || (a - b).abs() > 1e-10 * (1.0 + a.abs());
        assert_eq!(a.shape(), b.shape());
        assert!(!a.zip("near", b, far).unwrap().any());
    }

    /// The formulas, in one operation after the other.
    fn slowly(x: &Tensor<f64>, grad: &Tensor<f64>, numbers: &[Tensor<f64>; 3]) -> [Tensor<f64>; 4] {
        let mut shape = vec![1; x.rank()];
        shape[1] = x.shape()[1];
        let axes: Vec<isize> = (0..x.rank() as isize).filter(|&a| a != 1).collect();
        let [mean, rstd, weight] = numbers.each_ref().map(|n| n.reshape(&shape).unwrap());
        let normal = x.sub(&mean).unwrap().mul(&rstd).unwrap();
        let y = normal.mul(&weight).unwrap().add(&mean).unwrap();
        let dbias = grad.sum_axes(&axes, true).unwrap();
        let dweight = grad.mul(&normal).unwrap().sum_axes(&axes, true).unwrap();
        let share = x.shape()[1] as f64 / x.len() as f64;
        let shared = normal.mul(&(&dweight * share)).unwrap().add(&(&dbias * share)).unwrap();
        let dx = grad.sub(&shared).unwrap().mul(&rstd).unwrap().mul(&weight).unwrap();
        [y, dx, dweight.reshape([shape[1]]).unwrap(), dbias.reshape([shape[1]]).unwrap()]
    }

    #[test]
    fn long_and_short_channels_in_every_order_of_memory() {
        let mut rng = Rng::new(3);
        let mut normal = |shape: &[usize]| Tensor::normal(shape, 0.0, 1.0, &mut rng).unwrap();
        for shape in [
            vec![3, 2, 90, 101],
            vec![2, 5, 3, 3],
            vec![1, 1, 20_001],
            vec![9_000, 3],
            vec![20, 1_000],
            vec![40, 17, 31, 1],
            vec![0, 3, 2],
            vec![2, 0, 2],
        ] {
            let (x, grad) = (normal(&shape), normal(&shape));
            let numbers = [1, 2, 3].map(|_| normal(&[shape[1]]));
            let [mean, rstd, weight] = &numbers;
            let scale = rstd.mul(weight).unwrap();
            let [y, dx, dweight, dbias] = slowly(&x, &grad, &numbers);
            let flipped = |x: &Tensor<f64>| x.flip(0).unwrap().contiguous().flip(0).unwrap();
            let last = |x: &Tensor<f64>| x.channels_last().unwrap();
            for (x, grad) in [
                (x.clone(), grad.clone()),
                (last(&x), last(&grad)),
                (last(&x), grad.clone()),
                (flipped(&x), last(&grad)),
            ] {
                let run = || {
                    let y = channel_norm(&x, mean, &scale, mean).unwrap();
                    (y, batch_norm_grad(&x, &grad, mean, rstd, weight, true).unwrap())
                };
                let one = threads::with_count(1, run).unwrap();
                let three = threads::with_count(3, run).unwrap();
                assert!(one == three, "threads change bits for {shape:?}");
                let (z, (gx, gweight, gbias)) = one;
                near(&z, &y);
                near(&gx.unwrap(), &dx);
                near(&gweight, &dweight);
                near(&gbias, &dbias);
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let [two, three] = [2, 3].map(|n| Tensor::<f32>::ones([n]));
        let x = Tensor::ones([4, 2, 5]);
        let says = |result: Result<Tensor<f32>>, text: &str| {
            let error = result.unwrap_err().to_string();
            assert!(error.contains(text), "{error}");
        };
        says(channel_norm(&two, &two, &two, &two), "got shape [2], wanted at least two axes");
        says(
            channel_norm(&x, &two, &three, &two),
            "channel_norm: got shape [3], wanted a scale [2], one number for each channel of \
             [4, 2, 5]",
        );
        let grad = batch_norm_grad(&x, &Tensor::ones([4, 2, 1]), &two, &two, &two, true);
        says(
            grad.map(|(_, dweight, _)| dweight),
            "batch_norm_grad: got shape [4, 2, 1], wanted [4, 2, 5], the shape of the input",
        );
    }
}
