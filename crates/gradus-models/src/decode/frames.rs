//! The frames of one recording, checked: what all decoders read.

use gradus_nn::{Error, Result};
use gradus_tensor::{Float, Tensor};

/// Logarithms of probabilities, frame by frame, in double precision.
pub(super) struct Frames {
    values: Vec<f64>,
    pub(super) classes: usize,
}

impl Frames {
    /// From `[frames, classes]`.
    pub(super) fn new<T: Float>(op: &str, log_p: &Tensor<T>, blank: usize) -> Result<Self> {
        let &[frames, classes] = log_p.shape() else {
            let got = format!("shape {:?}", log_p.shape());
            return Err(Error::setting(op, got, "[frames, classes] of one recording"));
        };
        if blank >= classes {
            let wanted = format!("one of the {classes} classes, counted from 0");
            return Err(Error::setting(op, format!("blank {blank}"), wanted));
        }
        let values: Vec<f64> = log_p.to_vec().into_iter().map(T::to_f64).collect();
        debug_assert_eq!(values.len(), frames * classes);
        // Rounding may lift the logarithm of a probability of one a little above zero.
        match values.iter().position(|x| x.is_nan() || *x > 1e-3) {
            Some(i) => {
                let got = format!("{} in frame {}, class {}", values[i], i / classes, i % classes);
                let wanted = "logarithms of probabilities, as log_softmax gives them";
                Err(Error::setting(op, got, wanted))
            }
            None => Ok(Self { values, classes }),
        }
    }

    /// The frames in their order.
    pub(super) fn rows(&self) -> impl ExactSizeIterator<Item = &[f64]> {
        self.values.chunks_exact(self.classes)
    }
}

/// `ln(eᵃ + eᵇ)`, without overflow.
pub(super) fn add(a: f64, b: f64) -> f64 {
    let (more, less) = if a > b { (a, b) } else { (b, a) };
    if less == f64::NEG_INFINITY { more } else { more + (less - more).exp().ln_1p() }
}
