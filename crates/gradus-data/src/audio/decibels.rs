//! Powers in decibels: `10 log₁₀ max(x, floor)`.

use super::Features;
use crate::{Error, Result};

/// Turns powers into dB, in place; then, with `range`, raises what is more than `range` dB below the
/// largest of all frames to that. librosa's `power_to_db` with `ref=1`, `amin=floor`, `top_db=range`,
/// whose defaults are 1e-10 and 80.
///
/// ```
/// use gradus_data::audio::{Features, power_to_db};
/// let mut powers = Features::new(3, vec![100.0, 1.0, 0.0])?;
/// power_to_db(&mut powers, 1e-10, Some(80.0))?;
/// assert_eq!(powers.values(), [20.0, 0.0, -60.0]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
///
/// # Errors
/// Unless `floor` is above 0 and `range` not negative.
pub fn power_to_db(powers: &mut Features, floor: f32, range: Option<f32>) -> Result<()> {
    let bad = |got: String, wanted| Err(Error::value("power_to_db", got, wanted));
    if floor.is_nan() || floor <= 0.0 {
        return bad(format!("floor = {floor}"), "a power above 0");
    }
    if let Some(range) = range.filter(|range| range.is_nan() || *range < 0.0) {
        return bad(format!("range = {range} dB"), "0 dB or more");
    }
    powers.values_mut().iter_mut().for_each(|x| *x = 10.0 * x.max(floor).log10());
    if let Some(range) = range {
        raise(powers, range);
    }
    Ok(())
}

/// Raises what is more than `range` below the largest to that.
pub(super) fn raise(features: &mut Features, range: f32) {
    let most = features.values().iter().copied().fold(f32::NEG_INFINITY, f32::max);
    features.values_mut().iter_mut().for_each(|x| *x = x.max(most - range));
}
