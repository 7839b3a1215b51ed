//! Batches that do not fit: the message, and that nothing of them is counted.

use gradus_tensor::Tensor;
use gradus_train::Result;
use gradus_train::metrics::{
    Accuracy, AnyMetric, Average, ConfusionMatrix, F1, Iou, Labelled, Mae, Metric, Perplexity,
    Precision, R2, Recall, Rmse, Tokens, TopK,
};

use crate::message;

/// Takes a batch that does not fit.
#[track_caller]
fn refuses<M: Metric>(mut metric: M, wanted: &str, take: impl Fn(&mut M) -> Result<()>) {
    let before = AnyMetric::new(metric.clone()).to_bytes().unwrap();
    let text = message(take(&mut metric));
    assert!(text.contains(wanted), "{wanted:?} is not in {text:?}");
    assert_eq!(
        AnyMetric::new(metric).to_bytes().unwrap(),
        before,
        "a part of a refused batch was counted"
    );
}

#[test]
fn labels_and_scores_that_do_not_fit() {
    fn check<M: for<'a> Metric<Batch<'a> = Labelled<'a>>>(metric: M, op: &str) {
        let scores = Tensor::<f32>::zeros([3, 4]);
        let (labels, two) = (Tensor::vector([0, 1, 2]), Tensor::vector([0, 1]));
        let metric = metric.of((&Tensor::<f32>::zeros([1, 4]), &Tensor::vector([1]))).unwrap();
        let cases: [(&Tensor<f32>, &Tensor<i64>, &str); 8] = [
            (&scores, &two, "wanted labels [3], one for each item of the scores [3, 4]"),
            (&scores, &Tensor::zeros([3, 1]), "[3, 1], wanted labels [3]"),
            (&Tensor::zeros([3]), &labels, "wanted "),
            (&Tensor::zeros([3, 4, 2]), &labels, "wanted labels [3, 2]"),
            (
                &scores,
                &Tensor::vector([0, 4, 9]),
                "label 4 at position 1, wanted a class from 0 to 3",
            ),
            (&scores, &Tensor::vector([0, 1, -1]), "label -1 at position 2"),
            (&scores, &Tensor::vector([0, 1, i64::MIN]), "at position 2"),
            (&scores, &Tensor::vector([0, 1, i64::MAX]), "at position 2"),
        ];
        for (scores, labels, wanted) in cases {
            refuses(metric.clone(), wanted, |m| m.add((scores, labels)));
            refuses(metric.clone(), op, |m| m.add((scores, labels)));
        }
        // A label is ignored or it is not.
        let labels = Tensor::vector([0, -100, 77]);
        refuses(metric.clone(), "label 77 at position 2", |m| {
            m.add(Labelled::new((&scores, &labels)).ignoring(-100))
        });
        let before = AnyMetric::new(metric.clone()).to_bytes().unwrap();
        let none = metric.of((&Tensor::<f32>::zeros([0, 4]), &Tensor::zeros([0]))).unwrap();
        assert_eq!(AnyMetric::new(none).to_bytes().unwrap(), before);
    }
    check(Accuracy::new(), "Accuracy");
    check(TopK::new(2), "TopK");
    check(ConfusionMatrix::new(4).unwrap(), "ConfusionMatrix");
    check(Precision::new(4, Average::Macro).unwrap(), "Precision");
    check(Recall::new(4, Average::Micro).unwrap(), "Recall");
    check(F1::new(4, Average::Class(1)).unwrap(), "F1");
    check(Iou::new(4, Average::Weighted).unwrap(), "Iou");
}

#[test]
fn classes_that_the_metric_does_not_have() {
    fn check<M: for<'a> Metric<Batch<'a> = Labelled<'a>>>(metric: M) {
        let labels = Tensor::vector([0, 1]);
        refuses(metric.clone(), "scores of 4 classes, wanted scores of 3", |m| {
            m.add((&Tensor::<f32>::zeros([2, 4]), &labels))
        });
        refuses(metric.clone(), "prediction 3 at position 1", |m| {
            m.add((&Tensor::vector([0, 3]), &labels))
        });
        refuses(metric.clone(), "prediction -2 at position 0", |m| {
            m.add((&Tensor::vector([-2, 0]), &labels))
        });
        refuses(metric.clone(), "wanted predictions [2], one for each label", |m| {
            m.add((&Tensor::vector([0, 1, 2]), &labels))
        });
        // What is predicted where nothing counts does not matter.
        let batch = (&Tensor::vector([0, -7]), &Tensor::vector([0, -100]));
        assert!(metric.of(Labelled::new(batch).ignoring(-100)).is_ok());
    }
    check(ConfusionMatrix::new(3).unwrap());
    check(Precision::new(3, Average::Macro).unwrap());
    check(Iou::new(3, Average::Micro).unwrap());
}

#[test]
fn settings_out_of_range() {
    let cases = [
        (message(F1::new(0, Average::Macro)), "F1::new: got 0 classes, wanted 1 to 1000000"),
        (message(Recall::new(usize::MAX, Average::Macro)), "Recall::new: got"),
        (
            message(Iou::new(3, Average::Class(3))),
            "Iou::new: got Average::Class(3), wanted a class from 0 to 2",
        ),
    ];
    for (text, wanted) in cases {
        assert!(text.contains(wanted), "{wanted:?} is not in {text:?}");
    }
    let (scores, labels) = (Tensor::<f32>::zeros([1, 3]), Tensor::vector([0]));
    for (k, wanted) in
        [(0, "TopK: got k = 0, wanted 1 to 3"), (4, "TopK: got k = 4, wanted 1 to 3")]
    {
        refuses(TopK::new(k), wanted, |m| m.add((&scores, &labels)));
    }
    refuses(TopK::new(2), "TopK: got predicted classes, wanted scores", |m| {
        m.add((&labels, &labels))
    });
}

#[test]
fn tokens_that_do_not_fit() {
    let fresh = Perplexity::new().of((2.0_f64, 3)).unwrap();
    let (logits, tokens) = (Tensor::<f32>::zeros([2, 3]), Tensor::vector([0, 3]));
    refuses(fresh.clone(), "Perplexity: got label 3 at position 1", |m| {
        m.add(Tokens::Logits((&logits, &tokens).into()))
    });
    refuses(fresh.clone(), "wanted labels [2]", |m| {
        m.add(Tokens::Logits((&logits, &Tensor::vector([0])).into()))
    });
    refuses(fresh, "Perplexity: got predicted tokens, wanted logits", |m| {
        m.add(Tokens::Logits((&tokens, &tokens).into()))
    });
}

#[test]
fn numbers_that_do_not_fit() {
    let (column, row) = (Tensor::<f32>::zeros([3, 1]), Tensor::zeros([3]));
    refuses(Mae::new(), "[3], wanted targets [3, 1]", |m| m.add((&column, &row)));
    refuses(Rmse::new(), "wanted targets [3, 1]", |m| m.add((&column, &row)));
    refuses(R2::new(), "wanted targets [3, 1]", |m| m.add((&column, &row)));
    let one = Tensor::<f64>::zeros([]);
    refuses(R2::new(), "R2", |m| m.add((&one, &one)));
    let before = R2::new().of((&row, &row)).unwrap();
    let table = Tensor::<f32>::zeros([3, 2]);
    refuses(before, "R2: got 2 outputs, wanted 1, as before", |m| m.add((&table, &table)));
}
