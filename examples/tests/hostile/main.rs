//! Damaged files, thousands of them: every reader answers with a value or an error, and takes no more memory
//! than a small multiple of the file. `fuzz/` does the same for as long as one likes.

mod readers;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use gradus::tensor::Rng;

use self::readers::READERS;

/// How many damaged files each reader gets.
const FILES: u64 = 300;
/// What a reader may take whatever the file: buffers, names in errors, a small picture.
const ALWAYS: usize = 1 << 20;

thread_local! {
    /// Bytes that this thread holds, and the most that it held.
    static HELD: Cell<[isize; 2]> = const { Cell::new([0; 2]) };
}

/// The system's allocator, counted.
struct Counting;

fn count(bytes: isize) {
    // Late in the life of a thread there is nothing to count with.
    let _ = HELD.try_with(|held| {
        let [now, most] = held.get();
        held.set([now + bytes, most.max(now + bytes)]);
    });
}

// SAFETY: all is done by the system's allocator; counting allocates nothing.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(start, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// Damages a file: bits, bytes that are often special, numbers, parts cut out, moved or repeated.
fn damage(bytes: &mut Vec<u8>, rng: &mut Rng) {
    for _ in 0..1 + rng.below(4) {
        if bytes.is_empty() {
            return;
        }
        let at = rng.below(bytes.len());
        let end = at + 1 + rng.below((bytes.len() - at).min(16));
        match rng.below(8) {
            0 => bytes[at] ^= 1 << rng.below(8),
            1 => bytes[at] = [0, 1, 0x7f, 0x80, 0xff, b'"', b',', b'\n', b'{', b'['][rng.below(10)],
            2 => bytes.truncate(at),
            3 => drop(bytes.drain(at..end)),
            4 => {
                let part = bytes[at..end].to_vec();
                let to = rng.below(bytes.len());
                bytes.splice(to..to, part);
            }
            5 | 6 => {
                let large: u64 = [u64::MAX, 1 << 63, 1 << 40, 1 << 31, u32::MAX.into(), 1 << 20, 0]
                    [rng.below(7)];
                let wide = [2, 4, 8][rng.below(3)];
                let number =
                    if rng.below(2) == 0 { large.to_le_bytes() } else { large.to_be_bytes() };
                let number =
                    if large < 1 << 32 && wide == 4 { &number[..4] } else { &number[..wide] };
                let end = (at + wide).min(bytes.len());
                bytes[at..end].copy_from_slice(&number[..end - at]);
            }
            _ => {
                let digits = ["99999999999999999999", "-1", "1e999", "nan", "18446744073709551615"];
                bytes.splice(at..at, digits[rng.below(5)].bytes());
            }
        }
    }
}

#[test]
fn damaged_files_are_answered() {
    let folder = tempfile::tempdir().unwrap();
    for reader in READERS {
        let whole = (reader.whole)(folder.path());
        assert!(
            (reader.read)(&whole, folder.path()),
            "{} does not read the whole file",
            reader.name
        );
        for seed in 0..FILES {
            let mut bytes = whole.clone();
            damage(&mut bytes, &mut Rng::new(seed));
            let name = format!("{}, seed {seed}", reader.name);
            let before = HELD.get()[0];
            HELD.set([before; 2]);
            let answer = catch_unwind(AssertUnwindSafe(|| (reader.read)(&bytes, folder.path())));
            let taken = (HELD.get()[1] - before) as usize;
            assert!(answer.is_ok(), "{name} panics");
            let limit = ALWAYS + reader.multiple * bytes.len();
            assert!(taken <= limit, "{name} takes {taken} bytes for {} of file", bytes.len());
        }
    }
}
