//! `y = ln Σᵢ exp xᵢ` along an axis, a smooth maximum; `x̄ = ȳ softmax(x)`.
//!
//! Computed as `m + ln Σ exp(x - m)` with `m` the largest element, so that nothing overflows. Minus
//! infinity over no elements, infinity where an element is.

use gradus_tensor::{Float, Tensor, concrete};

use crate::{At, Attributes, In, Keeps, Op, Result, Var};

#[derive(Debug)]
struct LogSumExp {
    axis: isize,
}

impl<T: Float> Op<T> for LogSumExp {
    type Inputs = [In; 1];
    type Output = Tensor<T>;
    const NAME: &'static str = "logsumexp";

    fn forward(&self, [x]: [&Tensor<T>; 1]) -> Result<Tensor<T>> {
        Ok(x.logsumexp(self.axis, true)?)
    }

    fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 1]> {
        let [x] = at.inputs()?;
        Ok([Some(x.softmax(self.axis)?.mul(grad)?)])
    }

    fn vjp_fused(&self, at: &At<'_, T, Self>, grad: Tensor<T>) -> Result<[Option<Tensor<T>>; 1]> {
        let ([x], y) = (at.values()?, at.output_value()?);
        if y.is_finite().all() {
            let grad = x.zip3("logsumexp", y, &grad, |x, y, g| (x - y).exp() * g)?;
            return Ok([Some(grad)]);
        }
        // Infinite elements share the gradient among them.
        Ok([Some(x.softmax(self.axis)?.mul(&grad)?)])
    }

    fn keeps(&self, _: &[bool]) -> Keeps {
        Keeps::INPUTS | Keeps::OUTPUTS
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("axis", self.axis)
    }
}

impl<T: Float> Var<T> {
    /// `ln Σ exp x` along `axis`, which stays as an axis of size 1 if `keep` is set. Nothing
    /// overflows.
    ///
    /// # Errors
    /// If there is no such axis.
    pub fn logsumexp(&self, axis: isize, keep: bool) -> Result<Var<T>> {
        concrete!(logsumexp: fn(&Var<T>, isize, bool) -> Result<Var<T>>)(self, axis, keep)
    }
}

fn logsumexp<T: Float>(x: &Var<T>, axis: isize, keep: bool) -> Result<Var<T>> {
    let y = Var::apply(LogSumExp { axis }, [x])?;
    if keep { Ok(y) } else { y.squeeze(axis) }
}

#[cfg(test)]
mod tests {
    use crate::check::{cases, inputs::normal};

    #[test]
    fn properties() {
        cases!("logsumexp", |x| x[0].logsumexp(-1, false))
            .equals(|x| Ok(x[0].exp().sum_axes(&[-1], false)?.ln()))
            .on("a matrix", [normal([3, 4], 1)])
            .on("three axes", [normal([2, 1, 37], 2)])
            .on("no lanes", [normal([0, 4], 3)])
            .refuses("no axes", [normal([0_usize; 0], 5)], "logsumexp: axis -1 is out of range")
            .check();
        cases!("logsumexp of columns", |x| x[0].logsumexp(0, true))
            .on("a matrix", [normal([3, 5], 1)])
            .check();
    }
}
