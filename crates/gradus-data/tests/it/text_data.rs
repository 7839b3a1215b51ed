//! Data sets of texts, and what is refused.

use std::fs;

use gradus_data::samplers::BucketSampler;
use gradus_data::text::{Invalid, WordLevelTrainer};
use gradus_data::{
    DataLoader, EncodedTexts, LabelledTexts, Plays, Result, Reviews, class_counts, classes,
    read_text,
};

use super::message;

#[test]
fn the_embedded_texts_are_all_there() -> Result<()> {
    let plays = Plays::load()?;
    let characters = [&plays.hamlet, &plays.macbeth, &plays.romeo_and_juliet].map(String::len);
    assert_eq!(characters, [173_943, 103_428, 141_754]);
    assert!(plays.together().is_ascii());
    let Reviews { train, test } = Reviews::load()?;
    for (part, half) in [(&train, 2500), (&test, 500)] {
        assert_eq!(class_counts(&classes(part)?)?, [half, half]);
        assert!(part.texts().all(|text| (8..=90).contains(&text.chars().count())));
    }
    let mut all: Vec<&str> = train.texts().chain(test.texts()).collect();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 6000);
    Ok(())
}

#[test]
fn tables_and_files_are_read() -> Result<()> {
    let place = tempfile::tempdir().expect("a folder");
    let path = place.path().join("sms.tsv");
    fs::write(&path, "\u{feff}spam\tWin\ta prize \r\n\r\nham\tsee you\nspam\tcall\n")
        .expect("a file");
    let texts = LabelledTexts::from_tsv(&path, Invalid::Refuse)?;
    assert_eq!(texts.class_names(), ["ham", "spam"]);
    assert_eq!(texts.texts().collect::<Vec<_>>(), ["Win\ta prize", "see you", "call"]);
    assert_eq!(classes(&texts)?, [1, 0, 1]);

    let files = [("bad", "one\n\ntwo\n"), ("good", "three\none\nthree\n")];
    for (name, lines) in files {
        fs::write(place.path().join(name), lines).expect("a file");
    }
    let files = files.map(|(name, _)| (name, place.path().join(name)));
    let texts = LabelledTexts::from_lines(files, Invalid::Refuse)?;
    assert_eq!(classes(&texts)?, [0, 0, 1, 1, 1]);
    // "one" stands in both, "three" twice in one.
    let once = texts.without_duplicates();
    assert_eq!(once.texts().collect::<Vec<_>>(), ["two", "three"]);
    Ok(())
}

#[test]
fn bad_files_are_named_with_the_place() {
    let place = tempfile::tempdir().expect("a folder");
    let path = place.path().join("texts");
    let tsv = |bytes: &[u8]| {
        fs::write(&path, bytes).expect("a file");
        message(LabelledTexts::from_tsv(&path, Invalid::Refuse))
    };
    let error = tsv(b"ham\thello\nno tab here\n");
    assert!(error.contains("\"no tab here\" in line 2 of") && error.contains("texts"), "{error}");
    for empty in [&b""[..], b"\n \n"] {
        let error = tsv(empty);
        assert!(error.contains("no text in"), "{error}");
    }
    let error = tsv(b"ham\tcaf\xe9\n");
    assert!(error.contains("texts, which is not UTF-8 at byte 7"), "{error}");
    assert_eq!(read_text(&path, Invalid::Replace).unwrap(), "ham\tcaf\u{fffd}\n");
    let error = message(read_text(place.path().join("none"), Invalid::Refuse));
    assert!(error.contains("none"), "{error}");
    let error =
        message(LabelledTexts::from_lines([("a", &place.path().join("none"))], Invalid::Refuse));
    assert!(error.contains("none"), "{error}");
    let error = message(LabelledTexts::new(vec![("a".into(), 2)], ["x", "y"]));
    assert!(error.contains("label 2") && error.contains("2 classes"), "{error}");
}

#[test]
fn encoded_texts_come_in_batches_of_like_length() -> Result<()> {
    let texts: Vec<_> = (1..=40).map(|i| (vec!["a"; i % 20 + 1].join(" "), 0)).collect();
    let texts = LabelledTexts::new(texts, ["all"])?;
    let tokenizer = WordLevelTrainer::words(10).train(texts.texts())?;
    let encoded = EncodedTexts::new(&texts, &tokenizer)?;
    let order = BucketSampler::new(&encoded.lengths(), 4, 1)?;
    let loader = DataLoader::new(encoded).batch_size(4).sampler(order);
    for batch in loader.iter() {
        let lengths = batch?.0.lengths;
        assert!(lengths.iter().max().unwrap_or(&0) - lengths.iter().min().unwrap_or(&0) <= 2);
    }
    let empty = LabelledTexts::new(vec![("  ".into(), 0)], ["all"])?;
    let error = message(EncodedTexts::new(&empty, &tokenizer));
    assert!(error.contains("text 0, \"  \", without a token"), "{error}");
    Ok(())
}

#[test]
fn lines_of_json_and_folders_are_read() -> Result<()> {
    let place = tempfile::tempdir().expect("a folder");
    let path = place.path().join("texts.jsonl");
    let json = |text: &str| {
        fs::write(&path, text).expect("a file");
        LabelledTexts::from_json_lines(&path, "body", "stars", Invalid::Refuse)
    };
    let texts = json("{\"stars\": 5, \"body\": \"a\\tb\"}\n\n{\"body\": \"c\", \"stars\": 1}\n")?;
    assert_eq!(texts.class_names(), ["1", "5"]);
    assert_eq!(texts.texts().collect::<Vec<_>>(), ["a\tb", "c"]);
    assert_eq!(classes(&texts)?, [1, 0]);
    for (line, problem) in [
        ("{\"body\": \"a\"}", "no class \"stars\" in line 1 of"),
        ("{\"stars\": 1.5, \"body\": \"a\"}", "no class \"stars\" in line 1 of"),
        ("{\"stars\": 1, \"body\": 2}", "no text \"body\" in line 1 of"),
        ("[1, 2]", "no text \"body\" in line 1 of"),
        ("{", "in line 1 of"),
        ("\n", "no text in"),
    ] {
        let error = message(json(line));
        assert!(error.contains(problem), "{error}");
    }

    let folder = place.path().join("mail");
    for (name, text) in
        [("spam/2.txt", "win"), ("spam/1.TXT", " prize\n"), ("ham/a.txt", "hi"), ("ham/a.png", "")]
    {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    let texts = LabelledTexts::from_folder(&folder, Invalid::Refuse)?;
    assert_eq!(texts.class_names(), ["ham", "spam"]);
    assert_eq!(texts.texts().collect::<Vec<_>>(), ["hi", "prize", "win"]);
    assert!(
        message(LabelledTexts::from_folder(folder.join("ham"), Invalid::Refuse))
            .contains("no text in")
    );
    assert!(
        message(LabelledTexts::from_folder(folder.join("none"), Invalid::Refuse)).contains("none")
    );
    Ok(())
}
