//! Elements in order along an axis, and the largest of them.
//!
//! Equal elements keep their order, whichever way they are sorted, and NaN comes last both ways.

use std::cmp::Ordering;

use crate::{Element, Error, Result, Tensor, concrete};

impl<T: Element> Tensor<T> {
    /// The elements along `axis` from the smallest to the largest, or from the largest to the
    /// smallest if `descending`, and the index that each of them had.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// let (values, indices) = Tensor::vector([3.0_f32, 1.0, 2.0]).sort(0, false)?;
    /// assert_eq!(values.to_vec(), [1.0, 2.0, 3.0]);
    /// assert_eq!(indices.to_vec(), [1, 2, 0]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] if there is no such axis.
    pub fn sort(&self, axis: isize, descending: bool) -> Result<(Tensor<T>, Tensor<i64>)> {
        let size = self.shape()[self.layout.axis("sort", axis)?];
        let indices = self.ranked("sort", axis, size, descending)?;
        Ok((self.gather(axis, &indices)?, indices))
    }

    /// The indices that [`sort`](Tensor::sort) gives.
    ///
    /// # Errors
    /// [`Error::Axis`] if there is no such axis.
    pub fn argsort(&self, axis: isize, descending: bool) -> Result<Tensor<i64>> {
        let size = self.shape()[self.layout.axis("argsort", axis)?];
        self.ranked("argsort", axis, size, descending)
    }

    /// The `k` largest elements along `axis`, from the largest on, and the index of each. NaN is
    /// taken only where other elements run out.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// let (values, indices) = Tensor::vector([3.0_f32, 1.0, 2.0]).topk(2, 0)?;
    /// assert_eq!((values.to_vec(), indices.to_vec()), (vec![3.0, 2.0], vec![0, 2]));
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] if there is no such axis, [`Error::Value`] if it has fewer than `k`
    /// elements.
    pub fn topk(&self, k: usize, axis: isize) -> Result<(Tensor<T>, Tensor<i64>)> {
        let index = self.layout.axis("topk", axis)?;
        let dim = self.shape()[index];
        if k > dim {
            let wanted = format!("at most {dim}, the size of axis {index} of {:?}", self.shape());
            return Err(Error::value("topk", format!("k = {k}"), wanted));
        }
        let indices = self.ranked("topk", axis, k, true)?;
        Ok((self.gather(axis, &indices)?, indices))
    }

    /// The indices of the first `k` elements in order.
    /// The indices of the first `k` elements in order.
    fn ranked(
        &self,
        op: &'static str,
        axis: isize,
        k: usize,
        descending: bool,
    ) -> Result<Tensor<i64>> {
        type Order<T> = fn(&Tensor<T>, &'static str, isize, usize, bool) -> Result<Tensor<i64>>;
        fn order<T: Element>() -> Order<T> {
            concrete!(Ordered, Tensor::order: Order<T>)
        }
        order::<T::Ordered>()(&T::ordered(self), op, axis, k, descending)
    }

    fn order(
        &self,
        op: &'static str,
        axis: isize,
        k: usize,
        descending: bool,
    ) -> Result<Tensor<i64>> {
        self.map_lanes(op, axis, k, |lane, out| {
            let mut pairs: Vec<(T, i64)> = lane.iter().copied().zip(0..).collect();
            // No two pairs are equal, so an unstable sort gives the stable order.
            let compare =
                |a: &(T, i64), b: &(T, i64)| compare(a.0, b.0, descending).then(a.1.cmp(&b.1));
            if 0 < k && k < pairs.len() {
                pairs.select_nth_unstable_by(k - 1, compare);
                pairs.truncate(k);
            }
            pairs.sort_unstable_by(compare);
            out.iter_mut().zip(pairs).for_each(|(o, (_, index))| *o = index);
        })
    }
}

fn compare<T: Element>(a: T, b: T, descending: bool) -> Ordering {
    match a.partial_cmp(&b) {
        Some(order) if descending => order.reverse(),
        Some(order) => order,
        // At least one is NaN; only a number can be compared with itself.
        None => a.partial_cmp(&a).is_none().cmp(&b.partial_cmp(&b).is_none()),
    }
}
