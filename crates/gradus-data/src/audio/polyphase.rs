//! A polyphase filter: one change of rate, from `from` to `to`.
//!
//! A new sample lies at a fraction `part / to` after an old one. For each fraction a row of a table
//! holds the values of `h` that meet the old samples around it; a new sample is the product of a row
//! and a piece of the sound. If there are more fractions than the table may have rows, it has rows at
//! equal steps, and `h` is a straight line between two of them.

use gradus_tensor::simd::vectorize;

use super::kaiser::LowPass;

/// The most values in a table of more rows than [`FINE`] asks for: 4 MiB.
const LIMIT: u64 = 1 << 20;
/// Sums are taken in this many parts, for vectors of the processor.
const LANES: usize = 4 * WIDTH;
/// The numbers of the widest register.
const WIDTH: usize = 16;
/// Rows between two zeros of the sinc: a straight line between two of them is off by `π²/24 · 2⁻²⁴`,
/// 2.4e-8 of the largest value.
const FINE: f64 = 4096.0;

/// A change of the rate with one filter.
#[derive(Debug, Clone)]
pub(super) struct Stage {
    /// The rates without their common divisor.
    from: u64,
    to: u64,
    /// Rows for a step of one old sample. If they are `to`, each fraction has its own.
    rows: u64,
    taps: usize,
    /// Row by row, from the earliest old sample to the latest: `h(row / rows + taps / 2 − 1 − k)`.
    table: Vec<f32>,
}

impl Stage {
    /// From a rate to another; see [`Resampler`](super::Resampler) for the other two.
    pub(super) fn new(from: u64, to: u64, pass_band: f64, rejection: f64) -> Self {
        let divisor = gcd(from, to);
        let (from, to) = (from / divisor, to / divisor);
        let stop = (to as f64 / from as f64).min(1.0);
        let filter = LowPass::new(pass_band * stop, stop, rejection);
        let taps = (2 * filter.half.ceil() as usize).next_multiple_of(LANES);
        let fine = (FINE * stop).ceil() as u64;
        let exact = to <= fine || to.saturating_mul(taps as u64) <= LIMIT;
        let (rows, count) = if exact { (to, to) } else { (fine, fine + 1) };
        let before = (taps / 2 - 1) as f64;
        let row = |row: u64| {
            let time = row as f64 / rows as f64 + before;
            (0..taps).map(move |k| filter.at(time - k as f64) as f32)
        };
        Self { from, to, rows, taps, table: (0..count).flat_map(row).collect() }
    }

    /// The number of samples that `n` become, if the rate falls.
    pub(super) fn fewer(&self, n: usize) -> usize {
        (n as u128 * u128::from(self.to)).div_ceil(u128::from(self.from)) as usize
    }

    /// `len` new samples in an empty vector.
    pub(super) fn apply(&self, samples: &[f32], len: usize, out: &mut Vec<f32>) {
        let mut padded = vec![0.0; samples.len() + self.taps];
        let before = self.taps / 2 - 1;
        padded[before..before + samples.len()].copy_from_slice(samples);
        out.resize(len, 0.0);
        vectorize(
            #[inline(always)]
            || self.fill(&padded, out),
        );
    }

    #[inline(always)]
    fn fill(&self, padded: &[f32], out: &mut [f32]) {
        let taps = self.taps;
        let exact = self.rows == self.to;
        let (step, step_part) = ((self.from / self.to) as usize, self.from % self.to);
        // The time of a new sample: whole old samples, and a part in units of 1 / to.
        let (mut whole, mut part) = (0, 0);
        for y in out {
            let x = &padded[whole..whole + taps];
            if exact {
                *y = dot(&self.table[part as usize * taps..][..taps], x);
            } else {
                let (row, between) = (part * self.rows / self.to, part * self.rows % self.to);
                let rows = &self.table[row as usize * taps..][..2 * taps];
                let (a, b) = (dot(&rows[..taps], x), dot(&rows[taps..], x));
                *y = a + between as f32 / self.to as f32 * (b - a);
            }
            whole += step;
            part += step_part;
            if part >= self.to {
                part -= self.to;
                whole += 1;
            }
        }
    }
}

/// The sum of products, in parts that fill the registers and depend on few others.
#[inline(always)]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [[0.0; WIDTH]; LANES / WIDTH];
    for (a, b) in a.as_chunks::<LANES>().0.iter().zip(b.as_chunks::<LANES>().0) {
        let parts = a.as_chunks::<WIDTH>().0.iter().zip(b.as_chunks::<WIDTH>().0);
        for (sum, (a, b)) in sums.iter_mut().zip(parts) {
            for i in 0..WIDTH {
                sum[i] += a[i] * b[i];
            }
        }
    }
    let [a, b, c, d] = sums;
    let mut half = [0.0; WIDTH / 2];
    for i in 0..WIDTH / 2 {
        let j = i + WIDTH / 2;
        half[i] = ((a[i] + b[i]) + (c[i] + d[i])) + ((a[j] + b[j]) + (c[j] + d[j]));
    }
    let [a, b, c, d, e, f, g, h] = half;
    ((a + e) + (b + f)) + ((c + g) + (d + h))
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}
