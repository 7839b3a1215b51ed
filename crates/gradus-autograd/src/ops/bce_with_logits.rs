//! Binary cross-entropy of logits: `f(x, z) = -z ln σ(x) - (1 - z) ln(1 - σ(x))` with
//! `σ(x) = 1 / (1 + e⁻ˣ)`. With `s(x) = ln(1 + eˣ) = max(x, 0) + ln(1 + e^-|x|)`, which never overflows,
//! that is `f = z s(-x) + (1 - z) s(x)`, and with a weight `p` of the positive class
//!
//! `f = p z s(-x) + (1 - z) s(x)`, `∂f/∂x = (1 - z) σ(x) - p z σ(-x)`, `∂f/∂z = p s(-x) - s(x)`
//!
//! `x` and `z` have one shape; `z` is a probability, mostly 0 or 1, and `p` broadcasts to it. All terms have
//! one sign, so that nothing cancels; what weighs nothing counts nothing, even where it is infinite. (Bishop,
//! *Pattern Recognition and Machine Learning*, 2006, equations 4.90 and 4.91.)

use gradus_tensor::{Float, Tensor, concrete};

use super::Reduction;
use super::pair_loss::pair_loss;
use crate::formula::{Plain, Traced};
use crate::{At, Attributes, In, Op, Result, Scalar, Var};

/// `ln(1 + eˣ)`
#[inline(always)]
fn softplus<S: Scalar>(x: S) -> S {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// `weight · x`, zero where the weight is.
#[inline(always)]
fn weighed<S: Scalar>(weight: S, x: S) -> S {
    weight.if_equal(0.0, S::ZERO, weight * x)
}

#[inline(always)]
fn value<S: Scalar>(x: S, z: S, p: S) -> S {
    weighed(p * z, softplus(-x)) + weighed(S::ONE - z, softplus(x))
}

#[inline(always)]
fn slopes<S: Scalar>(x: S, z: S, p: S) -> [S; 2] {
    [
        (S::ONE - z) * x.sigmoid() - p * z * (-x).sigmoid(),
        weighed(p, softplus(-x)) - softplus(x),
    ]
}

pair_loss! {
    BceWithLogits = bce_with_logits;
    value(x, t) = {
        // One logarithm for both terms, of which mostly one alone counts.
        let share = x.if_above(0.0, S::ONE - t, -t);
        weighed(share, x) + (-x.abs()).exp().ln_1p()
    };
    // s(-x) - s(x) = -x
    slopes(x, t) = [(S::ONE - t) * x.sigmoid() - t * (-x).sigmoid(), -x];
}

/// With a weight of the positive class, of the shape of the logits.
#[derive(Debug)]
struct Weighted<T: Float> {
    positive: Tensor<T>,
    reduction: Reduction,
}

impl<T: Float> Op<T> for Weighted<T> {
    type Inputs = [In; 2];
    type Output = Tensor<T>;
    const NAME: &'static str = "bce_with_logits";

    fn forward(&self, [x, z]: [&Tensor<T>; 2]) -> Result<Tensor<T>> {
        let losses = x.zip3(
            "bce_with_logits",
            z,
            &self.positive,
            #[inline(always)]
            |x, z, p| value(Plain(x), Plain(z), Plain(p)).0,
        )?;
        Ok(self.reduction.reduce(losses, x.len() as f64))
    }

    fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 2]> {
        let [x, z] = at.inputs()?;
        let p = Var::constant(self.positive.clone());
        let grad = grad.scale(self.reduction.factor(x.len() as f64));
        let slope = |i: usize| {
            at.want(i, || Traced::run([&x, &z, &p], |[x, z, p]| slopes(x, z, p)[i]).mul(&grad))
        };
        Ok([slope(0)?, slope(1)?])
    }

    fn attributes(&self) -> Attributes {
        let attributes = Attributes::new().with("reduction", self.reduction.name());
        attributes.with("pos_weight", self.positive.cast::<f64>())
    }
}

impl<T: Float> Var<T> {
    /// The binary cross-entropies of these logits and of targets (probabilities of their shape),
    /// reduced. `pos_weight`, which broadcasts to the logits, multiplies the loss of the positive
    /// class.
    ///
    /// ```
    /// # use gradus_autograd::{Reduction, Var};
    /// # use gradus_tensor::Tensor;
    /// let x = Var::leaf(Tensor::vector([0.0_f32, 100.0]));
    /// let z = Var::from(Tensor::vector([1.0, 0.0]));
    /// let losses = x.bce_with_logits(&z, None, Reduction::None)?;
    /// assert_eq!(losses.value().to_vec(), [2.0_f32.ln(), 100.0]);
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    ///
    /// # Errors
    /// If the targets have another shape, or `pos_weight` does not broadcast to it.
    pub fn bce_with_logits(
        &self,
        target: &Var<T>,
        pos_weight: Option<&Tensor<T>>,
        reduction: Reduction,
    ) -> Result<Var<T>> {
        concrete!(
            bce_with_logits: fn(&Var<T>, &Var<T>, Option<&Tensor<T>>, Reduction) -> Result<Var<T>>
        )(self, target, pos_weight, reduction)
    }
}

fn bce_with_logits<T: Float>(
    x: &Var<T>,
    target: &Var<T>,
    pos_weight: Option<&Tensor<T>>,
    reduction: Reduction,
) -> Result<Var<T>> {
    // Without a weight; and for the message if the shapes differ.
    let Some(p) = pos_weight.filter(|_| x.shape() == target.shape()) else {
        return x.pair_loss(BceWithLogits {}, target, reduction);
    };
    let positive = p.expand(x.shape())?;
    Var::apply(Weighted { positive, reduction }, [x, target])
}

#[cfg(test)]
mod tests {
    use super::super::pair_loss::check;
    use crate::check::cases;
    use crate::check::inputs::{away_from_zero, normal, positive};
    use crate::{Reduction, Result, Var};
    use gradus_tensor::Tensor;

    #[test]
    fn properties() {
        check(
            "bce_with_logits",
            (
                |x, z, reduction| x.bce_with_logits(z, None, reduction),
                |x, z, reduction| x.bce_with_logits(z, None, reduction),
            ),
            |x, z| {
                let p = x.sigmoid();
                let [yes, no] =
                    [p.ln().mul(z)?, p.affine(-1.0, 1.0).ln().mul(&z.affine(-1.0, 1.0))?];
                Ok(-yes.add(&no)?)
            },
            |shape| [away_from_zero(shape, 1), normal(shape, 2)],
        );
        cases!("bce_with_logits", |x| {
            x[0].bce_with_logits(&x[1], Some(&Tensor::vector([1.0, 2.0, 5.0])), Reduction::Mean)
        })
        .equals(|x| {
            let p = Var::from(Tensor::vector([1.0, 2.0, 5.0]));
            let (yes, no) = (x[0].sigmoid().ln(), x[0].scale(-1.0).sigmoid().ln());
            let sum = yes.mul(&x[1])?.mul(&p)?.add(&no.mul(&x[1].affine(-1.0, 1.0))?)?;
            Ok(-sum.mean())
        })
        .on("a batch", [normal([4, 3], 1), positive([4, 3], 2)])
        .on("images", [normal([2, 1, 4, 3], 1), positive([2, 1, 4, 3], 2)])
        .refuses(
            "another shape",
            [normal([4, 3], 1), positive([4, 1], 2)],
            "bce_with_logits: got shape [4, 1], wanted a target of the prediction's shape [4, 3]",
        )
        .check();
    }

    #[test]
    fn large_logits_are_no_trouble() -> Result<()> {
        let x = Var::leaf(Tensor::vector([1e4_f32, -1e4, 1e4, -1e4]));
        let z = Var::from(Tensor::vector([1.0_f32, 0.0, 0.0, 1.0]));
        let loss = x.bce_with_logits(&z, None, Reduction::Sum)?;
        assert_eq!(loss.item()?, 2e4);
        assert_eq!(loss.backward()?.of(&x).map(Tensor::to_vec), Some(vec![0.0, 0.0, 1.0, -1.0]));
        Ok(())
    }
}
