//! Products of matrices.

pub(crate) mod f32;
mod gemm;
mod linear;
mod linear_gelu;
mod matmul;
pub(crate) mod packed;
pub(crate) mod shared;
pub(crate) mod small;

use gemm::check_extent;
pub(crate) use gemm::{Epilogue, Matrix, MatrixMut, gemm};
pub use linear::linear_grad;
pub use linear_gelu::linear_gelu_grad;
