//! What is stepped down: a model, and perhaps its loss.

use gradus_autograd::{Gradients, Var};
use gradus_nn::{Module, Visitor, VisitorMut};
use gradus_tensor::Float;

use crate::{Error, Result};

/// A model whose type is forgotten, and perhaps its loss.
pub(crate) trait Objective<T: Float> {
    /// The model.
    fn model(&mut self) -> &mut dyn Module<T>;

    /// Loss and gradients for the model as it is.
    fn evaluate(&mut self) -> Result<(f64, Gradients<T>)>;

    /// Whether there is a loss.
    fn has_loss(&self) -> bool;
}

/// A model alone: its gradients are given.
pub(crate) struct Given<'m, M: ?Sized>(pub(crate) &'m mut M);

impl<T: Float, M: Module<T> + ?Sized> Objective<T> for Given<'_, M> {
    fn model(&mut self) -> &mut dyn Module<T> {
        self
    }
    fn evaluate(&mut self) -> Result<(f64, Gradients<T>)> {
        Err(Error::NeedsLoss)
    }
    fn has_loss(&self) -> bool {
        false
    }
}

/// A model with its loss.
pub(crate) struct Loss<'m, M: ?Sized, F> {
    pub(crate) model: Given<'m, M>,
    pub(crate) loss: F,
}

impl<T, M, F> Objective<T> for Loss<'_, M, F>
where
    T: Float,
    M: Module<T> + ?Sized,
    F: FnMut(&M) -> gradus_nn::Result<Var<T>>,
{
    fn model(&mut self) -> &mut dyn Module<T> {
        &mut self.model
    }
    fn evaluate(&mut self) -> Result<(f64, Gradients<T>)> {
        let loss = (self.loss)(self.model.0)?;
        let value = loss.value().item()?.to_f64();
        Ok((value, loss.backward()?))
    }
    fn has_loss(&self) -> bool {
        true
    }
}

impl<T: Float, M: Module<T> + ?Sized> Module<T> for Given<'_, M> {
    fn visit(&self, visitor: &mut Visitor<'_, T>) {
        self.0.visit(visitor);
    }
    fn visit_mut(&mut self, visitor: &mut VisitorMut<'_, T>) {
        self.0.visit_mut(visitor);
    }
}
