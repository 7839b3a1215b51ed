//! Printing: `{}` shows the elements in nested brackets, `{:?}` the type and shape as well.
//!
//! Long axes are cut short in the middle, as `ndarray` does it.

use std::fmt;

use crate::{Element, Tensor, concrete};

/// The elements in nested brackets; a precision (`{:.3}`) applies to each of them.
///
/// ```
/// # use gradus_tensor::Tensor;
/// let x = Tensor::from_vec(vec![1.0_f32, 2.5, -3.0, 4.0], [2, 2])?;
/// assert_eq!(x.to_string(), "[[1, 2.5],\n [-3, 4]]");
/// # Ok::<(), gradus_tensor::Error>(())
/// ```
impl<T: Element> fmt::Display for Tensor<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        elements(self, f)
    }
}

/// The type and the shape, then the elements.
///
/// ```
/// # use gradus_tensor::Tensor;
/// assert_eq!(format!("{:?}", Tensor::vector([1_i64, 2])), "Tensor<i64>[2] [1, 2]");
/// ```
impl<T: Element> fmt::Debug for Tensor<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tensor<{}>{:?}", T::NAME, self.shape())?;
        f.write_str(if self.rank() > 1 { "\n" } else { " " })?;
        elements(self, f)
    }
}

/// The elements in nested brackets. The code for it is long, and compiled here for every type.
fn elements<T: Element>(x: &Tensor<T>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    fn print<T: Element>(x: &Tensor<T>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&x.view(), f)
    }
    concrete!(Element, print: fn(&Tensor<T>, &mut fmt::Formatter<'_>) -> fmt::Result)(x, f)
}
