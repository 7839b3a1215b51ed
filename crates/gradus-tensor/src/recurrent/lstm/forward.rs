//! Through time.

use std::mem::MaybeUninit;
use std::slice;

use pulp::{Simd, WithSimd};

use super::super::panels::{Panels, ROWS, Relay, UNITS, input_products, product};
use super::super::{PARALLEL, Sizes, store};
use super::{GATES, LstmPass, WIDTH};
use crate::layout::Layout;
use crate::linalg::shared::Shared;
use crate::simd::dispatch;
use crate::threads::for_each_step;
use crate::{Float, Result, Tensor};

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
    let mut states = Tensor::build(Layout::checked(op, &[steps + 1, batch, hidden])?, |out| {
        out[..h.len()].copy_from_slice(h);
    });
    let kept = if keep { steps + 1 } else { 1 };
    let mut cells = Tensor::build(Layout::checked(op, &[groups, kept, batch, UNITS])?, |out| {
        sizes.group(c, out, kept);
    });
    let samples_first = !layout.is_contiguous();
    let mut copy = samples_first.then(|| Tensor::build(layout, |_| ()));
    let mut relay = Relay::new(batch, hidden);
    relay.start(h, hidden);

    let panels = Panels::of_gates(w_hh, GATES, 2, hidden, hidden);
    let pass = Forward {
        sizes,
        panels: &panels,
        keep,
        gates: Shared::new(gates.as_mut_slice()),
        cells: Shared::new(cells.as_mut_slice()),
        states: Shared::new(states.as_mut_slice()),
        stride: relay.stride,
        relay: Shared::new(relay.values.as_mut_slice()),
        copy: copy.as_mut().map(|copy| Shared::new(copy.as_dense_mut())),
    };
    let parallel = batch * hidden * hidden * GATES >= PARALLEL;
    for_each_step(steps, groups, parallel, |t, group| {
        dispatch(ForwardPiece { pass: &pass, t, group });
    });
    let output = match copy {
        Some(copy) => copy,
        None => states.slice(0, 1..)?,
    };
    let cell = Tensor::build(Layout::contiguous(&[batch, hidden]), |out| {
        sizes.ungroup(cells.as_slice().unwrap_or_default(), kept, kept - 1, out);
    });
    Ok(LstmPass { output, cell, gates, cells, states })
}

/// What all pieces of the walk share.
struct Forward<'a, T> {
    sizes: Sizes,
    panels: &'a Panels<T>,
    keep: bool,
    /// The products of the inputs, and then the gates.
    gates: Shared<'a, T>,
    cells: Shared<'a, T>,
    states: Shared<'a, T>,
    /// `h` of the step before and of this one, and from row to row of them.
    relay: Shared<'a, T>,
    stride: usize,
    /// The output, if its samples come first.
    copy: Option<Shared<'a, T>>,
}

/// One group of units in one step.
struct ForwardPiece<'a, T> {
    pass: &'a Forward<'a, T>,
    t: usize,
    group: usize,
}

impl<T: Float> WithSimd for ForwardPiece<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { pass, t, group } = self;
        let Sizes { batch, hidden, .. } = pass.sizes;
        let mut scratch = MaybeUninit::<[T; ROWS * WIDTH]>::uninit();
        let scratch = scratch.as_mut_ptr().cast::<T>();
        for top in (0..batch).step_by(ROWS) {
            let rows = ROWS.min(batch - top);
            let h = (t % 2 * batch + top) * pass.stride;
            let h = pass.relay.at(h as isize).cast_const();
            let width = pass.panels.width;
            for (i, panel) in pass.panels.of_group(group).enumerate() {
                let out = scratch.wrapping_add(i * width);
                // SAFETY: the state has these rows, which were written in the step before; the
                // scratch has room for them.
                unsafe {
                    product(simd, [rows, hidden, width], (h, pass.stride), panel, (out, WIDTH));
                }
            }
            // SAFETY: the products wrote all columns of these rows.
            let sums = unsafe { slice::from_raw_parts(scratch, rows * WIDTH) };
            simd.vectorize(
                #[inline(always)]
                || {
                    for (i, sums) in sums.chunks_exact(WIDTH).enumerate() {
                        pass.unit(t, top + i, group, sums);
                    }
                },
            );
        }
    }
}

impl<T: Float> Forward<'_, T> {
    /// The gates of one sample and the units of one group.
    #[inline(always)]
    fn unit(&self, t: usize, n: usize, group: usize, sums: &[T]) {
        let Sizes { steps, batch, hidden, .. } = self.sizes;
        let unit = group * UNITS;
        let count = UNITS.min(hidden - unit);
        // No closures: they would not always be compiled for wide vectors.
        macro_rules! part {
            ($shared:expr, $start:expr, $len:expr) => {
                // SAFETY: a sample's units of this group, in any step, are used by this piece
                // alone; of the relay, others read the half of the step before.
                unsafe { $shared.slice($start, $len) }
            };
        }
        let gates = part!(self.gates, ((group * steps + t) * batch + n) * WIDTH, WIDTH);
        let (all, at) = if self.keep { (steps + 1, t) } else { (1, 0) };
        let cell = ((group * all + at) * batch + n) * UNITS;
        let (mut c, mut h) = ([T::ZERO; UNITS], [T::ZERO; UNITS]);
        let before = part!(self.cells, cell, UNITS);
        let sums = &sums[..WIDTH];
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
        store(part!(self.states, ((t + 1) * batch + n) * hidden + unit, count), &h);
        // The rows of the relay have room for whole groups.
        store(part!(self.relay, ((t + 1) % 2 * batch + n) * self.stride + unit, UNITS), &h);
        if let Some(copy) = self.copy {
            store(part!(copy, (n * steps + t) * hidden + unit, count), &h);
        }
    }
}
