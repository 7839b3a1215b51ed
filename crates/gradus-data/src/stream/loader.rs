//! From shards to batches: order, shuffling, worker threads, and a position that can be saved.

use std::iter::FusedIterator;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Shards;
use super::lanes::Items;
use super::shuffle::Shuffle;
use crate::loader::{LoaderState, Position};
use crate::seeds::{self, Use};
use crate::{Collate, Error, Result, digest};

/// So many items of a shard are looked at to know it again.
const FIRST: usize = 4;

/// Goes through [`Shards`] in batches, again and again; what a [`DataLoader`](crate::DataLoader) is to a data set.
///
/// Each call of [`iter`](Self::iter) is one epoch. What comes is determined by the data, the settings and the number of
/// the epoch alone, and not by the number of workers. A position can be saved between any two batches. To go to it, what
/// comes before it is read again (items are transformed, batches are not put together): a stream has no index.
///
/// ```
/// use gradus_data::{Result, ShardItems, Shards, StreamLoader};
/// struct Ranges;
/// impl Shards for Ranges {
///     type Item = i64;
///     fn shards(&self) -> usize {
///         3
///     }
///     fn open(&self, shard: usize) -> Result<ShardItems<i64>> {
///         let first = 100 * shard as i64;
///         Ok(Box::new((first..first + 50).map(Ok)))
///     }
/// }
/// let make = || StreamLoader::new(Ranges).batch_size(8).shuffle(42, 32).interleave(3).workers(2);
/// let loader = make();
/// let mut batches = loader.iter();
/// batches.next();
/// let position = loader.state(); // epoch 0, batch 1
///
/// let again = make().workers(0);
/// again.restore(position)?;
/// assert_eq!(batches.next().transpose()?, again.iter().next().transpose()?);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug)]
pub struct StreamLoader<S> {
    source: Arc<S>,
    batch_size: usize,
    drop_last: bool,
    seed: Option<u64>,
    buffer: usize,
    lanes: usize,
    workers: usize,
    prefetch: usize,
    position: Mutex<Position>,
}

impl<S> StreamLoader<S> {
    /// Single items, shard by shard, read on the calling thread.
    pub fn new(source: S) -> Self {
        Self {
            source: Arc::new(source),
            batch_size: 1,
            drop_last: false,
            seed: None,
            buffer: 1,
            lanes: 1,
            workers: 0,
            prefetch: 64,
            position: Mutex::default(),
        }
    }

    /// Items in a batch. 0 is an error of [`iter`](Self::iter).
    pub fn batch_size(self, batch_size: usize) -> Self {
        Self { batch_size, ..self }
    }

    /// Whether to leave out the last batch if it is not full.
    pub fn drop_last(self, drop_last: bool) -> Self {
        Self { drop_last, ..self }
    }

    /// The shards in random order, and each item drawn from a buffer of `buffer` items; another order in each epoch.
    pub fn shuffle(self, seed: u64, buffer: usize) -> Self {
        Self { seed: Some(seed), buffer, ..self }
    }

    /// How many shards are read at once, an item of each in turn; 1 at first. This changes the order.
    pub fn interleave(self, shards: usize) -> Self {
        Self { lanes: shards, ..self }
    }

    /// Threads that read ahead of time, at most one for each shard that is read at once; 0, as it is at first, reads when a
    /// batch is asked for. This does not change the order. Operations on tensors that a worker calls run on its own
    /// thread alone.
    pub fn workers(self, workers: usize) -> Self {
        Self { workers, ..self }
    }

    /// How many items each worker may be ahead; 64 at first.
    pub fn prefetch(self, items: usize) -> Self {
        Self { prefetch: items, ..self }
    }

    /// The position: the epoch, and how many of its batches were handed out, errors counted as batches.
    pub fn state(&self) -> LoaderState {
        let (epoch, batch) = self.position().at();
        LoaderState { epoch, batch, seed: self.seed.unwrap_or(0) }
    }

    /// Goes to a position: the next [`iter`](Self::iter) continues there. Where the stream ends before it, that is the error
    /// of the first batch.
    ///
    /// # Errors
    /// [`Error::Value`] if the position has another seed.
    pub fn restore(&self, state: LoaderState) -> Result<()> {
        let seed = self.seed.unwrap_or(0);
        if state.seed != seed {
            let got = format!("a position of the seed {}", state.seed);
            let wanted = format!("one of the seed {seed}; give the loader the seed that it had");
            return Err(Error::value("StreamLoader::restore", got, wanted));
        }
        self.position().go_to(state);
        Ok(())
    }

    fn position(&self) -> MutexGuard<'_, Position> {
        self.position.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S> StreamLoader<S>
where
    S: Shards + 'static,
    S::Item: Collate + Send + 'static,
{
    /// The next epoch, or what is left of an epoch after [`restore`](Self::restore).
    ///
    /// An error of an item is handed out where it arises and ends its shard; the items of other shards still come. What
    /// makes no batches (a batch size of 0, no items) is an error, the first and last item.
    pub fn iter(&self) -> StreamBatches<'_, S> {
        let ((epoch, batch), ticket) = self.position().begin();
        let items = self.items(epoch);
        StreamBatches {
            loader: self,
            epoch,
            ticket,
            next: batch,
            skip: batch,
            held: Vec::new(),
            items: Some(items),
        }
    }

    /// All that determines which batch comes at a position but the seed, in words: the settings, the number of shards, and a
    /// digest of the first items of the first, the middle and the last shard, where their type [has
    /// one](Collate::digest). With other words a run cannot go on as if it had never stopped.
    pub fn about(&self) -> String {
        let Self { batch_size, buffer, lanes, drop_last, seed, .. } = self;
        let shards = self.source.shards();
        let order = match seed {
            Some(_) => format!("in random order, through a buffer of {buffer}"),
            None => "in their order".to_string(),
        };
        let last = if *drop_last { ", the last one only if full" } else { "" };
        let digest = digest::of(|| {
            let places = [0, shards / 2, shards.checked_sub(1)?];
            places.into_iter().try_fold(digest::START, |all, shard| {
                self.source.open_in_epoch(shard, 0).ok()?.take(FIRST).try_fold(all, |all, item| {
                    S::Item::digest(&Collate::collate(vec![item.ok()?]).ok()?, all)
                })
            })
        });
        format!(
            "a stream of {shards} shards, {lanes} at once, {order}, in batches of {batch_size}{last}{}",
            digest::words(digest, None)
        )
    }

    fn items(&self, epoch: u64) -> Result<Shuffled<S>> {
        if self.batch_size == 0 {
            return Err(Error::value("StreamLoader", "batch size 0", "at least 1 item in a batch"));
        }
        let rng = seeds::rng(self.seed.unwrap_or(0), Use::Order, epoch);
        let shards = self.source.shards();
        let order: Vec<usize> = match self.seed {
            Some(_) => rng.clone().permutation(shards),
            None => (0..shards).collect(),
        };
        let items =
            Items::new(&self.source, epoch, &order, self.lanes, self.workers, self.prefetch)?;
        Ok(Shuffle::new(items, self.buffer, rng.stream(1)))
    }
}

type Shuffled<S> = Shuffle<Items<S>, <S as Shards>::Item>;

/// The batches of one epoch, in order: what [`StreamLoader::iter`] gives.
pub struct StreamBatches<'a, S: Shards> {
    loader: &'a StreamLoader<S>,
    epoch: u64,
    ticket: u64,
    next: u64,
    /// Batches before the position that was restored.
    skip: u64,
    /// Items of a batch that is not full yet.
    held: Vec<S::Item>,
    /// Nothing when all is said.
    items: Option<Result<Shuffled<S>>>,
}

impl<S> StreamBatches<'_, S>
where
    S: Shards + 'static,
    S::Item: Collate + Send + 'static,
{
    /// The items of the next batch; nothing at the end.
    fn gather(&mut self) -> Option<Result<Vec<S::Item>>> {
        let items = match self.items.take()? {
            Ok(items) => self.items.insert(Ok(items)).as_mut().ok()?,
            Err(error) => return Some(Err(error)),
        };
        while self.held.len() < self.loader.batch_size {
            match items.next() {
                Some(Ok(item)) => self.held.push(item),
                Some(Err(error)) => return Some(Err(error)),
                None if self.held.is_empty() || self.loader.drop_last => return None,
                None => break,
            }
        }
        Some(Ok(std::mem::take(&mut self.held)))
    }

    /// Says why there was no batch at all, or that the epoch is over.
    fn end(&mut self) -> Option<Error> {
        drop(self.items.take()?.ok()); // The threads end before the epoch does.
        let (items, batch_size) = (self.held.len(), self.loader.batch_size);
        match (self.next, items) {
            (0, 0) => Some(Error::EmptyDataset),
            (0, _) => Some(Error::NoFullBatch { items, batch_size }),
            _ => {
                self.loader.position().finish(self.ticket);
                None
            }
        }
    }
}

impl<S> Iterator for StreamBatches<'_, S>
where
    S: Shards + 'static,
    S::Item: Collate + Send + 'static,
{
    type Item = Result<<S::Item as Collate>::Batch>;

    fn next(&mut self) -> Option<Self::Item> {
        for done in 0..std::mem::take(&mut self.skip) {
            match self.gather() {
                // The epoch could not begin.
                Some(Err(error)) if self.items.is_none() => return Some(Err(error)),
                Some(_) => {}
                None => {
                    self.items = None;
                    let got = format!("batch {} of an epoch of {done}", self.next);
                    let wanted = "a position of the same data and batch size";
                    return Some(Err(Error::value("StreamLoader::restore", got, wanted)));
                }
            }
        }
        let items = match self.gather() {
            Some(items) => items,
            None => return self.end().map(Err),
        };
        if self.items.is_none() {
            return items.err().map(Err); // The epoch could not begin.
        }
        let batch = items.and_then(|items| {
            let made = catch_unwind(AssertUnwindSafe(|| Collate::collate(items)));
            made.unwrap_or_else(|panic| {
                let message = crate::loader::panic_text(panic.as_ref());
                let batch = usize::try_from(self.next).unwrap_or(usize::MAX);
                Err(Error::Panicked { epoch: self.epoch, batch, message })
            })
        });
        self.next += 1;
        self.loader.position().advance(self.ticket, self.next);
        Some(batch)
    }
}

impl<S> FusedIterator for StreamBatches<'_, S>
where
    S: Shards + 'static,
    S::Item: Collate + Send + 'static,
{
}
