//! The product of matrices: `C = A B`, `Ā = C̄ Bᵀ`, `B̄ = Aᵀ C̄`.
//!
//! Axes before the last two are a stack of matrices and broadcast; gradients are summed over what
//! was broadcast. (Giles, *An extended collection of matrix derivative results*, 2008, 2.2.2.)

use gradus_tensor::{Float, Tensor};

use crate::{At, In, Keeps, Op, Result, Var, apply};

#[derive(Debug)]
struct MatMul;

impl<T: Float> Op<T> for MatMul {
    type Inputs = [In; 2];
    type Output = Tensor<T>;
    const NAME: &'static str = "matmul";

    fn forward(&self, [a, b]: [&Tensor<T>; 2]) -> Result<Tensor<T>> {
        Ok(a.matmul(b)?)
    }

    fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 2]> {
        Ok([
            at.want(0, || grad.matmul(&at.input(1)?.transpose(-1, -2)?)?.sum_to(at.shape(0)))?,
            at.want(1, || match at.shape(1) {
                // One matrix for a whole stack: the stack is one tall matrix.
                [_, _] => rows(&at.input(0)?)?.transpose(0, 1)?.matmul(&rows(grad)?),
                shape => at.input(0)?.transpose(-1, -2)?.matmul(grad)?.sum_to(shape),
            })?,
        ])
    }

    /// Each factor for the gradient of the other.
    fn keeps(&self, wanted: &[bool]) -> Keeps {
        Keeps::input(1).when(wanted[0]) | Keeps::input(0).when(wanted[1])
    }
}

/// A stack of matrices as one tall matrix.
fn rows<T: Float>(x: &Var<T>) -> Result<Var<T>> {
    let columns = x.shape()[x.rank() - 1];
    let rows = x.shape()[..x.rank() - 1].iter().product();
    if x.rank() == 2 { Ok(x.clone()) } else { x.reshape([rows, columns]) }
}

impl<T: Float> Var<T> {
    /// The product of two matrices `[m, k]` and `[k, n]`, or of two stacks of matrices whose
    /// leading axes broadcast.
    ///
    /// # Errors
    /// If one of them is no matrix, or the sizes do not fit.
    pub fn matmul(&self, other: &Var<T>) -> Result<Var<T>> {
        apply!(MatMul, [self, other])
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{cases, inputs::normal};

    #[test]
    fn properties() {
        cases!("matmul", |x| x[0].matmul(&x[1]))
            .on("two matrices", [normal([2, 3], 1), normal([3, 4], 2)])
            .on("two stacks", [normal([5, 2, 3], 1), normal([5, 3, 4], 2)])
            .on("a stack and a matrix", [normal([2, 2, 2, 3], 1), normal([3, 4], 2)])
            .on("a matrix and a stack", [normal([2, 3], 1), normal([5, 3, 4], 2)])
            .on("stacks that broadcast", [normal([5, 1, 2, 3], 1), normal([2, 3, 1], 2)])
            .on("nothing to add up", [normal([2, 0], 1), normal([0, 4], 2)])
            .on("no rows", [normal([0, 3], 1), normal([3, 4], 2)])
            .refuses(
                "sizes that do not fit",
                [normal([2, 3], 1), normal([4, 5], 2)],
                "matmul: got shape [4, 5], wanted 3 rows (axis -2), as many as [2, 3] has columns",
            )
            .refuses(
                "a vector",
                [normal([3], 1), normal([3, 5], 2)],
                "matmul: got shape [3], wanted at least two axes",
            )
            .check();
    }
}
