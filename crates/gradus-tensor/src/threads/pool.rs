//! The pool: threads that wait for a job a moment longer than it takes to bring the next one.
//!
//! A training step is a chain of a hundred operations of some ten microseconds each. Waking a
//! sleeping thread costs as much as that, so a thread that has finished its share first looks out
//! for more, in a loop of [`WATCH`], and only then goes to sleep. The thread that starts a job
//! works on it as well, and takes the job back from those that were asleep and come too late.
//!
//! Every index of a job belongs to one thread at first, in ranges that are the same from one job to
//! the next, so that what a thread wrote lies in its own cache when it reads it. Who is done helps
//! the others. Who computes an index never changes what is computed.
//!
//! A job that starts while another runs, or from within one, is done by its own thread.

use std::any::Any;
use std::cell::Cell;
use std::hint::spin_loop;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, fence};
use std::sync::{Mutex, PoisonError, TryLockError};
use std::thread::Thread;
use std::time::{Duration, Instant};

use super::{MOST, count, with};

/// How long an idle thread looks out for work before it sleeps.
const WATCH: Duration = Duration::from_micros(200);
/// Turns of a loop between two looks at the clock, or two offers of the processor to others.
const TURNS: usize = 256;

/// Calls `work(0), …, work(n - 1)` in any order, in parallel if `parallel` holds and there is more
/// than one thread. Handing a job to threads that are awake takes about a microsecond.
///
/// ```
/// use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
/// let sum = AtomicUsize::new(0);
/// gradus_tensor::threads::for_each_index(100, true, |i| { sum.fetch_add(i, Relaxed); });
/// assert_eq!(sum.into_inner(), 4950);
/// ```
///
/// # Panics
/// If `work` does.
pub fn for_each_index(n: usize, parallel: bool, work: impl Fn(usize) + Sync) {
    each(n, parallel, &work);
}

/// The same, compiled once.
fn each(n: usize, parallel: bool, work: &(dyn Fn(usize) + Sync)) {
    let threads = if parallel && n > 1 { count().min(n) } else { 1 };
    if threads == 1 || WORKING.get() {
        return (0..n).for_each(work);
    }
    let pool = match POOL.try_lock() {
        Ok(pool) => pool,
        Err(TryLockError::Poisoned(pool)) => pool.into_inner(),
        // Another thread's job has the pool.
        Err(TryLockError::WouldBlock) => return (0..n).for_each(work),
    };
    run(pool, threads, n, work);
}

/// One thread of the pool, as others see it. Alone on its cache lines.
#[repr(align(128))]
struct Seat {
    /// The job that is offered, or [`idle`], or [`busy`].
    job: AtomicPtr<Job<'static>>,
    asleep: AtomicBool,
    /// The next index of this thread's range; that of the job's starter is in seat 0.
    next: AtomicUsize,
}

/// A job; it lives on the stack of the thread that started it.
struct Job<'a> {
    n: usize,
    threads: usize,
    work: &'a (dyn Fn(usize) + Sync),
    panic: Mutex<Option<Box<dyn Any + Send>>>,
}

static SEATS: [Seat; MOST] = [const {
    Seat {
        job: AtomicPtr::new(ptr::null_mut()),
        asleep: AtomicBool::new(false),
        next: AtomicUsize::new(0),
    }
}; MOST];

/// The threads behind seats 1, 2, …; who holds the lock may start a job.
static POOL: Mutex<Vec<Thread>> = Mutex::new(Vec::new());

thread_local! {
    /// Whether this thread is working on a job.
    static WORKING: Cell<bool> = const { Cell::new(false) };
}

fn idle() -> *mut Job<'static> {
    ptr::null_mut()
}

/// An address that is no job's: of a thread that has taken its job.
fn busy() -> *mut Job<'static> {
    ptr::without_provenance_mut(1)
}

fn run(
    mut pool: std::sync::MutexGuard<'_, Vec<Thread>>,
    threads: usize,
    n: usize,
    work: &(dyn Fn(usize) + Sync),
) {
    while pool.len() + 1 < threads {
        let seat = pool.len() + 1;
        let name = format!("gradus-{seat}");
        match std::thread::Builder::new().name(name).spawn(move || serve(&SEATS[seat])) {
            Ok(handle) => pool.push(handle.thread().clone()),
            // The system has no more threads: work with those there are.
            Err(_) => break,
        }
    }
    let threads = threads.min(pool.len() + 1);
    for (seat, it) in SEATS[..threads].iter().enumerate() {
        it.next.store(n * seat / threads, Relaxed);
    }
    let job = Job { n, threads, work, panic: Mutex::new(None) };
    let offer = ptr::from_ref(&job).cast_mut().cast::<Job<'static>>();
    for (seat, thread) in SEATS[1..threads].iter().zip(pool.iter()) {
        seat.job.store(offer, Release);
        // Either this thread sees that the other sleeps, or the other sees the job before it does.
        fence(SeqCst);
        if seat.asleep.load(Relaxed) {
            thread.unpark();
        }
    }
    job.share(0);
    for seat in &SEATS[1..threads] {
        // Who has not begun is not waited for: all indices are taken.
        let _ = seat.job.compare_exchange(offer, idle(), AcqRel, Acquire);
        let mut turns = 0;
        while !seat.job.load(Acquire).is_null() {
            pause(&mut turns);
        }
    }
    drop(pool);
    let panic = job.panic.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(panic) = panic {
        resume_unwind(panic);
    }
}

impl Job<'_> {
    /// Works on the range of `seat`, then on what is left of the others'. Panics are kept for the
    /// starter, so that every thread always comes to its end.
    fn share(&self, seat: usize) {
        WORKING.set(true);
        let result = catch_unwind(AssertUnwindSafe(|| {
            with(1, || {
                for at in (seat..self.threads).chain(0..seat) {
                    let end = self.n * (at + 1) / self.threads;
                    loop {
                        let index = SEATS[at].next.fetch_add(1, Relaxed);
                        if index >= end {
                            break;
                        }
                        (self.work)(index);
                    }
                }
            });
        }));
        WORKING.set(false);
        if let Err(panic) = result {
            *self.panic.lock().unwrap_or_else(PoisonError::into_inner) = Some(panic);
        }
    }
}

/// The life of a thread of the pool.
fn serve(seat: &'static Seat) {
    // The seat's number is its place in the row.
    let number = SEATS.iter().position(|other| ptr::eq(other, seat)).unwrap_or_default();
    loop {
        let offer = wait(seat);
        if seat.job.compare_exchange(offer, busy(), AcqRel, Acquire).is_err() {
            continue;
        }
        // SAFETY: the job was offered and is now taken, and its starter does not return before
        // this thread says that it is done, so the job and what its work borrows are alive.
        let job = unsafe { &*offer };
        job.share(number);
        seat.job.store(idle(), Release);
    }
}

/// Waits for an offer: awake for a while, then asleep.
fn wait(seat: &Seat) -> *mut Job<'static> {
    let (mut turns, mut since) = (0, None);
    loop {
        let offer = seat.job.load(Acquire);
        if !offer.is_null() {
            return offer;
        }
        pause(&mut turns);
        if turns.is_multiple_of(TURNS) && since.get_or_insert_with(Instant::now).elapsed() > WATCH {
            seat.asleep.store(true, Relaxed);
            fence(SeqCst);
            if seat.job.load(Acquire).is_null() {
                std::thread::park();
            }
            seat.asleep.store(false, Relaxed);
            since = None;
        }
    }
}

/// One turn of a waiting loop. Now and then the processor is offered to others, in case there are
/// more threads than processors.
fn pause(turns: &mut usize) {
    spin_loop();
    *turns += 1;
    if turns.is_multiple_of(TURNS) {
        std::thread::yield_now();
    }
}

#[cfg(test)]
mod tests {
    use super::super::with_count;
    use super::*;

    #[test]
    fn every_index_comes_once() {
        for threads in [1, 2, 3, 7] {
            for n in [0, 1, 2, 5, 1000] {
                let seen: Vec<AtomicUsize> = (0..n).map(|_| AtomicUsize::new(0)).collect();
                for _ in 0..50 {
                    let work = |i: usize| {
                        seen[i].fetch_add(1, Relaxed);
                    };
                    with_count(threads, || for_each_index(n, true, work)).unwrap();
                }
                assert!(seen.iter().all(|s| s.load(Relaxed) == 50), "{threads} threads, {n}");
            }
        }
    }

    #[test]
    fn jobs_from_many_threads_and_from_within_jobs_end() {
        let sum = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    with_count(3, || {
                        for_each_index(100, true, |_| {
                            for_each_index(10, true, |i| {
                                sum.fetch_add(i, Relaxed);
                            });
                        });
                    })
                    .unwrap();
                });
            }
        });
        assert_eq!(sum.into_inner(), 4 * 100 * 45);
    }

    #[test]
    fn a_panic_reaches_the_caller_and_the_pool_lives_on() {
        let panic = catch_unwind(|| {
            with_count(3, || for_each_index(100, true, |i| assert!(i != 70, "seventy"))).unwrap();
        });
        assert!(panic.is_err());
        every_index_comes_once();
    }

    #[test]
    fn sleepers_wake() {
        for _ in 0..3 {
            std::thread::sleep(3 * WATCH);
            every_index_comes_once();
        }
    }
}
