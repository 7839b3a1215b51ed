//! Precision, recall and F1 of each class, from a confusion matrix `M[true, predicted]`.
//!
//! * precision `P_c = M[c,c] / Σ_t M[t,c]`: of what was called `c`, the share that is `c`;
//! * recall `R_c = M[c,c] / Σ_p M[c,p]`: of what is `c`, the share that was called `c`;
//! * `F1_c = 2 P_c R_c / (P_c + R_c)`, their harmonic mean;
//! * support `S_c = Σ_p M[c,p]`: how many examples are `c`.
//!
//! The macro average is the plain mean over classes, the weighted one has weights `S_c`. A quotient
//! 0/0 (a class that was never predicted, or has no examples) counts as 0, as in scikit-learn. The table
//! has a row for each class and its averages are those of its rows, also of classes that neither occur nor are
//! predicted, which [`F1`](super::F1) and its kin leave out of their means.
//!
//! Source: C. J. van Rijsbergen, "Information Retrieval", 2nd ed., 1979, chapter 7.

use std::fmt;

use super::ConfusionMatrix;
use super::confusion::sum;
use crate::text::{cut, grouped, pad, width};
use crate::{Error, Result};

/// How well one class is recognised.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassReport {
    /// The name of the class.
    pub name: String,
    /// Of what was called so, the share that is.
    pub precision: f64,
    /// Of what is so, the share that was called so.
    pub recall: f64,
    /// The harmonic mean of precision and recall.
    pub f1: f64,
    /// The number of examples of the class.
    pub support: i64,
}

/// Averages over classes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Averages {
    /// Mean precision.
    pub precision: f64,
    /// Mean recall.
    pub recall: f64,
    /// Mean F1.
    pub f1: f64,
}

/// The report over all classes; its `Display` is a table.
///
/// ```
/// use gradus_tensor::Tensor;
/// use gradus_train::metrics::ConfusionMatrix;
///
/// let mut matrix = ConfusionMatrix::new(2)?;
/// matrix.add(&Tensor::vector([0, 1, 1]), &Tensor::vector([0, 0, 1]))?;
/// let report = matrix.report()?;
/// assert_eq!((report.classes[1].precision, report.classes[1].recall), (0.5, 1.0));
/// println!("{report}");
/// # Ok::<(), gradus_train::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ClassificationReport {
    /// One entry for each class, in their order.
    pub classes: Vec<ClassReport>,
    /// The share of all examples whose prediction was right.
    pub accuracy: f64,
    /// The plain mean over classes.
    pub macro_average: Averages,
    /// The mean over classes weighted by their support.
    pub weighted_average: Averages,
    /// The number of examples.
    pub total: i64,
}

impl ClassificationReport {
    pub(super) fn new(matrix: &ConfusionMatrix) -> Result<Self> {
        let total = matrix.total();
        if total == 0 {
            return Err(Error::value("ClassificationReport", "no examples", "at least one"));
        }
        let mut predicted = vec![0_i64; matrix.classes()];
        for class in 0..matrix.classes() {
            predicted
                .iter_mut()
                .zip(matrix.row(class))
                .for_each(|(s, count)| *s = s.saturating_add(*count));
        }
        let classes: Vec<ClassReport> = matrix
            .names()
            .iter()
            .enumerate()
            .map(|(c, name)| {
                let support = sum(matrix.row(c));
                let hits = matrix.row(c)[c];
                let (precision, recall) = (ratio(hits, predicted[c]), ratio(hits, support));
                // 2PR/(P+R) with both quotients written out, which is defined for P = R = 0 too.
                let f1 = 2.0 * hits as f64 / (predicted[c] as f64 + support as f64).max(1.0);
                ClassReport { name: name.clone(), precision, recall, f1, support }
            })
            .collect();
        let average = |weight: &dyn Fn(&ClassReport) -> f64| {
            let mean = |value: fn(&ClassReport) -> f64| {
                classes.iter().map(|c| weight(c) * value(c)).sum::<f64>()
            };
            Averages {
                precision: mean(|c| c.precision),
                recall: mean(|c| c.recall),
                f1: mean(|c| c.f1),
            }
        };
        Ok(Self {
            macro_average: average(&|_| 1.0 / classes.len() as f64),
            weighted_average: average(&|c| c.support as f64 / total as f64),
            accuracy: matrix.accuracy()?,
            total,
            classes,
        })
    }
}

fn ratio(part: i64, whole: i64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

impl fmt::Display for ClassificationReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self.classes.iter().map(|c| cut(&c.name, 24)).collect();
        let side = names.iter().map(|n| width(n)).max().unwrap_or(0).max(width("weighted average"));
        let total = grouped(self.total.unsigned_abs());
        writeln!(f, "{}  precision    recall        F1   support", pad("class", side, true))?;
        for (class, name) in self.classes.iter().zip(&names) {
            let support = grouped(class.support.unsigned_abs());
            let (p, r, f1) = (class.precision, class.recall, class.f1);
            writeln!(f, "{}  {p:9.4} {r:9.4} {f1:9.4} {support:>9}", pad(name, side, true))?;
        }
        for (name, a) in
            [("macro average", self.macro_average), ("weighted average", self.weighted_average)]
        {
            let (p, r, f1) = (a.precision, a.recall, a.f1);
            writeln!(f, "{}  {p:9.4} {r:9.4} {f1:9.4} {total:>9}", pad(name, side, true))?;
        }
        write!(f, "{}  {:29.4} {total:>9}", pad("accuracy", side, true), self.accuracy)
    }
}
