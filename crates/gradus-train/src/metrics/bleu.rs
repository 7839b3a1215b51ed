//! BLEU of a corpus, as sacrebleu counts it.
//!
//! `BLEU = 100 · min(1, exp(1 - r/h)) · exp((1/N) Σₙ ln pₙ)`, where `h` is the number of tokens that the model wrote,
//! `r` that of the references (of several, the one whose length is nearest, and of two as near the shorter), and
//! `pₙ = mₙ / tₙ` the share of the model's n-grams that are found in a reference: each counts at
//! most as often as it stands in the one reference that has it most often. The counts are summed over the
//! corpus; `N` is 4. Tokens are made as `tokenize.rs` says.
//!
//! An order without a match would make all of it 0, which [`Smoothing`] softens. Without a single matching token the
//! value is 0 in any case; if the texts are too short to have n-grams of the highest order, it is 0, too, unless
//! [`effective_order`](Bleu::effective_order) is asked for.
//!
//! Sources: K. Papineni, S. Roukos, T. Ward, W.-J. Zhu, "BLEU: a Method for Automatic Evaluation of
//! Machine Translation", 2002; smoothing: B. Chen, C. Cherry, "A Systematic Comparison of Smoothing Techniques for
//! Sentence-Level BLEU", 2014; M. Post, "A Call for Clarity in Reporting BLEU Scores", 2018.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::error_rate::check_counts;
use super::{BleuTokenizer, Goal, Metric, TextPairs};
use crate::{Error, Result};

/// What stands for the precision of an order that has no match.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Smoothing {
    /// 0.
    None,
    /// `1 / (2ᵏ tₙ)` for the `k`-th such order, as `mteval-v13a` does.
    #[default]
    Exp,
    /// `x / tₙ`; `x` is usually 0.1.
    Floor(f64),
    /// `(mₙ + x) / (tₙ + x)` for every order above 1, matches or not; `x` is usually 1.
    AddK(f64),
}

/// BLEU of a corpus, from 0 to 100.
///
/// A batch is `(hypotheses, references)`: two strings, or slices, arrays or vectors of as many, where each
/// reference may be a list of several.
///
/// ```
/// use gradus_train::metrics::{Bleu, Metric};
///
/// let mut bleu = Bleu::new();
/// bleu.add(("The cat sat on the mat.", "The cat sat on the mat."))?;
/// assert!((bleu.value() - 100.0).abs() < 1e-9);
/// let several = [["It is a dog.", "That is a dog."]];
/// bleu.add((&["This was the dog."], &several))?;
/// assert_eq!(format!("{:.1}", bleu.value()), "68.4");
/// # Ok::<(), gradus_train::Error>(())
/// ```
///
/// # Errors
/// [`Error::Value`] for texts and references of different number, and for a text without reference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bleu {
    settings: Settings,
    texts: u64,
    written: u64,
    wanted: u64,
    /// For each order the n-grams that match, and all.
    orders: Vec<(u64, u64)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
struct Settings {
    tokenizer: BleuTokenizer,
    lowercase: bool,
    smoothing: Smoothing,
    effective: bool,
}

impl Default for Bleu {
    fn default() -> Self {
        let orders = vec![(0, 0); 4];
        Self { settings: Settings::default(), texts: 0, written: 0, wanted: 0, orders }
    }
}

impl Bleu {
    /// The highest order there is.
    pub const MOST_ORDERS: usize = 16;

    /// BLEU as it is usually reported: tokens of `13a`, four orders, exponential smoothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// How texts are cut into tokens.
    pub fn tokenizer(mut self, tokenizer: BleuTokenizer) -> Self {
        self.settings.tokenizer = tokenizer;
        self
    }

    /// Capital and small letters count as the same.
    pub fn lowercase(mut self) -> Self {
        self.settings.lowercase = true;
        self
    }

    /// What stands for the precision of an order that has no match.
    ///
    /// # Errors
    /// [`Error::Value`] for a number that is not above 0, or infinite.
    pub fn smoothing(mut self, smoothing: Smoothing) -> Result<Self> {
        if let Smoothing::Floor(x) | Smoothing::AddK(x) = smoothing
            && !(x > 0.0 && x.is_finite())
        {
            let got = format!("{smoothing:?}");
            return Err(Error::value("Bleu::smoothing", got, "a finite number above 0"));
        }
        self.settings.smoothing = smoothing;
        Ok(self)
    }

    /// Counts only the orders of which the texts have n-grams: for BLEU of single sentences.
    pub fn effective_order(mut self) -> Self {
        self.settings.effective = true;
        self
    }

    /// Counts n-grams of 1 to `most` tokens. Forgets what was taken in.
    ///
    /// # Errors
    /// [`Error::Value`] for 0 or more than [`MOST_ORDERS`](Self::MOST_ORDERS).
    pub fn order(self, most: usize) -> Result<Self> {
        if most == 0 || most > Self::MOST_ORDERS {
            let wanted = format!("1 to {}", Self::MOST_ORDERS);
            return Err(Error::value("Bleu::order", format!("{most}"), wanted));
        }
        Ok(Self { settings: self.settings, orders: vec![(0, 0); most], ..Self::default() })
    }

    /// The precision of each order, from 0 to 100, smoothed.
    pub fn precisions(&self) -> Vec<f64> {
        if self.orders.iter().all(|&(matched, _)| matched == 0) {
            return vec![0.0; self.orders.len()];
        }
        let mut misses = 1.0;
        let precision = |(matched, all): (f64, f64)| {
            let matched = match self.settings.smoothing {
                _ if matched > 0.0 => matched,
                Smoothing::Exp => {
                    misses *= 0.5;
                    misses
                }
                Smoothing::Floor(x) => x,
                _ => 0.0,
            };
            // Without n-grams the texts are too short for the order.
            if all == 0.0 { 0.0 } else { 100.0 * matched / all }
        };
        self.counts().map(precision).collect()
    }

    /// For each order the n-grams that match, and all, with what smoothing adds to them.
    fn counts(&self) -> impl Iterator<Item = (f64, f64)> {
        self.orders.iter().enumerate().map(|(n, &(matched, all))| match self.settings.smoothing {
            Smoothing::AddK(k) if n > 0 => (matched as f64 + k, all as f64 + k),
            _ => (matched as f64, all as f64),
        })
    }

    /// The factor for texts that are shorter than their references, from 0 to 1.
    pub fn brevity_penalty(&self) -> f64 {
        match (self.written as f64, self.wanted as f64) {
            (written, wanted) if written >= wanted => 1.0,
            (0.0, _) => 0.0,
            (written, wanted) => (1.0 - wanted / written).exp(),
        }
    }

    /// The numbers of tokens: those that were written, and those of the references.
    pub fn lengths(&self) -> (u64, u64) {
        (self.written, self.wanted)
    }

    fn tokens(&self, text: &str) -> Vec<String> {
        match self.settings.lowercase {
            true => self.settings.tokenizer.tokens(&text.to_lowercase()),
            false => self.settings.tokenizer.tokens(text),
        }
    }

    /// The counts of one text.
    fn count(&mut self, hypothesis: &[String], references: &[Vec<String>]) {
        let written = hypothesis.len();
        let lengths = references.iter().map(Vec::len);
        let nearest = lengths.min_by_key(|&len| (len.abs_diff(written), len));
        self.texts = self.texts.saturating_add(1);
        self.written = self.written.saturating_add(written as u64);
        self.wanted = self.wanted.saturating_add(nearest.unwrap_or(0) as u64);
        for (n, (matched, all)) in self.orders.iter_mut().enumerate() {
            let mut allowed: HashMap<&[String], u64> = HashMap::new();
            for reference in references {
                for (gram, count) in grams(reference, n + 1) {
                    let most = allowed.entry(gram).or_default();
                    *most = count.max(*most);
                }
            }
            for (gram, count) in grams(hypothesis, n + 1) {
                *all = all.saturating_add(count);
                let hits = count.min(allowed.get(gram).copied().unwrap_or(0));
                *matched = matched.saturating_add(hits);
            }
        }
    }
}

/// How often each n-gram stands in a text.
fn grams(tokens: &[String], n: usize) -> HashMap<&[String], u64> {
    let mut counts = HashMap::new();
    for gram in tokens.windows(n) {
        *counts.entry(gram).or_default() += 1;
    }
    counts
}

impl Metric for Bleu {
    type Batch<'a> = TextPairs<'a>;

    fn name(&self) -> String {
        "bleu".into()
    }

    fn goal(&self) -> Goal {
        Goal::Higher
    }

    fn take(&mut self, batch: TextPairs<'_>) -> Result<()> {
        check_counts("Bleu", &batch)?;
        if let Some(i) = batch.references.iter().position(Vec::is_empty) {
            let got = format!("no reference for the text at position {i}");
            return Err(Error::value("Bleu", got, "at least one for each text"));
        }
        for (hypothesis, references) in batch.hypotheses.iter().zip(&batch.references) {
            let references: Vec<_> = references.iter().map(|text| self.tokens(text)).collect();
            self.count(&self.tokens(hypothesis), &references);
        }
        Ok(())
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        if self.settings != other.settings || self.orders.len() != other.orders.len() {
            let text = |of: &Self| format!("{} orders with {:?}", of.orders.len(), of.settings);
            return Err(Error::value("Bleu::merge", text(other), text(self)));
        }
        // Counts that were read from a file may be anything.
        self.texts = self.texts.saturating_add(other.texts);
        self.written = self.written.saturating_add(other.written);
        self.wanted = self.wanted.saturating_add(other.wanted);
        for (mine, theirs) in self.orders.iter_mut().zip(&other.orders) {
            *mine = (mine.0.saturating_add(theirs.0), mine.1.saturating_add(theirs.1));
        }
        Ok(())
    }

    fn value(&self) -> f64 {
        if self.texts == 0 {
            return f64::NAN;
        }
        let counted = match self.settings.effective {
            true => self.counts().take_while(|&(_, all)| all > 0.0).count().max(1),
            false => self.orders.len(),
        };
        let logs: f64 = self.precisions().iter().take(counted).map(|p| p.ln()).sum();
        self.brevity_penalty() * (logs / counted as f64).exp()
    }
}
