//! Principal components: the directions in which points differ most.
//!
//! ```text
//! X = points - mean,   C = Xᵀ X / (N - 1),   C vᵢ = λᵢ vᵢ,   λ₁ ≥ λ₂ ≥ …,   coordinate i of a point x: (x - mean) · vᵢ
//! ```
//!
//! Of all projections to `k` numbers that one loses the least: the mean squared distance to what is found back is the sum of
//! the variances `λ` left out (Pearson, *On lines and planes of closest fit to systems of points in space*, 1901).
//!
//! The largest `λ` come of subspace iteration: some more directions than are wanted, multiplied by `Xᵀ X` and made orthonormal
//! again and again, until they hold the largest components; then `C` within them is a small matrix, which is turned
//! until it is diagonal. (Halko, Martinsson and Tropp, *Finding structure with randomness*, 2011, algorithms 4.4 and 5.3;
//! Golub and Van Loan, *Matrix computations*, 8.5, for Jacobi's turns.)

use gradus_tensor::{Float, Rng, Tensor};

use crate::{Error, Result};

/// Directions beyond those that are wanted: the more, the faster they separate.
const MORE: usize = 8;
/// Rounds of the iteration at most, and the change of the variances, relative to the largest, at which it ends.
const ROUNDS: usize = 200;
const ENOUGH: f64 = 1e-10;

/// The principal components of points.
///
/// ```
/// use gradus_tensor::Tensor;
/// use gradus_train::plots::Pca;
///
/// // Points along the line y = 2 x, with nothing across it.
/// let points = Tensor::from_vec(vec![0.0_f64, 0.0, 1.0, 2.0, 2.0, 4.0, 3.0, 6.0], [4, 2])?;
/// let pca = Pca::of(&points, 1)?;
/// let direction = pca.components.to_vec();
/// assert!((direction[0] - 0.2_f64.sqrt()).abs() < 1e-9 && (direction[1] - 0.8_f64.sqrt()).abs() < 1e-9);
/// assert!((pca.shares()[0] - 1.0).abs() < 1e-9);
/// assert_eq!(pca.project(&points)?.shape(), [4, 1]);
/// # Ok::<(), gradus_train::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Pca {
    /// The mean point, `[D]`.
    pub mean: Tensor<f64>,
    /// A direction of length 1 in each row, `[k, D]`, the first with the largest variance. The number that is largest without
    /// its sign is positive, so that the same points give the same picture.
    pub components: Tensor<f64>,
    /// The variance along each, `[k]`, with divisor `N - 1`.
    pub variances: Vec<f64>,
    /// The variance along all `D` directions together.
    pub total: f64,
}

impl Pca {
    /// The first `k` components of points `[N, D]`.
    ///
    /// # Errors
    /// [`Error::Value`] unless there are two points or more, all numbers are finite, and `k` is from 1 to `D`.
    pub fn of<T: Float>(points: &Tensor<T>, k: usize) -> Result<Self> {
        let dim = check(points)?;
        if !(1..=dim).contains(&k) {
            let wanted = format!("1 to {dim}, the numbers of a point");
            return Err(Error::value("Pca::of", format!("k = {k}"), wanted));
        }
        let points: Tensor<f64> = points.cast();
        let mean = points.mean_axes(&[0], false)?;
        let x = points.sub(&mean)?;
        let divisor = points.shape()[0] as f64 - 1.0;
        let total = x.mul(&x)?.sum().item()? / divisor;
        let wide = (k + MORE).min(dim);
        let mut basis =
            orthonormal(Tensor::normal([dim, wide], 0.0, 1.0, &mut Rng::new(0))?.to_vec(), wide);
        let mut last = vec![0.0; k];
        for _ in 0..ROUNDS {
            let v = Tensor::from_vec(basis.clone(), [dim, wide])?;
            let image = x.matmul(&v)?;
            let small = image.transpose(0, 1)?.matmul(&image)?;
            let (values, turns) = eigen(small.to_vec(), wide);
            // In the order of the variances, so that the first columns settle first.
            let turned = x
                .transpose(0, 1)?
                .matmul(&image)?
                .matmul(&Tensor::from_vec(turns, [wide, wide])?)?;
            basis = orthonormal(turned.to_vec(), wide);
            let change = values.iter().zip(&last).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            last = values[..k].to_vec();
            if change <= ENOUGH * values[0] {
                break;
            }
        }
        let v = Tensor::from_vec(basis, [dim, wide])?;
        let image = x.matmul(&v)?;
        let (values, turns) = eigen(image.transpose(0, 1)?.matmul(&image)?.to_vec(), wide);
        let rows = v.matmul(&Tensor::from_vec(turns, [wide, wide])?)?.transpose(0, 1)?;
        let rows = rows.slice(0, ..k)?.to_vec();
        let signed = rows.chunks_exact(dim).flat_map(|row| {
            let largest =
                row.iter().fold(0.0, |most: f64, &v| if v.abs() > most.abs() { v } else { most });
            row.iter().map(move |v| if largest < 0.0 { -v } else { *v })
        });
        Ok(Self {
            mean,
            components: Tensor::from_vec(signed.collect(), [k, dim])?,
            variances: values[..k].iter().map(|v| v.max(0.0) / divisor).collect(),
            total,
        })
    }

    /// The share of the whole variance that lies along each component; zeros if all points are one.
    pub fn shares(&self) -> Vec<f64> {
        let share = |v: &f64| if self.total > 0.0 { v / self.total } else { 0.0 };
        self.variances.iter().map(share).collect()
    }

    /// Coordinates `[N, k]` of points `[N, D]`, these or others.
    ///
    /// # Errors
    /// If points have another number of coordinates.
    pub fn project<T: Float>(&self, points: &Tensor<T>) -> Result<Tensor<f64>> {
        let points: Tensor<f64> = points.cast();
        Ok(points.sub(&self.mean)?.matmul(&self.components.transpose(0, 1)?)?)
    }
}

/// The number of coordinates of points that will do.
fn check<T: Float>(points: &Tensor<T>) -> Result<usize> {
    let wrong = |got: String| {
        let wanted = "points [N, D], two of them or more, all numbers finite";
        Err(Error::value("Pca::of", got, wanted))
    };
    match *points.shape() {
        [n, dim] if n >= 2 && dim > 0 => match points.is_finite().all() {
            true => Ok(dim),
            false => wrong("points with a NaN or an infinity".into()),
        },
        _ => wrong(format!("shape {:?}", points.shape())),
    }
}

/// Makes the columns of a matrix `[·, columns]` orthonormal, from the left (Gram and Schmidt, each twice, which is enough for
/// every bit). A column that lies in the others becomes zero.
fn orthonormal(mut m: Vec<f64>, columns: usize) -> Vec<f64> {
    let dot = |m: &[f64], a: usize, b: usize| -> f64 {
        m.chunks_exact(columns).map(|row| row[a] * row[b]).sum()
    };
    for c in 0..columns {
        let before = dot(&m, c, c);
        for _ in 0..2 {
            for earlier in 0..c {
                let along = dot(&m, c, earlier);
                m.chunks_exact_mut(columns).for_each(|row| row[c] -= along * row[earlier]);
            }
        }
        let square = dot(&m, c, c);
        let scale = if square > 1e-24 * before { 1.0 / square.sqrt() } else { 0.0 };
        m.chunks_exact_mut(columns).for_each(|row| row[c] *= scale);
    }
    m
}

/// The eigenvalues of a symmetric matrix `[n, n]`, the largest first, and its eigenvectors as columns. Each turn by the angle with
/// `tan 2θ = 2 a_pq / (a_qq - a_pp)` makes one pair of entries zero.
fn eigen(mut a: Vec<f64>, n: usize) -> (Vec<f64>, Vec<f64>) {
    let mut v: Vec<f64> = (0..n * n).map(|i| f64::from(u8::from(i / n == i % n))).collect();
    for _ in 0..60 {
        let off: f64 = (0..n * n).filter(|i| i / n != i % n).map(|i| a[i] * a[i]).sum();
        let all: f64 = a.iter().map(|x| x * x).sum();
        if off <= 1e-30 * all {
            break;
        }
        for (p, q) in (0..n).flat_map(|p| (p + 1..n).map(move |q| (p, q))) {
            let apq = a[p * n + q];
            if apq == 0.0 {
                continue;
            }
            let theta = (a[q * n + q] - a[p * n + p]) / (2.0 * apq);
            let t = theta.signum() / (theta.abs() + theta.hypot(1.0));
            let c = 1.0 / t.hypot(1.0);
            let s = t * c;
            let turn = |x: &mut [f64], i: usize, j: usize| {
                (x[i], x[j]) = (c * x[i] - s * x[j], s * x[i] + c * x[j]);
            };
            for i in 0..n {
                turn(&mut a, i * n + p, i * n + q);
            }
            for i in 0..n {
                turn(&mut a, p * n + i, q * n + i);
                turn(&mut v, i * n + p, i * n + q);
            }
        }
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| a[j * n + j].total_cmp(&a[i * n + i]));
    let values = order.iter().map(|&i| a[i * n + i]).collect();
    let vectors = (0..n).flat_map(|row| order.iter().map(move |&i| row * n + i)).map(|i| v[i]);
    let vectors = vectors.collect();
    (values, vectors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eigenvectors_give_the_matrix_back() {
        let n = 7;
        let m: Vec<f64> = (0..n * n).map(|i| ((i * 37 % 11) as f64 - 5.0) / 3.0).collect();
        let a: Vec<f64> = (0..n * n).map(|i| m[i] + m[i % n * n + i / n]).collect();
        let (values, v) = eigen(a.clone(), n);
        assert!(values.windows(2).all(|w| w[0] >= w[1]));
        for i in 0..n * n {
            let back: f64 = (0..n).map(|k| v[i / n * n + k] * values[k] * v[i % n * n + k]).sum();
            assert!((back - a[i]).abs() < 1e-12, "{back} {}", a[i]);
        }
    }
}
