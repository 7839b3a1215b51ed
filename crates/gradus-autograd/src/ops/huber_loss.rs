//! The Huber loss: a parabola near zero that goes on as a straight line.
//!
//! With `d = x - t`: `f = d²/2` where `|d| ≤ δ`, `δ (|d| - δ/2)` elsewhere;
//! `∂f/∂x = -∂f/∂t = d`, limited to the range from `-δ` to `δ`. (Huber, *Robust estimation of a
//! location parameter*, 1964, equation 7.) The smooth L1 loss is the same divided by `δ`, there
//! called `β`. (Girshick, *Fast R-CNN*, 2015, equation 3.)

use gradus_tensor::{Error, Float, concrete};

use super::Reduction;
use super::pair_loss::{PairLoss, pair_loss};
use crate::{Attributes, Result, Var};

#[derive(Debug)]
struct HuberLoss<T> {
    delta: T,
}

impl<T: Float> PairLoss<T> for HuberLoss<T> {
    const NAME: &'static str = "huber_loss";

    #[inline(always)]
    fn value(&self, x: T, t: T) -> T {
        let half = T::from_f64(0.5);
        let (d, delta) = ((x - t).abs(), self.delta);
        if d <= delta { half * d * d } else { delta * (d - half * delta) }
    }

    #[inline(always)]
    fn slopes(&self, x: T, t: T) -> [T; 2] {
        let d = x - t;
        // A NaN stays one.
        let d = if d > self.delta { self.delta } else { d };
        let d = if d < -self.delta { -self.delta } else { d };
        [d, -d]
    }

    fn slope_var(&self, input: usize, x: &Var<T>, t: &Var<T>) -> Result<Var<T>> {
        Ok(x.sub(t)?.clamp(-self.delta, self.delta).scale(T::from_f64([1.0, -1.0][input])))
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("delta", self.delta.to_f64())
    }
}

impl<T: Float> Var<T> {
    /// The Huber losses between this prediction and a target of its shape, reduced: half the
    /// square of differences up to `delta`, `delta · (|x - t| - delta / 2)` beyond.
    ///
    /// ```
    /// # use gradus_autograd::{Reduction, Var};
    /// # use gradus_tensor::Tensor;
    /// let x = Var::leaf(Tensor::vector([1.0_f32, 5.0]));
    /// let losses = x.huber_loss(&Tensor::vector([0.0, 0.0]).into(), 2.0, Reduction::None)?;
    /// assert_eq!(losses.value().to_vec(), [0.5, 8.0]);
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    ///
    /// # Errors
    /// If the target has another shape, or `delta` is not positive.
    pub fn huber_loss(&self, target: &Var<T>, delta: T, reduction: Reduction) -> Result<Var<T>> {
        concrete!(huber_loss: fn(&Var<T>, &Var<T>, T, Reduction) -> Result<Var<T>>)(
            self, target, delta, reduction,
        )
    }

    /// The Huber losses divided by `beta`: half the square of differences up to `beta`, divided by
    /// it, and `|x - t| - beta / 2` beyond.
    ///
    /// # Errors
    /// If the target has another shape, or `beta` is not positive; for zero there is
    /// [`l1_loss`](Var::l1_loss).
    pub fn smooth_l1_loss(&self, target: &Var<T>, beta: T, reduction: Reduction) -> Result<Var<T>> {
        concrete!(smooth_l1_loss: fn(&Var<T>, &Var<T>, T, Reduction) -> Result<Var<T>>)(
            self, target, beta, reduction,
        )
    }
}

fn huber_loss<T: Float>(
    x: &Var<T>,
    target: &Var<T>,
    delta: T,
    reduction: Reduction,
) -> Result<Var<T>> {
    let delta = positive("huber_loss", "delta", delta)?;
    pair_loss(HuberLoss { delta }, x, target, reduction)
}

fn smooth_l1_loss<T: Float>(
    x: &Var<T>,
    target: &Var<T>,
    beta: T,
    reduction: Reduction,
) -> Result<Var<T>> {
    let delta = positive("smooth_l1_loss", "beta", beta)?;
    Ok(pair_loss(HuberLoss { delta }, x, target, reduction)?.scale(T::ONE / beta))
}

fn positive<T: Float>(op: &'static str, name: &str, value: T) -> Result<T> {
    match value > T::ZERO {
        true => Ok(value),
        false => Err(Error::value(op, format!("{name} {value}"), "a positive number").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::pair_loss::check;
    use crate::check::inputs::{distinct, normal};
    use crate::{Reduction, Var};

    #[test]
    fn properties() {
        check(
            "huber_loss",
            |x, t, reduction| x.huber_loss(t, 0.5, reduction),
            |x, t| {
                let d = x.sub(t)?;
                let near = d.clamp(-0.5, 0.5);
                near.mul(&d)?.sub(&near.mul(&near)?.scale(0.5))
            },
            // No difference near a kink: multiples of 0.1 and a half of that.
            |shape| [distinct(shape, 1), distinct(shape, 2).map(|t| t - 0.07)],
        );
    }

    #[test]
    fn smooth_l1_is_huber_divided_by_its_width() {
        let [x, t] = [normal([7], 1), normal([7], 2)].map(Var::from);
        let huber = x.huber_loss(&t, 0.25, Reduction::Sum).and_then(|l| l.item());
        let smooth = x.smooth_l1_loss(&t, 0.25, Reduction::Sum).and_then(|l| l.item());
        assert_eq!(huber.map(|l| 4.0 * l), smooth);
        let error =
            x.smooth_l1_loss(&t, 0.0, Reduction::Sum).map(|_| ()).map_err(|e| e.to_string());
        assert_eq!(error, Err("smooth_l1_loss: got beta 0, wanted a positive number".into()));
        assert!(x.huber_loss(&t, f64::NAN, Reduction::Sum).is_err());
    }
}
