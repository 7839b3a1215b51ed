//! Variables joined along an axis. Each gets its part of the gradient back.

use gradus_tensor::{Float, Tensor, concrete};

use crate::{At, Attributes, In, Keeps, Op, Result, Var};

#[derive(Debug)]
struct Concat {
    axis: isize,
}

impl<T: Float> Op<T> for Concat {
    type Inputs = Vec<In>;
    type Output = Tensor<T>;
    const NAME: &'static str = "concat";

    fn forward(&self, inputs: Vec<&Tensor<T>>) -> Result<Tensor<T>> {
        Ok(Tensor::concat(&inputs, self.axis)?)
    }

    fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<Vec<Option<Var<T>>>> {
        let axis = grad.value().axis("concat", self.axis)?;
        let mut start = 0;
        let mut parts = Vec::with_capacity(at.len());
        for input in 0..at.len() {
            let end = start + at.shape(input)[axis];
            parts.push(at.want(input, || grad.slice(axis as isize, start..end))?);
            start = end;
        }
        Ok(parts)
    }

    fn keeps(&self, _: &[bool]) -> Keeps {
        Keeps::NOTHING
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("axis", self.axis)
    }
}

impl<T: Float> Var<T> {
    /// Variables joined along an existing axis.
    ///
    /// # Errors
    /// If there are none, or their other axes differ.
    pub fn concat(parts: &[&Var<T>], axis: isize) -> Result<Var<T>> {
        concrete!(concat: fn(&[&Var<T>], isize) -> Result<Var<T>>)(parts, axis)
    }

    /// Variables of one shape joined along a new axis.
    ///
    /// # Errors
    /// If there are none, or their shapes differ.
    pub fn stack(parts: &[&Var<T>], axis: isize) -> Result<Var<T>> {
        concrete!(stack: fn(&[&Var<T>], isize) -> Result<Var<T>>)(parts, axis)
    }
}

fn concat<T: Float>(parts: &[&Var<T>], axis: isize) -> Result<Var<T>> {
    Var::apply(Concat { axis }, parts.to_vec())
}

fn stack<T: Float>(parts: &[&Var<T>], axis: isize) -> Result<Var<T>> {
    let parts: Vec<Var<T>> = parts.iter().map(|x| x.unsqueeze(axis)).collect::<Result<_>>()?;
    concat(&parts.iter().collect::<Vec<_>>(), axis)
}

#[cfg(test)]
mod tests {
    use crate::check::{cases, inputs::normal};

    #[test]
    fn properties() {
        cases!("concat", |x| crate::Var::concat(&[&x[0], &x[1], &x[0]], -1))
            .on("matrices", [normal([2, 3], 1), normal([2, 1], 2)])
            .on("an empty part", [normal([2, 3], 1), normal([2, 0], 2)])
            .refuses("other rows", [normal([2, 3], 1), normal([3, 3], 2)], "concat: ")
            .check();
        cases!("stack", |x| crate::Var::stack(&[&x[0], &x[1]], 1))
            .on("matrices", [normal([2, 3], 1), normal([2, 3], 2)])
            .refuses("other shapes", [normal([2, 3], 1), normal([2, 2], 2)], "concat: ")
            .check();
        assert!(crate::Var::<f32>::concat(&[], 0).is_err());
    }
}
