//! Steps that must follow one another, each cut into pieces: a recurrent layer walks through time.
//!
//! Starting a job for each step would take a microsecond each time. Here the threads meet once, and
//! then between two steps only wait until all pieces of the first are done: a few hundred
//! nanoseconds. A thread waits only for pieces that another one is working on, so it does not matter
//! how many threads come, or when.

use std::hint::spin_loop;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};

use super::{count, for_each_index};

/// Turns of the waiting loop between two offers of the processor to others.
const TURNS: usize = 1024;
/// The most threads that share the work.
const SEATS: usize = 64;

/// Calls `work(step, piece)` for every step below `steps` and every piece below `pieces`: all
/// pieces of a step, in any order and in parallel if `parallel` holds, before any of the next one.
///
/// ```
/// use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
/// let (first, second) = (AtomicUsize::new(0), AtomicUsize::new(0));
/// gradus_tensor::threads::for_each_step(2, 100, true, |step, i| match step {
///     0 => drop(first.fetch_add(i, Relaxed)),
///     _ => drop(second.fetch_add(first.load(Relaxed), Relaxed)),
/// });
/// assert_eq!(second.into_inner(), 100 * 4950);
/// ```
///
/// # Panics
/// If `work` does.
pub fn for_each_step(
    steps: usize,
    pieces: usize,
    parallel: bool,
    work: impl Fn(usize, usize) + Sync,
) {
    let threads = if parallel { count().min(pieces).min(SEATS) } else { 1 };
    if threads <= 1 {
        (0..steps).for_each(|step| (0..pieces).for_each(|piece| work(step, piece)));
        return;
    }
    let seats: [Seat; SEATS] = [const { Seat(AtomicUsize::new(0)) }; SEATS];
    let all = Steps { steps, pieces, seats: &seats[..threads], done: Seat(AtomicUsize::new(0)) };
    for_each_index(threads, true, |seat| all.share(seat, &work));
}

/// A number alone on its cache lines.
#[repr(align(128))]
struct Seat(AtomicUsize);

struct Steps<'a> {
    steps: usize,
    pieces: usize,
    /// For each thread how many pieces have been taken from its range, over all steps: who takes
    /// one must say of which step.
    seats: &'a [Seat],
    /// Pieces that are done, over all steps; or [`BROKEN`] and more.
    done: Seat,
}

/// More pieces than there ever are: a piece has panicked.
const BROKEN: usize = usize::MAX / 2;

impl Steps<'_> {
    /// Works on the steps that are left: on the range of `seat`, then on what is left of others'.
    fn share(&self, seat: usize, work: &impl Fn(usize, usize)) {
        /// Tells the others, who would wait for ever.
        struct Broken<'a>(&'a AtomicUsize);
        impl Drop for Broken<'_> {
            fn drop(&mut self) {
                self.0.fetch_or(BROKEN, AcqRel);
            }
        }
        let guard = Broken(&self.done.0);
        let threads = self.seats.len();
        let mut step = self.done.0.load(Acquire) / self.pieces;
        while step < self.steps {
            let mut mine = 0;
            for at in (seat..threads).chain(0..seat) {
                let [first, end] = [at, at + 1].map(|i| self.pieces * i / threads);
                while let Some(taken) = self.take(at, step, end - first) {
                    work(step, first + taken);
                    mine += 1;
                }
            }
            let wanted = (step + 1) * self.pieces;
            let mut done = self.done.0.fetch_add(mine, AcqRel) + mine;
            let mut turns = 0;
            while done < wanted {
                spin_loop();
                turns += 1;
                if turns % TURNS == 0 {
                    std::thread::yield_now();
                }
                done = self.done.0.load(Acquire);
            }
            step = done / self.pieces;
        }
        std::mem::forget(guard);
    }

    /// The next piece of a range of `len` in this step, if one is left.
    fn take(&self, seat: usize, step: usize, len: usize) -> Option<usize> {
        let taken = &self.seats[seat].0;
        let mut now = taken.load(Relaxed);
        loop {
            // All of a step are taken before the next begins.
            let next = now.checked_sub(step * len).filter(|&next| next < len)?;
            match taken.compare_exchange_weak(now, now + 1, AcqRel, Relaxed) {
                Ok(_) => return Some(next),
                Err(other) => now = other,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::super::with_count;
    use super::*;

    #[test]
    fn no_step_begins_before_the_last_has_ended() {
        for threads in [1, 2, 3, 7] {
            for pieces in [1, 2, 3, 16] {
                let done: Vec<AtomicUsize> = (0..200).map(|_| AtomicUsize::new(0)).collect();
                let work = |step: usize, piece: usize| {
                    assert!(piece < pieces);
                    assert!(step == 0 || done[step - 1].load(Relaxed) == pieces);
                    done[step].fetch_add(1, Relaxed);
                };
                with_count(threads, || for_each_step(done.len(), pieces, true, work)).unwrap();
                assert!(done.iter().all(|done| done.load(Relaxed) == pieces));
            }
        }
    }

    #[test]
    fn a_panic_reaches_the_caller() {
        let run =
            || with_count(3, || for_each_step(9, 9, true, |s, p| assert!(s != 5 || p != 7, "57")));
        assert!(catch_unwind(run).is_err());
        no_step_begins_before_the_last_has_ended();
    }
}
