//! Metrics against values worked out by hand.

use gradus_tensor::Tensor;
use gradus_train::metrics::{ConfusionMatrix, RunningMean, accuracy, count_correct};

use crate::message;

/// True classes 0 0 0 0 1 1 1 2 2 2, predicted 0 0 1 2 1 1 0 2 2 2:
///
/// ```text
///     0 1 2
/// 0 [ 2 1 1 ]    precision 2/3  recall 2/4  F1 4/7
/// 1 [ 1 2 0 ]    precision 2/3  recall 2/3  F1 2/3
/// 2 [ 0 0 3 ]    precision 3/4  recall 3/3  F1 6/7
/// ```
fn example() -> ConfusionMatrix {
    let labels = Tensor::vector([0, 0, 0, 0, 1, 1, 1, 2, 2, 2]);
    let predictions = Tensor::vector([0, 0, 1, 2, 1, 1, 0, 2, 2, 2]);
    let mut matrix = ConfusionMatrix::with_names(["ant", "bee", "cow"]).unwrap();
    matrix.add(&predictions, &labels).unwrap();
    matrix
}

fn near(a: f64, b: f64) {
    assert!((a - b).abs() < 1e-12, "{a} is not {b}");
}

#[test]
fn confusion_matrix_counts() {
    let matrix = example();
    assert_eq!(matrix.counts().shape(), [3, 3]);
    assert_eq!(matrix.counts().to_vec(), [2, 1, 1, 1, 2, 0, 0, 0, 3]);
    assert_eq!((matrix.correct(), matrix.total()), (7, 10));
    near(matrix.accuracy().unwrap(), 0.7);
    assert_eq!(matrix.row(1), [1, 2, 0]);
    assert!(matrix.row(3).is_empty() && matrix.row(usize::MAX).is_empty());
}

#[test]
fn scores_count_like_their_largest() {
    let scores = Tensor::from_vec(vec![0.1, 0.9, 0.0, 2.0, -1.0, 1.0, 0.0, 0.0, 5.0], [3, 3]);
    let scores: Tensor = scores.unwrap();
    let labels = Tensor::vector([1, 0, 1]);
    let mut by_scores = ConfusionMatrix::new(3).unwrap();
    by_scores.add_logits(&scores, &labels).unwrap();
    let mut by_classes = ConfusionMatrix::new(3).unwrap();
    by_classes.add(&Tensor::vector([1, 0, 2]), &labels).unwrap();
    assert_eq!(by_scores, by_classes);
    assert_eq!(count_correct(&scores, &labels).unwrap(), 2);
    near(accuracy(&scores, &labels).unwrap(), 2.0 / 3.0);
    // A transposed view has the same answer as what it shows.
    let turned = scores.transpose(0, 1).unwrap().contiguous().transpose(0, 1).unwrap();
    assert_eq!(count_correct(&turned, &labels).unwrap(), 2);
}

#[test]
fn report_against_hand_values() {
    let report = example().report().unwrap();
    let wanted = [
        ("ant", 2.0 / 3.0, 0.5, 4.0 / 7.0, 4),
        ("bee", 2.0 / 3.0, 2.0 / 3.0, 2.0 / 3.0, 3),
        ("cow", 0.75, 1.0, 6.0 / 7.0, 3),
    ];
    for (class, (name, precision, recall, f1, support)) in report.classes.iter().zip(wanted) {
        assert_eq!((class.name.as_str(), class.support), (name, support));
        near(class.precision, precision);
        near(class.recall, recall);
        near(class.f1, f1);
    }
    near(report.accuracy, 0.7);
    near(report.macro_average.precision, 25.0 / 36.0);
    near(report.macro_average.recall, 13.0 / 18.0);
    near(report.macro_average.f1, (4.0 / 7.0 + 2.0 / 3.0 + 6.0 / 7.0) / 3.0);
    near(report.weighted_average.precision, (4.0 * 2.0 / 3.0 + 3.0 * 2.0 / 3.0 + 2.25) / 10.0);
    near(report.weighted_average.recall, 0.7);
}

#[test]
fn report_is_a_readable_table() {
    let table = example().report().unwrap().to_string();
    let wanted = "           class  precision    recall        F1   support
             ant     0.6667    0.5000    0.5714         4
             bee     0.6667    0.6667    0.6667         3
             cow     0.7500    1.0000    0.8571         3
   macro average     0.6944    0.7222    0.6984        10
weighted average     0.6917    0.7000    0.6857        10
        accuracy                         0.7000        10";
    assert_eq!(table, wanted);
    let table = example().to_string();
    let wanted = "\
true \\ predicted  ant  bee  cow
             ant    2    1    1
             bee    1    2    ·
             cow    ·    ·    3";
    assert_eq!(table, wanted);
}

#[test]
fn a_class_without_examples_counts_as_zero() {
    let mut matrix = ConfusionMatrix::new(3).unwrap();
    matrix.add(&Tensor::vector([0, 0]), &Tensor::vector([0, 1])).unwrap();
    let report = matrix.report().unwrap();
    let zeros = |i: usize| (report.classes[i].precision, report.classes[i].recall);
    assert_eq!((zeros(1), zeros(2)), ((0.0, 0.0), (0.0, 0.0)));
    assert_eq!(report.classes[2].f1, 0.0);
    near(report.macro_average.precision, 0.5 / 3.0);
}

#[test]
fn matrices_merge() {
    let mut both = example();
    both.merge(&example()).unwrap();
    assert_eq!(both.counts().to_vec(), [4, 2, 2, 2, 4, 0, 0, 0, 6]);
    let text = message(both.merge(&ConfusionMatrix::new(2).unwrap()));
    assert!(text.contains("ConfusionMatrix::merge: got a matrix of the 2 classes"), "{text}");
    assert_eq!(both.total(), 20);
}

#[test]
fn running_mean_weighs_examples() {
    let mut mean = RunningMean::new();
    assert_eq!(mean.mean(), None);
    mean.add(9.0, 0);
    assert_eq!(mean.mean(), None);
    mean.add(1.0, 64);
    mean.add(4.0, 32);
    assert_eq!((mean.mean(), mean.weight()), (Some(2.0), 96));
    mean.add(f64::NAN, 1);
    assert!(mean.mean().unwrap().is_nan());
    mean.reset();
    assert_eq!(mean, RunningMean::new());
}

#[test]
fn bad_input_is_refused() {
    let scores = Tensor::<f32>::zeros([2, 3]);
    let cases = [
        (message(accuracy(&scores, &Tensor::vector([0, 3]))), "label 3 at position 1"),
        (message(accuracy(&scores, &Tensor::vector([-1, 0]))), "wanted a class from 0 to 2"),
        (message(accuracy(&scores, &Tensor::vector([0]))), "wanted labels [2], one for each item"),
        (message(accuracy(&Tensor::<f32>::zeros([2]), &Tensor::vector([0, 0]))), "scores [N, C]"),
        (
            message(accuracy(&Tensor::<f32>::zeros([0, 3]), &Tensor::zeros([0]))),
            "accuracy: got no examples, wanted at least one",
        ),
        (message(accuracy(&Tensor::<f32>::zeros([2, 0]), &Tensor::vector([0, 0]))), "axis 1"),
        (message(ConfusionMatrix::new(0)), "got 0 classes, wanted 1 to 10000"),
        (message(ConfusionMatrix::new(usize::MAX)), "wanted 1 to 10000"),
        (message(ConfusionMatrix::new(2).unwrap().accuracy()), "no examples"),
        (message(ConfusionMatrix::new(2).unwrap().report()), "no examples"),
    ];
    for (text, wanted) in cases {
        assert!(text.contains(wanted), "{wanted:?} is not in {text:?}");
    }

    let mut matrix = example();
    let (two, three) = (Tensor::vector([0, 1]), Tensor::vector([0, 1, 2]));
    let cases = [
        (message(matrix.add(&two, &three)), "wanted predictions [3], one for each label"),
        (message(matrix.add(&Tensor::vector([0, 7]), &two)), "prediction 7 at position 1"),
        (message(matrix.add(&two, &Tensor::vector([0, -5]))), "label -5 at position 1"),
        (message(matrix.add(&two, &Tensor::zeros([2, 1]))), "wanted labels [N]"),
        (message(matrix.add_logits(&Tensor::<f32>::zeros([2, 4]), &two)), "wanted [N, 3]"),
    ];
    for (text, wanted) in cases {
        assert!(text.contains(wanted), "{wanted:?} is not in {text:?}");
    }
    assert_eq!(matrix, example(), "a refused batch must not be counted in part");
}
