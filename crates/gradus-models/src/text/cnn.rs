//! A convolutional network for texts: windows of three, four and five words, each looking for a phrase.
//!
//! ```text
//! words ─ embedding [N, T, dim] ─ convs.0, 3 words ─ relu ─ largest over the text ┐
//!                               ├ convs.1, 4 words ─ relu ─ largest over the text ┼ dropout ─ fc
//!                               └ convs.2, 5 words ─ relu ─ largest over the text ┘
//! ```
//!
//! The largest value says that the phrase is there, wherever that is. (Kim, *Convolutional neural networks for
//! sentence classification*, 2014, section 2.) Texts have zeros on both sides, so that one word is enough.
//! Names: `embedding`, `convs.I`, `fc`.

use gradus_autograd::Var;
use gradus_nn::settings::BadSetting;
use gradus_nn::{Context, Conv1d, Dropout, Embedding, Layer, Linear, Module, Result, Settings};
use gradus_tensor::{Float, Rng};

use super::{TextClassifier, Texts, filled};

/// Phrases found anywhere, classified.
///
/// ```
/// use gradus_models::{TextClassifier, TextCnn};
/// use gradus_nn::Context;
/// use gradus_tensor::{Rng, Tensor};
///
/// let net: TextCnn = TextCnn::new(100, 2).dim(8).channels(4).init(&mut Rng::new(0))?;
/// let texts = Tensor::from_vec(vec![5, 99, 7, 3, 12, 0], [2, 3])?; // the second has two words
/// let y = net.forward(&texts, Some(&[3, 2]), &mut Context::eval())?;
/// assert_eq!(y.shape(), [2, 2]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct TextCnn<T: Float = f32> {
    /// A vector for each word.
    pub embedding: Embedding<T>,
    /// A layer for each size of windows.
    pub convs: Vec<Conv1d<T>>,
    /// The classes.
    pub fc: Linear<T>,
    #[module(skip)]
    dropout: Dropout,
}

/// The settings of a [`TextCnn`] that is not built yet.
#[derive(Settings, Debug, Clone, PartialEq)]
#[settings(of = TextCnn, check = TextCnnBuilder::has_windows)]
#[must_use = "a model comes of it by `init`"]
pub struct TextCnnBuilder {
    /// How many words there are.
    #[at_least(1)]
    vocabulary: usize,
    /// How many classes there are.
    #[at_least(1)]
    classes: usize,
    /// How many numbers a word has.
    #[at_least(1)]
    #[default(128)]
    dim: usize,
    /// How many words the windows have.
    #[at_least(1)]
    #[default(vec![3, 4, 5])]
    windows: Vec<usize>,
    /// How many phrases each size of windows looks for.
    #[at_least(1)]
    #[default(100)]
    channels: usize,
    /// What is dropped of the phrases in training.
    #[in_unit]
    #[default(0.5)]
    dropout: f64,
}

impl TextCnnBuilder {
    fn has_windows(&self) -> Result<(), BadSetting> {
        match self.windows.is_empty() {
            true => Err(BadSetting::new("TextCnn", "no windows", "one size or more")),
            false => Ok(()),
        }
    }

    /// Builds the model.
    ///
    /// # Errors
    /// [`Error::Setting`](gradus_nn::Error::Setting) if a setting is outside its domain, or there are no windows.
    pub fn init<T: Float>(self, rng: &mut Rng) -> Result<TextCnn<T>> {
        let Self { vocabulary, classes, dim, windows, channels, dropout } = self.checked()?;
        let embedding = Embedding::new(vocabulary, dim).init(rng)?;
        let conv = |&window: &usize| {
            let sides = [(window - 1) / 2, window / 2];
            Conv1d::new(dim, channels, window).padding([sides]).init(rng)
        };
        let convs = windows.iter().map(conv).collect::<Result<Vec<_>>>()?;
        let fc = Linear::new(windows.len().saturating_mul(channels), classes).init(rng)?;
        Ok(TextCnn { embedding, convs, fc, dropout: Dropout::new(dropout) })
    }
}

impl<T: Float> TextClassifier<T> for TextCnn<T> {
    const NAME: &'static str = "TextCnn";

    fn words(&self) -> &Embedding<T> {
        &self.embedding
    }

    /// How well each phrase was found, `[N, windows · channels]`.
    fn read(&self, texts: &Texts, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        let x = texts.within(x)?.transpose(1, 2)?;
        let there = texts.there()?.transpose(1, 2)?;
        let found = |conv: &Conv1d<T>| {
            // After the ReLU no value is below zero, so zeros behind the text do not win.
            let y = conv.forward(&x, cx)?.relu();
            Ok(filled(&there, &y, 0.0)?.max_axes(&[2], false)?)
        };
        let found = self.convs.iter().map(found).collect::<Result<Vec<_>>>()?;
        Ok(Var::concat(&found.iter().collect::<Vec<_>>(), 1)?)
    }

    fn classify(&self, features: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        self.fc.forward(&self.dropout.forward(features, cx)?, cx)
    }
}
