//! Recognisers of speech: what they share.
//!
//! Features are `[N, T, features]`, and `lengths` says how many frames of each row are sound; what lies behind is padding,
//! of any numbers. A recogniser gives the logarithms of the probabilities of its classes in each of its own, fewer
//! frames, `[T', N, classes]`, as [`Var::ctc_loss`] takes them, and how many of them each recording has. **A recording
//! gets the same scores in evaluation whatever it is padded to**; a test holds each model to it.

mod bilstm_ctc;
mod conformer;
mod crnn;

pub use bilstm_ctc::*;
pub use conformer::*;
pub use crnn::*;

use gradus_autograd::Var;
use gradus_nn::{Error, Result};
use gradus_tensor::{Float, Tensor};

/// What a recogniser gives: `[T', N, classes]`, and the frames of each recording.
pub type Spoken<T = f32> = (Var<T>, Vec<usize>);

/// The lengths of a batch `[N, T, features]`, if all fits; without lengths all rows are sound to their end.
fn checked<T: Float>(
    model: &str,
    x: &Var<T>,
    features: usize,
    lengths: Option<&[usize]>,
) -> Result<Vec<usize>> {
    let [samples, frames] = match *x.shape() {
        [samples, frames, size] if size == features && frames > 0 => [samples, frames],
        _ => {
            let wanted = format!("[recordings, frames, {features}], one frame or more");
            return Err(Error::setting(model, format!("features {:?}", x.shape()), wanted));
        }
    };
    let lengths = lengths.map_or(vec![frames; samples], <[usize]>::to_vec);
    if lengths.len() != samples {
        let got = format!("{} lengths", lengths.len());
        return Err(Error::setting(model, got, format!("one for each of {samples} recordings")));
    }
    match lengths.iter().position(|length| !(1..=frames).contains(length)) {
        Some(i) => {
            let got = format!("length {} of recording {i}", lengths[i]);
            Err(Error::setting(model, got, format!("1 to {frames}")))
        }
        None => Ok(lengths),
    }
}

/// Where there is sound, `[N, T]`.
fn there(lengths: &[usize], frames: usize) -> Result<Tensor<bool>> {
    let row = |&length: &usize| (0..frames).map(move |frame| frame < length);
    let there = lengths.iter().flat_map(row).collect();
    Ok(Tensor::from_vec(there, [lengths.len(), frames])?)
}

/// `x` with zeros behind each recording: its axis `frames` is that of the frames, its first that of the recordings.
fn silenced<T: Float>(x: &Var<T>, frames: usize, lengths: &[usize]) -> Result<Var<T>> {
    let count = x.shape()[frames];
    if lengths.iter().all(|&length| length >= count) {
        return Ok(x.clone());
    }
    let mut shape = vec![1; x.rank()];
    (shape[0], shape[frames]) = (lengths.len(), count);
    let zero = Var::constant(Tensor::scalar(T::ZERO));
    Ok(Var::choose(&there(lengths, count)?.reshape(shape)?, x, &zero)?)
}

/// How many frames `n` become when every `stride`th is kept: none of a recording is lost.
fn fewer(lengths: &[usize], stride: usize) -> Vec<usize> {
    lengths.iter().map(|length| length.div_ceil(stride)).collect()
}
