//! The axes in another order. The gradient's axes are put back.

use gradus_tensor::{Float, Tensor, concrete};

use crate::{At, Attributes, In, Keeps, Op, Result, Var, apply};

#[derive(Debug)]
struct Permute {
    order: Vec<isize>,
}

impl Permute {
    /// The order that undoes this one, for a tensor of the given rank.
    fn inverse(&self) -> Vec<isize> {
        let rank = self.order.len() as isize;
        let mut inverse = vec![0; self.order.len()];
        for (to, &from) in self.order.iter().enumerate() {
            inverse[from.rem_euclid(rank) as usize] = to as isize;
        }
        inverse
    }
}

impl<T: Float> Op<T> for Permute {
    type Inputs = [In; 1];
    type Output = Tensor<T>;
    const NAME: &'static str = "permute";

    fn forward(&self, [x]: [&Tensor<T>; 1]) -> Result<Tensor<T>> {
        Ok(x.permute(&self.order)?)
    }

    fn vjp(&self, _: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 1]> {
        Ok([Some(grad.permute(&self.inverse())?)])
    }

    fn vjp_fused(&self, _: &At<'_, T, Self>, grad: Tensor<T>) -> Result<[Option<Tensor<T>>; 1]> {
        Ok([Some(grad.permute(&self.inverse())?)])
    }

    fn keeps(&self, _: &[bool]) -> Keeps {
        Keeps::NOTHING
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("order", &*self.order)
    }
}

impl<T: Float> Var<T> {
    /// The axes in another order: axis `i` of the result is axis `order[i]` of this variable.
    ///
    /// # Errors
    /// If `order` does not name each axis once.
    pub fn permute(&self, order: &[isize]) -> Result<Var<T>> {
        apply!(Permute { order: order.to_vec() }, [self])
    }

    /// Two axes exchanged.
    ///
    /// # Errors
    /// If one of the axes does not exist.
    pub fn transpose(&self, a: isize, b: isize) -> Result<Var<T>> {
        concrete!(transpose: fn(&Var<T>, isize, isize) -> Result<Var<T>>)(self, a, b)
    }
}

fn transpose<T: Float>(x: &Var<T>, a: isize, b: isize) -> Result<Var<T>> {
    let mut order: Vec<isize> = (0..x.rank() as isize).collect();
    order.swap(x.value().axis("transpose", a)?, x.value().axis("transpose", b)?);
    x.permute(&order)
}

#[cfg(test)]
mod tests {
    use crate::check::{cases, inputs::normal};

    #[test]
    fn properties() {
        cases!("permute", |x| x[0].permute(&[2, 0, -2]))
            .on("three axes", [normal([2, 3, 4], 1)])
            .on("no elements", [normal([2, 0, 4], 1)])
            .refuses("two axes", [normal([2, 3], 1)], "permute: got order [2, 0, -2]")
            .check();
        cases!("transpose", |x| x[0].transpose(0, -1))
            .on("a matrix", [normal([2, 3], 1)])
            .refuses("no axes", [normal([0_usize; 0], 1)], "transpose: axis 0 is out of range")
            .check();
    }
}
