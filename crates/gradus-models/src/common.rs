//! What several models need: checks of what comes in, and start values.

use gradus_autograd::Var;
use gradus_nn::settings::BadSetting;
use gradus_nn::{Error, Init, Result};
use gradus_tensor::{Float, Tensor};

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

/// Whether the numbers of a token can be cut into heads.
pub(crate) fn heads_divide(model: &str, width: usize, heads: usize) -> Result<(), BadSetting> {
    if width.is_multiple_of(heads) {
        return Ok(());
    }
    let got = format!("width {width} and {heads} heads");
    Err(BadSetting::new(model, got, "a multiple of the heads"))
}

/// Normal with variance `2 / fan_out`, where one input reaches `fan_out = kernel² · outputs` outputs: what
/// convolutions before a ReLU start from in torchvision (He and others, *Delving deep into rectifiers*,
/// 2015, section 2.2, backward case).
pub(crate) fn he(kernel: usize, outputs: usize) -> Init {
    Init::Normal(0.0, (2.0 / (kernel * kernel * outputs).max(1) as f64).sqrt())
}

/// The shape of tokens `[N, T]`, each of which must be in the vocabulary.
pub(crate) fn known_tokens(model: &str, tokens: &Tensor<i64>, words: usize) -> Result<[usize; 2]> {
    let shape = match *tokens.shape() {
        [samples, steps] if steps > 0 => [samples, steps],
        _ => {
            let got = format!("tokens {:?}", tokens.shape());
            return Err(Error::setting(model, got, "[sequences, tokens], one token or more"));
        }
    };
    let within = |&word: &i64| usize::try_from(word).is_ok_and(|word| word < words);
    if let Some(word) = tokens.to_vec().iter().find(|word| !within(word)) {
        let wanted = format!("0 to {}: the vocabulary has {words} tokens", words.saturating_sub(1));
        return Err(Error::setting(model, format!("token {word}"), wanted));
    }
    Ok(shape)
}
