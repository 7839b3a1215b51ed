//! A number that tells data apart: FNV-1a (G. Fowler, L. C. Noll and K.-P. Vo, *The FNV non-cryptographic hash algorithm*,
//! draft-eastlake-fnv, 2019), 64 bits.
//!
//! ```text
//! h ← (h xor byte) · 0x100000001b3      for each byte, from h = 0xcbf29ce484222325
//! ```
//!
//! It finds what differs by mistake, such as another file or another transform; it is no defence.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// That of no bytes.
pub(crate) const START: u64 = 0xcbf2_9ce4_8422_2325;

/// Mixes bytes in.
pub(crate) fn mix(so_far: u64, bytes: impl AsRef<[u8]>) -> u64 {
    let step = |hash: u64, &byte: &u8| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    bytes.as_ref().iter().fold(so_far, step)
}

/// A digest that comes out the same twice. What is not the same twice has none, nor has what cannot be read.
pub(crate) fn of(make: impl Fn() -> Option<u64>) -> Option<u64> {
    // A panic is told by whoever wants the data and not their digest.
    let make = || catch_unwind(AssertUnwindSafe(&make)).ok().flatten();
    make().filter(|&first| make() == Some(first))
}

/// The digests of data and of their order in brackets, as far as there are any.
pub(crate) fn words(data: Option<u64>, order: Option<u64>) -> String {
    let word = |name, digest: Option<u64>| digest.map(|digest| format!("{name} {digest:016x}"));
    let words: Vec<_> =
        [word("digest", data), word("order", order)].into_iter().flatten().collect();
    if words.is_empty() { String::new() } else { format!(" ({})", words.join(", ")) }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// The numbers of the reference implementation's test suite.
    #[test]
    fn mix_is_fnv_1a() {
        for (text, wanted) in [
            ("", 0xcbf2_9ce4_8422_2325),
            ("a", 0xaf63_dc4c_8601_ec8c),
            ("foobar", 0x8594_4171_f739_67e8),
        ] {
            assert_eq!(mix(START, text), wanted, "{text:?}");
        }
    }

    #[test]
    fn what_is_not_the_same_twice_has_no_digest() {
        let count = Cell::new(0);
        let counting = || Some(count.replace(count.get() + 1));
        assert_eq!((of(counting), of(|| Some(7)), of(|| None)), (None, Some(7), None));
        assert_eq!(of(|| panic!("no data")), None);
        assert_eq!(words(Some(1), None), " (digest 0000000000000001)");
        assert_eq!(words(None, None), "");
    }
}
