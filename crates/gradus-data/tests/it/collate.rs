//! Batches out of items.

use gradus_data::{Collate, Error};
use gradus_tensor::Tensor;

use crate::message;

#[test]
fn tensors_and_numbers_are_stacked() {
    let x = Tensor::<f32>::arange(6).reshape([2, 3]).unwrap();
    let batch = Collate::collate(vec![
        x.clone(),
        x.transpose(0, 1).unwrap().contiguous().reshape([2, 3]).unwrap(),
    ])
    .unwrap();
    assert_eq!(batch.shape(), [2, 2, 3]);
    assert_eq!(batch.value().to_vec(), [0., 1., 2., 3., 4., 5., 0., 3., 1., 4., 2., 5.]);

    assert_eq!(Collate::collate(vec![3_i64, 4]).unwrap(), Tensor::vector([3, 4]));
    assert_eq!(Collate::collate(vec![true, false]).unwrap(), Tensor::vector([true, false]));
    assert_eq!(Collate::collate(vec![0.5_f64]).unwrap().value(), &Tensor::vector([0.5]));
    let rank_0 = Collate::collate(vec![Tensor::scalar(1_i64), Tensor::scalar(2)]).unwrap();
    assert_eq!(rank_0, Tensor::vector([1, 2]));
}

#[test]
fn views_are_stacked_by_their_shape() {
    let x = Tensor::<i64>::arange(6).reshape([2, 3]).unwrap();
    let batch =
        Collate::collate(vec![x.transpose(0, 1).unwrap(), x.transpose(0, 1).unwrap()]).unwrap();
    assert_eq!(batch.shape(), [2, 3, 2]);
    assert_eq!(batch.to_vec(), [0, 3, 1, 4, 2, 5, 0, 3, 1, 4, 2, 5]);
}

#[test]
fn tuples_are_collated_by_column() {
    let items = vec![(1_i64, 0.5_f32, "a".to_string()), (2, 1.5, "b".to_string())];
    let (numbers, values, words) = Collate::collate(items).unwrap();
    assert_eq!(numbers.to_vec(), [1, 2]);
    assert_eq!(values.value().to_vec(), [0.5, 1.5]);
    assert_eq!(words, ["a", "b"]);
}

#[test]
fn items_without_elements_make_a_batch_without_elements() {
    let batch = Collate::collate(vec![Tensor::<f32>::zeros([0, 3]); 2]).unwrap();
    assert_eq!(batch.shape(), [2, 0, 3]);
}

#[test]
fn errors_say_what_is_wrong() {
    let items = vec![Tensor::<f32>::zeros([2]), Tensor::zeros([2]), Tensor::zeros([3])];
    assert_eq!(
        message(Collate::collate(items)),
        "collate: item 2 of the batch has shape [3] and item 0 has [2]; give all items one shape \
         (crop or pad them in a transform), or implement `Collate` for an item type of your own"
    );
    assert!(matches!(Tensor::<f32>::collate(vec![]), Err(Error::EmptyBatch)));
    assert!(matches!(i64::collate(vec![]), Err(Error::EmptyBatch)));
}

#[test]
fn labels_of_any_integer_type_become_i64() {
    assert_eq!(Collate::collate(vec![3_u16, u16::MAX]).unwrap(), Tensor::vector([3_i64, 65535]));
    assert_eq!(Collate::collate(vec![-3_i8, 4]).unwrap(), Tensor::vector([-3_i64, 4]));
    assert_eq!(Collate::collate(vec![u32::MAX, 0]).unwrap().to_vec(), [4_294_967_295, 0]);
    assert_eq!(Collate::collate(vec![7_usize]).unwrap().to_vec(), [7]);
    let rows = vec![Tensor::vector([1_i32, -2]), Tensor::vector([3, 4])];
    let batch: Tensor<i64> = Collate::collate(rows).unwrap();
    assert_eq!((batch.shape(), batch.to_vec()), (&[2, 2][..], vec![1, -2, 3, 4]));
    assert_eq!(
        message(Collate::collate(vec![u64::MAX])),
        "collate: got the whole number 18446744073709551615, wanted one that an i64 holds"
    );
    assert!(matches!(u32::collate(vec![]), Err(Error::EmptyBatch)));
    let uneven = vec![Tensor::vector([1_u32]), Tensor::vector([1, 2])];
    assert!(message(Collate::collate(uneven)).contains("item 1 of the batch has shape [2]"));
}
