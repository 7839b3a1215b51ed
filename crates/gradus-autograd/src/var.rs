//! A value that may depend on parameters.

use std::fmt;

use gradus_tensor::{Float, Tensor, concrete};

use crate::Result;
use crate::graph::{Leaf, Origin};

/// A tensor and, if it depends on a parameter, the operation that made it.
///
/// A constant has no such record and costs nothing beyond its tensor. Cloning is cheap.
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_tensor::Tensor;
///
/// let x = Var::leaf(Tensor::vector([1.0_f32, 2.0, 3.0]));
/// let loss = x.mul(&x)?.sum();                    // Σ x²
/// assert_eq!(loss.item()?, 14.0);
///
/// let gradients = loss.backward()?;
/// assert_eq!(gradients.of(&x).unwrap().to_vec(), [2.0, 4.0, 6.0]);
/// # Ok::<(), gradus_autograd::Error>(())
/// ```
#[derive(Clone)]
pub struct Var<T: Float = f32> {
    pub(crate) value: Tensor<T>,
    origin: Option<Origin>,
}

impl<T: Float> Var<T> {
    /// A value that depends on nothing. [`Var::from`] does the same.
    pub fn constant(value: Tensor<T>) -> Self {
        Self { value, origin: None }
    }

    /// A value to differentiate with respect to.
    pub fn leaf(value: Tensor<T>) -> Self {
        Self { value, origin: Some(Origin::first(Leaf::node())) }
    }

    #[inline]
    pub(crate) fn with_origin(value: Tensor<T>, origin: Option<Origin>) -> Self {
        Self { value, origin }
    }

    #[inline]
    pub(crate) fn origin(&self) -> Option<&Origin> {
        self.origin.as_ref()
    }

    #[inline]
    pub(crate) fn into_parts(self) -> (Tensor<T>, Option<Origin>) {
        (self.value, self.origin)
    }

    /// The value.
    #[inline]
    pub fn value(&self) -> &Tensor<T> {
        &self.value
    }

    /// The value, without the record of where it came from.
    pub fn into_value(self) -> Tensor<T> {
        self.value
    }

    /// The size of each axis.
    #[inline]
    pub fn shape(&self) -> &[usize] {
        self.value.shape()
    }

    /// The number of axes.
    #[inline]
    pub fn rank(&self) -> usize {
        self.value.rank()
    }

    /// The number of elements.
    #[inline]
    pub fn len(&self) -> usize {
        self.value.len()
    }

    /// Whether there are no elements.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.value.is_empty()
    }

    /// The only element.
    ///
    /// # Errors
    /// If there is not exactly one.
    pub fn item(&self) -> Result<T> {
        Ok(self.value.item()?)
    }

    /// Whether a gradient would reach it: it is a leaf, or depends on one.
    pub fn is_tracked(&self) -> bool {
        self.origin.is_some()
    }

    /// The same value as a constant: no gradient flows through it.
    ///
    /// ```
    /// # use gradus_autograd::Var;
    /// # use gradus_tensor::Tensor;
    /// let x = Var::leaf(Tensor::scalar(3.0_f32));
    /// let y = x.detach().mul(&x)?;                    // as if the first factor were the number 3
    /// assert_eq!(y.backward()?.of(&x).unwrap().item()?, 3.0);
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    pub fn detach(&self) -> Self {
        Self::constant(self.value.clone())
    }
}

impl<T: Float> From<Tensor<T>> for Var<T> {
    fn from(value: Tensor<T>) -> Self {
        Self::constant(value)
    }
}

impl<T: Float> From<&Tensor<T>> for Var<T> {
    fn from(value: &Tensor<T>) -> Self {
        Self::constant(value.clone())
    }
}

/// The value, and the operation that made it.
impl<T: Float> fmt::Debug for Var<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        concrete!(debug: fn(&Var<T>, &mut fmt::Formatter<'_>) -> fmt::Result)(self, f)
    }
}

fn debug<T: Float>(x: &Var<T>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let origin = x.origin.as_ref().map_or("constant", |origin| origin.node.name());
    write!(f, "Var({origin}) {:?}", x.value)
}
