//! Recurrent layers: they read a sequence step by step, each step with the state that the last one left.
//!
//! `x` is `[T, N, in]` (steps, samples, features), or `[N, T, in]` if the layer is told so. Each layer puts
//! out its state `h` of every step, which the next one reads. A layer of both directions also reads from
//! the end, and puts out both states side by side (Schuster and Paliwal, *Bidirectional recurrent neural
//! networks*, 1997). Names, shapes and start values are PyTorch's.

mod cell;
mod gru;
mod lengths;
mod lstm;
mod sequence;
mod weights;

use std::marker::PhantomData;

use gradus_autograd::Var;
use gradus_tensor::{Float, Rng, Tensor};

pub use cell::Cell;
pub use gru::{Gru, GruBuilder, GruCell};
use lengths::Lengths;
pub use lstm::{Lstm, LstmBuilder, LstmCell, LstmState};
pub use sequence::Sequence;
pub use weights::RecurrentWeights;

use super::line;
use crate::{Context, Module, Result, Settings, Visitor, VisitorMut};

/// Recurrent layers of one kind, one above the other: see [`Lstm`] and [`Gru`].
#[derive(Debug, Clone)]
pub struct Recurrent<C: Cell, T: Float = f32> {
    /// The layers, the first one below; of each, if it reads in both directions, first that which reads from
    /// the start.
    pub layers: Vec<RecurrentWeights<T>>,
    settings: RecurrentBuilder<C>,
}

/// The settings of recurrent layers that are not built yet.
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(of = Recurrent, name = C::NAME, torch = C::TORCH)]
#[must_use = "a layer comes of it by `init`"]
pub struct RecurrentBuilder<C: Cell> {
    /// How many features a step has.
    #[at_least(1)]
    inputs: usize,
    /// How many units each layer has.
    #[at_least(1)]
    hidden: usize,
    /// How many layers stand one above the other.
    #[at_least(1)]
    #[at_most(1024)]
    #[default(1)]
    layers: usize,
    /// Whether input and output are `[N, T, …]`, samples first.
    #[default(false)]
    batch_first: bool,
    /// Whether each layer also reads from the end.
    #[default(false)]
    bidirectional: bool,
    /// Whether the layers have biases.
    #[default(true)]
    bias: bool,
    /// The probability with which, in training, an output is dropped on its way to the next layer.
    #[in_unit]
    #[default(0.0)]
    dropout: f64,
    #[skip(PhantomData)]
    cell: PhantomData<C>,
}

impl<C: Cell> RecurrentBuilder<C> {
    /// Builds the layers. All parameters start uniform within `±1 / √hidden`.
    ///
    /// # Errors
    /// [`Error::Setting`](crate::Error::Setting) if a setting is outside its domain.
    pub fn init<T: Float>(self, rng: &mut Rng) -> Result<Recurrent<C, T>> {
        let settings = self.checked()?;
        let Self { inputs, hidden, bias, .. } = settings;
        let directions = settings.directions();
        let layers = (0..settings.layers * directions).map(|i| {
            let inputs = if i < directions { inputs } else { hidden.saturating_mul(directions) };
            RecurrentWeights::new([C::GATES, inputs, hidden], bias, rng)
        });
        Ok(Recurrent { layers: layers.collect::<Result<_>>()?, settings })
    }

    fn directions(&self) -> usize {
        1 + usize::from(self.bidirectional)
    }
}

impl<C: Cell, T: Float> Recurrent<C, T> {
    /// The output of the last layer for every step, `[T, N, hidden · directions]` (or `[N, T, …]`), and the
    /// state after the last step. `sequence` is `None`, the [state](Cell::State) to start from, or a
    /// [`Sequence`] with the lengths of the samples.
    ///
    /// # Errors
    /// If there is no step, a shape does not fit, or a length is not one of the batch.
    pub fn forward<'a>(
        &self,
        x: &Var<T>,
        sequence: impl Into<Sequence<'a, C::State<T>>>,
        cx: &mut Context,
    ) -> Result<(Var<T>, C::State<T>)> {
        let owner = self.layers.first().map(|layer| &layer.weight_ih);
        let result = self.read(x, sequence.into(), cx);
        match owner {
            Some(owner) => cx.at(owner, result),
            None => result,
        }
    }

    fn read(
        &self,
        x: &Var<T>,
        Sequence { state, lengths }: Sequence<'_, C::State<T>>,
        cx: &mut Context,
    ) -> Result<(Var<T>, C::State<T>)> {
        let batch_first = self.settings.batch_first;
        self.check(x)?;
        let turn = |x: &Var<T>| if batch_first { x.transpose(0, 1) } else { Ok(x.clone()) };
        let mut y = turn(x)?;
        let samples = y.shape()[1];
        let lengths = match lengths {
            Some(lengths) => Lengths::new(C::NAME, lengths, [y.shape()[0], samples])?,
            None => None,
        };
        let start = state.map(C::parts);
        for part in start.iter().flatten() {
            self.check_state(samples, part)?;
        }
        let mut ends: Vec<Vec<Var<T>>> = vec![Vec::new(); C::PARTS];
        for (above, layer) in self.layers.chunks(self.settings.directions()).enumerate() {
            if above > 0 && cx.is_training() && self.settings.dropout > 0.0 {
                y = y.dropout(self.settings.dropout, cx.rng())?;
            }
            let mut outputs = Vec::with_capacity(layer.len());
            for (direction, weights) in layer.iter().enumerate() {
                let i = above * layer.len() + direction;
                let start = match &start {
                    Some(parts) => {
                        let parts = parts.iter().map(|part| Ok(part.index(0, i)?));
                        parts.collect::<Result<Vec<_>>>()?
                    }
                    None => {
                        vec![Var::constant(Tensor::zeros([samples, weights.hidden()])); C::PARTS]
                    }
                };
                let (output, end) = one::<C, T>(&y, direction == 1, &start, weights, &lengths)?;
                outputs.push(output);
                ends.iter_mut().zip(end).for_each(|(ends, end)| ends.push(end));
                let work = y.len() / weights.inputs() * weights.weight_hh.shape()[0];
                cx.record(|| {
                    let [inputs, hidden] = [weights.inputs(), weights.hidden()];
                    let name = format!("{}({inputs}, {hidden})", C::NAME);
                    line(name, outputs[0].shape(), &weights.params(), work * (inputs + hidden))
                });
            }
            y = side_by_side(&outputs, 2)?;
        }
        let together = |ends: &Vec<Var<T>>| {
            let ends: Vec<_> = ends.iter().map(|end| end.unsqueeze(0)).collect::<Result<_, _>>()?;
            side_by_side(&ends, 0)
        };
        let state = ends.iter().map(together).collect::<Result<_>>()?;
        Ok((turn(&y)?, C::state(state)))
    }

    fn check(&self, x: &Var<T>) -> Result<()> {
        let features = self.layers.first().map_or(0, RecurrentWeights::inputs);
        if x.rank() == 3 && x.shape()[2] == features {
            return Ok(());
        }
        let order = if self.settings.batch_first { "N, T" } else { "T, N" };
        let wanted =
            format!("a sequence [{order}, {features}], as the layer has {features} inputs");
        Err(gradus_tensor::Error::shape(C::NAME, x.shape(), wanted).into())
    }

    /// Makes sure that a state to start from is one of each layer, for each sample.
    fn check_state(&self, samples: usize, part: &Var<T>) -> Result<()> {
        let hidden = self.layers.first().map_or(0, RecurrentWeights::hidden);
        let wanted = [self.layers.len(), samples, hidden];
        if part.shape() == wanted {
            return Ok(());
        }
        let wanted = format!("a state {wanted:?} [layers, samples, hidden]");
        Err(gradus_tensor::Error::shape(C::NAME, part.shape(), wanted).into())
    }

    /// How the names of a layer's parameters end.
    fn end(&self, i: usize) -> String {
        match (i / self.settings.directions(), i % self.settings.directions()) {
            (layer, 0) => format!("l{layer}"),
            (layer, _) => format!("l{layer}_reverse"),
        }
    }
}

/// One layer in one direction.
fn one<C: Cell, T: Float>(
    x: &Var<T>,
    reverse: bool,
    start: &[Var<T>],
    weights: &RecurrentWeights<T>,
    lengths: &Option<Lengths>,
) -> Result<(Var<T>, Vec<Var<T>>)> {
    let turn = |x: &Var<T>| match (reverse, lengths) {
        (false, _) => Ok(x.clone()),
        (true, None) => Ok(x.flip(0)?),
        (true, Some(lengths)) => lengths.turn(x),
    };
    let weights = weights.vars();
    let (y, end) = match lengths {
        None => C::read(&turn(x)?, start, weights.each_ref()),
        Some(lengths) => lengths.read::<C, T>(&turn(x)?, start, weights.each_ref()),
    }?;
    Ok((turn(&y)?, end))
}

/// All in one, along an axis.
fn side_by_side<T: Float>(parts: &[Var<T>], axis: isize) -> Result<Var<T>> {
    match parts {
        [one] => Ok(one.clone()),
        all => Ok(Var::concat(&all.iter().collect::<Vec<_>>(), axis)?),
    }
}

impl<C: Cell, T: Float> Module<T> for Recurrent<C, T> {
    fn visit(&self, visitor: &mut Visitor<'_, T>) {
        for (i, layer) in self.layers.iter().enumerate() {
            layer.visit(&self.end(i), visitor);
        }
    }
    fn visit_mut(&mut self, visitor: &mut VisitorMut<'_, T>) {
        for i in 0..self.layers.len() {
            let end = self.end(i);
            self.layers[i].visit_mut(&end, visitor);
        }
    }
}
