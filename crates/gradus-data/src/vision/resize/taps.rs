//! Which old pixels a new one is made of, and with what weights: whole numbers, 2²² for 1.

use super::Filter;

/// Bits behind the point. With 8 bits of a pixel, one for overshoot and one for the sign, a sum
/// fits into 32.
pub(super) const BITS: u32 = 22;

/// The old pixels of each new pixel along one direction.
pub(super) struct Taps {
    /// The first old pixel of each, and where its weights begin.
    starts: Vec<(usize, usize)>,
    weights: Vec<i32>,
}

impl Taps {
    pub fn new(old: usize, new: usize, filter: Filter) -> Self {
        let step = old as f64 / new as f64;
        let scale = step.max(1.0);
        let support = filter.support() * scale;
        let mut taps = Self { starts: Vec::with_capacity(new), weights: Vec::new() };
        let mut weights = Vec::new();
        for i in 0..new {
            let centre = (i as f64 + 0.5) * step;
            let first = (centre - support + 0.5).max(0.0) as usize;
            let end = ((centre + support + 0.5) as usize).min(old);
            weights.clear();
            weights.extend((first..end).map(|j| {
                let x = (j as f64 - centre + 0.5) * (1.0 / scale);
                filter.weight(x)
            }));
            let sum: f64 = weights.iter().sum();
            taps.starts.push((first, taps.weights.len()));
            let whole = |w: &f64| (w / sum * f64::from(1 << BITS)).round() as i32;
            taps.weights.extend(weights.iter().map(whole));
        }
        taps
    }

    /// How many new pixels there are.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// For each new pixel the first old one and the weights from there.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &[i32])> {
        let ends = self.starts.iter().skip(1).map(|s| s.1).chain([self.weights.len()]);
        self.starts.iter().zip(ends).map(|(&(first, at), end)| (first, &self.weights[at..end]))
    }
}
