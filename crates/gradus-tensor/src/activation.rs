//! What a kernel may do to a result in the pass that writes it.

use crate::{Float, choices};

choices! {
    /// The activation that follows an operation in the same pass over memory.
    ///
    /// ```
    /// use gradus_tensor::Activation;
    /// assert_eq!(Activation::default(), Activation::Identity);
    /// assert_eq!(Activation::Relu.apply(-2.0), 0.0);
    /// ```
    #[derive(Default)]
    pub enum Activation {
        /// None: `y`.
        #[default]
        Identity = "identity",
        /// `max(0, y)`. NaN stays NaN.
        Relu = "relu",
    }
}

/// Something for each activation. Whoever writes one down has to know them all, so that an activation
/// that is added does not compile until its derivative is written.
#[doc(hidden)]
pub struct PerActivation<V> {
    pub identity: V,
    pub relu: V,
}

impl Activation {
    /// What belongs to this one.
    #[doc(hidden)]
    pub fn pick<V>(self, of: PerActivation<V>) -> V {
        match self {
            Activation::Identity => of.identity,
            Activation::Relu => of.relu,
        }
    }

    /// The function of one number.
    #[inline(always)]
    pub fn apply<T: Float>(self, x: T) -> T {
        match self {
            Activation::Relu if x <= T::ZERO => T::ZERO,
            Activation::Identity | Activation::Relu => x,
        }
    }

    /// The derivative, computed from the function's value. At the kink of relu it is zero.
    #[inline(always)]
    pub fn slope<T: Float>(self, y: T) -> T {
        match self {
            Activation::Relu if y <= T::ZERO => T::ZERO,
            Activation::Identity | Activation::Relu => T::ONE,
        }
    }
}
