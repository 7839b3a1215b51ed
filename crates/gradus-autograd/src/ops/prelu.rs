//! The rectified linear unit with a learned slope: `y = x` where `x > 0`, else `a x`.
//!
//! `x̄ = ȳ` where `x > 0`, else `a ȳ`; `ā = Σ x ȳ` over the elements `x ≤ 0` that used this `a`. (He,
//! Zhang, Ren and Sun, *Delving deep into rectifiers*, 2015, equations 1 and 3.)

use gradus_tensor::{Error, Float, Tensor, concrete};

use crate::{At, In, Op, Result, Var};

/// The second input is broadcast to the first.
#[derive(Debug)]
struct PRelu;

impl<T: Float> Op<T> for PRelu {
    type Inputs = [In; 2];
    type Output = Tensor<T>;
    const NAME: &'static str = "prelu";

    fn forward(&self, [x, slope]: [&Tensor<T>; 2]) -> Result<Tensor<T>> {
        Ok(x.zip("prelu", slope, |x, a| if x > T::ZERO { x } else { a * x })?)
    }

    fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 2]> {
        let [x, slope] = at.inputs()?;
        let zero = Var::constant(Tensor::scalar(T::ZERO));
        let positive = x.value().greater(zero.value())?;
        Ok([
            at.want(0, || Var::choose(&positive, grad, &grad.mul(&slope)?))?,
            at.want(1, || Var::choose(&positive, &zero, &grad.mul(&x)?)?.sum_to(slope.shape()))?,
        ])
    }
}

impl<T: Float> Var<T> {
    /// Each element where it is positive, a learned slope times it elsewhere. `slope` has one
    /// element, or one for each channel: each index on axis 1.
    ///
    /// # Errors
    /// If `slope` is not of rank 1, or has another number of elements.
    pub fn prelu(&self, slope: &Var<T>) -> Result<Var<T>> {
        concrete!(prelu: fn(&Var<T>, &Var<T>) -> Result<Var<T>>)(self, slope)
    }
}

fn prelu<T: Float>(x: &Var<T>, slope: &Var<T>) -> Result<Var<T>> {
    let channels = x.shape().get(1).copied().unwrap_or(1);
    if slope.rank() != 1 || (slope.len() != 1 && slope.len() != channels) {
        let wanted = match channels {
            1 => "[1]".to_string(),
            _ => format!("[1] or [{channels}], one slope for each index on axis 1"),
        };
        return Err(Error::shape("prelu", slope.shape(), wanted).into());
    }
    // One axis for each axis of `x` after the channels.
    let mut shape = vec![1; x.rank().saturating_sub(1)];
    if let Some(first) = shape.first_mut() {
        *first = slope.len();
    }
    Var::apply(PRelu, [x, &slope.reshape(shape)?])
}

#[cfg(test)]
mod tests {
    use crate::check::{
        cases,
        inputs::{away_from_zero, normal},
    };

    #[test]
    fn properties() {
        cases!("prelu", |x| x[0].prelu(&x[1]))
            .equals(|x| {
                let mut shape = vec![1; x[0].rank().max(2) - 1];
                shape[0] = x[1].len();
                let slope = x[1].reshape(shape)?;
                let below = x[0].minimum(&crate::Var::constant(x[0].value().zeros_like()))?;
                let y = x[0].relu().add(&below.mul(&slope)?)?;
                y.reshape(x[0].shape())
            })
            .on("features", [away_from_zero([3, 4], 1), normal([4], 2)])
            .on("images", [away_from_zero([2, 3, 2, 3], 1), normal([3], 2)])
            .on("one slope", [away_from_zero([2, 3, 5], 1), normal([1], 2)])
            .on("a vector", [away_from_zero([3], 1), normal([1], 2)])
            .on("one number", [away_from_zero([0_usize; 0], 1), normal([1], 2)])
            .on("no elements", [away_from_zero([0, 3], 1), normal([3], 2)])
            .refuses(
                "too few slopes",
                [normal([2, 3], 1), normal([2], 2)],
                "prelu: got shape [2], wanted [1] or [3], one slope for each index on axis 1",
            )
            .refuses(
                "a matrix of slopes",
                [normal([2, 1], 1), normal([1, 1], 2)],
                "prelu: got shape [1, 1], wanted [1]",
            )
            .check();
    }
}
