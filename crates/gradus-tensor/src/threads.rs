//! One pool of threads for everything, and work cut so that results never depend on it.
//!
//! A task is cut into pieces by its size alone; the pieces go to however many threads there are.
//! So a sum is added up in the same order, and has the same bits, on 1 or on 64 threads.

use rayon::prelude::*;

/// Elements in one piece of elementwise work: 64 KiB of `f32`, large beside the cost of handing a
/// piece to a thread, small beside the second-level cache.
pub const PIECE: usize = 16 * 1024;

/// The number of threads that work on one operation.
///
/// ```
/// assert!(gradus_tensor::threads::count() >= 1);
/// ```
pub fn count() -> usize {
    rayon::current_num_threads()
}

/// Sets the number of threads for the whole program. Call it before any other work.
///
/// # Errors
/// [`Error::Value`](crate::Error::Value) if `threads` is zero, or if the pool already runs with
/// another number.
pub fn set_count(threads: usize) -> crate::Result<()> {
    let op = "threads::set_count";
    if threads == 0 {
        return Err(crate::Error::value(op, "0 threads", "at least 1"));
    }
    match rayon::ThreadPoolBuilder::new().num_threads(threads).build_global() {
        Err(_) if count() != threads => Err(crate::Error::value(
            op,
            format!("{threads} threads while {} already run", count()),
            "one call, before any other work",
        )),
        _ => Ok(()),
    }
}

/// Runs `body` with a pool of `threads` threads of its own; used to show that results do not
/// depend on their number.
///
/// ```
/// use gradus_tensor::threads;
/// assert_eq!(threads::with_count(2, threads::count).unwrap(), 2);
/// ```
///
/// # Errors
/// [`Error::Value`](crate::Error::Value) if `threads` is zero or the system gives no threads.
pub fn with_count<R: Send>(threads: usize, body: impl FnOnce() -> R + Send) -> crate::Result<R> {
    let op = "threads::with_count";
    if threads == 0 {
        return Err(crate::Error::value(op, "0 threads", "at least 1"));
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(|e| {
        crate::Error::value(op, format!("no threads from the system ({e})"), "fewer")
    })?;
    Ok(pool.install(body))
}

/// Cuts `out` into pieces of `piece` elements and calls `work(index of the piece, piece)` on each,
/// in parallel if there is more than one piece and more than one thread.
///
/// ```
/// let mut squares = [0; 10];
/// gradus_tensor::threads::for_each_piece(&mut squares, 4, |i, piece| {
///     for (j, x) in piece.iter_mut().enumerate() {
///         *x = (4 * i + j) * (4 * i + j);
///     }
/// });
/// assert_eq!(squares[9], 81);
/// ```
pub fn for_each_piece<T: Send>(
    out: &mut [T],
    piece: usize,
    work: impl Fn(usize, &mut [T]) + Sync + Send,
) {
    let piece = piece.max(1);
    if out.len() <= piece || count() == 1 {
        out.chunks_mut(piece).enumerate().for_each(|(i, c)| work(i, c));
    } else {
        out.par_chunks_mut(piece).enumerate().for_each(|(i, c)| work(i, c));
    }
}

/// Computes `work(0), …, work(n - 1)`, in parallel where `parallel` holds, in order of their
/// index.
///
/// ```
/// let squares = gradus_tensor::threads::map_indices(4, true, |i| i * i);
/// assert_eq!(squares, [0, 1, 4, 9]);
/// ```
pub fn map_indices<R: Send>(
    n: usize,
    parallel: bool,
    work: impl Fn(usize) -> R + Sync + Send,
) -> Vec<R> {
    if parallel && n > 1 && count() > 1 {
        (0..n).into_par_iter().map(work).collect()
    } else {
        (0..n).map(work).collect()
    }
}
