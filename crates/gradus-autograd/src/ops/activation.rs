//! The slope of an activation that is part of another operation, from the activation's value.

use gradus_tensor::{Activation, Float, PerActivation};

use crate::Var;

/// The derivative where the activation gave `y`, as a variable. Of these activations it is constant but
/// at a kink, so nothing depends on it. (One whose slope is not must be written in terms of `y`.)
pub(super) fn activation_slope<T: Float>(activation: Activation, y: Var<T>) -> Var<T> {
    type Slope<T> = fn(Activation, &Var<T>) -> Var<T>;
    let step: Slope<T> = |of, y| Var::constant(y.value().map(|y| of.slope(y)));
    activation.pick(PerActivation { identity: step, relu: step })(activation, &y)
}
