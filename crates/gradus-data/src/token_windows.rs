//! Windows of a long text, for a language model.
//!
//! A window is `T` tokens, and what a model is to say of each place of it is the token that comes next: the same window,
//! one token later. Windows lie side by side. In training every epoch begins at another place of the first window, so
//! that in time each token is predicted from every number of tokens before it.

use std::sync::Arc;

use gradus_tensor::Tensor;

use crate::collate::BatchOf;
use crate::seeds::{self, Use};
use crate::{Dataset, Error, Result};

/// Items are tokens `[T]` and the tokens that follow them, `[T]`. Cloning is cheap.
///
/// ```
/// use gradus_data::{Dataset, TokenWindows};
/// let windows = TokenWindows::new(&[5, 6, 7, 8, 9, 10, 11, 12], 3)?;
/// assert_eq!(windows.len(), 2);
/// let (tokens, next) = windows.get_batch(&[0, 1], 0)?;
/// assert_eq!(tokens.to_vec(), [5, 6, 7, 8, 9, 10]);
/// assert_eq!(next.to_vec(), [6, 7, 8, 9, 10, 11]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct TokenWindows {
    tokens: Arc<[u32]>,
    width: usize,
    seed: Option<u64>,
}

impl TokenWindows {
    /// The windows of `width` tokens of a text; the tokens behind the last whole one are left out.
    ///
    /// # Errors
    /// [`Error::Value`] if the width is 0, or if the text has not `width + 1` tokens.
    pub fn new(tokens: &[u32], width: usize) -> Result<Self> {
        if width == 0 || tokens.len() <= width {
            let got = format!("a width of {width} and a text of {} tokens", tokens.len());
            let wanted = "a width of 1 or more, and a text that is longer by a token or more";
            return Err(Error::value("TokenWindows", got, wanted));
        }
        Ok(Self { tokens: tokens.into(), width, seed: None })
    }

    /// Lets every epoch begin at a random place of the first window. Where the text is too short for that, by which there
    /// is one window less, it stays as it is.
    #[must_use]
    pub fn shifted(self, seed: u64) -> Self {
        let room = self.tokens.len() >= 2 * self.width;
        Self { seed: room.then_some(seed), ..self }
    }

    fn start(&self, epoch: u64) -> usize {
        self.seed.map_or(0, |seed| seeds::rng(seed, Use::Transform, epoch).below(self.width))
    }
}

impl Dataset for TokenWindows {
    type Item = (Tensor<i64>, Tensor<i64>);

    fn len(&self) -> usize {
        let most = if self.seed.is_some() { self.width - 1 } else { 0 };
        (self.tokens.len() - 1 - most) / self.width
    }

    fn get(&self, index: usize) -> Result<Self::Item> {
        self.get_in_epoch(index, 0)
    }

    fn get_in_epoch(&self, index: usize, epoch: u64) -> Result<Self::Item> {
        let (tokens, next) = self.get_batch(&[index], epoch)?;
        Ok((tokens.reshape([self.width])?, next.reshape([self.width])?))
    }

    fn get_batch(&self, indices: &[usize], epoch: u64) -> Result<BatchOf<Self>> {
        let check = |&index: &usize| Error::check_index("TokenWindows", index, self.len());
        indices.iter().try_for_each(check)?;
        if indices.is_empty() {
            return Err(Error::EmptyBatch);
        }
        let start = self.start(epoch);
        let rows = |later: usize| {
            let row = |&index: &usize| {
                self.tokens[start + index * self.width + later..][..self.width].iter()
            };
            let tokens = indices.iter().flat_map(row).map(|&token| i64::from(token));
            Tensor::from_vec(tokens.collect(), [indices.len(), self.width])
        };
        Ok((rows(0)?, rows(1)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epochs_begin_at_every_place_and_stay_within_the_text() -> Result<()> {
        let tokens: Vec<u32> = (0..50).collect();
        for len in 6..50 {
            let windows = TokenWindows::new(&tokens[..len], 3)?.shifted(1);
            let mut starts = [false; 3];
            for epoch in 0..40 {
                let all: Vec<usize> = (0..windows.len()).collect();
                let (now, next) = windows.get_batch(&all, epoch)?;
                let (now, next) = (now.to_vec(), next.to_vec());
                starts[now[0] as usize] = true;
                assert!(now.windows(2).all(|pair| pair[1] == pair[0] + 1));
                assert!(now.iter().zip(&next).all(|(a, b)| a + 1 == *b));
                let one = windows.get_in_epoch(windows.len() - 1, epoch)?;
                assert_eq!(one.1.to_vec(), next[next.len() - 3..]);
            }
            assert_eq!(starts, [true; 3], "{len}");
        }
        Ok(())
    }

    #[test]
    fn short_texts_and_no_width_are_refused() -> Result<()> {
        for (len, width) in [(0, 1), (3, 3), (3, 0)] {
            let error = TokenWindows::new(&vec![1; len], width).unwrap_err().to_string();
            assert!(error.contains(&format!("width of {width} and a text of {len}")), "{error}");
        }
        assert_eq!(TokenWindows::new(&[1, 2], 1)?.shifted(3).len(), 1);
        let few = TokenWindows::new(&[1, 2, 3, 4], 3)?.shifted(3);
        assert_eq!((few.len(), few.get_in_epoch(0, 9)?.0.to_vec()), (1, vec![1, 2, 3]));
        assert!(few.get(1).is_err() && few.get_batch(&[], 0).is_err());
        Ok(())
    }
}
