//! A look at a gradient on its way, and a change to it: `y = x`, `x̄ = f(ȳ)`.

use std::fmt;

use gradus_tensor::{Float, Tensor};

use crate::{At, In, Keeps, Op, Result, Var};

struct Hook<F>(F);

impl<F> fmt::Debug for Hook<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hook")
    }
}

impl<T, F> Op<T> for Hook<F>
where
    T: Float,
    F: Fn(&Var<T>) -> Result<Var<T>> + Send + Sync + 'static,
{
    type Inputs = [In; 1];
    type Output = Tensor<T>;
    const NAME: &'static str = "hook";

    fn forward(&self, [x]: [&Tensor<T>; 1]) -> Result<Tensor<T>> {
        Ok(x.clone())
    }

    fn vjp(&self, _: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 1]> {
        Ok([Some((self.0)(grad)?)])
    }

    fn keeps(&self, _: &[bool]) -> Keeps {
        Keeps::NOTHING
    }
}

impl<T: Float> Var<T> {
    /// The same value, whose gradient goes through `change` on its way back: to be printed, clipped, scaled
    /// or turned around (Ganin and others, *Domain-adversarial training of neural networks*, 2016, section
    /// 4). In a pass that is differentiated again the change is differentiated as well.
    ///
    /// ```
    /// # use gradus_autograd::Var;
    /// # use gradus_tensor::Tensor;
    /// let x = Var::leaf(Tensor::vector([1.0_f32, 2.0]));
    /// let y = x.hook(|grad| Ok(-grad))?;                     // a gradient reversal
    /// assert_eq!(y.sum().backward()?.of(&x).unwrap().to_vec(), [-1.0, -1.0]);
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    ///
    /// # Errors
    /// None here; those of `change` come with the backward pass.
    pub fn hook(
        &self,
        change: impl Fn(&Var<T>) -> Result<Var<T>> + Send + Sync + 'static,
    ) -> Result<Var<T>> {
        Var::apply(Hook(change), [self])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{cases, inputs::normal};
    use crate::{Error, grad};

    #[test]
    fn properties() {
        cases!("hook that changes nothing", |x| x[0].hook(|grad| Ok(grad.clone()))?.mul(&x[0]))
            .equals(|x| Ok(x[0].square()))
            .on("a matrix", [normal([2, 3], 1)])
            .check();
    }

    #[test]
    fn it_is_differentiated_and_may_fail() -> Result<()> {
        let x = Var::leaf(Tensor::scalar(3.0_f64));
        let [slope] = grad(&x.square().hook(|grad| Ok(grad.scale(10.0)))?, [&x], None)?;
        let [second] = grad(&slope, [&x], None)?;
        assert_eq!((slope.item()?, second.item()?), (60.0, 20.0));
        let failing = x.hook(|_| Err(Error::Constant))?;
        assert_eq!(failing.backward().unwrap_err(), Error::Constant);
        Ok(())
    }
}
