//! The Levenshtein distance, and what it is made of.
//!
//! The least number of substitutions, deletions and insertions of one element that turn a reference
//! `r` into a hypothesis `h`:
//!
//! `D(i, 0) = i`, `D(0, j) = j`,
//! `D(i, j) = min { D(i-1, j) + 1, D(i, j-1) + 1, D(i-1, j-1) + [rᵢ ≠ hⱼ] }`.
//!
//! A deletion is an element of the reference that the hypothesis lacks, an insertion one that it has
//! too many. Often several shortest ways exist, with other counts of each. Ours is the one
//! that RapidFuzz, and so jiwer, takes: what both begin with and what both end with are hits, and between,
//! seen from the end, a deletion goes first, then an insertion where `D(i, j-1) < D(i-1, j-1)`.
//! Time `|r|·|h|`, memory `|h|`.
//!
//! Source: V. I. Levenshtein, "Binary codes capable of correcting deletions, insertions, and
//! reversals", 1966; the recurrence: R. A. Wagner and M. J. Fischer, "The string-to-string correction
//! problem", 1974.

use serde::{Deserialize, Serialize};

/// How a reference becomes a hypothesis.
///
/// ```
/// use gradus_train::metrics::Edits;
///
/// let edits = Edits::between(b"sitting", b"kitten");
/// assert_eq!((edits.substitutions, edits.deletions, edits.insertions), (2, 0, 1));
/// assert_eq!((edits.hits, edits.distance(), edits.rate()), (4, 3, 0.5));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edits {
    /// Elements that are right.
    pub hits: u64,
    /// Elements of the reference in whose place another stands.
    pub substitutions: u64,
    /// Elements of the reference that are missing.
    pub deletions: u64,
    /// Elements that the reference does not have.
    pub insertions: u64,
}

impl Edits {
    /// The edits between a hypothesis and its reference.
    pub fn between<T: PartialEq>(hypothesis: &[T], reference: &[T]) -> Self {
        let alike = |(a, b): &(&T, &T)| a == b;
        let start = hypothesis.iter().zip(reference).take_while(alike).count();
        let (hypothesis, reference) = (&hypothesis[start..], &reference[start..]);
        let end = hypothesis.iter().rev().zip(reference.iter().rev()).take_while(alike).count();
        let hypothesis = &hypothesis[..hypothesis.len() - end];
        let reference = &reference[..reference.len() - end];
        let mut edits = table(hypothesis, reference);
        edits.hits += (start + end) as u64;
        edits
    }

    /// The number of edits.
    pub fn distance(&self) -> u64 {
        self.substitutions.saturating_add(self.deletions).saturating_add(self.insertions)
    }

    /// The number of elements of the reference.
    pub fn reference(&self) -> u64 {
        self.hits.saturating_add(self.substitutions).saturating_add(self.deletions)
    }

    /// Edits for each element of the reference, `(S + D + I) / (H + S + D)`. It may be above 1. Without
    /// reference it is infinite, or NaN if there is no hypothesis either.
    pub fn rate(&self) -> f64 {
        self.distance() as f64 / self.reference() as f64
    }

    /// The edits here and there together.
    pub fn add(&mut self, other: &Self) {
        // Counts that were read from a file may be anything.
        self.hits = self.hits.saturating_add(other.hits);
        self.substitutions = self.substitutions.saturating_add(other.substitutions);
        self.deletions = self.deletions.saturating_add(other.deletions);
        self.insertions = self.insertions.saturating_add(other.insertions);
    }
}

/// The recurrence row by row; each cell carries the counts of the way that leads to it.
fn table<T: PartialEq>(hypothesis: &[T], reference: &[T]) -> Edits {
    let mut row: Vec<Edits> = (0..=hypothesis.len() as u64)
        .map(|insertions| Edits { insertions, ..Edits::default() })
        .collect();
    for r in reference {
        let mut corner = row[0];
        row[0].deletions += 1;
        for (j, h) in hypothesis.iter().enumerate() {
            let (up, left) = (row[j + 1], row[j]);
            let through = corner.distance() + u64::from(r != h);
            let least = through.min(up.distance().min(left.distance()) + 1);
            let mut cell;
            if up.distance() + 1 == least {
                cell = up;
                cell.deletions += 1;
            } else if left.distance() < corner.distance() {
                cell = left;
                cell.insertions += 1;
            } else {
                cell = corner;
                if r == h { cell.hits += 1 } else { cell.substitutions += 1 }
            }
            row[j + 1] = cell;
            corner = up;
        }
    }
    row[hypothesis.len()]
}
