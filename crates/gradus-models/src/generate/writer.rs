//! One token after the other: an iterator.

use gradus_nn::{Result, Settings, settings::BadSetting};
use gradus_tensor::Rng;

use super::Sampling;

/// A model, as a [`Writer`] sees it: from all tokens so far, the prompt first, to a logit for each token that may come
/// next.
pub trait Scorer: FnMut(&[u32]) -> Result<Vec<f64>> {}

impl<F: FnMut(&[u32]) -> Result<Vec<f64>>> Scorer for F {}

/// Draws tokens that go on from a prompt, without an end of its own: `take` some, or name the token that
/// [ends](Writer::end) a text. **A seed determines the tokens.** After an error it has ended.
///
/// ```
/// use gradus_models::generate::{Sampling, Writer};
/// // A model of five tokens for which the next number follows.
/// let count = |tokens: &[u32]| {
///     let next = tokens.last().map_or(0, |last| (last + 1) % 5);
///     Ok((0..5).map(|token| if token == next { 9.0 } else { 0.0 }).collect())
/// };
/// let writer = Writer::new(count, &[1, 2], Sampling::greedy(), 0)?.end(0);
/// let written = writer.collect::<Result<Vec<u32>, _>>()?;
/// assert_eq!(written, [3, 4]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Writer<F> {
    next: F,
    sampling: Sampling,
    rng: Rng,
    tokens: Vec<u32>,
    end: Option<u32>,
    ended: bool,
}

impl<F: Scorer> Writer<F> {
    /// A model, what it goes on from, how tokens are drawn, and the seed of the draws.
    ///
    /// # Errors
    /// [`Error::Setting`](gradus_nn::Error::Setting) if a setting of the draw is outside its domain.
    pub fn new(next: F, prompt: &[u32], sampling: Sampling, seed: u64) -> Result<Self> {
        sampling.check().map_err(|fault: BadSetting| gradus_nn::Error::from(fault))?;
        let (rng, tokens) = (Rng::new(seed), prompt.to_vec());
        Ok(Self { next, sampling, rng, tokens, end: None, ended: false })
    }

    /// Ends where this token is drawn, which is not given out.
    #[must_use]
    pub fn end(self, token: u32) -> Self {
        Self { end: Some(token), ..self }
    }

    /// The prompt, and what was written so far.
    pub fn tokens(&self) -> &[u32] {
        &self.tokens
    }

    fn draw(&mut self) -> Result<u32> {
        let logits = (self.next)(&self.tokens)?;
        self.sampling.choose(&logits, &self.tokens, &mut self.rng)
    }
}

impl<F: Scorer> Iterator for Writer<F> {
    type Item = Result<u32>;

    fn next(&mut self) -> Option<Result<u32>> {
        if self.ended {
            return None;
        }
        let token = self.draw();
        match token {
            Ok(token) if self.end != Some(token) => self.tokens.push(token),
            Ok(_) => {
                self.ended = true;
                return None;
            }
            Err(_) => self.ended = true,
        }
        Some(token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_determines_the_tokens_and_an_error_ends_them() -> Result<()> {
        let even = |tokens: &[u32]| {
            let count = if tokens.len() > 30 { 0 } else { 10 };
            Ok(vec![0.0; count])
        };
        let write = |seed| -> Result<Vec<u32>> {
            Writer::new(even, &[1], Sampling::new(), seed)?.take(20).collect()
        };
        assert_eq!(write(7)?, write(7)?);
        assert_ne!(write(7)?, write(8)?);

        let mut writer = Writer::new(even, &[1], Sampling::new(), 7)?;
        assert_eq!(writer.by_ref().take(30).filter(Result::is_ok).count(), 30);
        assert!(writer.next().is_some_and(|token| token.is_err()));
        assert!(writer.next().is_none());
        assert_eq!(writer.tokens().len(), 31);
        assert!(Writer::new(even, &[1], Sampling::new().top_k(0), 7).is_err());
        Ok(())
    }
}
