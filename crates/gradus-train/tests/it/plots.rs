//! Pictures: the PNGs decode and are not blank, the SVGs are well formed and say what they should.

use std::io::Cursor;

use gradus_data::audio::Features;
use gradus_tensor::Tensor;
use gradus_train::History;
use gradus_train::metrics::ConfusionMatrix;
use gradus_train::plots::{ConfusionPlot, Curves, Panel, Plot, Spectrogram};

use crate::{columns, message};

/// Size and RGB bytes of a PNG.
pub(crate) fn decode(png: &[u8]) -> (usize, usize, Vec<u8>) {
    let mut reader = png::Decoder::new(Cursor::new(png)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    assert_eq!((info.color_type, info.bit_depth), (png::ColorType::Rgb, png::BitDepth::Eight));
    (info.width as usize, info.height as usize, pixels)
}

pub(crate) fn count(pixels: &[u8], color: [u8; 3]) -> usize {
    pixels.chunks(3).filter(|p| **p == color).count()
}

/// Size and texts of an SVG; every tag must be closed in its order.
fn parse(svg: &str) -> (usize, usize, Vec<String>) {
    let (mut open, mut texts) = (Vec::new(), Vec::new());
    for piece in svg.split('<').skip(1) {
        let (tag, after) = piece.split_once('>').unwrap();
        match tag.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name)),
            None if tag.ends_with('/') => {}
            None => open.push(tag.split(' ').next().unwrap()),
        }
        if tag.starts_with("text ") {
            texts.push(after.trim().to_string());
        } else {
            assert_eq!(after.trim(), "", "text outside of a text");
        }
    }
    assert!(open.is_empty(), "{open:?} is not closed");
    let size = |name: &str| {
        let (_, rest) = svg.split_once(&format!("{name}=\"")).unwrap();
        rest.split('"').next().unwrap().parse().unwrap()
    };
    (size("width"), size("height"), texts)
}

/// Checks both forms of a picture; gives the texts and the PNG's pixels.
pub(crate) fn check(plot: &impl Plot) -> (Vec<String>, Vec<u8>) {
    let (w, h, texts) = parse(&plot.svg().unwrap());
    let (wide, high, pixels) = decode(&plot.png().unwrap());
    assert_eq!((wide, high), (2 * w, 2 * h));
    assert!(count(&pixels, [255; 3]) > pixels.len() / 3 / 5, "there is white paper");
    assert!(count(&pixels, [255; 3]) < pixels.len() / 3, "the picture is blank");
    assert!(pixels.chunks(3).any(|p| p.iter().all(|&c| c < 60)), "there is dark text");
    (texts, pixels)
}

fn history(epochs: usize) -> History {
    let mut history = columns();
    for epoch in 1..=epochs {
        let e = epoch as f64;
        history.push(&[e, 2.0 / e, 1.0 - 0.5 / e, 2.2 / e, 0.95 - 0.4 / e, 1e-3, 1.0]).unwrap();
    }
    history
}

const BLUE: [u8; 3] = [0, 114, 178];
const VERMILION: [u8; 3] = [213, 94, 0];

#[test]
fn curves_say_what_they_show() {
    let (texts, pixels) = check(&Curves::from_history(&history(12)).unwrap());
    for wanted in
        ["Loss", "Accuracy", "training", "validation", "epoch", "mean loss", "accuracy (%)"]
            .into_iter()
            .chain(["best validation: 0.1833, epoch 12", "best validation: 91.67 %, epoch 12"])
            .chain(["2", "4", "12", "100", "0"])
    {
        assert!(texts.iter().any(|t| t == wanted), "{wanted:?} is not in {texts:?}");
    }
    assert!(count(&pixels, BLUE) > 2000 && count(&pixels, VERMILION) > 2000);
    // The same history gives the same file.
    assert_eq!(
        Curves::from_history(&history(12)).unwrap().png().unwrap(),
        Curves::from_history(&history(12)).unwrap().png().unwrap()
    );
}

#[test]
fn curves_of_odd_histories() {
    let (texts, _) = check(&Curves::from_history(&history(0)).unwrap());
    assert_eq!(texts.iter().filter(|t| *t == "no values yet").count(), 2);
    let (texts, pixels) = check(&Curves::from_history(&history(1)).unwrap());
    assert!(texts.contains(&"best validation: 2.2000, epoch 1".into()), "{texts:?}");
    assert!(count(&pixels, BLUE) > 100, "one epoch is a dot");
    check(&Curves::from_history(&history(1000)).unwrap());

    let mut odd = columns();
    for epoch in 1..=8 {
        let e = f64::from(epoch);
        let loss = [f64::NAN, f64::INFINITY, f64::MAX, 1e299, -1e299, 0.0, 1e-320, 1.0]
            [epoch as usize - 1];
        odd.push(&[e, loss, f64::NAN, f64::NAN, f64::NAN, 0.0, 0.0]).unwrap();
    }
    let (texts, _) = check(&Curves::from_history(&odd).unwrap());
    assert!(!texts.contains(&"validation".into()), "a column without numbers is left out");

    let mut loss_only = History::new(["train_loss"]).unwrap();
    loss_only.push(&[1.0]).unwrap();
    let (texts, _) = check(&Curves::from_history(&loss_only).unwrap());
    assert!(!texts.contains(&"Accuracy".into()));
    let text = message(Curves::from_history(&History::new(["epoch", "lr"]).unwrap()));
    assert!(text.contains("got a history of epoch, lr, wanted a column train_loss"), "{text}");
}

#[test]
fn a_gap_is_not_bridged() {
    let x = [1.0, 2.0, 3.0, 4.0, 5.0];
    let lines = |y: [f64; 5]| {
        let svg = Curves::new("x").panel(Panel::new("t", "y").curve("c", &x, &y)).svg().unwrap();
        // The legend's own sample of the line is one of them.
        svg.matches(r##"stroke="#0072B2" stroke-width="16""##).count() - 1
    };
    assert_eq!(lines([1.0, 2.0, 3.0, 4.0, 5.0]), 1);
    assert_eq!(lines([1.0, 2.0, f64::NAN, 4.0, 5.0]), 2);
    assert_eq!(lines([1.0, f64::NAN, 3.0, f64::NAN, 5.0]), 0);
}

fn matrix(classes: usize) -> ConfusionMatrix {
    let mut matrix = ConfusionMatrix::new(classes).unwrap();
    let labels = Tensor::arange(50 * classes).map(|i: i64| i % classes as i64);
    let predictions = Tensor::arange(50 * classes)
        .map(|i: i64| (i % classes as i64 + i % 17 / 16) % classes as i64);
    matrix.add(&predictions, &labels).unwrap();
    matrix
}

#[test]
fn confusion_says_what_it_shows() {
    let (texts, pixels) = check(&ConfusionPlot::new(&matrix(10)).unwrap());
    for wanted in [
        "Confusion matrix",
        "true class",
        "predicted class",
        "471 of 500 right: 94.20 %",
        "right",
        "wrong",
        "100 %",
    ] {
        assert!(texts.iter().any(|t| t == wanted), "{wanted:?} is not in {texts:?}");
    }
    // Every count above zero stands in its cell, every name at its row and at its column.
    for class in 0..10 {
        let counts = matrix(10).row(class).to_vec();
        for count in counts.into_iter().filter(|&c| c > 0) {
            assert!(texts.contains(&count.to_string()), "{count} is not in {texts:?}");
        }
        assert!(texts.iter().filter(|t| **t == class.to_string()).count() >= 2);
    }
    assert!(count(&pixels, BLUE) == 0, "no class is all right, so none is all blue");
    let mut right = ConfusionMatrix::new(2).unwrap();
    right.add(&Tensor::vector([0, 1]), &Tensor::vector([0, 1])).unwrap();
    let (_, pixels) = check(&ConfusionPlot::new(&right).unwrap());
    assert!(count(&pixels, BLUE) > 50_000, "both cells of the diagonal are all blue");
}

#[test]
fn confusion_of_many_sizes() {
    for classes in [1, 2, 3, 26, 100, 400] {
        check(&ConfusionPlot::new(&matrix(classes)).unwrap());
    }
    check(&ConfusionPlot::new(&ConfusionMatrix::new(3).unwrap()).unwrap());
    let text = message(ConfusionPlot::new(&matrix(401)));
    assert!(text.contains("got 401 classes, wanted at most 400"), "{text}");
}

#[test]
fn long_and_odd_names() {
    let names =
        ["a name so long that no picture has room for it", "<b> & \"c\"", "手写", "", "Ёж\n"];
    let matrix = ConfusionMatrix::with_names(names).unwrap();
    let plot = ConfusionPlot::new(&matrix).unwrap().title("An animal ".repeat(40));
    let (texts, _) = check(&plot);
    assert!(texts.iter().any(|t| t.starts_with("a name so long") && t.ends_with('…')), "{texts:?}");
    assert!(texts.contains(&"&lt;b&gt; &amp; &quot;c&quot;".into()), "{texts:?}");
    let (w, _, _) = parse(&plot.svg().unwrap());
    assert!(w < 1200, "{w}");
}

#[test]
fn pictures_are_saved_by_their_ending() {
    let folder = tempfile::tempdir().unwrap();
    let plot = Curves::from_history(&history(3)).unwrap();
    plot.save(folder.path().join("a.svg")).unwrap();
    plot.save(folder.path().join("a.PNG")).unwrap();
    assert_eq!(std::fs::read_to_string(folder.path().join("a.svg")).unwrap(), plot.svg().unwrap());
    assert_eq!(std::fs::read(folder.path().join("a.PNG")).unwrap(), plot.png().unwrap());
    let text = message(plot.save(folder.path().join("a.jpg")));
    assert!(text.contains("a.jpg, wanted a path that ends in .svg or .png"), "{text}");
    let text = message(plot.save(folder.path().join("none/a.svg")));
    assert!(text.starts_with("cannot write ") && text.contains("none/a.svg"), "{text}");
}

#[test]
fn a_spectrogram_has_its_words_under_it() {
    // More frames than columns, a band that rises, and words that would run into each other.
    let loud = |t: usize, b: usize| if t / 100 == b { 1.0 } else { 0.01 * (t % 3) as f32 };
    let values = (0..1000).flat_map(|t| (0..10).map(move |b| loud(t, b))).collect();
    let features = Features::new(10, values).unwrap();
    let picture = Spectrogram::new(&features, 0.01).unwrap().title("ten seconds");
    let words = ["almost", "simultaneously", "spoken", "words", "here"];
    let with =
        |p: Spectrogram, (i, w): (usize, &&str)| p.word(*w, i as f64 * 0.1, i as f64 * 0.1 + 0.1);
    let picture = words.iter().enumerate().fold(picture, with).word("late", 9.9, 12.0);
    let (texts, pixels) = check(&picture);
    for text in words.iter().chain(&["late", "ten seconds", "0 s", "10 s"]) {
        assert!(texts.iter().any(|t| t == text), "{text} is not in {texts:?}");
    }
    assert!(count(&pixels, [34; 3]) > 1000, "what is loudest is dark");

    let bad = |features: Features, step| message(Spectrogram::new(&features, step));
    let one = |x| Features::new(1, vec![x]).unwrap();
    let none = Features::new(1, vec![]).unwrap();
    assert!(bad(none, 0.01).contains("0 frames of 1 bands, wanted at least 1 frame"));
    assert!(bad(one(f32::NAN), 0.01).contains("NaN in frame 0, wanted finite values"));
    assert!(bad(one(0.0), 0.0).contains("a step of 0 s"));
    assert!(Spectrogram::new(&one(3.0), 0.01).unwrap().svg().is_ok());
}
