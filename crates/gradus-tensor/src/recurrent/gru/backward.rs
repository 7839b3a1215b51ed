//! Back through time.

use std::ops::Range;

use super::super::panels::{Panels, Relay, UNITS};
use super::super::walk::{Track, Walk, walk};
use super::super::{PAIR, PARALLEL, Sizes, load, product_of, row_of, store, with_units_together};
use super::{GATES, GruPass, WIDTH};
use crate::layout::Layout;
use crate::linalg::shared::Shared;
use crate::linalg::{Epilogue, Matrix, MatrixMut, gemm};
use crate::{Error, Float, Result, Tensor, concrete};

/// The gradients of the gates: `ā_r, ā_z, ā_n` and `ū_n`. The first three are those of `a`; all but
/// the third are those of `u`.
const PARTS: usize = 4;

/// The gradients of [`gru`](crate::gru) with respect to `x`, `h`, `W_ih`, `W_hh`, `b_ih` and `b_hh`,
/// each if it is `wanted`, for what it computed and the gradient of its output. It must have been
/// told to keep.
///
/// ```
/// use gradus_tensor::{Tensor, gru, gru_grad};
/// let x = Tensor::<f32>::ones([5, 2, 3]);
/// let (h, bias) = (Tensor::zeros([2, 4]), Tensor::ones([12]));
/// let weights = [&Tensor::ones([12, 3]), &Tensor::ones([12, 4]), &bias, &bias];
/// let pass = gru(&x, &h, weights, true)?;
/// let grads = gru_grad(&x, weights, &pass, &pass.output, [true; 6])?;
/// assert_eq!(grads[3].as_ref().unwrap().shape(), [12, 4]);
/// # Ok::<(), gradus_tensor::Error>(())
/// ```
///
/// # Errors
/// [`Error::Shape`] if the shapes are not those of that pass.
pub fn gru_grad<T: Float>(
    x: &Tensor<T>,
    weights: [&Tensor<T>; 4],
    pass: &GruPass<T>,
    grad_output: &Tensor<T>,
    wanted: [bool; 6],
) -> Result<[Option<Tensor<T>>; 6]> {
    type Kernel<T> = fn(
        &Tensor<T>,
        [&Tensor<T>; 4],
        &GruPass<T>,
        &Tensor<T>,
        [bool; 6],
    ) -> Result<[Option<Tensor<T>>; 6]>;
    concrete!(all_steps_grad: Kernel<T>)(x, weights, pass, grad_output, wanted)
}

fn all_steps_grad<T: Float>(
    x: &Tensor<T>,
    weights: [&Tensor<T>; 4],
    pass: &GruPass<T>,
    grad_output: &Tensor<T>,
    wanted: [bool; 6],
) -> Result<[Option<Tensor<T>>; 6]> {
    let op = "gru_grad";
    let sizes = Sizes::check(op, GATES, x, &[], weights)?;
    let Sizes { steps, batch, inputs, hidden } = sizes;
    let (rows, width, columns) = (steps * batch, GATES * hidden, PARTS * hidden);
    for (what, got, wanted) in [
        ("of the output", grad_output.shape(), [steps, batch, hidden].as_slice()),
        ("of the pass", pass.output.shape(), &[steps, batch, hidden]),
        ("kept", pass.inner.shape(), &[sizes.groups(), steps, batch, UNITS]),
    ] {
        if got != wanted {
            return Err(Error::shape(op, got, format!("{wanted:?}, {what}")));
        }
    }
    let [x, w_ih, w_hh] = [x, weights[0], weights[1]].map(Tensor::contiguous);
    let [x, w_ih, w_hh] = [&x, &w_ih, &w_hh].map(|t| t.as_slice().unwrap_or_default());
    let states = pass.states.as_slice().unwrap_or_default();
    let output = with_units_together(grad_output);

    let mut grads = Tensor::build(Layout::checked(op, &[rows, columns])?, |_| ());
    let mut state = Tensor::zeros([sizes.groups(), batch, UNITS]);
    let mut bias = Tensor::zeros([PARTS, sizes.groups() * UNITS]);
    let panels = Panels::of_columns(w_hh, GATES, hidden, hidden);
    let mut relay = Relay::new(batch, GATES * sizes.groups() * UNITS);
    let back = Backward {
        sizes,
        track: Track::new(&panels, &mut relay, batch, true),
        gates: pass.gates.as_slice().unwrap_or_default(),
        inner: pass.inner.as_slice().unwrap_or_default(),
        states,
        output: &output,
        grads: Shared::new(grads.as_mut_slice()),
        state: Shared::new(state.as_mut_slice()),
        bias: Shared::new(bias.as_mut_slice()),
    };
    // The gradient of the first state is a step of its own.
    let count = steps + usize::from(wanted[1]);
    walk(&back, count, hidden.div_ceil(PAIR), batch * hidden * width >= PARALLEL);

    let grads = grads.as_slice().unwrap_or_default();
    let a = Matrix::rows(grads, columns);
    let dx = || product_of(op, &[steps, batch, inputs], a, Matrix::rows(w_ih, inputs), width);
    let dw_ih = || product_of(op, &[width, inputs], a.transposed(), Matrix::rows(x, inputs), rows);
    // What is the gradient of `u` does not lie side by side: two gates, and the last one.
    let dw_hh = || {
        let layout = Layout::checked(op, &[width, hidden])?;
        let (two, h) = (2 * hidden, Matrix::rows(states, hidden));
        Ok::<_, Error>(Tensor::build(layout, |out| {
            let (outer, inner) = out.split_at_mut(two * hidden);
            for (m, first, out) in [(two, 0, outer), (hidden, width, inner)] {
                let u = Matrix { offset: first, ..a.transposed() };
                let out = MatrixMut::rows(out, hidden);
                gemm([m, rows, hidden], u, h, out, Epilogue::adding(false), true);
            }
        }))
    };
    let dh = || {
        Tensor::build(Layout::contiguous(&[batch, hidden]), |out| {
            sizes.ungroup(state.as_slice().unwrap_or_default(), 1, 0, out);
        })
    };
    let bias = bias.slice(1, ..hidden)?.contiguous().reshape([columns])?;
    let db_hh = || Tensor::concat(&[&bias.slice(0, ..2 * hidden)?, &bias.slice(0, width..)?], 0);
    Ok([
        wanted[0].then(dx).transpose()?,
        wanted[1].then(dh),
        wanted[2].then(dw_ih).transpose()?,
        wanted[3].then(dw_hh).transpose()?,
        wanted[4].then(|| bias.slice(0, ..width)).transpose()?,
        wanted[5].then(db_hh).transpose()?,
    ])
}

/// What all pieces of the walk backward share.
struct Backward<'a, T: Float> {
    sizes: Sizes,
    track: Track<'a, T>,
    gates: &'a [T],
    inner: &'a [T],
    states: &'a [T],
    output: &'a Tensor<T>,
    /// `ā` and `ū_n`
    grads: Shared<'a, T>,
    /// `h̄ z`: what the step before gets; in the end the gradient of the first state. In groups.
    state: Shared<'a, T>,
    /// The sums of `ā` and `ū_n` over all steps and samples.
    bias: Shared<'a, T>,
}

impl<T: Float> Walk<T> for Backward<'_, T> {
    fn track(&self) -> Track<'_, T> {
        self.track
    }

    #[inline(always)]
    fn follow(&self, s: usize, rows: Range<usize>, pair: usize, sums: &[T]) {
        for (group, sums) in self.sizes.pair(pair, sums) {
            match s < self.sizes.steps {
                true => self.units(s, rows.clone(), group, sums),
                false => self.start(rows.clone(), group, sums),
            }
        }
    }
}

impl<T: Float> Backward<'_, T> {
    /// The gates of a group, for some samples.
    #[inline(always)]
    fn units(&self, s: usize, samples: Range<usize>, group: usize, sums: &[T]) {
        let Sizes { steps, batch, hidden, .. } = self.sizes;
        let (t, unit, groups) = (steps - 1 - s, group * UNITS, self.sizes.groups());
        let count = UNITS.min(hidden - unit);
        // No closures: they would not always be compiled for wide vectors.
        macro_rules! part {
            ($shared:expr, $start:expr, $len:expr) => {
                // SAFETY: a sample's units of this group are used by this piece alone.
                unsafe { $shared.slice($start, $len) }
            };
        }
        let one = T::ONE;
        let mut totals = [[T::ZERO; UNITS]; PARTS];
        let kept = (group * steps + t) * batch;
        for (sample, sums) in samples.zip(sums.chunks(PAIR)) {
            let row = t * batch + sample;
            let gates = &self.gates[(kept + sample) * WIDTH..][..WIDTH];
            let inner = &self.inner[(kept + sample) * UNITS..][..UNITS];
            let carried = part!(self.state, (group * batch + sample) * UNITS, UNITS);
            let sums = &sums[..UNITS];
            let mut rooms = [[T::ZERO; UNITS]; 2];
            let [room, other] = &mut rooms;
            let before = load(&self.states[row * hidden + unit..][..count], room);
            let given = load(&row_of(self.output, t, sample)[unit..][..count], other);
            let mut a = [[T::ZERO; UNITS]; PARTS];
            // One loop: what passes between several would go through memory.
            for j in 0..UNITS {
                let (r, z, n) = (gates[j], gates[UNITS + j], gates[2 * UNITS + j]);
                let h = sums[j] + carried[j] + given[j];
                carried[j] = h * z;
                let new = h * (one - z) * (one - n * n);
                a[0][j] = new * inner[j] * (r * (one - r));
                a[1][j] = h * (before[j] - n) * (z * (one - z));
                a[2][j] = new;
                a[3][j] = new * r;
                totals[0][j] += a[0][j];
                totals[1][j] += a[1][j];
                totals[2][j] += a[2][j];
                totals[3][j] += a[3][j];
            }
            for (part, a) in a.iter().enumerate() {
                store(part!(self.grads, (row * PARTS + part) * hidden + unit, count), a);
            }
            for (gate, part) in [0, 1, 3].into_iter().enumerate() {
                // SAFETY: as above.
                let next =
                    unsafe { self.track.next(s, sample, gate * groups * UNITS + unit, UNITS) };
                store(next, &a[part]);
            }
        }
        for (part, totals) in totals.iter().enumerate() {
            let sums = part!(self.bias, (part * groups + group) * UNITS, UNITS);
            sums.iter_mut().zip(totals).for_each(|(sum, total)| *sum += *total);
        }
    }

    /// The gradient of the first state.
    #[inline(always)]
    fn start(&self, samples: Range<usize>, group: usize, sums: &[T]) {
        for (n, sums) in samples.zip(sums.chunks(PAIR)) {
            // SAFETY: a sample's units of this group are used by this piece alone.
            let state = unsafe { self.state.slice((group * self.sizes.batch + n) * UNITS, UNITS) };
            state.iter_mut().zip(sums).for_each(|(state, &sum)| *state += sum);
        }
    }
}
