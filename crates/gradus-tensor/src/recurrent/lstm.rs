//! Long short-term memory, a whole sequence at once.
//!
//! With `a = W_ih x_t + b_ih + W_hh h_{t-1} + b_hh` of `4 · hidden` numbers, in the order of the gates
//! `i, f, g, o`:
//!
//! `i, f, o = σ(a_i), σ(a_f), σ(a_o)`, `g = tanh(a_g)`, `c_t = f c_{t-1} + i g`, `h_t = o tanh(c_t)`
//!
//! (Hochreiter and Schmidhuber, *Long short-term memory*, 1997; with the forget gate of Gers,
//! Schmidhuber and Cummins, *Learning to forget*, 2000.) Backward through time, with
//! `h̄_t = ȳ_t + ā_{t+1} W_hh` and `τ = tanh(c_t)`:
//!
//! `c̄_t = c̄_{t+1} f_{t+1} + h̄ o (1 - τ²)`, `ā_o = h̄ τ o (1 - o)`, `ā_i = c̄ g i (1 - i)`,
//! `ā_f = c̄ c_{t-1} f (1 - f)`, `ā_g = c̄ i (1 - g²)`
//!
//! and over all steps `W̄_hh = Σ ā_tᵀ h_{t-1}`, `W̄_ih = Σ ā_tᵀ x_t`, `x̄_t = ā_t W_ih`, `b̄ = Σ ā_t`.

use std::mem::MaybeUninit;
use std::slice;

use pulp::{Simd, WithSimd};

use super::panels::{Panels, ROWS, Relay, UNITS, product};
use super::{PARALLEL, Sizes, each, load, store};
use crate::layout::Layout;
use crate::linalg::shared::Shared;
use crate::linalg::{Epilogue, Matrix, MatrixMut, gemm};
use crate::simd::dispatch;
use crate::threads::for_each_step;
use crate::{Error, Float, Result, Tensor};

/// Gates of a unit.
const GATES: usize = 4;

/// What [`lstm`] computed.
#[derive(Debug, Clone)]
pub struct LstmPass<T: Float> {
    /// `h` of every step, `[T, N, hidden]`.
    pub output: Tensor<T>,
    /// `c` of the last step, `[N, hidden]`.
    pub cell: Tensor<T>,
    /// The gates of every step, `[T · N, 4 · hidden]`; of no meaning if they were not to be kept.
    gates: Tensor<T>,
    /// `c`, from the first state on: `[T + 1, N, hidden]` if it was to be kept.
    cells: Tensor<T>,
    /// `h`, from the first state on: `[T + 1, N, hidden]`.
    states: Tensor<T>,
}

/// A layer of long short-term memory over a sequence `x` of `[T, N, in]`, from the state
/// `[h, c]`, each `[N, hidden]`, with the weights `W_ih` of `[4 · hidden, in]`, `W_hh` of
/// `[4 · hidden, hidden]`, and two biases of `[4 · hidden]`. The gates are in the order `i, f, g, o`.
///
/// `keep` tells whether [`lstm_grad`] will follow.
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
/// [`Error::Shape`] if there is no step, or the shapes do not fit.
pub fn lstm<T: Float>(
    x: &Tensor<T>,
    [h, c]: [&Tensor<T>; 2],
    weights: [&Tensor<T>; 4],
    keep: bool,
) -> Result<LstmPass<T>> {
    let sizes = Sizes::check("lstm", GATES, x, &[h, c], weights)?;
    let Sizes { steps, batch, inputs, hidden } = sizes;
    let layout = sizes.output(x);
    let [x, h, c] = [x, h, c].map(Tensor::contiguous);
    let [w_ih, w_hh, ..] = weights.map(Tensor::contiguous);
    let bias = weights[2].add(weights[3])?.contiguous();
    let [x, h, c, w_ih, w_hh, bias] =
        [&x, &h, &c, &w_ih, &w_hh, &bias].map(|t| t.as_slice().unwrap_or_default());

    let (rows, width, size) = (steps * batch, GATES * hidden, batch * hidden);
    let mut gates = Tensor::build(Layout::checked("lstm", &[rows, width])?, |out| {
        let epilogue = Epilogue { bias: Some(bias), ..Epilogue::default() };
        let (x, w) = (Matrix::rows(x, inputs), Matrix::rows(w_ih, inputs).transposed());
        gemm([rows, inputs, width], x, w, MatrixMut::rows(out, width), epilogue, true);
    });
    let from = |first: &[T], steps: usize| {
        let layout = Layout::checked("lstm", &[steps, batch, hidden])?;
        Ok::<_, Error>(Tensor::build(layout, |out| out[..size].copy_from_slice(first)))
    };
    let mut states = from(h, steps + 1)?;
    let mut cells = from(c, if keep { steps + 1 } else { 1 })?;
    let samples_first = !layout.is_contiguous();
    let mut copy = samples_first.then(|| Tensor::build(layout, |_| ()));

    let panels = Panels::of_gates(w_hh, GATES, 2, hidden);
    let mut relay = Relay::new(batch, hidden);
    let stride = relay.stride;
    let start = relay.values.as_mut_slice().chunks_exact_mut(stride);
    start.zip(h.chunks_exact(hidden.max(1))).for_each(|(to, h)| to[..hidden].copy_from_slice(h));
    let pass = Forward {
        sizes,
        panels: &panels,
        keep,
        gates: Shared::new(gates.as_mut_slice()),
        cells: Shared::new(cells.as_mut_slice()),
        states: Shared::new(states.as_mut_slice()),
        relay: Shared::new(relay.values.as_mut_slice()),
        stride,
        copy: copy.as_mut().map(|copy| Shared::new(copy.as_dense_mut())),
    };
    let parallel = batch * hidden * width >= PARALLEL;
    for_each_step(steps, sizes.groups(), parallel, |t, group| {
        dispatch(ForwardPiece { pass: &pass, t, group });
    });
    let output = match copy {
        Some(copy) => copy,
        None => states.slice(0, 1..)?,
    };
    let cell = cells.index(0, cells.shape()[0] - 1)?;
    Ok(LstmPass { output, cell, gates, cells, states })
}

/// What all pieces of the walk forward share.
struct Forward<'a, T> {
    sizes: Sizes,
    panels: &'a Panels<T>,
    keep: bool,
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
        const WIDTH: usize = GATES * UNITS;
        let Self { pass, t, group } = self;
        let Sizes { batch, hidden, .. } = pass.sizes;
        let mut scratch = MaybeUninit::<[T; ROWS * WIDTH]>::uninit();
        let scratch = scratch.as_mut_ptr().cast::<T>();
        for top in (0..batch).step_by(ROWS) {
            let rows = ROWS.min(batch - top);
            let h = (t % 2 * batch + top) * pass.stride;
            let h = pass.relay.at(h as isize).cast_const();
            for half in 0..2 {
                let panel = pass.panels.panel(2 * group + half);
                let sizes = [rows, hidden, pass.panels.width];
                let out = scratch.wrapping_add(half * pass.panels.width);
                // SAFETY: the state has these rows, which were written in the step before;
                // the scratch has room for them.
                unsafe { product(simd, sizes, (h, pass.stride), panel, (out, WIDTH)) };
            }
            // SAFETY: the two products wrote all columns of these rows.
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
        let row = t * batch + n;
        // No closures: they would not always be compiled for wide vectors.
        macro_rules! part {
            ($shared:expr, $row:expr) => {
                // SAFETY: a sample's units of this group, in any step, are used by this piece
                // alone, but for the states of earlier steps, which are not used here.
                unsafe { $shared.slice($row * hidden + unit, count) }
            };
        }
        let sums = &sums[..GATES * UNITS];
        macro_rules! gate {
            ($i:literal) => {{
                let input = load(part!(self.gates, (row * GATES + $i)));
                each!(|j| input[j] + sums[$i * UNITS + j])
            }};
        }
        let (ai, af, ag, ao) = (gate!(0), gate!(1), gate!(2), gate!(3));
        let i = each!(|j| ai[j].sigmoid());
        let f = each!(|j| af[j].sigmoid());
        let g = each!(|j| ag[j].tanh());
        let o = each!(|j| ao[j].sigmoid());
        let before = load(part!(self.cells, if self.keep { row } else { n }));
        let c = each!(|j| f[j] * before[j] + i[j] * g[j]);
        let h = each!(|j| o[j] * c[j].tanh());
        store(part!(self.cells, if self.keep { row + batch } else { n }), &c);
        store(part!(self.states, (row + batch)), &h);
        let next = ((t + 1) % 2 * batch + n) * self.stride + unit;
        // SAFETY: as above; the states that others read meanwhile are those of the step before.
        store(unsafe { self.relay.slice(next, count) }, &h);
        if let Some(copy) = self.copy {
            store(part!(copy, (n * steps + t)), &h);
        }
        if self.keep {
            store(part!(self.gates, (row * GATES)), &i);
            store(part!(self.gates, (row * GATES + 1)), &f);
            store(part!(self.gates, (row * GATES + 2)), &g);
            store(part!(self.gates, (row * GATES + 3)), &o);
        }
    }
}

/// The gradients of [`lstm`] with respect to `x`, `h`, `c`, `W_ih`, `W_hh`, `b_ih` and `b_hh`, each
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
        ("kept", Some(pass.cells.shape()), &[steps + 1, batch, hidden]),
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
    for_each_step(count, hidden.div_ceil(2 * UNITS), parallel, |s, panel| {
        dispatch(BackwardPiece { walk: &walk, s, panel });
    });

    let ga = grads.as_slice().unwrap_or_default();
    let product = |shape: &[usize], a: Matrix<'_, T>, b: Matrix<'_, T>, k: usize| {
        let (n, len) = (shape[shape.len() - 1], shape.iter().product::<usize>());
        let m = if n == 0 { 0 } else { len / n };
        Ok::<_, Error>(Tensor::build(Layout::checked(op, shape)?, |out| {
            gemm([m, k, n], a, b, MatrixMut::rows(out, n), Epilogue::adding(false), true);
        }))
    };
    let a = Matrix::rows(ga, width);
    let states = pass.states.as_slice().unwrap_or_default();
    let dx = || product(&[steps, batch, inputs], a, Matrix::rows(w_ih, inputs), width);
    let dw_ih = || product(&[width, inputs], a.transposed(), Matrix::rows(x, inputs), rows);
    let dw_hh = || product(&[width, hidden], a.transposed(), Matrix::rows(states, hidden), rows);
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
        const WIDTH: usize = 2 * UNITS;
        let Self { walk, s, panel } = self;
        let Sizes { steps, batch, hidden, .. } = walk.sizes;
        let mut scratch = MaybeUninit::<[T; ROWS * WIDTH]>::uninit();
        let scratch = scratch.as_mut_ptr().cast::<T>();
        for top in (0..batch).step_by(ROWS) {
            let rows = ROWS.min(batch - top);
            if s > 0 {
                let k = walk.panels.k;
                let a = (s % 2 * batch + top) * walk.stride;
                let a = walk.relay.at(a as isize).cast_const();
                let panel = walk.panels.panel(panel);
                // SAFETY: these rows were written in the step before; the scratch has room.
                unsafe {
                    product(simd, [rows, k, WIDTH], (a, walk.stride), panel, (scratch, WIDTH))
                };
            } else {
                // SAFETY: the scratch has room.
                (0..rows * WIDTH).for_each(|i| unsafe { *scratch.add(i) = T::ZERO });
            }
            // SAFETY: all columns of these rows are written.
            let sums = unsafe { slice::from_raw_parts(scratch, rows * WIDTH) };
            for half in 0..2 {
                let unit = panel * WIDTH + half * UNITS;
                if unit >= hidden {
                    break;
                }
                simd.vectorize(
                    #[inline(always)]
                    || match s < steps {
                        true => walk.units(s, top, unit, &sums[half * UNITS..]),
                        false => walk.start(top, rows, unit, &sums[half * UNITS..]),
                    },
                );
            }
        }
    }
}

impl<T: Float> Backward<'_, T> {
    /// The gates of a group, for up to [`ROWS`] samples.
    #[inline(always)]
    fn units(&self, s: usize, top: usize, unit: usize, sums: &[T]) {
        let Sizes { steps, batch, hidden, .. } = self.sizes;
        let t = steps - 1 - s;
        let count = UNITS.min(hidden - unit);
        // No closures: they would not always be compiled for wide vectors.
        macro_rules! part {
            ($shared:expr, $row:expr) => {
                // SAFETY: a sample's units of this group are used by this piece alone.
                unsafe { $shared.slice($row * hidden + unit, count) }
            };
        }
        macro_rules! kept {
            ($values:expr, $row:expr) => {
                load(&$values[$row * hidden + unit..][..count])
            };
        }
        let one = T::ONE;
        let mut total_i = load(part!(self.bias, 0));
        let mut total_f = load(part!(self.bias, 1));
        let mut total_g = load(part!(self.bias, 2));
        let mut total_o = load(part!(self.bias, 3));
        for (n, sums) in (top..batch.min(top + ROWS)).zip(sums.chunks(2 * UNITS)) {
            let row = t * batch + n;
            let i = kept!(self.gates, (row * GATES));
            let f = kept!(self.gates, (row * GATES + 1));
            let g = kept!(self.gates, (row * GATES + 2));
            let o = kept!(self.gates, (row * GATES + 3));
            let (before, after) = (kept!(self.cells, row), kept!(self.cells, (row + batch)));
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
    fn start(&self, top: usize, rows: usize, unit: usize, sums: &[T]) {
        let hidden = self.sizes.hidden;
        let count = UNITS.min(hidden - unit);
        for (n, sums) in (top..top + rows).zip(sums.chunks(2 * UNITS)) {
            // SAFETY: a sample's units of this group are used by this piece alone.
            let out = unsafe { self.first.slice(n * hidden + unit, count) };
            out.copy_from_slice(&sums[..count]);
        }
    }
}

/// The units of one step and sample, which lie side by side.
#[inline(always)]
fn row_of<T: Float>(x: &Tensor<T>, t: usize, n: usize) -> &[T] {
    let step = t as isize * x.strides()[0] + n as isize * x.strides()[1];
    &x.buffer.as_slice()[(x.layout.offset as isize + step) as usize..][..x.shape()[2]]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Rng, threads};

    fn normal<T: Float>(shape: &[usize], seed: u64) -> Tensor<T> {
        let x = Tensor::normal(shape, 0.0, 0.5, &mut Rng::new(seed)).unwrap();
        Tensor::<f64>::map(&x, |x| x).map(T::from_f64)
    }

    /// Output, last cell and all gradients.
    fn run<T: Float>([steps, batch, inputs, hidden]: [usize; 4], first: bool) -> Vec<Tensor<T>> {
        let sequence = |features: usize, seed: u64| match first {
            true => normal(&[batch, steps, features], seed).transpose(0, 1).unwrap(),
            false => normal(&[steps, batch, features], seed),
        };
        let x = sequence(inputs, 1);
        let [h, c] = [2, 3].map(|seed| normal(&[batch, hidden], seed));
        let rows = GATES * hidden;
        let weights = [normal(&[rows, inputs], 4), normal(&[rows, hidden], 5)];
        let biases = [normal(&[rows], 6), normal(&[rows], 7)];
        let weights = [&weights[0], &weights[1], &biases[0], &biases[1]];
        let pass = lstm(&x, [&h, &c], weights, true).unwrap();
        let short = lstm(&x, [&h, &c], weights, false).unwrap();
        assert!(short.output == pass.output && short.cell == pass.cell);
        let (dy, dc) = (sequence(hidden, 8), normal(&[batch, hidden], 9));
        let grads = lstm_grad(&x, weights, &pass, Some(&dy), Some(&dc), [true; 7]).unwrap();
        let grads = grads.into_iter().map(Option::unwrap);
        [pass.output, pass.cell].into_iter().chain(grads).collect()
    }

    #[test]
    fn singles_are_near_doubles_and_threads_change_no_bits() {
        for sizes in [
            [1, 1, 1, 1],
            [3, 2, 5, 7],
            [4, 1, 3, 16],
            [2, 3, 4, 33],
            [3, 50, 2, 20],
            [2, 13, 9, 48],
            [3, 100, 1, 100],
            [2, 2, 2, 300],
            [2, 0, 3, 4],
            [2, 3, 0, 4],
            [2, 3, 4, 0],
        ] {
            for first in [false, true] {
                let one = threads::with_count(1, || run::<f32>(sizes, first)).unwrap();
                let three = threads::with_count(3, || run::<f32>(sizes, first)).unwrap();
                assert!(one == three, "threads change bits for {sizes:?}");
                for (i, (one, exact)) in one.iter().zip(run::<f64>(sizes, first)).enumerate() {
                    assert_eq!(one.shape(), exact.shape());
                    let far = |a: f32, b: f64| {
                        let gap = (f64::from(a) - b).abs();
                        gap.is_nan() || gap > 2e-5 * (1.0 + b.abs())
                    };
                    let pairs = one.to_vec().into_iter().zip(exact.to_vec());
                    for (a, b) in pairs {
                        assert!(!far(a, b), "{sizes:?}, result {i}: {a} instead of {b}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let of = |shape: &[usize]| Tensor::<f32>::zeros(shape);
        let says = |x: &[usize], state: &[usize], w: [&[usize]; 4], text: &str| {
            let (x, state, w) = (of(x), of(state), w.map(of));
            let error = lstm(&x, [&state, &state], w.each_ref(), false).unwrap_err().to_string();
            assert_eq!(error, text);
        };
        let w: [&[usize]; 4] = [&[8, 3], &[8, 2], &[8], &[8]];
        says(
            &[5, 3],
            &[4, 2],
            w,
            "lstm: got shape [5, 3], wanted a sequence [steps, samples, features]",
        );
        says(&[0, 4, 3], &[4, 2], w, "lstm: got shape [0, 4, 3], wanted at least one step");
        says(&[5, 4, 2], &[4, 2], w, "lstm: got shape [8, 3], wanted input weights [8, 2]");
        says(
            &[5, 4, 3],
            &[3, 2],
            w,
            "lstm: got shape [3, 2], wanted a first state [samples, hidden] = [4, 2]",
        );
        let odd: [&[usize]; 4] = [&[8, 3], &[6, 2], &[8], &[8]];
        says(
            &[5, 4, 3],
            &[4, 2],
            odd,
            "lstm: got shape [6, 2], wanted recurrent weights [4 hidden, hidden]",
        );
        let odd: [&[usize]; 4] = [&[8, 3], &[8, 2], &[8], &[2]];
        says(&[5, 4, 3], &[4, 2], odd, "lstm: got shape [2], wanted a bias [8]");
    }
}
