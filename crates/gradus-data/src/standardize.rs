//! Standardisation: columns with mean 0 and deviation 1, by the numbers of the training part.
//!
//! ```text
//! μ = 1/N Σ xᵢ      σ² = 1/N Σ (xᵢ − μ)²      z = (x − μ) / σ      x = z σ + μ
//! ```
//!
//! σ is the deviation of the whole (divided by N, as scikit-learn's `StandardScaler` does). A column that is constant has
//! σ = 0 and is only moved: its σ is taken to be 1. Sums are in `f64`, in two passes.

use gradus_tensor::{Float, Tensor};

use crate::{Error, Result};

/// Mean and deviation of each column, to be fitted on the training part and applied to every part.
///
/// Two tensors, [`mean`](Self::mean) and [`deviation`](Self::deviation), are all there is to save;
/// [`from_parts`](Self::from_parts) makes it of them again.
///
/// ```
/// use gradus_data::Standardizer;
/// use gradus_tensor::Tensor;
/// let train = Tensor::vector([1.0_f64, 10.0, 3.0, 10.0]).reshape([2, 2])?;
/// let by = Standardizer::fit(&train)?;
/// assert_eq!((by.mean().to_vec(), by.deviation().to_vec()), (vec![2.0, 10.0], vec![1.0, 1.0]));
/// let test = Tensor::vector([4.0, 11.0]).reshape([1, 2])?;
/// let z = by.apply(&test)?;
/// assert_eq!(z.to_vec(), [2.0, 1.0]);
/// assert_eq!(by.invert(&z)?, test);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Standardizer<T: Float = f32> {
    mean: Tensor<T>,
    deviation: Tensor<T>,
}

impl<T: Float> Standardizer<T> {
    /// The numbers of data of shape `[N, columns…]`, one pair for each place behind the first axis.
    ///
    /// # Errors
    /// [`Error::Value`] if there are no rows, or if a value is not finite.
    pub fn fit(data: &Tensor<T>) -> Result<Self> {
        let op = "Standardizer::fit";
        let (rows, columns) = match data.shape() {
            [rows, columns @ ..] if *rows > 0 => (*rows, columns.to_vec()),
            shape => {
                let got = format!("data of shape {shape:?}");
                return Err(Error::value(op, got, "[N, columns…] with one or more rows"));
            }
        };
        let width: usize = columns.iter().product();
        let values = data.to_vec();
        if let Some(i) = values.iter().position(|x| !x.to_f64().is_finite()) {
            let got = format!(
                "{} in row {}, column {} (counted from 0)",
                values[i],
                i / width,
                i % width
            );
            return Err(Error::value(
                op,
                got,
                "finite values; fill in or leave out what is missing",
            ));
        }
        let average = |of: &dyn Fn(usize, f64) -> f64| {
            let mut sums = vec![0.0; width];
            for row in values.chunks_exact(width.max(1)) {
                sums.iter_mut()
                    .zip(row)
                    .enumerate()
                    .for_each(|(i, (sum, x))| *sum += of(i, x.to_f64()));
            }
            sums.iter_mut().for_each(|sum| *sum /= rows as f64);
            sums
        };
        let mean = average(&|_, x| x);
        let square = average(&|i, x| (x - mean[i]) * (x - mean[i]));
        let mut deviation: Vec<T> = square.iter().map(|x| T::from_f64(x.sqrt())).collect();
        // Rounding may leave a constant column a mean that it does not have.
        let constant =
            |i: usize| values.iter().skip(i).step_by(width.max(1)).all(|&x| x == values[i]);
        let zero = |(i, d): (usize, &T)| *d == T::ZERO || constant(i);
        let flat: Vec<bool> = deviation.iter().enumerate().map(zero).collect();
        deviation.iter_mut().zip(flat).filter(|(_, flat)| *flat).for_each(|(d, _)| *d = T::ONE);
        let mean = mean.into_iter().map(T::from_f64).collect();
        Self::from_parts(Tensor::from_vec(mean, &columns)?, Tensor::from_vec(deviation, &columns)?)
    }

    /// What was saved.
    ///
    /// # Errors
    /// [`Error::Value`] if the shapes differ, if a value is not finite, or if a deviation is not above 0.
    pub fn from_parts(mean: Tensor<T>, deviation: Tensor<T>) -> Result<Self> {
        let op = "Standardizer::from_parts";
        if mean.shape() != deviation.shape() {
            let got =
                format!("means of shape {:?}, deviations of {:?}", mean.shape(), deviation.shape());
            return Err(Error::value(op, got, "one shape"));
        }
        let bad = |x: &T| !x.to_f64().is_finite();
        if let Some(x) = mean.to_vec().iter().find(|x| bad(x)) {
            return Err(Error::value(op, format!("a mean of {x}"), "finite means"));
        }
        if let Some(x) = deviation.to_vec().iter().find(|x| bad(x) || **x <= T::ZERO) {
            return Err(Error::value(
                op,
                format!("a deviation of {x}"),
                "finite deviations above 0",
            ));
        }
        Ok(Self { mean, deviation })
    }

    /// The mean of each column, `[columns…]`.
    pub fn mean(&self) -> &Tensor<T> {
        &self.mean
    }

    /// The deviation of each column, `[columns…]`; 1 for one that is constant.
    pub fn deviation(&self) -> &Tensor<T> {
        &self.deviation
    }

    /// `(x − μ) / σ` of data `[…, columns…]`: many rows or one.
    ///
    /// # Errors
    /// [`Error::Value`] if the last axes are not the columns.
    pub fn apply(&self, x: &Tensor<T>) -> Result<Tensor<T>> {
        self.each("Standardizer::apply", x, |x, mean, deviation| (x - mean) / deviation)
    }

    /// `z σ + μ`: what [`apply`](Self::apply) was given, up to rounding. Of predictions too, where it was fitted on targets.
    ///
    /// # Errors
    /// [`Error::Value`] if the last axes are not the columns.
    pub fn invert(&self, z: &Tensor<T>) -> Result<Tensor<T>> {
        self.each("Standardizer::invert", z, |z, mean, deviation| z * deviation + mean)
    }

    fn each(&self, op: &'static str, x: &Tensor<T>, f: impl Fn(T, T, T) -> T) -> Result<Tensor<T>> {
        if !x.shape().ends_with(self.mean.shape()) {
            let got = format!("data of shape {:?}", x.shape());
            let wanted = format!("the last axes {:?}, as it was fitted", self.mean.shape());
            return Err(Error::value(op, got, wanted));
        }
        let (mean, deviation) = (self.mean.to_vec(), self.deviation.to_vec());
        let numbers = mean.iter().zip(&deviation).cycle();
        let values = x
            .to_vec()
            .into_iter()
            .zip(numbers)
            .map(|(x, (&mean, &deviation))| f(x, mean, deviation));
        Ok(Tensor::from_vec(values.collect(), x.shape())?)
    }
}
