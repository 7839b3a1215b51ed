//! Metrics whose kind is forgotten, names, units, and one of a user's own.

use gradus_tensor::Tensor;
use gradus_train::Result;
use gradus_train::metrics::{
    Accuracy, AnyMetric, Average, AveragePrecision, Bleu, Cer, ConfusionMatrix, EditDistance, F1,
    Goal, Iou, Mae, Mean, Metric, Perplexity, Precision, R2, Recall, Rmse, RocAuc, TopK, Unit, Wer,
};
use serde::{Deserialize, Serialize};

use super::parts::damaged;
use crate::message;

/// Every metric over nothing, its name, goal and unit.
pub(super) fn all() -> Vec<(AnyMetric, &'static str, Goal, Unit)> {
    use {Goal::*, Unit::*};
    let class = Average::Class(1);
    [
        (Accuracy::new().into(), "accuracy", Higher, Percent),
        (TopK::new(5).into(), "top5", Higher, Percent),
        (ConfusionMatrix::new(2).unwrap().into(), "confusion_accuracy", Higher, Percent),
        (Precision::new(2, class).unwrap().into(), "precision_class1", Higher, Plain),
        (Recall::new(2, Average::Weighted).unwrap().into(), "recall_weighted", Higher, Plain),
        (F1::new(2, Average::Macro).unwrap().into(), "f1_macro", Higher, Plain),
        (Iou::new(2, Average::Micro).unwrap().into(), "iou_micro", Higher, Plain),
        (Mae::new().into(), "mae", Lower, Plain),
        (Rmse::new().into(), "rmse", Lower, Plain),
        (R2::new().into(), "r2", Higher, Plain),
        (Perplexity::new().into(), "perplexity", Lower, Plain),
        (Bleu::new().into(), "bleu", Higher, Plain),
        (Wer::new().into(), "wer", Lower, Percent),
        (Cer::new().into(), "cer", Lower, Percent),
        (EditDistance::new().into(), "edit_distance", Lower, Plain),
        (RocAuc::new().into(), "roc_auc", Higher, Plain),
        (AveragePrecision::new().into(), "average_precision", Higher, Plain),
        (Mean::new("reward").higher().into(), "reward", Higher, Plain),
        (Mean::new("loss").into(), "loss", Lower, Plain),
    ]
    .into()
}

#[test]
fn names_goals_and_units() {
    for (metric, name, goal, unit) in all() {
        assert_eq!((metric.name().as_str(), metric.goal(), metric.unit()), (name, goal, unit));
        assert!(metric.value().is_nan(), "{name} of nothing");
        assert_eq!(metric.to_string(), format!("{name} {}", unit.show(f64::NAN)));
        assert!(
            metric.name().chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        );
    }
}

#[test]
fn metrics_show_name_and_value() {
    let (scores, labels) = (Tensor::<f32>::eye(4), Tensor::vector([0, 1, 2, 2]));
    let batch = (&scores, &labels);
    let (accuracy, f1) = (Accuracy::new(), F1::new(4, Average::Macro).unwrap());
    assert_eq!(accuracy.of(batch).unwrap().to_string(), "accuracy 75.00 %");
    assert_eq!(TopK::new(4).of(batch).unwrap().to_string(), "top4 100.00 %");
    assert_eq!(f1.of(batch).unwrap().to_string(), "f1_macro 0.6667");
    assert_eq!(Mean::new("loss").of((0.25_f64, 3)).unwrap().to_string(), "loss 0.2500");
}

#[test]
fn kinds_do_not_mix() {
    let mut accuracy = AnyMetric::new(Accuracy::new());
    let text = message(accuracy.merge(&Mean::new("accuracy").into()));
    assert!(text.contains("Mean named \"accuracy\"") && text.contains("Accuracy"), "{text}");
    let bytes = AnyMetric::new(Mean::new("accuracy")).to_bytes().unwrap();
    let text = message(accuracy.with_bytes(&bytes));
    assert!(text.contains(&format!("got {} bytes for \"accuracy\"", bytes.len())), "{text}");
    assert!(accuracy.get::<Mean>().is_none() && accuracy.get::<Accuracy>().is_some());
}

/// The bytes of a checkpoint may not fit the metric that a step makes now: the merge says so.
#[test]
fn sums_of_other_settings_are_refused() {
    let cases: [(AnyMetric, AnyMetric, &str); 6] = [
        (TopK::new(5).into(), TopK::new(3).into(), "TopK::merge: got k = 3, wanted 5"),
        (
            F1::new(3, Average::Macro).unwrap().into(),
            F1::new(2, Average::Macro).unwrap().into(),
            "F1::merge: got 2 classes, Macro, wanted 3 classes, Macro",
        ),
        (
            Iou::new(3, Average::Macro).unwrap().into(),
            Iou::new(3, Average::Class(1)).unwrap().into(),
            "Iou::merge: got 3 classes, Class(1), wanted 3 classes, Macro",
        ),
        (
            ConfusionMatrix::new(3).unwrap().into(),
            ConfusionMatrix::new(2).unwrap().into(),
            "ConfusionMatrix::merge: got a matrix of the 2 classes",
        ),
        (Mean::new("a").into(), Mean::new("b").into(), "Mean::merge: got the mean \"b\""),
        (
            R2::new().of((&Tensor::<f32>::zeros([2, 3]), &Tensor::zeros([2, 3]))).unwrap().into(),
            R2::new().of((&Tensor::<f32>::zeros([2]), &Tensor::zeros([2]))).unwrap().into(),
            "R2::merge: got 1 outputs, wanted 3, as before",
        ),
    ];
    for (mut one, other, wanted) in cases {
        let before = one.to_bytes().unwrap();
        let read = one.with_bytes(&other.to_bytes().unwrap()).unwrap();
        let text = message(one.merge(&read));
        assert!(text.contains(wanted), "{wanted:?} is not in {text:?}");
        assert_eq!(one.to_bytes().unwrap(), before);
    }
}

#[test]
fn damaged_sums_of_texts_and_rankings_are_read_without_a_panic() {
    let texts = ("It is a dog that barks.", "That is a dog that barks.");
    damaged(&Bleu::new().of(texts).unwrap(), &Bleu::new());
    damaged(&Wer::new().of(texts).unwrap(), &Wer::new());
    damaged(&Cer::new().of(texts).unwrap(), &Cer::new());
    let lines: (&[i64], &[i64]) = (&[1, 2, 3], &[1, 3, 4, 4]);
    damaged(&EditDistance::new().of(lines).unwrap(), &EditDistance::new());
    let (scores, labels) = (Tensor::<f32>::vector([0.1, 0.4, 0.4]), Tensor::vector([0, 1, 0]));
    damaged(&RocAuc::new().of((&scores, &labels)).unwrap(), &RocAuc::new());
    damaged(&AveragePrecision::new().of((&scores, &labels)).unwrap(), &AveragePrecision::new());
}

/// A metric of a user's, with an owned string among its sums.
#[derive(Clone, Serialize, Deserialize)]
struct Longest {
    word: String,
}

impl Metric for Longest {
    type Batch<'a> = &'a str;

    fn name(&self) -> String {
        "longest".into()
    }

    fn goal(&self) -> Goal {
        Goal::Higher
    }

    fn take(&mut self, text: &str) -> Result<()> {
        for word in text.split(' ') {
            if word.len() > self.word.len() {
                self.word = word.into();
            }
        }
        Ok(())
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        self.take(&other.word)
    }

    fn value(&self) -> f64 {
        self.word.len() as f64
    }
}

#[test]
fn a_metric_of_ones_own() {
    let mut any = AnyMetric::new(Longest { word: String::new() }.of("a longer one").unwrap());
    any.merge(&any.with_bytes(&any.to_bytes().unwrap()).unwrap()).unwrap();
    assert_eq!((any.value(), any.get::<Longest>().unwrap().word.as_str()), (6.0, "longer"));
    let huge = [&u64::MAX.to_le_bytes()[..], b"word"].concat();
    assert!(message(any.with_bytes(&huge)).contains("12 bytes for \"longest\""));
}
