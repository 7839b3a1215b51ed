//! `y[i] = x[i - before]` where that exists, and a constant around it, on every axis.

use super::memory_order;
use super::part::Part;
use crate::layout::{Dims, Layout};
use crate::threads::{PIECE, for_each_piece};
use crate::{Element, Error, Result, Tensor, concrete};

impl<T: Element> Tensor<T> {
    /// The tensor with elements equal to `value` added before and after it: `padding` holds
    /// `(before, after)` for each axis, from the first to the last.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// let x = Tensor::from_vec(vec![1, 2, 3, 4], [2, 2])?;
    /// let y = x.pad(&[(0, 1), (2, 0)], 7)?;
    /// assert_eq!(y.to_vec(), [7_i64, 7, 1, 2, 7, 7, 3, 4, 7, 7, 7, 7]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Value`] if there is not one pair per axis, [`Error::TooLarge`] if memory cannot
    /// address the result.
    pub fn pad(&self, padding: &[(usize, usize)], value: T) -> Result<Tensor<T>> {
        fn bits<T: Element>(
            x: &Tensor<T>,
            padding: &[(usize, usize)],
            value: T,
        ) -> Result<Tensor<T>> {
            type Kernel<T> = fn(&Tensor<T>, &[(usize, usize)], T) -> Result<Tensor<T>>;
            concrete!(Bits, Tensor::padded: Kernel<T>)(x, padding, value)
        }
        bits(self.bits(), padding, value.into_bits()).map(Self::of_bits)
    }

    fn padded(&self, padding: &[(usize, usize)], value: T) -> Result<Tensor<T>> {
        let op = "pad";
        if padding.len() != self.rank() {
            let got = format!("{} pairs of padding", padding.len());
            let wanted = format!("{}, one for each axis of {:?}", self.rank(), self.shape());
            return Err(Error::value(op, got, wanted));
        }
        if padding.iter().all(|&pair| pair == (0, 0)) {
            return Ok(self.clone());
        }
        let sizes = self.shape().iter().zip(padding);
        let shape: Option<Dims> =
            sizes.map(|(n, &(before, after))| n.checked_add(before)?.checked_add(after)).collect();
        let shape = shape.ok_or_else(|| Error::TooLarge { op, shape: self.shape().to_vec() })?;
        Layout::with_room::<T>(op, &shape)?;
        let order = memory_order(&self.layout);
        let layout = Layout::dense(&shape, &order);
        let corner = padding.iter().map(|&(before, _)| before).collect();
        let part = Part::new(self, corner, &layout, &order);
        Ok(Tensor::build(layout, |out| {
            for_each_piece(out, PIECE, |i, out| {
                out.fill(value);
                part.write(i * PIECE, out);
            });
        }))
    }
}
