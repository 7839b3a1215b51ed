//! An n-gram language model with back-off: how likely a word is behind the words before it.
//!
//! ```text
//! p(w | h) = p̂(h w)               if the n-gram h w is listed
//!          = b(h) p(w | h')        otherwise; h' is h without its first word, b(h) is 1 if h is not listed
//! ```
//!
//! The listed numbers are logarithms to the base 10, as files in ARPA form have them. "Words" may be characters as
//! well. `<s>` stands before a text, `</s>` ends it, `<unk>` stands for words that are not known. (Katz, *Estimation
//! of probabilities from sparse data for the language model component of a speech recognizer*, 1987, for the
//! back-off; Jurafsky and Martin, *Speech and language processing*, chapter 3.)

use std::collections::HashMap;
use std::path::Path;

use gradus_nn::{Error, Result};

use super::{arpa, kneser_ney};

/// The start of a text.
pub(super) const START: &str = "<s>";
/// The end of a text.
pub(super) const END: &str = "</s>";
/// A word that is not known.
pub(super) const UNKNOWN: &str = "<unk>";

/// The longest n-grams that are read or counted.
pub(super) const MAX_ORDER: usize = 20;

/// The logarithms (base 10) of the probability of an n-gram's last word and of its weight when it is a history.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Entry {
    pub(super) log_p: f32,
    pub(super) back_off: f32,
}

/// A language model.
///
/// ```
/// use gradus_models::decode::NGram;
/// let model = NGram::train(2, ["the cat sat", "the dog sat"].map(str::split_whitespace))?;
/// assert!(model.score("the cat sat") > model.score("cat the sat"));
/// let again = NGram::parse("model", &model.to_arpa())?;
/// assert!((again.score("the dog") - model.score("the dog")).abs() < 1e-5);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct NGram {
    pub(super) words: Vec<String>,
    pub(super) ids: HashMap<String, u32>,
    /// The n-grams of each length, from 1 on.
    pub(super) tables: Vec<HashMap<Vec<u32>, Entry>>,
    start: Option<u32>,
    end: Option<u32>,
    unknown: Option<u32>,
}

impl NGram {
    pub(super) fn assemble(words: Vec<String>, tables: Vec<HashMap<Vec<u32>, Entry>>) -> Self {
        let ids: HashMap<_, _> =
            words.iter().enumerate().map(|(i, word)| (word.clone(), i as u32)).collect();
        let of = |names: &[&str]| names.iter().find_map(|&name| ids.get(name).copied());
        let (start, end) = (of(&[START, "<S>"]), of(&[END, "</S>"]));
        let unknown = of(&[UNKNOWN, "<UNK>"]);
        Self { words, ids, tables, start, end, unknown }
    }

    /// A model of texts, each a sequence of words: interpolated Kneser–Ney, as `kneser_ney.rs` has it. An order of 2
    /// looks one word back.
    ///
    /// # Errors
    /// [`Error::Setting`] unless `1 ≤ order ≤ 20`; if there is no word; or if a word is empty, has white space in it,
    /// or is `<s>`, `</s>` or `<unk>`.
    pub fn train<'a, S: IntoIterator<Item = &'a str>>(
        order: usize,
        texts: impl IntoIterator<Item = S>,
    ) -> Result<Self> {
        kneser_ney::train(order, texts)
    }

    /// A model of characters, a space among them, for a [`CharacterPrior`](super::CharacterPrior).
    ///
    /// # Errors
    /// As [`train`](Self::train), for characters that are white space but no space.
    pub fn characters(order: usize, texts: &[impl AsRef<str>]) -> Result<Self> {
        let cut: Vec<Vec<String>> =
            texts.iter().map(|text| text.as_ref().chars().map(Self::character).collect()).collect();
        Self::train(order, cut.iter().map(|text| text.iter().map(String::as_str)))
    }

    /// The word that stands for a character: itself, or `▁` for a space, which separates words in ARPA files.
    pub(super) fn character(c: char) -> String {
        if c == ' ' { "▁".into() } else { c.into() }
    }

    /// Reads a file in ARPA form; unpack it first if it is packed.
    ///
    /// # Errors
    /// [`Error::Setting`] that names the file, if it cannot be read, and the line, if it is no model: see
    /// [`parse`](Self::parse).
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let (path, name) = (path.as_ref(), path.as_ref().display().to_string());
        let text = std::fs::read_to_string(path).map_err(|error| {
            Error::setting(&name, error.to_string(), "a language model in ARPA form")
        })?;
        Self::parse(&name, &text)
    }

    /// Reads a model in ARPA form from memory; `name` is what errors call it.
    ///
    /// # Errors
    /// [`Error::Setting`] that names the line: if a section is missing, shorter or longer than it was announced, or out
    /// of order; a line has too few or too many fields; a number is none, or a probability above 1; an n-gram stands
    /// twice or has a word that is no 1-gram; or the end is missing.
    pub fn parse(name: &str, text: &str) -> Result<Self> {
        arpa::parse(name, text)
    }

    /// The model in ARPA form, sorted.
    pub fn to_arpa(&self) -> String {
        arpa::write(self)
    }

    /// The longest n-grams.
    pub fn order(&self) -> usize {
        self.tables.len()
    }

    /// How many n-grams of each length there are, from 1 on.
    pub fn counts(&self) -> Vec<usize> {
        self.tables.iter().map(HashMap::len).collect()
    }

    /// The words, `<s>`, `</s>` and `<unk>` among them if the model has them.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(String::as_str)
    }

    /// The number of a word; that of `<unk>` for one that is not known, and none if there is no `<unk>`.
    pub fn id(&self, word: &str) -> Option<u32> {
        self.ids.get(word).copied().or(self.unknown)
    }

    /// Whether a word is listed.
    pub fn knows(&self, word: &str) -> bool {
        self.ids.contains_key(word)
    }

    /// What stands before a text.
    pub fn start(&self) -> Vec<u32> {
        self.start.into_iter().collect()
    }

    /// The number of `</s>`, if the model has it.
    pub fn end(&self) -> Option<u32> {
        self.end
    }

    /// The natural logarithm of the probability of a word behind a history, of which the last `order - 1` words count.
    pub fn log_probability(&self, history: &[u32], word: u32) -> f64 {
        let longest = history.len().min(self.order().saturating_sub(1));
        let mut key = history[history.len() - longest..].to_vec();
        key.push(word);
        let mut log = 0.0;
        while !key.is_empty() {
            if let Some(entry) = self.tables[key.len() - 1].get(&key) {
                log += f64::from(entry.log_p);
                return log * std::f64::consts::LN_10;
            }
            let history = &key[..key.len() - 1];
            if !history.is_empty() {
                let entry = self.tables[history.len() - 1].get(history);
                log += entry.map_or(0.0, |entry| f64::from(entry.back_off));
            }
            key.remove(0);
        }
        f64::NEG_INFINITY
    }

    /// Puts a word behind a history, of which as much stays as the model looks at.
    pub fn extend(&self, history: &[u32], word: u32) -> Vec<u32> {
        let stay = self.order().saturating_sub(2).min(history.len());
        let mut longer = history[history.len() - stay..].to_vec();
        if self.order() > 1 {
            longer.push(word);
        }
        longer
    }

    /// The natural logarithm of the probability of a text of words, its end included; `-∞` if it has a word that is
    /// not known and the model has no `<unk>`.
    pub fn score(&self, text: &str) -> f64 {
        self.score_words(text.split_whitespace())
    }

    /// The same for words, or characters.
    pub fn score_words<'a>(&self, words: impl IntoIterator<Item = &'a str>) -> f64 {
        let mut history = self.start();
        let mut log = 0.0;
        for word in words {
            let Some(word) = self.id(word) else { return f64::NEG_INFINITY };
            log += self.log_probability(&history, word);
            history = self.extend(&history, word);
        }
        log + self.end.map_or(0.0, |end| self.log_probability(&history, end))
    }
}
