//! One optimizer or several, as the trainer sees them.

use gradus_autograd::Gradients;
use gradus_nn::Module;
use gradus_optim::{Optimizer, OptimizerState, Rule, StepReport};
use gradus_tensor::Float;

use crate::Result;

/// An [`Optimizer`] whose rule is forgotten.
pub trait AnyOptimizer<T: Float = f32> {
    /// The learning rate of the next step.
    fn lr(&self) -> f64;

    /// Sets the learning rate by hand; see [`Optimizer::set_lr`].
    fn set_lr(&mut self, lr: f64);

    /// Tells the schedule a value of a metric; see [`Optimizer::observe`].
    fn observe(&mut self, metric: f64);

    /// Checks every setting.
    ///
    /// # Errors
    /// If a setting is outside its domain.
    fn validate(&self) -> Result<()>;

    /// One step down gradients; see [`Optimizer::step`].
    ///
    /// # Errors
    /// Those of [`Optimizer::step`].
    fn step(&mut self, model: &mut dyn Module<T>, gradients: &Gradients<T>) -> Result<StepReport>;

    /// What it remembers, to be saved.
    fn state(&self) -> OptimizerState<T>;

    /// Goes on from a saved state.
    ///
    /// # Errors
    /// Those of [`Optimizer::load_state`].
    fn load_state(&mut self, state: OptimizerState<T>) -> Result<()>;
}

impl<T: Float, R: Rule<T>> AnyOptimizer<T> for Optimizer<R, T> {
    fn lr(&self) -> f64 {
        self.lr()
    }
    fn set_lr(&mut self, lr: f64) {
        self.set_lr(lr);
    }
    fn observe(&mut self, metric: f64) {
        self.observe(metric);
    }
    fn validate(&self) -> Result<()> {
        Ok(self.validate()?)
    }
    fn step(&mut self, model: &mut dyn Module<T>, gradients: &Gradients<T>) -> Result<StepReport> {
        Ok(self.step(model, gradients)?)
    }
    fn state(&self) -> OptimizerState<T> {
        self.state()
    }
    fn load_state(&mut self, state: OptimizerState<T>) -> Result<()> {
        Ok(self.load_state(state)?)
    }
}

/// The optimizers of a trainer: one, a tuple of them, or a struct of yours. Their states are saved and resumed
/// under their names.
///
/// ```
/// use gradus_optim::{Adam, Optimizer, Sgd};
/// use gradus_train::{Optimizers, optimizers};
///
/// struct Pair { generator: Optimizer<Adam>, critic: Optimizer<Sgd> }
/// optimizers!(Pair { generator, critic });
///
/// let pair = Pair { generator: Adam::new(1e-3).optimizer(), critic: Sgd::new(0.1).optimizer() };
/// let rates: Vec<_> = pair.all().into_iter().map(|(name, one)| (name, one.lr())).collect();
/// assert_eq!(rates, [("generator", 1e-3), ("critic", 0.1)]);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an optimizer of `{T}`, nor a group of them",
    note = "a rule becomes an optimizer by `.optimizer()`; a struct of optimizers by `optimizers!(Name {{ field, field }})`"
)]
pub trait Optimizers<T: Float = f32> {
    /// The optimizers with their names; that of an optimizer alone is empty.
    fn all(&self) -> Vec<(&str, &dyn AnyOptimizer<T>)>;

    /// The same, to be changed.
    fn all_mut(&mut self) -> Vec<(&str, &mut dyn AnyOptimizer<T>)>;
}

impl<T: Float, R: Rule<T>> Optimizers<T> for Optimizer<R, T> {
    fn all(&self) -> Vec<(&str, &dyn AnyOptimizer<T>)> {
        vec![("", self)]
    }
    fn all_mut(&mut self) -> Vec<(&str, &mut dyn AnyOptimizer<T>)> {
        vec![("", self)]
    }
}

macro_rules! tuples {
    ($(($($rule:ident $i:tt),*);)*) => { $(
        /// The optimizers, under the names 0, 1, 2, …
        impl<T: Float, $($rule: Rule<T>),*> Optimizers<T> for ($(Optimizer<$rule, T>,)*) {
            fn all(&self) -> Vec<(&str, &dyn AnyOptimizer<T>)> {
                vec![$((stringify!($i), &self.$i)),*]
            }
            fn all_mut(&mut self) -> Vec<(&str, &mut dyn AnyOptimizer<T>)> {
                vec![$((stringify!($i), &mut self.$i)),*]
            }
        }
    )* };
}
tuples! {
    (A 0);
    (A 0, B 1);
    (A 0, B 1, C 2);
    (A 0, B 1, C 2, D 3);
}

/// Makes [`Optimizers`] of a struct, given its fields. For `f64`: `optimizers!(Pair: f64 { … })`.
#[macro_export]
macro_rules! optimizers {
    ($name:ident { $($field:ident),* $(,)? }) => {
        $crate::optimizers!($name: f32 { $($field),* });
    };
    ($name:ident : $t:ty { $($field:ident),* $(,)? }) => {
        impl $crate::Optimizers<$t> for $name {
            fn all(&self) -> Vec<(&str, &dyn $crate::AnyOptimizer<$t>)> {
                vec![$((stringify!($field), &self.$field)),*]
            }
            fn all_mut(&mut self) -> Vec<(&str, &mut dyn $crate::AnyOptimizer<$t>)> {
                vec![$((stringify!($field), &mut self.$field)),*]
            }
        }
    };
}
