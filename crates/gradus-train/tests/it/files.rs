//! History, configuration and run folder: what is written can be read, and bad files are named.

use std::fs;

use gradus_train::{Config, History, RunFolder, Value};
use tempfile::tempdir;

use crate::{columns, message};

#[test]
fn history_makes_the_round_trip_bit_for_bit() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("history.csv");
    let mut history = History::new(["epoch", "loss", "note"]).unwrap();
    let values = [0.1 + 0.2, 1e-300, -0.0, f64::MAX, f64::INFINITY, 1e15, 123456789.0];
    for (i, x) in values.into_iter().enumerate() {
        history.push(&[i as f64, x, -x]).unwrap();
        history.write(&path).unwrap();
        let back = History::read(&path).unwrap();
        assert_eq!(back, history);
        let bits = |h: &History| h.rows().concat().iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&back), bits(&history));
    }
    history.push(&[7.0, f64::NAN, 1.0]).unwrap();
    history.write(&path).unwrap();
    assert!(History::read(&path).unwrap().last("loss").unwrap().is_nan());
    // Nothing is left beside the file.
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn history_is_plain_csv() {
    let mut history = columns();
    history.push(&[1.0, 0.5, 0.75, f64::NAN, f64::NAN, 1e-3, 0.25]).unwrap();
    assert_eq!(
        history.to_csv(),
        "epoch,train_loss,train_accuracy,validation_loss,validation_accuracy,lr,seconds\n\
         1,0.5,0.75,NaN,NaN,0.001,0.25\n"
    );
    assert_eq!(history.column("lr"), Some(vec![0.001]));
    assert_eq!((history.column("rate"), history.last("rate")), (None, None));
    history.truncate(0);
    assert!(history.is_empty());
    assert_eq!(history.last("lr"), None);
}

#[test]
fn foreign_csv_is_read() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("a.csv");
    fs::write(&path, "\u{feff}epoch, loss\r\n1,\r\n\r\n2, 0.5\r\n").unwrap();
    let history = History::read(&path).unwrap();
    assert_eq!(history.columns(), ["epoch", "loss"]);
    assert!(history.rows()[0][1].is_nan());
    assert_eq!(history.rows()[1], [2.0, 0.5]);
}

#[test]
fn bad_histories_are_refused() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("bad.csv");
    for (content, wanted) in [
        (&b""[..], "bad.csv, line 1: got the column name \"\""),
        (b"a,b\n1,2\n3\n", "bad.csv, line 3: got 1 fields, wanted 2, as in the header"),
        (b"a,b\n1,x\n", "bad.csv, line 2: got \"x\", wanted a number in each field"),
        (b"a,a\n1,2\n", "the column name \"a\" twice"),
        (b"a\n1\n\xff\n", "bad.csv, line 3: got bytes that are not UTF-8"),
    ] {
        fs::write(&path, content).unwrap();
        let text = message(History::read(&path));
        assert!(text.contains(wanted), "{wanted:?} is not in {text:?}");
    }
    let text = message(History::read(folder.path().join("none.csv")));
    assert!(text.starts_with("cannot read ") && text.contains("none.csv"), "{text}");

    let text = message(History::from_csv("a,b\n1\n"));
    assert!(text.contains("line 2: got 1 fields"), "{text}");
    let none: [&str; 0] = [];
    assert!(message(History::new(none)).contains("got no columns"));
    assert!(message(History::new(["a,b"])).contains("got the column name \"a,b\""));
    let text = message(columns().push(&[1.0]));
    assert!(text.contains("got 1 values, wanted 7, one for each of epoch, train_loss"), "{text}");
}

#[test]
fn config_makes_the_round_trip() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("config.toml");
    let config = Config::new()
        .set("epochs", 12)
        .set("lr", 1e-3_f32)
        .set("decay", 1.0)
        .set("tiny", 1e-30)
        .set("resume", false)
        .set("seed", u64::MAX)
        .set("data", "C:\\my \"digits\"\n\ttab \u{1b}[31m 手写 = #")
        .set("a key, quoted", "x")
        .set("epochs", 13);
    config.write(&path).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.starts_with("epochs = 13\nlr = 0.001\ndecay = 1.0\n"), "{text}");
    assert!(!text.contains('\u{1b}'));
    assert_eq!(Config::read(&path).unwrap(), config);
    assert_eq!(config.get("lr"), Some(&Value::Float(0.001)));

    fs::write(&path, "# a comment\n\n key=1 \n").unwrap();
    assert_eq!(Config::read(&path).unwrap(), Config::new().set("key", 1));
}

#[test]
fn bad_configs_are_refused() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("config.toml");
    for (content, wanted) in [
        ("a = 1\nb\n", "config.toml, line 2: got \"b\", wanted key = value"),
        ("a = one\n", "line 1: got \"a = one\""),
        ("a = \"open\n", "line 1"),
        ("a = \"x\" y\n", "line 1"),
        ("a = \"\\q\"\n", "line 1"),
        ("a = \"\\u12\"\n", "line 1"),
        ("a = 1\na = 2\n", "line 2: got a again, wanted each key once"),
    ] {
        fs::write(&path, content).unwrap();
        let text = message(Config::read(&path));
        assert!(text.contains(wanted), "{wanted:?} is not in {text:?}");
    }
}

#[test]
fn a_run_folder_holds_everything() {
    let place = tempdir().unwrap();
    let folder = RunFolder::create(place.path().join("runs/a")).unwrap();
    let mut history = columns();
    history.push(&[1.0, 0.5, 0.8, 0.6, 0.7, 1e-3, 1.0]).unwrap();
    folder.write_history(&history).unwrap();
    folder.write_config(&Config::new().set("seed", 1)).unwrap();
    folder.write_curves(&history).unwrap();
    let matrix = gradus_train::metrics::ConfusionMatrix::new(2).unwrap();
    folder.write_confusion(&matrix).unwrap();
    let mut names: Vec<String> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let wanted = [
        "config.toml",
        "confusion.png",
        "confusion.svg",
        "curves.png",
        "curves.svg",
        "history.csv",
    ];
    assert_eq!(names, wanted);
    // A folder that is there already is taken as it is.
    assert_eq!(RunFolder::create(folder.path()).unwrap(), folder);
    assert!(folder.last_checkpoint().starts_with(folder.path()));
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let place = tempdir().unwrap();
    let file = place.path().join("file");
    fs::write(&file, "").unwrap();
    for path in [file.clone(), file.join("below")] {
        let text = message(RunFolder::create(&path));
        let start = format!("cannot create the output folder {}: ", path.display());
        assert!(text.starts_with(&start), "{text}");
        assert!(text.ends_with("(a file stands where a folder is needed: choose another path)"));
    }
    let folder = RunFolder::create(place.path().join("gone")).unwrap();
    fs::remove_dir(folder.path()).unwrap();
    let text = message(folder.write_history(&columns()));
    assert!(text.starts_with("cannot write ") && text.contains("history.csv"), "{text}");
}
