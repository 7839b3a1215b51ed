//! What must hold across the crates: the staircase, and the promises.
#![allow(missing_docs, reason = "tests")]

mod bits;
mod command;
mod documents;
mod minilm;
mod pictures;
mod speech;
mod staircase;
mod texts;
