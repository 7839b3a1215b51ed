//! Functions that are applied to a sum of products while it is still in registers.

use crate::Float;

/// What is done to each element of a product before it is stored.
///
/// ```
/// use gradus_tensor::Activation;
/// assert_eq!(Activation::Relu.apply(-2.0), 0.0);
/// assert_eq!(Activation::default().apply(-2.0), -2.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Activation {
    /// Nothing: `y = x`.
    #[default]
    None,
    /// The rectified linear unit: `y = max(x, 0)`. A NaN stays one.
    Relu,
}

impl Activation {
    /// The function of one number.
    #[inline(always)]
    pub fn apply<T: Float>(self, x: T) -> T {
        match self {
            Activation::Relu if x <= T::ZERO => T::ZERO,
            Activation::None | Activation::Relu => x,
        }
    }

    /// The derivative, computed from the function's value. At the kink of relu it is zero.
    #[inline(always)]
    pub fn slope<T: Float>(self, y: T) -> T {
        match self {
            Activation::None => T::ONE,
            Activation::Relu => {
                if y > T::ZERO {
                    T::ONE
                } else {
                    T::ZERO
                }
            }
        }
    }
}
