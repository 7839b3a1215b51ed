//! Sums of two whole tensors, for rules whose step is more than one pass over memory. Each is compiled once for a type of
//! number, not for every rule.

use gradus_tensor::{Float, Tensor};

use crate::Result;

/// `a x + b y`, of tensors of one shape; `op` is the name that an error gives.
pub(crate) fn combined<T: Float>(
    op: &'static str,
    [a, b]: [f64; 2],
    x: &Tensor<T>,
    y: &Tensor<T>,
) -> Result<Tensor<T>> {
    let [a, b] = [a, b].map(T::from_f64);
    Ok(x.zip(
        op,
        y,
        #[inline(always)]
        move |x, y| x * a + b * y,
    )?)
}

/// `x + part (y − x)`, of tensors of one shape; `op` is the name that an error gives.
pub(crate) fn towards<T: Float>(
    op: &'static str,
    part: f64,
    x: &Tensor<T>,
    y: &Tensor<T>,
) -> Result<Tensor<T>> {
    let part = T::from_f64(part);
    Ok(x.zip(
        op,
        y,
        #[inline(always)]
        move |x, y| x + part * (y - x),
    )?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_are_what_they_say() {
        let (x, y) = (Tensor::vector([1.0_f32, 2.0]), Tensor::vector([10.0, -2.0]));
        assert_eq!(combined("test", [2.0, 0.5], &x, &y).unwrap().to_vec(), [7.0, 3.0]);
        assert_eq!(towards("test", 0.5, &x, &y).unwrap().to_vec(), [5.5, 0.0]);
        let error = towards("Muon", 0.5, &x, &Tensor::zeros([3])).unwrap_err().to_string();
        assert!(error.starts_with("Muon: shapes [2] and [3]"), "{error}");
    }
}
