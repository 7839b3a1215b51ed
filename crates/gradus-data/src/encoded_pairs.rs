//! Pairs of texts as ids: what a network reads, and what it is to write.

use std::sync::Arc;

use gradus_tensor::Tensor;

use crate::text::Tokenizer;
use crate::{Dataset, Error, Result, Sequence};

/// A data set whose items are the ids of two texts that belong together; in a batch each side is filled up by itself
/// ([`Padded`](crate::Padded)). Cloning is cheap.
///
/// ```
/// use gradus_data::text::{Template, WordLevelTrainer};
/// use gradus_data::{Dataset, EncodedPairs};
/// let pairs = [("Hi.", "嗨。"), ("I run.", "我跑。")];
/// let english = WordLevelTrainer::words(100).train(pairs.map(|pair| pair.0))?;
/// let chinese = WordLevelTrainer::words(100).special_tokens(["<start>", "<end>"]);
/// let chinese = chinese.train(pairs.map(|pair| pair.1))?;
/// let chinese = chinese.template(Template::bert(("<start>", 0), ("<end>", 1)))?;
/// let (read, write) = EncodedPairs::new(&pairs, &english, &chinese)?.get_batch(&[0, 1], 0)?;
/// assert_eq!((read.values.shape(), write.values.shape()), (&[2, 3][..], &[2, 5][..]));
/// assert_eq!(write.lengths, [4, 5]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct EncodedPairs {
    items: Arc<[[Vec<i64>; 2]]>,
}

impl EncodedPairs {
    /// The ids of all texts, with the templates and the truncations of the tokenizers; not padded, which a batch is.
    ///
    /// # Errors
    /// As [`Tokenizer::encode`]; [`Error::Value`] if a text has no token at all.
    pub fn new<A: AsRef<str>, B: AsRef<str>>(
        pairs: &[(A, B)],
        first: &Tokenizer,
        second: &Tokenizer,
    ) -> Result<Self> {
        let [first, second] = [first, second].map(|tokenizer| tokenizer.clone().padding(None));
        let encode = |(i, (a, b)): (usize, &(A, B))| {
            let side = |tokenizer: &Tokenizer, text: &str| {
                let ids = tokenizer.encode(text)?.ids;
                if ids.is_empty() {
                    let got = format!("{text:?} of pair {i}, without a token");
                    return Err(Error::value("EncodedPairs", got, "one or more in each text"));
                }
                Ok(ids.into_iter().map(i64::from).collect())
            };
            Ok([side(&first, a.as_ref())?, side(&second, b.as_ref())?])
        };
        Ok(Self { items: pairs.iter().enumerate().map(encode).collect::<Result<_>>()? })
    }

    /// How many ids both texts of each pair have together, for [`BucketSampler`](crate::samplers::BucketSampler).
    pub fn lengths(&self) -> Vec<usize> {
        self.items.iter().map(|[a, b]| a.len() + b.len()).collect()
    }
}

impl Dataset for EncodedPairs {
    type Item = (Sequence<i64>, Sequence<i64>);

    fn len(&self) -> usize {
        self.items.len()
    }

    fn get(&self, index: usize) -> Result<Self::Item> {
        Error::check_index("EncodedPairs", index, self.len())?;
        let [a, b] = &self.items[index];
        Ok((Sequence::new(Tensor::vector(a)), Sequence::new(Tensor::vector(b))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::WordLevelTrainer;

    #[test]
    fn a_text_without_tokens_is_named() -> Result<()> {
        let words = WordLevelTrainer::words(10).train(["a b"])?;
        let error = EncodedPairs::new(&[("a", "b"), ("a", " ")], &words, &words).unwrap_err();
        assert!(error.to_string().contains("\" \" of pair 1, without a token"), "{error}");
        let pairs = EncodedPairs::new(&[("a", "b a b")], &words, &words)?;
        assert_eq!(pairs.lengths(), [4]);
        assert!(pairs.get(1).is_err());
        Ok(())
    }
}
