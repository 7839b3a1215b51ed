//! The tensors' promises, on every kind of layout, with `ndarray` or a plain loop as the judge.
//! What depends on figures of the whole program stands in `tests/memory.rs`.

mod absurd;
mod common;
mod edges;
mod elementwise;
mod errors;
mod features;
mod index;
mod join;
mod matmul;
mod print;
mod random;
mod reduce;
mod settings;
mod shape;
mod share;
mod sort;
mod threads;
mod types;
