//! Metrics of texts against jiwer and sacrebleu, whose answers `tests/data/metrics/text.py` recorded.

use std::sync::LazyLock;

use gradus_train::metrics::{
    AnyMetric, Bleu, BleuTokenizer, Cer, EditDistance, Edits, Metric, Smoothing, TextPairs, Wer,
};
use serde_json::Value;

use crate::message;

static RECORDED: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../data/metrics/text.json")).unwrap());

fn numbers(value: &Value) -> Vec<i64> {
    value.as_array().unwrap().iter().map(|x| x.as_i64().unwrap()).collect()
}

fn floats(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

fn strings(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|x| x.as_str().unwrap()).collect()
}

fn counts(edits: Edits) -> Vec<i64> {
    let counts = [edits.hits, edits.substitutions, edits.deletions, edits.insertions];
    counts.map(|count| count as i64).to_vec()
}

fn near(a: f64, b: f64, what: &dyn std::fmt::Debug) {
    assert!((a - b).abs() <= 1e-12 * b.abs().max(1.0), "{a} is not {b}: {what:?}");
}

#[test]
fn edits_are_those_of_jiwer() {
    let cases = RECORDED["edits"].as_array().unwrap();
    assert_eq!(cases.len(), 40);
    for case in cases {
        let (hypothesis, reference) = (numbers(&case["hypothesis"]), numbers(&case["reference"]));
        let edits = Edits::between(&hypothesis, &reference);
        assert_eq!(counts(edits), numbers(&case["counts"]), "{case}");
    }
}

#[test]
fn rates_are_those_of_jiwer() {
    let recorded = &RECORDED["rates"];
    let (texts, references) = (strings(&recorded["hypotheses"]), strings(&recorded["references"]));
    let wer = Wer::new().of((&texts, &references)).unwrap();
    assert_eq!(counts(wer.edits()), numbers(&recorded["words"]));
    assert_eq!(wer.value(), recorded["wer"].as_f64().unwrap());
    let cer = Cer::new().of((&texts, &references)).unwrap();
    assert_eq!(counts(cer.edits()), numbers(&recorded["characters"]));
    assert_eq!(cer.value(), recorded["cer"].as_f64().unwrap());
}

#[test]
fn tokens_are_those_of_sacrebleu() {
    use BleuTokenizer::{Char, V13a, Words, Zh};
    let lines = strings(&RECORDED["lines"]);
    for tokenizer in [V13a, Zh, Char, Words] {
        let recorded = RECORDED["tokens"][tokenizer.name()].as_array().unwrap();
        assert_eq!(recorded.len(), lines.len());
        for (line, tokens) in lines.iter().zip(recorded) {
            assert_eq!(tokenizer.tokens(line), strings(tokens), "{tokenizer:?} of {line:?}");
        }
    }
}

/// The metric with the settings that sacrebleu had.
fn bleu_of(settings: &Value) -> Bleu {
    let mut bleu = Bleu::new();
    for (name, value) in settings.as_object().unwrap() {
        let amount = settings["smooth_value"].as_f64();
        bleu = match (name.as_str(), value.as_str()) {
            ("lowercase", _) => bleu.lowercase(),
            ("effective_order", _) => bleu.effective_order(),
            ("max_ngram_order", _) => bleu.order(value.as_u64().unwrap() as usize).unwrap(),
            ("tokenize", Some("none")) => bleu.tokenizer(BleuTokenizer::Words),
            ("tokenize", Some("char")) => bleu.tokenizer(BleuTokenizer::Char),
            ("tokenize", Some("zh")) => bleu.tokenizer(BleuTokenizer::Zh),
            ("smooth_method", Some("none")) => bleu.smoothing(Smoothing::None).unwrap(),
            ("smooth_method", Some("floor")) => {
                bleu.smoothing(Smoothing::Floor(amount.unwrap_or(0.1))).unwrap()
            }
            ("smooth_method", Some("add-k")) => {
                bleu.smoothing(Smoothing::AddK(amount.unwrap_or(1.0))).unwrap()
            }
            ("smooth_value", _) => bleu,
            _ => panic!("{name}: {value}"),
        };
    }
    bleu
}

#[test]
fn bleu_is_that_of_sacrebleu() {
    for case in RECORDED["bleu"].as_array().unwrap() {
        let texts = strings(&case["hypotheses"]);
        let references: Vec<_> =
            case["references"].as_array().unwrap().iter().map(strings).collect();
        let empty = bleu_of(&case["settings"]);
        let bleu = empty.clone().of((&texts, &references)).unwrap();
        near(bleu.value(), case["score"].as_f64().unwrap(), case);
        near(bleu.brevity_penalty(), case["penalty"].as_f64().unwrap(), case);
        let precisions = bleu.precisions();
        let recorded = floats(&case["precisions"]);
        assert_eq!(precisions.len(), recorded.len());
        precisions.iter().zip(recorded).for_each(|(&a, b)| near(a, b, case));
        let lengths = [bleu.lengths().0 as i64, bleu.lengths().1 as i64];
        assert_eq!(lengths.to_vec(), numbers(&case["lengths"]));

        // Text by text, merged from the back: whole numbers, so the same in any order.
        let mut parts = empty.clone();
        for i in (0..texts.len()).rev() {
            let part = empty.clone().of((&[texts[i]], &[&references[i][..]])).unwrap();
            parts.merge(&part).unwrap();
        }
        assert_eq!(parts, bleu);
        let bytes = AnyMetric::new(bleu.clone()).to_bytes().unwrap();
        let again = AnyMetric::new(Bleu::new()).with_bytes(&bytes).unwrap();
        assert_eq!(again.get::<Bleu>(), Some(&bleu));
    }
}

/// Any cut into two parts, merged in any order, is all at once; and the sums come back from bytes.
fn parts<M: Metric + PartialEq + std::fmt::Debug>(
    new: fn() -> M,
    add: impl Fn(&mut M, usize),
    n: usize,
) {
    let sum = |range: std::ops::Range<usize>| {
        let mut metric = new();
        range.for_each(|i| add(&mut metric, i));
        metric
    };
    let whole = sum(0..n);
    assert_ne!(whole, new());
    for cut in 0..=n {
        let (mut one, mut two) = (sum(0..cut), sum(cut..n));
        let before = one.clone();
        one.merge(&two).unwrap();
        two.merge(&before).unwrap();
        assert_eq!((&one, &two), (&whole, &whole));
    }
    let bytes = AnyMetric::new(whole.clone()).to_bytes().unwrap();
    assert_eq!(AnyMetric::new(new()).with_bytes(&bytes).unwrap().get::<M>(), Some(&whole));
    for cut in 0..bytes.len() {
        assert!(AnyMetric::new(new()).with_bytes(&bytes[..cut]).is_err());
    }
}

#[test]
fn parts_of_texts_are_the_whole() {
    let texts = strings(&RECORDED["rates"]["hypotheses"]);
    let references = strings(&RECORDED["rates"]["references"]);
    parts(Wer::new, |wer, i| wer.add((texts[i], references[i])).unwrap(), texts.len());
    parts(Cer::new, |cer, i| cer.add((texts[i], references[i])).unwrap(), texts.len());
    let pairs = RECORDED["edits"].as_array().unwrap();
    let distance = |distance: &mut EditDistance, i: usize| {
        let pair = &pairs[i];
        distance.add((&numbers(&pair["hypothesis"]), &numbers(&pair["reference"]))).unwrap();
    };
    parts(EditDistance::new, distance, pairs.len());
}

/// The recurrence word for word, from the front: the shortest of all ways.
fn distance(a: &[i64], b: &[i64]) -> u64 {
    match (a, b) {
        ([], rest) | (rest, []) => rest.len() as u64,
        ([x, a @ ..], [y, b @ ..]) if x == y => distance(a, b),
        ([_, less @ ..], [_, fewer @ ..]) => {
            1 + distance(less, b).min(distance(a, fewer)).min(distance(less, fewer))
        }
    }
}

#[test]
fn the_distance_is_the_shortest_and_its_counts_add_up() {
    let mut state = 1_u64;
    let mut draw = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 33) % below
    };
    for _ in 0..300 {
        let (n, m) = (draw(7), draw(7));
        let mut line = |len: u64| -> Vec<i64> { (0..len).map(|_| draw(3) as i64).collect() };
        let (hypothesis, reference) = (line(n), line(m));
        let edits = Edits::between(&hypothesis, &reference);
        assert_eq!(edits.distance(), distance(&hypothesis, &reference));
        assert_eq!(edits.reference(), reference.len() as u64);
        assert_eq!(edits.hits + edits.substitutions + edits.insertions, hypothesis.len() as u64);
    }
}

#[test]
fn texts_come_in_many_forms() {
    let owned = vec!["a b".to_string(), "c".to_string()];
    let wanted = TextPairs::from((&["a b", "c"], &["a b", "c"]));
    assert_eq!(TextPairs::from((&owned, &owned[..])), wanted);
    assert_eq!(TextPairs::from((&["a b", "c"], &[vec!["a b"], vec!["c"]])), wanted);
    assert_eq!(TextPairs::from((&owned, &[["a b"], ["c"]])), wanted);
    assert_eq!(TextPairs::from(("a b", &owned[0])), TextPairs::from((&["a b"], &[["a b"]])));
}

#[test]
fn nothing_and_no_reference() {
    assert!(Wer::new().value().is_nan() && Cer::new().value().is_nan());
    assert!(Bleu::new().value().is_nan() && EditDistance::new().value().is_nan());
    assert!(Wer::new().of((" ", "")).unwrap().value().is_nan());
    assert_eq!(Wer::new().of(("a b", "")).unwrap().value(), f64::INFINITY);
    assert_eq!(Wer::new().of(("a b c", "d")).unwrap().value(), 3.0);
    let none: [&str; 0] = [];
    assert_eq!(Bleu::new().of((&none, &none)).unwrap(), Bleu::new());
    assert_eq!(AnyMetric::new(Wer::new().of(("a", "a b")).unwrap()).to_string(), "wer 50.00 %");
}

#[test]
fn bad_input_is_refused() {
    let two = ["a", "b"];
    let cases = [
        (message(Wer::new().of((&two, "a"))), "Wer: got 2 texts and references for 1"),
        (message(Cer::new().of(("a", &two))), "Cer: got 1 texts and references for 2"),
        (
            message(Wer::new().of((&two, &[vec!["a"], vec!["b", "c"]]))),
            "Wer: got 2 references for the text at position 1, wanted one reference for each text",
        ),
        (message(Bleu::new().of((&two, "a"))), "Bleu: got 2 texts and references for 1"),
        (
            message(Bleu::new().of((&two, &[vec!["a"], vec![]]))),
            "Bleu: got no reference for the text at position 1",
        ),
        (message(Bleu::new().order(0)), "Bleu::order: got 0, wanted 1 to 16"),
        (message(Bleu::new().order(usize::MAX)), "wanted 1 to 16"),
        (message(Bleu::new().smoothing(Smoothing::Floor(f64::NAN))), "got Floor(NaN)"),
        (message(Bleu::new().smoothing(Smoothing::AddK(-1.0))), "a finite number above 0"),
        (message(Bleu::new().merge(&Bleu::new().lowercase())), "lowercase: true"),
        (message(Bleu::new().merge(&Bleu::new().order(2).unwrap())), "Bleu::merge: got 2 orders"),
    ];
    for (text, wanted) in cases {
        assert!(text.contains(wanted), "{wanted:?} is not in {text:?}");
    }

    let mut bleu = Bleu::new().of(("a b c d", "a b c d")).unwrap();
    let before = bleu.clone();
    assert!(bleu.add((&two, &[vec!["a"], vec![]])).is_err());
    assert_eq!(bleu, before, "a refused batch must not be counted in part");
    let mut wer = Wer::new().of(("a b", "a")).unwrap();
    assert!(wer.add((&two, &[vec!["a"], vec!["b", "c"]])).is_err());
    assert_eq!(wer, Wer::new().of(("a b", "a")).unwrap());
}
