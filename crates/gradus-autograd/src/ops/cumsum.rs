//! Running sums along an axis: `yᵢ = Σ_{j ≤ i} xⱼ`.
//!
//! Every element goes into its own sum and all after it, so the gradient is the running sum from
//! the other end: `x̄ⱼ = Σ_{i ≥ j} ȳᵢ`.

use gradus_tensor::{Float, Tensor};

use crate::{At, Attributes, In, Keeps, Op, Result, Var, apply};

#[derive(Debug)]
struct CumSum {
    axis: isize,
    /// From the last element on.
    backward: bool,
}

impl CumSum {
    fn of<T: Float>(&self, x: &Tensor<T>, backward: bool) -> Result<Tensor<T>> {
        Ok(match backward {
            true => x.flip(self.axis)?.cumsum(self.axis)?.flip(self.axis)?,
            false => x.cumsum(self.axis)?,
        })
    }
}

impl<T: Float> Op<T> for CumSum {
    type Inputs = [In; 1];
    type Output = Tensor<T>;
    const NAME: &'static str = "cumsum";

    fn forward(&self, [x]: [&Tensor<T>; 1]) -> Result<Tensor<T>> {
        self.of(x, self.backward)
    }

    fn vjp(&self, _: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 1]> {
        let adjoint = Self { axis: self.axis, backward: !self.backward };
        Ok([Some(Var::apply(adjoint, [grad])?)])
    }

    fn vjp_fused(&self, _: &At<'_, T, Self>, grad: Tensor<T>) -> Result<[Option<Tensor<T>>; 1]> {
        Ok([Some(self.of(&grad, !self.backward)?)])
    }

    fn keeps(&self, _: &[bool]) -> Keeps {
        Keeps::NOTHING
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("axis", self.axis).with("backward", self.backward)
    }
}

impl<T: Float> Var<T> {
    /// The sum of each element along `axis` and all before it.
    ///
    /// # Errors
    /// If there is no such axis.
    pub fn cumsum(&self, axis: isize) -> Result<Var<T>> {
        // The tensor's own check, for its message.
        self.value().axis("cumsum", axis)?;
        apply!(CumSum { axis, backward: false }, [self])
    }
}

#[cfg(test)]
mod tests {
    use gradus_tensor::Tensor;

    use crate::Var;
    use crate::check::{cases, inputs::normal};

    #[test]
    fn properties() {
        cases!("cumsum", |x| x[0].cumsum(-1))
            .equals(|x| x[0].matmul(&Var::constant(Tensor::ones([4, 4]).triu(0)?)))
            .on("a matrix", [normal([3, 4], 1)])
            .on("no lanes", [normal([0, 4], 3)])
            .refuses("no axes", [normal([0_usize; 0], 5)], "cumsum: axis -1 is out of range")
            .check();
        cases!("cumsum of columns", |x| x[0].cumsum(0))
            .on("a matrix", [normal([3, 5], 1)])
            .on("empty lanes", [normal([0, 5], 1)])
            .check();
    }
}
