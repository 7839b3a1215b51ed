//! `y[…, i, …] = Σ_{j ≤ i} x[…, j, …]`: running sums.

use crate::{Float, Number, Result, Tensor, concrete};

impl<T: Number> Tensor<T> {
    /// The sum of each element along `axis` and all before it, each within `10 u Σ|x|` of the exact one
    /// ([`sums`](crate::sums)). Of whole numbers it is an `i64`, which wraps around.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// assert_eq!(Tensor::vector([1_i64, 2, 3]).cumsum(0)?.to_vec(), [1, 3, 6]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`](crate::Error::Axis) if there is no such axis.
    pub fn cumsum(&self, axis: isize) -> Result<Tensor<T::Sum>> {
        fn kernel<T: Number>(x: &Tensor<T>, axis: isize) -> Result<Tensor<T::Sum>> {
            let size = x.shape()[x.layout.axis("cumsum", axis)?];
            x.map_lanes("cumsum", axis, size, T::running)
        }
        type Kernel<T> = fn(&Tensor<T>, isize) -> Result<Tensor<<T as Number>::Sum>>;
        concrete!(Number, kernel: Kernel<T>)(self, axis)
    }
}

/// Numbers that are added one by one from zero.
const RUN: usize = 8;
/// So many are added without a total.
const FEW: usize = 11;

/// Short runs that are added one by one from zero, each onto the total of all before it, which remembers what
/// rounding lost. The runs do not wait for each other, but for the total.
#[inline(always)]
pub(crate) fn running_floats<T: Float>(lane: &[T], out: &mut [T]) {
    let plain = |out: &mut [T]| {
        let mut sum = T::ZERO;
        for (out, &x) in out.iter_mut().zip(lane) {
            sum += x;
            *out = sum;
        }
    };
    if lane.len() <= FEW {
        return plain(out);
    }
    let (mut total, mut lost) = (T::ZERO, T::ZERO);
    for (lane, out) in lane.chunks(RUN).zip(out.chunks_mut(RUN)) {
        let before = total + lost;
        let mut sum = T::ZERO;
        for (out, &x) in out.iter_mut().zip(lane) {
            sum += x;
            *out = before + sum;
        }
        // As `Total::plus`, which looks each time whether the sum is still finite.
        let x = sum + lost;
        let new = total + x;
        lost = x - (new - total);
        total = new;
    }
    if !total.is_finite() {
        plain(out);
    }
}

#[inline(always)]
pub(crate) fn running_integers<T: Number>(lane: &[T], out: &mut [i64], wide: impl Fn(T) -> i64) {
    let mut sum = 0_i64;
    for (out, &x) in out.iter_mut().zip(lane) {
        sum = sum.wrapping_add(wide(x));
        *out = sum;
    }
}
