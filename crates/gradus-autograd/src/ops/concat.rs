//! Variables joined along an axis. Each gets its part of the gradient back.

use gradus_tensor::{Float, Tensor, concrete};

use crate::{OpMany, Result, Var};

#[derive(Debug)]
struct Concat {
    axis: isize,
}

impl<T: Float> OpMany<T> for Concat {
    fn forward(&self, inputs: &[&Tensor<T>]) -> Result<Tensor<T>> {
        Ok(Tensor::concat(inputs, self.axis)?)
    }

    fn vjp(
        &self,
        shapes: &[Vec<usize>],
        wanted: &[bool],
        grad: &Var<T>,
    ) -> Result<Vec<Option<Var<T>>>> {
        let axis = grad.value().axis("concat", self.axis)?;
        let mut start = 0;
        let mut parts = Vec::with_capacity(shapes.len());
        for (shape, &wanted) in shapes.iter().zip(wanted) {
            let end = start + shape[axis];
            parts.push(wanted.then(|| grad.slice(axis as isize, start..end)).transpose()?);
            start = end;
        }
        Ok(parts)
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
    Var::apply_many(Concat { axis }, parts)
}

fn stack<T: Float>(parts: &[&Var<T>], axis: isize) -> Result<Var<T>> {
    let parts: Vec<Var<T>> = parts.iter().map(|x| x.unsqueeze(axis)).collect::<Result<_>>()?;
    concat(&parts.iter().collect::<Vec<_>>(), axis)
}

#[cfg(test)]
mod tests {
    use crate::check::{Cases, inputs::normal};

    #[test]
    fn properties() {
        Cases::new("concat", |x| crate::Var::concat(&[&x[0], &x[1], &x[0]], -1))
            .on("matrices", [normal([2, 3], 1), normal([2, 1], 2)])
            .on("an empty part", [normal([2, 3], 1), normal([2, 0], 2)])
            .refuses("other rows", [normal([2, 3], 1), normal([3, 3], 2)], "concat: ")
            .check();
        Cases::new("stack", |x| crate::Var::stack(&[&x[0], &x[1]], 1))
            .on("matrices", [normal([2, 3], 1), normal([2, 3], 2)])
            .refuses("other shapes", [normal([2, 3], 1), normal([2, 2], 2)], "concat: ")
            .check();
        assert!(crate::Var::<f32>::concat(&[], 0).is_err());
    }
}
