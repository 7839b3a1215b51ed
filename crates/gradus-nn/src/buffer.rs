//! State of a layer that is saved with it, but not trained.

use std::fmt;
use std::sync::{PoisonError, RwLock};

use gradus_tensor::{Float, Tensor};

/// A tensor that a layer updates while it runs, such as the running mean of a batch normalisation.
///
/// It can be replaced through a shared reference, since a forward pass borrows its layer so.
pub struct Buffer<T: Float = f32>(RwLock<Tensor<T>>);

impl<T: Float> Buffer<T> {
    /// A new buffer.
    pub fn new(value: Tensor<T>) -> Self {
        Self(RwLock::new(value))
    }

    /// The present value; it is not copied.
    pub fn get(&self) -> Tensor<T> {
        // A tensor is replaced as a whole, so it is whole even if another thread panicked.
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces the value.
    pub fn set(&self, value: Tensor<T>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = value;
    }
}

/// A buffer of its own with the same value.
impl<T: Float> Clone for Buffer<T> {
    fn clone(&self) -> Self {
        Self::new(self.get())
    }
}

impl<T: Float> fmt::Debug for Buffer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Buffer {:?}", self.get())
    }
}
