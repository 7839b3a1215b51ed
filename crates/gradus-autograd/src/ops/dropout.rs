//! Dropout: each element is zero with probability `p`, and `x / (1 - p)` otherwise, so that the
//! mean stays the same.
//!
//! With `mᵢ` 1 where the element was kept and 0 where it was dropped, `y = m x / (1 - p)` and
//! `x̄ = m ȳ / (1 - p)`. (Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, *Dropout: a
//! simple way to prevent neural networks from overfitting*, 2014, sections 4 and 10.) One byte for
//! each element is kept.

use gradus_tensor::{Error, Float, Rng, RngState, Tensor, concrete};

use crate::{At, Attributes, In, Keeps, Op, Result, Saving, Var};

#[derive(Debug)]
struct Dropout {
    p: f64,
    /// Where the generator stands that draws the mask.
    draw: RngState,
}

impl<T: Float> Op<T> for Dropout {
    type Inputs = [In; 1];
    type Output = Saving<Tensor<T>, Tensor<bool>>;
    const NAME: &'static str = "dropout";

    fn forward(&self, [x]: [&Tensor<T>; 1]) -> Result<Self::Output> {
        let keep = Tensor::random_mask(x.shape(), 1.0 - self.p, &mut Rng::from_state(self.draw))?;
        let masked = Masked { keep, scale: T::from_f64(1.0 / (1.0 - self.p)) };
        Ok(Saving(masked.value(x)?, masked.keep))
    }

    fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 1]> {
        let scale = T::from_f64(1.0 / (1.0 - self.p));
        Ok([Some(Var::apply(Masked { keep: at.saved.clone(), scale }, [grad])?)])
    }

    fn keeps(&self, _: &[bool]) -> Keeps {
        Keeps::NOTHING
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("p", self.p)
    }
}

/// With a given mask it is linear, and its own adjoint.
#[derive(Debug, Clone)]
struct Masked<T> {
    keep: Tensor<bool>,
    scale: T,
}

impl<T: Float> Masked<T> {
    fn value(&self, x: &Tensor<T>) -> Result<Tensor<T>> {
        let scale = self.scale;
        Ok(x.zip("dropout", &self.keep, move |x, keep| if keep { x * scale } else { T::ZERO })?)
    }
}

impl<T: Float> Op<T> for Masked<T> {
    type Inputs = [In; 1];
    type Output = Tensor<T>;
    const NAME: &'static str = "dropout_mask";

    fn forward(&self, [x]: [&Tensor<T>; 1]) -> Result<Tensor<T>> {
        self.value(x)
    }

    fn vjp(&self, _: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 1]> {
        Ok([Some(Var::apply(self.clone(), [grad])?)])
    }

    fn keeps(&self, _: &[bool]) -> Keeps {
        Keeps::NOTHING
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("keep", &self.keep).with("scale", self.scale.to_f64())
    }
}

impl<T: Float> Var<T> {
    /// The elements, each dropped (set to zero) with probability `p`, and scaled by `1 / (1 - p)`
    /// if not. The same state of `rng` drops the same elements, on any number of threads.
    ///
    /// ```
    /// # use gradus_autograd::Var;
    /// # use gradus_tensor::{Rng, Tensor};
    /// let x = Var::from(Tensor::<f32>::ones([100]));
    /// let y = x.dropout(0.5, &mut Rng::new(0))?;
    /// assert!(y.value().to_vec().iter().all(|&y| y == 0.0 || y == 2.0));
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    ///
    /// # Errors
    /// Unless `0 <= p < 1`.
    pub fn dropout(&self, p: f64, rng: &mut Rng) -> Result<Var<T>> {
        concrete!(dropout: fn(&Var<T>, f64, &mut Rng) -> Result<Var<T>>)(self, p, rng)
    }
}

fn dropout<T: Float>(x: &Var<T>, p: f64, rng: &mut Rng) -> Result<Var<T>> {
    if !(0.0..1.0).contains(&p) {
        let got = format!("probability {p}");
        return Err(Error::value("dropout", got, "a number from 0 to below 1").into());
    }
    if p == 0.0 {
        return Ok(x.clone());
    }
    let draw = rng.state();
    // Moves the caller's generator on: every mask does so by the same amount.
    Tensor::random_mask([0], p, rng)?;
    Var::apply(Dropout { p, draw }, [x])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{cases, inputs::normal};

    #[test]
    fn properties() {
        cases!("dropout", |x| x[0].dropout(0.3, &mut Rng::new(4)))
            .equals(|x| {
                let keep = Tensor::random_mask(x[0].shape(), 0.7, &mut Rng::new(4))?;
                x[0].mul(&keep.cast::<f64>().into()).map(|y| y.scale(1.0 / 0.7))
            })
            .on("a matrix", [normal([5, 7], 1)])
            .on("images", [normal([2, 3, 4, 1], 1)])
            .on("one number", [normal([0_usize; 0], 2)])
            .on("no elements", [normal([0, 3], 3)])
            .check();
    }

    #[test]
    fn the_share_of_zeros_is_p_and_the_mean_stays() -> Result<()> {
        let x = Var::leaf(Tensor::<f32>::ones([100, 1000]));
        let mut rng = Rng::new(1);
        let first = x.dropout(0.2, &mut rng)?;
        let zeros = first.value().map(|y| y == 0.0).count();
        // The standard deviation of the count is 126.
        assert!((zeros as f64 - 20_000.0).abs() < 600.0, "{zeros} zeros");
        assert!((first.mean().item()? - 1.0).abs() < 0.01);
        assert_ne!(first.value(), x.dropout(0.2, &mut rng)?.value(), "each call draws anew");
        let again = x.dropout(0.2, &mut Rng::new(1))?;
        assert_eq!(first.value(), again.value(), "the same seed drops the same");
        assert_eq!(again.sum().backward()?.of(&x), Some(first.value()));
        assert_eq!(x.dropout(0.0, &mut rng)?.value(), x.value());
        Ok(())
    }

    #[test]
    fn probabilities_outside_are_refused() {
        let x = Var::leaf(Tensor::<f32>::ones([2]));
        for p in [1.0, -0.1, f64::NAN] {
            let error = x.dropout(p, &mut Rng::new(0)).unwrap_err().to_string();
            let wanted = "wanted a number from 0 to below 1";
            assert_eq!(error, format!("dropout: got probability {p}, {wanted}"));
        }
    }
}
