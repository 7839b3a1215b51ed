//! Batch normalisation with a given mean and variance, those of the training set: an affine map of each
//! channel.
//!
//! `y = γ (x - μ) / √(σ² + ε) + β`, `x̄ = ȳ γ / √(σ² + ε)`, `γ̄ = Σ ȳ (x - μ) / √(σ² + ε)`, `β̄ = Σ ȳ`.
//! (Ioffe and Szegedy, *Batch normalization*, 2015, algorithm 2.)

use gradus_tensor::{Activation, Float, PerActivation, Tensor, channel_norm, concrete};

use super::batch_norm::{
    Given, all_but_channels, beside, check_channels, check_residual, inverse_deviation,
    one_for_each_channel,
};
use crate::{At, Attributes, Each, In, Keeps, Maybe, Of, Op, Result, Var, mode};

#[derive(Debug)]
struct BatchNormWith<T: Float> {
    mean: Tensor<T>,
    rstd: Tensor<T>,
}

impl<T: Float> Op<T> for BatchNormWith<T> {
    type Inputs = ([In; 1], [Maybe; 2]);
    type Output = Tensor<T>;
    const NAME: &'static str = "batch_norm_with";

    fn forward(&self, ([x], [weight, bias]): Of<Self, T, &Tensor<T>>) -> Result<Tensor<T>> {
        let scale = weight.map(|weight| self.rstd.mul(weight)).transpose()?;
        let scale = scale.as_ref().unwrap_or(&self.rstd);
        let zeros = bias.is_none().then(|| scale.zeros_like());
        let shift = bias.or(zeros.as_ref()).unwrap_or(scale);
        Ok(channel_norm(x, &self.mean, scale, shift, None, Activation::Identity)?)
    }

    fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<Each<Self, T, Option<Var<T>>>> {
        let rank = grad.rank();
        let axes = all_but_channels(rank);
        let [mean, rstd] = [&self.mean, &self.rstd].map(Var::from);
        let dx = at.want(0, || match at.has(1) {
            true => grad.mul(&beside(&at.input(1)?.mul(&rstd)?, rank)?),
            false => grad.mul(&beside(&rstd, rank)?),
        })?;
        let dweight = at.want(1, || {
            let distance = at.input(0)?.sub(&beside(&mean, rank)?)?;
            grad.mul(&distance)?.sum_axes(&axes, false)?.mul(&rstd)
        })?;
        Ok(([dx], [dweight, at.want(2, || grad.sum_axes(&axes, false))?]))
    }

    fn keeps(&self, wanted: &[bool]) -> Keeps {
        Keeps::input(1).when(wanted[0]) | Keeps::input(0).when(wanted[1])
    }

    fn attributes(&self) -> Attributes {
        let [mean, rstd] = [&self.mean, &self.rstd].map(|of| of.cast::<f64>());
        Attributes::new().with("mean", mean).with("rstd", rstd)
    }
}

impl<T: Float> Var<T> {
    /// The same with a given mean and variance `[C]`, such as the running averages of training.
    ///
    /// # Errors
    /// As [`batch_norm`](Var::batch_norm); also if mean or variance have not one number for each
    /// channel.
    pub fn batch_norm_with<'a>(
        &self,
        weight: impl Into<Option<&'a Var<T>>>,
        bias: impl Into<Option<&'a Var<T>>>,
        mean: &Tensor<T>,
        var: &Tensor<T>,
        eps: T,
    ) -> Result<Var<T>> {
        concrete!(with: fn(&Var<T>, Given<'_, T>, [&Tensor<T>; 2], T) -> Result<Var<T>>)(
            self,
            [weight.into(), bias.into()],
            [mean, var],
            eps,
        )
    }

    /// [`batch_norm_with`](Var::batch_norm_with) a given mean and variance, then the sum with a
    /// residual and the activation: in one pass where nothing is recorded, as in inference.
    ///
    /// # Errors
    /// As [`batch_norm_with`](Var::batch_norm_with); also if the residual has another shape.
    pub fn batch_norm_with_act<'a>(
        &self,
        weight: impl Into<Option<&'a Var<T>>>,
        bias: impl Into<Option<&'a Var<T>>>,
        mean_var: [&Tensor<T>; 2],
        eps: T,
        residual: Option<&Var<T>>,
        activation: Activation,
    ) -> Result<Var<T>> {
        concrete!(
            with_act: fn(
                &Var<T>, Given<'_, T>, [&Tensor<T>; 2], T, Option<&Var<T>>, Activation,
            ) -> Result<Var<T>>
        )(self, [weight.into(), bias.into()], mean_var, eps, residual, activation)
    }
}

fn with<T: Float>(
    x: &Var<T>,
    given: Given<'_, T>,
    [mean, var]: [&Tensor<T>; 2],
    eps: T,
) -> Result<Var<T>> {
    check_channels(x, given)?;
    one_for_each_channel(x, "a mean", mean.shape())?;
    one_for_each_channel(x, "a variance", var.shape())?;
    let op = BatchNormWith { mean: mean.clone(), rstd: inverse_deviation(var, eps) };
    Var::apply(op, ([x], given))
}

fn with_act<T: Float>(
    x: &Var<T>,
    given: Given<'_, T>,
    [mean, var]: [&Tensor<T>; 2],
    eps: T,
    residual: Option<&Var<T>>,
    activation: Activation,
) -> Result<Var<T>> {
    check_residual(x, residual)?;
    let inputs = [Some(x), given[0], given[1], residual];
    let seen = mode::is_on(mode::CHECKED | mode::OBSERVED);
    if seen || mode::will_record(inputs.into_iter().flatten()) {
        let mut y = with(x, given, [mean, var], eps)?;
        if let Some(residual) = residual {
            y = y.add(residual)?;
        }
        let of = PerActivation::<fn(Var<T>) -> Var<T>> { identity: |y| y, relu: |y| y.relu() };
        return Ok(activation.pick(of)(y));
    }
    check_channels(x, given)?;
    one_for_each_channel(x, "a mean", mean.shape())?;
    one_for_each_channel(x, "a variance", var.shape())?;
    let [weight, bias] = given.map(|numbers| numbers.map(Var::value));
    let rstd = inverse_deviation(var, eps);
    let scale = weight.map(|weight| weight.mul(&rstd)).transpose()?;
    let zeros = bias.is_none().then(|| rstd.zeros_like());
    let (scale, shift) = (scale.as_ref().unwrap_or(&rstd), bias.or(zeros.as_ref()).unwrap_or(mean));
    let y = channel_norm(x.value(), mean, scale, shift, residual.map(Var::value), activation)?;
    Ok(Var::constant(y))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{
        cases,
        inputs::{normal, positive},
    };

    const EPS: f64 = 1e-3;

    #[test]
    fn properties() {
        let inputs = |shape: &[usize]| {
            let c = shape[1];
            [normal(shape, 1), normal([c], 2), normal([c], 3)]
        };
        cases!("batch_norm_with", |x| {
            x[0].batch_norm_with(&x[1], &x[2], &normal([3], 8).cast(), &positive([3], 9).cast(), EPS as _)
        })
        .equals(|x| {
            let numbers = |n: &Var<f64>| beside(n, x[0].rank());
            let mean = numbers(&normal([3], 8).into())?;
            let std = numbers(&positive([3], 9).into())?.shift(EPS).sqrt();
            x[0].sub(&mean)?.div(&std)?.mul(&numbers(&x[1])?)?.add(&numbers(&x[2])?)
        })
        .on("features", inputs(&[5, 3]))
        .on("images", inputs(&[2, 3, 4, 5]))
        .on("no images", inputs(&[0, 3, 4, 5]))
        .refuses(
            "another mean",
            inputs(&[5, 2]),
            "batch_norm: got shape [3], wanted a mean [2], one number for each channel of [5, 2]",
        )
        .check();
        cases!("batch_norm_with neither weight nor bias", |x| {
            x[0].batch_norm_with(None, None, &normal([3], 8).cast(), &positive([3], 9).cast(), EPS as _)
        })
        .equals(|x| {
            let [ones, zeros] = [1.0, 0.0].map(|n| Var::from(Tensor::full([3], n)));
            x[0].batch_norm_with(&ones, &zeros, &normal([3], 8).cast(), &positive([3], 9).cast(), EPS as _)
        })
        .on("images", [normal([2, 3, 4, 5], 1)])
        .check();
    }

    #[test]
    fn in_one_pass_or_recorded_it_is_the_same() -> Result<()> {
        let [x, residual] = [1, 2].map(|seed| Var::from(normal([2, 3, 4, 5], seed)));
        let weight = Var::leaf(normal([3], 3));
        let (mean, var) = (normal([3], 8), positive([3], 9));
        let run = || {
            let relu = Activation::Relu;
            x.batch_norm_with_act(&weight, None, [&mean, &var], EPS, Some(&residual), relu)
        };
        let gap = run()?.value().sub(crate::no_grad(run)?.value())?.abs().max()?;
        assert!(gap.item()? < 1e-12);
        Ok(())
    }
}
