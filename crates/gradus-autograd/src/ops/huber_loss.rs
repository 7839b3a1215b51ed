//! The Huber loss: a parabola near zero that goes on as a straight line.
//!
//! With `d = x - t`: `f = d²/2` where `|d| ≤ δ`, `δ (|d| - δ/2)` elsewhere;
//! `∂f/∂x = -∂f/∂t = d`, limited to the range from `-δ` to `δ`. (Huber, *Robust estimation of a
//! location parameter*, 1964, equation 7.) The smooth L1 loss is the same divided by `δ`, there
//! called `β`. (Girshick, *Fast R-CNN*, 2015, equation 3.)

use super::pair_loss::pair_loss;
use crate::Scalar;

/// `d`, limited to the range from `-limit` to `limit`; a NaN stays one.
#[inline(always)]
fn limited<S: Scalar>(d: S, limit: f64) -> S {
    let d = d.if_above(limit, S::number(limit), d);
    d.if_below(-limit, S::number(-limit), d)
}

pair_loss! {
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
    HuberLoss = huber_loss(delta);
    value(x, t) = {
        let d = (x - t).abs();
        d.if_at_most(delta, d * 0.5 * d, (d - S::number(delta) * 0.5) * delta)
    };
    slopes(x, t) = {
        let d = limited(x - t, delta);
        [d, -d]
    };
}

pair_loss! {
    /// The Huber losses divided by `beta`: half the square of differences up to `beta`, divided by
    /// it, and `|x - t| - beta / 2` beyond.
    ///
    /// # Errors
    /// If the target has another shape, or `beta` is not positive; for zero there is
    /// [`l1_loss`](Self::l1_loss).
    SmoothL1Loss = smooth_l1_loss(beta);
    value(x, t) = {
        let d = (x - t).abs();
        d.if_at_most(beta, d * 0.5 * d / beta, d - S::number(beta) * 0.5)
    };
    slopes(x, t) = {
        let d = limited(x - t, beta) / beta;
        [d, -d]
    };
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
            (|x, t, reduction| x.huber_loss(t, 0.5, reduction), |x, t, reduction| x.huber_loss(t, 0.5, reduction)),
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
