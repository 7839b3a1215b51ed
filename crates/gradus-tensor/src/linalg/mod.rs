//! Products of matrices.

mod gemm;
mod matmul;

pub(crate) use gemm::{Matrix, MatrixMut, gemm};
