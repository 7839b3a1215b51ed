//! How fast Gradus is: `cargo bench -p gradus-benches`, and beside its peers `benches/peers/run`.
#![forbid(unsafe_code)]

pub mod clock;
