//! Where time and memory go.
//!
//! * **Build with `--release`.** A debug build is an order of magnitude slower, because kernels are
//!   generic over the type of number and so are compiled, without optimisation, in your crate. To debug
//!   at speed, add this to your `Cargo.toml`; debug assertions and line numbers stay:
//!
//!   ```toml
//!   [profile.dev]
//!   opt-level = 2
//!   ```
//! * **Memory is pooled.** After the first steps the pool asks the system for nothing.
//!   [`memory::stats`](crate::tensor::memory::stats) tells what is live, what was the peak, and what
//!   is kept; [`memory::trim`](crate::tensor::memory::trim) gives back what is not in use.
//! * **Threads.** One pool serves everything, with a thread for each processor;
//!   [`threads::set_count`](crate::tensor::threads::set_count) changes that. Results do not depend on
//!   it. Small work stays on one thread.
//! * **Vectors.** Loops are compiled for several widths, and the widest that the machine has is taken
//!   when the program runs: [`runtime_info`](crate::runtime_info) says which.
//! * **Images** lie channels-last in memory. Their shape is `[N, C, H, W]` all the same.
//!
//! ```
//! println!("{}", gradus::runtime_info());
//! ```
