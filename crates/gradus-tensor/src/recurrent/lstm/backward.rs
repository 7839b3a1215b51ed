//! Back through time.

use std::ops::Range;

use super::super::gradients::Grouped;
use super::super::panels::{Panels, Relay, UNITS};
use super::super::walk::{Track, Walk, walk};
use super::super::{PAIR, PARALLEL, Sizes, load, row_of, store, with_units_together};
use super::{GATES, LstmPass, WIDTH};
use crate::layout::Layout;
use crate::linalg::shared::Shared;
use crate::{Error, Float, Result, Tensor, concrete};

/// The gradients of [`lstm`](crate::lstm) with respect to `x`, `h`, `c`, `W_ih`, `W_hh`, `b_ih` and
/// `b_hh`, each if it is `wanted`, for what it computed and the gradients of its output and of its
/// last cell, where there are any. It must have been told to keep.
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
    type Kernel<T> = fn(
        &Tensor<T>,
        [&Tensor<T>; 4],
        &LstmPass<T>,
        Option<&Tensor<T>>,
        Option<&Tensor<T>>,
        [bool; 7],
    ) -> Result<[Option<Tensor<T>>; 7]>;
    concrete!(all_steps_grad: Kernel<T>)(x, weights, pass, grad_output, grad_cell, wanted)
}

fn all_steps_grad<T: Float>(
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
    let (rows, width, groups) = (steps * batch, GATES * hidden, sizes.groups());
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
    let grad_output = grad_output.map(with_units_together);

    let padded = groups * UNITS;
    let shape = [GATES, groups, rows, UNITS];
    let mut grads = Tensor::build(Layout::checked(op, &shape)?, |_| ());
    let mut cells =
        Tensor::build(Layout::contiguous(&[groups, batch, UNITS]), |out| {
            match grad_cell.map(Tensor::contiguous) {
                Some(grad) => sizes.group(grad.as_slice().unwrap_or_default(), out, 1),
                None => out.fill(T::ZERO),
            }
        });
    let mut first = Tensor::build(Layout::contiguous(&[batch, hidden]), |_| ());
    let mut sums = Tensor::zeros([GATES, padded]);
    let panels = Panels::of_columns(w_hh, GATES, hidden, hidden);
    let mut relay = Relay::new(batch, GATES * padded);
    let back = Backward {
        sizes,
        track: Track::new(&panels, &mut relay, batch, true),
        gates: pass.gates.as_slice().unwrap_or_default(),
        cells: pass.cells.as_slice().unwrap_or_default(),
        output: grad_output.as_ref(),
        grads: Shared::new(grads.as_mut_slice()),
        cell: Shared::new(cells.as_mut_slice()),
        first: Shared::new(first.as_mut_slice()),
        sums: Shared::new(sums.as_mut_slice()),
    };
    // The gradient of the first state is a step of its own.
    let count = steps + usize::from(wanted[1]);
    walk(&back, count, hidden.div_ceil(PAIR), batch * hidden * width >= PARALLEL);

    let values = grads.as_slice().unwrap_or_default();
    let grads = Grouped { values, gates: GATES, sizes };
    let states = pass.states.as_slice().unwrap_or_default();
    let turned = |b: &[T], n: usize| {
        let layout = Layout::checked(op, &[width, n])?;
        Ok::<_, Error>(Tensor::build(layout, |out| grads.turned_times(b, n, out)))
    };
    let dx = || {
        let layout = Layout::checked(op, &[steps, batch, inputs])?;
        Ok::<_, Error>(Tensor::build(layout, |out| grads.times(w_ih, inputs, out)))
    };
    let bias = sums.slice(1, 0..hidden)?.contiguous().reshape([width])?;
    Ok([
        wanted[0].then(dx).transpose()?,
        wanted[1].then_some(first),
        wanted[2].then(|| {
            Tensor::build(Layout::contiguous(&[batch, hidden]), |out| {
                sizes.ungroup(cells.as_slice().unwrap_or_default(), 1, 0, out);
            })
        }),
        wanted[3].then(|| turned(x, inputs)).transpose()?,
        wanted[4].then(|| turned(states, hidden)).transpose()?,
        wanted[5].then(|| bias.clone()),
        wanted[6].then(|| bias.clone()),
    ])
}

/// What all pieces of the walk backward share.
struct Backward<'a, T: Float> {
    sizes: Sizes,
    track: Track<'a, T>,
    gates: &'a [T],
    cells: &'a [T],
    output: Option<&'a Tensor<T>>,
    /// `ā`, in groups.
    grads: Shared<'a, T>,
    /// `c̄ f`: what the step before gets, in groups.
    cell: Shared<'a, T>,
    /// The gradient of the first state.
    first: Shared<'a, T>,
    /// The sums of `ā` over all steps and samples.
    sums: Shared<'a, T>,
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
        let (t, groups, rows) = (steps - 1 - s, self.sizes.groups(), steps * batch);
        let unit = group * UNITS;
        let count = UNITS.min(hidden - unit);
        // No closures: they would not always be compiled for wide vectors.
        macro_rules! part {
            ($shared:expr, $start:expr) => {
                // SAFETY: a sample's units of this group are used by this piece alone.
                unsafe { $shared.slice($start, UNITS) }
            };
        }
        let one = T::ONE;
        let mut totals = [[T::ZERO; UNITS]; GATES];
        let gates = &self.gates[(group * steps + t) * batch * WIDTH..][..batch * WIDTH];
        let cells = &self.cells[(group * (steps + 1) + t) * batch * UNITS..];
        for (n, sums) in samples.zip(sums.chunks(PAIR)) {
            let gates = &gates[n * WIDTH..][..WIDTH];
            let before = &cells[n * UNITS..][..UNITS];
            let after = &cells[(batch + n) * UNITS..][..UNITS];
            let carried = part!(self.cell, (group * batch + n) * UNITS);
            let sums = &sums[..UNITS];
            let mut room = [T::ZERO; UNITS];
            let given = match self.output {
                Some(output) => load(&row_of(output, t, n)[unit..][..count], &mut room),
                None => &room,
            };
            let mut a = [[T::ZERO; UNITS]; GATES];
            // One loop: what passes between several would go through memory.
            for j in 0..UNITS {
                let (i, f) = (gates[j], gates[UNITS + j]);
                let (g, o) = (gates[2 * UNITS + j], gates[3 * UNITS + j]);
                let h = sums[j] + given[j];
                let tau = after[j].tanh();
                let c = carried[j] + h * o * (one - tau * tau);
                carried[j] = c * f;
                a[0][j] = c * g * (i * (one - i));
                a[1][j] = c * before[j] * (f * (one - f));
                a[2][j] = c * i * (one - g * g);
                a[3][j] = h * tau * (o * (one - o));
                totals[0][j] += a[0][j];
                totals[1][j] += a[1][j];
                totals[2][j] += a[2][j];
                totals[3][j] += a[3][j];
            }
            for (gate, a) in a.iter().enumerate() {
                let row = (gate * groups + group) * rows + t * batch + n;
                store(part!(self.grads, row * UNITS), a);
                // SAFETY: as above.
                let next = unsafe { self.track.next(s, n, gate * groups * UNITS + unit, UNITS) };
                store(next, a);
            }
        }
        for (gate, totals) in totals.iter().enumerate() {
            let sums = part!(self.sums, (gate * groups + group) * UNITS);
            sums.iter_mut().zip(totals).for_each(|(sum, total)| *sum += *total);
        }
    }

    /// The gradient of the first state.
    #[inline(always)]
    fn start(&self, samples: Range<usize>, group: usize, sums: &[T]) {
        let (hidden, unit) = (self.sizes.hidden, group * UNITS);
        let count = UNITS.min(hidden - unit);
        for (n, sums) in samples.zip(sums.chunks(PAIR)) {
            // SAFETY: a sample's units of this group are used by this piece alone.
            let out = unsafe { self.first.slice(n * hidden + unit, count) };
            out.copy_from_slice(&sums[..count]);
        }
    }
}
