//! GPT writes: what [`generate`](crate::generate) wants of a model, with the cache.

use gradus_nn::{Context, Error, Result};
use gradus_tensor::{Float, Tensor};

use super::{Gpt, GptCache};
use crate::generate::{BeamSearch, Hypothesis, Sampling, Scorer, Writer};

impl<T: Float> Gpt<T> {
    /// Goes on from a prompt, one token at a time: an iterator without end, of which `take` takes some.
    ///
    /// The cache makes a token cost one token's work. When the block is full, the latter half of it becomes the
    /// beginning of a new one, since a place has a vector of its own; so a token sees at least half a block.
    ///
    /// ```
    /// use gradus_models::{Gpt, generate::Sampling};
    /// use gradus_tensor::Rng;
    ///
    /// let net: Gpt = Gpt::new(50, 16).width(8).layers(1).heads(2).init(&mut Rng::new(0))?;
    /// let sampling = Sampling::new().temperature(0.8).top_k(10);
    /// let written = net.write(&[3, 14, 15], sampling, 7)?.take(40).collect::<Result<Vec<_>, _>>()?;
    /// assert_eq!(written.len(), 40);
    /// # Ok::<(), gradus_nn::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Setting`] if the prompt is empty, longer than the block or has a token that is not in the vocabulary,
    /// or if a setting is outside its domain.
    pub fn write<'n>(
        &'n self,
        prompt: &[u32],
        sampling: Sampling,
        seed: u64,
    ) -> Result<Writer<impl Scorer + use<'n, T>>> {
        self.check_prompt(prompt)?;
        Writer::new(self.scorer(), prompt, sampling, seed)
    }

    /// The sequences that most likely go on from a prompt, as far as a search finds them, the best first.
    ///
    /// # Errors
    /// As [`write`](Gpt::write); also if prompt and sequence together are longer than the block.
    pub fn search(&self, prompt: &[u32], search: BeamSearch) -> Result<Vec<Hypothesis>> {
        self.check_prompt(prompt)?;
        let mut cache = self.cache();
        search.run(|beams| {
            if cache.is_empty() {
                return self.score(prompt, 1, &mut cache);
            }
            let parents: Vec<i64> = beams.iter().map(|beam| beam.parent as i64).collect();
            cache.select(&parents)?;
            let last: Vec<u32> = beams.iter().filter_map(|b| b.tokens.last().copied()).collect();
            self.score(&last, beams.len(), &mut cache)
        })
    }

    /// The logits of what follows a sequence, for a [`Writer`] of your own: one that forbids tokens, say, by giving them
    /// minus infinity. When it is asked for a longer sequence, the new tokens alone cost work.
    ///
    /// ```
    /// use gradus_models::{Gpt, generate::{Sampling, Writer}};
    /// use gradus_tensor::Rng;
    ///
    /// let net: Gpt = Gpt::new(50, 16).width(8).layers(1).heads(2).init(&mut Rng::new(0))?;
    /// let mut scorer = net.scorer();
    /// let even = |tokens: &[u32]| {
    ///     let mut logits = scorer(tokens)?;
    ///     logits.iter_mut().skip(1).step_by(2).for_each(|z| *z = f64::NEG_INFINITY);
    ///     Ok(logits)
    /// };
    /// let written = Writer::new(even, &[2], Sampling::new(), 7)?.take(10).collect::<Result<Vec<_>, _>>()?;
    /// assert!(written.iter().all(|token| token % 2 == 0));
    /// # Ok::<(), gradus_nn::Error>(())
    /// ```
    pub fn scorer<'n>(&'n self) -> impl Scorer + use<'n, T> {
        let (mut cache, block) = (self.cache(), self.wpe.weight.shape()[0]);
        // The cache knows these tokens, the first of which stands at `start`.
        let (mut start, mut known) = (0, Vec::new());
        move |tokens: &[u32]| {
            let end = start + known.len();
            let goes_on = tokens.len() > end && tokens[start..end] == known[..];
            if !goes_on || tokens.len() - start > block {
                let fits = tokens.len() <= block;
                start = if fits { 0 } else { tokens.len() - (block / 2).max(1) };
                (cache, known) = (self.cache(), Vec::new());
            }
            let new = &tokens[start + known.len()..];
            let logits = self.score(new, 1, &mut cache)?.remove(0);
            known.extend_from_slice(new);
            Ok(logits)
        }
    }

    /// The logits behind the last of the new tokens of each of `samples` sequences.
    fn score(&self, new: &[u32], samples: usize, cache: &mut GptCache<T>) -> Result<Vec<Vec<f64>>> {
        let tokens = new.iter().map(|&token| i64::from(token)).collect();
        let tokens = Tensor::from_vec(tokens, [samples, new.len() / samples])?;
        let logits = self.forward_cached(&tokens, cache, &mut Context::eval())?;
        let last = logits.value().slice(1, logits.shape()[1] - 1..)?.to_vec();
        let row = |row: &[T]| row.iter().map(|z| z.to_f64()).collect();
        Ok(last.chunks_exact(last.len() / samples).map(row).collect())
    }

    fn check_prompt(&self, prompt: &[u32]) -> Result<()> {
        let [words, block] = [&self.wte, &self.wpe].map(|table| table.weight.shape()[0]);
        let fault = |got: String, wanted: String| Err(Error::setting("Gpt", got, wanted));
        if prompt.is_empty() || prompt.len() > block {
            let got = format!("a prompt of {} tokens", prompt.len());
            return fault(got, format!("1 to {block}, its block"));
        }
        match prompt.iter().find(|&&token| token as usize >= words) {
            Some(token) => {
                let wanted = format!("0 to {}: the vocabulary has {words} tokens", words - 1);
                fault(format!("token {token}"), wanted)
            }
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use gradus_tensor::Rng;

    use super::*;

    fn small() -> Result<Gpt<f64>> {
        let net = Gpt::new(11, 8).width(12).layers(2).heads(3).init(&mut Rng::new(5))?;
        Ok(net)
    }

    /// Without a cache: the logits behind a sequence.
    fn plain(net: &Gpt<f64>, tokens: &[u32]) -> Result<Vec<f64>> {
        let row = tokens.iter().map(|&token| i64::from(token)).collect();
        let row = Tensor::from_vec(row, [1, tokens.len()])?;
        let logits = net.forward(&row, &mut Context::eval())?;
        Ok(logits.value().slice(1, tokens.len() - 1..)?.to_vec())
    }

    #[test]
    fn the_cache_changes_no_token() -> Result<()> {
        let net = small()?;
        for sampling in [Sampling::greedy(), Sampling::new().temperature(0.7).top_p(0.9)] {
            let fast = net.write(&[1, 2, 3], sampling, 4)?.take(30).collect::<Result<Vec<_>>>()?;
            let mut start = 0;
            let slow = |tokens: &[u32]| {
                if tokens.len() - start > 8 {
                    start = tokens.len() - 4;
                }
                plain(&net, &tokens[start..])
            };
            let slow = Writer::new(slow, &[1, 2, 3], sampling, 4)?;
            assert_eq!(fast, slow.take(30).collect::<Result<Vec<_>>>()?);
        }
        Ok(())
    }

    #[test]
    fn another_sequence_is_another_beginning() -> Result<()> {
        let net = small()?;
        let mut scorer = net.scorer();
        for tokens in [&[1, 2, 3][..], &[1, 2, 3, 4, 5], &[1, 2], &[9, 2, 3], &[9, 2, 3], &[9; 8]] {
            let (ours, plain) = (scorer(tokens)?, plain(&net, tokens)?);
            assert!(ours.iter().zip(&plain).all(|(a, b)| (a - b).abs() < 1e-12), "{tokens:?}");
        }
        assert_eq!(scorer(&[7; 20])?, net.scorer()(&[7; 4])?);
        assert!(scorer(&[]).is_err() && scorer(&[11]).is_err());
        Ok(())
    }

    #[test]
    fn beams_keep_their_own_memory() -> Result<()> {
        let net = small()?;
        let search = BeamSearch::new(6).beams(3).end(0);
        let fast = net.search(&[4, 5], search)?;
        let slow = search.run(|beams| {
            let after = |beam: &Hypothesis| plain(&net, &[&[4, 5], &beam.tokens[..]].concat());
            beams.iter().map(after).collect()
        })?;
        assert_eq!(fast.len(), slow.len());
        for (fast, slow) in fast.iter().zip(&slow) {
            assert_eq!(fast.tokens, slow.tokens);
            assert!((fast.score - slow.score).abs() < 1e-9);
        }
        Ok(())
    }

    #[test]
    fn prompts_that_do_not_fit_are_named() -> Result<()> {
        let net = small()?;
        let says = |prompt: &[u32]| match net.write(prompt, Sampling::new(), 0) {
            Ok(_) => String::new(),
            Err(error) => error.to_string(),
        };
        assert_eq!(says(&[]), "Gpt: got a prompt of 0 tokens, wanted 1 to 8, its block");
        assert_eq!(says(&[1; 9]), "Gpt: got a prompt of 9 tokens, wanted 1 to 8, its block");
        let message = "Gpt: got token 11, wanted 0 to 10: the vocabulary has 11 tokens";
        assert_eq!(says(&[3, 11]), message);
        let error = net.search(&[1; 6], BeamSearch::new(5)).unwrap_err().to_string();
        assert!(error.contains("a sequence of 9 tokens"), "{error}");
        Ok(())
    }
}
