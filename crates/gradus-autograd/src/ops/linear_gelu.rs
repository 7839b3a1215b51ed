//! The affine map of a fully connected layer with a GELU behind it: `y = x̂ Φ(x̂)` with
//! `x̂ = x Wᵀ + b`.
//!
//! `x` is `[…, in]`, `W` is `[out, in]`, `b` is `[out]`, `y` is `[…, out]`. With
//! `ḡ = ȳ (Φ(x̂) + x̂ φ(x̂))` the gradients are those of the affine map, `x̄ = ḡ W`, `W̄ = ḡᵀ x`,
//! `b̄ = Σ ḡ`. The slope is computed beside the value, and kept in place of `x̂`. (Hendrycks and
//! Gimpel, *Gaussian error linear units*, 2016.)

use gradus_tensor::{Float, Tensor, concrete, linear_gelu_grad};

use super::gelu::Gelu;
use super::linear::{input_grad, weight_grad};
use super::pointwise::slope_var;
use crate::{At, Each, In, Maybe, Of, Op, Result, Saving, Var, mode};

#[derive(Debug)]
struct LinearGelu;

impl<T: Float> Op<T> for LinearGelu {
    /// The slope.
    type Inputs = ([In; 2], [Maybe; 1]);
    type Output = Saving<Tensor<T>, Tensor<T>>;
    const NAME: &'static str = "linear_gelu";

    fn forward(&self, ([x, w], [b]): Of<Self, T, &Tensor<T>>) -> Result<Self::Output> {
        let [y, slope] = x.linear_gelu(w, b)?;
        Ok(Saving(y, slope))
    }

    fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<Each<Self, T, Option<Var<T>>>> {
        let ([x, w], [b]) = at.inputs()?;
        let grad = grad.mul(&slope_var(&Gelu {}, &x.linear(&w, b.as_ref())?))?;
        let dx = at.want(0, || input_grad(&grad, at.shape(0), &w))?;
        let dw = at.want(1, || weight_grad(&grad, &x))?;
        Ok(([dx, dw], [at.want(2, || grad.sum_to(at.shape(2)))?]))
    }

    fn vjp_fused(
        &self,
        at: &At<'_, T, Self>,
        grad: Tensor<T>,
    ) -> Result<Each<Self, T, Option<Tensor<T>>>> {
        let ([x, w], _) = at.values()?;
        let wanted = std::array::from_fn(|i| at.wanted[i]);
        let [dx, dw, db] = linear_gelu_grad(x, w, at.saved, grad, wanted)?;
        Ok(([dx, dw], [db]))
    }
}

impl<T: Float> Var<T> {
    /// [`linear`](Var::linear) and [`gelu`](Var::gelu) as one operation, which spares passes over
    /// memory.
    ///
    /// ```
    /// # use gradus_autograd::Var;
    /// # use gradus_tensor::Tensor;
    /// let x = Var::from(Tensor::<f32>::ones([8, 3]));
    /// let w = Var::leaf(Tensor::ones([2, 3]));
    /// let y = x.linear_gelu(&w, None)?;
    /// assert_eq!(y.value(), x.linear(&w, None)?.gelu().value());
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`linear`](Var::linear).
    pub fn linear_gelu<'a>(&self, w: &Var<T>, b: impl Into<Option<&'a Var<T>>>) -> Result<Var<T>> {
        concrete!(linear_gelu: fn(&Var<T>, &Var<T>, Option<&Var<T>>) -> Result<Var<T>>)(
            self,
            w,
            b.into(),
        )
    }
}

fn linear_gelu<T: Float>(x: &Var<T>, w: &Var<T>, b: Option<&Var<T>>) -> Result<Var<T>> {
    if !mode::is_on(mode::RECORDING) {
        return Ok(x.linear(w, b)?.gelu());
    }
    Var::apply(LinearGelu, ([x, w], [b]))
}

#[cfg(test)]
mod tests {
    use crate::check::{cases, inputs::normal};

    #[test]
    fn properties() {
        cases!("linear_gelu", |x| x[0].linear_gelu(&x[1], &x[2]))
            .equals(|x| Ok(x[0].linear(&x[1], &x[2])?.gelu()))
            .on("a batch", [normal([4, 3], 1), normal([2, 3], 2), normal([2], 3)])
            .on("a batch of sequences", [normal([2, 5, 3], 1), normal([4, 3], 2), normal([4], 3)])
            .on("one sample", [normal([3], 1), normal([2, 3], 2), normal([2], 3)])
            .on("no samples", [normal([0, 3], 1), normal([2, 3], 2), normal([2], 3)])
            .on("no features", [normal([2, 0], 1), normal([2, 0], 2), normal([2], 3)])
            .refuses(
                "another bias",
                [normal([2, 3], 1), normal([2, 3], 2), normal([3], 3)],
                "linear: got shape [3], wanted a bias [2], one number for each row of [2, 3]",
            )
            .check();
        cases!("linear_gelu without bias", |x| x[0].linear_gelu(&x[1], None))
            .equals(|x| Ok(x[0].linear(&x[1], None)?.gelu()))
            .on("a batch", [normal([4, 3], 1), normal([2, 3], 2)])
            .refuses(
                "a weight that is a number",
                [normal([2], 1), normal([0_usize; 0], 2)],
                "linear: got shape [], wanted a weight of two axes [out, in]",
            )
            .check();
    }
}
