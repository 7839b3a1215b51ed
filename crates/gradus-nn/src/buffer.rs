//! State of a layer that is saved with it, but not trained.

use std::fmt;
use std::sync::{PoisonError, RwLock};

use gradus_tensor::{AnyTensor, Dtype, Element, Tensor};

/// A tensor that a layer updates while it runs, such as the running mean of a batch normalisation, or that
/// belongs to it and is not trained, such as a table of positions. It may be of any type.
///
/// It can be replaced through a shared reference, since a forward pass borrows its layer so.
///
/// ```
/// use gradus_nn::{Buffer, Module, ModuleExt};
/// use gradus_tensor::Tensor;
///
/// #[derive(Module)]
/// struct Counter { seen: Buffer<i64> }
///
/// let counter = Counter { seen: Buffer::new(Tensor::scalar(0)) };
/// counter.seen.set(Tensor::scalar(3));
/// let mut names = Vec::new();
/// Module::<f32>::visit(&counter, &mut gradus_nn::Visitor::new(&mut |path, _| names.push(path.to_string())));
/// assert_eq!(names, ["seen"]);
/// ```
pub struct Buffer<T: Element = f32>(RwLock<Tensor<T>>);

/// A [`Buffer`], whatever its type: what a walk over a module finds.
pub trait AnyBuffer: fmt::Debug + Send + Sync {
    /// The present value; it is not copied.
    fn tensor(&self) -> AnyTensor;

    /// The type of its elements.
    fn dtype(&self) -> Dtype;

    /// The size of each axis.
    fn shape(&self) -> Vec<usize>;

    /// Whether it can take values of a type: of its own, or of another float if it has floats.
    fn takes(&self, dtype: Dtype) -> bool {
        self.dtype() == dtype || (self.dtype().is_float() && dtype.is_float())
    }

    /// Replaces the value, and keeps the order of its elements in memory; false, and nothing is changed, if
    /// the type or the shape is not one that it [takes](AnyBuffer::takes).
    fn put(&self, value: &AnyTensor) -> bool;
}

impl<T: Element> AnyBuffer for Buffer<T> {
    fn tensor(&self) -> AnyTensor {
        self.get().into()
    }

    fn dtype(&self) -> Dtype {
        self.tensor().dtype()
    }

    fn shape(&self) -> Vec<usize> {
        self.get().shape().to_vec()
    }

    fn put(&self, value: &AnyTensor) -> bool {
        let mut mine = self.get();
        let new = value.cast_to(self.dtype());
        let fits = self.takes(value.dtype()) && mine.shape() == value.shape();
        match new.get::<T>() {
            Some(new) if fits && mine.assign(new).is_ok() => {
                self.set(mine);
                true
            }
            _ => false,
        }
    }
}

impl<T: Element> Buffer<T> {
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
impl<T: Element> Clone for Buffer<T> {
    fn clone(&self) -> Self {
        Self::new(self.get())
    }
}

impl<T: Element> fmt::Debug for Buffer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Buffer {:?}", self.get())
    }
}
