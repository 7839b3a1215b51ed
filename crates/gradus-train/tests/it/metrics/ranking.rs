//! ROC-AUC and average precision against scikit-learn, whose answers `tests/data/metrics/ranking.py` recorded.

use gradus_autograd::Var;
use gradus_tensor::Tensor;
use gradus_train::metrics::{AnyMetric, AveragePrecision, Metric, RocAuc};
use serde_json::Value;

use crate::message;

struct Case {
    scores: Vec<f64>,
    labels: Vec<i64>,
    recorded: Value,
}

fn cases() -> Vec<Case> {
    let all: Vec<Value> =
        serde_json::from_str(include_str!("../../data/metrics/ranking.json")).unwrap();
    let case = |recorded: Value| Case {
        scores: floats(&recorded["scores"]),
        labels: floats(&recorded["labels"]).iter().map(|&label| label as i64).collect(),
        recorded,
    };
    all.into_iter().map(case).collect()
}

fn floats(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

fn near(a: f64, b: f64) {
    assert!((a - b).abs() < 1e-12, "{a} is not {b}");
}

fn tensor(values: &[f64]) -> Tensor<f64> {
    Tensor::from_vec(values.to_vec(), [values.len()]).unwrap()
}

fn labels(values: &[i64]) -> Tensor<i64> {
    Tensor::from_vec(values.to_vec(), [values.len()]).unwrap()
}

#[test]
fn values_are_those_of_scikit_learn() {
    for case in cases() {
        let (scores, labels) = (tensor(&case.scores), labels(&case.labels));
        let auc = RocAuc::new().of((&scores, &labels)).unwrap();
        near(auc.value(), case.recorded["roc_auc"].as_f64().unwrap());
        let average = AveragePrecision::new().of((&scores, &labels)).unwrap();
        near(average.value(), case.recorded["average_precision"].as_f64().unwrap());

        // The scores are exact in f32.
        let single = scores.cast::<f32>();
        assert_eq!(RocAuc::new().of((&single, &labels)).unwrap(), auc);
        let variable = Var::constant(single);
        assert_eq!(RocAuc::new().of((&variable, &labels)).unwrap(), auc);
    }
}

#[test]
fn curves_are_those_of_scikit_learn() {
    let same = |curve: Vec<f64>, recorded: &Value| {
        let recorded = floats(recorded);
        assert_eq!(curve.len(), recorded.len());
        curve.into_iter().zip(recorded).for_each(|(a, b)| near(a, b));
    };
    for case in cases() {
        let (scores, labels) = (tensor(&case.scores), labels(&case.labels));
        let roc = RocAuc::new().of((&scores, &labels)).unwrap().curve();
        same(roc.iter().map(|point| point.0).collect(), &case.recorded["fpr"]);
        same(roc.iter().map(|point| point.1).collect(), &case.recorded["tpr"]);
        assert_eq!(roc[0].2, f64::INFINITY);
        let curve = AveragePrecision::new().of((&scores, &labels)).unwrap().curve();
        // scikit-learn's curve ends where all of class 1 is found, with the points of equal recall.
        same(curve.iter().map(|point| point.0).collect(), &case.recorded["recall"]);
        same(curve.iter().map(|point| point.1).collect(), &case.recorded["precision"]);
    }
}

/// The definition: of all pairs of one example of each class, those in the right order.
fn by_pairs(scores: &[f64], labels: &[i64]) -> f64 {
    let of = |class| {
        let both = scores.iter().zip(labels);
        both.filter(move |(_, label)| **label == class).map(|(score, _)| *score)
    };
    let pairs = of(1).flat_map(|p| of(0).map(move |n| (p, n)));
    let right: f64 = pairs.clone().map(|(p, n)| f64::from(p > n) + 0.5 * f64::from(p == n)).sum();
    right / pairs.count() as f64
}

#[test]
fn the_area_is_the_share_of_pairs_in_order() {
    for case in cases() {
        let auc = RocAuc::new().of((&tensor(&case.scores), &labels(&case.labels))).unwrap();
        assert_eq!(auc.value(), by_pairs(&case.scores, &case.labels));
    }
}

/// Any cut into three parts, merged in any order, has the bits of all at once; so have restored sums.
fn parts<M: Metric>(new: fn() -> M, case: &Case, of: impl Fn(M, &Tensor<f64>, &Tensor<i64>) -> M) {
    let n = case.labels.len();
    let sum = |from: usize, to: usize| {
        of(new(), &tensor(&case.scores[from..to]), &labels(&case.labels[from..to]))
    };
    let whole = sum(0, n).value().to_bits();
    for cut in 0..=n {
        let (first, second, third) = (sum(0, cut / 2), sum(cut / 2, cut), sum(cut, n));
        for [a, b, c] in [[&first, &second, &third], [&third, &first, &second]] {
            let mut all = a.clone();
            all.merge(b).unwrap();
            let bytes = AnyMetric::new(all).to_bytes().unwrap();
            let mut all = AnyMetric::new(new()).with_bytes(&bytes).unwrap();
            all.merge(&c.clone().into()).unwrap();
            assert_eq!(all.value().to_bits(), whole);
        }
    }
}

#[test]
fn parts_are_the_whole() {
    for case in cases() {
        parts(RocAuc::new, &case, |auc, scores, labels| auc.of((scores, labels)).unwrap());
        parts(AveragePrecision::new, &case, |ap, scores, labels| ap.of((scores, labels)).unwrap());
    }
}

#[test]
fn classes_without_examples() {
    let of = |values: &[i64]| (tensor(&vec![0.5; values.len()]), labels(values));
    for (values, average) in [(&[][..], f64::NAN), (&[1, 1], 1.0), (&[0, 0], 0.0)] {
        let (scores, labels) = of(values);
        assert!(RocAuc::new().of((&scores, &labels)).unwrap().value().is_nan());
        let found = AveragePrecision::new().of((&scores, &labels)).unwrap().value();
        assert!(found == average || found.is_nan() && average.is_nan(), "{found} {values:?}");
    }
}

#[test]
fn infinite_scores_and_zeros_of_both_signs_have_their_place() {
    let labels = labels(&[1, 0, 1, 0]);
    let scores = tensor(&[f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0]);
    let auc = RocAuc::new().of((&scores, &labels)).unwrap();
    assert_eq!(auc.value(), 3.5 / 4.0);
    assert_eq!(auc.curve().len(), 4);
}

#[test]
fn bad_input_is_refused() {
    let (scores, right) = (tensor(&[0.1, 0.2]), labels(&[0, 1]));
    let cases = [
        (
            message(RocAuc::new().of((&scores, &labels(&[0, 2])))),
            "RocAuc: got label 2 at position 1, wanted 1 for the class that is scored",
        ),
        (message(RocAuc::new().of((&scores, &labels(&[-1, 1])))), "label -1 at position 0"),
        (
            message(AveragePrecision::new().of((&scores, &labels(&[0, 1, 1])))),
            "wanted labels [2], one for each score",
        ),
        (
            message(RocAuc::new().of((&Tensor::<f32>::zeros([2, 2]), &right))),
            "wanted labels [2, 2], one for each score",
        ),
        (
            message(AveragePrecision::new().of((&tensor(&[0.1, f64::NAN]), &right))),
            "AveragePrecision: got a score that is NaN at position 1",
        ),
    ];
    for (text, wanted) in cases {
        assert!(text.contains(wanted), "{wanted:?} is not in {text:?}");
    }
    let before = RocAuc::new().of((&scores, &right)).unwrap();
    let mut auc = before.clone();
    assert!(auc.add((&tensor(&[0.3, f64::NAN]), &right)).is_err());
    assert_eq!(auc, before, "a refused batch must not be kept in part");
}
