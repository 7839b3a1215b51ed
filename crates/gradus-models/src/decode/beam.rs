//! Prefix beam search: the likeliest text over all its paths, with what is known about texts.
//!
//! For a text `ℓ` two probabilities are kept: that the frames so far say `ℓ` and end in a blank, `b(ℓ)`, or in its last
//! label, `n(ℓ)`. With `y(k)` the probability of class `k` in the next frame and `e` the last label of `ℓ`:
//!
//! ```text
//! b'(ℓ)   = y(blank) (b(ℓ) + n(ℓ))
//! n'(ℓ)   = y(e) n(ℓ)                                   the same label goes on
//! n'(ℓ k) += y(k) · (b(ℓ) if k = e, else b(ℓ) + n(ℓ))   a label comes to it; a second e needs a blank before it
//! ```
//!
//! After each frame the `width` texts with the largest `ln(b + n) + prior(ℓ)` stay. All is added up as logarithms. A
//! text that was dropped and comes back has lost what it had, so probabilities are lower bounds; with a width that
//! drops nothing they are exact. (Graves, *Sequence transduction with recurrent neural networks*, 2012, section 2.5;
//! Hannun, Maas, Jurafsky and Ng, *First-pass large vocabulary continuous speech recognition using bi-directional
//! recurrent DNNs*, 2014, algorithm 1.)

use std::collections::{BTreeMap, HashMap};

use gradus_nn::{Result, Settings};
use gradus_tensor::{Float, Tensor};

use super::Prior;
use super::frames::{Frames, add};

/// A text and how likely it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Hypothesis {
    /// The classes in their order, without blanks.
    pub labels: Vec<usize>,
    /// The logarithm of the probability of the text by the network alone, over all paths that were followed.
    pub log_probability: f64,
    /// The same with what the prior adds: the order of hypotheses.
    pub score: f64,
}

/// How [`decode`](BeamSearch::decode) searches.
///
/// ```
/// use gradus_models::decode::BeamSearch;
/// use gradus_tensor::Tensor;
/// let p = Tensor::<f32>::from_vec(vec![0.2, 0.5, 0.3, 0.3, 0.1, 0.6], [2, 3])?;
/// let texts = BeamSearch::new().width(4).decode(&p.ln(), &())?;
/// assert_eq!(texts[0].labels, [2]); // 0.3 · 0.6 + 0.3 · 0.3 + 0.2 · 0.6 = 0.39
/// assert_eq!(texts[1].labels, [1, 2]); // 0.5 · 0.6 = 0.3
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[must_use = "it searches by `decode`"]
pub struct BeamSearch {
    /// How many texts are kept after each frame.
    #[at_least(1)]
    #[at_most(1000000)]
    #[default(16)]
    width: usize,
    /// How many classes are tried in each frame: the likeliest.
    #[at_least(1)]
    #[default(40)]
    candidates: usize,
    /// Classes that are less probable than this in a frame are not tried there.
    #[in_unit]
    #[default(1e-6)]
    cutoff: f64,
    /// The class of the blank.
    #[default(0)]
    blank: usize,
}

/// A text, as the one before it and a last label.
struct Node<S> {
    before: usize,
    /// The blank for the empty text.
    label: usize,
    state: S,
    prior: f64,
}

/// `b` and `n` of a text.
#[derive(Clone, Copy)]
struct Ends {
    blank: f64,
    label: f64,
}

impl Ends {
    const NONE: Self = Self { blank: f64::NEG_INFINITY, label: f64::NEG_INFINITY };

    fn both(self) -> f64 {
        add(self.blank, self.label)
    }
}

impl BeamSearch {
    /// The likeliest texts, best first: at most as many as the width, and one at least unless the prior forbids all. Of
    /// two that are equally likely the one that was found first comes first.
    ///
    /// # Errors
    /// [`Error::Setting`](gradus_nn::Error::Setting) if a setting is outside its domain, or unless `log_p` is `[frames, classes]`, free of NaN and
    /// of numbers above 0, and the blank is a class.
    pub fn decode<T: Float, P: Prior>(
        &self,
        log_p: &Tensor<T>,
        prior: &P,
    ) -> Result<Vec<Hypothesis>> {
        let Self { width, candidates, cutoff, blank } = self.checked()?;
        let frames = Frames::new("BeamSearch", log_p, blank)?;
        let mut search = Search { prior, nodes: Vec::new(), children: HashMap::new() };
        search.nodes.push(Node { before: 0, label: blank, state: prior.start(), prior: 0.0 });
        let mut beam = vec![(0, Ends { blank: 0.0, ..Ends::NONE })];
        for y in frames.rows() {
            let mut tried: Vec<_> =
                (0..y.len()).filter(|&k| k != blank && y[k] >= cutoff.ln()).collect();
            // Stable: of two classes that are equally likely the lower comes first.
            tried.sort_by(|&a, &b| y[b].total_cmp(&y[a]));
            tried.truncate(candidates);
            let mut next = BTreeMap::new();
            for &(text, ends) in &beam {
                let last = search.nodes[text].label;
                let here = next.entry(text).or_insert(Ends::NONE);
                here.blank = add(here.blank, ends.both() + y[blank]);
                if text != 0 {
                    here.label = add(here.label, ends.label + y[last]);
                }
                for &k in &tried {
                    let from = if k == last { ends.blank } else { ends.both() };
                    if from == f64::NEG_INFINITY {
                        continue;
                    }
                    if let Some(longer) = search.longer(text, k) {
                        let there = next.entry(longer).or_insert(Ends::NONE);
                        there.label = add(there.label, from + y[k]);
                    }
                }
            }
            beam = next.into_iter().filter(|(_, ends)| ends.both() > f64::NEG_INFINITY).collect();
            let score = |(text, ends): &(usize, Ends)| ends.both() + search.nodes[*text].prior;
            beam.sort_by(|a, b| score(b).total_cmp(&score(a)));
            beam.truncate(width);
        }
        let mut found: Vec<Hypothesis> = beam
            .into_iter()
            .filter_map(|(text, ends)| {
                let Node { state, prior: so_far, .. } = &search.nodes[text];
                let log_probability = ends.both();
                let score = log_probability + so_far + prior.end(state)?;
                Some(Hypothesis { labels: search.labels(text), log_probability, score })
            })
            .collect();
        found.sort_by(|a, b| b.score.total_cmp(&a.score));
        Ok(found)
    }

    /// The text of the likeliest hypothesis, or none if the prior forbids all.
    ///
    /// # Errors
    /// As [`decode`](BeamSearch::decode).
    pub fn best<T: Float, P: Prior>(&self, log_p: &Tensor<T>, prior: &P) -> Result<Vec<usize>> {
        let first = self.decode(log_p, prior)?.into_iter().next();
        Ok(first.map_or(Vec::new(), |hypothesis| hypothesis.labels))
    }
}

/// The texts that were met, as a tree.
struct Search<'a, P: Prior> {
    prior: &'a P,
    nodes: Vec<Node<P::State>>,
    /// The text that comes of a text and a label; none where the prior forbids it.
    children: HashMap<(usize, usize), Option<usize>>,
}

impl<P: Prior> Search<'_, P> {
    fn longer(&mut self, text: usize, label: usize) -> Option<usize> {
        let Self { prior, nodes, children } = self;
        *children.entry((text, label)).or_insert_with(|| {
            let (added, state) = prior.next(&nodes[text].state, label)?;
            let prior = nodes[text].prior + added;
            // What has no probability is not followed.
            (prior > f64::NEG_INFINITY).then(|| {
                nodes.push(Node { before: text, label, state, prior });
                nodes.len() - 1
            })
        })
    }

    fn labels(&self, mut text: usize) -> Vec<usize> {
        let mut labels = Vec::new();
        while text != 0 {
            labels.push(self.nodes[text].label);
            text = self.nodes[text].before;
        }
        labels.reverse();
        labels
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::decode::greedy;
    use gradus_autograd::{CtcOptions, Var};
    use gradus_tensor::Rng;

    fn some(frames: usize, classes: usize, seed: u64) -> Result<Tensor<f64>> {
        let x = Tensor::normal([frames, classes], 0.0, 1.5, &mut Rng::new(seed))?;
        Ok(Var::from(x).log_softmax(-1)?.value().clone())
    }

    #[test]
    fn a_wide_beam_finds_every_text_with_the_probability_of_all_its_paths() -> Result<()> {
        for (frames, classes, blank) in [(4, 3, 0), (5, 3, 2), (1, 4, 1)] {
            let log_p = some(frames, classes, 7)?;
            let mut all = BTreeMap::new();
            for path in 0..classes.pow(frames as u32) {
                let mut path: Vec<_> =
                    (0..frames).map(|t| path / classes.pow(t as u32) % classes).collect();
                let log: f64 =
                    path.iter().enumerate().map(|(t, &k)| log_p.get([t, k]).unwrap()).sum();
                path.dedup();
                path.retain(|&k| k != blank);
                let sum = all.entry(path).or_insert(f64::NEG_INFINITY);
                *sum = add(*sum, log);
            }
            let search = BeamSearch::new().width(10_000).cutoff(0.0).blank(blank);
            let found = search.decode(&log_p, &())?;
            assert_eq!(found.len(), all.len());
            assert!(found.windows(2).all(|two| two[0].score >= two[1].score));
            for hypothesis in &found {
                let wanted = all[&hypothesis.labels];
                assert!((hypothesis.log_probability - wanted).abs() < 1e-12, "{hypothesis:?}");
                // The loss adds up the same paths.
                let x = Var::from(log_p.reshape([frames, 1, classes])?);
                let labels = [hypothesis.labels.clone()];
                let loss = x.ctc_loss(
                    &labels,
                    &[frames],
                    CtcOptions::new().blank(blank).reduction(gradus_autograd::Reduction::Sum),
                )?;
                assert!((loss.item()? + wanted).abs() < 1e-10);
            }
        }
        Ok(())
    }

    #[test]
    fn a_narrow_beam_is_no_worse_than_the_best_path() -> Result<()> {
        for seed in 0..20 {
            let log_p = some(40, 6, seed)?;
            let path = greedy(&log_p, 0)?;
            let best = &BeamSearch::new().width(8).decode(&log_p, &())?[0];
            assert!(best.log_probability >= path.log_probability, "seed {seed}");
        }
        Ok(())
    }

    /// Says "1" at most once.
    struct Once;

    impl Prior for Once {
        type State = bool;
        fn start(&self) -> bool {
            false
        }
        fn next(&self, said: &bool, label: usize) -> Option<(f64, bool)> {
            (label != 1 || !said).then_some((-0.1, *said || label == 1))
        }
        fn end(&self, said: &bool) -> Option<f64> {
            said.then_some(0.5)
        }
    }

    #[test]
    fn a_prior_adds_and_forbids() -> Result<()> {
        let log_p = some(6, 3, 3)?;
        let free = BeamSearch::new().width(5000).cutoff(0.0).decode(&log_p, &())?;
        let bound = BeamSearch::new().width(5000).cutoff(0.0).decode(&log_p, &Once)?;
        let ones = |h: &Hypothesis| h.labels.iter().filter(|&&k| k == 1).count() == 1;
        assert_eq!(bound.len(), free.iter().filter(|h| ones(h)).count());
        for h in &bound {
            let same = free.iter().find(|f| f.labels == h.labels).expect("it was free before");
            assert!((same.log_probability - h.log_probability).abs() < 1e-12);
            let added = 0.5 - 0.1 * h.labels.len() as f64;
            assert!((h.score - h.log_probability - added).abs() < 1e-12);
        }
        Ok(())
    }

    #[test]
    fn what_is_no_logarithm_of_probabilities_is_refused() -> Result<()> {
        let says = |x: Tensor<f32>, search: BeamSearch, message: &str| {
            assert_eq!(search.decode(&x, &()).unwrap_err().to_string(), message);
        };
        let wanted = "wanted logarithms of probabilities, as log_softmax gives them";
        let nan = Tensor::from_vec(vec![-1.0, -1.0, -1.0, f32::NAN], [2, 2])?;
        let message = format!("BeamSearch: got NaN in frame 1, class 1, {wanted}");
        says(nan, BeamSearch::new(), &message);
        let message = format!("BeamSearch: got 2 in frame 0, class 0, {wanted}");
        says(Tensor::full([1, 2], 2.0), BeamSearch::new(), &message);
        let message = "BeamSearch: got blank 2, wanted one of the 2 classes, counted from 0";
        says(Tensor::zeros([1, 2]), BeamSearch::new().blank(2), message);
        let message = "BeamSearch: got shape [1, 2, 2], wanted [frames, classes] of one recording";
        says(Tensor::zeros([1, 2, 2]), BeamSearch::new(), message);
        let message = "BeamSearch: got width 0, wanted a number in [1, 1000000]";
        says(Tensor::zeros([1, 2]), BeamSearch::new().width(0), message);
        // No frames say nothing.
        let nothing = BeamSearch::new().decode(&Tensor::<f32>::zeros([0, 3]), &())?;
        assert_eq!((nothing.len(), nothing[0].score), (1, 0.0));
        Ok(())
    }
}
