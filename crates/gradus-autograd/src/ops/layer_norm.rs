//! Layer normalisation: each sample brought to mean 0 and variance 1 by itself.
//!
//! Over the last axes of `x`, those that `γ` and `β` have, with `D` elements:
//!
//! `μ = 1/D Σ x`, `σ² = 1/D Σ (x - μ)²`, `x̂ = (x - μ) / √(σ² + ε)`, `y = γ x̂ + β`
//!
//! `β̄ = Σ ȳ`, `γ̄ = Σ ȳ x̂` over the samples, and with `h = γ ȳ`
//! `x̄ = (h - 1/D Σ h - x̂ 1/D Σ h x̂) / √(σ² + ε)`. (Ba, Kiros and Hinton, *Layer normalization*,
//! 2016, equations 3 and 4.)

use gradus_tensor::{Error, Float, Tensor, concrete, layer_norm, layer_norm_grad};

use super::var_axes::centered;
use crate::{At, Attributes, Each, In, Keeps, Maybe, Of, Op, Result, Var};

#[derive(Debug)]
struct LayerNorm<T> {
    eps: T,
}

impl<T: Float> Op<T> for LayerNorm<T> {
    type Inputs = ([In; 2], [Maybe; 1]);
    type Output = Tensor<T>;
    const NAME: &'static str = "layer_norm";

    fn forward(&self, ([x, weight], [bias]): Of<Self, T, &Tensor<T>>) -> Result<Tensor<T>> {
        match bias {
            Some(bias) => Ok(layer_norm(x, weight, bias, self.eps)?),
            None => Ok(layer_norm(x, weight, &weight.zeros_like(), self.eps)?),
        }
    }

    fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<Each<Self, T, Option<Var<T>>>> {
        let (x, weight) = (at.input(0)?, at.input(1)?);
        let axes = last_axes(weight.rank());
        let mean = |x: &Var<T>| x.mean_axes(&axes, true);
        let distance = centered(&x, &axes)?;
        let std = mean(&distance.mul(&distance)?)?.shift(self.eps).sqrt();
        let normal = distance.div(&std)?;
        let dx = || {
            let h = grad.mul(&weight)?;
            let shared = normal.mul(&mean(&h.mul(&normal)?)?)?;
            h.sub(&mean(&h)?)?.sub(&shared)?.div(&std)
        };
        let dw = || grad.mul(&normal)?.sum_to(at.shape(1));
        let db = || grad.sum_to(at.shape(2));
        Ok(([at.want(0, dx)?, at.want(1, dw)?], [at.want(2, db)?]))
    }

    fn vjp_fused(
        &self,
        at: &At<'_, T, Self>,
        grad: Tensor<T>,
    ) -> Result<Each<Self, T, Option<Tensor<T>>>> {
        let [dx, dw, db] = layer_norm_grad(at.value(0)?, &grad, at.value(1)?, self.eps)?;
        Ok(([Some(dx), Some(dw)], [Some(db)]))
    }

    fn keeps(&self, _: &[bool]) -> Keeps {
        Keeps::input(0) | Keeps::input(1)
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("eps", self.eps.to_f64())
    }
}

fn last_axes(count: usize) -> Vec<isize> {
    (1..=count as isize).map(|axis| -axis).collect()
}

impl<T: Float> Var<T> {
    /// Each sample brought to mean 0 and variance 1 over its last axes, times `weight`, plus
    /// `bias`, which have the shape of those axes. `eps` is added to the variance.
    ///
    /// ```
    /// # use gradus_autograd::Var;
    /// # use gradus_tensor::Tensor;
    /// let x = Var::leaf(Tensor::from_vec(vec![1.0_f32, 3.0, 10.0, 30.0], [2, 2])?);
    /// let weight = Var::leaf(Tensor::vector([1.0, 2.0]));
    /// let y = x.layer_norm(&weight, None, 0.0)?;
    /// assert_eq!(y.value().to_vec(), [-1.0, 2.0, -1.0, 2.0]);
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    ///
    /// # Errors
    /// If the last axes of `x` are not those of `weight`, or `bias` has another shape.
    pub fn layer_norm<'a>(
        &self,
        weight: &Var<T>,
        bias: impl Into<Option<&'a Var<T>>>,
        eps: T,
    ) -> Result<Var<T>> {
        concrete!(layer: fn(&Var<T>, &Var<T>, Option<&Var<T>>, T) -> Result<Var<T>>)(
            self,
            weight,
            bias.into(),
            eps,
        )
    }

    /// The same over the last `axes` axes, without weight and bias.
    ///
    /// # Errors
    /// If `axes` is 0, or more than there are.
    pub fn normalize_last(&self, axes: usize, eps: T) -> Result<Var<T>> {
        concrete!(normalize_last: fn(&Var<T>, usize, T) -> Result<Var<T>>)(self, axes, eps)
    }
}

fn layer<T: Float>(x: &Var<T>, weight: &Var<T>, bias: Option<&Var<T>>, eps: T) -> Result<Var<T>> {
    Var::apply(LayerNorm { eps }, ([x, weight], [bias]))
}

fn normalize_last<T: Float>(x: &Var<T>, axes: usize, eps: T) -> Result<Var<T>> {
    let Some(lead) = x.rank().checked_sub(axes).filter(|_| axes > 0) else {
        let wanted = format!("at least {} axes to normalise over", axes.max(1));
        return Err(Error::shape("normalize_last", x.shape(), wanted).into());
    };
    if x.is_empty() {
        // A weight for an axis next to one without elements could be huge.
        return Ok(x.clone());
    }
    layer(x, &Var::constant(Tensor::ones(&x.shape()[lead..])), None, eps)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Cases, cases, inputs::normal};

    const EPS: f64 = 1e-3;

    fn definition(x: &Var<f64>, axes: usize) -> Result<Var<f64>> {
        let axes = last_axes(axes);
        let distance = x.sub(&x.mean_axes(&axes, true)?)?;
        let var = distance.mul(&distance)?.mean_axes(&axes, true)?;
        distance.div(&var.shift(EPS).sqrt())
    }

    #[test]
    fn properties() {
        let inputs = |lead: &[usize], shape: &[usize]| {
            [normal([lead, shape].concat(), 1), normal(shape, 2), normal(shape, 3)]
        };
        cases!("layer_norm", |x| x[0].layer_norm(&x[1], &x[2], EPS as _))
            .equals(|x| definition(&x[0], x[1].rank())?.mul(&x[1])?.add(&x[2]))
            .on("a batch", inputs(&[4], &[3]))
            .on("a batch of sequences", inputs(&[2, 3], &[5]))
            .on("two axes", inputs(&[3], &[2, 4]))
            .on("one sample", inputs(&[], &[6]))
            .on("long rows", inputs(&[3], &[70]))
            .on("many rows", inputs(&[130], &[3]))
            .on("no samples", inputs(&[0], &[3]))
            .refuses(
                "another size",
                [normal([4, 3], 1), normal([2], 2), normal([2], 3)],
                "layer_norm: got shape [4, 3], wanted [2] on the last axes, as the weight has",
            )
            .refuses(
                "another bias",
                [normal([4, 3], 1), normal([3], 2), normal([1], 3)],
                "layer_norm: got shape [1], wanted a bias of the weight's shape [3]",
            )
            .check();
        // Rows of two have no gradient but that of `eps`: in single precision there are no digits to compare.
        Cases::new("layer_norm of pairs", |x| x[0].layer_norm(&x[1], &x[2], EPS))
            .equals(|x| definition(&x[0], x[1].rank())?.mul(&x[1])?.add(&x[2]))
            .on("many rows", inputs(&[130], &[2]))
            .check();
        cases!("layer_norm without bias", |x| x[0].layer_norm(&x[1], None, EPS as _))
            .equals(|x| definition(&x[0], 1)?.mul(&x[1]))
            .on("a batch", [normal([4, 3], 1), normal([3], 2)])
            .check();
        cases!("normalize_last", |x| x[0].normalize_last(2, EPS as _))
            .equals(|x| definition(&x[0], 2))
            .on("images", [normal([2, 3, 2, 2], 1)])
            .refuses("a vector", [normal([3], 1)], "got shape [3], wanted at least 2 axes")
            .check();
    }
}
