//! Edit distance: how many edits lie between what was predicted and what is right.
//!
//! `(1/N) Σₙ D(hₙ, rₙ)`, the mean Levenshtein distance over `N` pairs of sequences; the distance itself
//! stands in `edits.rs`. Undefined for no pairs.

use serde::{Deserialize, Serialize};

use super::{Edits, Goal, Metric};
use crate::Result;

/// A predicted sequence of numbers and the right one, made from a pair of slices, arrays or vectors.
#[derive(Debug, Clone, Copy)]
pub struct Sequences<'a> {
    /// What was predicted.
    pub hypothesis: &'a [i64],
    /// What is right.
    pub reference: &'a [i64],
}

impl<'a, H, R> From<(&'a H, &'a R)> for Sequences<'a>
where
    H: AsRef<[i64]> + ?Sized,
    R: AsRef<[i64]> + ?Sized,
{
    fn from((hypothesis, reference): (&'a H, &'a R)) -> Self {
        Self { hypothesis: hypothesis.as_ref(), reference: reference.as_ref() }
    }
}

/// The mean Levenshtein distance over pairs of sequences of class numbers, such as a CTC model emits.
///
/// A batch is one pair, `(&predicted, &right)`, of any lengths. For texts there are [`Wer`](super::Wer) and
/// [`Cer`](super::Cer).
///
/// ```
/// use gradus_train::metrics::{EditDistance, Metric};
///
/// let mut distance = EditDistance::new();
/// distance.add((&[1, 2, 3], &[1, 3]))?;   // one too many
/// distance.add((&[5], &[4, 5, 6, 7]))?;   // three are missing
/// assert_eq!(distance.value(), 2.0);
/// assert_eq!(distance.edits().rate(), 4.0 / 6.0);
/// # Ok::<(), gradus_train::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditDistance {
    edits: Edits,
    pairs: u64,
}

impl EditDistance {
    /// The distance over nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// What the distances are made of; its `rate` is the share of the reference that is wrong.
    pub fn edits(&self) -> Edits {
        self.edits
    }

    /// How many pairs there were.
    pub fn pairs(&self) -> u64 {
        self.pairs
    }
}

impl Metric for EditDistance {
    type Batch<'a> = Sequences<'a>;

    fn name(&self) -> String {
        "edit_distance".into()
    }

    fn goal(&self) -> Goal {
        Goal::Lower
    }

    fn take(&mut self, batch: Sequences<'_>) -> Result<()> {
        self.edits.add(&Edits::between(batch.hypothesis, batch.reference));
        self.pairs = self.pairs.saturating_add(1);
        Ok(())
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        self.edits.add(&other.edits);
        self.pairs = self.pairs.saturating_add(other.pairs);
        Ok(())
    }

    fn value(&self) -> f64 {
        self.edits.distance() as f64 / self.pairs as f64
    }
}
