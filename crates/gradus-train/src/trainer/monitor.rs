//! Which epoch was best, and when to stop.
//!
//! Early stopping ends training when a number of epochs in a row brought nothing better: from there on a network
//! mostly learns its training data by heart (Prechelt, *Early stopping — but when?*, 1998).

use crate::metrics::Goal;

/// The best value of a metric so far.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Monitor {
    best: Option<f64>,
    /// Epochs since.
    pub(super) since: usize,
}

impl Monitor {
    /// Takes an epoch's value in; says whether it is the best so far. Of equals the first is best, and a NaN never is.
    pub(super) fn take(&mut self, value: f64, goal: Goal) -> bool {
        let better = !value.is_nan() && self.best.is_none_or(|best| goal.better(value, best));
        if better {
            self.best = Some(value);
        }
        self.since = if better { 0 } else { self.since.saturating_add(1) };
        better
    }

    /// Whether so many epochs in a row brought nothing better.
    pub(super) fn stalled(&self, patience: Option<usize>) -> bool {
        patience.is_some_and(|patience| self.since >= patience.max(1))
    }

    pub(super) fn to_text(self) -> String {
        let best = self.best.map_or("none".to_string(), |best| format!("{:x}", best.to_bits()));
        format!("{best} {}", self.since)
    }

    pub(super) fn from_text(text: &str) -> Option<Self> {
        let (best, since) = text.split_once(' ')?;
        let best = match best {
            "none" => None,
            bits => Some(f64::from_bits(u64::from_str_radix(bits, 16).ok()?)),
        };
        Some(Self { best, since: since.parse().ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::{Goal, Monitor};

    #[test]
    fn only_better_values_count() {
        let mut monitor = Monitor::default();
        let values = [1.0, 1.0, f64::NAN, 2.0, 0.5];
        let better = values.map(|value| monitor.take(value, Goal::Higher));
        assert_eq!(better, [true, false, false, true, false]);
        assert_eq!(monitor, Monitor { best: Some(2.0), since: 1 });
        assert_eq!(Monitor::from_text(&monitor.to_text()), Some(monitor));
        assert_eq!(Monitor::from_text(&Monitor::default().to_text()), Some(Monitor::default()));

        let mut monitor = Monitor::default();
        let better = values.map(|value| monitor.take(value, Goal::Lower));
        assert_eq!(better, [true, false, false, false, true]);
    }

    #[test]
    fn no_patience_stops_at_the_first_epoch_that_is_no_better() {
        let stalled = |since, patience| Monitor { best: None, since }.stalled(patience);
        assert_eq!([0, 1].map(|since| stalled(since, Some(0))), [false, true]);
        assert_eq!([2, 3].map(|since| stalled(since, Some(3))), [false, true]);
        assert!(!stalled(99, None));
    }
}
