//! Channels of a tensor, seen as memory `[before, channel, after]`.
//!
//! Elements are taken in the order in which they lie: channels-last and row-major images are
//! equally quick.

mod grad;
mod normalize;
mod sums;

pub use grad::batch_norm_grad;
pub use normalize::channel_norm;

use smallvec::SmallVec;

use crate::layout::Layout;
use crate::simd::vectorize_for;
use crate::threads::{PIECE, for_each_piece};
use crate::{Element, Error, Float, Result, Tensor};

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
                vectorize_for::<T, T, T, _>(
                    #[inline(always)]
                    || {
                        if after == 1 {
                            for (t, out) in out.chunks_mut(tile).enumerate() {
                                run(i * piece + t * tile, out, Run::All);
                            }
                            return;
                        }
                        let (mut rest, mut at) = (&mut *out, i * piece);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Activation, Rng, threads};

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
            let plain = Activation::Identity;
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
                    let y = channel_norm(&x, mean, &scale, mean, None, plain).unwrap();
                    (y, batch_norm_grad(&x, &grad, mean, rstd, weight, None, true).unwrap())
                };
                let one = threads::with_count(1, run).unwrap();
                let three = threads::with_count(3, run).unwrap();
                assert!(one == three, "threads change bits for {shape:?}");
                let (z, (gx, gweight, gbias)) = one;
                near(&z, &y);
                near(&gx.unwrap(), &dx);
                near(&gweight, &dweight);
                near(&gbias, &dbias);

                // With a residual and ReLU, and the gradient back through ReLU.
                let relu = Activation::Relu;
                let z = channel_norm(&x, mean, &scale, mean, Some(&grad), relu).unwrap();
                near(&z, &y.add(&grad).unwrap().map(|y| y.max(0.0)));
                let gate = |g: f64, y: f64| if y > 0.0 { g } else { 0.0 };
                let gated = grad.zip("gate", &y, gate).unwrap();
                let run = || batch_norm_grad(&x, &grad, mean, rstd, weight, Some(mean), true);
                let (gx, gweight, gbias) = threads::with_count(1, run).unwrap().unwrap();
                let [_, dx, dweight, dbias] = slowly(&x, &gated, &numbers);
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
        let normalize = |x: &Tensor, mean: &Tensor, scale: &Tensor, residual: Option<&Tensor>| {
            channel_norm(x, mean, scale, &two, residual, Activation::Identity)
        };
        says(normalize(&two, &two, &two, None), "got shape [2], wanted at least two axes");
        says(
            normalize(&x, &two, &three, None),
            "channel_norm: got shape [3], wanted a scale [2], one number for each channel of \
             [4, 2, 5]",
        );
        says(
            normalize(&x, &two, &two, Some(&three)),
            "channel_norm: got shape [3], wanted [4, 2, 5], the shape of the input",
        );
        let other = Tensor::ones([4, 2, 1]);
        let grad = batch_norm_grad(&x, &other, &two, &two, &two, None, true);
        says(
            grad.map(|(_, dweight, _)| dweight),
            "batch_norm_grad: got shape [4, 2, 1], wanted [4, 2, 5], the shape of the input",
        );
    }
}
