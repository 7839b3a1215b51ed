//! Many elements to one: over all elements, or along some of the axes.

mod cumsum;
mod extremes;
mod floats;
mod fold;
mod lanes;
mod sums;

pub(crate) use cumsum::{running_floats, running_integers};
pub(crate) use floats::sum_floats;
pub(crate) use sums::sum_integers;
