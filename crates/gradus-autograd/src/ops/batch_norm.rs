//! Batch normalisation: each channel brought to mean 0 and variance 1.
//!
//! For `x` of shape `[N, C, …]` and each channel, with `m` elements of it in the batch:
//!
//! `μ = 1/m Σ x`, `σ² = 1/m Σ (x - μ)²`, `x̂ = (x - μ) / √(σ² + ε)`, `y = γ x̂ + β`
//!
//! `β̄ = Σ ȳ`, `γ̄ = Σ ȳ x̂`, `x̄ = γ / √(σ² + ε) · (ȳ - β̄/m - x̂ γ̄/m)`
//!
//! (Ioffe and Szegedy, *Batch normalization*, 2015, algorithm 1 and section 3.) A residual and a
//! ReLU may follow in the same pass, `y = max(0, γ x̂ + β + r)`; `ȳ` then counts where `y > 0`, and is
//! the gradient of `r` too. If a channel has
//! no elements, its mean and variance are NaN.

use gradus_tensor::{Activation, Error, Float, Tensor, batch_norm_grad, channel_norm, concrete};

use super::activation::activation_slope;
use super::var_axes::centered;
use crate::{At, Attributes, Each, In, Keeps, Maybe, Of, Op, Result, Saving, Var};

/// By the statistics of the batch; weight, bias and residual may be missing.
#[derive(Debug)]
struct BatchNorm<T: Float> {
    eps: T,
    activation: Activation,
}

/// Of each channel of the batch.
struct Statistics<T: Float> {
    mean: Tensor<T>,
    var: Tensor<T>,
    rstd: Tensor<T>,
}

impl<T: Float> Op<T> for BatchNorm<T> {
    type Inputs = ([In; 1], [Maybe; 3]);
    type Output = Saving<Tensor<T>, Statistics<T>>;
    const NAME: &'static str = "batch_norm";

    fn forward(
        &self,
        ([x], [weight, bias, residual]): Of<Self, T, &Tensor<T>>,
    ) -> Result<Self::Output> {
        let (mean, var) = x.mean_var(&all_but_channels(x.rank()), false)?;
        let rstd = inverse_deviation(&var, self.eps);
        let scale = weight.map(|weight| rstd.mul(weight)).transpose()?;
        let zeros = bias.is_none().then(|| rstd.zeros_like());
        let shift = bias.or(zeros.as_ref()).unwrap_or(&rstd);
        let y = channel_norm(
            x,
            &mean,
            scale.as_ref().unwrap_or(&rstd),
            shift,
            residual,
            self.activation,
        )?;
        Ok(Saving(y, Statistics { mean, var, rstd }))
    }

    fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<Each<Self, T, Option<Var<T>>>> {
        let grad = match self.activation {
            Activation::Identity => grad.clone(),
            activation => grad.mul(&activation_slope(activation, at.output()?))?,
        };
        let x = at.input(0)?;
        let axes = all_but_channels(x.rank());
        let mean = |x: Var<T>| x.mean_axes(&axes, true);
        let distance = centered(&x, &axes)?;
        let std = mean(distance.mul(&distance)?)?.shift(self.eps).sqrt();
        let normal = distance.div(&std)?;
        let dx = || {
            let shared = normal.mul(&mean(grad.mul(&normal)?)?)?;
            let rest = grad.sub(&mean(grad.clone())?)?.sub(&shared)?;
            match at.has(1) {
                true => rest.mul(&beside(&at.input(1)?, x.rank())?)?.div(&std),
                false => rest.div(&std),
            }
        };
        let dweight = at.want(1, || grad.mul(&normal)?.sum_axes(&axes, false))?;
        let dbias = at.want(2, || grad.sum_axes(&axes, false))?;
        Ok(([at.want(0, dx)?], [dweight, dbias, at.want(3, || Ok(grad.clone()))?]))
    }

    fn vjp_fused(
        &self,
        at: &At<'_, T, Self>,
        mut grad: Tensor<T>,
    ) -> Result<Each<Self, T, Option<Tensor<T>>>> {
        let x = at.value(0)?;
        let Statistics { mean, rstd, .. } = at.saved;
        let missing = |input, number| (!at.has(input)).then(|| Tensor::full(mean.shape(), number));
        let (ones, zeros) = (missing(1, T::ONE), missing(2, T::ZERO));
        let weight = if let Some(ones) = &ones { ones } else { at.value(1)? };
        let mut relu = None;
        if self.activation == Activation::Relu && !at.has(3) {
            // What was open is found again on the way, which spares a pass over memory.
            relu = Some(if let Some(zeros) = &zeros { zeros } else { at.value(2)? });
        } else if self.activation != Activation::Identity {
            let activation = self.activation;
            grad = grad.zip(
                "batch_norm",
                at.output_value()?,
                #[inline(always)]
                |g, y| match activation.slope(y) {
                    slope if slope == T::ZERO => T::ZERO,
                    slope => g * slope,
                },
            )?;
        }
        let (dx, dweight, dbias) =
            batch_norm_grad(x, &grad, mean, rstd, weight, relu, at.wanted[0])?;
        Ok(([dx], [Some(dweight), Some(dbias), at.wanted[3].then_some(grad)]))
    }

    fn keeps(&self, _: &[bool]) -> Keeps {
        let active = self.activation != Activation::Identity;
        Keeps::input(0) | Keeps::input(1) | (Keeps::input(2) | Keeps::OUTPUTS).when(active)
    }

    fn attributes(&self) -> Attributes {
        let activation = format!("{:?}", self.activation).to_lowercase();
        Attributes::new().with("eps", self.eps.to_f64()).with("activation", &*activation)
    }
}

/// All axes but axis 1.
pub(super) fn all_but_channels(rank: usize) -> Vec<isize> {
    (0..rank as isize).filter(|&axis| axis != 1).collect()
}

/// One number for each channel, in a shape that broadcasts to `[N, C, …]`.
pub(super) fn beside<T: Float>(numbers: &Var<T>, rank: usize) -> Result<Var<T>> {
    let mut shape = vec![1; rank - 1];
    shape[0] = numbers.len();
    numbers.reshape(shape)
}

/// `1 / √(var + eps)`
pub(super) fn inverse_deviation<T: Float>(var: &Tensor<T>, eps: T) -> Tensor<T> {
    var.map(move |var| T::ONE / (var + eps).sqrt())
}

impl<T: Float> Var<T> {
    /// Each channel of `[N, C, …]` brought to mean 0 and variance 1 over all other axes, times
    /// `weight`, plus `bias` (both `[C]`, ones and zeros if not given): the result, and the mean and
    /// the variance that the batch had. The variance divides by the number of elements, `m`, not by
    /// `m - 1`.
    ///
    /// ```
    /// # use gradus_autograd::Var;
    /// # use gradus_tensor::Tensor;
    /// let x = Var::leaf(Tensor::from_vec(vec![1.0_f32, 5.0, 3.0, 5.0], [2, 2])?);
    /// let (y, mean, var) = x.batch_norm(None, None, 1e-5)?;
    /// assert_eq!((mean.to_vec(), var.to_vec()), (vec![2.0, 5.0], vec![1.0, 0.0]));
    /// assert!((y.value().get([1, 0])? - 1.0).abs() < 1e-4);
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    ///
    /// # Errors
    /// If there are fewer than two axes, or weight or bias have not one number for each channel.
    pub fn batch_norm<'a>(
        &self,
        weight: impl Into<Option<&'a Var<T>>>,
        bias: impl Into<Option<&'a Var<T>>>,
        eps: T,
    ) -> Result<(Var<T>, Tensor<T>, Tensor<T>)> {
        let (weight, bias) = (weight.into(), bias.into());
        self.batch_norm_act(weight, bias, eps, None, Activation::Identity)
    }

    /// The same, with a residual of the same shape added and an activation applied in one pass over
    /// memory: `f(batch_norm(x) + residual)`.
    ///
    /// ```
    /// # use gradus_autograd::Var;
    /// # use gradus_tensor::{Activation, Tensor};
    /// let x = Var::leaf(Tensor::from_vec(vec![1.0_f32, 3.0], [2, 1])?);
    /// let (y, ..) = x.batch_norm_act(None, None, 0.0, Some(&x), Activation::Relu)?;
    /// assert_eq!(y.value().to_vec(), [0.0, 4.0]);
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`batch_norm`](Var::batch_norm); also if the residual has another shape.
    pub fn batch_norm_act<'a>(
        &self,
        weight: impl Into<Option<&'a Var<T>>>,
        bias: impl Into<Option<&'a Var<T>>>,
        eps: T,
        residual: Option<&Var<T>>,
        activation: Activation,
    ) -> Result<(Var<T>, Tensor<T>, Tensor<T>)> {
        concrete!(
            by_batch: fn(
                &Var<T>, Given<'_, T>, T, Option<&Var<T>>, Activation,
            ) -> Result<(Var<T>, Tensor<T>, Tensor<T>)>
        )(self, [weight.into(), bias.into()], eps, residual, activation)
    }
}

/// Weight and bias, if they are given.
pub(super) type Given<'a, T> = [Option<&'a Var<T>>; 2];

fn by_batch<T: Float>(
    x: &Var<T>,
    given: Given<'_, T>,
    eps: T,
    residual: Option<&Var<T>>,
    activation: Activation,
) -> Result<(Var<T>, Tensor<T>, Tensor<T>)> {
    check_channels(x, given)?;
    check_residual(x, residual)?;
    let op = BatchNorm { eps, activation };
    let inputs = ([x], [given[0], given[1], residual]);
    let (y, (mean, var)) = Var::apply_reading(op, inputs, |of| (of.mean.clone(), of.var.clone()))?;
    Ok((y, mean, var))
}

/// Weight and bias of the channels, if they are given, must have their shape.
pub(super) fn check_channels<T: Float>(x: &Var<T>, [weight, bias]: Given<'_, T>) -> Result<()> {
    if x.rank() < 2 {
        let wanted = "at least two axes [N, C, …]";
        return Err(Error::shape("batch_norm", x.shape(), wanted).into());
    }
    let check = |what, numbers: Option<&Var<T>>| {
        numbers.map_or(Ok(()), |numbers| one_for_each_channel(x, what, numbers.shape()))
    };
    check("a weight", weight)?;
    check("a bias", bias)
}

/// A residual has the shape of the input.
pub(super) fn check_residual<T: Float>(x: &Var<T>, residual: Option<&Var<T>>) -> Result<()> {
    match residual {
        Some(residual) if residual.shape() != x.shape() => {
            let wanted = format!("a residual {:?}, of the shape of the input", x.shape());
            Err(Error::shape("batch_norm", residual.shape(), wanted).into())
        }
        _ => Ok(()),
    }
}

pub(super) fn one_for_each_channel<T: Float>(
    x: &Var<T>,
    what: &str,
    shape: &[usize],
) -> Result<()> {
    if shape == &x.shape()[1..2] {
        return Ok(());
    }
    let channels = x.shape()[1];
    let wanted = format!("{what} [{channels}], one number for each channel of {:?}", x.shape());
    Err(Error::shape("batch_norm", shape, wanted).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{cases, inputs::normal};

    const EPS: f64 = 1e-3;

    fn definition(x: &[Var<f64>]) -> Result<Var<f64>> {
        let axes = all_but_channels(x[0].rank());
        let distance = x[0].sub(&x[0].mean_axes(&axes, true)?)?;
        let var = distance.mul(&distance)?.mean_axes(&axes, true)?;
        let normal = distance.div(&var.shift(EPS).sqrt())?;
        normal.mul(&beside(&x[1], x[0].rank())?)?.add(&beside(&x[2], x[0].rank())?)
    }

    #[test]
    fn properties() {
        let inputs = |shape: &[usize]| {
            let c = shape[1];
            [normal(shape, 1), normal([c], 2), normal([c], 3)]
        };
        cases!("batch_norm", |x| Ok(x[0].batch_norm(&x[1], &x[2], EPS as _)?.0))
            .equals(definition)
            .on("features", inputs(&[5, 3]))
            .on("images", inputs(&[2, 3, 4, 5]))
            .on("sequences", inputs(&[3, 2, 7]))
            .on("one channel", inputs(&[3, 1, 2, 2]))
            .on("one image", inputs(&[1, 3, 3, 2]))
            .on("long channels", inputs(&[2, 3, 67]))
            .on("many channels", inputs(&[3, 300]))
            .refuses("a vector", [normal([3], 1), normal([3], 2), normal([3], 3)], "got shape [3]")
            .refuses(
                "another weight",
                [normal([2, 3], 1), normal([2], 2), normal([3], 3)],
                "batch_norm: got shape [2], wanted a weight [3], one number for each channel of \
                 [2, 3]",
            )
            .refuses(
                "another bias",
                [normal([2, 3], 1), normal([3], 2), normal([3, 1], 3)],
                "batch_norm: got shape [3, 1], wanted a bias [3]",
            )
            .check();
        let relu = Activation::Relu;
        cases!("batch_norm and relu", move |x| {
            Ok(x[0].batch_norm_act(&x[1], &x[2], EPS as _, None, relu)?.0)
        })
        .equals(|x| Ok(definition(x)?.relu()))
        .on("features", inputs(&[5, 3]))
        .on("images", inputs(&[2, 3, 4, 5]))
        .on("many channels", inputs(&[3, 70]))
        .check();
        let with_residual = |shape: &[usize]| {
            let [x, weight, bias] = inputs(shape);
            [x, weight, bias, normal(shape, 4)]
        };
        for activation in [Activation::Identity, relu] {
            cases!("batch_norm, residual, activation", move |x| {
                Ok(x[0].batch_norm_act(&x[1], &x[2], EPS as _, Some(&x[3]), activation)?.0)
            })
            .equals(move |x| {
                let y = definition(&x[..3])?.add(&x[3])?;
                Ok(if activation == relu { y.relu() } else { y })
            })
            .on("features", with_residual(&[5, 3]))
            .on("images", with_residual(&[2, 3, 4, 5]))
            .refuses(
                "another residual",
                [normal([2, 3], 1), normal([3], 2), normal([3], 3), normal([2, 1], 4)],
                "batch_norm: got shape [2, 1], wanted a residual [2, 3], of the shape of the input",
            )
            .check();
        }
        cases!("batch_norm without weight and bias", |x| {
            Ok(x[0].batch_norm(None, None, EPS as _)?.0)
        })
        .equals(|x| {
            let [ones, zeros] = [1.0, 0.0].map(|n| Var::from(Tensor::full([3], n)));
            definition(&[x[0].clone(), ones, zeros])
        })
        .on("images", [normal([2, 3, 2, 2], 1)])
        .check();
    }

    #[test]
    fn memory_order_stays_and_changes_nothing() -> Result<()> {
        let x = normal([4, 5, 3, 2], 1);
        let (weight, bias) = (Var::leaf(normal([5], 2)), Var::leaf(normal([5], 3)));
        let target = Var::from(normal([4, 5, 3, 2], 4));
        let mut results = Vec::new();
        for x in [x.clone(), x.channels_last()?] {
            let strides = x.strides().to_vec();
            let x = Var::leaf(x);
            let (y, mean, var) = x.batch_norm(&weight, &bias, EPS)?;
            assert_eq!(y.value().strides(), strides);
            let gradients = y.mul(&target)?.sum().backward()?;
            let all = [&x, &weight, &bias]
                .map(|v| gradients.of(v).cloned().unwrap_or_else(|| v.value().zeros_like()));
            results.push((y.into_value(), mean, var, all));
        }
        let [a, b] = [&results[0], &results[1]];
        let near = |a: &Tensor<f64>, b: &Tensor<f64>| {
            let far = |a: f64, b: f64| (a - b).is_nan() || (a - b).abs() > 1e-12 * (1.0 + a.abs());
            assert!(!a.zip("near", b, far).is_ok_and(|far| far.any()), "{a:?} {b:?}");
        };
        near(&a.0, &b.0);
        near(&a.1, &b.1);
        near(&a.2, &b.2);
        a.3.iter().zip(&b.3).for_each(|(a, b)| near(a, b));
        Ok(())
    }

    #[test]
    fn a_distant_mean_costs_no_precision() -> Result<()> {
        let x = normal([64, 2], 1);
        let far = x.map(|x| 1e4 + x).cast::<f32>();
        let (y, mean, var) = Var::from(far).batch_norm(None, None, 0.0)?;
        assert!((mean.get([0])? - 1e4).abs() < 1.0 && (var.get([0])? - 1.0).abs() < 0.5);
        let (exact, ..) = Var::from(x).batch_norm(None, None, 0.0)?;
        let worst = y.value().cast::<f64>().sub(exact.value())?.abs().max()?.item()?;
        assert!(worst < 2e-3, "off by {worst}");
        Ok(())
    }
}
