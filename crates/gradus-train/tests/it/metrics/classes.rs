//! Metrics of classes beside scikit-learn.

use gradus_autograd::Var;
use gradus_tensor::Tensor;
use gradus_train::metrics::{
    Accuracy, Average, ConfusionMatrix, F1, Iou, Labelled, Metric, Perplexity, Precision, Recall,
    Tokens, TopK, accuracy, count_correct,
};
use serde_json::Value;

use super::parts::Take;
use super::{all_near, floats, in_parts, list, near, recorded, shape, text, whole};

/// A case cut into samples.
struct Case {
    record: Value,
    scores: Tensor<f64>,
    labels: Tensor<i64>,
}

impl Case {
    fn all() -> Vec<Self> {
        let file = recorded("scikit_learn.json");
        let cases = list(&file["classes"]).iter().map(|record| {
            let shape = shape(&record["shape"]);
            let scores = Tensor::from_vec(floats(&record["scores"]), &shape[..]).unwrap();
            let items = [&shape[..1], &shape[2..]].concat();
            let labels = Tensor::from_vec(whole(&record["labels"]), &items[..]).unwrap();
            Self { record: record.clone(), scores, labels }
        });
        cases.collect()
    }

    fn classes(&self) -> usize {
        self.scores.shape()[1]
    }

    /// The metric of the case's samples, which come in batches of one to three.
    fn measure<M: Metric>(
        &self,
        fresh: M,
        take: impl Fn(&mut M, Labelled<'_>) -> gradus_train::Result<()>,
    ) -> M {
        let samples = self.labels.shape()[0];
        let mut cuts = vec![0];
        while cuts[cuts.len() - 1] < samples {
            cuts.push((cuts[cuts.len() - 1] + 1 + cuts.len() % 3).min(samples));
        }
        let batch = |from, to| {
            let (scores, labels) = (self.scores.slice(0, from..to), self.labels.slice(0, from..to));
            (scores.unwrap(), labels.unwrap())
        };
        let takes: Vec<Take<'_, M>> = cuts
            .windows(2)
            .map(|cut| {
                let (scores, labels) = batch(cut[0], cut[1]);
                let take = &take;
                Box::new(move |metric: &mut M| take(metric, self.labelled(&scores, &labels)))
                    as Take<'_, M>
            })
            .collect();
        in_parts(&fresh, &takes)
    }

    fn labelled<'a>(&self, scores: &'a Tensor<f64>, labels: &'a Tensor<i64>) -> Labelled<'a> {
        let batch = Labelled::new((scores, labels));
        self.record["ignored"].as_i64().map_or(batch, |label| batch.ignoring(label))
    }

    fn value<M: for<'a> Metric<Batch<'a> = Labelled<'a>>>(&self, fresh: M) -> M {
        self.measure(fresh, |metric, batch| metric.take(batch))
    }
}

#[test]
fn accuracies_are_those_of_scikit_learn() {
    for case in Case::all() {
        let name = text(&case.record["name"]);
        let wanted = case.record["accuracy"].as_f64().unwrap();
        near(name, case.value(Accuracy::new()).value(), wanted);
        let top_k: Vec<f64> =
            (1..=case.classes()).map(|k| case.value(TopK::new(k)).value()).collect();
        all_near(name, &top_k, &floats(&case.record["top_k"]));
        let matrix = case.value(ConfusionMatrix::new(case.classes()).unwrap());
        assert_eq!(matrix.counts().to_vec(), whole(&case.record["matrix"]), "{name}");
        near(name, matrix.value(), wanted);
    }
}

#[test]
fn quotients_of_classes_are_those_of_scikit_learn() {
    fn check<M: for<'a> Metric<Batch<'a> = Labelled<'a>>>(
        column: &str,
        new: fn(usize, Average) -> gradus_train::Result<M>,
        per_class: fn(&M) -> Vec<f64>,
    ) {
        for case in Case::all() {
            let what = format!("{column} of {}", text(&case.record["name"]));
            let wanted = &case.record[column];
            let classes = case.classes();
            let averages = [
                (Average::Micro, "micro"),
                (Average::Macro, "macro"),
                (Average::Weighted, "weighted"),
            ];
            for (average, name) in averages {
                let metric = case.value(new(classes, average).unwrap());
                assert_eq!(metric.name(), format!("{column}_{name}"));
                near(&what, metric.value(), wanted[name].as_f64().unwrap());
            }
            let of_each: Vec<f64> = (0..classes)
                .map(|c| case.value(new(classes, Average::Class(c)).unwrap()).value())
                .collect();
            let each = floats(&wanted["per_class"]);
            all_near(&what, &of_each, &each);
            let metric = case.value(new(classes, Average::Macro).unwrap());
            // A class that is nowhere has no intersection over union; scikit-learn says 0.
            let ours = per_class(&metric).into_iter().map(|x| if x.is_nan() { 0.0 } else { x });
            all_near(&what, &ours.collect::<Vec<_>>(), &each);
        }
    }
    check("precision", Precision::new, Precision::per_class);
    check("recall", Recall::new, Recall::per_class);
    check("f1", F1::new, F1::per_class);
    check("iou", Iou::new, Iou::per_class);
}

#[test]
fn perplexity_is_that_of_scikit_learns_loss() {
    for case in Case::all() {
        let take =
            |metric: &mut Perplexity, batch: Labelled<'_>| metric.take(Tokens::Logits(batch));
        let ours = case.measure(Perplexity::new(), take).value();
        near(text(&case.record["name"]), ours, case.record["perplexity"].as_f64().unwrap());
    }
}

#[test]
fn every_kind_of_predictions_says_the_same() {
    let case = &Case::all()[4];
    let (scores, labels) = (&case.scores, &case.labels);
    let small: Tensor = scores.cast();
    // The same numbers, the other way round in memory.
    let turned = small.transpose(0, 3).unwrap().contiguous().transpose(0, 3).unwrap();
    let chosen = scores.argmax(1).unwrap();
    let wanted = F1::new(4, Average::Macro).unwrap().of((scores, labels)).unwrap();
    let same = |batch: Labelled<'_>| {
        assert_eq!(F1::new(4, Average::Macro).unwrap().of(batch).unwrap(), wanted);
    };
    same((&small, labels).into());
    same((&turned, labels).into());
    same((&chosen, labels).into());
    same((&Var::constant(small.clone()), labels).into());
    same((&Var::constant(scores.clone()), labels).into());
    for k in 1..=4 {
        let of = |batch: Labelled<'_>| TopK::new(k).of(batch).unwrap();
        assert_eq!(of((&turned, labels).into()), of((scores, labels).into()));
    }
    let right = Accuracy::new().of((scores, labels)).unwrap();
    assert_eq!(count_correct(&turned, labels).unwrap() as u64, right.right());
    assert_eq!(accuracy(&small, labels).unwrap(), right.value());
}

#[test]
fn ties_and_nan_rank_as_argmax_has_them() {
    let nan = f32::NAN;
    let rows =
        [[1.0, 1.0, 1.0], [0.0, 2.0, 2.0], [nan, 1.0, 2.0], [3.0, nan, nan], [nan, nan, nan]];
    // The class of each rank.
    let ranks = [[0, 1, 2], [1, 2, 0], [0, 2, 1], [1, 2, 0], [0, 1, 2]];
    for (row, ranks) in rows.iter().zip(ranks) {
        let scores = Tensor::from_vec(row.to_vec(), [1, 3]).unwrap();
        for (rank, class) in ranks.into_iter().enumerate() {
            let labels = Tensor::vector([class]);
            for k in 1..=3 {
                let top = TopK::new(k).of((&scores, &labels)).unwrap();
                assert_eq!(top.value(), f64::from(u8::from(rank < k)), "{row:?} {class} {k}");
            }
            let accuracy = Accuracy::new().of((&scores, &labels)).unwrap().value();
            assert_eq!(accuracy, TopK::new(1).of((&scores, &labels)).unwrap().value());
        }
    }
}

#[test]
fn perplexity_of_large_and_odd_logits() {
    let of = |logits: [f64; 3], token: i64| {
        let (logits, tokens) =
            (Tensor::from_vec(logits.to_vec(), [1, 3]).unwrap(), Tensor::vector([token]));
        Perplexity::new().of(Tokens::Logits((&logits, &tokens).into())).unwrap().value()
    };
    near("large", of([1e300, 1e300, -1e300], 0), 2.0);
    near("far apart", of([0.0, 1000.0, 0.0], 1), 1.0);
    assert_eq!(of([0.0, 1000.0, 0.0], 0), f64::INFINITY);
    assert!(of([0.0, f64::NAN, 0.0], 0).is_nan());
    assert_eq!(of([0.0, f64::NEG_INFINITY, 0.0], 1), f64::INFINITY);
    near("never chosen", of([0.0, f64::NEG_INFINITY, 0.0], 0), 2.0);
}
