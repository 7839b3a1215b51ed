//! The affine map of a fully connected layer: `y = x Wᵀ + b`.
//!
//! `x` is `[…, in]`, `W` is `[out, in]`, `b` is `[out]`, `y` is `[…, out]`. With all leading axes
//! as rows, `x̄ = ȳ W`, `W̄ = ȳᵀ x`, `b̄ = Σ ȳ`. (Goodfellow, Bengio and Courville, *Deep Learning*,
//! 2016, algorithm 6.4.) Transposes are views, so nothing is copied but to make rows of an `x` that
//! is no matrix.

use gradus_tensor::{Activation, Float, Tensor, concrete};

use crate::{At, Each, In, Keeps, Maybe, Of, Op, Result, Var};

#[derive(Debug)]
struct Linear;

impl<T: Float> Op<T> for Linear {
    type Inputs = ([In; 2], [Maybe; 1]);
    type Output = Tensor<T>;
    const NAME: &'static str = "linear";

    fn forward(&self, ([x, w], [b]): Of<Self, T, &Tensor<T>>) -> Result<Tensor<T>> {
        Ok(x.linear(w, b, Activation::Identity)?)
    }

    fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<Each<Self, T, Option<Var<T>>>> {
        let dx = at.want(0, || input_grad(grad, at.shape(0), &at.input(1)?))?;
        let dw = at.want(1, || weight_grad(grad, &at.input(0)?))?;
        Ok(([dx, dw], [at.want(2, || grad.sum_to(at.shape(2)))?]))
    }

    /// Each factor for the gradient of the other.
    fn keeps(&self, wanted: &[bool]) -> Keeps {
        Keeps::input(1).when(wanted[0]) | Keeps::input(0).when(wanted[1])
    }
}

/// `x̄ = ȳ W`, of the shape of `x`.
pub(super) fn input_grad<T: Float>(grad: &Var<T>, shape: &[usize], w: &Var<T>) -> Result<Var<T>> {
    rows(grad)?.matmul(w)?.reshape(shape)
}

/// `W̄ = ȳᵀ x`
pub(super) fn weight_grad<T: Float>(grad: &Var<T>, x: &Var<T>) -> Result<Var<T>> {
    rows(grad)?.transpose(0, 1)?.matmul(&rows(x)?)
}

/// All axes but the last as one.
fn rows<T: Float>(x: &Var<T>) -> Result<Var<T>> {
    if x.rank() == 2 {
        return Ok(x.clone());
    }
    let (lead, columns) = x.shape().split_at(x.rank().saturating_sub(1));
    x.reshape([lead.iter().product(), columns.iter().product()])
}

impl<T: Float> Var<T> {
    /// `x Wᵀ + b`, for `x` of shape `[…, in]`, a weight `[out, in]` and a bias `[out]`: `[…, out]`.
    ///
    /// ```
    /// # use gradus_autograd::Var;
    /// # use gradus_tensor::Tensor;
    /// let x = Var::from(Tensor::<f32>::ones([8, 3]));
    /// let w = Var::leaf(Tensor::ones([2, 3]));
    /// let b = Var::leaf(Tensor::vector([0.0, 1.0]));
    /// let y = x.linear(&w, &b)?;
    /// assert_eq!(y.shape(), [8, 2]);
    /// assert_eq!(y.value().get([0, 1])?, 4.0);
    /// assert_eq!(x.linear(&w, None)?.value().get([0, 1])?, 3.0);
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    ///
    /// # Errors
    /// If the weight is no matrix, the last axis of `x` has another size than the weight takes in,
    /// or the bias another than it gives.
    pub fn linear<'a>(&self, w: &Var<T>, b: impl Into<Option<&'a Var<T>>>) -> Result<Var<T>> {
        concrete!(linear: fn(&Var<T>, &Var<T>, Option<&Var<T>>) -> Result<Var<T>>)(
            self,
            w,
            b.into(),
        )
    }
}

fn linear<T: Float>(x: &Var<T>, w: &Var<T>, b: Option<&Var<T>>) -> Result<Var<T>> {
    Var::apply(Linear, ([x, w], [b]))
}

#[cfg(test)]
mod tests {
    use crate::check::{cases, inputs::normal};

    #[test]
    fn properties() {
        cases!("linear", |x| x[0].linear(&x[1], &x[2]))
            .equals(|x| x[0].unsqueeze(-2)?.mul(&x[1])?.sum_axes(&[-1], false)?.add(&x[2]))
            .on("a batch", [normal([4, 3], 1), normal([2, 3], 2), normal([2], 3)])
            .on("a batch of sequences", [normal([2, 5, 3], 1), normal([4, 3], 2), normal([4], 3)])
            .on("one sample", [normal([3], 1), normal([2, 3], 2), normal([2], 3)])
            .on("one feature", [normal([3, 1], 1), normal([1, 1], 2), normal([1], 3)])
            .on("no samples", [normal([0, 3], 1), normal([2, 3], 2), normal([2], 3)])
            .on("no features", [normal([2, 0], 1), normal([2, 0], 2), normal([2], 3)])
            .refuses(
                "other features",
                [normal([64, 783], 1), normal([10, 784], 2), normal([10], 3)],
                "linear: got shape [64, 783], wanted 784 features on axis -1, as the weight \
                 [10, 784] takes in",
            )
            .refuses(
                "a number",
                [normal([0_usize; 0], 1), normal([2, 3], 2), normal([2], 3)],
                "linear: got shape [], wanted 3 features on axis -1",
            )
            .refuses(
                "a weight that is no matrix",
                [normal([2, 3], 1), normal([3], 2), normal([2], 3)],
                "linear: got shape [3], wanted a weight of two axes [out, in]",
            )
            .refuses(
                "another bias",
                [normal([2, 3], 1), normal([2, 3], 2), normal([3], 3)],
                "linear: got shape [3], wanted a bias [2], one number for each row of [2, 3]",
            )
            .check();
        cases!("linear without bias", |x| x[0].linear(&x[1], None))
            .equals(|x| x[0].matmul(&x[1].transpose(0, 1)?))
            .on("a batch", [normal([4, 3], 1), normal([2, 3], 2)])
            .on("a batch of sequences", [normal([2, 5, 3], 1), normal([4, 3], 2)])
            .check();
    }
}
