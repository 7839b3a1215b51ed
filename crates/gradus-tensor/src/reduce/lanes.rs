//! Functions of whole lanes: the elements along one axis, taken as a slice.

use crate::layout::Dims;
use crate::simd::vectorize_for;
use crate::sums::sum_of;
use crate::threads::{PIECE, for_each_piece};
use crate::{Element, Float, Result, Tensor, concrete};

impl<T: Element> Tensor<T> {
    /// Calls `f(lane, out)` for each lane along `axis`; every lane of the result has `size`
    /// elements.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// let x = Tensor::<i64>::arange(6).reshape([2, 3])?;
    /// let running = x.map_lanes("cumsum", 1, 3, |lane, out| {
    ///     let mut sum = 0;
    ///     for (o, x) in out.iter_mut().zip(lane) {
    ///         sum += x;
    ///         *o = sum;
    ///     }
    /// })?;
    /// assert_eq!(running.to_vec(), [0, 1, 3, 3, 7, 12]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`](crate::Error::Axis) if there is no such axis.
    pub fn map_lanes<U: Element>(
        &self,
        op: &'static str,
        axis: isize,
        size: usize,
        f: impl Fn(&[T], &mut [U]) + Sync + Send,
    ) -> Result<Tensor<U>> {
        let axis = self.layout.axis(op, axis)? as isize;
        let source = self.move_axis(axis, -1)?.contiguous();
        let lane = self.shape()[axis as usize];
        let mut shape = Dims::from_slice(source.shape());
        shape[source.rank() - 1] = size;
        let values = source.as_slice().unwrap_or_default();
        let result = Tensor::try_filled_by(op, &shape, |out| {
            let lanes = (PIECE / lane.max(size).max(1)).max(1);
            for_each_piece(out, lanes * size.max(1), |i, piece| {
                let first = i * lanes;
                vectorize_for::<T, U, U, _>(
                    #[inline(always)]
                    || {
                        for (j, out) in piece.chunks_mut(size.max(1)).enumerate() {
                            let start = (first + j) * lane;
                            f(&values[start..start + lane], out);
                        }
                    },
                );
            });
        })?;
        result.move_axis(-1, axis)
    }

    /// Without axes of size 1 that a reduction left, unless they are to stay.
    pub(super) fn without_axes(self, axes: &[usize], keep: bool) -> Self {
        if keep {
            return self;
        }
        let mut layout = self.layout.clone();
        for &axis in axes.iter().rev() {
            layout.shape.remove(axis);
            layout.strides.remove(axis);
        }
        self.with_layout(layout)
    }

    /// A reduction over all axes, to rank 0.
    pub(super) fn over_all<A: Element>(
        &self,
        reduce: impl FnOnce(&Self, &[usize]) -> Tensor<A>,
    ) -> Tensor<A> {
        let axes: Dims = (0..self.rank()).collect();
        reduce(self, &axes).without_axes(&axes, false)
    }
}

/// A function of the lanes along an axis.
type OfLanes<T> = fn(&Tensor<T>, isize) -> Result<Tensor<T>>;

impl<T: Float> Tensor<T> {
    /// `ln Σ exp x` along `axis`, computed as `m + ln Σ exp(x - m)` with `m` the largest element,
    /// so that no exponential overflows. Minus infinity over no elements, infinity where an element is.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// let x = Tensor::vector([1000.0_f32, 1000.0]);
    /// assert_eq!(x.logsumexp(0, false)?.item()?, 1000.0 + 2.0_f32.ln());
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`](crate::Error::Axis) if there is no such axis.
    pub fn logsumexp(&self, axis: isize, keep: bool) -> Result<Tensor<T>> {
        fn kernel<T: Float>(x: &Tensor<T>, axis: isize) -> Result<Tensor<T>> {
            x.map_lanes("logsumexp", axis, 1, |lane, out| {
                let (largest, sum) = shifted_sum(lane);
                out[0] = largest + sum.ln();
            })
        }
        let index = self.layout.axis("logsumexp", axis)?;
        let result = concrete!(kernel: OfLanes<T>)(self, axis)?;
        Ok(result.without_axes(&[index], keep))
    }

    /// `exp(x) / Σ exp(x)` along `axis`: positive numbers that add up to one. Infinite elements share it
    /// among them, as in the limit; where all are minus infinity, there is none, and the result is NaN.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// assert_eq!(Tensor::vector([7.0_f32, 7.0]).softmax(0)?.to_vec(), [0.5, 0.5]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`](crate::Error::Axis) if there is no such axis.
    pub fn softmax(&self, axis: isize) -> Result<Tensor<T>> {
        fn kernel<T: Float>(x: &Tensor<T>, axis: isize) -> Result<Tensor<T>> {
            let size = x.dim_for("softmax", axis)?;
            x.map_lanes("softmax", axis, size, |lane, out| {
                let (largest, sum) = shifted_sum(lane);
                let scale = T::ONE / sum;
                out.iter_mut().zip(lane).for_each(|(o, &x)| *o = below(x, largest).exp() * scale);
            })
        }
        concrete!(kernel: OfLanes<T>)(self, axis)
    }

    /// `x - ln Σ exp(x)` along `axis`: the logarithm of [`softmax`](Tensor::softmax), without
    /// its rounding of small probabilities to zero.
    ///
    /// # Errors
    /// [`Error::Axis`](crate::Error::Axis) if there is no such axis.
    pub fn log_softmax(&self, axis: isize) -> Result<Tensor<T>> {
        fn kernel<T: Float>(x: &Tensor<T>, axis: isize) -> Result<Tensor<T>> {
            let size = x.dim_for("log_softmax", axis)?;
            x.map_lanes("log_softmax", axis, size, |lane, out| {
                let (largest, sum) = shifted_sum(lane);
                let log = sum.ln();
                out.iter_mut().zip(lane).for_each(|(o, &x)| *o = below(x, largest) - log);
            })
        }
        concrete!(kernel: OfLanes<T>)(self, axis)
    }

    fn dim_for(&self, op: &'static str, axis: isize) -> Result<usize> {
        Ok(self.shape()[self.layout.axis(op, axis)?])
    }
}

/// The largest element `m`, and `Σ exp(x - m)`; zero stands in for a largest element of minus infinity, so
/// that a lane of minus infinities sums to zero.
#[inline(always)]
fn shifted_sum<T: Float>(lane: &[T]) -> (T, T) {
    let largest = largest(lane);
    let sum = sum_of(
        [lane],
        #[inline(always)]
        |[x]| below(x, largest).exp(),
    );
    (largest, sum)
}

/// `x - largest`, which is zero for the largest elements even where they are infinite: then they alone
/// count, as in the limit.
#[inline(always)]
fn below<T: Float>(x: T, largest: T) -> T {
    if x == largest { T::ZERO } else { x - largest }
}

/// The largest element, zero if none is above minus infinity; NaN if one is.
#[inline(always)]
fn largest<T: Float>(lane: &[T]) -> T {
    let mut parts = [T::LOWEST; 16];
    let (whole, rest) = lane.as_chunks::<16>();
    for chunk in whole {
        for i in 0..16 {
            parts[i] = chunk[i].maximum(parts[i]);
        }
    }
    let rest = rest.iter().fold(T::LOWEST, |m, &x| x.maximum(m));
    let m = if whole.is_empty() { rest } else { parts.iter().fold(rest, |m, &x| x.maximum(m)) };
    if m == T::LOWEST { T::ZERO } else { m }
}
