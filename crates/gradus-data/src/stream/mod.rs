//! Data that streams: no length, no index, read from beginning to end, in shards.

mod lanes;
mod loader;
mod shuffle;

use gradus_tensor::Rng;

pub use loader::{StreamBatches, StreamLoader};

use crate::Result;
use crate::seeds::{self, Use};

/// The items of one shard, in their order.
pub type ShardItems<T> = Box<dyn Iterator<Item = Result<T>> + Send>;

/// Data in shards (files, ranges of a file, replies of a server), each of which can only be read from its beginning. A
/// [`StreamLoader`] makes batches of it.
///
/// ```
/// use gradus_data::{Error, Result, ShardItems, Shards, StreamLoader};
///
/// /// Texts of a number in each line.
/// struct Numbers(Vec<&'static str>);
///
/// impl Shards for Numbers {
///     type Item = i64;
///     fn shards(&self) -> usize {
///         self.0.len()
///     }
///     fn open(&self, shard: usize) -> Result<ShardItems<i64>> {
///         Ok(Box::new(self.0[shard].lines().map(|line| line.parse().map_err(Error::other))))
///     }
/// }
///
/// let loader = StreamLoader::new(Numbers(vec!["1\n2\n3", "10\n20"])).batch_size(2);
/// let batches: Result<Vec<_>> = loader.iter().map(|batch| Ok(batch?.to_vec())).collect();
/// assert_eq!(batches?, [vec![1, 2], vec![3, 10], vec![20]]);
/// # Ok::<(), Error>(())
/// ```
pub trait Shards: Send + Sync {
    /// One item, such as a text and its label.
    type Item;

    /// The number of shards.
    fn shards(&self) -> usize;

    /// The items of a shard, from its beginning; the same ones each time. An error of the iterator is the last thing that
    /// is read of its shard.
    ///
    /// # Errors
    /// If the shard cannot be read.
    fn open(&self, shard: usize) -> Result<ShardItems<Self::Item>>;

    /// The items of a shard as they look in an epoch. Shards that wrap others pass the epoch on.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    fn open_in_epoch(&self, shard: usize, epoch: u64) -> Result<ShardItems<Self::Item>> {
        let _ = epoch;
        self.open(shard)
    }

    /// The shards whose items are `transform(item, rng)`, made where they are read: by the workers. The generator is a
    /// stream of its own for each (seed, epoch, shard, place in it).
    fn map_items<U, F>(self, seed: u64, transform: F) -> MapShards<Self, F>
    where
        Self: Sized,
        F: Fn(Self::Item, &mut Rng) -> Result<U> + Clone + Send + Sync + 'static,
    {
        MapShards { shards: self, seed, transform }
    }
}

/// What [`Shards::map_items`] makes.
#[derive(Clone)]
pub struct MapShards<S, F> {
    shards: S,
    seed: u64,
    transform: F,
}

impl<S, F, U> Shards for MapShards<S, F>
where
    S: Shards,
    S::Item: 'static,
    F: Fn(S::Item, &mut Rng) -> Result<U> + Clone + Send + Sync + 'static,
{
    type Item = U;

    fn shards(&self) -> usize {
        self.shards.shards()
    }

    /// The items as they look in epoch 0.
    fn open(&self, shard: usize) -> Result<ShardItems<U>> {
        self.open_in_epoch(shard, 0)
    }

    fn open_in_epoch(&self, shard: usize, epoch: u64) -> Result<ShardItems<U>> {
        let items = self.shards.open_in_epoch(shard, epoch)?;
        let rng = seeds::rng(seeds::shard(self.seed, shard), Use::Transform, epoch);
        let transform = self.transform.clone();
        let one =
            move |(place, item): (u64, Result<S::Item>)| transform(item?, &mut rng.stream(place));
        Ok(Box::new((0..).zip(items).map(one)))
    }
}

impl<S: std::fmt::Debug, F> std::fmt::Debug for MapShards<S, F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MapShards")
            .field("shards", &self.shards)
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}
