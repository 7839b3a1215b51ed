//! Values of either type of float, so that one graph can hold both.

use std::any::Any;
use std::sync::Arc;

use gradus_tensor::{Float, Tensor};

use super::Node;
use crate::Var;

/// A tensor of `f32` or of `f64`: what a graph holds, as it may cross from one to the other.
///
/// ```
/// use gradus_autograd::Value;
/// use gradus_tensor::Tensor;
/// let value = Value::from(Tensor::vector([1.0_f32, 2.0]));
/// assert_eq!((value.shape(), value.dtype()), (&[2][..], "f32"));
/// assert!(value.get::<f32>().is_some() && value.get::<f64>().is_none());
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Value {
    /// Of single precision.
    F32(Tensor<f32>),
    /// Of double precision.
    F64(Tensor<f64>),
}

impl Value {
    /// The size of each axis.
    pub fn shape(&self) -> &[usize] {
        match self {
            Self::F32(x) => x.shape(),
            Self::F64(x) => x.shape(),
        }
    }

    /// The type of its numbers: `"f32"` or `"f64"`.
    pub fn dtype(&self) -> &'static str {
        match self {
            Self::F32(_) => "f32",
            Self::F64(_) => "f64",
        }
    }

    /// The tensor, if its numbers are of type `T`.
    #[inline]
    pub fn get<T: Float>(&self) -> Option<&Tensor<T>> {
        match self {
            Self::F32(x) => (x as &dyn Any).downcast_ref(),
            Self::F64(x) => (x as &dyn Any).downcast_ref(),
        }
    }

    /// The tensor, to be changed, if its numbers are of type `T`.
    pub fn get_mut<T: Float>(&mut self) -> Option<&mut Tensor<T>> {
        match self {
            Self::F32(x) => (x as &mut dyn Any).downcast_mut(),
            Self::F64(x) => (x as &mut dyn Any).downcast_mut(),
        }
    }

    /// The tensor, if its numbers are of type `T`.
    #[inline]
    pub fn into_tensor<T: Float>(self) -> Option<Tensor<T>> {
        match self {
            Self::F32(x) => take(&mut Some(x)),
            Self::F64(x) => take(&mut Some(x)),
        }
    }

    /// Whether no number is infinite or NaN.
    pub(crate) fn is_finite(&self) -> bool {
        match self {
            Self::F32(x) => x.is_finite().all(),
            Self::F64(x) => x.is_finite().all(),
        }
    }
}

impl<T: Float> From<Tensor<T>> for Value {
    #[inline]
    fn from(x: Tensor<T>) -> Self {
        let mut slot = Some(x);
        match take(&mut slot).map(Self::F32).or_else(|| take(&mut slot).map(Self::F64)) {
            Some(value) => value,
            None => unreachable!("floats are f32 and f64"),
        }
    }
}

/// What is in the slot, if it is of type `B`. The compiler knows whether it is.
#[inline]
fn take<B: 'static>(slot: &mut dyn Any) -> Option<B> {
    slot.downcast_mut::<Option<B>>()?.take()
}

/// Where a value comes from: an operation, and which of its outputs it is.
#[derive(Clone)]
pub(crate) struct Origin {
    pub(crate) node: Arc<dyn Node>,
    pub(crate) output: u32,
}

impl Origin {
    /// The only output, or the first.
    pub(crate) fn first(node: Arc<dyn Node>) -> Self {
        Self { node, output: 0 }
    }

    /// The number of the node.
    pub(crate) fn id(&self) -> u64 {
        self.node.links().id
    }
}

/// A variable of either type of float.
#[derive(Clone)]
pub(crate) struct AnyVar {
    pub(crate) value: Value,
    pub(crate) origin: Option<Origin>,
}

impl AnyVar {
    /// The variable of type `T` that it is.
    #[inline]
    pub(crate) fn into_var<T: Float>(self) -> Option<Var<T>> {
        Some(Var::with_origin(self.value.into_tensor()?, self.origin))
    }

    #[inline]
    pub(crate) fn constant<T: Float>(value: Tensor<T>) -> Self {
        Self { value: value.into(), origin: None }
    }
}

impl<T: Float> From<Var<T>> for AnyVar {
    #[inline]
    fn from(x: Var<T>) -> Self {
        let (value, origin) = x.into_parts();
        Self { value: value.into(), origin }
    }
}
