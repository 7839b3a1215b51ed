//! The two walks over the frames of a sample: as a kernel, and in simple operations.

use gradus_tensor::threads::map_indices;
use gradus_tensor::{Float, Tensor};

use crate::{Result, Var};

/// The labels of a sample with blanks around them, and its number of frames.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    /// `l'`.
    states: Vec<usize>,
    /// Whether a state may be reached from that two before it, past a blank.
    leaps: Vec<bool>,
    frames: usize,
}

impl Sample {
    pub(super) fn new(labels: &[usize], frames: usize, blank: usize) -> Self {
        let mut states = vec![blank];
        states.extend(labels.iter().flat_map(|&label| [label, blank]));
        let leaps = (0..states.len())
            .map(|s| s >= 2 && states[s] != blank && states[s] != states[s - 2])
            .collect();
        Self { states, leaps, frames }
    }

    /// The loss, and if it is asked for its gradient with respect to `[frames, classes]`.
    fn walk<T: Float>(&self, log_p: &dyn Fn(usize, usize) -> T, classes: usize, keep: bool) -> (f64, Vec<T>) {
        let (states, frames) = (self.states.len(), self.frames);
        let y = |t: usize, s: usize| log_p(t, self.states[s]).to_f64();
        // α, frame after frame; all of them only where the gradient needs them.
        let mut alpha = vec![f64::NEG_INFINITY; if keep { states * frames } else { states }];
        let mut row = vec![f64::NEG_INFINITY; states];
        for t in 0..frames {
            let mut next = vec![f64::NEG_INFINITY; states];
            for (s, next) in next.iter_mut().enumerate() {
                let before = match t {
                    0 if s < 2 => 0.0,
                    0 => f64::NEG_INFINITY,
                    _ => {
                        let one = if s > 0 { row[s - 1] } else { f64::NEG_INFINITY };
                        let two = if self.leaps[s] { row[s - 2] } else { f64::NEG_INFINITY };
                        sum_of([row[s], one, two])
                    }
                };
                *next = before + y(t, s);
            }
            row = next;
            if keep {
                alpha[t * states..][..states].copy_from_slice(&row);
            }
        }
        let one_before = if states > 1 { row[states - 2] } else { f64::NEG_INFINITY };
        let loss = -sum_of([row[states - 1], one_before, f64::NEG_INFINITY]);
        if !keep || loss == f64::INFINITY {
            return (loss, Vec::new());
        }
        let mut gradient = vec![0.0; frames * classes];
        let mut row = vec![f64::NEG_INFINITY; states];
        for t in (0..frames).rev() {
            let mut next = vec![f64::NEG_INFINITY; states];
            for (s, next) in next.iter_mut().enumerate() {
                let after = match t + 1 == frames {
                    true if s + 2 >= states => 0.0,
                    true => f64::NEG_INFINITY,
                    false => {
                        let one = row.get(s + 1).copied().unwrap_or(f64::NEG_INFINITY);
                        let leaps = self.leaps.get(s + 2).copied().unwrap_or(false);
                        let two = if leaps { row[s + 2] } else { f64::NEG_INFINITY };
                        sum_of([row[s], one, two])
                    }
                };
                *next = after + y(t, s);
                // α and what comes after: the logarithm of all paths through here.
                let through = alpha[t * states + s] + after + loss;
                gradient[t * classes + self.states[s]] -= through.exp();
            }
            row = next;
        }
        (loss, gradient.into_iter().map(T::from_f64).collect())
    }
}

/// `ln Σ eˣ`.
fn sum_of(x: [f64; 3]) -> f64 {
    let most = x[0].max(x[1]).max(x[2]);
    match most {
        f64::NEG_INFINITY => most,
        _ => most + ((x[0] - most).exp() + (x[1] - most).exp() + (x[2] - most).exp()).ln(),
    }
}

/// The loss of each sample, and the gradient of each with respect to its frames in one tensor `[T, N, C]`, which
/// is empty if it is not asked for.
pub(super) fn losses<T: Float>(
    samples: &[Sample],
    x: &Tensor<T>,
    zero_infinity: bool,
    keep: bool,
) -> Result<(Tensor<T>, Tensor<T>)> {
    let x = x.contiguous();
    let (values, shape) = (x.as_slice().unwrap_or_default(), x.shape().to_vec());
    let (count, classes) = (shape[1], shape[2]);
    let walks = map_indices(samples.len(), true, |n| {
        let log_p = |t: usize, k: usize| values[(t * count + n) * classes + k];
        samples[n].walk(&log_p, classes, keep)
    });
    let losses = walks.iter().map(|(loss, _)| match *loss {
        f64::INFINITY if zero_infinity => T::ZERO,
        loss => T::from_f64(loss),
    });
    let losses = Tensor::vector(losses.collect::<Vec<_>>());
    if !keep {
        return Ok((losses, Tensor::zeros([0])));
    }
    let grads = Tensor::filled_by(&shape, |out| {
        out.fill(T::ZERO);
        for (n, (_, gradient)) in walks.iter().enumerate() {
            for (t, gradient) in gradient.chunks_exact(classes.max(1)).enumerate() {
                out[(t * count + n) * classes..][..classes].copy_from_slice(gradient);
            }
        }
    });
    Ok((losses, grads))
}

/// What stands for the logarithm of 0, so that differences are finite.
const NEVER: f64 = -1e30;

/// The same in operations that can be differentiated again.
pub(super) fn written_out<T: Float>(
    samples: &[Sample],
    x: &Var<T>,
    zero_infinity: bool,
) -> Result<Var<T>> {
    let mut losses = Vec::with_capacity(samples.len());
    for (n, sample) in samples.iter().enumerate() {
        losses.push(one(sample, &x.index(1, n)?, zero_infinity)?);
    }
    match losses.is_empty() {
        true => x.sum_axes(&[0, 2], false),
        false => Var::stack(&losses.iter().collect::<Vec<_>>(), 0),
    }
}

/// The loss of one sample, of frames `[T, C]`.
fn one<T: Float>(sample: &Sample, x: &Var<T>, zero_infinity: bool) -> Result<Var<T>> {
    let states = sample.states.len();
    let constant = |values: Vec<f64>| {
        let values = values.into_iter().map(T::from_f64).collect::<Vec<_>>();
        Var::constant(Tensor::vector(values))
    };
    let index = Tensor::vector(sample.states.iter().map(|&s| s as i64).collect::<Vec<_>>());
    let y = x.slice(0, ..sample.frames)?.select(1, &index)?;
    let start = constant((0..states).map(|s| if s < 2 { 0.0 } else { NEVER }).collect());
    let leaps = sample.leaps.iter().map(|&leaps| if leaps { 0.0 } else { NEVER });
    let leaps = constant(leaps.collect());
    let mut alpha = y.index(0, 0)?.add(&start)?;
    let never = constant(vec![NEVER; 2]);
    for t in 1..sample.frames {
        let padded = Var::concat(&[&never, &alpha], 0)?;
        let two = padded.slice(0, ..states)?.add(&leaps)?;
        let one = padded.slice(0, 1..states + 1)?;
        let all = Var::stack(&[&alpha, &one, &two], 0)?;
        alpha = all.logsumexp(0, false)?.add(&y.index(0, t)?)?;
    }
    let loss = alpha.slice(0, states.saturating_sub(2)..)?.logsumexp(0, false)?.scale(-T::ONE);
    // More than NEVER can be: there is no path.
    match loss.item()?.to_f64() > -0.5 * NEVER {
        false => Ok(loss),
        true if zero_infinity => Ok(loss.scale(T::ZERO)),
        true => Ok(loss.scale(T::from_f64(f64::INFINITY))),
    }
}
