//! Transforms of items of any type: the bits of a batch depend on the seed, the epoch and the item, never on who made it.

use gradus_data::audio::augment::{Augment, Chain, Gain, Noise, Shift};
use gradus_data::transforms::sometimes;
use gradus_data::vision::{
    Adjust, Boxes, Compose, Image, Mask, RandomApply, RandomCrop, RandomHorizontalFlip, on_items,
};
use gradus_data::{
    BatchOf, Collate, DataLoader, Dataset, Error, Result, Sequence, ShardItems, Shards,
    StreamLoader, TensorDataset,
};
use gradus_tensor::{Rng, Tensor};

use crate::message;

const ITEMS: usize = 23;

/// The items 0 to 22, made into anything.
fn items() -> impl Dataset<Item = i64> + 'static {
    numbers(Tensor::arange(ITEMS))
}

fn numbers(numbers: Tensor<i64>) -> impl Dataset<Item = i64> + 'static {
    TensorDataset::new(numbers).unwrap().map_fixed(|number| Ok(number.item()?))
}

/// Two epochs of batches, told apart by their digests.
fn epochs<D>(data: D, workers: usize) -> Vec<Vec<u64>>
where
    D: Dataset + 'static,
    D::Item: Collate,
    BatchOf<D>: Send + 'static,
{
    let loader = DataLoader::new(data).batch_size(4).shuffle(9).workers(workers).prefetch(3);
    let digest = |batch: Result<BatchOf<D>>| D::Item::digest(&batch.unwrap(), 1).unwrap();
    (0..2).map(|_| loader.iter().map(digest).collect()).collect()
}

/// That a data set with chance gives the same bits for any number of workers, and others in the next epoch and for another
/// seed.
#[track_caller]
fn check<D>(name: &str, make: impl Fn(u64) -> D)
where
    D: Dataset + 'static,
    D::Item: Collate,
    BatchOf<D>: Send + 'static,
{
    let alone = epochs(make(1), 0);
    assert_ne!(alone, epochs(make(2), 0), "{name}: the seed does nothing");
    for workers in [1, 2, 5] {
        assert_eq!(epochs(make(1), workers), alone, "{name} with {workers} workers");
    }
    let item = |epoch| {
        let item = make(1).get_batch(&[3, 4, 5, 6], epoch).unwrap();
        D::Item::digest(&item, 1)
    };
    assert_eq!(item(0), item(0), "{name}");
    assert_ne!(item(0), item(1), "{name}: every epoch is the same");
}

#[test]
fn sounds() {
    check("sounds", |seed| {
        let chain = Chain::new().then(Shift::new(9)).then(Gain::new(-6.0, 6.0).unwrap());
        let chain = chain.sometimes(0.5, Noise::white(5.0, 20.0).unwrap()).unwrap();
        let sounds = items().map_fixed(|i| {
            let wave = |t: usize| (t as f32 * 0.1 * (i + 1) as f32).sin();
            Ok((0..50).map(wave).collect::<Vec<f32>>())
        });
        sounds.map(seed, move |sound, rng| Ok(Tensor::vector(chain.apply(&sound, rng)?)))
    });
}

#[test]
fn texts() {
    check("texts", |seed| {
        let texts = items().map_fixed(|i| Ok(format!("there are {i} of them")));
        // Each word is left out one time in five.
        let drop = |text: String, rng: &mut Rng| {
            let kept: Vec<&str> = text.split(' ').filter(|_| rng.below(5) > 0).collect();
            Ok(kept.join(" "))
        };
        texts.map(seed, sometimes(0.7, drop).unwrap())
    });
}

#[test]
fn sequences_of_different_lengths() {
    check("sequences", |seed| {
        let chance = |i: i64, rng: &mut Rng| {
            let length = 1 + rng.below(7) + i as usize % 3;
            let numbers = (0..length).map(|_| rng.below(100) as f32).collect::<Vec<_>>();
            Ok((Sequence::new(Tensor::vector(numbers)), i))
        };
        let pairs = items().map(seed, chance);
        // Two maps on top of each other have two seeds.
        pairs.map(seed + 100, |(sequence, i), rng| Ok((sequence, i + rng.below(2) as i64)))
    });
}

/// The pixels of an item say where they were; the mask says it again.
#[test]
fn a_picture_its_mask_and_its_boxes() {
    let scene = || {
        items().map_fixed(|i| {
            let pixels: Vec<u8> = (0..120).map(|p| (p + i) as u8).collect();
            let picture = Image::new([10, 12], 1, pixels.clone())?;
            let boxes = Boxes::new([10, 12], vec![[1.0, 2.0, 5.0, 6.0]], vec![i])?;
            Ok((picture, Mask::new(Image::new([10, 12], 1, pixels)?)?, boxes))
        })
    };
    let moved = || {
        Compose::new()
            .then(RandomCrop::new([8, 8]).padding(1))
            .then(RandomHorizontalFlip::new(0.5).unwrap())
    };
    check("scenes", |seed| {
        let changed = scene().map(seed, on_items(moved()));
        changed.map_fixed(|(picture, mask, boxes)| {
            let corners = boxes.corners().iter().flatten().copied().collect::<Vec<f32>>();
            assert!(picture.pixels() == mask.classes(), "moved apart");
            Ok((picture.to_tensor(), mask.to_tensor(), Sequence::new(Tensor::vector(corners))))
        })
    });
    // A change of the picture alone leaves its mask.
    let inverted = scene().map(1, on_items(RandomApply::new(Adjust::Invert, 1.0).unwrap()));
    let (picture, mask, _) = inverted.get(0).unwrap();
    assert_ne!(picture.pixels(), mask.classes());
}

#[test]
fn what_is_fixed_is_the_same_in_every_epoch_and_lets_chance_through() {
    let fixed = items().map_fixed(|i| Ok(10 * i));
    let all =
        |data: &dyn Fn(usize, u64) -> i64, epoch| (0..23).map(|i| data(i, epoch)).sum::<i64>();
    let plain = |i, epoch| fixed.get_in_epoch(i, epoch).unwrap();
    assert_eq!([all(&plain, 0), all(&plain, 5)], [2530, 2530]);
    assert_eq!((fixed.len(), fixed.get(3).unwrap()), (23, 30));

    let chance = items().map(1, |i, rng| Ok(i + rng.below(1000) as i64)).map_fixed(Ok);
    let drawn = |i, epoch| chance.get_in_epoch(i, epoch).unwrap();
    assert_ne!(all(&drawn, 0), all(&drawn, 1));
    let fails = items().map_fixed(|i| if i == 7 { Err(Error::other("no seven")) } else { Ok(i) });
    assert_eq!(message(fails.get(7)), "no seven");
    assert!(message(fails.get(99)).contains("99"));
}

#[test]
fn sometimes_is_a_share_of_the_items() {
    let count = |probability| {
        let changed = numbers(Tensor::zeros([2000]))
            .map(4, sometimes(probability, |i: i64, _: &mut Rng| Ok(i + 1)).unwrap());
        (0..2000).map(|i| changed.get(i).unwrap()).sum::<i64>()
    };
    assert_eq!([count(0.0), count(1.0)], [0, 2000]);
    // Within four standard deviations of √(2000 · 0.3 · 0.7) = 20.5.
    assert!((518..=682).contains(&count(0.3)), "{}", count(0.3));
    for wrong in [-0.1, 1.1, f64::NAN] {
        let error = message(sometimes(wrong, |i: i64, _: &mut Rng| Ok(i)));
        assert!(error.starts_with("sometimes: got probability"), "{error}");
    }
}

/// Streams have the same for items of any type.
#[test]
fn streams_of_texts() {
    struct Lines;
    impl Shards for Lines {
        type Item = String;
        fn shards(&self) -> usize {
            5
        }
        fn open(&self, shard: usize) -> Result<ShardItems<String>> {
            Ok(Box::new((0..6).map(move |line| Ok(format!("shard {shard} line {line}")))))
        }
    }
    let epochs = |workers| {
        let shout = |text: String, _: &mut Rng| Ok(text.to_uppercase());
        let lines = Lines.map_items(3, sometimes_cloned(shout));
        let loader =
            StreamLoader::new(lines).batch_size(4).shuffle(1, 8).interleave(3).workers(workers);
        [0, 1].map(|_| loader.iter().collect::<Result<Vec<_>>>().unwrap())
    };
    let alone = epochs(0);
    assert_ne!(alone[0], alone[1]);
    assert!(alone[0].iter().flatten().any(|text| text.starts_with("SHARD")));
    for workers in [1, 3] {
        assert_eq!(epochs(workers), alone, "{workers} workers");
    }
}

/// Shards give their function to each that is open.
fn sometimes_cloned<T: 'static>(
    change: impl Fn(T, &mut Rng) -> Result<T> + Clone + Send + Sync + 'static,
) -> impl Fn(T, &mut Rng) -> Result<T> + Clone + Send + Sync + 'static {
    let change = std::sync::Arc::new(sometimes(0.5, change).unwrap());
    move |item, rng: &mut Rng| change(item, rng)
}
