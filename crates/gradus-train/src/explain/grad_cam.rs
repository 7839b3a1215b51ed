//! Grad-CAM: the region of a picture that speaks for a class.
//!
//! ```text
//! αₖ = mean over the places of ∂y_c / ∂Aₖ          how much feature k counts for class c
//! L  = ReLU( Σₖ αₖ Aₖ )                            where the features are that count for it
//! ```
//!
//! `A` are the feature maps of a convolution, usually the last: late enough to mean something, early enough to have a place.
//! The ReLU drops what speaks for other classes. If all that follows is a mean over the places and a linear layer with weights
//! `w`, then `αₖ = w_ck / places`, the class activation map of B. Zhou and others (2016).
//!
//! Source: R. R. Selvaraju and others, *Grad-CAM: visual explanations from deep networks via gradient-based localization*,
//! 2017 (arXiv 1610.02391), section 3, equations 1 and 2.

use gradus_autograd::{Var, grad};
use gradus_tensor::{Float, Tensor};

use super::{samples_of, scores_of, tracked};
use crate::{Error, Result};

/// A map of each sample, at least 0, in the places of its features: `[N, h, w]` for features `[N, K, h, w]`, `[N, t]` for
/// `[N, K, t]`. [`ImageGrid::heat_maps`](crate::plots::ImageGrid::heat_maps) lays it over the picture.
///
/// `forward` gives the features and the scores `[N, C]` that were computed from them; `classes` are `[N]`.
///
/// ```
/// use gradus_nn::{Context, Conv2d, GlobalAvgPool2d, Layer, Linear};
/// use gradus_tensor::{Rng, Tensor};
/// use gradus_train::explain::grad_cam;
///
/// let mut rng = Rng::new(1);
/// let conv: Conv2d = Conv2d::new(1, 4, 3).padding(1).init(&mut rng)?;
/// let head: Linear = Linear::new(4, 10).init(&mut rng)?;
/// let images = Tensor::normal([2, 1, 8, 8], 0.0, 1.0, &mut rng)?;
/// let mut cx = Context::eval();
/// let maps = grad_cam(&images, &Tensor::vector([3, 7]), |x| {
///     let features = conv.forward(x, &mut cx)?.relu();
///     let pooled = GlobalAvgPool2d.forward(&features, &mut cx)?;
///     let scores = head.forward(&pooled, &mut cx)?;
///     Ok((features, scores))
/// })?;
/// assert_eq!(maps.shape(), [2, 8, 8]);
/// # Ok::<(), gradus_train::Error>(())
/// ```
///
/// # Errors
/// [`Error::Value`] if the features are no `[N, K, …]`, the scores no `[N, C]`, either are constants, or a class
/// is none of theirs; those of `forward`.
pub fn grad_cam<T: Float>(
    input: &Tensor<T>,
    classes: &Tensor<i64>,
    forward: impl FnOnce(&Var<T>) -> Result<(Var<T>, Var<T>)>,
) -> Result<Tensor<T>> {
    const OP: &str = "grad_cam";
    let samples = samples_of(OP, input)?;
    // A leaf, so that features are tracked even where every parameter is frozen.
    let (features, scores) = forward(&Var::leaf(input.clone()))?;
    if features.rank() < 3 || features.shape()[0] != samples || features.is_empty() {
        let got = format!("features of shape {:?} from the closure", features.shape());
        let wanted = format!("[{samples}, channels, …]: maps of each sample of the input");
        return Err(Error::value(OP, got, wanted));
    }
    tracked(OP, "features", &features)?;
    tracked(OP, "scores", &scores)?;
    let score = scores_of(OP, &scores, classes, samples)?.sum();
    let [slope] = grad(&score, [&features], None)?;
    let places: Vec<isize> = (2..features.rank() as isize).collect();
    let weights = slope.value().mean_axes(&places, true)?;
    let map = features.value().mul(&weights)?.sum_axes(&[1], false)?;
    Ok(map.map(|x| if x > T::from_f64(0.0) { x } else { T::from_f64(0.0) }))
}
