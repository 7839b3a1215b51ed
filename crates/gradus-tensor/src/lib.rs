//! Shared, copy-on-write n-dimensional arrays on pooled memory, with kernels that use every vector
//! lane and every core of an ordinary computer. The ground floor of
//! [Gradus](https://docs.rs/gradus).

pub mod functions;
#[allow(unsafe_code, reason = "it owns raw memory")]
pub mod memory;
pub mod simd;
pub mod threads;

mod create;
mod display;
mod element;
mod elementwise;
mod error;
mod layout;
#[allow(unsafe_code, reason = "the library that multiplies matrices takes pointers")]
mod linalg;
mod random;
mod reduce;
mod shape;
#[allow(unsafe_code, reason = "a view of ndarray is made from a pointer and strides")]
mod tensor;

pub use element::{Element, Float, Number};
pub use elementwise::{Cast, Wide};
pub use error::{Error, Result};
pub use random::{Rng, RngState};
pub use tensor::Tensor;

// The versions of the packages that this crate's types and distributions come from.
pub use ndarray;
pub use ndarray_rand::rand_distr;
