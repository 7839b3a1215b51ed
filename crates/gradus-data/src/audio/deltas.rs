//! Deltas: how features change from frame to frame, the slope of a straight line through `2N + 1`
//! frames,
//!
//! ```text
//! d[t] = Σ_{n = 1 … N} n (x[t + n] − x[t − n]) / (2 Σ n²)
//! ```
//!
//! with the first and last frames repeated beyond the ends. Source: Young et al., *The HTK Book*,
//! section 5.6; torchaudio's `compute_deltas` with `win_length = 2N + 1`.

use super::Features;
use crate::{Error, Result};

/// The slope of each feature, a frame: `[frames, size]` to the same. `reach` is `N`, the frames to
/// each side, commonly 2.
///
/// ```
/// use gradus_data::audio::{Features, deltas};
/// let ramp = Features::new(1, (0..9).map(|t| 3.0 * t as f32).collect())?;
/// assert_eq!(deltas(&ramp, 2)?.values()[2..7], [3.0; 5]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
///
/// # Errors
/// Unless `reach` is from 1 to 10,000.
pub fn deltas(features: &Features, reach: usize) -> Result<Features> {
    if !(1..=10_000).contains(&reach) {
        let wanted = "1 to 10,000 frames to each side";
        return Err(Error::value("deltas", format!("reach = {reach}"), wanted));
    }
    let last = features.frames().saturating_sub(1);
    let size = features.size();
    let row = |t: usize| &features.values()[t * size..(t + 1) * size];
    let squares: f64 = (1..=reach).map(|n| (n * n) as f64).sum();
    let mut t = 0;
    Ok(features.map_rows(size, |_, out| {
        for n in 1..=reach {
            let weight = (n as f64 / (2.0 * squares)) as f32;
            let (later, earlier) = (row((t + n).min(last)), row(t.saturating_sub(n)));
            for ((out, b), a) in out.iter_mut().zip(later).zip(earlier) {
                *out += weight * (b - a);
            }
        }
        t += 1;
    }))
}

/// The features with their deltas and the deltas of those beside them: `[frames, size]` to
/// `[frames, 3 · size]`.
///
/// # Errors
/// As [`deltas`].
pub fn with_deltas(features: &Features, reach: usize) -> Result<Features> {
    let first = deltas(features, reach)?;
    let second = deltas(&first, reach)?;
    let size = features.size();
    let mut changes = first.rows().zip(second.rows());
    Ok(features.map_rows(3 * size, |row, out| {
        if let Some((first, second)) = changes.next() {
            out[..size].copy_from_slice(row);
            out[size..2 * size].copy_from_slice(first);
            out[2 * size..].copy_from_slice(second);
        }
    }))
}
