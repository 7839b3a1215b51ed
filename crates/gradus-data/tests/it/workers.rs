//! What workers leave to others.

use gradus_data::{DataLoader, Dataset, Result, ShardItems, Shards, StreamLoader};
use gradus_tensor::threads;

/// The threads of operations are left to training: a worker that took them would have a larger job of another thread run on
/// that thread alone.
#[test]
fn workers_compute_alone() {
    /// How many threads an item may be made with.
    #[derive(Clone)]
    struct Threads;
    impl Dataset for Threads {
        type Item = usize;
        fn len(&self) -> usize {
            6
        }
        fn get(&self, _: usize) -> Result<usize> {
            Ok(threads::count())
        }
    }
    impl Shards for Threads {
        type Item = usize;
        fn shards(&self) -> usize {
            3
        }
        fn open(&self, _: usize) -> Result<ShardItems<usize>> {
            Ok(Box::new((0..2).map(|_| Ok(threads::count()))))
        }
    }
    for (workers, wanted) in [(0, 3), (1, 1), (3, 1)] {
        let loader = DataLoader::new(Threads).workers(workers);
        let stream = StreamLoader::new(Threads).interleave(3).workers(workers);
        let seen = threads::with_count(3, || {
            let batches = loader.iter().chain(stream.iter());
            batches.map(|batch| batch.unwrap().to_vec()[0]).collect::<Vec<_>>()
        });
        assert_eq!(seen.unwrap(), vec![wanted; 12], "{workers} workers");
    }
}
