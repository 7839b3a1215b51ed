//! What precision, recall, F1 and intersection over union are made of: three counts for each class, and ways to
//! make one number of many.
//!
//! Of class `c`: the hits `TP_c` (items that are `c` and were called so), how many were called `c`
//! (`TP_c + FP_c`), and how many are `c`, its support (`TP_c + FN_c`).

use serde::{Deserialize, Serialize};

use super::Labelled;
use super::classes::chosen;
use crate::{Error, Result};

/// How the values of all classes become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Average {
    /// From the sums of the counts over all classes. Where each item has one class, precision, recall and F1 are then
    /// equal to accuracy.
    Micro,
    /// The mean over the classes that occur or were predicted. The others have no say, as in scikit-learn where it is
    /// not told which classes there are; a [`ClassificationReport`](super::ClassificationReport) counts them as 0.
    Macro,
    /// The mean over classes, weighted by their support.
    Weighted,
    /// The value of one class.
    Class(usize),
}

impl Average {
    /// As the end of a name: `micro`, `class3`.
    pub(super) fn suffix(self) -> String {
        match self {
            Self::Micro => "micro".into(),
            Self::Macro => "macro".into(),
            Self::Weighted => "weighted".into(),
            Self::Class(class) => format!("class{class}"),
        }
    }
}

/// The counts of one class.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Counts {
    pub(super) hits: u64,
    pub(super) predicted: u64,
    pub(super) support: u64,
}

impl Counts {
    fn plus(self, other: Self) -> Self {
        // Counts that were read from a file may be anything.
        Self {
            hits: self.hits.saturating_add(other.hits),
            predicted: self.predicted.saturating_add(other.predicted),
            support: self.support.saturating_add(other.support),
        }
    }
}

/// A quotient of counts, above and below the line.
pub(super) type Quotient = fn(Counts) -> (f64, f64);

/// The counts of all classes, and how they are to be averaged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "(Average, Vec<Counts>)", into = "(Average, Vec<Counts>)")]
pub(super) struct ClassCounts {
    pub(super) average: Average,
    counts: Vec<Counts>,
}

/// The largest number of classes; their counts take 24 MB.
const MOST: usize = 1_000_000;

impl ClassCounts {
    pub(super) fn new(op: &'static str, classes: usize, average: Average) -> Result<Self> {
        if !(1..=MOST).contains(&classes) {
            return Err(Error::value(op, format!("{classes} classes"), format!("1 to {MOST}")));
        }
        match average {
            Average::Class(class) if class >= classes => {
                let wanted = format!("a class from 0 to {}", classes - 1);
                Err(Error::value(op, format!("Average::Class({class})"), wanted))
            }
            _ => Ok(Self { average, counts: vec![Counts::default(); classes] }),
        }
    }

    pub(super) fn take(&mut self, op: &'static str, batch: Labelled<'_>) -> Result<()> {
        let (predictions, labels) = chosen(op, Some(self.counts.len()), batch)?;
        for (&p, &label) in predictions.iter().zip(&labels) {
            let one = |hits| Counts { hits: u64::from(hits && p == label), ..Counts::default() };
            let (p, label) = (p as usize, label as usize);
            self.counts[p] = self.counts[p].plus(Counts { predicted: 1, ..one(false) });
            self.counts[label] = self.counts[label].plus(Counts { support: 1, ..one(true) });
        }
        Ok(())
    }

    pub(super) fn merge(&mut self, op: &'static str, other: &Self) -> Result<()> {
        let made = |counts: &Self| format!("{} classes, {:?}", counts.counts.len(), counts.average);
        if made(self) != made(other) {
            return Err(Error::value(op, made(other), made(self)));
        }
        self.counts.iter_mut().zip(&other.counts).for_each(|(a, b)| *a = a.plus(*b));
        Ok(())
    }

    /// The quotient of each class; 0/0 is `empty`.
    pub(super) fn per_class(&self, quotient: Quotient, empty: f64) -> Vec<f64> {
        self.counts.iter().map(|&c| ratio(quotient(c), empty)).collect()
    }

    /// The average of the quotients, where 0/0 counts as 0; NaN where no item was counted.
    pub(super) fn value(&self, quotient: Quotient) -> f64 {
        let sums = self.counts.iter().fold(Counts::default(), |sum, &c| sum.plus(c));
        if sums.support == 0 {
            return f64::NAN;
        }
        let mean = |weight: fn(Counts) -> f64| {
            let weights: f64 = self.counts.iter().map(|&c| weight(c)).sum();
            let weighted = |&c: &Counts| weight(c) * ratio(quotient(c), 0.0);
            self.counts.iter().map(weighted).sum::<f64>() / weights
        };
        match self.average {
            Average::Micro => ratio(quotient(sums), 0.0),
            Average::Macro => mean(|c| f64::from(c.support > 0 || c.predicted > 0)),
            Average::Weighted => mean(|c| c.support as f64),
            Average::Class(class) => ratio(quotient(self.counts[class]), 0.0),
        }
    }
}

fn ratio((part, whole): (f64, f64), empty: f64) -> f64 {
    if whole == 0.0 { empty } else { part / whole }
}

impl From<ClassCounts> for (Average, Vec<Counts>) {
    fn from(counts: ClassCounts) -> Self {
        (counts.average, counts.counts)
    }
}

/// What was read may be anything.
impl TryFrom<(Average, Vec<Counts>)> for ClassCounts {
    type Error = String;

    fn try_from((average, counts): (Average, Vec<Counts>)) -> Result<Self, Self::Error> {
        let made = Self::new("counts", counts.len(), average).map_err(|e| e.to_string())?;
        Ok(Self { counts, ..made })
    }
}

/// A metric that is a quotient of the counts of a class, averaged over classes.
macro_rules! class_metric {
    ($(#[$about:meta])* $name:ident, $column:literal, $empty:expr, $quotient:expr) => {
        $(#[$about])*
        ///
        /// A batch is scores `[N, C]` (or `[N, C, …]`), of which the largest is the prediction, or predicted
        /// classes `[N]`, with labels `[N]` (or `[N, …]`).
        ///
        /// # Errors
        /// Of a batch: [`gradus_tensor::Error::Shape`] for shapes that do not fit each other,
        /// [`Error::Value`](crate::Error::Value) for scores of another number of classes, and for a label or a
        /// prediction that is no class. Of a merge: [`Error::Value`](crate::Error::Value) for another number
        /// of classes or another average.
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        pub struct $name($crate::metrics::class_counts::ClassCounts);

        impl $name {
            /// The metric over nothing yet, of so many classes.
            ///
            /// # Errors
            /// [`Error::Value`](crate::Error::Value) for none or more than a million classes, or an average that
            /// names one that is not there.
            pub fn new(classes: usize, average: $crate::metrics::Average) -> $crate::Result<Self> {
                let op = concat!(stringify!($name), "::new");
                Ok(Self($crate::metrics::class_counts::ClassCounts::new(op, classes, average)?))
            }

            /// The value of each class, whatever the average.
            pub fn per_class(&self) -> Vec<f64> {
                self.0.per_class($quotient, $empty)
            }
        }

        impl $crate::metrics::Metric for $name {
            type Batch<'a> = $crate::metrics::Labelled<'a>;

            fn name(&self) -> String {
                format!("{}_{}", $column, self.0.average.suffix())
            }

            fn goal(&self) -> $crate::metrics::Goal {
                $crate::metrics::Goal::Higher
            }

            fn take(&mut self, batch: $crate::metrics::Labelled<'_>) -> $crate::Result<()> {
                self.0.take(stringify!($name), batch)
            }

            fn merge(&mut self, other: &Self) -> $crate::Result<()> {
                self.0.merge(concat!(stringify!($name), "::merge"), &other.0)
            }

            fn value(&self) -> f64 {
                self.0.value($quotient)
            }
        }
    };
}
pub(super) use class_metric;
