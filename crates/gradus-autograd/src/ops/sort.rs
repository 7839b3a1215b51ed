//! The elements along an axis in order, or the first few of them, with the indices where they stood.
//!
//! `y[i] = x[index[i]]`, so this is a gather with an index that the values choose: each element gets the
//! gradient of the place that it went to, and the index has none. Equal elements stay in their order.

use gradus_tensor::{Error as TensorError, Float, Tensor, concrete};

use crate::{Result, Var};

/// Elements, and where they stood.
type Ranked<T> = (Var<T>, Tensor<i64>);

impl<T: Float> Var<T> {
    /// The `k` largest elements along `axis`, the largest first, and their indices.
    ///
    /// ```
    /// # use gradus_autograd::Var;
    /// # use gradus_tensor::Tensor;
    /// let x = Var::leaf(Tensor::vector([3.0_f32, 1.0, 2.0]));
    /// let (values, index) = x.topk(2, 0)?;
    /// assert_eq!((values.value().to_vec(), index.to_vec()), (vec![3.0, 2.0], vec![0, 2]));
    /// assert_eq!(values.sum().backward()?.of(&x).unwrap().to_vec(), [1.0, 0.0, 1.0]);
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    ///
    /// # Errors
    /// If there is no such axis, or it has fewer than `k` elements.
    pub fn topk(&self, k: usize, axis: isize) -> Result<(Var<T>, Tensor<i64>)> {
        concrete!(topk: fn(&Var<T>, usize, isize) -> Result<Ranked<T>>)(self, k, axis)
    }

    /// The elements in order along `axis`, and their indices.
    ///
    /// # Errors
    /// If there is no such axis.
    pub fn sort(&self, axis: isize, descending: bool) -> Result<(Var<T>, Tensor<i64>)> {
        concrete!(sort: fn(&Var<T>, isize, bool) -> Result<Ranked<T>>)(self, axis, descending)
    }

    /// The largest elements along one axis, which goes, and their indices. Of several equal ones it is the
    /// first, which gets the whole gradient; [`max_axes`](Var::max_axes) divides it among them.
    ///
    /// # Errors
    /// If there is no such axis, or it has no elements.
    pub fn max_with_index(&self, axis: isize) -> Result<(Var<T>, Tensor<i64>)> {
        concrete!(max_with_index: fn(&Var<T>, isize) -> Result<Ranked<T>>)(self, axis)
    }
}

fn topk<T: Float>(x: &Var<T>, k: usize, axis: isize) -> Result<Ranked<T>> {
    let (_, index) = x.value().topk(k, axis)?;
    Ok((x.gather(axis, &index)?, index))
}

fn sort<T: Float>(x: &Var<T>, axis: isize, descending: bool) -> Result<Ranked<T>> {
    let index = x.value().argsort(axis, descending)?;
    Ok((x.gather(axis, &index)?, index))
}

fn max_with_index<T: Float>(x: &Var<T>, axis: isize) -> Result<Ranked<T>> {
    const OP: &str = "max_with_index";
    let index = x.value().argmax(axis).map_err(|error| match error {
        TensorError::Shape { got, wanted, .. } => TensorError::Shape { op: OP, got, wanted },
        TensorError::Axis { axis, rank, .. } => TensorError::Axis { op: OP, axis, rank },
        other => other,
    })?;
    Ok((x.gather(axis, &index.unsqueeze(axis)?)?.squeeze(axis)?, index))
}

#[cfg(test)]
mod tests {
    use crate::check::{cases, inputs::distinct};

    #[test]
    fn properties() {
        cases!("topk", |x| Ok(x[0].topk(2, -1)?.0))
            .on("a matrix", [distinct([3, 5], 1)])
            .refuses("short rows", [distinct([3, 1], 1)], "topk: got k = 2, wanted at most 1")
            .check();
        cases!("sort", |x| x[0].sort(0, true)?.0.cumsum(0))
            .on("a matrix", [distinct([4, 3], 1)])
            .on("no rows", [distinct([0, 3], 2)])
            .check();
        cases!("max_with_index", |x| Ok(x[0].max_with_index(1)?.0))
            .equals(|x| x[0].max_axes(&[1], false))
            .on("images", [distinct([2, 3, 4], 1)])
            .refuses("no elements", [distinct([2, 0], 2)], "max_with_index: got shape [2, 0]")
            .check();
    }
}
