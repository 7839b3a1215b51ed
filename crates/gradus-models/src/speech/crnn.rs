//! A convolutional recurrent network: convolutions see shapes in the spectrogram, an LSTM in both directions reads them
//! in their order.
//!
//! ```text
//! 1 × T × bands ─ block C ─ pool 2 × 2 ─ block 2C ─ pool 2 × 2 ─ block 4C ─ pool 1 × 2 ─ LSTM ⇄ … ─ linear ─ log softmax
//! block:  3 × 3 ─ norm ─ relu
//! ```
//!
//! Every frame that is left is a column of the last pictures, `4C · (bands / 8)` numbers. (Shi, Bai and Yao, *An end-to-end
//! trainable neural network for image-based sequence recognition*, 2015, section 2, whose lines of text are read from
//! left to right as sound is.) Names: `convs.I`, `norms.I`, `lstm`, `fc`.

use gradus_autograd::Var;
use gradus_nn::{BatchNorm2d, Context, Conv2d, Dropout, Error, Layer, Linear, Lstm, MaxPool2d};
use gradus_nn::{Module, Result, Sequence, Settings};
use gradus_tensor::{Activation, Float, Rng};

use super::{Spoken, checked, silenced};
use crate::common::he;

/// Frames and bands that become one, behind each block.
const POOLS: [[usize; 2]; 3] = [[2, 2], [2, 2], [1, 2]];

/// Convolutions and LSTMs, for CTC.
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_models::Crnn;
/// use gradus_nn::Context;
/// use gradus_tensor::{Rng, Tensor};
///
/// let net: Crnn = Crnn::new(40, 28).channels(4).hidden(8).init(&mut Rng::new(0))?;
/// let log_mel = Var::from(Tensor::zeros([2, 50, 40]));
/// let (log_p, frames) = net.forward(&log_mel, Some(&[50, 20]), &mut Context::eval())?;
/// assert_eq!((log_p.shape(), frames), (&[12, 2, 28][..], vec![12, 5]));
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct Crnn<T: Float = f32> {
    /// 3 × 3.
    pub convs: Vec<Conv2d<T>>,
    /// The normalisation and ReLU of each.
    pub norms: Vec<BatchNorm2d<T>>,
    /// Reads in both directions.
    pub lstm: Lstm<T>,
    /// The classes.
    pub fc: Linear<T>,
    #[module(skip)]
    dropout: Dropout,
    #[module(skip)]
    bands: usize,
}

/// The settings of a [`Crnn`] that is not built yet.
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(of = Crnn)]
#[must_use = "a model comes of it by `init`"]
pub struct CrnnBuilder {
    /// How many bands a frame has.
    #[at_least(8)]
    #[at_most(65536)]
    bands: usize,
    /// How many classes there are, the blank among them.
    #[at_least(2)]
    classes: usize,
    /// How many channels the first block has.
    #[at_least(1)]
    #[at_most(4096)]
    #[default(32)]
    channels: usize,
    /// How many units each direction of each layer has.
    #[at_least(1)]
    #[at_most(65536)]
    #[default(128)]
    hidden: usize,
    /// How many layers read one above the other.
    #[at_least(1)]
    #[at_most(64)]
    #[default(2)]
    layers: usize,
    /// What is dropped in training in front of each layer and the classes.
    #[in_unit]
    #[default(0.3)]
    dropout: f64,
}

impl CrnnBuilder {
    /// Builds the model. Convolutions start normal with variance `2 / fan_out`.
    ///
    /// # Errors
    /// [`Error::Setting`] if a setting is outside its domain.
    pub fn init<T: Float>(self, rng: &mut Rng) -> Result<Crnn<T>> {
        let Self { bands, classes, channels, hidden, layers, dropout } = self.checked()?;
        let (mut convs, mut norms, mut inputs) = (Vec::new(), Vec::new(), 1);
        for outputs in [channels, 2 * channels, 4 * channels] {
            let conv = Conv2d::new(inputs, outputs, 3).padding(1).bias(false);
            convs.push(conv.weight_init(he(3, outputs)).init(rng)?);
            norms.push(BatchNorm2d::new(outputs).activation(Activation::Relu).init()?);
            inputs = outputs;
        }
        let lstm = Lstm::new(inputs * (bands / 8), hidden).layers(layers).bidirectional(true);
        Ok(Crnn {
            convs,
            norms,
            lstm: lstm.batch_first(true).dropout(dropout).init(rng)?,
            fc: Linear::new(2 * hidden, classes).init(rng)?,
            dropout: Dropout::new(dropout),
            bands,
        })
    }
}

impl<T: Float> Crnn<T> {
    /// The logarithms of the probabilities of the classes, `[T', N, classes]` with `T' = ⌊T / 4⌋`, and the frames of each
    /// recording among them.
    ///
    /// # Errors
    /// [`Error::Setting`] unless the features are `[N, T, bands]` and there is a length from 4 to `T` for each.
    pub fn forward(
        &self,
        features: &Var<T>,
        lengths: Option<&[usize]>,
        cx: &mut Context,
    ) -> Result<Spoken<T>> {
        let mut lengths = checked("Crnn", features, self.bands, lengths)?;
        if let Some(i) = lengths.iter().position(|&length| length < 4) {
            let got = format!("length {} of recording {i}", lengths[i]);
            return Err(Error::setting("Crnn", got, "at least 4, of which one frame is left"));
        }
        let mut x = features.unsqueeze(1)?;
        for ((conv, norm), [frames, bands]) in self.convs.iter().zip(&self.norms).zip(POOLS) {
            // Zeros behind the end, as a recording that ends there has.
            let seen = conv.forward(&silenced(&x, 2, &lengths)?, cx)?;
            let pool = MaxPool2d::new([frames, bands]);
            x = pool.forward(&norm.forward(&seen, cx)?, cx)?;
            lengths.iter_mut().for_each(|length| *length /= frames);
        }
        // [N, C, T', bands'] to [N, T', C · bands'].
        let x = x.transpose(1, 2)?.flatten(2)?;
        let x = self.dropout.forward(&x, cx)?;
        let (x, _) = self.lstm.forward(&x, Sequence::new().lengths(&lengths), cx)?;
        let x = self.fc.forward(&self.dropout.forward(&x, cx)?, cx)?;
        Ok((x.log_softmax(-1)?.transpose(0, 1)?, lengths))
    }
}
