//! Recurrent layers: a whole sequence as one operation, and its gradient as another.
//!
//! The input products of all steps are one product of matrices, and so is the gradient of each
//! weight. What remains for the walk through time is, in each step, a product with the recurrent
//! weights and the gates behind it. Units are cut into groups (`panels.rs`); a thread does the product
//! and the gates of its groups in one go, and waits for the others once in each step (`walk.rs`).
//!
//! What only the pieces of one group use (gates, cells) lies group by group, the steps within: the
//! gates of an LSTM as `[groups, T, N, 64]`. With 20 units there are two groups, the second with room
//! for twelve that there are not:
//!
//! ```text
//!           step 0                                               step 1
//!           sample 0                      sample 1               sample 0
//! group 0 | i₀…i₁₅  f₀…f₁₅  g… o… |     | i… f… g… o… | … |    | i… f… g… o… | … |  T · N · 64 numbers,
//! group 1 | i₁₆…i₁₉ ―  f₁₆…f₁₉ ―  g… o… | i… f… g… o… | … |    | i… f… g… o… | … |  then as many more
//! ```
//!
//! So a piece, which is a group in one step, reads and writes one run of memory. What all pieces of the
//! next step read (`h` forward, `ā` backward) goes through a relay, of two halves that take turns:
//!
//! ```text
//!            half 0                              half 1
//! sample 0 | group 0 | group 1 | … | gap |     | group 0 | group 1 | … | gap |
//! sample 1 | group 0 | group 1 | … | gap |     | group 0 | group 1 | … | gap |
//!
//! step 0     every piece reads all of it   ―▶    each writes its own group
//! step 1     each writes its own group    ◀―     every piece reads all of it
//! step 2     every piece reads all of it   ―▶    each writes its own group
//! ```
//!
//! Backward `ā` has such columns for each gate, all groups of one gate before those of the next.
//!
//! A sequence `x` is `[T, N, in]`: steps, samples, features. Its samples may come first in memory, as
//! they do in a transposed `[N, T, in]`; the output then lies in the same order.

#[cfg(test)]
mod check;
mod gradients;
mod gru;
mod lstm;
mod panels;
mod states;
mod walk;

pub use gru::{GruPass, gru, gru_grad};
pub use lstm::{LstmPass, lstm, lstm_grad};

use panels::UNITS;

use crate::layout::Layout;
use crate::linalg::{Epilogue, Matrix, MatrixMut, gemm};
use crate::{Error, Float, Result, Tensor};

/// Multiplications in a step below which one thread is faster than several.
const PARALLEL: usize = 1 << 17;
/// Units of a piece of the walk back: two groups.
const PAIR: usize = 2 * UNITS;

/// Steps, samples, features and units of a sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sizes {
    steps: usize,
    batch: usize,
    inputs: usize,
    hidden: usize,
}

impl Sizes {
    /// Checks a sequence, the states that it starts from and the weights of `gates` gates:
    /// `W_ih`, `W_hh`, `b_ih`, `b_hh`.
    fn check<T: Float>(
        op: &'static str,
        gates: usize,
        x: &Tensor<T>,
        states: &[&Tensor<T>],
        weights: [&Tensor<T>; 4],
    ) -> Result<Self> {
        let &[steps, batch, inputs] = x.shape() else {
            return Err(Error::shape(op, x.shape(), "a sequence [steps, samples, features]"));
        };
        let [w_ih, w_hh, b_ih, b_hh] = weights;
        let hidden = match w_hh.shape() {
            &[rows, hidden] if rows == gates * hidden => hidden,
            other => {
                let wanted = format!("recurrent weights [{gates} hidden, hidden]");
                return Err(Error::shape(op, other, wanted));
            }
        };
        let rows = gates * hidden;
        let fits = |what: &str, tensor: &Tensor<T>, wanted: &[usize]| match tensor.shape() == wanted
        {
            true => Ok(()),
            false => Err(Error::shape(op, tensor.shape(), format!("{what} {wanted:?}"))),
        };
        fits("input weights", w_ih, &[rows, inputs])?;
        fits("a bias", b_ih, &[rows])?;
        fits("a bias", b_hh, &[rows])?;
        for state in states {
            fits("a first state [samples, hidden] =", state, &[batch, hidden])?;
        }
        match steps {
            0 => Err(Error::shape(op, x.shape(), "at least one step")),
            _ => Ok(Self { steps, batch, inputs, hidden }),
        }
    }

    fn groups(&self) -> usize {
        self.hidden.div_ceil(UNITS)
    }

    /// The groups of a piece of the walk back, one or two, and where their sums begin.
    #[inline(always)]
    fn pair<'a, T>(&self, pair: usize, sums: &'a [T]) -> impl Iterator<Item = (usize, &'a [T])> {
        (2 * pair..self.groups().min(2 * pair + 2)).zip([sums, &sums[UNITS..]])
    }

    /// Puts a state `[samples, hidden]` where each group finds its units side by side:
    /// `[groups, kept, samples, 16]`, at the first of those kept.
    fn group<T: Float>(&self, state: &[T], out: &mut [T], kept: usize) {
        let (size, hidden) = (self.batch * UNITS, self.hidden);
        for (group, out) in out.chunks_exact_mut((kept * size).max(1)).enumerate() {
            let units = group * UNITS..hidden.min((group + 1) * UNITS);
            for (row, out) in state.chunks_exact(hidden).zip(out.chunks_exact_mut(UNITS)) {
                let (values, rest) = out.split_at_mut(units.len());
                values.copy_from_slice(&row[units.clone()]);
                rest.fill(T::ZERO);
            }
        }
    }

    /// The other way, from the one at `index`.
    fn ungroup<T: Float>(&self, groups: &[T], kept: usize, index: usize, state: &mut [T]) {
        let (size, hidden) = (self.batch * UNITS, self.hidden);
        for (group, from) in groups.chunks_exact((kept * size).max(1)).enumerate() {
            let units = group * UNITS..hidden.min((group + 1) * UNITS);
            let rows = from[index * size..].chunks_exact(UNITS);
            for (row, from) in state.chunks_exact_mut(hidden).zip(rows) {
                row[units.clone()].copy_from_slice(&from[..units.len()]);
            }
        }
    }

    /// The layout of the output: that of the input, steps or samples first.
    fn output<T: Float>(&self, x: &Tensor<T>) -> Layout {
        let samples_first = self.steps > 1 && self.batch > 1 && x.strides()[1] > x.strides()[0];
        let order = if samples_first { [1, 0, 2] } else { [0, 1, 2] };
        Layout::dense(&[self.steps, self.batch, self.hidden], &order)
    }
}

/// The product `A B` of `k` steps, in this shape, whose last axis are the columns.
fn product_of<T: Float>(
    op: &'static str,
    shape: &[usize],
    a: Matrix<'_, T>,
    b: Matrix<'_, T>,
    k: usize,
) -> Result<Tensor<T>> {
    let (n, len) = (shape[shape.len() - 1], shape.iter().product::<usize>());
    let m = len.checked_div(n).unwrap_or_default();
    Ok(Tensor::build(Layout::checked(op, shape)?, |out| {
        gemm([m, k, n], a, b, MatrixMut::rows(out, n), Epilogue::adding(false), true);
    }))
}

/// The same sequence, copied if its units have gaps: [`row_of`] gives a slice.
fn with_units_together<T: Float>(x: &Tensor<T>) -> Tensor<T> {
    match x.strides()[2] {
        1 => x.clone(),
        _ => x.contiguous(),
    }
}

/// The units of one step and sample, which lie side by side.
#[inline(always)]
fn row_of<T: Float>(x: &Tensor<T>, t: usize, n: usize) -> &[T] {
    let step = t as isize * x.strides()[0] + n as isize * x.strides()[1];
    &x.buffer.as_slice()[(x.layout.offset as isize + step) as usize..][..x.shape()[2]]
}

/// Up to sixteen numbers; where there are fewer, they are put into `room` with zeros behind.
#[inline(always)]
fn load<'a, T: Float>(from: &'a [T], room: &'a mut [T; UNITS]) -> &'a [T; UNITS] {
    match from.first_chunk() {
        Some(all) => all,
        None => {
            some(&mut room[..from.len()], from);
            room
        }
    }
}

/// As many of sixteen numbers as there is room for.
#[inline(always)]
fn store<T: Float>(to: &mut [T], values: &[T; UNITS]) {
    match to.first_chunk_mut() {
        Some(all) => *all = *values,
        None => some(to, values),
    }
}

/// Apart, or the compiler joins it with the whole sixteen, and copies those by a call.
#[cold]
#[inline(never)]
fn some<T: Float>(to: &mut [T], from: &[T]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
}
