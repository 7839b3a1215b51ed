//! Sums over the batches of an epoch, which survive a stop in its middle to the last bit.

use super::Step;
use crate::Result;

/// Loss and accuracy over the batches seen so far.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Tally {
    loss: f64,
    items: u64,
    correct: u64,
    graded: u64,
}

impl Tally {
    /// Takes a batch in; gives its loss.
    ///
    /// # Errors
    /// If the loss is not one number.
    pub(super) fn add(&mut self, step: &Step) -> Result<f64> {
        let loss = f64::from(step.loss.item()?);
        self.loss += loss * step.items as f64;
        self.items += step.items as u64;
        if let Some(correct) = step.correct {
            self.correct += correct as u64;
            self.graded += step.items as u64;
        }
        Ok(loss)
    }

    /// The mean loss over all items; NaN if there were none.
    pub fn loss(&self) -> f64 {
        self.loss / self.items as f64
    }

    /// The share of items that were predicted right; NaN where nothing was graded.
    pub fn accuracy(&self) -> f64 {
        self.correct as f64 / self.graded as f64
    }

    /// How many items there were.
    pub fn items(&self) -> u64 {
        self.items
    }

    /// The sums as text; the bits of the loss, so that nothing is rounded.
    pub(super) fn to_text(self) -> String {
        format!("{:x} {} {} {}", self.loss.to_bits(), self.items, self.correct, self.graded)
    }

    /// The sums from such a text.
    pub(super) fn from_text(text: &str) -> Option<Self> {
        let fields: Vec<&str> = text.split(' ').collect();
        let [loss, items, correct, graded] = fields[..] else { return None };
        Some(Self {
            loss: f64::from_bits(u64::from_str_radix(loss, 16).ok()?),
            items: items.parse().ok()?,
            correct: correct.parse().ok()?,
            graded: graded.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[test]
    fn text_brings_the_same_bits_back() {
        let tally = Tally { loss: 0.1 + 0.2, items: 64, correct: 60, graded: 64 };
        assert_eq!(Tally::from_text(&tally.to_text()), Some(tally));
        assert_eq!(Tally::from_text("1 2"), None);
    }
}
