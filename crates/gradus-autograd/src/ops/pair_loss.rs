//! Losses that compare a prediction with a target, element by element: the mechanism that
//! `mse_loss`, `l1_loss` and their kin share.
//!
//! `l = s Σ f(xᵢ, tᵢ)` with `s = 1` for the sum and `s = 1/n` for the mean, so
//! `x̄ᵢ = l̄ s ∂f/∂x(xᵢ, tᵢ)`, and the same for `t`. Without a reduction `x̄ᵢ = l̄ᵢ ∂f/∂x(xᵢ, tᵢ)`.

use std::fmt::Debug;

use gradus_tensor::{Error, Float, Tensor};

use super::Reduction;
use crate::{At, Attributes, In, Op, Result, Var};

/// A loss of one prediction and one target.
pub(super) trait PairLoss<T: Float>: Debug + Send + Sync + 'static {
    /// The name in messages.
    const NAME: &'static str;

    /// The settings besides the reduction.
    fn attributes(&self) -> Attributes {
        Attributes::new()
    }

    /// The loss.
    fn value(&self, x: T, t: T) -> T;

    /// Its derivatives with respect to the prediction and to the target.
    fn slopes(&self, x: T, t: T) -> [T; 2];

    /// One of the derivatives once more (0: prediction, 1: target), in differentiable operations.
    fn slope_var(&self, input: usize, x: &Var<T>, t: &Var<T>) -> Result<Var<T>>;
}

#[derive(Debug)]
struct Pairs<L> {
    loss: L,
    reduction: Reduction,
}

impl<T: Float, L: PairLoss<T>> Op<T> for Pairs<L> {
    type Inputs = [In; 2];
    type Output = Tensor<T>;
    const NAME: &'static str = "pairs";

    fn forward(&self, [x, t]: [&Tensor<T>; 2]) -> Result<Tensor<T>> {
        if x.shape() != t.shape() {
            let wanted = format!("a target of the prediction's shape {:?}", x.shape());
            return Err(Error::shape(L::NAME, t.shape(), wanted).into());
        }
        let losses = x.zip(
            L::NAME,
            t,
            #[inline(always)]
            |x, t| self.loss.value(x, t),
        )?;
        let factor = self.reduction.factor(x.len() as f64);
        Ok(self.reduction.reduce(losses, factor))
    }

    fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 2]> {
        let [x, t] = at.inputs()?;
        let grad = grad.scale(self.reduction.factor(x.len() as f64));
        let slope = |input| at.want(input, || grad.mul(&self.loss.slope_var(input, &x, &t)?));
        Ok([slope(0)?, slope(1)?])
    }

    fn vjp_fused(&self, at: &At<'_, T, Self>, grad: Tensor<T>) -> Result<[Option<Tensor<T>>; 2]> {
        let [x, t] = at.values()?;
        let loss = &self.loss;
        if self.reduction == Reduction::None {
            let slope = |i: usize| {
                at.want(i, || Ok(x.zip3(L::NAME, t, &grad, |x, t, g| g * loss.slopes(x, t)[i])?))
            };
            return Ok([slope(0)?, slope(1)?]);
        }
        let g = grad.item()? * self.reduction.factor(x.len() as f64);
        // Two closures, so that each computes only its own slope.
        Ok([
            at.want(0, || Ok(x.zip(L::NAME, t, |x, t| g * loss.slopes(x, t)[0])?))?,
            at.want(1, || Ok(x.zip(L::NAME, t, |x, t| g * loss.slopes(x, t)[1])?))?,
        ])
    }

    fn name(&self) -> &'static str {
        L::NAME
    }

    fn attributes(&self) -> Attributes {
        self.loss.attributes().with("reduction", self.reduction.name())
    }
}

/// The losses of a prediction, reduced.
pub(super) fn pair_loss<T: Float>(
    loss: impl PairLoss<T>,
    x: &Var<T>,
    target: &Var<T>,
    reduction: Reduction,
) -> Result<Var<T>> {
    Var::apply(Pairs { loss, reduction }, [x, target])
}

/// A loss of predictions and targets.
#[cfg(test)]
type PairLossOf = fn(&Var<f64>, &Var<f64>, Reduction) -> Result<Var<f64>>;

/// Runs the table of properties on a loss: every reduction, odd shapes, shapes that do not fit.
#[cfg(test)]
pub(super) fn check(
    name: &'static str,
    loss: PairLossOf,
    definition: fn(&Var<f64>, &Var<f64>) -> Result<Var<f64>>,
    inputs: fn(&[usize]) -> [Tensor<f64>; 2],
) {
    for reduction in [Reduction::Mean, Reduction::Sum, Reduction::None] {
        let mut cases = crate::check::Cases::new(name, move |x| loss(&x[0], &x[1], reduction))
            .equals(move |x| reduction.reduce_var(&definition(&x[0], &x[1])?))
            .on("a matrix", inputs(&[3, 5]))
            .on("one number", inputs(&[]))
            .on("images", inputs(&[2, 3, 1, 7]));
        if reduction != Reduction::Mean {
            cases = cases.on("no elements", inputs(&[0, 4]));
        }
        let [x, _] = inputs(&[3, 1]);
        let [_, t] = inputs(&[3]);
        let says =
            format!("{name}: got shape [3], wanted a target of the prediction's shape [3, 1]");
        cases.refuses("another shape", [x, t], &says).check();
    }
    let [x, t] = inputs(&[0]).map(Var::leaf);
    let empty = loss(&x, &t, Reduction::Mean).expect("defined");
    assert!(empty.item().expect("one number").is_nan(), "the mean of no losses");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Cases, inputs::normal};

    /// f(x, t) = x² t
    #[derive(Debug)]
    struct Example;

    impl PairLoss<f64> for Example {
        const NAME: &'static str = "example";
        fn value(&self, x: f64, t: f64) -> f64 {
            x * x * t
        }
        fn slopes(&self, x: f64, t: f64) -> [f64; 2] {
            [2.0 * x * t, x * x]
        }
        fn slope_var(&self, input: usize, x: &Var<f64>, t: &Var<f64>) -> Result<Var<f64>> {
            x.mul(if input == 0 { t } else { x }).map(|y| y.scale(2.0 - input as f64))
        }
    }

    #[test]
    fn both_sides_are_differentiated() {
        Cases::new("example", |x| pair_loss(Example, &x[0], &x[1], Reduction::Mean))
            .equals(|x| Ok(x[0].mul(&x[0])?.mul(&x[1])?.mean()))
            .on("a matrix", [normal([3, 4], 1), normal([3, 4], 2)])
            .check();
    }
}
