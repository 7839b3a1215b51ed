//! What is known about texts before anything is heard: the language model of a beam search.
//!
//! A text of labels `ℓ` gets `α ln p(ℓ) + β |ℓ|` besides the logarithm of its probability by the network: `p` is that of
//! the language model, `α` how much it counts, and `β` makes up for texts becoming less likely with every word.
//! (Hannun, Maas, Jurafsky and Ng, 2014, section 2.2; see [`BeamSearch`](super::BeamSearch).)

use std::collections::{BTreeMap, BTreeSet};

use gradus_nn::{Error, Result};

use super::Alphabet;
use super::ngram::{END, NGram, START, UNKNOWN};

/// Judges texts while they grow. `()` judges nothing.
pub trait Prior {
    /// What must be known of a text to go on.
    type State: Clone;

    /// Before the first label.
    fn start(&self) -> Self::State;

    /// What the score of a text gains when this label comes behind it, a natural logarithm, and what is known then;
    /// none if no text goes on so.
    fn next(&self, state: &Self::State, label: usize) -> Option<(f64, Self::State)>;

    /// What the score gains if the text ends; none if no text ends so.
    fn end(&self, state: &Self::State) -> Option<f64>;
}

impl Prior for () {
    type State = ();
    fn start(&self) {}
    fn next(&self, (): &(), _: usize) -> Option<(f64, ())> {
        Some((0.0, ()))
    }
    fn end(&self, (): &()) -> Option<f64> {
        Some(0.0)
    }
}

/// How much a model counts.
#[derive(Debug, Clone, Copy)]
struct Weights {
    alpha: f64,
    beta: f64,
}

/// A model of characters: each label is a word of it.
///
/// ```
/// use gradus_models::decode::{Alphabet, BeamSearch, CharacterPrior, NGram};
/// use gradus_tensor::Tensor;
/// let alphabet = Alphabet::new("qtu")?;
/// let model = NGram::characters(2, &["qu", "qu", "t"])?;
/// // q, and then perhaps a t, perhaps a u.
/// let p = Tensor::<f32>::from_vec(vec![0.1, 0.7, 0.1, 0.1, 0.1, 0.1, 0.42, 0.38], [2, 4])?.ln();
/// let search = BeamSearch::new();
/// assert_eq!(alphabet.text(&search.best(&p, &())?), "qt");
/// assert_eq!(alphabet.text(&search.best(&p, &CharacterPrior::new(&model, &alphabet)?)?), "qu");
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct CharacterPrior<'a> {
    model: &'a NGram,
    /// The word of the model for each class; class 0 is the blank.
    ids: Vec<Option<u32>>,
    weights: Weights,
}

impl<'a> CharacterPrior<'a> {
    /// With `α = 0.5` and `β = 0`. The model is one of [`NGram::characters`].
    ///
    /// # Errors
    /// [`Error::Setting`] that names a character which the model does not know, if it has no `<unk>`.
    pub fn new(model: &'a NGram, alphabet: &Alphabet) -> Result<Self> {
        let mut ids = vec![None];
        for &c in alphabet.characters() {
            let id = model.id(&NGram::character(c)).ok_or_else(|| {
                let wanted = "a model of the alphabet's characters, or one with <unk>";
                Error::setting("CharacterPrior", format!("a model without {c:?}"), wanted)
            })?;
            ids.push(Some(id));
        }
        Ok(Self { model, ids, weights: Weights { alpha: 0.5, beta: 0.0 } })
    }

    /// How much the model counts, and what each character gains.
    #[must_use]
    pub fn weights(self, alpha: f64, beta: f64) -> Self {
        Self { weights: Weights { alpha, beta }, ..self }
    }
}

impl Prior for CharacterPrior<'_> {
    type State = Vec<u32>;

    fn start(&self) -> Vec<u32> {
        self.model.start()
    }

    fn next(&self, history: &Vec<u32>, label: usize) -> Option<(f64, Vec<u32>)> {
        let id = (*self.ids.get(label)?)?;
        let Weights { alpha, beta } = self.weights;
        let gain = alpha * self.model.log_probability(history, id) + beta;
        Some((gain, self.model.extend(history, id)))
    }

    fn end(&self, history: &Vec<u32>) -> Option<f64> {
        let end = self.model.end();
        Some(end.map_or(0.0, |end| self.weights.alpha * self.model.log_probability(history, end)))
    }
}

/// A model of words: labels are characters, words end where a space or the text does.
///
/// ```
/// use gradus_models::decode::{Alphabet, BeamSearch, NGram, WordPrior};
/// use gradus_tensor::Tensor;
/// let alphabet = Alphabet::new(" act")?;
/// let model = NGram::train(1, ["cat act"].map(str::split_whitespace))?;
/// // "cat" or "ctt", and the second is more likely to the ear.
/// let p = |likely: [f32; 2]| [0.05, 0.05, likely[0], 0.05, likely[1]];
/// let p = [[0.1, 0.1, 0.1, 0.6, 0.1], p([0.4, 0.45]), p([0.05, 0.8])].concat();
/// let p = Tensor::from_vec(p, [3, 5])?.ln();
/// let prior = WordPrior::new(&model, &alphabet)?.closed(true);
/// assert_eq!(alphabet.text(&BeamSearch::new().best(&p, &prior)?), "cat");
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct WordPrior<'a> {
    model: &'a NGram,
    /// A text has one word where the alphabet has no space.
    space: Option<usize>,
    /// The words of the model as a tree of labels: from node 0 on.
    tree: BTreeMap<(usize, usize), usize>,
    /// The word that ends at a node.
    ends: Vec<Option<u32>>,
    weights: Weights,
    unknown: f64,
    closed: bool,
}

/// A text whose last word is not ended.
#[derive(Debug, Clone)]
pub struct Words {
    history: Vec<u32>,
    /// Where in the tree the last word is; none if no word begins so.
    node: Option<usize>,
    empty: bool,
}

impl<'a> WordPrior<'a> {
    /// With `α = 0.5` and `β = 0`, other words than those of the model allowed at `ln p = -10` each, or by `<unk>` if the
    /// model has it and that is less.
    ///
    /// # Errors
    /// [`Error::Setting`] if none of the model's words can be written with the alphabet.
    pub fn new(model: &'a NGram, alphabet: &Alphabet) -> Result<Self> {
        let wrong = |got: &str, wanted: &str| Err(Error::setting("WordPrior", got, wanted));
        let space = alphabet.class(' ');
        let (mut tree, mut ends) = (BTreeMap::new(), vec![None]);
        // Sorted, so that the same words make the same tree.
        for word in model.words().collect::<BTreeSet<_>>() {
            let special = [START, END, UNKNOWN].contains(&word.to_lowercase().as_str());
            let labels = alphabet.labels(word).unwrap_or_default();
            if special || labels.is_empty() {
                continue;
            }
            let node = labels.into_iter().fold(0, |node, label| {
                *tree.entry((node, label)).or_insert_with(|| {
                    ends.push(None);
                    ends.len() - 1
                })
            });
            ends[node] = model.id(word);
        }
        if tree.is_empty() {
            return wrong("a model without words of this alphabet", "one of the same letters");
        }
        let weights = Weights { alpha: 0.5, beta: 0.0 };
        Ok(Self { model, space, tree, ends, weights, unknown: -10.0, closed: false })
    }

    /// How much the model counts, and what each word gains.
    #[must_use]
    pub fn weights(self, alpha: f64, beta: f64) -> Self {
        Self { weights: Weights { alpha, beta }, ..self }
    }

    /// The most that `ln p` is for a word that the model does not know.
    #[must_use]
    pub fn unknown(self, unknown: f64) -> Self {
        Self { unknown, ..self }
    }

    /// Whether only words of the model are said.
    #[must_use]
    pub fn closed(self, closed: bool) -> Self {
        Self { closed, ..self }
    }

    /// What the last word gains when it ends, and the history with it.
    fn ended(&self, words: &Words) -> Option<(f64, Vec<u32>)> {
        let Words { history, node, .. } = words;
        let Weights { alpha, beta } = self.weights;
        match (node.and_then(|node| self.ends[node]), self.model.id(UNKNOWN)) {
            (Some(word), _) => {
                let gain = alpha * self.model.log_probability(history, word) + beta;
                Some((gain, self.model.extend(history, word)))
            }
            (None, _) if self.closed => None,
            (None, Some(word)) => {
                let log = self.model.log_probability(history, word).min(self.unknown);
                Some((alpha * log + beta, self.model.extend(history, word)))
            }
            (None, None) => Some((alpha * self.unknown + beta, Vec::new())),
        }
    }
}

impl Prior for WordPrior<'_> {
    type State = Words;

    fn start(&self) -> Words {
        Words { history: self.model.start(), node: Some(0), empty: true }
    }

    fn next(&self, words: &Words, label: usize) -> Option<(f64, Words)> {
        if Some(label) == self.space {
            // No text begins with a space or has two in a row.
            let (gain, history) = (words.node != Some(0)).then(|| self.ended(words))??;
            return Some((gain, Words { history, node: Some(0), empty: false }));
        }
        let node = words.node.and_then(|node| self.tree.get(&(node, label)).copied());
        let goes_on = node.is_some() || !self.closed;
        goes_on.then(|| (0.0, Words { history: words.history.clone(), node, empty: false }))
    }

    fn end(&self, words: &Words) -> Option<f64> {
        let (gain, history) = match (words.node, words.empty) {
            (Some(0), true) => (0.0, words.history.clone()),
            (Some(0), false) => return None,
            _ => self.ended(words)?,
        };
        let end = self.model.end().map_or(0.0, |end| self.model.log_probability(&history, end));
        Some(gain + self.weights.alpha * end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a prior gives a whole text.
    fn gain<P: Prior>(prior: &P, labels: &[usize]) -> Option<f64> {
        let start = (0.0, prior.start());
        let (sum, state) = labels.iter().try_fold(start, |(sum, state), &label| {
            prior.next(&state, label).map(|(gain, state)| (sum + gain, state))
        })?;
        Some(sum + prior.end(&state)?)
    }

    #[test]
    fn a_text_gains_its_probability_by_the_model() -> Result<()> {
        let alphabet = Alphabet::new(" abc")?;
        let model = NGram::train(3, ["a ab", "ab ab a"].map(str::split_whitespace))?;
        let prior = WordPrior::new(&model, &alphabet)?.weights(0.7, 0.3);
        for text in ["a", "ab a", "ab ab a ab a", ""] {
            let words = text.split_whitespace().count() as f64;
            let found = gain(&prior, &alphabet.labels(text)?).expect("it may be said");
            assert!((found - 0.7 * model.score(text) - 0.3 * words).abs() < 1e-9, "{text}");
        }
        let characters = NGram::characters(3, &["a ab", "ab ab a"])?;
        let prior = CharacterPrior::new(&characters, &alphabet)?.weights(0.7, 0.3);
        let found = gain(&prior, &alphabet.labels("ab a")?).expect("it may be said");
        let wanted = 0.7 * characters.score_words(["a", "b", "▁", "a"]) + 4.0 * 0.3;
        assert!((found - wanted).abs() < 1e-9);
        Ok(())
    }

    #[test]
    fn words_that_are_not_known() -> Result<()> {
        let alphabet = Alphabet::new(" abc")?;
        let model = NGram::train(2, ["a ab"].map(str::split_whitespace))?;
        let open = WordPrior::new(&model, &alphabet)?;
        let closed = open.clone().closed(true);
        for (text, said) in [("c", false), ("aba", false), ("a ab", true), ("b a", false)] {
            let labels = alphabet.labels(text)?;
            assert_eq!(gain(&closed, &labels).is_some(), said, "{text}");
            assert!(gain(&open, &labels).is_some_and(f64::is_finite), "{text}");
        }
        let cost = |unknown| gain(&open.clone().unknown(unknown), &[4]);
        assert!(cost(-20.0) < cost(-10.0));
        for text in [" a", "a ", "a  a"] {
            assert_eq!(gain(&open, &alphabet.labels(text)?), None, "{text:?}");
        }
        Ok(())
    }

    #[test]
    fn models_that_do_not_fit_are_refused() -> Result<()> {
        let model = NGram::train(1, ["a"].map(str::split_whitespace))?;
        // Without a space a text has one word.
        let one = WordPrior::new(&model, &Alphabet::new("ab")?)?.closed(true);
        assert!(gain(&one, &[1]).is_some() && gain(&one, &[1, 1]).is_none());
        let error = WordPrior::new(&model, &Alphabet::new(" b")?).unwrap_err().to_string();
        assert!(error.contains("a model without words of this alphabet"), "{error}");
        let text = "\\data\\\nngram 1=1\n\\1-grams:\n-1 a\n\\end\\";
        let bare = NGram::parse("bare", text)?;
        let error = CharacterPrior::new(&bare, &Alphabet::new("ab")?).unwrap_err().to_string();
        assert!(error.contains("a model without 'b'"), "{error}");
        Ok(())
    }
}
