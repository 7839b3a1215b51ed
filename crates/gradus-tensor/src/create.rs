//! Tensors from values and from rules.

use crate::layout::Layout;
use crate::memory::Buffer;
use crate::{Element, Error, Float, Number, Result, Tensor, concrete};
use std::sync::Arc;

impl<T: Element> Tensor<T> {
    /// A tensor of rank 0.
    pub fn scalar(value: T) -> Self {
        Self::full([0_usize; 0], value)
    }

    /// A tensor with every element equal to `value`.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// assert_eq!(Tensor::full([2], 7_i64).to_vec(), [7, 7]);
    /// ```
    ///
    /// # Panics
    /// If memory cannot hold that many elements.
    #[track_caller]
    pub fn full(shape: impl AsRef<[usize]>, value: T) -> Self {
        Self::constant(Layout::contiguous(shape.as_ref()), value)
    }

    /// [`full`](Tensor::full), with an error in place of a panic: for a shape that a user chose.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// assert_eq!(Tensor::try_full([2], 0.5)?.to_vec(), [0.5, 0.5]);
    /// let error = Tensor::try_full([1 << 60], 0.5).unwrap_err().to_string();
    /// assert!(error.ends_with("has more elements than memory can hold"));
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::TooLarge`](crate::Error::TooLarge) if memory cannot hold that many elements.
    pub fn try_full(shape: impl AsRef<[usize]>, value: T) -> Result<Self> {
        Self::try_filled_by("full", shape.as_ref(), |out| out.fill(value))
    }

    /// A tensor of the values in row-major order.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// let x = Tensor::from_vec(vec![1, 2, 3, 4, 5, 6], [2, 3])?;
    /// assert_eq!(x.get([1, 0])?, 4_i64);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Shape`] if the shape has another number of elements.
    pub fn from_vec(values: Vec<T>, shape: impl AsRef<[usize]>) -> Result<Self> {
        Self::from_slice(&values, shape)
    }

    /// A tensor of a copy of the values in row-major order.
    ///
    /// # Errors
    /// [`Error::Shape`] if the shape has another number of elements.
    pub fn from_slice(values: &[T], shape: impl AsRef<[usize]>) -> Result<Self> {
        let layout = Layout::checked("from_slice", shape.as_ref())?;
        if layout.len() != values.len() {
            let wanted = format!("one of {} elements, as many as there are values", values.len());
            return Err(Error::shape("from_slice", shape.as_ref(), wanted));
        }
        Ok(Self { buffer: Arc::new(Buffer::copy_of(values)), layout })
    }

    /// A tensor of rank 1.
    pub fn vector(values: impl AsRef<[T]>) -> Self {
        let values = values.as_ref();
        Self::filled_by([values.len()], |out| out.copy_from_slice(values))
    }
}

impl<T: Element> Tensor<T> {
    /// One value in all places of a dense layout.
    fn constant(layout: Layout, value: T) -> Self {
        fn kernel<T: Element>(layout: Layout, value: T) -> Tensor<T> {
            Tensor::build(layout, |out| out.fill(value))
        }
        fn bits<T: Element>(layout: Layout, value: T) -> Tensor<T> {
            concrete!(Bits, kernel: fn(Layout, T) -> Tensor<T>)(layout, value)
        }
        Self::of_bits(bits::<T::Bits>(layout, value.into_bits()))
    }
}

impl<T: Number> Tensor<T> {
    /// A tensor of zeros.
    ///
    /// # Panics
    /// If memory cannot hold that many elements.
    #[track_caller]
    pub fn zeros(shape: impl AsRef<[usize]>) -> Self {
        Self::full(shape, T::ZERO)
    }

    /// A tensor of ones.
    ///
    /// # Panics
    /// If memory cannot hold that many elements.
    #[track_caller]
    pub fn ones(shape: impl AsRef<[usize]>) -> Self {
        Self::full(shape, T::ONE)
    }

    /// Zeros in the shape, and in the order in memory, of this tensor.
    pub fn zeros_like(&self) -> Self {
        Self::constant(self.layout.packed(), T::ZERO)
    }

    /// Ones in the shape, and in the order in memory, of this tensor.
    pub fn ones_like(&self) -> Self {
        Self::constant(self.layout.packed(), T::ONE)
    }

    /// The numbers `0, 1, …, n - 1`.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// assert_eq!(Tensor::<i64>::arange(4).to_vec(), [0, 1, 2, 3]);
    /// ```
    pub fn arange(n: usize) -> Self {
        fn kernel<T: Number>(out: &mut [T]) {
            out.iter_mut().enumerate().for_each(|(i, x)| *x = T::from_f64(i as f64));
        }
        Self::filled_by([n], concrete!(Number, kernel: fn(&mut [T])))
    }

    /// The identity matrix of `n` rows.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// assert_eq!(Tensor::<f32>::eye(2).to_vec(), [1.0, 0.0, 0.0, 1.0]);
    /// ```
    pub fn eye(n: usize) -> Self {
        Self::filled_by([n, n], |out| {
            out.iter_mut().enumerate().for_each(|(i, x)| {
                *x = if i / n == i % n { T::ONE } else { T::ZERO };
            });
        })
    }
}

impl<T: Float> Tensor<T> {
    /// `n` numbers from `first` to `last`, both included, at equal distances.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// assert_eq!(Tensor::linspace(0.0, 1.0, 3).to_vec(), [0.0, 0.5, 1.0]);
    /// ```
    pub fn linspace(first: T, last: T, n: usize) -> Self {
        let (first, last) = (first.to_f64(), last.to_f64());
        let step = if n > 1 { (last - first) / (n - 1) as f64 } else { 0.0 };
        Self::filled_by([n], |out| {
            out.iter_mut().enumerate().for_each(|(i, x)| {
                let exact = if i > 0 && i + 1 == n { last } else { first + step * i as f64 };
                *x = T::from_f64(exact);
            });
        })
    }
}
