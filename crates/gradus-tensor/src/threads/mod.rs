//! One pool of threads for everything, and work cut so that results never depend on it.
//!
//! A task is cut into pieces by its size alone; the pieces go to however many threads there are.
//! So a sum is added up in the same order, and has the same bits, on 1 or on 64 threads.
//!
//! The number of threads is that of the processors, or what the environment variable
//! `GRADUS_THREADS` says, or [`set_count`].

mod pieces;
mod pool;
mod steps;

use std::cell::Cell;
use std::sync::OnceLock;

pub use pieces::{Cut, Pieces, for_each_of, for_each_piece};
pub use pool::for_each_index;
pub use steps::for_each_step;

/// Elements in one piece of elementwise work: 64 KiB of `f32`, large beside the cost of handing a
/// piece to a thread, small beside the second-level cache.
pub const PIECE: usize = 16 * 1024;

/// More threads than this do not work on one operation.
const MOST: usize = 256;

static COUNT: OnceLock<usize> = OnceLock::new();

thread_local! {
    /// What [`with_count`] says on this thread; zero if it says nothing.
    static HERE: Cell<usize> = const { Cell::new(0) };
}

/// The number of threads that work on one operation that this thread starts.
///
/// ```
/// assert!(gradus_tensor::threads::count() >= 1);
/// ```
pub fn count() -> usize {
    match HERE.get() {
        0 => *COUNT.get_or_init(|| {
            let asked = std::env::var("GRADUS_THREADS").ok().and_then(|n| n.parse().ok());
            let processors = || std::thread::available_parallelism().map_or(1, usize::from);
            asked.unwrap_or_else(processors).clamp(1, MOST)
        }),
        here => here,
    }
}

/// Sets the number of threads for the whole program. Call it before any other work.
///
/// # Errors
/// [`Error::Value`](crate::Error::Value) if `threads` is zero or above 256, or if work has begun
/// with another number.
pub fn set_count(threads: usize) -> crate::Result<()> {
    let op = "threads::set_count";
    check(op, threads)?;
    let running = *COUNT.get_or_init(|| threads);
    if running != threads {
        return Err(crate::Error::value(
            op,
            format!("{threads} threads while {running} already run"),
            "one call, before any other work",
        ));
    }
    Ok(())
}

/// Runs `body` with another number of threads; used to show that results do not depend on it.
///
/// ```
/// use gradus_tensor::threads;
/// assert_eq!(threads::with_count(2, threads::count).unwrap(), 2);
/// ```
///
/// # Errors
/// [`Error::Value`](crate::Error::Value) if `threads` is zero or above 256.
pub fn with_count<R>(threads: usize, body: impl FnOnce() -> R) -> crate::Result<R> {
    check("threads::with_count", threads)?;
    Ok(with(threads, body))
}

fn check(op: &'static str, threads: usize) -> crate::Result<()> {
    match threads {
        0 => Err(crate::Error::value(op, "0 threads", "at least 1")),
        1..=MOST => Ok(()),
        _ => Err(crate::Error::value(op, format!("{threads} threads"), format!("at most {MOST}"))),
    }
}

fn with<R>(threads: usize, body: impl FnOnce() -> R) -> R {
    /// Puts the number back, also if the body panics.
    struct Back(usize);
    impl Drop for Back {
        fn drop(&mut self) {
            HERE.set(self.0);
        }
    }
    let _back = Back(HERE.replace(threads));
    body()
}

/// Computes `work(0), …, work(n - 1)`, in parallel where `parallel` holds, in order of their
/// index.
///
/// ```
/// let squares = gradus_tensor::threads::map_indices(4, true, |i| i * i);
/// assert_eq!(squares, [0, 1, 4, 9]);
/// ```
pub fn map_indices<R: Send>(n: usize, parallel: bool, work: impl Fn(usize) -> R + Sync) -> Vec<R> {
    if !(parallel && n > 1 && count() > 1) {
        return (0..n).map(work).collect();
    }
    let mut results: Vec<Option<R>> = (0..n).map(|_| None).collect();
    for_each_piece(&mut results, 1, |i, place| place[0] = Some(work(i)));
    results.into_iter().flatten().collect()
}
