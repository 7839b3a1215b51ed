//! Which epoch was best, and when to stop.
//!
//! The best epoch is the one with the least validation loss (training loss if nothing validates),
//! or with the greatest accuracy, as asked for. Early stopping ends training when a number of
//! epochs in a row brought nothing better: from there on a network mostly learns its training data
//! by heart (Prechelt, *Early stopping — but when?*, 1998).

/// What makes an epoch the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Best {
    /// The least loss.
    #[default]
    Loss,
    /// The greatest accuracy; of equals, the first.
    Accuracy,
}

/// The best value so far.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Monitor {
    pub(super) best: Option<f64>,
    /// Epochs since.
    pub(super) since: usize,
}

impl Monitor {
    /// Takes an epoch's value in, larger being better; says whether it is the best so far. A NaN
    /// never is.
    pub(super) fn take(&mut self, value: f64) -> bool {
        let better = !value.is_nan() && self.best.is_none_or(|best| value > best);
        if better {
            self.best = Some(value);
        }
        self.since = if better { 0 } else { self.since + 1 };
        better
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
    use super::Monitor;

    #[test]
    fn only_better_values_count() {
        let mut monitor = Monitor::default();
        let better = [1.0, 1.0, f64::NAN, 2.0, 0.5].map(|value| monitor.take(value));
        assert_eq!(better, [true, false, false, true, false]);
        assert_eq!(monitor, Monitor { best: Some(2.0), since: 1 });
        assert_eq!(Monitor::from_text(&monitor.to_text()), Some(monitor));
        assert_eq!(Monitor::from_text(&Monitor::default().to_text()), Some(Monitor::default()));
    }
}
