//! What several models need: checks of what comes in, and start values.

use gradus_autograd::Var;
use gradus_nn::{Error, Init, Result};
use gradus_tensor::Float;

/// The sizes of images `[N, channels, H, W]`, where `H` and `W` are at least `least`.
pub(crate) fn images<T: Float>(
    model: &str,
    x: &Var<T>,
    channels: usize,
    least: usize,
) -> Result<[usize; 4]> {
    match *x.shape() {
        [n, c, h, w] if c == channels && h >= least && w >= least => Ok([n, c, h, w]),
        _ => {
            let wanted = format!(
                "images [samples, {channels}, height, width] of at least {least} × {least} pixels"
            );
            Err(Error::setting(model, format!("shape {:?}", x.shape()), wanted))
        }
    }
}

/// Normal with variance `2 / fan_out`, where one input reaches `fan_out = kernel² · outputs` outputs: what
/// convolutions before a ReLU start from in torchvision (He and others, *Delving deep into rectifiers*,
/// 2015, section 2.2, backward case).
pub(crate) fn he(kernel: usize, outputs: usize) -> Init {
    Init::Normal(0.0, (2.0 / (kernel * kernel * outputs).max(1) as f64).sqrt())
}
