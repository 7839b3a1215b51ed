//! Gradients that are computed where another gradient lies.

use gradus_tensor::{Float, Tensor};

use crate::Result;

/// `f` of each element of a gradient and the element of `x`, of the same shape, with the same index.
///
/// It is written where the gradient lies, if nobody else has that: for small tensors, asking for
/// memory takes longer than the numbers do, and large ones need to go through the cache once less.
pub(crate) fn onto<T: Float>(
    op: &'static str,
    grad: Tensor<T>,
    x: &Tensor<T>,
    f: impl Fn(T, T) -> T + Sync + Send,
) -> Result<Tensor<T>> {
    let mut grad = whole(op, grad, x)?;
    grad.update(
        op,
        [],
        x,
        #[inline(always)]
        |g, [], x| *g = f(*g, x),
    )?;
    Ok(grad)
}

/// A gradient with a place in memory for each element: one that is repeated has none to write to. It
/// takes on the memory order of `x`.
fn whole<T: Float>(op: &'static str, grad: Tensor<T>, x: &Tensor<T>) -> Result<Tensor<T>> {
    match grad.strides().contains(&0) {
        true => Ok(x.zip(op, &grad, |_, g| g)?),
        false => Ok(grad),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_shares_the_gradient_keeps_it() {
        let x = Tensor::vector([1.0_f32, 2.0, 3.0]).flip(0).unwrap();
        let grad = Tensor::vector([5.0, 6.0, 7.0]);
        let result = onto("test", grad.clone(), &x, |g, x| g * x).unwrap();
        assert_eq!(result.to_vec(), [15.0, 12.0, 7.0]);
        assert_eq!(grad.to_vec(), [5.0, 6.0, 7.0]);
        let address = grad.as_slice().unwrap().as_ptr();
        let result = onto("test", grad, &x, |g, x| g * x).unwrap();
        assert_eq!(result.to_vec(), [15.0, 12.0, 7.0]);
        assert_eq!(result.as_slice().unwrap().as_ptr(), address);
    }

    #[test]
    fn a_repeated_gradient_takes_on_the_order_of_the_other() {
        let x = Tensor::<f32>::arange(6).reshape([3, 2]).unwrap().transpose(0, 1).unwrap();
        let grad = Tensor::scalar(2.0).expand([2, 3]).unwrap();
        let result = onto("test", grad, &x, |g, x| g * x).unwrap();
        assert_eq!(result.to_vec(), [0.0, 4.0, 8.0, 2.0, 6.0, 10.0]);
        assert_eq!(result.strides(), x.strides());
    }
}
