//! A range of one axis. The gradient is zero outside of it.

use std::ops::{Bound, RangeBounds};

use gradus_tensor::{Float, Tensor, concrete};

use crate::{At, Attributes, In, Keeps, Op, Result, Var, apply};

#[derive(Debug)]
struct Slice {
    axis: isize,
    start: usize,
    end: usize,
}

impl<T: Float> Op<T> for Slice {
    type Inputs = [In; 1];
    type Output = Tensor<T>;
    const NAME: &'static str = "slice";

    fn forward(&self, [x]: [&Tensor<T>; 1]) -> Result<Tensor<T>> {
        Ok(x.slice(self.axis, self.start..self.end)?)
    }

    fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 1]> {
        let axis = grad.value().axis("slice", self.axis)?;
        let mut margins = vec![(0, 0); grad.rank()];
        margins[axis] = (self.start, at.shape(0)[axis] - self.end);
        Ok([Some(grad.pad(&margins)?)])
    }

    fn keeps(&self, _: &[bool]) -> Keeps {
        Keeps::NOTHING
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("axis", self.axis).with("start", self.start).with("end", self.end)
    }
}

/// Zeros around a tensor: the adjoint of a slice.
#[derive(Debug)]
struct Pad {
    margins: Vec<(usize, usize)>,
}

impl<T: Float> Op<T> for Pad {
    type Inputs = [In; 1];
    type Output = Tensor<T>;
    const NAME: &'static str = "pad";

    fn forward(&self, [x]: [&Tensor<T>; 1]) -> Result<Tensor<T>> {
        Ok(x.pad(&self.margins, T::ZERO)?)
    }

    fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 1]> {
        let mut inner = grad.clone();
        for (axis, &(before, _)) in self.margins.iter().enumerate() {
            inner = inner.slice(axis as isize, before..before + at.shape(0)[axis])?;
        }
        Ok([Some(inner)])
    }

    fn keeps(&self, _: &[bool]) -> Keeps {
        Keeps::NOTHING
    }

    fn attributes(&self) -> Attributes {
        let (before, after): (Vec<usize>, Vec<usize>) = self.margins.iter().copied().unzip();
        Attributes::new().with("before", &*before).with("after", &*after)
    }
}

impl<T: Float> Var<T> {
    /// The elements whose index on `axis` lies in `range`; a view.
    ///
    /// # Errors
    /// If there is no such axis, or the range reaches beyond it.
    pub fn slice(&self, axis: isize, range: impl RangeBounds<usize>) -> Result<Var<T>> {
        let start = match range.start_bound() {
            Bound::Included(&i) => i,
            Bound::Excluded(&i) => i.saturating_add(1),
            Bound::Unbounded => 0,
        };
        let end = match range.end_bound() {
            Bound::Included(&i) => i.saturating_add(1),
            Bound::Excluded(&i) => i,
            Bound::Unbounded => self.value().dim(axis)?,
        };
        apply!(Slice { axis, start, end }, [self])
    }

    /// The elements with one index on `axis`, without that axis.
    ///
    /// # Errors
    /// If there is no such axis, or it is too short.
    pub fn index(&self, axis: isize, index: usize) -> Result<Var<T>> {
        concrete!(index_axis: fn(&Var<T>, isize, usize) -> Result<Var<T>>)(self, axis, index)
    }

    /// Zeros around the elements: `(before, after)` for each axis.
    ///
    /// # Errors
    /// If there is not one pair for each axis.
    pub fn pad(&self, margins: &[(usize, usize)]) -> Result<Var<T>> {
        apply!(Pad { margins: margins.to_vec() }, [self])
    }
}

fn index_axis<T: Float>(x: &Var<T>, axis: isize, index: usize) -> Result<Var<T>> {
    // The tensor's own check, for its message.
    x.value().index(axis, index)?;
    x.slice(axis, index..=index)?.squeeze(axis)
}

#[cfg(test)]
mod tests {
    use crate::check::{cases, inputs::normal};

    #[test]
    fn properties() {
        cases!("slice", |x| x[0].slice(-1, 1..3))
            .on("a matrix", [normal([2, 4], 1)])
            .on("no rows", [normal([0, 4], 1)])
            .refuses(
                "a short axis",
                [normal([2], 1)],
                "slice: got range 1..3 with step 1 on axis 0",
            )
            .check();
        cases!("index", |x| x[0].index(0, 1))
            .on("a matrix", [normal([2, 4], 1)])
            .refuses(
                "a short axis",
                [normal([1, 2], 1)],
                "index: index 1 is out of range for axis 0",
            )
            .check();
        cases!("pad", |x| x[0].pad(&[(1, 0), (0, 2)]))
            .on("a matrix", [normal([2, 3], 1)])
            .on("no rows", [normal([0, 3], 1)])
            .refuses("a vector", [normal([3], 1)], "pad: ")
            .check();
    }
}
