//! The settings of `GRADUS_SIMD` that this machine can follow, one a line, the widest first.
//!
//! ```text
//! cargo run --package gradus-tensor --example simd
//! ```

fn main() {
    for setting in gradus_tensor::simd::available() {
        println!("{setting}");
    }
}
