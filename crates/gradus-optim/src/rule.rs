//! What an optimizer does to its parameters.

use std::fmt;

use gradus_tensor::{Float, Tensor};

use crate::formula::have_shapes_of;
use crate::settings::{Settings, Value};
use crate::{All, At, Result};

/// The numbers of one update of one parameter that are not the rule's own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// How many updates this parameter has had, this one included: 1, 2, …
    pub number: u64,
    /// The learning rate, after the schedule and the parameter's group.
    pub lr: f64,
    /// What the gradient must be multiplied by: less than 1 if it is clipped, below 0 for the way up, else 1.
    /// [`At::each`] does so.
    pub grad_scale: f64,
}

/// An update rule as an [`Optimizer`](crate::Optimizer) sees it, for one type of number.
///
/// A rule is written as a [`Formula`](crate::Formula), and [`rule!`](crate::rule!) makes a `Rule` of it. What is
/// wrapped around another rule implements `Rule` itself.
///
/// What a rule keeps is not in it, but in the optimizer, which hands it out for each step and saves it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a rule for `{T}`",
    note = "a struct with `Settings` and a `Formula` becomes a rule by `rule!(Name);`",
    note = "a rule must be `Clone`, `Debug`, `Send` and `Sync`"
)]
pub trait Rule<T: Float = f32>: Settings + CloneRule<T> + fmt::Debug + Send + Sync {
    /// What is kept for a parameter before its first update: tensors of any number, shape and value.
    fn start(&self, param: &Tensor<T>) -> Vec<Tensor<T>>;

    /// Changes one parameter and what is kept for it.
    ///
    /// # Errors
    /// Those of the rule.
    fn update(&self, at: &mut At<T>) -> Result<()>;

    /// Changes all parameters. Most rules look at one at a time.
    ///
    /// # Errors
    /// Those of the rule.
    fn update_all(&self, all: &mut All<'_, T>) -> Result<()> {
        all.params.iter_mut().try_for_each(|at| self.update(at))
    }

    /// Checks what was saved against what a parameter needs. Here it is that the shapes are those of [`Rule::start`].
    fn fits(&self, param: &Tensor<T>, state: &[Tensor<T>]) -> bool {
        have_shapes_of(&self.start(param), state)
    }

    /// Whether an update looks at its parameter alone, and cannot fail where the state fits. The optimizer then needs no
    /// copies to go back to: it calls [`Rule::update`] with one parameter after another, where their numbers lie.
    fn is_local(&self) -> bool {
        false
    }

    /// The rule applied to a whole model. Settings outside their domain are reported by
    /// [`validate`](crate::Optimizer::validate) and by every step.
    fn optimizer(self) -> crate::Optimizer<Self, T>
    where
        Self: Sized,
    {
        crate::Optimizer::new(self)
    }
}

/// Makes a clone of a rule whose type is forgotten. Every rule that is `Clone` has it.
pub trait CloneRule<T: Float> {
    /// The clone.
    fn boxed(&self) -> Box<dyn Rule<T>>;
}

impl<T: Float, R: Rule<T> + Clone + 'static> CloneRule<T> for R {
    fn boxed(&self) -> Box<dyn Rule<T>> {
        Box::new(self.clone())
    }
}

impl<T: Float> Clone for Box<dyn Rule<T>> {
    fn clone(&self) -> Self {
        (**self).boxed()
    }
}

/// A rule that is chosen while the program runs.
impl<T: Float> Rule<T> for Box<dyn Rule<T>> {
    fn start(&self, param: &Tensor<T>) -> Vec<Tensor<T>> {
        (**self).start(param)
    }
    fn update(&self, at: &mut At<T>) -> Result<()> {
        (**self).update(at)
    }
    fn update_all(&self, all: &mut All<'_, T>) -> Result<()> {
        (**self).update_all(all)
    }
    fn fits(&self, param: &Tensor<T>, state: &[Tensor<T>]) -> bool {
        (**self).fits(param, state)
    }
    fn is_local(&self) -> bool {
        (**self).is_local()
    }
}

/// The learning rate of a rule; 1 if it has none.
pub(crate) fn rate(rule: &(impl Settings + ?Sized)) -> f64 {
    match rule.value("lr") {
        Some(Value::Number(lr)) => lr,
        _ => 1.0,
    }
}
