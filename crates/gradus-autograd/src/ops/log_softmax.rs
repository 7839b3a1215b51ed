//! The logarithm of softmax: `yᵢ = xᵢ - ln Σⱼ exp xⱼ` along an axis, without the rounding of small
//! probabilities to zero.
//!
//! `∂yᵢ/∂xⱼ = [i = j] - exp yⱼ`, so `x̄ = ȳ - exp(y) Σⱼ ȳⱼ`. (Bishop, *Pattern Recognition and Machine
//! Learning*, 2006, section 4.3.4.)

use gradus_tensor::sums::sum;
use gradus_tensor::{Float, Tensor};

use crate::lanes::zip_lanes;
use crate::{At, Attributes, In, Keeps, Op, Result, Var, apply};

#[derive(Debug)]
struct LogSoftmax {
    axis: isize,
}

impl<T: Float> Op<T> for LogSoftmax {
    type Inputs = [In; 1];
    type Output = Tensor<T>;
    const NAME: &'static str = "log_softmax";

    fn forward(&self, [x]: [&Tensor<T>; 1]) -> Result<Tensor<T>> {
        Ok(x.log_softmax(self.axis)?)
    }

    fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 1]> {
        let total = grad.sum_axes(&[self.axis], true)?;
        Ok([Some(grad.sub(&at.output()?.exp().mul(&total)?)?)])
    }

    fn vjp_fused(&self, at: &At<'_, T, Self>, grad: Tensor<T>) -> Result<[Option<Tensor<T>>; 1]> {
        let y = at.output_value()?;
        let grad = zip_lanes("log_softmax", self.axis, y, &grad, |y, grad, out| {
            let total = sum(grad);
            for ((o, &y), &g) in out.iter_mut().zip(y).zip(grad) {
                *o = g - y.exp() * total;
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
    /// `x - ln Σ exp(x)` along `axis`: the logarithm of [`softmax`](Var::softmax), without its
    /// rounding of small probabilities to zero.
    ///
    /// # Errors
    /// If there is no such axis.
    pub fn log_softmax(&self, axis: isize) -> Result<Var<T>> {
        apply!(LogSoftmax { axis }, [self])
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{cases, inputs::normal};

    #[test]
    fn properties() {
        cases!("log_softmax", |x| x[0].log_softmax(-1))
            .equals(|x| Ok(x[0].softmax(-1)?.ln()))
            .on("a matrix", [normal([3, 4], 1)])
            .on("long lanes", [normal([2, 37], 2)])
            .on("no lanes", [normal([0, 4], 3)])
            .on("empty lanes", [normal([4, 0], 4)])
            .refuses("no axes", [normal([0_usize; 0], 5)], "log_softmax: axis -1 is out of range")
            .check();
        cases!("log_softmax of columns", |x| x[0].log_softmax(1))
            .on("three axes", [normal([2, 3, 5], 1)])
            .check();
    }
}
