//! The loader: same bits for any number of workers, positions, early ends, panics.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::time::Duration;

use gradus_data::samplers::WeightedRandomSampler;
use gradus_data::transforms::{Compose, Normalize, RandomShift, on_images};
use gradus_data::{DataLoader, Dataset, Digits, Error, LoaderState, Result, Subset, TensorDataset};
use gradus_tensor::{Rng, Tensor};

use crate::{Bits, bits, message};

/// Runs `body` on another thread and fails if it takes a minute: a hang must not hang the tests.
fn promptly<R: Send + 'static>(body: impl FnOnce() -> R + Send + 'static) -> R {
    let (send, receive) = channel();
    let thread = std::thread::spawn(move || send.send(body()));
    match receive.recv_timeout(Duration::from_secs(60)) {
        Ok(result) => result,
        Err(std::sync::mpsc::RecvTimeoutError::Timeout) => panic!("it hangs"),
        Err(_) => std::panic::resume_unwind(thread.join().unwrap_err()),
    }
}

/// Digits with chance in their items.
fn augmented() -> impl Dataset<Item = (Tensor, i64)> {
    let steps =
        Compose::new().then(RandomShift::new(1)).then(Normalize::new([0.3], [0.4]).unwrap());
    Subset::new(Digits::load().unwrap(), (0..103).collect::<Vec<_>>())
        .unwrap()
        .map(9, on_images(steps))
}

fn epoch<D: Dataset<Item = (Tensor, i64)>>(loader: &DataLoader<D>) -> Vec<Bits> {
    loader.iter().map(|batch| bits(&batch.unwrap())).collect()
}

/// Numbers from 0, which counts how many were read, and may fail or panic.
#[derive(Clone, Default)]
struct Probe {
    len: usize,
    reads: Arc<AtomicUsize>,
    fails_at: Option<usize>,
    panics_at: Option<usize>,
    /// Whether the panic carries a `String` instead of a `&str`.
    formatted: bool,
}

impl Dataset for Probe {
    type Item = i64;
    fn len(&self) -> usize {
        self.len
    }
    fn get(&self, index: usize) -> Result<i64> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        match index {
            i if self.panics_at == Some(i) && self.formatted => panic!("item {i} is cursed"),
            i if self.panics_at == Some(i) => panic!("cursed"),
            i if self.fails_at == Some(i) => Err(Error::other("the disk is gone")),
            i => Ok(i as i64),
        }
    }
}

fn probe(len: usize) -> Probe {
    Probe { len, ..Probe::default() }
}

#[test]
fn any_number_of_workers_gives_the_same_bits() {
    let run = |workers, prefetch| {
        promptly(move || {
            let loader = DataLoader::new(augmented()).batch_size(10).shuffle(4);
            let loader = loader.workers(workers).prefetch(prefetch);
            [epoch(&loader), epoch(&loader), epoch(&loader)]
        })
    };
    let alone = {
        let loader = DataLoader::new(augmented()).batch_size(10).shuffle(4);
        [epoch(&loader), epoch(&loader), epoch(&loader)]
    };
    assert_eq!(alone[0].len(), 11);
    assert_ne!(alone[0], alone[1], "epochs differ");
    for (workers, prefetch) in [(0, 4), (1, 0), (1, 4), (3, 1), (3, 4), (3, 1000), (50, 2)] {
        assert_eq!(run(workers, prefetch), alone, "{workers} workers, {prefetch} ahead");
    }
}

#[test]
fn batches_hold_every_item_once_an_epoch() {
    promptly(|| {
        let loader = DataLoader::new(probe(23)).batch_size(5).shuffle(1).workers(2);
        assert_eq!((loader.len(), loader.iter().len()), (5, 5));
        let batches: Vec<_> = loader.iter().map(|b| b.unwrap().to_vec()).collect();
        assert_eq!(batches.iter().map(Vec::len).collect::<Vec<_>>(), [5, 5, 5, 5, 3]);
        let mut all = batches.concat();
        all.sort();
        assert_eq!(all, (0..23).collect::<Vec<_>>());

        let dropped = DataLoader::new(probe(23)).batch_size(5).drop_last(true);
        assert_eq!(dropped.len(), 4);
        let all: Vec<_> = dropped.iter().flat_map(|b| b.unwrap().to_vec()).collect();
        assert_eq!(all, (0..20).collect::<Vec<_>>());
    });
}

#[test]
fn a_loader_may_borrow_its_data_set() {
    let numbers = TensorDataset::new(Tensor::<i64>::arange(5)).unwrap();
    let loader = DataLoader::new(&numbers).batch_size(2);
    let mut batches = Vec::new();
    for batch in &loader {
        batches.push(batch.unwrap().to_vec());
    }
    assert_eq!(batches, [vec![0, 1], vec![2, 3], vec![4]]);
    assert_eq!(loader.dataset().len(), numbers.len());
}

#[test]
fn a_sampler_says_how_long_an_epoch_is() {
    let weights = WeightedRandomSampler::new([0.0, 1.0, 0.0], 7, 5).unwrap();
    let loader = DataLoader::new(probe(3)).sampler(weights).batch_size(2);
    assert_eq!((loader.len(), loader.state().seed), (4, 5));
    let all: Vec<_> = loader.iter().flat_map(|b| b.unwrap().to_vec()).collect();
    assert_eq!(all, [1; 7]);

    let wrong = WeightedRandomSampler::new([1.0; 2], 7, 5).unwrap();
    let loader = DataLoader::new(probe(3)).sampler(wrong);
    let error = message(loader.iter().next().unwrap());
    assert!(error.contains("got a data set of 3 items, wanted 2"), "{error}");
}

#[test]
fn stop_and_resume_at_any_batch_is_never_stopping() {
    let make = |workers| DataLoader::new(augmented()).batch_size(20).shuffle(2).workers(workers);
    let (straight, len) = promptly(move || {
        let loader = make(0);
        ((0..3).flat_map(|_| epoch(&loader)).collect::<Vec<_>>(), loader.len())
    });
    assert_eq!(straight.len(), 3 * len);
    for stop in 0..=2 * len {
        for workers in [0, 2] {
            let (first, rest, state) = promptly(move || {
                let loader = make(workers);
                let mut first = Vec::new();
                let mut state = loader.state();
                'all: loop {
                    for batch in loader.iter() {
                        if first.len() == stop {
                            break 'all;
                        }
                        first.push(bits(&batch.unwrap()));
                        state = loader.state();
                    }
                }
                // Another process, as it were, with another number of workers.
                let loader = make(2 - workers);
                loader.restore(state).unwrap();
                assert_eq!(loader.state(), state);
                let mut rest = Vec::new();
                while loader.state().epoch < 3 {
                    rest.extend(epoch(&loader));
                }
                (first, rest, state)
            });
            assert_eq!([first, rest].concat(), straight, "stopped after {stop} at {state:?}");
        }
    }
}

#[test]
fn the_position_counts_what_was_handed_out() {
    promptly(|| {
        let loader = DataLoader::new(probe(10)).batch_size(4).shuffle(8).workers(2).prefetch(8);
        let at = |epoch, batch| LoaderState { epoch, batch, seed: 8 };
        assert_eq!(loader.state(), at(0, 0));
        let mut batches = loader.iter();
        assert_eq!(loader.state(), at(0, 0), "prefetched batches do not count");
        for batch in 1..=3 {
            batches.next().unwrap().unwrap();
            assert_eq!(loader.state(), at(0, batch));
        }
        assert!(batches.next().is_none());
        assert_eq!(loader.state(), at(1, 0));
        assert!(batches.next().is_none());
        assert_eq!(loader.state(), at(1, 0), "the end comes once");

        // An epoch left early: the next one begins, unless the position is restored.
        let mut batches = loader.iter();
        batches.next();
        drop(batches);
        assert_eq!(loader.state(), at(1, 1));
        let left = loader.state();
        assert_eq!((loader.iter().len(), loader.state()), (3, at(2, 0)));
        loader.restore(left).unwrap();
        assert_eq!((loader.iter().len(), loader.state()), (2, at(1, 1)));

        // After the last batch, before the end is seen: an empty rest, then the next epoch.
        loader.restore(at(5, 3)).unwrap();
        assert_eq!(loader.iter().count(), 0);
        assert_eq!(loader.state(), at(6, 0));

        // Only the latest iterator moves the position.
        let mut old = loader.iter();
        let _new = loader.iter();
        old.next();
        assert_eq!(loader.state(), at(7, 0));
        loader.restore(at(u64::MAX, 0)).unwrap();
        old.by_ref().for_each(drop);
        assert_eq!(loader.state(), at(u64::MAX, 0));
        loader.iter().for_each(drop);
        assert_eq!(loader.state(), at(0, 0));
    });
}

#[test]
fn a_position_of_something_else_is_refused() {
    let loader = DataLoader::new(probe(10)).batch_size(4).shuffle(8);
    let at = |batch, seed| LoaderState { epoch: 0, batch, seed };
    assert_eq!(
        message(loader.restore(at(0, 7))),
        "DataLoader::restore: got a position of the seed 7, wanted one of the seed 8; give the \
         loader the seed that it had"
    );
    assert_eq!(
        message(loader.restore(at(4, 8))),
        "DataLoader::restore: got batch 4 of an epoch of 3, wanted a position of the same data set \
         and batch size"
    );
    assert_eq!(loader.state(), at(0, 8), "nothing changed");
}

#[test]
fn dropping_early_stops_the_workers() {
    for workers in [0, 1, 3] {
        let data = probe(100_000);
        let reads = Arc::clone(&data.reads);
        promptly(move || {
            let loader = DataLoader::new(data).batch_size(10).workers(workers).prefetch(4);
            let mut batches = loader.iter();
            batches.next().unwrap().unwrap();
            drop(batches);
            // Handed out, in queues (4 rounded up to a multiple of 3), and one more in each hand.
            let most = 10 * (1 + 6 + workers);
            let seen = reads.load(Ordering::SeqCst);
            assert!(seen <= most, "{seen} items read, {most} expected at most");
            // The threads are gone: nobody reads any more.
            std::thread::sleep(Duration::from_millis(20));
            assert_eq!(reads.load(Ordering::SeqCst), seen);
        });
    }
}

#[test]
fn an_iterator_that_is_not_used_is_dropped_too() {
    promptly(|| {
        let loader = DataLoader::new(probe(1000)).workers(3);
        drop(loader.iter());
        let held = loader.iter();
        std::thread::sleep(Duration::from_millis(20)); // Queues are full, workers wait.
        drop(held);
    });
}

#[test]
fn an_error_is_that_batch_and_no_other() {
    for workers in [0, 1, 3] {
        let data = Probe { fails_at: Some(5), ..probe(12) };
        let batches = promptly(move || {
            let loader = DataLoader::new(data).batch_size(2).workers(workers);
            loader.iter().map(|b| b.map(|t| t.to_vec())).collect::<Vec<_>>()
        });
        for (i, batch) in batches.into_iter().enumerate() {
            match i {
                2 => assert_eq!(message(batch), "the disk is gone"),
                _ => assert_eq!(batch.unwrap(), [2 * i as i64, 2 * i as i64 + 1]),
            }
        }
    }
}

#[test]
fn a_panic_is_that_batch_and_no_other() {
    for (workers, formatted) in [(0, false), (0, true), (1, true), (3, false)] {
        let data = Probe { panics_at: Some(5), formatted, ..probe(12) };
        let batches = promptly(move || {
            let loader = DataLoader::new(data).batch_size(2).workers(workers);
            loader.iter().map(|b| b.map(|t| t.to_vec())).collect::<Vec<_>>()
        });
        assert_eq!(batches.len(), 6);
        let said = if formatted { "item 5 is cursed" } else { "cursed" };
        for (i, batch) in batches.into_iter().enumerate() {
            match i {
                2 => assert_eq!(
                    message(batch),
                    format!("DataLoader: the data set panicked at batch 2 of epoch 0: {said}")
                ),
                _ => assert_eq!(batch.unwrap(), [2 * i as i64, 2 * i as i64 + 1]),
            }
        }
    }
}

#[test]
fn what_makes_no_batches_is_an_error() {
    promptly(|| {
        for workers in [0, 2] {
            let only = |loader: DataLoader<Probe>| {
                let loader = loader.workers(workers);
                let mut batches = loader.iter();
                let error = message(batches.next().expect("one error"));
                assert!(batches.next().is_none(), "and nothing after it");
                error
            };
            assert_eq!(
                only(DataLoader::new(probe(5)).batch_size(0)),
                "DataLoader: got batch size 0, wanted at least 1 item in a batch"
            );
            assert_eq!(
                only(DataLoader::new(probe(0)).batch_size(4)),
                "DataLoader: the data set is empty; there is nothing to make batches of"
            );
            assert_eq!(
                only(DataLoader::new(probe(5)).batch_size(8).drop_last(true)),
                "DataLoader: 5 items do not fill one batch of 8, and drop_last(true) drops what is \
             left; use a smaller batch or drop_last(false)"
            );
        }
        let zero = DataLoader::new(probe(5)).batch_size(0);
        assert_eq!((zero.len(), zero.is_empty()), (0, true));
        assert_eq!(DataLoader::new(probe(5)).batch_size(usize::MAX).len(), 1);
    });
}

#[test]
fn loaders_and_batches_cross_threads() {
    promptly(|| {
        fn sent<T: Send + Sync>(_: &T) {}
        let loader = DataLoader::new(augmented()).batch_size(2).workers(1);
        sent(&loader);
        sent(&loader.iter().next().unwrap().unwrap());
        sent(&loader.state());
    });
}

#[test]
fn many_settings_agree_with_a_plain_loop() {
    let mut rng = Rng::new(6);
    for _ in 0..60 {
        let (items, size) = (1 + rng.below(40), 1 + rng.below(12));
        let (workers, prefetch) = (rng.below(5), rng.below(6));
        let start = rng.below(items.div_ceil(size) + 1);
        let got = promptly(move || {
            let loader = DataLoader::new(probe(items)).batch_size(size);
            let loader = loader.workers(workers).prefetch(prefetch);
            loader.restore(LoaderState { epoch: 0, batch: start as u64, seed: 0 }).unwrap();
            loader.iter().map(|b| b.unwrap().to_vec()).collect::<Vec<_>>()
        });
        let all: Vec<i64> = (0..items as i64).collect();
        let wanted: Vec<_> = all.chunks(size).skip(start).map(<[i64]>::to_vec).collect();
        assert_eq!(got, wanted, "{items} by {size}, {workers} workers, from {start}");
    }
}
