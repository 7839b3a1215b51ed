//! Texts with classes as ids, for a network.

use std::sync::Arc;

use gradus_tensor::Tensor;

use crate::text::Tokenizer;
use crate::{Dataset, Error, Result, Sequence};

/// A data set whose items are the ids of a text and its class; a batch is ids `[N, longest T]` with lengths and mask
/// ([`Padded`](crate::Padded)), and classes `[N]`. Cloning is cheap.
///
/// ```
/// use gradus_data::text::WordLevelTrainer;
/// use gradus_data::{Dataset, EncodedTexts, LabelledTexts};
/// let texts = [("to be", 0), ("or not to be", 1)].map(|(text, class)| (text.to_string(), class));
/// let texts = LabelledTexts::new(texts.to_vec(), ["short", "long"])?;
/// let tokenizer = WordLevelTrainer::words(100).train(texts.texts())?;
/// let (ids, classes) = EncodedTexts::new(&texts, &tokenizer)?.get_batch(&[0, 1], 0)?;
/// assert_eq!(ids.values.shape(), [2, 4]);
/// assert_eq!(ids.lengths, [2, 4]);
/// assert_eq!(classes.to_vec(), [0, 1]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct EncodedTexts {
    items: Arc<[(Vec<i64>, i64)]>,
}

impl EncodedTexts {
    /// The ids of all texts, with the template and the truncation of the tokenizer; not padded, which a batch is.
    ///
    /// # Errors
    /// As [`Tokenizer::encode`]; [`Error::Value`] if a text has no token at all, of which a network can say nothing.
    pub fn new(texts: &impl Dataset<Item = (String, i64)>, tokenizer: &Tokenizer) -> Result<Self> {
        let tokenizer = tokenizer.clone().padding(None);
        let encode = |i| {
            let (text, class) = texts.get(i)?;
            let ids: Vec<i64> = tokenizer.encode(&text)?.ids.into_iter().map(i64::from).collect();
            if ids.is_empty() {
                let start: String = text.chars().take(40).collect();
                let got = format!("text {i}, {start:?}, without a token");
                let wanted = "one or more in each; a template of the tokenizer can add one";
                return Err(Error::value("EncodedTexts", got, wanted));
            }
            Ok((ids, class))
        };
        let items = (0..texts.len()).map(encode).collect::<Result<_>>()?;
        Ok(Self { items })
    }

    /// How many ids each text has, for [`BucketSampler`](crate::samplers::BucketSampler).
    pub fn lengths(&self) -> Vec<usize> {
        self.items.iter().map(|(ids, _)| ids.len()).collect()
    }
}

impl Dataset for EncodedTexts {
    type Item = (Sequence<i64>, i64);

    fn len(&self) -> usize {
        self.items.len()
    }

    fn get(&self, index: usize) -> Result<(Sequence<i64>, i64)> {
        Error::check_index("EncodedTexts", index, self.len())?;
        let (ids, class) = &self.items[index];
        Ok((Sequence::new(Tensor::vector(ids)), *class))
    }
}
