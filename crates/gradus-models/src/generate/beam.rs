//! Beam search: the likeliest sequence, as far as a narrow look ahead finds it.
//!
//! The likeliest token at every step does not make the likeliest sequence: what begins badly may go on well. So the
//! best `k` beginnings are kept, each is lengthened by every token, and of all these the best `k` are kept again. One
//! that draws the end is complete. Longer sequences are less likely, since each token multiplies by a number below
//! one; so complete ones are compared by
//!
//! `score(Y) = ln P(Y) / lp(Y)`, `lp(Y) = ((5 + |Y|) / 6)^α`
//!
//! with `α = 0` for the probability alone. No beginning can end with a better score than `ln P / lp` at the greatest
//! length; when that is not better than the worst of `k` complete ones, the search is over. (Lowerre, *The Harpy speech
//! recognition system*, 1976, for the search; Wu and others, *Google's neural machine translation system*, 2016,
//! equation 14, for the penalty.)

use std::cmp::Ordering;

use gradus_nn::{Error, Result, Settings};

use super::Candidates;

/// The settings of a search.
///
/// ```
/// use gradus_models::generate::{BeamSearch, Hypothesis};
/// // Token 0 ends. "1" is the likeliest beginning, but everything is as likely after it; "2" surely ends.
/// let model = |beams: &[Hypothesis]| {
///     let next = |beam: &Hypothesis| match beam.tokens[..] {
///         [] => vec![0.0, 0.6, 0.4],
///         [2] => vec![1.0, 0.0, 0.0],
///         _ => vec![1.0 / 3.0; 3],
///     };
///     Ok(beams.iter().map(|beam| next(beam).into_iter().map(f64::ln).collect()).collect())
/// };
/// let search = BeamSearch::new(3).end(0).length_penalty(0.0);
/// assert_eq!(search.beams(1).run(model)?[0].tokens, [1]);
/// assert_eq!(search.beams(2).run(model)?[0].tokens, [2]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[must_use]
pub struct BeamSearch {
    /// How many tokens a sequence may have.
    #[at_least(1)]
    most: usize,
    /// How many beginnings are kept.
    #[at_least(1)]
    #[at_most(65536)]
    #[default(4)]
    beams: usize,
    /// `α`: how much longer sequences are preferred.
    #[at_least(0)]
    #[default(0.6)]
    length_penalty: f64,
    /// The token that ends a sequence.
    #[skip(None)]
    end: Option<u32>,
}

/// A sequence, or the beginning of one.
#[derive(Debug, Clone, PartialEq)]
pub struct Hypothesis {
    /// What was written, without prompt and end.
    pub tokens: Vec<u32>,
    /// `ln P` of these tokens, and of the end where there is one.
    pub log_probability: f64,
    /// That, with the penalty for its length.
    pub score: f64,
    /// The place, among the beginnings that the model saw last, of the one that this lengthens: where the model's memory
    /// of it is. 0 at first.
    pub parent: usize,
    /// Whether it has drawn its end.
    pub ended: bool,
}

impl BeamSearch {
    /// The token that ends a sequence; without one all sequences have the greatest length.
    pub fn end(self, token: u32) -> Self {
        Self { end: Some(token), ..self }
    }

    /// Searches. The closure gets the beginnings that are kept, and gives the logits of the next token for each: first
    /// for the empty one. The result is not empty, the best comes first, and there are at most as many as beams.
    ///
    /// # Errors
    /// [`Error::Setting`] if a setting is outside its domain, if the closure gives not one list for each beginning, and
    /// as [`Candidates::new`].
    pub fn run(
        &self,
        mut next: impl FnMut(&[Hypothesis]) -> Result<Vec<Vec<f64>>>,
    ) -> Result<Vec<Hypothesis>> {
        self.check()?;
        let mut live = vec![self.hypothesis(Vec::new(), 0.0, 0, false)];
        let mut complete = Vec::new();
        for _ in 0..self.most {
            let logits = next(&live)?;
            if logits.len() != live.len() {
                let wanted = format!("one for each of {} beginnings", live.len());
                return Err(Error::setting(
                    "BeamSearch",
                    format!("{} lists", logits.len()),
                    wanted,
                ));
            }
            live = self.lengthen(&live, &logits, &mut complete)?;
            let bound = |best: &Hypothesis| best.log_probability / self.penalty(self.most);
            let better = |best: &Hypothesis| match complete.get(self.beams - 1) {
                Some(worst) => bound(best) > worst.score,
                None => true,
            };
            if !live.first().is_some_and(better) {
                break;
            }
        }
        // What has the greatest length is as good as complete.
        complete.extend(live.into_iter().filter(|hypothesis| hypothesis.tokens.len() == self.most));
        complete.sort_by(best_first);
        complete.truncate(self.beams);
        Ok(complete)
    }

    /// The best beginnings that are one token longer; those that end are added to the complete ones.
    fn lengthen(
        &self,
        live: &[Hypothesis],
        logits: &[Vec<f64>],
        complete: &mut Vec<Hypothesis>,
    ) -> Result<Vec<Hypothesis>> {
        let mut all = Vec::new();
        for (parent, (from, logits)) in live.iter().zip(logits).enumerate() {
            // More of one beginning cannot be among the best, the end apart.
            let likely = Candidates::likeliest(logits, self.beams.saturating_add(1))?;
            let most = likely.list[0].1;
            let sum: f64 = logits.iter().map(|z| (z - most).exp()).sum();
            let step = |&(token, z): &(u32, f64)| {
                (parent, token, from.log_probability + (z - most) - sum.ln())
            };
            all.extend(likely.list.iter().map(step));
        }
        // Stable: of equal ones the earlier beginning, then the smaller token.
        all.sort_by(|a, b| b.2.total_cmp(&a.2));
        let mut longer = Vec::new();
        for (parent, token, log_probability) in all {
            if longer.len() == self.beams {
                break;
            }
            let mut tokens = live[parent].tokens.clone();
            if self.end == Some(token) {
                complete.push(self.hypothesis(tokens, log_probability, parent, true));
            } else {
                tokens.push(token);
                longer.push(self.hypothesis(tokens, log_probability, parent, false));
            }
        }
        complete.sort_by(best_first);
        complete.truncate(self.beams);
        Ok(longer)
    }

    fn hypothesis(&self, tokens: Vec<u32>, ln_p: f64, parent: usize, ended: bool) -> Hypothesis {
        let score = ln_p / self.penalty(tokens.len());
        Hypothesis { tokens, log_probability: ln_p, score, parent, ended }
    }

    /// `lp` for a length.
    fn penalty(&self, len: usize) -> f64 {
        ((5.0 + len as f64) / 6.0).powf(self.length_penalty)
    }
}

fn best_first(a: &Hypothesis, b: &Hypothesis) -> Ordering {
    b.score.total_cmp(&a.score)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Logits that depend on all tokens before: the sines of a number made of them.
    fn model(tokens: &[u32]) -> Vec<f64> {
        let number = tokens.iter().fold(1.0, |number, &token| 1.7 * number + f64::from(token));
        (0..4).map(|token| 2.0 * (number * f64::from(token + 3)).sin()).collect()
    }

    fn log_softmax(logits: &[f64]) -> Vec<f64> {
        let sum: f64 = logits.iter().map(|z| z.exp()).sum();
        logits.iter().map(|z| z - sum.ln()).collect()
    }

    /// The best of all sequences of at most `most` tokens, of which 0 is the end.
    fn every(search: &BeamSearch, tokens: &[u32], ln_p: f64) -> (f64, Vec<u32>) {
        let score = |ln_p: f64| ln_p / search.penalty(tokens.len());
        if tokens.len() == search.most {
            return (score(ln_p), tokens.to_vec());
        }
        let p = log_softmax(&model(tokens));
        let mut best = (score(ln_p + p[0]), tokens.to_vec());
        for token in 1..4 {
            let longer = [tokens, &[token]].concat();
            let other = every(search, &longer, ln_p + p[token as usize]);
            best = if other.0 > best.0 { other } else { best };
        }
        best
    }

    #[test]
    fn with_beams_enough_it_finds_the_best_of_all() -> Result<()> {
        let next = |beams: &[Hypothesis]| Ok(beams.iter().map(|b| model(&b.tokens)).collect());
        for penalty in [0.0, 0.6, 1.0, 2.0] {
            let search = BeamSearch::new(5).end(0).length_penalty(penalty);
            let (score, tokens) = every(&search, &[], 0.0);
            let found = search.beams(300).run(next)?;
            assert_eq!(found[0].tokens, tokens, "{penalty}");
            assert!((found[0].score - score).abs() < 1e-12);
            assert!(found.windows(2).all(|pair| pair[0].score >= pair[1].score));
            // A narrow search finds a sequence that there is, and none that is better.
            let narrow = search.beams(2).run(next)?;
            assert!(narrow.len() <= 2 && narrow[0].score <= score + 1e-12);
        }
        Ok(())
    }

    #[test]
    fn parents_say_which_beginning_was_lengthened() -> Result<()> {
        let mut before: Vec<Vec<u32>> = Vec::new();
        let found = BeamSearch::new(6).beams(3).run(|beams| {
            for beam in beams {
                if let [first @ .., _] = &beam.tokens[..] {
                    assert_eq!(before[beam.parent], first);
                }
            }
            before = beams.iter().map(|beam| beam.tokens.clone()).collect();
            Ok(beams.iter().map(|beam| model(&beam.tokens)).collect())
        })?;
        assert_eq!(found.len(), 3);
        assert!(found.iter().all(|beam| beam.tokens.len() == 6 && !beam.ended));
        Ok(())
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let says = |search: BeamSearch, lists: usize| {
            search.run(|_| Ok(vec![vec![0.0]; lists])).unwrap_err().to_string()
        };
        let message = "BeamSearch: got 2 lists, wanted one for each of 1 beginnings";
        assert_eq!(says(BeamSearch::new(3), 2), message);
        assert!(says(BeamSearch::new(0), 1).contains("most 0"));
        assert!(says(BeamSearch::new(3).beams(0), 1).contains("beams 0"));
        assert!(says(BeamSearch::new(3).length_penalty(-1.0), 1).contains("length penalty -1"));
    }
}
