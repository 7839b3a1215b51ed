//! Parts and wholes: joined data sets, classes, standardisation.

use gradus_data::samplers::{Sampler, StratifiedSampler, WeightedRandomSampler};
use gradus_data::{
    Collate, ConcatDataset, DataLoader, Dataset, Standardizer, TensorDataset, class_counts,
    classes, inverse_frequency, stratified_split,
};
use gradus_tensor::{Rng, Tensor};

use crate::message;

fn labelled(labels: &[i64]) -> TensorDataset<(Tensor<i64>, Tensor<i64>)> {
    let items = Tensor::arange(labels.len());
    TensorDataset::new((items, Tensor::vector(labels))).unwrap()
}

#[test]
fn joined_data_sets_follow_each_other() {
    let part = |from: i64, n: i64| {
        TensorDataset::new(Tensor::vector((from..from + n).collect::<Vec<_>>())).unwrap()
    };
    let all = ConcatDataset::new([part(0, 3), part(0, 0), part(3, 1), part(4, 2)]).unwrap();
    assert_eq!((all.len(), all.datasets().len()), (6, 4));
    for indices in [vec![0, 1, 2, 3, 4, 5], vec![5, 0], vec![4, 5], vec![2]] {
        let wanted: Vec<i64> = indices.iter().map(|&i| i as i64).collect();
        assert_eq!(all.get_batch(&indices, 0).unwrap().to_vec(), wanted);
        let items = indices.iter().map(|&i| all.get(i).unwrap()).collect::<Vec<_>>();
        assert_eq!(Collate::collate(items).unwrap().to_vec(), wanted);
    }
    assert_eq!((all.locate(3), all.locate(6)), (Some((2, 0)), None));
    assert_eq!(
        message(all.get(6)),
        "ConcatDataset: item 6 of a data set of 6 items; indices go from 0 to len - 1"
    );
    // The epoch goes through.
    let chance = || part(0, 2).map(1, |_, rng: &mut Rng| Ok(rng.below(1 << 30) as i64));
    let both = ConcatDataset::new([chance(), chance()]).unwrap();
    assert_ne!(both.get_in_epoch(3, 0).unwrap(), both.get_in_epoch(3, 1).unwrap());
    assert_eq!(both.get_batch(&[3, 0], 1).unwrap().to_vec()[0], both.get_in_epoch(3, 1).unwrap());
    let none = ConcatDataset::new(Vec::<TensorDataset<Tensor<i64>>>::new()).unwrap();
    assert!(none.is_empty() && none.get(0).is_err());
}

#[test]
fn classes_are_counted_and_weighed() {
    let labels = [2, 0, 2, 2, 4];
    assert_eq!(class_counts(&labels).unwrap(), [1, 0, 3, 0, 1]);
    assert!(class_counts(&[]).unwrap().is_empty());
    assert!(
        message(class_counts(&[0, -1])).contains("got class -1 of item 1, wanted classes from 0")
    );
    assert!(message(class_counts(&[i64::MAX])).contains("class 9223372036854775807 of item 0"));
    let weights = inverse_frequency(&labels).unwrap();
    let order = WeightedRandomSampler::new(weights, 30_000, 1).unwrap().order(5, 0).unwrap();
    for class in [0, 2, 4] {
        let share = order.iter().filter(|&&item| labels[item] == class).count() as f64 / 30_000.0;
        // Five standard deviations of a third are 0.014.
        assert!((share - 1.0 / 3.0).abs() < 0.014, "class {class}: {share}");
    }
}

#[test]
fn a_stratified_split_keeps_proportions_and_every_item() {
    let labels: Vec<i64> =
        (0..200).map(|i| if i % 10 == 0 { 1 } else { 2 * (i64::from(i % 3 == 0)) }).collect();
    let part = |seed| stratified_split(labelled(&labels), &labels, 0.7, seed).unwrap();
    let (train, test) = part(5);
    assert_eq!((train.len(), test.len()), (140, 60));
    let count = |part| class_counts(&classes_of(part)).unwrap();
    let (all, train_counts) = (class_counts(&labels).unwrap(), count(&train));
    for class in 0..3 {
        assert!((train_counts[class] as f64 - 0.7 * all[class] as f64).abs() < 1.0);
    }
    let mut items = [train.indices(), test.indices()].concat();
    assert_eq!(train.indices(), part(5).0.indices());
    assert_ne!(train.indices(), part(6).0.indices());
    items.sort();
    assert_eq!(items, (0..200).collect::<Vec<_>>());
    let pairs = labelled(&labels).map(0, |(x, y), _| Ok((x, y.item()?)));
    assert_eq!(classes(&pairs).unwrap(), labels);

    let split = |labels: &[i64], fraction| {
        message(stratified_split(labelled(&[0, 0, 1]), labels, fraction, 0))
    };
    assert!(split(&[0, 0, 1], 0.5).contains("got one item of class 1, wanted at least two"));
    assert!(split(&[0, 0], 0.5).contains("2 classes for 3 items"));
    assert!(split(&[0, 0, 1], f64::NAN).contains("fraction NaN"));
}

fn classes_of(part: &impl Dataset<Item = (Tensor<i64>, Tensor<i64>)>) -> Vec<i64> {
    (0..part.len()).map(|i| part.get(i).unwrap().1.item().unwrap()).collect()
}

#[test]
fn stratified_batches_have_the_classes_of_the_whole() {
    let labels: Vec<i64> = (0..100).map(|i| i64::from(i >= 80)).collect();
    let sampler = StratifiedSampler::new(&labels, 4).unwrap();
    let loader = DataLoader::new(labelled(&labels)).batch_size(10).sampler(sampler.clone());
    for batch in loader.iter().chain(loader.iter()) {
        let rare: i64 = batch.unwrap().1.to_vec().iter().sum();
        assert!((1..=3).contains(&rare), "{rare} of 10 where 2 are due");
    }
    let mut order = sampler.order(100, 0).unwrap();
    assert_ne!(order, sampler.order(100, 1).unwrap());
    order.sort();
    assert_eq!((order, sampler.seed()), ((0..100).collect(), 4));
    assert!(message(sampler.order(99, 0)).contains("got a data set of 99 items, wanted 100"));
}

#[test]
fn standardised_columns() {
    let x = Tensor::<f32>::normal([500, 3], 7.0, 2.0, &mut Rng::new(0)).unwrap();
    let by = Standardizer::fit(&x).unwrap();
    let z = Standardizer::fit(&by.apply(&x).unwrap()).unwrap();
    for (mean, deviation) in z.mean().to_vec().into_iter().zip(z.deviation().to_vec()) {
        assert!(mean.abs() < 1e-6 && (deviation - 1.0).abs() < 1e-6, "{mean} {deviation}");
    }
    let back = by.invert(&by.apply(&x).unwrap()).unwrap().to_vec();
    assert!(back.iter().zip(x.to_vec()).all(|(a, b)| (a - b).abs() < 2e-6));
    let again = Standardizer::from_parts(by.mean().clone(), by.deviation().clone()).unwrap();
    assert_eq!(again, by);
    let row = x.index(0, 3).unwrap();
    assert_eq!(by.apply(&row).unwrap(), by.apply(&x).unwrap().index(0, 3).unwrap());
    // 0.1 summed three times and divided is not 0.1.
    let constant = Standardizer::fit(&Tensor::vector([0.1_f64; 3])).unwrap();
    assert_eq!(constant.deviation().item().unwrap(), 1.0);

    let fit = |values: &[f64], shape: [usize; 2]| {
        message(Standardizer::fit(&Tensor::from_vec(values.to_vec(), shape).unwrap()))
    };
    assert!(fit(&[], [0, 3]).contains("got data of shape [0, 3], wanted [N, columns…]"));
    assert!(fit(&[1.0, f64::NAN], [1, 2]).contains("got NaN in row 0, column 1"));
    assert!(message(Standardizer::fit(&Tensor::scalar(1.0_f32))).contains("shape []"));
    assert!(message(by.apply(&Tensor::zeros([2, 4]))).contains("wanted the last axes [3]"));
    let parts =
        |d: f64| message(Standardizer::from_parts(Tensor::vector([0.0]), Tensor::vector([d])));
    assert!(parts(0.0).contains("a deviation of 0, wanted finite deviations above 0"));
    assert!(parts(f64::INFINITY).contains("a deviation of inf"));
}
