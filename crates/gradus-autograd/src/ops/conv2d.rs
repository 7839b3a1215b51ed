//! Convolution of images, and its two gradients, each of which is an operation as well.
//!
//! `y[n, o, i, j] = b[o] + Σ_{c, a, b} w[o, c, a, b] · x[n, c, i·s + a·d - p, j·s + b·d - p]`
//!
//! `x` is `[N, C, H, W]`, `w` is `[O, C / groups, kh, kw]`, `b` is `[O]`; stride `s`, padding `p`,
//! dilation `d` and groups stand in [`Conv2dSpec`]. Without the bias, `y = conv(x, w)` is bilinear,
//! so `x̄ = input_grad(ȳ, w)` and `w̄ = weight_grad(x, ȳ)` are bilinear too, and the derivatives of
//! the three are among the three:
//!
//! | operation            | for the first input  | for the second       |
//! |----------------------|----------------------|----------------------|
//! | `conv(x, w)`         | `input_grad(·, w)`   | `weight_grad(x, ·)`  |
//! | `input_grad(g, w)`   | `conv(·, w)`         | `weight_grad(·, g)`  |
//! | `weight_grad(x, g)`  | `input_grad(g, ·)`   | `conv(x, ·)`         |
//!
//! (LeCun and others, *Gradient-based learning applied to document recognition*, 1998; Dumoulin and
//! Visin, *A guide to convolution arithmetic for deep learning*, 2016, chapter 4.)

use gradus_tensor::{Activation, Conv2dSpec, Float, Tensor, concrete};

use super::activation::activation_slope;
use super::windows::conv_attributes;
use crate::{At, Attributes, Each, In, Keeps, Maybe, Of, Op, Result, Var, apply};

/// With an activation in the pass that writes the result: `ȳ` is multiplied by its slope, which `y`
/// tells; then all is as without.
#[derive(Debug)]
struct Conv2d {
    activation: Activation,
    spec: Conv2dSpec,
}

impl Conv2d {
    /// The gradients, given that of what went into the activation.
    fn grads<T: Float>(
        &self,
        at: &At<'_, T, Self>,
        grad: &Var<T>,
    ) -> Result<Each<Self, T, Option<Var<T>>>> {
        let dx = || grad.conv2d_input_grad(&at.input(1)?, at.shape(0), self.spec);
        let dw = || at.input(0)?.conv2d_weight_grad(grad, at.shape(1), self.spec);
        let db = || grad.sum_axes(&[0, 2, 3], false);
        Ok(([at.want(0, dx)?, at.want(1, dw)?], [at.want(2, db)?]))
    }
}

impl<T: Float> Op<T> for Conv2d {
    type Inputs = ([In; 2], [Maybe; 1]);
    type Output = Tensor<T>;
    const NAME: &'static str = "conv2d";

    fn forward(&self, ([x, w], [b]): Of<Self, T, &Tensor<T>>) -> Result<Tensor<T>> {
        Ok(gradus_tensor::conv2d_with(x, w, b, self.activation, &self.spec)?)
    }

    fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<Each<Self, T, Option<Var<T>>>> {
        match self.activation {
            Activation::Identity => self.grads(at, grad),
            activation => self.grads(at, &grad.mul(&activation_slope(activation, at.output()?))?),
        }
    }

    fn vjp_fused(
        &self,
        at: &At<'_, T, Self>,
        mut grad: Tensor<T>,
    ) -> Result<Each<Self, T, Option<Tensor<T>>>> {
        if self.activation != Activation::Identity {
            let activation = self.activation;
            grad.zip_inplace(
                "conv2d",
                at.output_value()?,
                #[inline(always)]
                |grad, y| grad * activation.slope(y),
            )?;
        }
        let ([dx, dw], [db]) = self.grads(at, &Var::constant(grad))?;
        Ok(([dx.map(Var::into_value), dw.map(Var::into_value)], [db.map(Var::into_value)]))
    }

    /// Each factor for the gradient of the other, and the output for the slope of the activation.
    fn keeps(&self, wanted: &[bool]) -> Keeps {
        Keeps::input(1).when(wanted[0])
            | Keeps::input(0).when(wanted[1])
            | Keeps::OUTPUTS.when(self.activation != Activation::Identity)
    }

    fn attributes(&self) -> Attributes {
        conv_attributes(&self.spec)
            .with("activation", &*format!("{:?}", self.activation).to_lowercase())
    }
}

#[derive(Debug)]
struct Conv2dInputGrad {
    input_shape: Vec<usize>,
    spec: Conv2dSpec,
}

impl<T: Float> Op<T> for Conv2dInputGrad {
    type Inputs = [In; 2];
    type Output = Tensor<T>;
    const NAME: &'static str = "conv2d_input_grad";

    fn forward(&self, [grad, w]: [&Tensor<T>; 2]) -> Result<Tensor<T>> {
        Ok(gradus_tensor::conv2d_input_grad(grad, w, &self.input_shape, &self.spec)?)
    }

    fn vjp(&self, at: &At<'_, T, Self>, outer: &Var<T>) -> Result<[Option<Var<T>>; 2]> {
        Ok([
            at.want(0, || outer.conv2d(&at.input(1)?, None, self.spec))?,
            at.want(1, || outer.conv2d_weight_grad(&at.input(0)?, at.shape(1), self.spec))?,
        ])
    }

    fn keeps(&self, wanted: &[bool]) -> Keeps {
        Keeps::input(1).when(wanted[0]) | Keeps::input(0).when(wanted[1])
    }

    fn attributes(&self) -> Attributes {
        conv_attributes(&self.spec).with("input_shape", &*self.input_shape)
    }
}

#[derive(Debug)]
struct Conv2dWeightGrad {
    weight_shape: Vec<usize>,
    spec: Conv2dSpec,
}

impl<T: Float> Op<T> for Conv2dWeightGrad {
    type Inputs = [In; 2];
    type Output = Tensor<T>;
    const NAME: &'static str = "conv2d_weight_grad";

    fn forward(&self, [x, grad]: [&Tensor<T>; 2]) -> Result<Tensor<T>> {
        Ok(gradus_tensor::conv2d_weight_grad(x, grad, &self.weight_shape, &self.spec)?)
    }

    fn vjp(&self, at: &At<'_, T, Self>, outer: &Var<T>) -> Result<[Option<Var<T>>; 2]> {
        Ok([
            at.want(0, || at.input(1)?.conv2d_input_grad(outer, at.shape(0), self.spec))?,
            at.want(1, || at.input(0)?.conv2d(outer, None, self.spec))?,
        ])
    }

    fn keeps(&self, wanted: &[bool]) -> Keeps {
        Keeps::input(1).when(wanted[0]) | Keeps::input(0).when(wanted[1])
    }

    fn attributes(&self) -> Attributes {
        conv_attributes(&self.spec).with("weight_shape", &*self.weight_shape)
    }
}

impl<T: Float> Var<T> {
    /// The convolution of images `[N, C, H, W]` with a weight `[O, C / groups, kh, kw]`, plus a
    /// bias `[O]`: `[N, O, H', W']` with
    /// `H' = (H + before + after - dilation·(kh - 1) - 1) / stride + 1`, rounded down, for the padding
    /// before and after, and `W'` likewise.
    ///
    /// ```
    /// # use gradus_autograd::Var;
    /// # use gradus_tensor::{Conv2dSpec, Tensor};
    /// let images = Var::from(Tensor::<f32>::ones([8, 3, 5, 5]));
    /// let weight = Var::leaf(Tensor::ones([2, 3, 3, 3]));
    /// let bias = Var::leaf(Tensor::ones([2]));
    /// let spec = Conv2dSpec::new().padding(1);
    /// let y = images.conv2d(&weight, &bias, spec)?;
    /// assert_eq!(y.shape(), [8, 2, 5, 5]);
    /// assert_eq!(y.value().get([0, 0, 2, 2])?, 28.0);
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    ///
    /// # Errors
    /// If an input has not four axes, channels do not fit, the kernel is larger than the padded
    /// image, or stride, dilation, groups or kernel is zero.
    pub fn conv2d<'a>(
        &self,
        weight: &Var<T>,
        bias: impl Into<Option<&'a Var<T>>>,
        spec: Conv2dSpec,
    ) -> Result<Var<T>> {
        concrete!(
            conv2d: fn(&Var<T>, &Var<T>, Option<&Var<T>>, Activation, Conv2dSpec) -> Result<Var<T>>
        )(self, weight, bias.into(), Activation::Identity, spec)
    }

    /// `activation(conv2d(x, weight) + bias)`, written in one pass.
    ///
    /// ```
    /// # use gradus_autograd::Var;
    /// # use gradus_tensor::{Activation, Conv2dSpec, Tensor};
    /// let images = Var::from(Tensor::<f32>::ones([1, 1, 2, 2]));
    /// let weight = Var::leaf(Tensor::ones([2, 1, 2, 2]));
    /// let bias = Var::leaf(Tensor::vector([-3.0, -5.0]));
    /// let y = images.conv2d_with(&weight, &bias, Activation::Relu, Conv2dSpec::new())?;
    /// assert_eq!(y.value().to_vec(), [1.0, 0.0]);
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`conv2d`](Var::conv2d).
    pub fn conv2d_with(
        &self,
        weight: &Var<T>,
        bias: &Var<T>,
        activation: Activation,
        spec: Conv2dSpec,
    ) -> Result<Var<T>> {
        concrete!(
            conv2d: fn(&Var<T>, &Var<T>, Option<&Var<T>>, Activation, Conv2dSpec) -> Result<Var<T>>
        )(self, weight, Some(bias), activation, spec)
    }

    /// The gradient of a convolution without bias with respect to its input, of shape
    /// `input_shape`, where this is the gradient of its result. It is the transposed convolution.
    ///
    /// # Errors
    /// As [`conv2d`](Var::conv2d); also if this has not the shape of the convolution's result.
    pub fn conv2d_input_grad(
        &self,
        weight: &Var<T>,
        input_shape: &[usize],
        spec: Conv2dSpec,
    ) -> Result<Var<T>> {
        apply!(Conv2dInputGrad { input_shape: input_shape.to_vec(), spec }, [self, weight])
    }

    /// The gradient of a convolution of this input with respect to the weight, of shape
    /// `weight_shape`, where `grad` is the gradient of its result.
    ///
    /// # Errors
    /// As [`conv2d`](Var::conv2d); also if `grad` has not the shape of the convolution's result.
    pub fn conv2d_weight_grad(
        &self,
        grad: &Var<T>,
        weight_shape: &[usize],
        spec: Conv2dSpec,
    ) -> Result<Var<T>> {
        apply!(Conv2dWeightGrad { weight_shape: weight_shape.to_vec(), spec }, [self, grad])
    }
}

fn conv2d<T: Float>(
    x: &Var<T>,
    weight: &Var<T>,
    bias: Option<&Var<T>>,
    activation: Activation,
    spec: Conv2dSpec,
) -> Result<Var<T>> {
    Var::apply(Conv2d { activation, spec }, ([x, weight], [bias]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{cases, inputs::normal};

    /// Tap by tap: the padded images, cut to where the tap sees them, times its weights.
    fn definition(x: &Var<f64>, w: &Var<f64>, spec: Conv2dSpec) -> Result<Var<f64>> {
        let (stride, dilation, groups) = (spec.strides(), spec.dilations(), spec.group_count());
        let [rows, columns] = spec.paddings().map(|[before, after]| (before, after));
        let &[outputs, per_group, down, across] = w.shape() else { unreachable!("a weight") };
        let padded = x.pad(&[(0, 0), (0, 0), rows, columns])?;
        let out = |i: usize, kernel: usize| {
            (padded.shape()[2 + i] - dilation[i] * (kernel - 1) - 1) / stride[i] + 1
        };
        let (height, width) = (out(0, down), out(1, across));
        let mut sum: Option<Var<f64>> = None;
        for (a, b) in (0..down).flat_map(|a| (0..across).map(move |b| (a, b))) {
            let rows = (0..height).map(|i| {
                padded.slice(2, i * stride[0] + a * dilation[0]..=i * stride[0] + a * dilation[0])
            });
            let seen =
                Var::concat(&rows.collect::<Result<Vec<_>>>()?.iter().collect::<Vec<_>>(), 2)?;
            let columns = (0..width).map(|j| {
                seen.slice(3, j * stride[1] + b * dilation[1]..=j * stride[1] + b * dilation[1])
            });
            let seen =
                Var::concat(&columns.collect::<Result<Vec<_>>>()?.iter().collect::<Vec<_>>(), 3)?;
            let mut parts = Vec::new();
            for group in 0..groups {
                let seen = seen.slice(1, group * per_group..(group + 1) * per_group)?;
                let size = outputs / groups;
                let w = w.slice(0, group * size..(group + 1) * size)?.index(3, b)?.index(2, a)?;
                let pixels = seen.permute(&[0, 2, 3, 1])?;
                parts.push(pixels.matmul(&w.transpose(0, 1)?)?.permute(&[0, 3, 1, 2])?);
            }
            let tap = Var::concat(&parts.iter().collect::<Vec<_>>(), 1)?;
            sum = Some(match sum {
                Some(sum) => sum.add(&tap)?,
                None => tap,
            });
        }
        Ok(sum.unwrap_or_else(|| Var::constant(Tensor::zeros([0]))))
    }

    fn specs() -> Vec<(&'static str, [usize; 4], [usize; 4], Conv2dSpec)> {
        let plain = Conv2dSpec::new();
        vec![
            ("a plain kernel", [2, 3, 5, 4], [2, 3, 3, 2], plain),
            ("padding", [2, 2, 3, 4], [3, 2, 3, 3], plain.padding([1, 2])),
            ("stride", [1, 2, 6, 5], [2, 2, 2, 3], plain.stride([2, 3])),
            ("dilation", [1, 2, 6, 5], [2, 2, 2, 2], plain.dilation([3, 2]).padding([1, 0])),
            (
                "sides of their own",
                [2, 2, 4, 3],
                [3, 2, 3, 2],
                plain.padding([[0, 2], [1, 0]]).stride([1, 2]),
            ),
            ("groups", [2, 4, 4, 3], [6, 2, 2, 2], plain.groups(2)),
            ("one channel each", [2, 3, 4, 4], [3, 1, 3, 3], plain.groups(3).padding(1)),
            ("one pixel", [2, 3, 2, 3], [4, 3, 1, 1], plain),
            ("no images", [0, 2, 4, 4], [3, 2, 2, 2], plain),
        ]
    }

    #[test]
    fn properties() {
        for (case, x, w, spec) in specs() {
            let inputs = [normal(x, 1), normal(w, 2), normal([w[0]], 3)];
            cases!("conv2d", move |x| x[0].conv2d(&x[1], &x[2], spec))
                .equals(move |x| {
                    let b = x[2].reshape([x[2].len(), 1, 1])?;
                    definition(&x[0], &x[1], spec)?.add(&b)
                })
                .on(case, inputs.clone())
                .check();
            let relu = Activation::Relu;
            cases!("conv2d with relu", move |x| x[0].conv2d_with(&x[1], &x[2], relu, spec))
                .equals(move |x| {
                    let b = x[2].reshape([x[2].len(), 1, 1])?;
                    Ok(definition(&x[0], &x[1], spec)?.add(&b)?.relu())
                })
                .on(case, inputs)
                .check();
        }
        cases!("conv2d", |x| x[0].conv2d(&x[1], &x[2], Conv2dSpec::new()))
            .on("one tap", [normal([1, 1, 1, 1], 1), normal([1, 1, 1, 1], 2), normal([1], 3)])
            .refuses(
                "other channels",
                [normal([1, 2, 4, 4], 1), normal([1, 3, 2, 2], 2), normal([1], 3)],
                "conv2d: got shape [1, 2, 4, 4], wanted",
            )
            .refuses(
                "another bias",
                [normal([1, 2, 4, 4], 1), normal([3, 2, 2, 2], 2), normal([2], 3)],
                "conv2d: got shape [2], wanted a bias [3], one number for each channel of the result",
            )
            .refuses(
                "a large kernel",
                [normal([1, 2, 4, 4], 1), normal([3, 2, 5, 2], 2), normal([3], 3)],
                "conv2d: got a kernel that spans 5 on axis 2",
            )
            .check();
    }

    #[test]
    fn properties_of_the_gradients() {
        for (case, x, w, spec) in specs() {
            let y = Var::from(normal(x, 1)).conv2d(&normal(w, 2).into(), None, spec);
            let y = y.map(|y| y.shape().to_vec()).unwrap_or_default();
            cases!("conv2d without bias", move |x| x[0].conv2d(&x[1], None, spec))
                .equals(move |x| definition(&x[0], &x[1], spec))
                .on(case, [normal(x, 1), normal(w, 2)])
                .check();
            cases!("conv2d_input_grad", move |v| v[0].conv2d_input_grad(&v[1], &x, spec))
                .on(case, [normal(&y, 1), normal(w, 2)])
                .refuses(
                    "another shape",
                    [normal([1, 1, 9, 9], 1), normal(w, 2)],
                    "conv2d_input_grad: got shape [1, 1, 9, 9], wanted",
                )
                .check();
            cases!("conv2d_weight_grad", move |v| v[0].conv2d_weight_grad(&v[1], &w, spec))
                .on(case, [normal(x, 1), normal(&y, 2)])
                .check();
        }
    }
}
