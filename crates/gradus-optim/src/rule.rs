//! What an optimizer does to one tensor.

use std::fmt;

use gradus_tensor::{Float, Tensor};

use crate::Result;

/// The numbers that a rule works with in one update of one parameter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// How many updates this parameter has had, this one included: 1, 2, …
    pub number: u64,
    /// The learning rate, after the schedule and the parameter's group.
    pub lr: f64,
    /// The weight decay, after the parameter's group.
    pub weight_decay: f64,
    /// What the rule must multiply the gradient by: below 1 if it is clipped, else 1.
    pub grad_scale: f64,
}

/// An update rule: how one tensor changes, given its gradient and the state kept for it.
///
/// [`Optimizer`](crate::Optimizer) applies it to every parameter of a model. A rule of your own
/// needs the formula and nothing else; here is the sign of the gradient, with momentum:
///
/// ```
/// use gradus_autograd::Param;
/// use gradus_optim::{Optimizer, Result, Rule, Step};
/// use gradus_tensor::{Float, Tensor};
///
/// #[derive(Debug, Clone)]
/// struct SignSgd {
///     lr: f64,
///     beta: f64,
/// }
///
/// impl<T: Float> Rule<T> for SignSgd {
///     fn name(&self) -> &'static str {
///         "SignSgd"
///     }
///     fn lr(&self) -> f64 {
///         self.lr
///     }
///     fn slots(&self) -> usize {
///         1
///     }
///     fn update(
///         &self,
///         param: &mut Tensor<T>,
///         grad: &Tensor<T>,
///         slots: &mut [Tensor<T>],
///         step: Step,
///     ) -> Result<()> {
///         let [lr, beta, scale] = [step.lr, self.beta, step.grad_scale].map(T::from_f64);
///         if let [momentum] = slots {
///             param.update("SignSgd", [momentum], grad, |w, [m], g| {
///                 *m = beta * *m + (T::ONE - beta) * g * scale;
///                 *w = *w - if *m > T::ZERO { lr } else { -lr };
///             })?;
///         }
///         Ok(())
///     }
/// }
///
/// let mut weight = Param::new(Tensor::vector([1.0_f32, -1.0]));
/// let mut optimizer = Optimizer::new(SignSgd { lr: 0.5, beta: 0.9 });
/// let gradients = weight.var().mul(&weight.var())?.sum().backward()?;
/// optimizer.step(&mut weight, &gradients)?;
/// assert_eq!(weight.value().to_vec(), [0.5, -0.5]);
/// # Ok::<(), gradus_optim::Error>(())
/// ```
pub trait Rule<T: Float = f32>: fmt::Debug + Send + Sync {
    /// The rule's name, for messages and saved states.
    fn name(&self) -> &'static str;

    /// The learning rate, before the schedule and the groups.
    fn lr(&self) -> f64;

    /// The weight decay of parameters whose group sets none.
    fn weight_decay(&self) -> f64 {
        0.0
    }

    /// How many state tensors a parameter has. They have its shape and start at zero.
    fn slots(&self) -> usize;

    /// Changes a parameter and its state tensors, in one pass over memory:
    /// [`Tensor::update`] is made for that.
    ///
    /// # Errors
    /// None that the shapes or the settings could cause: both were checked before. An error here
    /// leaves the model with some parameters updated and some not.
    fn update(
        &self,
        param: &mut Tensor<T>,
        grad: &Tensor<T>,
        slots: &mut [Tensor<T>],
        step: Step,
    ) -> Result<()>;

    /// Checks the settings, other than the learning rate and the weight decay, which are checked
    /// for every rule.
    ///
    /// # Errors
    /// [`Error::Setting`](crate::Error::Setting) if one is outside its domain.
    fn validate(&self) -> Result<()> {
        Ok(())
    }
}

/// A rule that is chosen while the program runs.
impl<T: Float, R: Rule<T> + ?Sized> Rule<T> for Box<R> {
    fn name(&self) -> &'static str {
        (**self).name()
    }
    fn lr(&self) -> f64 {
        (**self).lr()
    }
    fn weight_decay(&self) -> f64 {
        (**self).weight_decay()
    }
    fn slots(&self) -> usize {
        (**self).slots()
    }
    fn update(
        &self,
        param: &mut Tensor<T>,
        grad: &Tensor<T>,
        slots: &mut [Tensor<T>],
        step: Step,
    ) -> Result<()> {
        (**self).update(param, grad, slots, step)
    }
    fn validate(&self) -> Result<()> {
        (**self).validate()
    }
}
