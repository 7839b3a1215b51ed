//! The largest and the smallest elements along some axes: `y = max x`.
//!
//! The gradient goes to the elements that are equal to `y`, in equal shares if there are several
//! (`torch.amax` does the same): `x̄ = ȳ [x = y] / Σ [x = y]`. Undefined over no elements. A NaN
//! makes result and gradient NaN.

use gradus_tensor::{Float, Tensor, concrete};

use crate::{At, Attributes, In, Keeps, Op, Result, Var};

#[derive(Debug)]
struct Extreme {
    axes: Vec<isize>,
    largest: bool,
}

impl Extreme {
    /// How many elements share the place of each extreme.
    fn ties<T: Float>(&self, x: &Tensor<T>, y: &Tensor<T>) -> Result<Tensor<T>> {
        Ok(mask(x, y)?.sum_axes(&self.axes, true)?)
    }
}

/// One where an element is the extreme, zero elsewhere.
fn mask<T: Float>(x: &Tensor<T>, y: &Tensor<T>) -> Result<Tensor<T>> {
    Ok(x.zip("extreme", y, |x, y| if x == y { T::ONE } else { T::ZERO })?)
}

impl<T: Float> Op<T> for Extreme {
    type Inputs = [In; 1];
    type Output = Tensor<T>;
    const NAME: &'static str = "max";

    fn forward(&self, [x]: [&Tensor<T>; 1]) -> Result<Tensor<T>> {
        let y = match self.largest {
            true => x.max_axes(&self.axes, true)?,
            false => x.min_axes(&self.axes, true)?,
        };
        Ok(y)
    }

    fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 1]> {
        let ([x], y) = (at.values()?, at.output_value()?);
        let share = grad.div(&Var::constant(self.ties(x, y)?))?;
        Ok([Some(share.mul(&Var::constant(mask(x, y)?))?)])
    }

    fn vjp_fused(&self, at: &At<'_, T, Self>, grad: Tensor<T>) -> Result<[Option<Tensor<T>>; 1]> {
        let ([x], y) = (at.values()?, at.output_value()?);
        let share = grad.div(&self.ties(x, y)?)?;
        // A lane with a NaN has no element equal to its extreme, and an infinite or NaN share.
        let grad = x.zip3("extreme", y, &share, |x, y, share| match x == y {
            true => share,
            false if y.is_nan() => y,
            false => T::ZERO,
        })?;
        Ok([Some(grad)])
    }

    fn name(&self) -> &'static str {
        if self.largest { "max" } else { "min" }
    }

    fn keeps(&self, _: &[bool]) -> Keeps {
        Keeps::INPUTS | Keeps::OUTPUTS
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("axes", &*self.axes)
    }
}

impl<T: Float> Var<T> {
    /// The largest element, of rank 0; see [`max_axes`](Var::max_axes).
    ///
    /// # Errors
    /// If there are no elements.
    pub fn max(&self) -> Result<Var<T>> {
        concrete!(max: fn(&Var<T>) -> Result<Var<T>>)(self)
    }

    /// The smallest element, of rank 0; see [`max_axes`](Var::max_axes).
    ///
    /// # Errors
    /// If there are no elements.
    pub fn min(&self) -> Result<Var<T>> {
        concrete!(min: fn(&Var<T>) -> Result<Var<T>>)(self)
    }

    /// The largest elements along `axes`, which stay as axes of size 1 if `keep` is set. Where
    /// several are the largest, they share the gradient equally.
    ///
    /// ```
    /// # use gradus_autograd::Var;
    /// # use gradus_tensor::Tensor;
    /// let x = Var::leaf(Tensor::vector([1.0_f32, 5.0, 5.0]));
    /// let y = x.max_axes(&[0], false)?;
    /// assert_eq!(y.item()?, 5.0);
    /// assert_eq!(y.backward()?.of(&x).unwrap().to_vec(), [0.0, 0.5, 0.5]);
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    ///
    /// # Errors
    /// If an axis does not exist, is named twice, or has no elements.
    pub fn max_axes(&self, axes: &[isize], keep: bool) -> Result<Var<T>> {
        concrete!(max_axes: fn(&Var<T>, &[isize], bool) -> Result<Var<T>>)(self, axes, keep)
    }

    /// The smallest elements along `axes`, which stay as axes of size 1 if `keep` is set. Where
    /// several are the smallest, they share the gradient equally.
    ///
    /// # Errors
    /// If an axis does not exist, is named twice, or has no elements.
    pub fn min_axes(&self, axes: &[isize], keep: bool) -> Result<Var<T>> {
        concrete!(min_axes: fn(&Var<T>, &[isize], bool) -> Result<Var<T>>)(self, axes, keep)
    }
}

fn max<T: Float>(x: &Var<T>) -> Result<Var<T>> {
    max_axes(x, &all_axes(x), false)
}

fn min<T: Float>(x: &Var<T>) -> Result<Var<T>> {
    min_axes(x, &all_axes(x), false)
}

fn max_axes<T: Float>(x: &Var<T>, axes: &[isize], keep: bool) -> Result<Var<T>> {
    extreme("max", x, Extreme { axes: axes.to_vec(), largest: true }, keep)
}

fn min_axes<T: Float>(x: &Var<T>, axes: &[isize], keep: bool) -> Result<Var<T>> {
    extreme("min", x, Extreme { axes: axes.to_vec(), largest: false }, keep)
}

fn extreme<T: Float>(op: &'static str, x: &Var<T>, extreme: Extreme, keep: bool) -> Result<Var<T>> {
    let shape = x.reduced_shape(op, &extreme.axes, keep)?;
    let y = Var::apply(extreme, [x])?;
    if keep { Ok(y) } else { y.reshape(shape) }
}

fn all_axes<T: Float>(x: &Var<T>) -> Vec<isize> {
    (0..x.rank() as isize).collect()
}

#[cfg(test)]
mod tests {
    use gradus_tensor::Tensor;

    use crate::Var;
    use crate::check::{cases, inputs::distinct};

    #[test]
    fn properties() {
        cases!("max_axes", |x| x[0].max_axes(&[-1], false))
            .on("a matrix", [distinct([3, 4], 1)])
            .on("three axes", [distinct([2, 3, 5], 2)])
            .on("no lanes", [distinct([0, 4], 3)])
            .refuses(
                "no elements",
                [distinct([2, 0], 4)],
                "max: got shape [2, 0], wanted at least one",
            )
            .refuses("no axes", [distinct([0_usize; 0], 5)], "max: axis -1 is out of range")
            .check();
        cases!("min_axes", |x| x[0].min_axes(&[0, 2], true))
            .equals(|x| Ok(-(-&x[0]).max_axes(&[0, 2], true)?))
            .on("three axes", [distinct([2, 3, 4], 1)])
            .refuses("a matrix", [distinct([2, 3], 2)], "min: axis 2 is out of range")
            .check();
        cases!("max", |x| x[0].max())
            .on("a matrix", [distinct([3, 4], 1)])
            .on("one number", [distinct([0_usize; 0], 2)])
            .refuses("no elements", [distinct([0], 4)], "max: got shape [0]")
            .check();
        cases!("min", |x| x[0].min()).on("a matrix", [distinct([3, 4], 1)]).check();
    }

    #[test]
    fn a_nan_is_not_lost() {
        let x = Var::leaf(Tensor::vector([1.0_f32, f32::NAN, 2.0]));
        let y = x.max().unwrap();
        assert!(y.item().unwrap().is_nan());
        let gradients = y.backward().unwrap();
        assert!(gradients.of(&x).unwrap().to_vec().iter().all(|g| g.is_nan()));
    }
}
