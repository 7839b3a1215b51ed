//! How a rule is written.

use std::fmt;

use gradus_tensor::{Float, Tensor};

use crate::settings::Settings;
use crate::{All, At, Result};

/// The formula of an update rule: how one tensor changes, given its gradient and the state kept for it.
///
/// The numbers in it are the [`Settings`] of the rule, and [`rule!`](crate::rule!) makes a
/// [`Rule`](crate::Rule) of it that optimizers take. The rules of this crate are written in this way; here is one more,
/// the sign of the gradient, with momentum:
///
/// ```
/// use gradus_autograd::Param;
/// use gradus_optim::{At, Decay, Formula, Result, Settings, rule};
/// use gradus_tensor::{Float, Tensor};
///
/// /// Steps of one size, along the sign of the mean gradient.
/// #[derive(Settings, Debug, Clone, Copy, PartialEq)]
/// struct SignSgd {
///     /// The size of a step.
///     #[at_least(0)]
///     lr: f64,
///     /// How much of the mean is kept from one step to the next.
///     #[in_unit]
///     #[default(0.9)]
///     beta: f64,
/// }
///
/// impl Formula for SignSgd {
///     fn slots(&self) -> usize {
///         1
///     }
///     fn update<T: Float>(&self, at: &mut At<T>) -> Result<()> {
///         let [lr, beta, new] = [at.step.lr, self.beta, 1.0 - self.beta].map(T::from_f64);
///         at.each(Decay::NONE, #[inline(always)] move |w, [mean], g| {
///             *mean = beta * *mean + new * g;
///             *w = *w - if *mean > T::ZERO { lr } else { -lr };
///         })
///     }
/// }
/// rule!(SignSgd);
///
/// let mut weight = Param::new(Tensor::vector([1.0_f32, -1.0]));
/// let mut optimizer = SignSgd::new(0.5).optimizer();
/// let gradients = weight.var().mul(&weight.var())?.sum().backward()?;
/// optimizer.step(&mut weight, &gradients)?;
/// assert_eq!(weight.value().to_vec(), [0.5, -0.5]);
/// # Ok::<(), gradus_optim::Error>(())
/// ```
pub trait Formula: Settings + fmt::Debug + Clone + Send + Sync + 'static {
    /// How many state tensors a parameter has, if they have its shape and start at zero.
    fn slots(&self) -> usize {
        0
    }

    /// What is kept for a parameter before its first update, if it is something else: tensors of any number, shape
    /// and value.
    fn start<T: Float>(&self, param: &Tensor<T>) -> Vec<Tensor<T>> {
        zeros(self.slots(), param.shape())
    }

    /// Changes one parameter and what is kept for it. [`At::each`] does so in one pass over memory.
    ///
    /// # Errors
    /// Those of the formula.
    fn update<T: Float>(&self, at: &mut At<T>) -> Result<()>;

    /// Changes all parameters. A formula that looks at them together has this, and need not have an `update` that is of
    /// any use.
    ///
    /// # Errors
    /// Those of the formula.
    fn update_all<T: Float>(&self, all: &mut All<'_, T>) -> Result<()> {
        all.params.iter_mut().try_for_each(|at| self.update(at))
    }

    /// Whether a saved state can be this parameter's; see [`Rule::fits`](crate::Rule::fits).
    fn fits<T: Float>(&self, param: &Tensor<T>, state: &[Tensor<T>]) -> bool {
        have_shapes_of(&self.start(param), state)
    }
}

/// So many tensors of zeros.
fn zeros<T: Float>(count: usize, shape: &[usize]) -> Vec<Tensor<T>> {
    (0..count).map(|_| Tensor::zeros(shape)).collect()
}

/// Whether there are as many tensors, of the same shapes.
pub(crate) fn have_shapes_of<T: Float>(wanted: &[Tensor<T>], got: &[Tensor<T>]) -> bool {
    wanted.iter().map(Tensor::shape).eq(got.iter().map(Tensor::shape))
}

/// Makes a rule of a [`Formula`](crate::Formula): compiled for `f32` and `f64` in the crate that calls it, and with a
/// method `optimizer`.
///
/// `rule!(Name: local)` promises that an update looks at its parameter alone, and cannot fail where the state
/// [fits](crate::Rule::fits), as is so if all it does is one [`At::each`](crate::At::each). Optimizers then update where the numbers
/// lie; otherwise they keep what they need to go back.
#[macro_export]
macro_rules! rule {
    ($name:ident $(: $local:ident)?) => {
        impl $name {
            /// The rule applied to a whole model. Settings outside their domain are reported by
            /// [`validate`]($crate::Optimizer::validate) and by every step.
            pub fn optimizer<T: $crate::tensor::Float>(self) -> $crate::Optimizer<Self, T> {
                $crate::Optimizer::new(self)
            }
        }

        const _: () = {
            use $crate::tensor::{Float, Tensor, concrete};
            use $crate::{All, At, Formula, Result, Rule};

            fn start<T: Float>(rule: &$name, param: &Tensor<T>) -> Vec<Tensor<T>> {
                Formula::start(rule, param)
            }
            fn update<T: Float>(rule: &$name, at: &mut At<T>) -> Result<()> {
                Formula::update(rule, at)
            }
            fn update_all<T: Float>(rule: &$name, all: &mut All<'_, T>) -> Result<()> {
                Formula::update_all(rule, all)
            }
            fn fits<T: Float>(rule: &$name, param: &Tensor<T>, state: &[Tensor<T>]) -> bool {
                Formula::fits(rule, param, state)
            }

            impl<T: Float> Rule<T> for $name {
                fn start(&self, param: &Tensor<T>) -> Vec<Tensor<T>> {
                    concrete!(start: fn(&$name, &Tensor<T>) -> Vec<Tensor<T>>)(self, param)
                }
                fn update(&self, at: &mut At<T>) -> Result<()> {
                    concrete!(update: fn(&$name, &mut At<T>) -> Result<()>)(self, at)
                }
                fn update_all(&self, all: &mut All<'_, T>) -> Result<()> {
                    concrete!(update_all: fn(&$name, &mut All<'_, T>) -> Result<()>)(self, all)
                }
                fn fits(&self, param: &Tensor<T>, state: &[Tensor<T>]) -> bool {
                    concrete!(fits: fn(&$name, &Tensor<T>, &[Tensor<T>]) -> bool)(self, param, state)
                }
                $(fn is_local(&self) -> bool {
                    stringify!($local) == "local"
                })?
            }
        };
    };
}
