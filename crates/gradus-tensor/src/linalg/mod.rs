//! Products of matrices.

pub(crate) mod f32;
mod gemm;
mod linear;
mod matmul;
pub(crate) mod shared;

#[allow(unused_imports, dead_code, reason = "recurrent layers come next")]
pub(crate) use f32::Packed;
use gemm::check_extent;
pub(crate) use gemm::{Epilogue, Matrix, MatrixMut, gemm};
pub use linear::linear_grad;
