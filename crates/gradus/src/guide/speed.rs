//! Where time and memory go.
//!
//! * **Two lines of profile.** Kernels are compiled once, in the crates of Gradus, and not in yours. So a
//!   debug build of your program trains at six sevenths of the speed of a release build, if its
//!   dependencies are optimised. Add this to your `Cargo.toml`:
//!
//!   ```toml
//!   [profile.dev.package."*"]
//!   opt-level = 3
//!   ```
//!
//!   What stays slow in a debug build is your own code: a loop over pixels, or what you pass to
//!   [`Tensor::map`](crate::tensor::Tensor::map). A kernel of yours that others are to use is compiled
//!   once through [`concrete!`](macro@crate::tensor::concrete).
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
