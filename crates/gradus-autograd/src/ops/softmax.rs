//! Softmax: `yᵢ = exp xᵢ / Σⱼ exp xⱼ` along an axis: positive numbers that add up to one.
//!
//! `∂yᵢ/∂xⱼ = yᵢ ([i = j] - yⱼ)`, so `x̄ = y (ȳ - Σⱼ yⱼ ȳⱼ)`. (Bishop, *Pattern Recognition and
//! Machine Learning*, 2006, equation 4.106.)

use gradus_tensor::sums::dot;
use gradus_tensor::{Float, Tensor};

use crate::lanes::zip_lanes;
use crate::{At, Attributes, In, Keeps, Op, Result, Var, apply};

#[derive(Debug)]
struct Softmax {
    axis: isize,
}

impl<T: Float> Op<T> for Softmax {
    type Inputs = [In; 1];
    type Output = Tensor<T>;
    const NAME: &'static str = "softmax";

    fn forward(&self, [x]: [&Tensor<T>; 1]) -> Result<Tensor<T>> {
        Ok(x.softmax(self.axis)?)
    }

    fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 1]> {
        let y = at.output()?;
        let mean = grad.mul(&y)?.sum_axes(&[self.axis], true)?;
        Ok([Some(y.mul(&grad.sub(&mean)?)?)])
    }

    fn vjp_fused(&self, at: &At<'_, T, Self>, grad: Tensor<T>) -> Result<[Option<Tensor<T>>; 1]> {
        let y = at.output_value()?;
        let grad = zip_lanes("softmax", self.axis, y, &grad, |y, grad, out| {
            let mean = dot(y, grad);
            for ((o, &y), &g) in out.iter_mut().zip(y).zip(grad) {
                *o = y * (g - mean);
            }
        })?;
        Ok([Some(grad)])
    }

    fn keeps(&self, _: &[bool]) -> Keeps {
        Keeps::OUTPUTS
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("axis", self.axis)
    }
}

impl<T: Float> Var<T> {
    /// `exp(x) / Σ exp(x)` along `axis`: positive numbers that add up to one. Nothing overflows.
    ///
    /// ```
    /// # use gradus_autograd::Var;
    /// # use gradus_tensor::Tensor;
    /// let y = Var::from(Tensor::vector([7.0_f32, 7.0])).softmax(0)?;
    /// assert_eq!(y.value().to_vec(), [0.5, 0.5]);
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    ///
    /// # Errors
    /// If there is no such axis.
    pub fn softmax(&self, axis: isize) -> Result<Var<T>> {
        apply!(Softmax { axis }, [self])
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{cases, inputs::normal};

    #[test]
    fn properties() {
        cases!("softmax", |x| x[0].softmax(-1))
            .equals(|x| {
                let e = x[0].exp();
                e.div(&e.sum_axes(&[-1], true)?)
            })
            .on("a matrix", [normal([3, 4], 1)])
            .on("long lanes", [normal([2, 37], 2)])
            .on("no lanes", [normal([0, 4], 3)])
            .on("empty lanes", [normal([4, 0], 4)])
            .refuses("no axes", [normal([0_usize; 0], 5)], "softmax: axis -1 is out of range")
            .check();
        cases!("softmax of columns", |x| x[0].softmax(1))
            .on("three axes", [normal([2, 3, 5], 1)])
            .check();
    }
}
