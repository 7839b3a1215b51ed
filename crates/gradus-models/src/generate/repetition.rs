//! A penalty for repetition: tokens that have come already become less likely.
//!
//! `z ← z / θ` where `z > 0`, and `z ← z · θ` where `z ≤ 0`, for every token that has come, once however often it came.
//! With `θ > 1` both lower the logit. (Keskar, McCann, Varshney, Xiong and Socher, *CTRL: a conditional transformer
//! language model for controllable generation*, 2019, section 4.1, which divides all logits; that would raise those
//! below zero, so negative ones are multiplied, as others do.)

/// Changes the logits of tokens that stand in `before`; the other numbers of `before` are left out.
///
/// ```
/// use gradus_models::generate::penalise;
/// let mut logits = [3.0, -1.0, 2.0, 0.5];
/// penalise(&mut logits, &[0, 1, 0, 99], 2.0);
/// assert_eq!(logits, [1.5, -2.0, 2.0, 0.5]);
/// ```
pub fn penalise(logits: &mut [f64], before: &[u32], penalty: f64) {
    let mut come = before.to_vec();
    come.sort_unstable();
    come.dedup();
    for token in come {
        if let Some(z) = logits.get_mut(token as usize) {
            *z = if *z > 0.0 { *z / penalty } else { *z * penalty };
        }
    }
}
