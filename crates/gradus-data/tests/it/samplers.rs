//! Orders and groups.

use gradus_data::samplers::{
    BatchSampler, RandomSampler, Sampler, SequentialSampler, WeightedRandomSampler,
};

use crate::message;

#[test]
fn sequential_goes_in_order() {
    assert_eq!(SequentialSampler.order(4, 9).unwrap(), [0, 1, 2, 3]);
    assert_eq!((SequentialSampler.count(4), SequentialSampler.seed()), (4, 0));
}

#[test]
fn random_visits_everything_once_an_epoch() {
    let sampler = RandomSampler::new(3);
    assert_eq!(sampler.seed(), 3);
    let orders: Vec<_> = (0..50).map(|epoch| sampler.order(30, epoch).unwrap()).collect();
    for (epoch, order) in orders.iter().enumerate() {
        let mut sorted = order.clone();
        sorted.sort();
        assert_eq!(sorted, (0..30).collect::<Vec<_>>());
        assert!(!orders[..epoch].contains(order), "epoch {epoch} repeats an order");
    }
    assert_ne!(orders[0], RandomSampler::new(4).order(30, 0).unwrap());
}

#[test]
fn weighted_draws_in_proportion() {
    let sampler = WeightedRandomSampler::new([1.0, 0.0, 2.0, 5.0, 0.0], 80_000, 1).unwrap();
    assert_eq!((sampler.count(5), sampler.seed()), (80_000, 1));
    let order = sampler.order(5, 0).unwrap();
    let share = |i| order.iter().filter(|&&x| x == i).count() as f64 / 80_000.0;
    // Five standard deviations of a share of 1/2 are 0.009.
    for (i, wanted) in [0.125, 0.0, 0.25, 0.625, 0.0].into_iter().enumerate() {
        assert!((share(i) - wanted).abs() < 0.009, "item {i}: {} for {wanted}", share(i));
    }
    assert_eq!((share(1), share(4)), (0.0, 0.0));
    assert_eq!(order, sampler.order(5, 0).unwrap());
    assert_ne!(order, sampler.order(5, 1).unwrap());
}

#[test]
fn weighted_errors() {
    let make = |weights: &[f64]| WeightedRandomSampler::new(weights, 3, 0);
    assert_eq!(
        message(make(&[1.0, f64::NAN])),
        "WeightedRandomSampler::new: got weight NaN of item 1, wanted a finite number >= 0"
    );
    assert!(message(make(&[-1.0])).contains("weight -1 of item 0"));
    assert!(message(make(&[0.0, 0.0])).contains("2 weights with the sum 0"));
    assert!(message(make(&[])).contains("0 weights"));
    assert!(message(make(&[f64::MAX, f64::MAX])).contains("a finite sum"));
    assert_eq!(
        message(make(&[1.0, 1.0]).unwrap().order(3, 0)),
        "WeightedRandomSampler: got a data set of 3 items, wanted 2, one a weight"
    );
}

#[test]
fn batches_cover_the_order() {
    let batches = |size, drop_last| BatchSampler::new((0..10).collect(), size, drop_last).unwrap();
    for (size, drop_last, sizes) in [
        (4, false, vec![4, 4, 2]),
        (4, true, vec![4, 4]),
        (5, true, vec![5, 5]),
        (usize::MAX, false, vec![10]),
        (11, true, vec![]),
    ] {
        let batches = batches(size, drop_last);
        let all: Vec<_> = (0..batches.len()).map(|i| batches.get(i).unwrap()).collect();
        assert_eq!(all.iter().map(|b| b.len()).collect::<Vec<_>>(), sizes);
        assert_eq!(all.concat(), (0..sizes.iter().sum()).collect::<Vec<_>>());
        assert_eq!(batches.get(batches.len()), None);
        assert_eq!(batches.is_empty(), sizes.is_empty());
    }
    assert_eq!(
        message(BatchSampler::new(vec![1], 0, false)),
        "DataLoader: got batch size 0, wanted at least 1 item in a batch"
    );
}
