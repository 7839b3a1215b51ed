//! Sequences of different lengths, and data that streams.

use gradus_data::samplers::{BucketSampler, Sampler};
use gradus_data::{
    Collate, DataLoader, Error, LoaderState, Result, Sequence, ShardItems, Shards, StreamLoader,
    TensorDataset,
};
use gradus_tensor::{Rng, Tensor};

use crate::message;

#[test]
fn sequences_are_filled_up() {
    let x = |rows: usize| Tensor::<f32>::arange(2 * rows).reshape([rows, 2]).unwrap();
    let view = x(2).transpose(0, 1).unwrap(); // [[0, 2], [1, 3]]
    let items = [x(1), x(0), view].map(|x| Sequence::new(x).fill(-1.0)).to_vec();
    let batch = Collate::collate(items).unwrap();
    assert_eq!((batch.values.shape(), batch.mask.shape()), (&[3, 2, 2][..], &[3, 2][..]));
    assert_eq!(
        batch.values.value().to_vec(),
        [0., 1., -1., -1., -1., -1., -1., -1., 0., 2., 1., 3.]
    );
    assert_eq!(batch.lengths, [1, 0, 2]);
    assert_eq!(batch.mask.to_vec(), [true, false, false, false, true, true]);
    let empty = Collate::collate(vec![Sequence::new(x(0)); 2]).unwrap();
    assert_eq!((empty.values.shape(), empty.mask.shape()), (&[2, 0, 2][..], &[2, 0][..]));

    let fail = |items: Vec<Sequence<f32>>| message(Collate::collate(items));
    assert!(fail(vec![]).contains("a batch of no items"));
    assert!(fail(vec![Sequence::new(Tensor::scalar(1.0))]).contains("item 0 of rank 0"));
    let other = vec![Sequence::new(x(2)), Sequence::new(Tensor::zeros([2, 3]))];
    assert!(fail(other).contains("got item 1 of shape [2, 3], item 0 of [2, 2]"));
    let fills = vec![Sequence::new(x(2)), Sequence::new(x(2)).fill(1.0)];
    assert!(fail(fills).contains("item 1 filled up with 1, item 0 with 0"));
    let nan = vec![Sequence::new(x(2)).fill(f32::NAN), Sequence::new(x(1)).fill(f32::NAN)];
    assert!(Collate::collate(nan).is_ok());
}

#[test]
fn buckets_hold_like_lengths() {
    let lengths: Vec<usize> = (0..103).map(|i| 1 + i * 37 % 101).collect();
    let sampler = BucketSampler::new(&lengths, 8, 3).unwrap();
    let padding = |order: &[usize]| -> usize {
        let batch = |b: &[usize]| {
            let longest = b.iter().map(|&i| lengths[i]).max().unwrap();
            b.iter().map(|&i| longest - lengths[i]).sum::<usize>()
        };
        order.chunks(8).map(batch).sum()
    };
    let order = sampler.order(103, 0).unwrap();
    let random = sampler.clone().stretch(1).unwrap().order(103, 0).unwrap();
    assert!(10 * padding(&order) < padding(&random), "{} {}", padding(&order), padding(&random));
    assert_eq!(order, sampler.order(103, 0).unwrap());
    assert_ne!(order, sampler.order(103, 1).unwrap());
    for order in [order, random, sampler.clone().stretch(3).unwrap().order(103, 9).unwrap()] {
        let mut all = order;
        all.sort();
        assert_eq!(all, (0..103).collect::<Vec<_>>());
    }
    assert!(message(sampler.order(9, 0)).contains("got a data set of 9 items, wanted 103"));
    assert!(message(BucketSampler::new(&[1], 0, 0)).contains("batch size 0"));
    assert!(message(sampler.clone().stretch(0)).contains("0 batches"));
    // A loader with workers, and one that goes on in the middle.
    let loader = |workers| {
        let items = TensorDataset::new(Tensor::<i64>::arange(103)).unwrap();
        DataLoader::new(items).batch_size(8).sampler(sampler.clone()).workers(workers)
    };
    let all: Vec<_> = loader(0).iter().map(|b| b.unwrap().to_vec()).collect();
    let rest = loader(3);
    rest.restore(LoaderState { epoch: 0, batch: 5, seed: 3 }).unwrap();
    assert_eq!(rest.iter().map(|b| b.unwrap().to_vec()).collect::<Vec<_>>(), all[5..]);
}

/// Shards of the given lengths; shard `s` holds 1000 s, 1000 s + 1, …
#[derive(Clone)]
struct Counts {
    lengths: Vec<i64>,
    fails: Option<i64>,
    panics: Option<i64>,
}

impl Shards for Counts {
    type Item = i64;
    fn shards(&self) -> usize {
        self.lengths.len()
    }
    fn open(&self, shard: usize) -> Result<ShardItems<i64>> {
        let first = 1000 * shard as i64;
        let (fails, panics) = (self.fails, self.panics);
        if self.lengths[shard] < 0 {
            return Err(Error::other(format!("no shard {shard}")));
        }
        Ok(Box::new((first..first + self.lengths[shard]).map(move |i| {
            assert!(panics != Some(i), "item {i} is cursed");
            if fails == Some(i) { Err(Error::other(format!("no item {i}"))) } else { Ok(i) }
        })))
    }
}

fn counts(lengths: &[i64]) -> Counts {
    Counts { lengths: lengths.to_vec(), fails: None, panics: None }
}

/// The batches of an epoch, errors as their words.
fn epoch<S>(loader: &StreamLoader<S>) -> Vec<Result<Vec<i64>, String>>
where
    S: Shards<Item = i64> + 'static,
{
    loader.iter().map(|b| b.map(|b| b.to_vec()).map_err(|e| e.to_string())).collect()
}

#[test]
fn streams_are_the_same_for_any_number_of_workers_and_from_any_position() {
    for data in [
        counts(&[7, 0, 12, 3, 9]),
        Counts { fails: Some(2004), panics: Some(4001), ..counts(&[7, -1, 12, 3, 9]) },
    ] {
        for (buffer, lanes) in [(1, 1), (6, 3), (100, 2), (4, 50)] {
            let make = |workers, ahead| {
                let data =
                    data.clone().map_items(5, |x, rng: &mut Rng| Ok(10 * x + rng.below(10) as i64));
                let loader = StreamLoader::new(data).batch_size(4).shuffle(8, buffer);
                loader.interleave(lanes).workers(workers).prefetch(ahead)
            };
            let alone = make(0, 1);
            let straight = [epoch(&alone), epoch(&alone)];
            assert_ne!(straight[0], straight[1], "epochs differ");
            for (workers, ahead) in [(1, 0), (2, 1), (3, 64), (9, 2)] {
                let loader = make(workers, ahead);
                assert_eq!([epoch(&loader), epoch(&loader)], straight, "{workers} {ahead}");
            }
            for stop in 0..=straight[1].len() {
                let loader = make(2 * (stop % 2), 3);
                loader.restore(LoaderState { epoch: 1, batch: stop as u64, seed: 8 }).unwrap();
                assert_eq!(epoch(&loader), straight[1][stop..], "from {stop}");
                assert_eq!(loader.state(), LoaderState { epoch: 2, batch: 0, seed: 8 });
            }
        }
    }
}

#[test]
fn streams_hold_every_item_and_errors_end_their_shard() {
    let all = |loader: &StreamLoader<Counts>| {
        let mut items: Vec<i64> = epoch(loader).into_iter().flatten().flatten().collect();
        items.sort();
        items
    };
    let loader = StreamLoader::new(counts(&[3, 2])).batch_size(2);
    assert_eq!(epoch(&loader), [Ok(vec![0, 1]), Ok(vec![2, 1000]), Ok(vec![1001])]);
    let lanes = StreamLoader::new(counts(&[3, 1, 2])).batch_size(10).interleave(2);
    assert_eq!(epoch(&lanes), [Ok(vec![0, 1000, 1, 2, 2000, 2001])], "lane 1 ends, lane 0 goes on");
    let mixed =
        StreamLoader::new(counts(&[30, 20])).batch_size(7).shuffle(1, 10).interleave(2).workers(2);
    assert_eq!(all(&mixed), (0..30).chain(1000..1020).collect::<Vec<_>>());
    let bad = Counts { fails: Some(1), panics: Some(2001), ..counts(&[5, -1, 4, 1]) };
    let loader = StreamLoader::new(bad).batch_size(2);
    assert_eq!(epoch(&loader), [
        Err("no item 1".into()),
        Err("no shard 1".into()),
        Ok(vec![0, 2000]),
        Err("StreamLoader: got a panic in shard 2: item 2001 is cursed, wanted items or an error".into()),
        Ok(vec![3000]),
    ]);
}

#[test]
fn streams_without_batches_and_positions_of_others() {
    let only = |loader: StreamLoader<Counts>| {
        let all = epoch(&loader);
        assert_eq!(all.len(), 1, "{all:?}");
        all[0].clone().unwrap_err()
    };
    let make = |lengths: &[i64]| StreamLoader::new(counts(lengths)).batch_size(4);
    assert!(only(make(&[])).contains("the data set is empty"));
    assert!(only(make(&[0, 0]).workers(2).interleave(2)).contains("the data set is empty"));
    assert!(only(make(&[3]).batch_size(0)).contains("got batch size 0"));
    assert!(only(make(&[3]).drop_last(true)).contains("3 items do not fill one batch of 4"));
    assert_eq!(epoch(&make(&[5]).drop_last(true)), [Ok(vec![0, 1, 2, 3])]);

    let loader = make(&[5]);
    loader.restore(LoaderState { epoch: 0, batch: 3, seed: 0 }).unwrap();
    assert_eq!(
        only(loader),
        "StreamLoader::restore: got batch 3 of an epoch of 2, wanted a position of the same data and batch size"
    );
    let error = message(make(&[5]).restore(LoaderState { epoch: 0, batch: 0, seed: 7 }));
    assert!(error.contains("got a position of the seed 7, wanted one of the seed 0"), "{error}");
    // Left early, with threads that wait.
    let endless = make(&[i64::MAX / 2]).workers(1).prefetch(2);
    assert_eq!(endless.iter().next().unwrap().unwrap().to_vec(), [0, 1, 2, 3]);
    assert_eq!(endless.state().batch, 1);
}

/// A run goes on only where the words are the same: each setting and the data are in them, workers are not.
#[test]
fn a_stream_is_known_again_by_its_settings_and_its_data() {
    let make = |lengths: &[i64]| StreamLoader::new(counts(lengths)).batch_size(4).shuffle(1, 9);
    let about = make(&[5, 6, 7]).about();
    assert!(
        about.starts_with(
            "a stream of 3 shards, 1 at once, in random order, through a buffer of 9, in batches of 4 (digest "
        ),
        "{about}"
    );
    assert_eq!(make(&[5, 6, 7]).workers(2).prefetch(3).about(), about);
    assert_eq!(make(&[50, 60, 70]).about(), about, "only the first items are looked at");
    let mapped = |seed| {
        let chance = |x: i64, rng: &mut Rng| Ok(x + rng.below(1000) as i64);
        StreamLoader::new(counts(&[5, 6, 7]).map_items(seed, chance)).batch_size(4).shuffle(1, 9)
    };
    let others = [
        make(&[5, 6]).about(),
        make(&[5, 6, 3]).about(),
        make(&[5, 0, 7]).about(),
        make(&[5, 6, 7]).batch_size(5).about(),
        make(&[5, 6, 7]).drop_last(true).about(),
        make(&[5, 6, 7]).interleave(2).about(),
        make(&[5, 6, 7]).shuffle(1, 8).about(),
        StreamLoader::new(counts(&[5, 6, 7])).batch_size(4).about(),
        mapped(1).about(),
        mapped(2).about(),
    ];
    for (i, other) in others.iter().enumerate() {
        assert!(*other != about && !others[..i].contains(other), "{i}: {other}");
    }
    // What cannot be read, or panics, has no digest.
    for bad in [
        counts(&[5, -1, 7]),
        Counts { fails: Some(2), panics: None, ..counts(&[5]) },
        Counts { fails: None, panics: Some(2), ..counts(&[5]) },
        counts(&[]),
    ] {
        let about = StreamLoader::new(bad).about();
        assert!(about.ends_with("in batches of 1"), "{about}");
    }
}
