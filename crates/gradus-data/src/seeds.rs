//! One seed, many independent uses: each (seed, use, epoch) gets a key of its own, and each item a
//! stream of that key, so that no draw depends on which thread made another draw, or when.
//!
//! Keys are mixed with the finaliser of SplitMix64 (Steele, Lea, Flood, *Fast splittable
//! pseudorandom number generators*, 2014).

use gradus_tensor::Rng;

/// What the numbers are used for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Use {
    /// Dividing a data set into parts.
    Split = 1,
    /// The order of an epoch.
    Order = 2,
    /// Random transforms of items.
    Transform = 3,
}

/// The generator of one use of a seed in one epoch.
pub(crate) fn rng(seed: u64, purpose: Use, epoch: u64) -> Rng {
    Rng::new(mix(mix(seed ^ mix(purpose as u64)).wrapping_add(epoch)))
}

/// The seed of one shard of streamed data.
pub(crate) fn shard(seed: u64, shard: usize) -> u64 {
    mix(seed).wrapping_add(mix(shard as u64))
}

fn mix(x: u64) -> u64 {
    let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::{Use, mix, rng};

    #[test]
    fn mix_is_splitmix64() {
        // The first outputs of SplitMix64 from state 0, as its reference implementation prints them.
        assert_eq!(mix(0), 0xe220_a839_7b1d_cdaf);
        assert_eq!(mix(0x9e37_79b9_7f4a_7c15), 0x6e78_9e6a_a1b9_65f4);
    }

    #[test]
    fn uses_epochs_and_seeds_differ() {
        let numbers = |seed, purpose, epoch| rng(seed, purpose, epoch).permutation(50);
        let one = numbers(1, Use::Order, 0);
        assert_eq!(one, numbers(1, Use::Order, 0));
        assert_ne!(one, numbers(1, Use::Split, 0));
        assert_ne!(one, numbers(1, Use::Order, 1));
        assert_ne!(one, numbers(2, Use::Order, 0));
    }
}
