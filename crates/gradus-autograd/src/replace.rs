//! Other values in the place of parameters, for the length of a closure.

use std::cell::RefCell;
use std::collections::HashMap;

use gradus_tensor::Float;

use crate::graph::{AnyVar, cast_any};
use crate::{ParamId, Var, mode};

thread_local! {
    static REPLACED: RefCell<HashMap<ParamId, AnyVar>> = RefCell::new(HashMap::new());
}

/// Runs `work` with variables in the place of parameters: [`Param::var`](crate::Param::var) gives the
/// variable, on this thread, until `work` ends. So a network can run with weights that were computed,
/// and gradients reach what they were computed from: steps of an inner loop (Finn, Abbeel and Levine,
/// *Model-agnostic meta-learning*, 2017), normalised weights, low-rank additions, the output of another
/// network. A variable of the other type of float is cast. One within another adds to it.
///
/// ```
/// use gradus_autograd::{Param, Var, grad, with_replaced};
/// use gradus_tensor::Tensor;
///
/// let weight = Param::new(Tensor::scalar(3.0_f32));
/// let loss = || weight.var().square();
///
/// // The loss after a step down the gradient: (w - 0.1 · 2w)² = 0.64 w².
/// let [slope] = grad(&loss(), [&weight.var()], None)?;
/// let stepped = weight.var().sub(&slope.scale(0.1))?;
/// let after = with_replaced([(weight.id(), stepped)], loss);
/// let gradient = after.backward()?;
/// assert!((gradient.get(weight.id()).unwrap().item()? - 1.28 * 3.0).abs() < 1e-5);
/// # Ok::<(), gradus_autograd::Error>(())
/// ```
pub fn with_replaced<T: Float, R>(
    replacements: impl IntoIterator<Item = (ParamId, Var<T>)>,
    work: impl FnOnce() -> R,
) -> R {
    /// Puts back what was there before, also if the work panics.
    struct Back(HashMap<ParamId, AnyVar>);
    impl Drop for Back {
        fn drop(&mut self) {
            REPLACED.with(|place| place.replace(std::mem::take(&mut self.0)));
        }
    }
    let outer = REPLACED.with(|place| place.borrow().clone());
    let mut all = outer.clone();
    all.extend(replacements.into_iter().map(|(id, x)| (id, AnyVar::from(x))));
    let _back = Back(outer);
    REPLACED.with(|place| place.replace(all));
    mode::with(mode::REPLACED, true, work)
}

/// What stands in the place of a parameter.
pub(crate) fn replacement<T: Float>(id: ParamId) -> Option<Var<T>> {
    let other = REPLACED.with(|place| place.borrow().get(&id).cloned())?;
    cast_any(other, T::NAME).into_var()
}
