//! How fast Gradus is: `cargo bench -p gradus-benches`.
#![forbid(unsafe_code)]
