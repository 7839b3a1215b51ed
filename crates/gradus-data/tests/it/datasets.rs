//! Data sets, their parts, and what lies on top of them.

use std::sync::Arc;

use gradus_data::{Collate, Dataset, Digits, LabelledImages, Mnist, Result, Subset, TensorDataset};
use gradus_tensor::{Rng, Tensor};

use crate::{bits, message};

/// Numbers from 0, without a fast path.
struct Count(usize);

impl Dataset for Count {
    type Item = i64;
    fn len(&self) -> usize {
        self.0
    }
    fn get(&self, index: usize) -> Result<i64> {
        Ok(index as i64)
    }
}

#[test]
fn split_is_disjoint_complete_and_fixed() {
    let parts = |seed| {
        let (a, b) = Count(101).split(0.7, seed).unwrap();
        (a.indices().to_vec(), b.indices().to_vec())
    };
    let (a, b) = parts(5);
    assert_eq!((a.len(), b.len()), (71, 30));
    let mut all = [a.clone(), b.clone()].concat();
    all.sort();
    assert_eq!(all, (0..101).collect::<Vec<_>>());
    assert_eq!((a.clone(), b), parts(5));
    assert_ne!(a, parts(6).0);
    // The split is a promise to everyone who reports a test accuracy: it must not change.
    assert_eq!(a[..5], FIRST_OF_SPLIT);
}

const FIRST_OF_SPLIT: [usize; 5] = [77, 15, 49, 47, 78];

#[test]
fn split_errors() {
    assert_eq!(
        message(Count(10).split(f64::NAN, 0)),
        "split: got fraction NaN, wanted 0 < fraction < 1"
    );
    assert!(Count(10).split(1.0, 0).is_err());
    assert!(Count(10).split(-0.5, 0).is_err());
    assert_eq!(
        message(Count(10).split(0.99, 0)),
        "split: got fraction 0.99 of 10 items, which leaves a part empty, wanted at least one item \
         in each part"
    );
    assert!(Count(0).split(0.5, 0).is_err());
}

#[test]
fn subsets_choose_and_check() {
    let some = Subset::new(Count(10), [7, 7, 2]).unwrap();
    assert_eq!(some.len(), 3);
    assert_eq!(some.get_batch(&[2, 0], 0).unwrap().to_vec(), [2, 7]);
    assert_eq!(
        message(some.get(3)),
        "Subset: item 3 of a data set of 3 items; indices go from 0 to len - 1"
    );
    assert!(message(Subset::new(Count(10), [10])).contains("item 10 of a data set of 10 items"));
}

#[test]
fn pointers_are_data_sets() {
    let counted: Arc<dyn Dataset<Item = i64>> = Arc::new(Count(4));
    let boxed: Box<dyn Dataset<Item = i64>> = Box::new(Arc::clone(&counted));
    assert_eq!(boxed.get_batch(&[3, 1], 0).unwrap().to_vec(), [3, 1]);
    assert!(!boxed.is_empty());
}

#[test]
fn maps_draw_from_a_stream_for_each_seed_epoch_and_item() {
    let random = |seed| Count(20).map(seed, |x, rng: &mut Rng| Ok((x, rng.below(1 << 30) as i64)));
    let (one, other) = (random(1), random(2));
    let draw = |set: &dyn Dataset<Item = (i64, i64)>, index, epoch| {
        set.get_in_epoch(index, epoch).unwrap().1
    };
    assert_eq!(draw(&one, 3, 0), draw(&one, 3, 0));
    assert_eq!(one.get(3).unwrap().1, draw(&one, 3, 0));
    assert_ne!(draw(&one, 3, 0), draw(&one, 4, 0));
    assert_ne!(draw(&one, 3, 0), draw(&one, 3, 1));
    assert_ne!(draw(&one, 3, 0), draw(&other, 3, 0));
    // Subsets and pointers pass the epoch on.
    let subset = Subset::new(Arc::new(one), [3]).unwrap();
    assert_ne!(draw(&subset, 0, 0), draw(&subset, 0, 1));
    let (_, numbers) = subset.get_batch(&[0], 1).unwrap();
    assert_eq!(numbers.to_vec(), [draw(&subset, 0, 1)]);
}

#[test]
fn fast_paths_give_what_the_slow_path_gives() {
    let indices = [5, 1, 1, 7];
    let digits = Digits::load().unwrap();
    let slow = Collate::collate(indices.map(|i| digits.get(i).unwrap()).to_vec()).unwrap();
    assert_eq!(bits(&digits.get_batch(&indices, 0).unwrap()), bits(&slow));

    let x = Tensor::<f32>::normal([8, 2, 3], 0.0, 1.0, &mut Rng::new(0)).unwrap();
    let y = Tensor::<i64>::arange(8);
    for x in [x.clone(), x.transpose(1, 2).unwrap()] {
        let rows = TensorDataset::new((x, y.clone())).unwrap();
        let slow = Collate::collate(indices.map(|i| rows.get(i).unwrap()).to_vec()).unwrap();
        assert_eq!(bits(&rows.get_batch(&indices, 0).unwrap()), bits(&slow));
    }
}

#[test]
fn tensor_data_sets_check_their_rows() {
    let rows = |n: usize| Tensor::<f32>::zeros([n, 2]);
    assert_eq!(
        message(TensorDataset::new((rows(3), Tensor::<i64>::arange(4)))),
        "TensorDataset::new: got tensors of [3, 4] rows, wanted the same number of rows in each"
    );
    assert!(message(TensorDataset::new(Tensor::scalar(1.0_f32))).contains("rank 0"));
    let three = TensorDataset::new(rows(3)).unwrap();
    assert!(message(three.get(3)).contains("item 3 of a data set of 3 items"));
    assert!(message(three.get_batch(&[0, 9], 0).map(|_| ())).contains("item 9"));
    assert!(message(three.get_batch(&[], 0).map(|_| ())).contains("a batch of no items"));
    assert!(TensorDataset::new(rows(0)).unwrap().is_empty());
}

#[test]
fn labelled_images_check_what_they_are_given() {
    let make = |pixels: Vec<u8>, labels: Vec<u8>, shape, white| {
        LabelledImages::new("test", pixels, labels, shape, white, ["a", "b"])
    };
    let good = make(vec![0, 16, 8, 4], vec![1, 0], [1, 1, 2], 16).unwrap();
    assert_eq!(good.images().to_vec(), [0.0, 1.0, 0.5, 0.25]);
    assert_eq!(good.labels().to_vec(), [1, 0]);
    assert_eq!(good.class_counts(), [1, 1]);
    assert_eq!(
        message(make(vec![0; 4], vec![0, 2], [1, 1, 2], 16)),
        "test: item 1 has the label 2, but there are 2 classes, numbered from 0"
    );
    assert_eq!(
        message(make(vec![0; 4], vec![0], [1, 1, 2], 16)),
        "test: 2 images but 1 labels; each image needs one label"
    );
    assert!(message(make(vec![0; 5], vec![0], [1, 1, 2], 16)).contains("5 pixels for images"));
    assert!(message(make(vec![0; 5], vec![0], [1, 0, 2], 16)).contains("at least one pixel"));
    assert!(message(make(vec![], vec![], [1, usize::MAX, 2], 16)).contains("at least one pixel"));
    assert!(message(make(vec![0, 17], vec![0], [1, 1, 2], 16)).contains("value 17 in image 0"));
    assert!(message(good.get(2)).contains("item 2 of a data set of 2"));
    assert!(message(good.get_batch(&[2], 0)).contains("item 2 of a data set of 2"));
    assert!(message(good.get_batch(&[], 0)).contains("a batch of no items"));
    assert!(message(good.clone().with_class_names(["a"])).contains("label 1, but there are 1"));
    assert_eq!(good.with_class_names(Mnist::FASHION).unwrap().class_names()[1], "Trouser");
}
