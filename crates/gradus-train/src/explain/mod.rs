//! Why did it say that? Which pixels, regions or words of an input a score hangs on.
//!
//! | function | question | formula | source |
//! |---|---|---|---|
//! | [`saliency`] | which numbers, changed a little, change the score most? | `∂y_c / ∂x` | Simonyan, Vedaldi and Zisserman, 2013 |
//! | [`grad_cam`] | which region speaks for the class? | `ReLU(Σₖ αₖ Aₖ)` | Selvaraju and others, 2017 |
//! | [`integrated_gradients`] | how much of the score is due to each number? | `(x - b) · ∫₀¹ ∂y_c(b + t (x - b)) / ∂x dt` | Sundararajan, Taly and Yan, 2017 |
//!
//! Each takes any model as a closure from inputs to scores `[N, C]`, and a class for each of the `N` samples: the one that
//! was predicted (`scores.argmax(1)`), the true one, or another ("why not a seven?"). Run layers in
//! [`Context::eval`](gradus_nn::Context::eval), so that neither chance nor the other samples have a say. Parameters may be frozen.
//!
//! ```
//! use gradus_data::{Dataset, Digits};
//! use gradus_nn::{Context, Flatten, Layer, Linear, Sequential};
//! use gradus_tensor::{Rng, Tensor};
//! use gradus_train::explain::{magnitude, saliency};
//!
//! let net = Sequential::new().push(Flatten).push(Linear::new(64, 10).init(&mut Rng::new(3))?);
//! let (image, _) = Digits::load()?.get(0)?;
//! let images = image.reshape([1, 1, 8, 8])?;
//! let gradient = saliency(&images, &Tensor::vector([7]), |x| Ok(net.forward(x, &mut Context::eval())?))?;
//! assert_eq!(gradient.shape(), [1, 1, 8, 8]);
//! assert_eq!(magnitude(&gradient)?.shape(), [1, 8, 8]); // a picture to look at
//! # Ok::<(), gradus_train::Error>(())
//! ```

mod grad_cam;
mod integrated_gradients;
mod saliency;

use gradus_autograd::Var;
use gradus_tensor::{Float, Tensor};

pub use grad_cam::grad_cam;
pub use integrated_gradients::{Integrated, integrated_gradients};
pub use saliency::{magnitude, saliency};

use crate::{Error, Result};

/// The score of its class for each sample, `[N]`, from scores `[N, C]`.
fn scores_of<T: Float>(
    op: &'static str,
    scores: &Var<T>,
    classes: &Tensor<i64>,
    samples: usize,
) -> Result<Var<T>> {
    let [rows, count] = match *scores.shape() {
        [rows, count] if rows == samples && count > 0 => [rows, count],
        _ => {
            let got = format!("scores of shape {:?} from the closure", scores.shape());
            let wanted = format!("[{samples}, classes]: a row for each sample of the input");
            return Err(Error::value(op, got, wanted));
        }
    };
    if classes.shape() != [rows] {
        let got = format!("classes of shape {:?}", classes.shape());
        return Err(Error::value(op, got, format!("[{rows}]: one for each sample")));
    }
    let known = |&class: &i64| usize::try_from(class).is_ok_and(|class| class < count);
    if let Some(class) = classes.to_vec().iter().find(|class| !known(class)) {
        let wanted = format!("0 to {}: there are {count} scores a sample", count - 1);
        return Err(Error::value(op, format!("class {class}"), wanted));
    }
    Ok(scores.gather(1, &classes.reshape([rows, 1])?)?.reshape([rows])?)
}

/// The number of samples of an input.
fn samples_of<T: Float>(op: &'static str, input: &Tensor<T>) -> Result<usize> {
    match input.shape().first() {
        Some(&samples) if !input.is_empty() => Ok(samples),
        _ => {
            let got = format!("an input of shape {:?}", input.shape());
            Err(Error::value(op, got, "[samples, …], with at least one number"))
        }
    }
}

/// An error where a score is a constant, which no picture would tell from one that is flat.
fn tracked<T: Float>(op: &'static str, what: &str, x: &Var<T>) -> Result<()> {
    if x.is_tracked() {
        return Ok(());
    }
    let got = format!("{what} that do not depend on the input of the closure");
    Err(Error::value(
        op,
        got,
        "a closure that computes them from its argument, not inside no_grad and not detached",
    ))
}
