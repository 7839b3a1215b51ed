//! The affine map of a fully connected layer with a GELU behind it: `y = x̂ Φ(x̂)` with
//! `x̂ = x Wᵀ + b`, and its gradients.
//!
//! Where `x̂` was, the slope `Φ(x̂) + x̂ φ(x̂)` is left: it costs next to nothing beside the value
//! (one exponential for both), and the gradient needs no more than a product with it. Shapes and
//! gradients are those of [`linear`](Tensor::linear); Hendrycks and Gimpel, *Gaussian error linear
//! units*, 2016.

use super::linear::{grads, scaled};
use crate::simd::vectorize_for;
use crate::threads::{Cut, PIECE, for_each_of};
use crate::{Activation, Float, Result, Tensor, concrete};

impl<T: Float> Tensor<T> {
    /// `x̂ Φ(x̂)` for `x̂ = x Wᵀ + b`, and the derivative of it by `x̂`, both `[…, out]`, for `x` of
    /// shape `[…, in]`, a weight `[out, in]` and a bias `[out]`.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// let x = Tensor::<f32>::ones([8, 3]);
    /// let b = Tensor::vector([-3.0, 6.0]);
    /// let [y, slope] = x.linear_gelu(&Tensor::ones([2, 3]), Some(&b))?;
    /// assert_eq!((y.get([0, 0])?, y.get([0, 1])?), (0.0, 9.0));
    /// assert_eq!(slope.get([0, 1])?, 1.0);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`linear`](Tensor::linear).
    pub fn linear_gelu(&self, w: &Tensor<T>, b: Option<&Tensor<T>>) -> Result<[Tensor<T>; 2]> {
        let kernel = concrete!(
            linear_gelu: fn(
                &Tensor<T>,
                &Tensor<T>,
                Option<&Tensor<T>>,
            ) -> Result<[Tensor<T>; 2]>
        );
        kernel(self, w, b)
    }
}

fn linear_gelu<T: Float>(
    x: &Tensor<T>,
    w: &Tensor<T>,
    b: Option<&Tensor<T>>,
) -> Result<[Tensor<T>; 2]> {
    let mut slope = x.linear(w, b, Activation::Identity)?;
    let layout = slope.layout.clone();
    let y = Tensor::build(layout, |y| {
        let pieces = (Cut::new(y, PIECE), Cut::new(slope.as_dense_mut(), PIECE));
        for_each_of(pieces, true, |_, (y, x)| {
            vectorize_for::<T, T, T, _>(
                #[inline(always)]
                || {
                    for (y, x) in y.iter_mut().zip(&mut *x) {
                        let [below, density] = x.gaussian();
                        // Zero times an infinity is zero here: the limit.
                        *y = if below == T::ZERO { T::ZERO } else { *x * below };
                        *x = if density == T::ZERO { below } else { below + *x * density };
                    }
                },
            );
        });
    });
    Ok([y, slope])
}

/// The gradients of [`Tensor::linear_gelu`] with respect to `x`, `W` and `b`, each if it is
/// `wanted`, for the `slope` that it gave and the gradient `grad_y` of its value.
///
/// ```
/// use gradus_tensor::{Tensor, linear_gelu_grad};
/// let (x, w) = (Tensor::<f32>::full([8, 3], 9.0), Tensor::ones([2, 3]));
/// let [y, slope] = x.linear_gelu(&w, None)?;
/// let [dx, _, db] = linear_gelu_grad(&x, &w, &slope, Tensor::ones([8, 2]), [true; 3])?;
/// assert_eq!(dx.unwrap(), Tensor::full([8, 3], 2.0));
/// assert_eq!(db.unwrap(), Tensor::full([2], 8.0));
/// # Ok::<(), gradus_tensor::Error>(())
/// ```
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape) if the shapes are not those of a linear map.
pub fn linear_gelu_grad<T: Float>(
    x: &Tensor<T>,
    w: &Tensor<T>,
    slope: &Tensor<T>,
    grad_y: Tensor<T>,
    wanted: [bool; 3],
) -> Result<[Option<Tensor<T>>; 3]> {
    let kernel = concrete!(
        grad: fn([&Tensor<T>; 3], Tensor<T>, [bool; 3]) -> Result<[Option<Tensor<T>>; 3]>
    );
    kernel([x, w, slope], grad_y, wanted)
}

fn grad<T: Float>(
    of: [&Tensor<T>; 3],
    grad_y: Tensor<T>,
    wanted: [bool; 3],
) -> Result<[Option<Tensor<T>>; 3]> {
    grads("linear_gelu_grad", of, grad_y, wanted, |slope, grad, sums| {
        scaled(
            slope,
            grad,
            sums,
            #[inline(always)]
            |slope| slope,
        )
    })
}
