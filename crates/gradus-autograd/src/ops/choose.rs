//! A choice: `z = x` where a condition holds, `y` elsewhere. Each gets the gradient where it was
//! chosen: `x̄ = c z̄`, `ȳ = (1 - c) z̄`, summed over the axes that were broadcast.

use gradus_tensor::{Float, Tensor};

use crate::{At, Attributes, In, Keeps, Op, Result, Var, apply};

#[derive(Debug)]
struct Choose {
    condition: Tensor<bool>,
}

impl<T: Float> Op<T> for Choose {
    type Inputs = [In; 2];
    type Output = Tensor<T>;
    const NAME: &'static str = "choose";

    fn forward(&self, [yes, no]: [&Tensor<T>; 2]) -> Result<Tensor<T>> {
        Ok(self.condition.choose(yes, no)?)
    }

    fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 2]> {
        let zero = Var::constant(Tensor::scalar(T::ZERO));
        Ok([
            at.want(0, || Var::choose(&self.condition, grad, &zero)?.sum_to(at.shape(0)))?,
            at.want(1, || Var::choose(&self.condition, &zero, grad)?.sum_to(at.shape(1)))?,
        ])
    }

    fn vjp_fused(&self, at: &At<'_, T, Self>, grad: Tensor<T>) -> Result<[Option<Tensor<T>>; 2]> {
        let zero = Tensor::scalar(T::ZERO);
        Ok([
            at.want(0, || Ok(self.condition.choose(&grad, &zero)?.sum_to(at.shape(0))?))?,
            at.want(1, || Ok(self.condition.choose(&zero, &grad)?.sum_to(at.shape(1))?))?,
        ])
    }

    fn keeps(&self, _: &[bool]) -> Keeps {
        Keeps::NOTHING
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("condition", &self.condition)
    }
}

impl<T: Float> Var<T> {
    /// Elements of `yes` where `condition` is true, of `no` elsewhere, with broadcasting. What is
    /// not chosen gets no gradient, not even a NaN.
    ///
    /// ```
    /// # use gradus_autograd::Var;
    /// # use gradus_tensor::Tensor;
    /// let x = Var::leaf(Tensor::vector([-1.0_f32, 2.0]));
    /// let zero = Var::constant(Tensor::scalar(0.0));
    /// let y = Var::choose(&x.value().greater(zero.value())?, &x, &zero)?;
    /// assert_eq!(y.sum().backward()?.of(&x).unwrap().to_vec(), [0.0, 1.0]);
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    ///
    /// # Errors
    /// If the three shapes do not broadcast together.
    pub fn choose(condition: &Tensor<bool>, yes: &Var<T>, no: &Var<T>) -> Result<Var<T>> {
        apply!(Choose { condition: condition.clone() }, [yes, no])
    }
}

#[cfg(test)]
mod tests {
    use gradus_tensor::Tensor;

    use crate::Var;
    use crate::check::{cases, inputs::normal};

    #[test]
    fn properties() {
        let rows = Tensor::from_vec(vec![true, false, false, true, true, false], [2, 3]).unwrap();
        cases!([rows] "choose", move |x| Var::choose(&rows, &x[0], &x[1]))
            .on("equal shapes", [normal([2, 3], 1), normal([2, 3], 2)])
            .on("a number and a column", [normal([0_usize; 0], 1), normal([2, 1], 2)])
            .on("a stack", [normal([2, 2, 3], 1), normal([3], 2)])
            .on("no elements", [normal([0, 2, 3], 1), normal([3], 2)])
            .refuses(
                "other sizes",
                [normal([4], 1), normal([3], 2)],
                "choose: shapes [2, 3] and [4]",
            )
            .check();
        let one = Tensor::scalar(true);
        cases!([one] "choose", move |x| Var::choose(&one, &x[0], &x[1]))
            .on("numbers", [normal([0_usize; 0], 1), normal([0_usize; 0], 2)])
            .check();
    }
}
