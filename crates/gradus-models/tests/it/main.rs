//! Tests of the models, in one program.

mod formula;
mod lists;
mod pytorch;
