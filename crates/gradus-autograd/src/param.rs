//! A parameter: a tensor that training changes.

use std::fmt;
use std::sync::Arc;

use gradus_tensor::{Float, Tensor, concrete};

use crate::graph::{Leaf, Node, Origin};
use crate::{Var, mode, replace};

/// Which parameter it is, for as long as the program runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ParamId(pub(crate) u64);

/// A tensor that training changes, owned by a layer.
///
/// A clone is a parameter of its own, with the same values.
///
/// ```
/// use gradus_autograd::Param;
/// use gradus_tensor::Tensor;
///
/// let mut weight = Param::new(Tensor::vector([1.0_f32, -2.0]));
/// let loss = weight.var().mul(&weight.var())?.sum();
/// let gradients = loss.backward()?;
/// let gradient = gradients.get(weight.id()).unwrap();
/// weight.value_mut().add_scaled(gradient, -0.5)?;      // one step down the gradient
/// assert_eq!(weight.value().to_vec(), [0.0, 0.0]);
/// # Ok::<(), gradus_autograd::Error>(())
/// ```
pub struct Param<T: Float = f32> {
    value: Tensor<T>,
    leaf: Arc<dyn Node>,
    frozen: bool,
}

impl<T: Float> Param<T> {
    /// A new parameter.
    pub fn new(value: Tensor<T>) -> Self {
        Self { value, leaf: Leaf::node(), frozen: false }
    }

    /// Which parameter it is.
    pub fn id(&self) -> ParamId {
        ParamId(self.leaf.links().id)
    }

    /// The parameter as a variable, for use in a forward pass; a constant while it is frozen, and
    /// another variable within [`with_replaced`](crate::with_replaced).
    pub fn var(&self) -> Var<T> {
        concrete!(var: fn(&Param<T>) -> Var<T>)(self)
    }

    /// The values.
    pub fn value(&self) -> &Tensor<T> {
        &self.value
    }

    /// The values, to be changed. Graphs that were made from the old ones keep those.
    pub fn value_mut(&mut self) -> &mut Tensor<T> {
        &mut self.value
    }

    /// Replaces the values.
    pub fn set(&mut self, value: Tensor<T>) {
        self.value = value;
    }

    /// The size of each axis.
    pub fn shape(&self) -> &[usize] {
        self.value.shape()
    }

    /// Whether it is left out of training.
    pub fn is_frozen(&self) -> bool {
        self.frozen
    }

    /// Leaves it out of training: no gradient is computed for it.
    pub fn freeze(&mut self) {
        self.frozen = true;
    }

    /// Takes it into training again.
    pub fn unfreeze(&mut self) {
        self.frozen = false;
    }
}

impl<T: Float> Clone for Param<T> {
    fn clone(&self) -> Self {
        Self { frozen: self.frozen, ..Self::new(self.value.clone()) }
    }
}

impl<T: Float> fmt::Debug for Param<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        concrete!(debug: fn(&Param<T>, &mut fmt::Formatter<'_>) -> fmt::Result)(self, f)
    }
}

fn var<T: Float>(param: &Param<T>) -> Var<T> {
    if mode::is_on(mode::REPLACED)
        && let Some(other) = replace::replacement(param.id())
    {
        return other;
    }
    // A frozen parameter is seen where everything is recorded.
    let known = !param.frozen || mode::is_on(mode::TRACING);
    let origin = known.then(|| Origin::first(Arc::clone(&param.leaf)));
    Var::with_origin(param.value.clone(), origin)
}

fn debug<T: Float>(param: &Param<T>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "Param{} {:?}", if param.frozen { "(frozen)" } else { "" }, param.value)
}
