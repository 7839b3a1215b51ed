//! Keys and values of the tokens that were read: the next token needs them, and nothing else of its past.

use gradus_autograd::Var;
use gradus_tensor::{Float, Tensor};

use crate::{Error, Result};

/// The keys and values of the tokens so far, of one layer of attention, each `[N, heads, T, d]`.
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_nn::KeyValueCache;
/// use gradus_tensor::Tensor;
///
/// let mut cache = KeyValueCache::new(None);
/// let token = Var::<f32>::from(Tensor::zeros([1, 2, 1, 4]));
/// cache.push(&token, &token)?;
/// let [keys, _] = cache.push(&token, &token)?;
/// assert_eq!(keys.shape(), [1, 2, 2, 4]);
/// assert_eq!(cache.len(), 2);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct KeyValueCache<T: Float = f32> {
    past: Option<[Tensor<T>; 2]>,
    len: usize,
    window: Option<usize>,
}

impl<T: Float> KeyValueCache<T> {
    /// One that knows no tokens. With a window it keeps what the next token can see, and no more.
    pub fn new(window: Option<usize>) -> Self {
        Self { past: None, len: 0, window }
    }

    /// How many tokens of each sequence were read: the place of the next one.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether none was.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds new tokens. Returned are all keys and all values that they may see, their own last.
    ///
    /// # Errors
    /// If the shapes do not fit those that are there; then the cache is as it was.
    pub fn push(&mut self, key: &Var<T>, value: &Var<T>) -> Result<[Var<T>; 2]> {
        let (&[_, _, new, _], &[_, _, of_values, _]) = (key.shape(), value.shape()) else {
            return Err(refused(key, value));
        };
        if new != of_values {
            return Err(refused(key, value));
        }
        let joined = match &self.past {
            None => [key.clone(), value.clone()],
            Some([keys, values]) => [
                Var::concat(&[&Var::constant(keys.clone()), key], 2)?,
                Var::concat(&[&Var::constant(values.clone()), value], 2)?,
            ],
        };
        let kept = |x: &Var<T>| -> Result<Tensor<T>> {
            let first = self.window.map_or(0, |window| (x.shape()[2] + 1).saturating_sub(window));
            Ok(match first {
                0 => x.value().clone(),
                // A copy: a view would keep what no token sees any more.
                _ => x.value().slice(2, first..)?.contiguous(),
            })
        };
        let past = [kept(&joined[0])?, kept(&joined[1])?];
        (self.past, self.len) = (Some(past), self.len + new);
        Ok(joined)
    }

    /// Other sequences in the place of these: for each, which of the old ones it was. A search that goes on from the
    /// best beginnings takes what is known of them along.
    ///
    /// # Errors
    /// If there is no sequence of such a number; then the cache is as it was.
    pub fn select(&mut self, sequences: &Tensor<i64>) -> Result<()> {
        if let Some([keys, values]) = &self.past {
            self.past = Some([keys.select(0, sequences)?, values.select(0, sequences)?]);
        }
        Ok(())
    }
}

fn refused<T: Float>(key: &Var<T>, value: &Var<T>) -> Error {
    let got = format!("keys {:?} and values {:?}", key.shape(), value.shape());
    Error::setting("KeyValueCache", got, "[N, heads, T, d] each, for the same tokens")
}
