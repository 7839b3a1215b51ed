//! Functions of one number, applied to every element.

use crate::{Float, Tensor, concrete};

macro_rules! functions {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        impl<T: Float> Tensor<T> {
            $(
                $(#[$doc])*
                pub fn $name(&self) -> Tensor<T> {
                    fn kernel<T: Float>(x: &Tensor<T>) -> Tensor<T> {
                        x.map(
                            #[inline(always)]
                            |x| x.$name(),
                        )
                    }
                    concrete!(kernel: fn(&Tensor<T>) -> Tensor<T>)(self)
                }
            )*
        }
    };
}
functions! {
    /// `e` to the power of each element.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// assert_eq!(Tensor::vector([0.0_f32]).exp().to_vec(), [1.0]);
    /// ```
    exp;
    /// The natural logarithm; NaN for negative numbers, minus infinity for zero.
    ln;
    /// `ln(1 + x)`, precise near zero.
    ln_1p;
    /// `e^x - 1`, precise near zero.
    exp_m1;
    /// The square root; NaN for negative numbers.
    sqrt;
    /// The sine of angles in radians.
    sin;
    /// The cosine of angles in radians.
    cos;
    /// The hyperbolic tangent.
    tanh;
    /// The error function `2/√π ∫₀ˣ exp(-t²) dt`.
    erf;
    /// The logistic function `1 / (1 + e^-x)`.
    sigmoid;
    /// The absolute value.
    abs;
    /// The largest integer not above each element.
    floor;
    /// The smallest integer not below each element.
    ceil;
    /// The nearest integer, halves to the even one.
    round;
}

impl<T: Float> Tensor<T> {
    /// Each element to the power of `exponent`.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// assert_eq!(Tensor::vector([3.0_f32]).powf(2.0).to_vec(), [9.0]);
    /// ```
    pub fn powf(&self, exponent: T) -> Tensor<T> {
        fn kernel<T: Float>(x: &Tensor<T>, exponent: T) -> Tensor<T> {
            x.map(move |x| x.powf(exponent))
        }
        concrete!(kernel: fn(&Tensor<T>, T) -> Tensor<T>)(self, exponent)
    }

    /// Which elements are neither infinite nor NaN.
    pub fn is_finite(&self) -> Tensor<bool> {
        fn kernel<T: Float>(x: &Tensor<T>) -> Tensor<bool> {
            x.map(|x| x.is_finite())
        }
        concrete!(kernel: fn(&Tensor<T>) -> Tensor<bool>)(self)
    }
}
