//! A pool of memory blocks.
//!
//! A training step needs the same blocks as the step before it. Handing them from one step to the
//! next saves the system calls, and the page fault that the first touch of every fresh page costs.
//!
//! Blocks of 4 KiB and more are rounded up to one of eight sizes per power of two (so at most an
//! eighth is wasted) and kept, when freed, on the list of their size. Smaller ones go to the
//! system's allocator, which is quick at those.
//!
//! All memory is set to zero when the system hands it over and is only ever filled with values, so
//! a block never holds undefined bytes, only stale ones.

use std::alloc::{Layout, alloc, alloc_zeroed, dealloc};
use std::collections::BTreeMap;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Cache lines and the widest vectors have 64 bytes.
const ALIGN: usize = 64;
/// Blocks below this size are not pooled.
const POOLED: usize = 4096;
/// From here on the system is asked before a shape that a caller named is taken for good.
const MANY: usize = 1 << 28;
/// What the pool may hold beyond one and a half times the most that was ever alive, before it gives
/// back what lies unused rather than ask for more.
///
/// The measure is the most that was alive and not what is: between two training steps little is, and
/// all that the next one needs lies unused.
const SLACK: usize = 64 << 20;

static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);
static CACHED: AtomicUsize = AtomicUsize::new(0);
static REQUESTS: AtomicUsize = AtomicUsize::new(0);
static FREE: Mutex<BTreeMap<usize, Vec<Block>>> = Mutex::new(BTreeMap::new());

/// What the pool holds, in bytes.
///
/// ```
/// use gradus_tensor::{Tensor, memory};
/// let x = Tensor::<f32>::zeros([1 << 20]);
/// assert!(memory::stats().live >= 4 << 20);
/// # drop(x);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct MemoryStats {
    /// Bytes in tensors that are alive.
    pub live: usize,
    /// The most bytes that were alive at one time.
    pub peak: usize,
    /// Bytes kept for tensors to come.
    pub cached: usize,
    /// How often the pool had to ask the system for a block.
    pub system_requests: usize,
}

/// A piece of memory: its start and its size in bytes.
pub(super) struct Block {
    pub(super) start: NonNull<u8>,
    pub(super) size: usize,
}

// SAFETY: a block is the only owner of its memory, which is not tied to a thread.
unsafe impl Send for Block {}
// SAFETY: a shared block gives nothing but its address.
unsafe impl Sync for Block {}

/// Gives the present figures.
pub fn stats() -> MemoryStats {
    MemoryStats {
        live: LIVE.load(Relaxed),
        peak: PEAK.load(Relaxed),
        cached: CACHED.load(Relaxed),
        system_requests: REQUESTS.load(Relaxed),
    }
}

/// Gives all unused memory back to the system, and says how many bytes it was.
///
/// ```
/// gradus_tensor::memory::trim();
/// ```
pub fn trim() -> usize {
    let blocks = std::mem::take(&mut *free_lists());
    let bytes = blocks.into_values().flatten().map(release).sum();
    CACHED.fetch_sub(bytes, Relaxed);
    bytes
}

/// A block of at least `bytes` bytes, aligned to 64, with stale content.
pub(super) fn take(bytes: usize) -> Block {
    let size = round_up(bytes);
    let live = LIVE.fetch_add(size, Relaxed) + size;
    let peak = PEAK.fetch_max(live, Relaxed).max(live);
    if size >= POOLED {
        let kept = free_lists().get_mut(&size).and_then(Vec::pop);
        if let Some(block) = kept {
            CACHED.fetch_sub(size, Relaxed);
            return block;
        }
        // The sizes asked for have changed: what lies unused will hardly be wanted again.
        if live + CACHED.load(Relaxed) > peak + peak / 2 + SLACK {
            trim();
        }
        REQUESTS.fetch_add(1, Relaxed);
    }
    let layout = layout(size);
    // SAFETY: the size is not zero, see `round_up`.
    let fresh = || NonNull::new(unsafe { alloc_zeroed(layout) });
    let retried = || if trim() > 0 { fresh() } else { None };
    match fresh().or_else(retried) {
        Some(start) => Block { start, size },
        None => {
            LIVE.fetch_sub(size, Relaxed);
            panic!("out of memory: there are no {bytes} bytes for a tensor");
        }
    }
}

/// Whether the system would give so many bytes now: asked of it where they are many, so that what was
/// asked for by mistake is an error and not the end.
pub(crate) fn has_room(bytes: usize) -> bool {
    if bytes < MANY {
        return true;
    }
    let Ok(layout) = Layout::from_size_align(round_up(bytes), ALIGN) else { return false };
    let given = || {
        // SAFETY: the size is not zero, and the block is given back with the same layout.
        unsafe {
            // A block that nobody looks at would not be asked for.
            let start = std::hint::black_box(alloc(layout));
            if !start.is_null() {
                dealloc(start, layout);
            }
            !start.is_null()
        }
    };
    given() || (trim() > 0 && given())
}

/// Takes a block back.
pub(super) fn give(block: Block) {
    LIVE.fetch_sub(block.size, Relaxed);
    if block.size >= POOLED {
        CACHED.fetch_add(block.size, Relaxed);
        free_lists().entry(block.size).or_default().push(block);
    } else {
        release(block);
    }
}

fn release(block: Block) -> usize {
    // SAFETY: `take` allocated the block with this layout, and its owner gave it up.
    unsafe { dealloc(block.start.as_ptr(), layout(block.size)) };
    block.size
}

fn free_lists() -> MutexGuard<'static, BTreeMap<usize, Vec<Block>>> {
    // The lists are whole between any two calls, so a panic elsewhere does not spoil them.
    FREE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The size of the block that holds `bytes`: a multiple of 64, and from 4 KiB on one of eight
/// sizes per power of two.
fn round_up(bytes: usize) -> usize {
    let step = if bytes < POOLED { ALIGN } else { (bytes + 1).next_power_of_two() / 16 };
    bytes.max(1).next_multiple_of(step)
}

fn layout(size: usize) -> Layout {
    // Sizes come from shapes whose byte count was checked to fit in isize.
    Layout::from_size_align(size, ALIGN).unwrap_or_else(|_| Layout::new::<u8>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_waste_at_most_an_eighth() {
        for bytes in [1, 63, 64, 65, 4095, 4096, 4097, 100_000, 1 << 20, (1 << 20) + 1] {
            let size = round_up(bytes);
            assert!(size >= bytes && size.is_multiple_of(ALIGN), "{bytes} -> {size}");
            assert!(bytes < POOLED || size - bytes <= bytes / 8, "{bytes} -> {size}");
        }
    }
}
