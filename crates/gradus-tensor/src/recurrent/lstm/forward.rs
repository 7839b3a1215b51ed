//! Through time.

use std::ops::Range;

use super::super::panels::{Panels, UNITS, input_products};
use super::super::states::{States, Steps};
use super::super::walk::{Track, Walk, walk};
use super::super::{PARALLEL, Sizes, store};
use super::{GATES, LstmPass, WIDTH};
use crate::layout::Layout;
use crate::linalg::shared::Shared;
use crate::{Float, Result, Tensor, concrete};

/// A layer of long short-term memory over a sequence `x` of `[T, N, in]`, from the state
/// `[h, c]`, each `[N, hidden]`, with the weights `W_ih` of `[4 · hidden, in]`, `W_hh` of
/// `[4 · hidden, hidden]`, and two biases of `[4 · hidden]`. The gates are in the order `i, f, g, o`.
///
/// `keep` tells whether [`lstm_grad`](crate::lstm_grad) will follow.
///
/// ```
/// use gradus_tensor::{Tensor, lstm};
/// let x = Tensor::<f32>::ones([5, 2, 3]);
/// let (state, bias) = (Tensor::zeros([2, 4]), Tensor::zeros([16]));
/// let weights = [&Tensor::zeros([16, 3]), &Tensor::zeros([16, 4]), &bias, &bias];
/// let pass = lstm(&x, [&state, &state], weights, false)?;
/// assert_eq!(pass.output, Tensor::zeros([5, 2, 4]));
/// assert_eq!(pass.cell, state);
/// # Ok::<(), gradus_tensor::Error>(())
/// ```
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape) if there is no step, or the shapes do not fit.
pub fn lstm<T: Float>(
    x: &Tensor<T>,
    states: [&Tensor<T>; 2],
    weights: [&Tensor<T>; 4],
    keep: bool,
) -> Result<LstmPass<T>> {
    type Kernel<T> = fn(&Tensor<T>, [&Tensor<T>; 2], [&Tensor<T>; 4], bool) -> Result<LstmPass<T>>;
    concrete!(all_steps: Kernel<T>)(x, states, weights, keep)
}

fn all_steps<T: Float>(
    x: &Tensor<T>,
    [h, c]: [&Tensor<T>; 2],
    weights: [&Tensor<T>; 4],
    keep: bool,
) -> Result<LstmPass<T>> {
    let op = "lstm";
    let sizes = Sizes::check(op, GATES, x, &[h, c], weights)?;
    let Sizes { steps, batch, hidden, .. } = sizes;
    let groups = sizes.groups();
    let layout = sizes.output(x);
    let [x, h, c] = [x, h, c].map(Tensor::contiguous);
    let [w_ih, w_hh, b_ih, b_hh] = weights.map(Tensor::contiguous);
    let [x, h, c, w_ih, w_hh, b_ih, b_hh] =
        [&x, &h, &c, &w_ih, &w_hh, &b_ih, &b_hh].map(|t| t.as_slice().unwrap_or_default());

    let mut gates = Tensor::build(Layout::checked(op, &[groups, steps, batch, WIDTH])?, |out| {
        input_products(out, x, w_ih, [b_ih, b_hh], GATES, sizes);
    });
    let mut states = States::new(op, sizes, layout, h)?;
    let kept = if keep { steps + 1 } else { 1 };
    let mut cells = Tensor::build(Layout::checked(op, &[groups, kept, batch, UNITS])?, |out| {
        sizes.group(c, out, kept);
    });

    let panels = Panels::of_gates(w_hh, GATES, 2, hidden, hidden);
    let pass = Forward {
        sizes,
        steps: states.share(&panels),
        keep,
        gates: Shared::new(gates.as_mut_slice()),
        cells: Shared::new(cells.as_mut_slice()),
    };
    walk(&pass, steps, groups, batch * hidden * hidden * GATES >= PARALLEL);
    let [output, states] = states.done()?;
    let cell = Tensor::build(Layout::contiguous(&[batch, hidden]), |out| {
        sizes.ungroup(cells.as_slice().unwrap_or_default(), kept, kept - 1, out);
    });
    Ok(LstmPass { output, cell, gates, cells, states })
}

/// What all pieces of the walk share.
struct Forward<'a, T> {
    sizes: Sizes,
    steps: Steps<'a, T>,
    keep: bool,
    /// The products of the inputs, and then the gates.
    gates: Shared<'a, T>,
    cells: Shared<'a, T>,
}

impl<T: Float> Walk<T> for Forward<'_, T> {
    fn track(&self) -> Track<'_, T> {
        self.steps.track
    }

    /// The gates of a group of units.
    #[inline(always)]
    fn follow(&self, t: usize, rows: Range<usize>, group: usize, sums: &[T]) {
        let Sizes { steps, batch, .. } = self.sizes;
        // No closures: they would not always be compiled for wide vectors.
        macro_rules! part {
            ($shared:expr, $start:expr, $len:expr) => {
                // SAFETY: a sample's units of this group, in any step, are used by this piece alone.
                unsafe { $shared.slice($start, $len) }
            };
        }
        // A cell that is not kept is overwritten by the next one.
        let (all, at) = if self.keep { (steps + 1, t) } else { (1, 0) };
        for (n, sums) in rows.zip(sums.chunks_exact(WIDTH)) {
            let gates = part!(self.gates, ((group * steps + t) * batch + n) * WIDTH, WIDTH);
            let cell = ((group * all + at) * batch + n) * UNITS;
            let (mut c, mut h) = ([T::ZERO; UNITS], [T::ZERO; UNITS]);
            let before = part!(self.cells, cell, UNITS);
            // One loop: what passes between several would go through memory.
            for j in 0..UNITS {
                let i = (gates[j] + sums[j]).sigmoid();
                let f = (gates[UNITS + j] + sums[UNITS + j]).sigmoid();
                let g = (gates[2 * UNITS + j] + sums[2 * UNITS + j]).tanh();
                let o = (gates[3 * UNITS + j] + sums[3 * UNITS + j]).sigmoid();
                c[j] = f * before[j] + i * g;
                h[j] = o * c[j].tanh();
                gates[j] = i;
                gates[UNITS + j] = f;
                gates[2 * UNITS + j] = g;
                gates[3 * UNITS + j] = o;
            }
            let next = if self.keep { cell + batch * UNITS } else { cell };
            store(part!(self.cells, next, UNITS), &c);
            // SAFETY: as above.
            unsafe { self.steps.put(t, n, group, &h) };
        }
    }
}
