//! Tensors as what lies in memory: what only copies elements asks for their size, not for their type, and
//! is compiled for four sizes instead of thirteen types.

use std::mem::ManuallyDrop;
use std::ptr;

use crate::{Element, Tensor};

impl<T: Element> Tensor<T> {
    /// The same elements as whole numbers of their size.
    pub(crate) fn bits(&self) -> &Tensor<T::Bits> {
        // SAFETY: `Bits` has the size of the element, and every element has bits. Tensor and buffer are
        // laid out as C does, so they lie alike for both types.
        unsafe { &*ptr::from_ref(self).cast() }
    }

    /// A tensor whose elements have these bits, which must be copied from such elements.
    pub(crate) fn of_bits(bits: Tensor<T::Bits>) -> Self {
        let bits = ManuallyDrop::new(bits);
        // SAFETY: as above. The elements are values of their type, since they are copies of such; the
        // tensor is moved, and not dropped here.
        unsafe { ptr::from_ref(&*bits).cast::<Self>().read() }
    }

    /// The same for a tensor that is to be changed.
    pub(crate) fn bits_mut(&mut self) -> &mut Tensor<T::Bits> {
        // SAFETY: as above; what is written is copied from such elements.
        unsafe { &mut *ptr::from_mut(self).cast() }
    }
}
