//! Axes: round tick values, their labels, and the map from values to places.

/// A range of values with ticks at round steps.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Axis {
    pub(super) low: f64,
    pub(super) high: f64,
    step: f64,
}

impl Axis {
    /// An axis from a round value at or below `low` to one at or above `high`, with about `ticks`
    /// steps. An empty range is widened.
    pub(super) fn round(low: f64, high: f64, ticks: usize) -> Self {
        let (low, high) = widened(low, high);
        let step = round_step((high - low) / ticks as f64);
        // The small slack keeps a value that is a tick already from opening another step.
        let (low, high) = (low / step + 1e-9, high / step - 1e-9);
        Self { low: low.floor() * step, high: high.ceil() * step, step }
    }

    /// An axis that ends exactly at `low` and `high`, with ticks at whole numbers only.
    pub(super) fn whole(low: f64, high: f64, ticks: usize) -> Self {
        let (low, high) = if high > low { (low, high) } else { (low - 0.5, high + 0.5) };
        Self { low, high, step: round_step((high - low) / ticks as f64).max(1.0) }
    }

    /// An axis that ends exactly at `low` and `high`, with ticks at round values.
    pub(super) fn exact(low: f64, high: f64, ticks: usize) -> Self {
        let (low, high) = widened(low, high);
        Self { low, high, step: round_step((high - low) / ticks as f64) }
    }

    /// The same axis without what lies above `most`.
    pub(super) fn at_most(mut self, most: f64) -> Self {
        self.high = self.high.min(most);
        self
    }

    /// The share of the axis that lies before `value`.
    pub(super) fn place(&self, value: f64) -> f64 {
        (value - self.low) / (self.high - self.low)
    }

    /// The ticks with their labels.
    pub(super) fn ticks(&self) -> Vec<(f64, String)> {
        let first = (self.low / self.step - 1e-9).ceil();
        let last = (self.high / self.step + 1e-9).floor();
        let count = (last - first).clamp(0.0, 100.0) as usize;
        (0..=count)
            .map(|i| {
                let value = (first + i as f64) * self.step;
                (value, self.label(value))
            })
            .collect()
    }

    fn label(&self, value: f64) -> String {
        let largest = self.low.abs().max(self.high.abs());
        if value == 0.0 {
            return "0".into();
        }
        if !(1e-4..1e6).contains(&largest) {
            // Digits enough to tell neighbours apart.
            let digits = largest.log10().floor() - (self.step.log10() + 1e-9).floor();
            let digits = digits.clamp(0.0, 6.0) as usize;
            return format!("{value:.digits$e}").replace('-', "−");
        }
        let digits = (-self.step.log10() - 1e-9).ceil().clamp(0.0, 10.0) as usize;
        format!("{value:.digits$}").replace('-', "−")
    }
}

fn widened(low: f64, high: f64) -> (f64, f64) {
    if high - low > 1e-9 * low.abs().max(high.abs()) {
        return (low, high);
    }
    let around = if low == 0.0 { 1.0 } else { 0.1 * low.abs() };
    (low - around, high + around)
}

/// The smallest of 1, 2 and 5 times a power of ten that is not below `least`.
fn round_step(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    let times = [1.0, 2.0, 5.0].into_iter().find(|t| t * power >= least * (1.0 - 1e-9));
    times.unwrap_or(10.0) * power
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<String> {
        axis.ticks().into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(labels(&Axis::round(0.0, 2.31, 5)), ["0", "0.5", "1.0", "1.5", "2.0", "2.5"]);
        assert_eq!(labels(&Axis::round(-0.3, 0.3, 3)), ["−0.4", "−0.2", "0", "0.2", "0.4"]);
        assert_eq!(labels(&Axis::round(97.2, 99.9, 5)), ["97", "98", "99", "100"]);
        assert_eq!(labels(&Axis::round(97.2, 99.9, 5).at_most(99.5)), ["97", "98", "99"]);
        assert_eq!(labels(&Axis::round(0.0, 3e9, 3)), ["0", "1e9", "2e9", "3e9"]);
    }

    #[test]
    fn epochs_are_whole() {
        assert_eq!(labels(&Axis::whole(1.0, 4.0, 8)), ["1", "2", "3", "4"]);
        assert_eq!(labels(&Axis::whole(1.0, 12.0, 6)), ["2", "4", "6", "8", "10", "12"]);
        assert_eq!(labels(&Axis::whole(1.0, 1.0, 8)), ["1"]);
    }

    #[test]
    fn ends_may_be_exact() {
        let axis = Axis::exact(-2.3, 4.1, 6);
        assert_eq!(labels(&axis), ["−2", "0", "2", "4"]);
        assert_eq!([axis.place(-2.3), axis.place(4.1)], [0.0, 1.0]);
    }

    #[test]
    fn equal_values_get_a_range() {
        for value in [0.0, 5.0, -3.0, 1e-12, 1e300] {
            let axis = Axis::round(value, value, 5);
            assert!((0.0..=1.0).contains(&axis.place(value)), "{axis:?}");
            assert!(axis.high > axis.low && !axis.ticks().is_empty(), "{axis:?}");
            assert_eq!(Axis::exact(value, value, 5).place(value), 0.5);
        }
    }
}
