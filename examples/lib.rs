//! Programs that use Gradus. Each is a folder or a file here: `cargo run --release --example NAME`.
//!
//! The pages of `docs/` are included below, so that their code is compiled and run with the tests.
#![forbid(unsafe_code)]

pub mod letters;

macro_rules! pages {
    ($($name:ident)*) => { $(
        #[doc = include_str!(concat!("../docs/", stringify!($name), ".md"))]
        pub mod $name {}
    )* };
}
pages! { backpropagation concepts convolution images language numbers outlook questions speech speed training }
