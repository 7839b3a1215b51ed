//! Where batches come from.

use gradus_data::{
    BatchOf, Collate, DataLoader, Dataset, LoaderState, Result, Shards, StreamLoader,
};

/// What a trainer takes its batches from: a [`DataLoader`], a [`StreamLoader`], or anything else that goes through data again and
/// again and whose position can be saved.
///
/// ```
/// use gradus_data::LoaderState;
/// use gradus_train::Source;
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// /// Ten numbers in each epoch.
/// #[derive(Default)]
/// struct Count { epoch: AtomicU64, next: AtomicU64 }
///
/// impl Source for Count {
///     type Batch = u64;
///     fn batches(&self) -> Box<dyn Iterator<Item = gradus_data::Result<u64>> + '_> {
///         Box::new(std::iter::from_fn(|| {
///             let i = self.next.load(Ordering::Relaxed);
///             if i == 10 {
///                 self.next.store(0, Ordering::Relaxed);
///                 self.epoch.fetch_add(1, Ordering::Relaxed);
///                 return None;
///             }
///             self.next.store(i + 1, Ordering::Relaxed);
///             Some(Ok(i))
///         }))
///     }
///     fn steps(&self) -> Option<usize> {
///         Some(10)
///     }
///     fn state(&self) -> LoaderState {
///         let [epoch, batch] = [&self.epoch, &self.next].map(|n| n.load(Ordering::Relaxed));
///         LoaderState { epoch, batch, ..LoaderState::default() }
///     }
///     fn restore(&self, state: LoaderState) -> gradus_data::Result<()> {
///         self.epoch.store(state.epoch, Ordering::Relaxed);
///         self.next.store(state.batch, Ordering::Relaxed);
///         Ok(())
///     }
/// }
///
/// let count = Count::default();
/// assert_eq!(count.batches().take(3).flatten().collect::<Vec<_>>(), [0, 1, 2]);
/// assert_eq!(count.state().batch, 3);
/// ```
pub trait Source {
    /// What a step is made on.
    type Batch;

    /// The next epoch, or what is left of one after [`restore`](Source::restore). From then on
    /// [`state`](Source::state) is the position in it.
    fn batches(&self) -> Box<dyn Iterator<Item = Result<Self::Batch>> + '_>;

    /// How many batches an epoch has, if that is known.
    fn steps(&self) -> Option<usize>;

    /// Where it is: the epoch, and how many of its batches were handed out.
    fn state(&self) -> LoaderState;

    /// Goes to a position: the next [`batches`](Source::batches) continues there, with what would have come had it
    /// never stopped.
    ///
    /// # Errors
    /// If it can have no such position.
    fn restore(&self, state: LoaderState) -> Result<()>;

    /// All that determines which batch comes at a position, in words: the number of items, the size of a batch, a digest of
    /// the data. A run is resumed only from a source with the same words.
    fn about(&self) -> String {
        String::new()
    }
}

impl<D> Source for DataLoader<D>
where
    D: Dataset,
    D::Item: Collate,
{
    type Batch = BatchOf<D>;

    fn batches(&self) -> Box<dyn Iterator<Item = Result<Self::Batch>> + '_> {
        Box::new(self.iter())
    }

    fn steps(&self) -> Option<usize> {
        Some(self.len())
    }

    fn state(&self) -> LoaderState {
        self.state()
    }

    fn restore(&self, state: LoaderState) -> Result<()> {
        self.restore(state)
    }

    fn about(&self) -> String {
        self.about()
    }
}

impl<S> Source for StreamLoader<S>
where
    S: Shards + 'static,
    S::Item: Collate + Send + 'static,
{
    type Batch = <S::Item as Collate>::Batch;

    fn batches(&self) -> Box<dyn Iterator<Item = Result<Self::Batch>> + '_> {
        Box::new(self.iter())
    }

    fn steps(&self) -> Option<usize> {
        None
    }

    fn state(&self) -> LoaderState {
        self.state()
    }

    fn restore(&self, state: LoaderState) -> Result<()> {
        self.restore(state)
    }

    fn about(&self) -> String {
        self.about()
    }
}
