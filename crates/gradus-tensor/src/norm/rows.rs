//! Normalisation of rows (the elements of the last axes) to mean 0 and variance 1, and its
//! gradient.
//!
//! With `D` elements in a row, `μ = 1/D Σ x`, `σ² = 1/D Σ (x - μ)²`, `r = 1/√(σ² + ε)`,
//! `x̂ = (x - μ) r`: `y = x̂ γ + β`, and
//!
//! `β̄ = Σ ȳ`, `γ̄ = Σ ȳ x̂` over the rows, `x̄ = r (h - 1/D Σ h - x̂ 1/D Σ h x̂)` with `h = ȳ γ`
//!
//! (Ba, Kiros and Hinton, *Layer normalization*, 2016, equation 3.) Forward and backward read
//! memory once: `μ` and `r` of a row are computed again while it is in the cache.

use pulp::{Simd, WithSimd};

use crate::layout::Layout;
use crate::memory::Buffer;
use crate::simd::{dispatch, vectorize_for};
use crate::sums::{Deviations, Numbers, ROWS, TwoProducts, finish, join, put, sums_at};
use crate::threads::{Cut, PIECE, for_each_of, for_each_piece};
use crate::{Error, Float, Result, Tensor, concrete};

/// The most blocks of rows whose sums are kept apart.
const BLOCKS: usize = 64;

/// Each row of `x` brought to mean 0 and variance 1, times `weight`, plus `bias`. A row is what
/// lies on the last axes, those of `weight` and `bias`, which have one shape. `eps` is added to the
/// variance.
///
/// ```
/// use gradus_tensor::{Tensor, layer_norm};
/// let x = Tensor::from_vec(vec![1.0, 3.0, 10.0, 30.0], [2, 2])?;
/// let y = layer_norm(&x, &Tensor::ones([2]), &Tensor::zeros([2]), 0.0)?;
/// assert_eq!(y.to_vec(), [-1.0, 1.0, -1.0, 1.0]);
/// # Ok::<(), gradus_tensor::Error>(())
/// ```
///
/// # Errors
/// [`Error::Shape`] if the last axes of `x` are not those of `weight`, or `bias` has another shape.
pub fn layer_norm<T: Float>(
    x: &Tensor<T>,
    weight: &Tensor<T>,
    bias: &Tensor<T>,
    eps: T,
) -> Result<Tensor<T>> {
    type Kernel<T> = fn(&Tensor<T>, &Tensor<T>, &Tensor<T>, T) -> Result<Tensor<T>>;
    concrete!(normalized_rows: Kernel<T>)(x, weight, bias, eps)
}

fn normalized_rows<T: Float>(
    x: &Tensor<T>,
    weight: &Tensor<T>,
    bias: &Tensor<T>,
    eps: T,
) -> Result<Tensor<T>> {
    let op = "layer_norm";
    let size = row_size(op, x, weight)?;
    if bias.shape() != weight.shape() {
        let wanted = format!("a bias of the weight's shape {:?}", weight.shape());
        return Err(Error::shape(op, bias.shape(), wanted));
    }
    let (x, weight, bias) = (x.contiguous(), weight.contiguous(), bias.contiguous());
    let [values, weight, bias] = [&x, &weight, &bias].map(|t| t.as_slice().unwrap_or_default());
    let rows = (PIECE / size).max(1);
    Ok(Tensor::filled_by(x.shape(), |out| {
        for_each_piece(out, rows * size, |i, out| {
            let x = &values[i * rows * size..][..out.len()];
            dispatch(Rows { x, weight, bias, eps, out });
        });
    }))
}

/// Some rows, one after the other.
struct Rows<'a, T> {
    x: &'a [T],
    weight: &'a [T],
    bias: &'a [T],
    eps: T,
    out: &'a mut [T],
}

impl<T: Float> WithSimd for Rows<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<V: Simd>(self, simd: V) {
        let Self { x, weight, bias, eps, out } = self;
        let size = weight.len();
        for (x, out) in x.chunks_exact(size).zip(out.chunks_exact_mut(size)) {
            let [mean, rest, rstd] = statistics(simd, x, eps);
            let (weight, bias) = (&weight[..size], &bias[..size]);
            for i in 0..size {
                out[i] = ((x[i] - mean) - rest) * rstd * weight[i] + bias[i];
            }
        }
    }
}

/// The gradients of [`layer_norm`] with respect to `x`, to the weight and to the bias.
///
/// ```
/// use gradus_tensor::{Tensor, layer_norm_grad};
/// let x = Tensor::from_vec(vec![-1.0, 1.0], [1, 2])?;
/// let grad = Tensor::from_vec(vec![3.0, 3.0], [1, 2])?;
/// let [dx, dweight, dbias] = layer_norm_grad(&x, &grad, &Tensor::ones([2]), 0.0)?;
/// assert_eq!(dx.to_vec(), [0.0, 0.0]);
/// assert_eq!((dweight.to_vec(), dbias.to_vec()), (vec![-3.0, 3.0], vec![3.0, 3.0]));
/// # Ok::<(), gradus_tensor::Error>(())
/// ```
///
/// # Errors
/// [`Error::Shape`] if the last axes of `x` are not those of `weight`, or `grad_y` has another shape
/// than `x`.
pub fn layer_norm_grad<T: Float>(
    x: &Tensor<T>,
    grad_y: &Tensor<T>,
    weight: &Tensor<T>,
    eps: T,
) -> Result<[Tensor<T>; 3]> {
    type Kernel<T> = fn(&Tensor<T>, &Tensor<T>, &Tensor<T>, T) -> Result<[Tensor<T>; 3]>;
    concrete!(normalized_rows_grad: Kernel<T>)(x, grad_y, weight, eps)
}

fn normalized_rows_grad<T: Float>(
    x: &Tensor<T>,
    grad_y: &Tensor<T>,
    weight: &Tensor<T>,
    eps: T,
) -> Result<[Tensor<T>; 3]> {
    let op = "layer_norm_grad";
    let size = row_size(op, x, weight)?;
    if grad_y.shape() != x.shape() {
        let wanted = format!("{:?}, the shape of the input", x.shape());
        return Err(Error::shape(op, grad_y.shape(), wanted));
    }
    let (x, grad, gamma) = (x.contiguous(), grad_y.contiguous(), weight.contiguous());
    let [values, grad, gamma] = [&x, &grad, &gamma].map(|t| t.as_slice().unwrap_or_default());
    // Blocks of rows depend on the sizes alone.
    let total = values.len() / size;
    let rows = (PIECE / size).max(1).max(total.div_ceil(BLOCKS));
    let piece = rows * size;
    // Of each block, for weight and bias: the sums of a few rows, running totals, and what they lost.
    // A few rows alone need no totals.
    let stride = if rows <= ROWS { 2 * size } else { 6 * size };
    let mut sums = Buffer::stale(total.div_ceil(rows) * stride);
    let work = |i: usize, (out, sums): (&mut [T], &mut [T])| {
        let range = i * piece..i * piece + out.len();
        let (x, grad) = (&values[range.clone()], &grad[range]);
        dispatch(RowsGrad { x, grad, gamma, eps, out, sums });
    };
    let dx = Tensor::build(Layout::contiguous(x.shape()), |out| {
        let pieces = (Cut::new(out, piece), Cut::new(sums.as_mut_slice(), stride));
        for_each_of(pieces, true, work);
    });
    let mut totals = Buffer::stale(4 * size);
    totals.as_mut_slice().fill(T::ZERO);
    let (all, lost) = totals.as_mut_slice().split_at_mut(2 * size);
    vectorize_for::<T, T, T, _>(
        #[inline(always)]
        || {
            for block in sums.as_slice().chunks_exact(stride) {
                match block.split_at(2 * size) {
                    (few, []) => put(all, lost, few),
                    (_, totals) => {
                        join([&mut *all, &mut *lost], totals.split_at(2 * size).into());
                    }
                }
            }
        },
    );
    let part = |from: usize| {
        Tensor::filled_by(weight.shape(), |out| finish(out, &all[from..], &lost[from..]))
    };
    Ok([dx, part(0), part(size)])
}

/// The gradients of some rows, one after the other.
struct RowsGrad<'a, T> {
    x: &'a [T],
    grad: &'a [T],
    gamma: &'a [T],
    eps: T,
    out: &'a mut [T],
    sums: &'a mut [T],
}

impl<T: Float> WithSimd for RowsGrad<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<V: Simd>(self, simd: V) {
        let Self { x, grad, gamma, eps, out, sums } = self;
        let size = gamma.len();
        sums.fill(T::ZERO);
        let (few, totals) = sums.split_at_mut(2 * size);
        let (totals, lost) = totals.split_at_mut(totals.len() / 2);
        let group = ROWS * size;
        for ((x, grad), out) in x.chunks(group).zip(grad.chunks(group)).zip(out.chunks_mut(group)) {
            few.fill(T::ZERO);
            let (dweight, dbias) = few.split_at_mut(size);
            let rows = x.chunks_exact(size).zip(grad.chunks_exact(size));
            for ((x, g), out) in rows.zip(out.chunks_exact_mut(size)) {
                row_grad(simd, [x, g, gamma], eps, [out, dweight, dbias]);
            }
            if !totals.is_empty() {
                put(totals, lost, few);
            }
        }
    }
}

/// The gradient of one row; what it adds to those of the weight and the bias is added.
#[inline(always)]
fn row_grad<V: Simd, T: Float>(
    simd: V,
    [x, g, gamma]: [&[T]; 3],
    eps: T,
    [dx, dweight, dbias]: [&mut [T]; 3],
) {
    let n = x.len();
    let [mean, rest, rstd] = statistics(simd, x, eps);
    let (g, gamma, dx) = (&g[..n], &gamma[..n], &mut dx[..n]);
    let (dweight, dbias) = (&mut dweight[..n], &mut dbias[..n]);
    for i in 0..n {
        let normal = ((x[i] - mean) - rest) * rstd;
        dweight[i] += g[i] * normal;
        dbias[i] += g[i];
        // For now x̂, to spare computing it again.
        dx[i] = normal;
    }
    let [plain, mixed] = sums_at(simd, [g, gamma, dx], TwoProducts);
    let count = T::from_f64(n as f64);
    let (plain, mixed) = (plain / count, mixed / count);
    for i in 0..n {
        dx[i] = rstd * (g[i] * gamma[i] - plain - dx[i] * mixed);
    }
}

/// Mean, what it lacks, and `1/√(variance + ε)` of a row, in two passes over the cache.
///
/// The mean is a rounded number; how far the elements are from it on average is the rest of the mean, which is
/// not small beside the deviation of a row that is far from zero (Chan, Golub and LeVeque, *Algorithms for
/// computing the sample variance*, 1983, eq. 1.7).
#[inline(always)]
fn statistics<V: Simd, T: Float>(simd: V, x: &[T], eps: T) -> [T; 3] {
    let n = T::from_f64(x.len() as f64);
    let [sum] = sums_at(simd, [x], Numbers);
    let mean = sum / n;
    let [sum, squares] = sums_at(simd, [x], Deviations(mean));
    let rest = sum / n;
    let var = (squares - sum * rest) / n;
    // Rounding may leave less than nothing; a NaN stays.
    let var = if var < T::ZERO { T::ZERO } else { var };
    [mean, rest, T::ONE / (var + eps).sqrt()]
}

/// The number of elements in a row, at least 1: the weight's axes must be the last ones of `x`.
fn row_size<T: Float>(op: &'static str, x: &Tensor<T>, weight: &Tensor<T>) -> Result<usize> {
    if weight.rank() > 0 && x.shape().ends_with(weight.shape()) {
        return Ok(weight.len().max(1));
    }
    let wanted = match weight.rank() {
        0 => "a weight of at least one axis".to_string(),
        _ => format!("{:?} on the last axes, as the weight has", weight.shape()),
    };
    Err(Error::shape(op, x.shape(), wanted))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Rng, threads};

    const EPS: f64 = 1e-3;

    fn near(a: &Tensor<f64>, b: &Tensor<f64>) {
        let far = |a: f64, b: f64| (a - b).is_nan() || (a - b).abs() > 1e-10 * (1.0 + a.abs());
        assert_eq!(a.shape(), b.shape());
        assert!(!a.zip("near", b, far).unwrap().any());
    }

    #[test]
    fn long_and_short_rows_on_any_number_of_threads() {
        let mut rng = Rng::new(3);
        let mut normal = |shape: &[usize]| Tensor::normal(shape, 0.0, 1.0, &mut rng).unwrap();
        for [rows, size] in [[5_000, 7], [70, 700], [3, 20_001], [20_000, 1], [0, 3], [3, 0]] {
            let (x, grad) = (normal(&[rows, size]), normal(&[rows, size]));
            let (weight, bias) = (normal(&[size]), normal(&[size]));
            let run = || {
                let y = layer_norm(&x, &weight, &bias, EPS).unwrap();
                (y, layer_norm_grad(&x, &grad, &weight, EPS).unwrap())
            };
            let one = threads::with_count(1, run).unwrap();
            assert!(one == threads::with_count(3, run).unwrap(), "threads change bits");

            // The formulas, in one operation after the other.
            let means = |x: Tensor<f64>| x.mean_axes(&[1], true).unwrap();
            let rstd = x.var_axes(&[1], true, 0).unwrap().map(|var| 1.0 / (var + EPS).sqrt());
            let normal = x.sub(&means(x.clone())).unwrap().mul(&rstd).unwrap();
            let h = grad.mul(&weight).unwrap();
            let shared = normal.mul(&means(h.mul(&normal).unwrap())).unwrap();
            let rest = h.sub(&means(h.clone())).unwrap().sub(&shared).unwrap();
            let (y, [dx, dweight, dbias]) = one;
            near(&y, &normal.mul(&weight).unwrap().add(&bias).unwrap());
            near(&dx, &rest.mul(&rstd).unwrap());
            near(&dweight, &grad.mul(&normal).unwrap().sum_axes(&[0], false).unwrap());
            near(&dbias, &grad.sum_axes(&[0], false).unwrap());
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let (x, two) = (Tensor::<f32>::ones([4, 2]), Tensor::ones([2]));
        let says = |error: Error, text: &str| assert_eq!(error.to_string(), text);
        says(
            layer_norm(&x, &Tensor::ones([3]), &two, 0.0).unwrap_err(),
            "layer_norm: got shape [4, 2], wanted [3] on the last axes, as the weight has",
        );
        says(
            layer_norm(&x, &Tensor::scalar(1.0), &two, 0.0).unwrap_err(),
            "layer_norm: got shape [4, 2], wanted a weight of at least one axis",
        );
        says(
            layer_norm_grad(&x, &two, &two, 0.0).unwrap_err(),
            "layer_norm_grad: got shape [2], wanted [4, 2], the shape of the input",
        );
    }
}
