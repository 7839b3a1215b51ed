//! The parameters of one recurrent layer in one direction, with PyTorch's names, shapes and start values.

use gradus_autograd::{Param, Var};
use gradus_tensor::{Float, Rng, Tensor};

use crate::{Init, Result, Visitor, VisitorMut};

/// The parameters of one recurrent layer, for the gates of all units: the `hidden` rows of the first
/// gate, then those of the next.
///
/// In a walk their names end in `_l` and the number of the layer, such as `weight_ih_l0`, and those of
/// a layer that reads from the end in `_reverse`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RecurrentWeights<T: Float = f32> {
    /// `W_ih`, of shape `[gates · hidden, in]`.
    pub weight_ih: Param<T>,
    /// `W_hh`, of shape `[gates · hidden, hidden]`.
    pub weight_hh: Param<T>,
    /// `b_ih`, of shape `[gates · hidden]`, if the layer has biases.
    pub bias_ih: Option<Param<T>>,
    /// `b_hh`, of shape `[gates · hidden]`, if the layer has biases.
    pub bias_hh: Option<Param<T>>,
}

impl<T: Float> RecurrentWeights<T> {
    /// All of them uniform within `±1 / √hidden`.
    pub(super) fn new(
        [gates, inputs, hidden]: [usize; 3],
        bias: bool,
        rng: &mut Rng,
    ) -> Result<Self> {
        let (rows, init) = (hidden.saturating_mul(gates), Init::within_root_of(hidden));
        Ok(Self {
            weight_ih: init.param(&[rows, inputs], rng)?,
            weight_hh: init.param(&[rows, hidden], rng)?,
            bias_ih: bias.then(|| init.param(&[rows], rng)).transpose()?,
            bias_hh: bias.then(|| init.param(&[rows], rng)).transpose()?,
        })
    }

    pub(super) fn hidden(&self) -> usize {
        self.weight_hh.shape()[1]
    }

    pub(super) fn inputs(&self) -> usize {
        self.weight_ih.shape()[1]
    }

    /// All four as variables; a bias that is not there is zero.
    pub(super) fn vars(&self) -> [Var<T>; 4] {
        let bias = |bias: &Option<Param<T>>| match bias {
            Some(bias) => bias.var(),
            None => Var::constant(Tensor::zeros([self.weight_hh.shape()[0]])),
        };
        let weights = [&self.weight_ih, &self.weight_hh].map(Param::var);
        let [ih, hh] = weights;
        [ih, hh, bias(&self.bias_ih), bias(&self.bias_hh)]
    }

    /// Those that there are.
    pub(super) fn params(&self) -> Vec<&Param<T>> {
        let weights = [Some(&self.weight_ih), Some(&self.weight_hh)];
        let biases = [self.bias_ih.as_ref(), self.bias_hh.as_ref()];
        weights.into_iter().chain(biases).flatten().collect()
    }

    /// Shows them to a visitor, under names that end in `end`.
    pub(super) fn visit(&self, end: &str, visitor: &mut Visitor<'_, T>) {
        visitor
            .field(format_args!("weight_ih_{end}"), &self.weight_ih)
            .field(format_args!("weight_hh_{end}"), &self.weight_hh)
            .field(format_args!("bias_ih_{end}"), &self.bias_ih)
            .field(format_args!("bias_hh_{end}"), &self.bias_hh);
    }

    pub(super) fn visit_mut(&mut self, end: &str, visitor: &mut VisitorMut<'_, T>) {
        visitor
            .field(format_args!("weight_ih_{end}"), &mut self.weight_ih)
            .field(format_args!("weight_hh_{end}"), &mut self.weight_hh)
            .field(format_args!("bias_ih_{end}"), &mut self.bias_ih)
            .field(format_args!("bias_hh_{end}"), &mut self.bias_hh);
    }
}
