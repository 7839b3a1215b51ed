//! Many elements to one: over all elements, or along some of the axes.

mod cumsum;
mod extremes;
mod fold;
mod lanes;
mod sums;
