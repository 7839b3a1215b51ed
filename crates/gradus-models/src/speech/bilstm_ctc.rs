//! A recogniser that reads in both directions: a convolution that thins the frames out, bidirectional LSTMs, and a class
//! for each frame that is left.
//!
//! ```text
//! features ─ conv, 2 s + 1 frames at stride s ─ relu ─ LSTM ⇄ … ─ linear ─ log softmax
//! ```
//!
//! A letter lasts some hundredths of a second, so of a hundred frames a second the LSTM need not read each; but a text
//! must have no more letters than there are frames left. (Graves and Jaitly, *Towards end-to-end speech recognition with
//! recurrent neural networks*, 2014, for LSTMs with CTC; Amodei and others, *Deep Speech 2*, 2016, section 3.3, for the
//! convolution with a stride.) Names: `conv`, `lstm`, `fc`.

use gradus_autograd::Var;
use gradus_nn::{
    Context, Conv1d, Dropout, Layer, Linear, Lstm, Module, Result, Sequence, Settings,
};
use gradus_tensor::{Activation, Float, Rng};

use super::{Spoken, checked, fewer, silenced};

/// LSTMs in both directions, for CTC.
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_models::BiLstmCtc;
/// use gradus_nn::Context;
/// use gradus_tensor::{Rng, Tensor};
///
/// let net: BiLstmCtc = BiLstmCtc::new(13, 28).hidden(8).stride(3).init(&mut Rng::new(0))?;
/// let features = Var::from(Tensor::zeros([2, 50, 13])); // the second has 20 frames
/// let (log_p, frames) = net.forward(&features, Some(&[50, 20]), &mut Context::eval())?;
/// assert_eq!((log_p.shape(), frames), (&[17, 2, 28][..], vec![17, 7]));
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct BiLstmCtc<T: Float = f32> {
    /// Thins the frames out.
    pub conv: Conv1d<T>,
    /// Reads in both directions.
    pub lstm: Lstm<T>,
    /// The classes.
    pub fc: Linear<T>,
    #[module(skip)]
    dropout: Dropout,
    #[module(skip)]
    settings: BiLstmCtcBuilder,
}

/// The settings of a [`BiLstmCtc`] that is not built yet.
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(of = BiLstmCtc)]
#[must_use = "a model comes of it by `init`"]
pub struct BiLstmCtcBuilder {
    /// How many numbers a frame has.
    #[at_least(1)]
    features: usize,
    /// How many classes there are, the blank among them.
    #[at_least(2)]
    classes: usize,
    /// How many units each direction of each layer has.
    #[at_least(1)]
    #[at_most(65536)]
    #[default(160)]
    hidden: usize,
    /// How many layers read one above the other.
    #[at_least(1)]
    #[at_most(64)]
    #[default(2)]
    layers: usize,
    /// Of how many frames one is left.
    #[at_least(1)]
    #[at_most(64)]
    #[default(2)]
    stride: usize,
    /// What is dropped in training behind the convolution and each layer.
    #[in_unit]
    #[default(0.3)]
    dropout: f64,
}

impl BiLstmCtcBuilder {
    /// Builds the model.
    ///
    /// # Errors
    /// [`Error::Setting`](gradus_nn::Error::Setting) if a setting is outside its domain.
    pub fn init<T: Float>(self, rng: &mut Rng) -> Result<BiLstmCtc<T>> {
        let settings = self.checked()?;
        let Self { features, classes, hidden, layers, stride, dropout } = settings;
        let conv = Conv1d::new(features, hidden, 2 * stride + 1).stride(stride).padding(stride);
        let lstm = Lstm::new(hidden, hidden).layers(layers).bidirectional(true);
        Ok(BiLstmCtc {
            conv: conv.activation(Activation::Relu).init(rng)?,
            lstm: lstm.batch_first(true).dropout(dropout).init(rng)?,
            fc: Linear::new(2 * hidden, classes).init(rng)?,
            dropout: Dropout::new(dropout),
            settings,
        })
    }
}

impl<T: Float> BiLstmCtc<T> {
    /// Of how many frames one is left.
    pub fn stride(&self) -> usize {
        self.settings.stride
    }

    /// The logarithms of the probabilities of the classes, `[T', N, classes]` with `T' = ⌈T / stride⌉`, and the frames of
    /// each recording among them.
    ///
    /// # Errors
    /// [`Error::Setting`](gradus_nn::Error::Setting) unless the features are `[N, T, features]` and there is a length
    /// from 1 to `T` for each.
    pub fn forward(
        &self,
        features: &Var<T>,
        lengths: Option<&[usize]>,
        cx: &mut Context,
    ) -> Result<Spoken<T>> {
        let lengths = checked("BiLstmCtc", features, self.settings.features, lengths)?;
        let x = silenced(features, 1, &lengths)?;
        let x = self.conv.forward(&x.transpose(1, 2)?, cx)?.transpose(1, 2)?;
        let lengths = fewer(&lengths, self.settings.stride);
        let x = self.dropout.forward(&x, cx)?;
        let (x, _) = self.lstm.forward(&x, Sequence::new().lengths(&lengths), cx)?;
        let x = self.fc.forward(&self.dropout.forward(&x, cx)?, cx)?;
        Ok((x.log_softmax(-1)?.transpose(0, 1)?, lengths))
    }
}
