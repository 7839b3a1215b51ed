//! A variable cut into parts along an axis: several outputs of one operation, whose gradients are joined
//! again in one pass. A part that no gradient reaches has the gradient zero.

use gradus_tensor::{Float, Tensor, concrete};

use crate::{At, Attributes, In, Keeps, Op, Result, Var};

#[derive(Debug)]
struct Split {
    sizes: Vec<usize>,
    axis: isize,
}

impl<T: Float> Op<T> for Split {
    type Inputs = [In; 1];
    type Output = Vec<Tensor<T>>;
    const NAME: &'static str = "split";

    fn forward(&self, [x]: [&Tensor<T>; 1]) -> Result<Vec<Tensor<T>>> {
        Ok(x.split(&self.sizes, self.axis)?)
    }

    fn vjp(
        &self,
        at: &At<'_, T, Self>,
        grads: &Vec<Option<Var<T>>>,
    ) -> Result<[Option<Var<T>>; 1]> {
        let mut shape = at.shape(0).to_vec();
        let axis = self.axis.rem_euclid(shape.len() as isize) as usize;
        let mut parts = Vec::with_capacity(grads.len());
        for (grad, &size) in grads.iter().zip(&self.sizes) {
            shape[axis] = size;
            parts.push(grad.clone().unwrap_or_else(|| Var::constant(Tensor::zeros(&shape))));
        }
        Ok([Some(Var::concat(&parts.iter().collect::<Vec<_>>(), self.axis)?)])
    }

    fn keeps(&self, _: &[bool]) -> Keeps {
        Keeps::NOTHING
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("sizes", &*self.sizes).with("axis", self.axis)
    }
}

impl<T: Float> Var<T> {
    /// Parts with the given numbers of elements on `axis`, which add up to all of them.
    ///
    /// ```
    /// # use gradus_autograd::Var;
    /// # use gradus_tensor::Tensor;
    /// let x = Var::leaf(Tensor::vector([1.0_f32, 2.0, 3.0]));
    /// let parts = x.split(&[1, 2], 0)?;
    /// assert_eq!(parts[1].value().to_vec(), [2.0, 3.0]);
    /// assert_eq!(parts[1].sum().backward()?.of(&x).unwrap().to_vec(), [0.0, 1.0, 1.0]);
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    ///
    /// # Errors
    /// If there is no such axis, or the sizes do not add up to its size.
    pub fn split(&self, sizes: &[usize], axis: isize) -> Result<Vec<Var<T>>> {
        concrete!(split: fn(&Var<T>, &[usize], isize) -> Result<Vec<Var<T>>>)(self, sizes, axis)
    }

    /// At most `n` parts of equal size along `axis`, but for the last, which may be smaller: each has
    /// `⌈size / n⌉` elements on it (as `torch.chunk`).
    ///
    /// # Errors
    /// If there is no such axis, or `n` is zero.
    pub fn chunk(&self, n: usize, axis: isize) -> Result<Vec<Var<T>>> {
        concrete!(chunk: fn(&Var<T>, usize, isize) -> Result<Vec<Var<T>>>)(self, n, axis)
    }
}

fn split<T: Float>(x: &Var<T>, sizes: &[usize], axis: isize) -> Result<Vec<Var<T>>> {
    Var::apply(Split { sizes: sizes.to_vec(), axis }, [x])
}

fn chunk<T: Float>(x: &Var<T>, n: usize, axis: isize) -> Result<Vec<Var<T>>> {
    // The tensor says how large the parts are.
    let parts = x.value().chunk(n, axis)?;
    let sizes: Vec<usize> = parts.iter().map(|part| part.dim(axis)).collect::<Result<_, _>>()?;
    split(x, &sizes, axis)
}

#[cfg(test)]
mod tests {
    use crate::check::{cases, inputs::normal};

    #[test]
    fn properties() {
        cases!("split", |x| {
            let parts = x[0].split(&[2, 0, 3], -1)?;
            parts[2].sum_axes(&[-1], true)?.mul(&parts[0].exp())
        })
        .on("a matrix", [normal([3, 5], 1)])
        .on("no rows", [normal([0, 5], 2)])
        .refuses(
            "another size",
            [normal([3, 4], 1)],
            "split: got sizes [2, 0, 3], which add up to 5",
        )
        .check();
        cases!("split, one part used", |x| Ok(x[0].split(&[1, 2], 0)?[1].square()))
            .on("a matrix", [normal([3, 2], 1)])
            .check();
        cases!("chunk", |x| {
            let parts = x[0].chunk(2, 1)?;
            parts[0].sum().mul(&parts[1].square().sum())
        })
        .on("a matrix", [normal([2, 5], 1)])
        .refuses("no such axis", [normal([5], 1)], "chunk: axis 1 is out of range")
        .check();
    }
}
