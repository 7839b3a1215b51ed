//! From a data set to batches: order, grouping, worker threads, and a position that can be saved.

mod batches;
mod state;
mod workers;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use batches::Batches;
pub use state::LoaderState;

use crate::collate::{BatchOf, Collate};
use crate::samplers::{BatchSampler, RandomSampler, Sampler, SequentialSampler};
use crate::{Dataset, Error, Result, digest};
pub(crate) use state::Position;
use workers::{Pass, Workers};
pub(crate) use workers::{alone, text as panic_text};

/// Goes through a data set in batches, again and again.
///
/// Each call of [`iter`](Self::iter) is one epoch. What comes is determined by the data set, the
/// settings and the number of the epoch alone: the batches have the same order and the same bits
/// for any number of workers.
///
/// ```
/// use gradus_data::{DataLoader, Dataset, Digits};
///
/// let (train, _test) = Digits::load()?.split(0.8, 42)?;
/// let loader = DataLoader::new(train).batch_size(64).shuffle(42).workers(2);
/// assert_eq!(loader.len(), 23);
/// for batch in loader.iter() {
///     let (_images, labels) = batch?;
///     assert!(labels.len() <= 64);
/// }
/// # Ok::<(), gradus_data::Error>(())
/// ```
///
/// A position can be saved between any two batches, and taken up again, also in another process:
///
/// ```
/// # use gradus_data::{DataLoader, Digits};
/// let make = || Ok::<_, gradus_data::Error>(DataLoader::new(Digits::load()?).batch_size(500).shuffle(1));
/// let loader = make()?;
/// let mut batches = loader.iter();
/// batches.next();
/// let position = loader.state();           // epoch 0, batch 1
///
/// let again = make()?;
/// again.restore(position)?;
/// let (old, new) = (batches.next(), again.iter().next());
/// assert_eq!(old.transpose()?.map(|b| b.1), new.transpose()?.map(|b| b.1));
/// # Ok::<(), gradus_data::Error>(())
/// ```
pub struct DataLoader<D>
where
    D: Dataset,
    D::Item: Collate,
{
    dataset: Arc<D>,
    sampler: Arc<dyn Sampler>,
    batch_size: usize,
    drop_last: bool,
    workers: usize,
    prefetch: usize,
    /// Threads need a data set that lives as long as they do. Only `workers`, which asks for such a
    /// one, can name the function that starts them; so a loader without workers may borrow.
    spawn: Option<Spawn<D>>,
    position: Mutex<Position>,
}

/// Starts workers at a batch of a pass: data set, pass, first batch, workers, prefetch.
type Spawn<D> = fn(&Arc<D>, &Arc<Pass>, usize, usize, usize) -> Result<Workers<BatchOf<D>>>;

impl<D> DataLoader<D>
where
    D: Dataset,
    D::Item: Collate,
{
    /// Single items in the data set's order, made on the calling thread. A reference to a data set
    /// is a data set too, so the loader may borrow.
    pub fn new(dataset: D) -> Self {
        Self {
            dataset: Arc::new(dataset),
            sampler: Arc::new(SequentialSampler),
            batch_size: 1,
            drop_last: false,
            workers: 0,
            prefetch: 4,
            spawn: None,
            position: Mutex::default(),
        }
    }

    /// Items in a batch. 0 is an error of [`iter`](Self::iter).
    pub fn batch_size(self, batch_size: usize) -> Self {
        Self { batch_size, ..self }
    }

    /// Random order, another one in each epoch: [`RandomSampler`].
    pub fn shuffle(self, seed: u64) -> Self {
        self.sampler(RandomSampler::new(seed))
    }

    /// The order of a sampler.
    pub fn sampler(self, sampler: impl Sampler + 'static) -> Self {
        Self { sampler: Arc::new(sampler), ..self }
    }

    /// Whether to leave out the last batch if it is not full.
    pub fn drop_last(self, drop_last: bool) -> Self {
        Self { drop_last, ..self }
    }

    /// Threads that make batches ahead of time; 0, as it is at first, makes them when they are
    /// asked for. Worth it where items are read from files or transformed at length. Operations on tensors that a worker
    /// calls run on its own thread alone, so that those of training have theirs; without workers they run on all.
    ///
    /// The data set must not be borrowed: give the loader the data set itself, a clone (those of
    /// this crate share their data), or an [`Arc`].
    pub fn workers(self, workers: usize) -> Self
    where
        D: 'static,
        BatchOf<D>: Send + 'static,
    {
        Self { workers, spawn: Some(Workers::spawn), ..self }
    }

    /// How many batches workers may be ahead, rounded up to the same number for each worker and at
    /// least one for each: a bound on memory. 4 at first.
    pub fn prefetch(self, batches: usize) -> Self {
        Self { prefetch: batches, ..self }
    }

    /// The data set.
    pub fn dataset(&self) -> &D {
        &self.dataset
    }

    /// The number of batches in a whole epoch; 0 if the batch size is.
    pub fn len(&self) -> usize {
        let items = self.sampler.count(self.dataset.len());
        BatchSampler::count(items, self.batch_size, self.drop_last)
    }

    /// Whether an epoch has no batches.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The next epoch, or what is left of an epoch after [`restore`](Self::restore).
    ///
    /// Each item is a batch, or the error that kept that batch from being made; the batches after it
    /// still come. A panic of the data set is such an error too. If there can be no batches at all
    /// (a batch size of 0, no items, a sampler that does not fit) the first item says so and is the
    /// last.
    ///
    /// To drop the iterator early is fine: workers finish the batch they have in hand, no more, and
    /// the next call starts the next epoch.
    pub fn iter(&self) -> Batches<'_, D> {
        let (start, ticket) = self.position().begin();
        Batches::new(self, start, ticket)
    }

    /// The position: the epoch, and how many of its batches were handed out, whether or not workers
    /// are ahead. To be saved with a checkpoint.
    pub fn state(&self) -> LoaderState {
        let (epoch, batch) = self.position().at();
        LoaderState { epoch, batch, seed: self.sampler.seed() }
    }

    /// Goes to a position: the next [`iter`](Self::iter) continues there, in the middle of its epoch
    /// if need be, with what would have come had it never stopped. An iterator that already runs
    /// goes on, but no longer moves the position.
    ///
    /// # Errors
    /// [`Error::Value`] if the position has another seed, or lies beyond the end of an epoch, so
    /// that it belongs to another data set or batch size.
    pub fn restore(&self, state: LoaderState) -> Result<()> {
        let op = "DataLoader::restore";
        let seed = self.sampler.seed();
        if state.seed != seed {
            let got = format!("a position of the seed {}", state.seed);
            let wanted = format!("one of the seed {seed}; give the loader the seed that it had");
            return Err(Error::value(op, got, wanted));
        }
        let len = self.len();
        if state.batch > len as u64 {
            let got = format!("batch {} of an epoch of {len}", state.batch);
            let wanted = "a position of the same data set and batch size";
            return Err(Error::value(op, got, wanted));
        }
        self.position().go_to(state);
        Ok(())
    }

    /// All that determines which batch comes at a position but the seed, in words: how many items there are, how they are cut
    /// into batches, a digest of the first, the middle and the last item, where their type [has one](Collate::digest), and
    /// one of the order of epoch 0. With other words a run cannot go on as if it had never stopped.
    ///
    /// ```
    /// use gradus_data::{DataLoader, Digits};
    /// let about = DataLoader::new(Digits::load()?).batch_size(64).about();
    /// assert!(about.starts_with("1797 items in 29 batches of 64 (digest "));
    /// # Ok::<(), gradus_data::Error>(())
    /// ```
    pub fn about(&self) -> String {
        let (items, batches, size) = (self.dataset.len(), self.len(), self.batch_size);
        let data = digest::of(|| {
            let places = [0, items / 2, items.checked_sub(1)?];
            places.into_iter().try_fold(digest::START, |all, place| {
                <D::Item as Collate>::digest(&self.dataset.get_batch(&[place], 0).ok()?, all)
            })
        });
        let order = digest::of(|| {
            let order = self.sampler.order(items, 0).ok()?;
            Some(order.iter().fold(digest::START, |all, i| digest::mix(all, i.to_le_bytes())))
        });
        format!("{items} items in {batches} batches of {size}{}", digest::words(data, order))
    }

    /// The batches of an epoch.
    fn pass(&self, epoch: u64) -> Result<Pass> {
        let items = self.dataset.len();
        if items == 0 {
            return Err(Error::EmptyDataset);
        }
        let order = self.sampler.order(items, epoch)?;
        let drawn = order.len();
        let batches = BatchSampler::new(order, self.batch_size, self.drop_last)?;
        if batches.is_empty() {
            return Err(Error::NoFullBatch { items: drawn, batch_size: self.batch_size });
        }
        Ok(Pass { epoch, batches })
    }

    /// The position, to be changed. Nothing that can panic runs under this lock, so a poisoned one
    /// holds a whole value.
    fn position(&self) -> MutexGuard<'_, Position> {
        self.position.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<'a, D> IntoIterator for &'a DataLoader<D>
where
    D: Dataset,
    D::Item: Collate,
{
    type Item = Result<BatchOf<D>>;
    type IntoIter = Batches<'a, D>;
    fn into_iter(self) -> Batches<'a, D> {
        self.iter()
    }
}

impl<D> fmt::Debug for DataLoader<D>
where
    D: Dataset,
    D::Item: Collate,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DataLoader")
            .field("items", &self.dataset.len())
            .field("batch_size", &self.batch_size)
            .field("drop_last", &self.drop_last)
            .field("workers", &self.workers)
            .field("prefetch", &self.prefetch)
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}
