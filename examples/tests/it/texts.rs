//! The programs that read and write, as a user calls them: they learn, go on, are used, and name what is wrong.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use super::command::program;

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    /// A file with a text, and its path.
    fn file(&self, name: &str, text: impl AsRef<[u8]>) -> String {
        let path = self.0.path().join(name);
        fs::write(&path, text).expect("a file");
        path.to_str().expect("text").into()
    }

    /// Runs a program with its output in the place.
    fn run(&self, name: &str, args: &[&str]) -> Output {
        let out = self.0.path().join("run");
        let mut command = Command::new(program(name));
        command.args(args).arg("--out").arg(out);
        command.output().expect("`cargo test` builds the examples")
    }

    #[track_caller]
    fn says(&self, name: &str, args: &[&str]) -> String {
        let output = self.run(name, args);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("text")
    }

    #[track_caller]
    fn refuses(&self, name: &str, args: &[&str]) -> String {
        let output = self.run(name, args);
        assert!(!output.status.success(), "{name} {args:?} was accepted");
        String::from_utf8(output.stderr).expect("text")
    }

    fn has(&self, file: &str) -> bool {
        Path::exists(&self.0.path().join("run").join(file))
    }
}

#[test]
fn shakespeare_learns_goes_on_and_writes() {
    let place = Place::new();
    let data = place.file("text", "To be, or not to be, that is the question.\n".repeat(60));
    let data = &data[..];
    let learned = place.says("shakespeare", &["--epochs", "1", "--data", data]);
    assert!(learned.contains("epoch 1/1") && learned.contains("perplexity"), "{learned}");
    let more = place.says("shakespeare", &["--epochs", "2", "--resume", "--data", data]);
    assert!(more.contains("epoch 2/2") && !more.contains("epoch 1/2"), "{more}");
    assert!(place.has("curves.png"));

    let write = ["write", "To be", "--length", "40", "--seed", "3"];
    let text = place.says("shakespeare", &write);
    assert!(text.starts_with("To be") && text.chars().count() == 46, "{text}");
    assert_eq!(text, place.says("shakespeare", &write));
    // A prompt that is longer than what the network sees.
    let long = "to be ".repeat(30);
    assert!(place.says("shakespeare", &["write", &long, "--length", "9"]).starts_with(&long));
    let error = place.refuses("shakespeare", &["write", "明月"]);
    assert!(error.contains("明"), "{error}");
    // An alphabet that is not the network's.
    let other = Place::new();
    let short = other.file("text", "abc".repeat(400));
    other.says("shakespeare", &["--epochs", "1", "--data", &short]);
    let tokenizer = |place: &Place| place.0.path().join("run/tokenizer.json");
    fs::copy(tokenizer(&place), tokenizer(&other)).expect("a file");
    let error = other.refuses("shakespeare", &["write", "To"]);
    assert!(error.contains("wte.weight"), "{error}");
    let error = place.refuses("shakespeare", &["write", "To", "--temperature=-1"]);
    assert!(error.contains("temperature -1"), "{error}");
}

#[test]
fn shakespeare_names_wrong_texts() {
    let place = Place::new();
    let error = place.refuses("shakespeare", &["--data", &place.file("short", "To be")]);
    assert!(error.contains("width of 64 and a text of"), "{error}");
    let error = place.refuses("shakespeare", &["--data", &place.file("latin", b"caf\xe9")]);
    assert!(error.contains("latin, which is not UTF-8 at byte 3"), "{error}");
    let error = place.refuses("shakespeare", &["write", "To be"]);
    assert!(error.contains("tokenizer.json"), "{error}");
}

#[test]
fn reviews_are_read_and_judged() {
    let place = Place::new();
    let [bad, good] =
        [("bad", "terrible and dull"), ("good", "lovely and bright")].map(|(name, words)| {
            let line = |i: usize| format!("film {i} was {words}\n");
            place.file(name, (0..60).map(line).collect::<String>())
        });
    let learned = place.says("reviews", &["--epochs", "4", "--data", &bad, &good]);
    assert!(learned.contains("96 reviews, 24 more to test"), "{learned}");
    assert!(learned.contains("100.00 % of 24 right"), "{learned}");
    let judged = place.says("reviews", &["judge", "a lovely film"]);
    let praise = judged.lines().find(|line| line.contains("praise")).expect("a line");
    let percent: f64 =
        praise.split_whitespace().nth(1).and_then(|n| n.parse().ok()).expect("a number");
    assert!(percent > 50.0, "{judged}");
    let error = place.refuses("reviews", &["judge", " "]);
    assert!(error.contains("without a token"), "{error}");
    let error = place.refuses("reviews", &["--data", &bad, &good]);
    assert!(error.contains("holds a run"), "{error}");
}

#[test]
fn poems_keep_their_form() {
    let place = Place::new();
    let poems = "床前明月光，疑是地上霜。舉頭望明月，低頭思故鄉。\n\
                 春眠不覺曉，處處聞啼鳥。夜來風雨聲，花落知多少。\n\
                 白日依山盡，黃河入海流。欲窮千里目，更上一層樓。\n";
    let data = place.file("poems", poems.repeat(10));
    let learned = place.says("poems", &["--epochs", "1", "--data", &data]);
    assert!(learned.contains("30 poems") && learned.contains("epoch 1/1"), "{learned}");
    let poem = place.says("poems", &["write", "春月"]);
    let lines: Vec<&str> = poem.lines().collect();
    assert_eq!(lines.len(), 4, "{poem}");
    for (line, sign) in lines.iter().zip(['，', '。', '，', '。']) {
        assert!(line.chars().count() == 6 && line.ends_with(sign), "{poem}");
        assert_eq!(line.matches(['，', '。']).count(), 1, "{poem}");
    }
    assert!(lines[0].starts_with('春') && lines[1].starts_with('月'), "{poem}");
    let error = place.refuses("poems", &["--data", &place.file("bad", "床前明月光，疑是。\n")]);
    assert!(error.contains("poem 1 of"), "{error}");
}

#[test]
fn spam_is_found_and_the_words_are_named() {
    let place = Place::new();
    let kinds = [
        ("ham", "see you at the lake at eight, mother brings some bread and the old green tent"),
        ("spam", "You won a PRIZE! call now for free cash"),
    ];
    // Each has a number, so that there are no copies.
    let line = |i: usize| format!("{}\t{} {i}\n", kinds[i % 2].0, kinds[i % 2].1);
    let data = place.file("sms", (0..160).map(line).collect::<String>());
    let learned = place.says("spam", &["--epochs", "10", "--once", "--data", &data]);
    assert!(learned.contains("128 messages, 32 more to test"), "{learned}");
    let checked = place.says("spam", &["check", "a free prize"]);
    assert!(checked.starts_with("spam: ") && checked.lines().count() == 4, "{checked}");
    let percent: f64 =
        checked[6..].split(' ').next().and_then(|n| n.parse().ok()).expect("a number");
    assert!(percent > 50.0, "{checked}");
    // A message of megabytes is cut.
    let long = place.file(
        "long",
        format!("ham\t{}\n", "word ".repeat(1 << 19)).repeat(2)
            + &fs::read_to_string(&data).expect("text"),
    );
    let other = Place::new();
    assert!(other.says("spam", &["--epochs", "1", "--data", &long]).contains("messages"));
    let error = place.refuses("spam", &["--data", &place.file("bad", "no tab")]);
    assert!(error.contains("\"no tab\" in line 1 of"), "{error}");
}

#[test]
fn sentences_are_translated() {
    let place = Place::new();
    let words = [("dog", "狗"), ("cat", "猫"), ("man", "人"), ("tree", "树"), ("car", "车")];
    let pair = |i: usize| {
        let (a, b) = (words[i % 5], words[i / 5 % 5]);
        format!("The {} sees the {}.\t{}看{}。\n", a.0, b.0, a.1, b.1)
    };
    let data = place.file("pairs", (0..25).map(pair).collect::<String>());
    let learned = place.says("translate", &["--epochs", "2", "--data", &data]);
    assert!(
        learned.contains("24 pairs, 1 more to test") && learned.contains("BLEU of 1"),
        "{learned}"
    );
    let picture = place.0.path().join("attention.svg");
    let picture = picture.to_str().expect("text");
    let said = place.says("translate", &["say", "The dog sees the cat.", "--picture", picture]);
    let svg = fs::read_to_string(picture).expect("a picture");
    assert!(svg.contains(">dog</text>") || svg.contains("> dog</text>"), "{svg}");
    assert_eq!(said, place.says("translate", &["say", "The dog sees the cat."]));
    let error = place.refuses("translate", &["--data", &place.file("bad", "Hello.\n")]);
    assert!(error.contains("\"Hello.\" in line 1 of"), "{error}");
}
