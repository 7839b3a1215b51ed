//! Through time.

use std::ops::Range;

use super::super::panels::{Panels, UNITS, input_products};
use super::super::states::{States, Steps};
use super::super::walk::{Track, Walk, walk};
use super::super::{PARALLEL, Sizes, store};
use super::{GATES, GruPass, WIDTH};
use crate::layout::Layout;
use crate::linalg::shared::Shared;
use crate::{Float, Result, Tensor, concrete};

/// A layer of gated recurrent units over a sequence `x` of `[T, N, in]`, from the state `h` of
/// `[N, hidden]`, with the weights `W_ih` of `[3 · hidden, in]`, `W_hh` of `[3 · hidden, hidden]`, and
/// two biases of `[3 · hidden]`. The gates are in the order `r, z, n`.
///
/// `keep` tells whether [`gru_grad`](crate::gru_grad) will follow.
///
/// ```
/// use gradus_tensor::{Tensor, gru};
/// let x = Tensor::<f32>::ones([5, 2, 3]);
/// let (h, bias) = (Tensor::ones([2, 4]), Tensor::zeros([12]));
/// let weights = [&Tensor::zeros([12, 3]), &Tensor::zeros([12, 4]), &bias, &bias];
/// let pass = gru(&x, &h, weights, false)?;
/// // Without weights z is one half and n is zero: the state halves in each step.
/// assert_eq!(pass.output.slice(0, 4..)?, Tensor::full([1, 2, 4], 1.0 / 32.0));
/// # Ok::<(), gradus_tensor::Error>(())
/// ```
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape) if there is no step, or the shapes do not fit.
pub fn gru<T: Float>(
    x: &Tensor<T>,
    h: &Tensor<T>,
    weights: [&Tensor<T>; 4],
    keep: bool,
) -> Result<GruPass<T>> {
    type Kernel<T> = fn(&Tensor<T>, &Tensor<T>, [&Tensor<T>; 4], bool) -> Result<GruPass<T>>;
    concrete!(all_steps: Kernel<T>)(x, h, weights, keep)
}

fn all_steps<T: Float>(
    x: &Tensor<T>,
    h: &Tensor<T>,
    weights: [&Tensor<T>; 4],
    keep: bool,
) -> Result<GruPass<T>> {
    let op = "gru";
    let sizes = Sizes::check(op, GATES, x, &[h], weights)?;
    let Sizes { steps, batch, hidden, .. } = sizes;
    let groups = sizes.groups();
    let layout = sizes.output(x);
    let [x, h] = [x, h].map(Tensor::contiguous);
    let [w_ih, w_hh, b_ih, b_hh] = weights.map(Tensor::contiguous);
    let [x, h, w_ih, w_hh, b_ih, b_hh] =
        [&x, &h, &w_ih, &w_hh, &b_ih, &b_hh].map(|t| t.as_slice().unwrap_or_default());

    // The last gate's second bias is within the reset, so that it cannot go with the inputs.
    let (outer, inner_bias) = b_hh.split_at(2 * hidden);
    let outer = [outer, &vec![T::ZERO; hidden]].concat();
    let mut inner_bias = inner_bias.to_vec();
    inner_bias.resize(groups * UNITS, T::ZERO);
    let mut gates = Tensor::build(Layout::checked(op, &[groups, steps, batch, WIDTH])?, |out| {
        input_products(out, x, w_ih, [b_ih, &outer], GATES, sizes);
    });
    let mut states = States::new(op, sizes, layout, h)?;
    let kept = if keep { steps } else { 0 };
    let mut inner = Tensor::build(Layout::checked(op, &[groups, kept, batch, UNITS])?, |_| ());

    let panels = Panels::of_gates(w_hh, GATES, GATES, hidden, hidden);
    let pass = Forward {
        sizes,
        steps: states.share(&panels),
        inner_bias: &inner_bias,
        gates: Shared::new(gates.as_mut_slice()),
        inner: keep.then(|| Shared::new(inner.as_mut_slice())),
    };
    walk(&pass, steps, groups, batch * hidden * hidden * GATES >= PARALLEL);
    let [output, states] = states.done()?;
    Ok(GruPass { output, gates, inner, states })
}

/// What all pieces of the walk share.
struct Forward<'a, T> {
    sizes: Sizes,
    steps: Steps<'a, T>,
    /// `b_hh` of the gate `n`, for whole groups.
    inner_bias: &'a [T],
    /// The products of the inputs, and then the gates.
    gates: Shared<'a, T>,
    /// `u_n`, if it is kept.
    inner: Option<Shared<'a, T>>,
}

impl<T: Float> Walk<T> for Forward<'_, T> {
    fn track(&self) -> Track<'_, T> {
        self.steps.track
    }

    /// The gates of a group of units.
    #[inline(always)]
    fn follow(&self, t: usize, rows: Range<usize>, group: usize, sums: &[T]) {
        let Sizes { steps, batch, .. } = self.sizes;
        let unit = group * UNITS;
        // No closures: they would not always be compiled for wide vectors.
        macro_rules! part {
            ($shared:expr, $start:expr, $len:expr) => {
                // SAFETY: a sample's units of this group, in any step, are used by this piece alone.
                unsafe { $shared.slice($start, $len) }
            };
        }
        let bias = &self.inner_bias[unit..][..UNITS];
        for (n, sums) in rows.zip(sums.chunks_exact(WIDTH)) {
            let at = (group * steps + t) * batch + n;
            let gates = part!(self.gates, at * WIDTH, WIDTH);
            // SAFETY: there is room for whole groups in each row.
            let before = unsafe { self.steps.track.before(t, n, unit) };
            let (mut u, mut h) = ([T::ZERO; UNITS], [T::ZERO; UNITS]);
            // One loop: what passes between several would go through memory.
            for j in 0..UNITS {
                let r = (gates[j] + sums[j]).sigmoid();
                let z = (gates[UNITS + j] + sums[UNITS + j]).sigmoid();
                u[j] = sums[2 * UNITS + j] + bias[j];
                let new = (gates[2 * UNITS + j] + r * u[j]).tanh();
                h[j] = new + z * (before[j] - new);
                gates[j] = r;
                gates[UNITS + j] = z;
                gates[2 * UNITS + j] = new;
            }
            // SAFETY: as above.
            unsafe { self.steps.put(t, n, group, &h) };
            if let Some(inner) = self.inner {
                store(part!(inner, at * UNITS, UNITS), &u);
            }
        }
    }
}
