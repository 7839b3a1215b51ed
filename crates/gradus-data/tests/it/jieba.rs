//! Chinese words, against those that `jieba` from PyPI found (`tests/jieba.py` wrote them).

use gradus_data::text::{Jieba, Splitter, Tokenizer, Vocab, WordLevel, WordLevelTrainer};
use gradus_data::{Error, text::TextError};
use serde_json::Value;

fn recorded() -> Value {
    serde_json::from_str(include_str!("jieba.json")).expect("JSON")
}

fn splitter() -> Splitter {
    let dictionary = recorded()["dictionary"].as_str().expect("a text").to_string();
    Splitter::Jieba(Jieba::new(&dictionary).expect("a dictionary"))
}

#[test]
fn words_are_those_of_jieba() {
    let splitter = splitter();
    for case in recorded()["cases"].as_array().expect("a list") {
        let text = case[0].as_str().expect("a text");
        let wanted: Vec<&str> =
            case[1].as_array().expect("words").iter().map(|word| word.as_str().unwrap()).collect();
        assert_eq!(splitter.split(text).collect::<Vec<_>>(), wanted, "{text}");
    }
}

#[test]
fn offsets_lead_to_the_words_of_a_text() {
    let text = "南京市长江大桥,\n  我来到 北京清华大学";
    let trainer = WordLevelTrainer::words(50).splitter(splitter());
    let tokenizer = trainer.train([text]).unwrap();
    let encoding = tokenizer.encode(text).unwrap();
    let words: Vec<&str> = encoding.offsets.iter().map(|range| &text[range.clone()]).collect();
    assert_eq!(words, ["南京市", "长江大桥", ",", "我", "来到", "北京", "清华大学"]);
    assert_eq!(tokenizer.decode(&encoding.ids).unwrap(), words.concat());
}

#[test]
fn long_texts_and_odd_dictionaries_are_fine() {
    let splitter = splitter();
    // Without a space or the end of a line.
    let long = "我们".repeat(300_000);
    assert_eq!(splitter.split(&long).map(str::len).sum::<usize>(), long.len());
    let twice = Jieba::new("我们 4294967296\n我们 4294967296\n\n们 1 n extra").unwrap();
    let words: Vec<&str> = Splitter::Jieba(twice).split("我们们").collect();
    assert_eq!(words.concat(), "我们们");
}

#[test]
fn what_is_no_dictionary_is_refused() {
    let wanted = "wanted how often the word occurs, from 1 to 4294967296";
    for (text, message) in [
        ("我们 30\n学习 often", format!("line 2: got \"often\" behind \"学习\", {wanted}")),
        ("我们", format!("line 1: got nothing behind \"我们\", {wanted}")),
        ("我们 0", format!("line 1: got \"0\" behind \"我们\", {wanted}")),
        (
            "我们 18446744073709551615",
            format!("got \"18446744073709551615\" behind \"我们\", {wanted}"),
        ),
        (" \n\n", "no words, wanted lines such as `我们 30`".into()),
    ] {
        let error = Jieba::new(text).unwrap_err().to_string();
        assert!(error.starts_with("the dictionary: ") && error.ends_with(&message), "{error}");
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("dict.txt");
    assert!(matches!(Jieba::open(&path), Err(Error::File { .. })));
    std::fs::write(&path, b"\xe6\x88\x91 3\n\xff 2").unwrap();
    let error = Jieba::open(&path).unwrap_err().to_string();
    assert!(error.contains("dict.txt") && error.contains("byte 6 begins a sequence"), "{error}");
}

/// Files of tokenizers know no such splitter.
#[test]
fn it_is_not_written_to_a_tokenizer_file() {
    let vocab = Vocab::from_tokens(["我们"]).unwrap();
    let tokenizer = Tokenizer::new(WordLevel::new(vocab, None).unwrap(), splitter());
    let error = tokenizer.to_json().unwrap_err();
    assert!(matches!(&error, Error::Text(TextError::Unsupported { .. })), "{error:?}");
    assert!(error.to_string().contains("Jieba"), "{error}");
}
