//! Word and character error rate: the edits between what was recognised and what was said or written.
//!
//! `(S + D + I) / (H + S + D)`, the edits over all pairs for each word (character) of the references,
//! as jiwer counts them; `edits.rs` has the distance. Words are what white space separates, characters
//! are Unicode scalar values, spaces within a text among them; white space around a text does not count. The
//! texts are compared as they are: a capital letter is another letter.
//!
//! With no references at all the rate is NaN, or infinite if something was recognised all the same.
//!
//! Source: A. C. Morris, V. Maier, P. Green, "From WER and RIL to MER and WIL", 2004.

use serde::{Deserialize, Serialize};

use super::{Edits, Goal, Metric, TextPairs, Unit};
use crate::{Error, Result};

macro_rules! rate {
    ($(#[$doc:meta])* $Rate:ident, $name:literal, $part:literal, $cut:expr) => {
        $(#[$doc])*
        ///
        /// # Errors
        /// [`Error::Value`] for texts and references of different number, or more than one reference
        /// for a text.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $Rate {
            edits: Edits,
        }

        impl $Rate {
            /// The rate over nothing yet.
            pub fn new() -> Self {
                Self::default()
            }

            #[doc = concat!("How many ", $part, " are right, wrong, missing and too many.")]
            pub fn edits(&self) -> Edits {
                self.edits
            }
        }

        impl Metric for $Rate {
            type Batch<'a> = TextPairs<'a>;

            fn name(&self) -> String {
                $name.into()
            }

            fn goal(&self) -> Goal {
                Goal::Lower
            }

            fn unit(&self) -> Unit {
                Unit::Percent
            }

            fn take(&mut self, batch: TextPairs<'_>) -> Result<()> {
                let mut edits = self.edits;
                for (hypothesis, reference) in pairs(stringify!($Rate), &batch)? {
                    edits.add(&Edits::between(&$cut(hypothesis), &$cut(reference)));
                }
                self.edits = edits;
                Ok(())
            }

            fn merge(&mut self, other: &Self) -> Result<()> {
                self.edits.add(&other.edits);
                Ok(())
            }

            fn value(&self) -> f64 {
                self.edits.rate()
            }
        }
    };
}

rate! {
    /// Word error rate, 0 being perfect; it may be above 1.
    ///
    /// A batch is `(hypothesis, reference)`, each a string, or slices, arrays or vectors of as many
    /// strings.
    ///
    /// ```
    /// use gradus_train::metrics::{Metric, Wer};
    ///
    /// let wer = Wer::new().of((&["the cat sat", "hello"], &["the cat sat down", "hello world"]))?;
    /// assert_eq!(wer.value(), 2.0 / 6.0);
    /// assert_eq!((wer.edits().deletions, wer.edits().hits), (2, 4));
    /// # Ok::<(), gradus_train::Error>(())
    /// ```
    Wer, "wer", "words", words
}

rate! {
    /// Character error rate, 0 being perfect; it may be above 1.
    ///
    /// A batch is `(hypothesis, reference)`, each a string, or slices, arrays or vectors of as many
    /// strings.
    ///
    /// ```
    /// use gradus_train::metrics::{Cer, Metric};
    ///
    /// let cer = Cer::new().of(("sitting", "kitten"))?;
    /// assert_eq!(cer.value(), 0.5);
    /// # Ok::<(), gradus_train::Error>(())
    /// ```
    Cer, "cer", "characters", characters
}

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

fn characters(text: &str) -> Vec<char> {
    text.trim().chars().collect()
}

/// Each hypothesis with its one reference.
fn pairs<'a>(op: &'static str, batch: &TextPairs<'a>) -> Result<Vec<(&'a str, &'a str)>> {
    let (hypotheses, references) = (&batch.hypotheses, &batch.references);
    check_counts(op, batch)?;
    let one = |(i, (&hypothesis, references)): (usize, (&&'a str, &Vec<&'a str>))| {
        let &[reference] = &references[..] else {
            let got = format!("{} references for the text at position {i}", references.len());
            return Err(Error::value(op, got, "one reference for each text"));
        };
        Ok((hypothesis, reference))
    };
    hypotheses.iter().zip(references).enumerate().map(one).collect()
}

/// Refuses texts without references and references without texts.
pub(super) fn check_counts(op: &'static str, batch: &TextPairs<'_>) -> Result<()> {
    let (texts, references) = (batch.hypotheses.len(), batch.references.len());
    if texts == references {
        return Ok(());
    }
    let got = format!("{texts} texts and references for {references}");
    Err(Error::value(op, got, "as many of one as of the other, in the same order"))
}
