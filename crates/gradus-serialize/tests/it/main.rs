//! Every promise of the crate, as a test that can fail.

mod atomic;
mod bad_input;
mod fixtures;
mod kill;
mod model;
mod round_trip;
mod safetensors;
mod tied;
