//! Back through time.

use std::mem::MaybeUninit;
use std::slice;

use pulp::{Simd, WithSimd};

use super::super::panels::{Panels, ROWS, Relay, UNITS, product};
use super::super::{PAIR, PARALLEL, Sizes, each, load, product_of, row_of, store};
use super::{GATES, LstmPass, WIDTH};
use crate::layout::Layout;
use crate::linalg::Matrix;
use crate::linalg::shared::Shared;
use crate::simd::dispatch;
use crate::threads::for_each_step;
use crate::{Error, Float, Result, Tensor};

/// The gradients of [`lstm`](crate::lstm) with respect to `x`, `h`, `c`, `W_ih`, `W_hh`, `b_ih` and `b_hh`, each
/// if it is `wanted`, for what it computed and the gradients of its output and of its last cell,
/// where there are any. It must have been told to keep.
///
/// ```
/// use gradus_tensor::{Tensor, lstm, lstm_grad};
/// let x = Tensor::<f32>::ones([5, 2, 3]);
/// let (state, bias) = (Tensor::zeros([2, 4]), Tensor::ones([16]));
/// let weights = [&Tensor::ones([16, 3]), &Tensor::ones([16, 4]), &bias, &bias];
/// let pass = lstm(&x, [&state, &state], weights, true)?;
/// let grads = lstm_grad(&x, weights, &pass, Some(&pass.output), None, [true; 7])?;
/// assert_eq!(grads[4].as_ref().unwrap().shape(), [16, 4]);
/// # Ok::<(), gradus_tensor::Error>(())
/// ```
///
/// # Errors
/// [`Error::Shape`] if the shapes are not those of that pass.
pub fn lstm_grad<T: Float>(
    x: &Tensor<T>,
    weights: [&Tensor<T>; 4],
    pass: &LstmPass<T>,
    grad_output: Option<&Tensor<T>>,
    grad_cell: Option<&Tensor<T>>,
    wanted: [bool; 7],
) -> Result<[Option<Tensor<T>>; 7]> {
    let op = "lstm_grad";
    let sizes = Sizes::check(op, GATES, x, &[&pass.cell], weights)?;
    let Sizes { steps, batch, inputs, hidden } = sizes;
    let (rows, width) = (steps * batch, GATES * hidden);
    for (what, got, wanted) in [
        ("of the output", grad_output.map(Tensor::shape), &[steps, batch, hidden][..]),
        ("of the cell", grad_cell.map(Tensor::shape), &[batch, hidden]),
        ("kept", Some(pass.cells.shape()), &[sizes.groups(), steps + 1, batch, UNITS]),
    ] {
        if let Some(got) = got.filter(|&got| got != wanted) {
            return Err(Error::shape(op, got, format!("{wanted:?}, {what}")));
        }
    }
    let [x, w_ih, w_hh] = [x, weights[0], weights[1]].map(Tensor::contiguous);
    let [x, w_ih, w_hh] = [&x, &w_ih, &w_hh].map(|t| t.as_slice().unwrap_or_default());
    // Along the units it must have no gaps.
    let grad_output =
        grad_output.map(|g| if g.strides()[2] == 1 { g.clone() } else { g.contiguous() });

    let mut grads = Tensor::build(Layout::checked(op, &[rows, width])?, |_| ());
    let mut cell = match grad_cell {
        Some(grad) => grad.contiguous(),
        None => Tensor::zeros([batch, hidden]),
    };
    let mut first = Tensor::build(Layout::contiguous(&[batch, hidden]), |_| ());
    let mut bias = Tensor::zeros([width]);
    let panels = Panels::of_units(w_hh, GATES, hidden);
    let mut relay = Relay::new(batch, width);
    let walk = Backward {
        sizes,
        panels: &panels,
        gates: pass.gates.as_slice().unwrap_or_default(),
        cells: pass.cells.as_slice().unwrap_or_default(),
        output: grad_output.as_ref(),
        grads: Shared::new(grads.as_mut_slice()),
        stride: relay.stride,
        relay: Shared::new(relay.values.as_mut_slice()),
        cell: Shared::new(cell.as_mut_slice()),
        first: Shared::new(first.as_mut_slice()),
        bias: Shared::new(bias.as_mut_slice()),
    };
    // The gradient of the first state is a step of its own.
    let count = steps + usize::from(wanted[1]);
    let parallel = batch * hidden * width >= PARALLEL;
    for_each_step(count, hidden.div_ceil(PAIR), parallel, |s, panel| {
        dispatch(BackwardPiece { walk: &walk, s, panel });
    });

    let ga = grads.as_slice().unwrap_or_default();
    let a = Matrix::rows(ga, width);
    let states = pass.states.as_slice().unwrap_or_default();
    let dx = || product_of(op, &[steps, batch, inputs], a, Matrix::rows(w_ih, inputs), width);
    let dw_ih = || product_of(op, &[width, inputs], a.transposed(), Matrix::rows(x, inputs), rows);
    let dw_hh =
        || product_of(op, &[width, hidden], a.transposed(), Matrix::rows(states, hidden), rows);
    Ok([
        wanted[0].then(dx).transpose()?,
        wanted[1].then_some(first),
        wanted[2].then_some(cell),
        wanted[3].then(dw_ih).transpose()?,
        wanted[4].then(dw_hh).transpose()?,
        wanted[5].then(|| bias.clone()),
        wanted[6].then(|| bias.clone()),
    ])
}

/// What all pieces of the walk backward share.
struct Backward<'a, T: Float> {
    sizes: Sizes,
    panels: &'a Panels<T>,
    gates: &'a [T],
    cells: &'a [T],
    output: Option<&'a Tensor<T>>,
    /// `ā`
    grads: Shared<'a, T>,
    /// `ā` of the step behind and of this one, and from row to row of them.
    relay: Shared<'a, T>,
    stride: usize,
    /// `c̄ f`: what the step before gets.
    cell: Shared<'a, T>,
    /// The gradient of the first state.
    first: Shared<'a, T>,
    bias: Shared<'a, T>,
}

/// Two groups of units in one step, counted from the last.
struct BackwardPiece<'a, T: Float> {
    walk: &'a Backward<'a, T>,
    s: usize,
    panel: usize,
}

impl<T: Float> WithSimd for BackwardPiece<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { walk, s, panel } = self;
        let Sizes { steps, batch, hidden, .. } = walk.sizes;
        let mut scratch = MaybeUninit::<[T; ROWS * PAIR]>::uninit();
        let scratch = scratch.as_mut_ptr().cast::<T>();
        for top in (0..batch).step_by(ROWS) {
            let rows = ROWS.min(batch - top);
            if s > 0 {
                let k = walk.panels.k;
                let a = (s % 2 * batch + top) * walk.stride;
                let a = walk.relay.at(a as isize).cast_const();
                let panel = walk.panels.panel(panel);
                // SAFETY: these rows were written in the step before; the scratch has room.
                unsafe { product(simd, [rows, k, PAIR], (a, walk.stride), panel, (scratch, PAIR)) };
            } else {
                // SAFETY: the scratch has room.
                (0..rows * PAIR).for_each(|i| unsafe { *scratch.add(i) = T::ZERO });
            }
            // SAFETY: all columns of these rows are written.
            let sums = unsafe { slice::from_raw_parts(scratch, rows * PAIR) };
            for half in 0..2 {
                let group = 2 * panel + half;
                if group * UNITS >= hidden {
                    break;
                }
                simd.vectorize(
                    #[inline(always)]
                    || match s < steps {
                        true => walk.units(s, top, group, &sums[half * UNITS..]),
                        false => walk.start(top, rows, group, &sums[half * UNITS..]),
                    },
                );
            }
        }
    }
}

impl<T: Float> Backward<'_, T> {
    /// The gates of a group, for up to [`ROWS`] samples.
    #[inline(always)]
    fn units(&self, s: usize, top: usize, group: usize, sums: &[T]) {
        let Sizes { steps, batch, hidden, .. } = self.sizes;
        let (t, unit) = (steps - 1 - s, group * UNITS);
        let count = UNITS.min(hidden - unit);
        // No closures: they would not always be compiled for wide vectors.
        macro_rules! part {
            ($shared:expr, $row:expr) => {
                // SAFETY: a sample's units of this group are used by this piece alone.
                unsafe { $shared.slice($row * hidden + unit, count) }
            };
        }
        let one = T::ONE;
        let mut total_i = load(part!(self.bias, 0));
        let mut total_f = load(part!(self.bias, 1));
        let mut total_g = load(part!(self.bias, 2));
        let mut total_o = load(part!(self.bias, 3));
        let gates = &self.gates[(group * steps + t) * batch * WIDTH..][..batch * WIDTH];
        let cells = &self.cells[(group * (steps + 1) + t) * batch * UNITS..];
        for (n, sums) in (top..batch.min(top + ROWS)).zip(sums.chunks(PAIR)) {
            let row = t * batch + n;
            let gates = &gates[n * WIDTH..][..WIDTH];
            let (i, f) = (load(gates), load(&gates[UNITS..]));
            let (g, o) = (load(&gates[2 * UNITS..]), load(&gates[3 * UNITS..]));
            let before = load(&cells[n * UNITS..]);
            let after = load(&cells[(batch + n) * UNITS..]);
            let carried = load(part!(self.cell, n));
            let mut h = load(&sums[..UNITS]);
            if let Some(output) = self.output {
                let y = load(&row_of(output, t, n)[unit..][..count]);
                h = each!(|j| h[j] + y[j]);
            }
            macro_rules! hand {
                ($i:literal, $gate:ident) => {
                    store(part!(self.grads, (row * GATES + $i)), &$gate);
                    let next = ((s + 1) % 2 * batch + n) * self.stride + $i * hidden + unit;
                    // SAFETY: as above; others read those of the step behind.
                    store(unsafe { self.relay.slice(next, count) }, &$gate);
                };
            }
            let tau = each!(|j| after[j].tanh());
            let c = each!(|j| carried[j] + h[j] * o[j] * (one - tau[j] * tau[j]));
            store(part!(self.cell, n), &each!(|j| c[j] * f[j]));
            let ai = each!(|j| c[j] * g[j] * (i[j] * (one - i[j])));
            let af = each!(|j| c[j] * before[j] * (f[j] * (one - f[j])));
            let ag = each!(|j| c[j] * i[j] * (one - g[j] * g[j]));
            let ao = each!(|j| h[j] * tau[j] * (o[j] * (one - o[j])));
            hand!(0, ai);
            hand!(1, af);
            hand!(2, ag);
            hand!(3, ao);
            total_i = each!(|j| total_i[j] + ai[j]);
            total_f = each!(|j| total_f[j] + af[j]);
            total_g = each!(|j| total_g[j] + ag[j]);
            total_o = each!(|j| total_o[j] + ao[j]);
        }
        store(part!(self.bias, 0), &total_i);
        store(part!(self.bias, 1), &total_f);
        store(part!(self.bias, 2), &total_g);
        store(part!(self.bias, 3), &total_o);
    }

    /// The gradient of the first state.
    #[inline(always)]
    fn start(&self, top: usize, rows: usize, group: usize, sums: &[T]) {
        let (hidden, unit) = (self.sizes.hidden, group * UNITS);
        let count = UNITS.min(hidden - unit);
        for (n, sums) in (top..top + rows).zip(sums.chunks(PAIR)) {
            // SAFETY: a sample's units of this group are used by this piece alone.
            let out = unsafe { self.first.slice(n * hidden + unit, count) };
            out.copy_from_slice(&sums[..count]);
        }
    }
}
