//! Products of matrices, and the layers that are little else.
//!
//! * `gemm`: the door. `C = A B` for slices with strides, and what happens to it on its way to memory.
//! * `product`: how it is done; its comment has a picture. All of it, for `f32` and `f64`, ends in
//!   `product::tile`, which convolutions call as well.
//! * `packed`: a right-hand matrix that is copied once and used many times: weights.
//! * `small`: products that fit into the first-level cache, which recurrent layers and attention make
//!   between other work.
//! * `matrix`: what a matrix is, safe and by pointer. `lanes`: vectors of `f32` and of `f64` under one name.
//! * `matmul`, `linear`, `linear_gelu`: what users call.

mod gemm;
mod lanes;
mod linear;
mod linear_gelu;
mod matmul;
mod matrix;
pub(crate) mod packed;
pub(crate) mod product;
pub(crate) mod shared;
pub(crate) mod small;

pub(crate) use gemm::{Epilogue, gemm};
pub use lanes::Lanes;
pub(crate) use lanes::lanes;
pub use linear::linear_grad;
pub use linear_gelu::linear_gelu_grad;
pub(crate) use matrix::{Matrix, MatrixMut, Source, Target};
