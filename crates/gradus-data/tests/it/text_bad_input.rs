//! Bad input: an error that says what is wrong, never a panic.

use gradus_data::Error;
use gradus_data::text::{
    AddedToken, Bpe, BpeTrainer, Invalid, Slot, Splitter, Template, TextError, Tokenizer,
    Truncation, Vocab, WordLevel, WordPiece, WordPieceTrainer, utf8,
};

use super::{record, recorded_tokenizer};
use crate::message;

fn open(file: &str) -> gradus_data::Result<Tokenizer> {
    Tokenizer::from_json(file.as_bytes(), "t.json")
}

#[test]
fn bytes_that_are_not_text() {
    let tokenizer = BpeTrainer::new(256).train([""]).unwrap();
    let bytes = b"caf\xc3\xa9 \xff au lait";
    let error = tokenizer.encode_bytes(bytes, Invalid::Refuse).unwrap_err();
    assert!(matches!(error, Error::Text(TextError::Utf8 { offset: 6 })), "{error}");
    assert_eq!(
        error.to_string(),
        "byte 6 begins a sequence that is not UTF-8; convert the text, or pass `Invalid::Replace` to \
         have U+FFFD in its place"
    );
    let encoding = tokenizer.encode_bytes(bytes, Invalid::Replace).unwrap();
    assert_eq!(tokenizer.decode(&encoding.ids).unwrap(), "café \u{fffd} au lait");
    assert_eq!(encoding.offsets.last().unwrap().end, bytes.len());
    for invalid in [Invalid::Refuse, Invalid::Replace] {
        assert_eq!(utf8(b"", invalid).unwrap(), "");
        assert!(tokenizer.encode_bytes(b"", invalid).unwrap().is_empty());
    }
}

#[test]
fn nothing_and_ids_that_no_token_has() {
    let record = record();
    for name in ["bert", "gpt2"] {
        let tokenizer = recorded_tokenizer(&record, name);
        assert!(tokenizer.ids("").unwrap().is_empty());
        assert_eq!(tokenizer.decode(&[]).unwrap(), "");
        assert!(tokenizer.encode_batch::<&str>(&[]).unwrap().is_empty());
        let len = tokenizer.vocab_size() as u32;
        for id in [len, u32::MAX] {
            let wanted =
                format!("id {id} at position 1; the vocabulary has {len} entries, numbered from 0");
            assert_eq!(message(tokenizer.decode(&[0, id])), wanted);
            assert_eq!(message(tokenizer.decode_bytes(&[1, id])), wanted);
        }
    }
    let two = WordLevel::new(Vocab::from_tokens(["a", "b"]).unwrap(), None).unwrap();
    let tokenizer = Tokenizer::new(two, Splitter::WhiteSpace);
    assert_eq!(
        message(tokenizer.encode("a b\u{a0} c")),
        "\"c\" at byte 6 has no token and the vocabulary names no token for the unknown; train with \
         it, or name an unknown token"
    );
    assert!(message(WordPiece::new(Vocab::default(), "?").map_err(Error::from)).contains("\"?\""));
}

#[test]
fn a_line_of_ten_megabytes() {
    let tokenizer = recorded_tokenizer(&record(), "gpt2");
    for (piece, size) in
        [("a", 10_000_000), ("ab", 1_000_000), ("🙂", 1_000_000), ("\u{301}", 1_000_000)]
    {
        let line = piece.repeat(size / piece.len());
        let ids = tokenizer.ids(&line).unwrap();
        assert!(tokenizer.decode_bytes(&ids).unwrap() == line.as_bytes(), "{piece}");
    }
    let tokenizer = recorded_tokenizer(&record(), "bert");
    let line = "a".repeat(10_000_000);
    assert_eq!(tokenizer.ids(&line).unwrap(), [1]);
    assert_eq!(tokenizer.ids(&"天".repeat(3_000_000)).unwrap().len(), 3_000_000);
}

#[test]
fn merges_that_cannot_be() {
    let model = |merges: &[(&str, &str)]| {
        let vocab = Vocab::from_tokens(["a", "b", "ab", ""]).unwrap();
        message(Bpe::new(vocab, merges.iter().copied()).map_err(Error::from))
    };
    assert_eq!(
        model(&[("a", "b"), ("a", "b")]),
        "merge 1 (\"a\", \"b\"): the pair is merge 0 already; wanted each pair once"
    );
    assert_eq!(
        model(&[("", "ab")]),
        "merge 0 (\"\", \"ab\"): a part is empty, so the joined token is one of its own parts: a \
         cycle; wanted two tokens of a byte or more"
    );
    assert_eq!(
        model(&[("a", "b"), ("ab", "a")]),
        "merge 1 (\"ab\", \"a\"): \"aba\" is not in the vocabulary; add it, or drop the merge"
    );
    assert!(model(&[("x", "b")]).contains("\"x\" is not in the vocabulary"));
}

#[test]
fn parts_that_are_not_known() {
    let bert = |part: &str| {
        open(&format!(r#"{{{part}, "model": {{"type": "WordPiece", "vocab": {{"[UNK]": 0}}}}}}"#))
    };
    let gpt2 = |field: &str| {
        open(&format!(
            r#"{{"pre_tokenizer": {{"type": "ByteLevel"}}, "model": {{"type": "BPE", {field},
            "vocab": {{"a": 0}}, "merges": []}}}}"#
        ))
    };
    for (result, wanted) in [
        (
            bert(r#""pre_tokenizer": {"type": "Metaspace", "replacement": "_"}"#),
            "t.json: pre_tokenizer.type is \"Metaspace\", which is not supported; supported: \
             ByteLevel, BertPreTokenizer, WhitespaceSplit, UnicodeWords, Split of characters",
        ),
        (
            bert(
                r#""normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Nmt"}]}"#,
            ),
            "t.json: normalizer.normalizers[1].type is \"Nmt\", which is not supported; supported: \
             NFC, NFD, NFKC, NFKD, Lowercase, StripAccents, BertNormalizer, Sequence",
        ),
        (
            bert(r#""decoder": {"type": "CTC"}"#),
            "t.json: decoder.type is \"CTC\", which is not supported; supported: ByteLevel, \
             WordPiece, Fuse",
        ),
        (
            bert(r#""post_processor": {"type": "RobertaProcessing"}"#),
            "t.json: post_processor.type is \"RobertaProcessing\", which is not supported; \
             supported: ByteLevel, TemplateProcessing, BertProcessing, Sequence",
        ),
        (
            bert(r#""truncation": {"max_length": 5, "strategy": "LongestFirst", "stride": 3}"#),
            "t.json: truncation.stride is 3, which is not supported; supported: 0",
        ),
        (
            bert(r#""version": "2.0""#),
            "t.json: version is \"2.0\", which is not supported; supported: \"1.0\"",
        ),
        (
            bert(r#""pre_tokenizer": {"type": "Split", "pattern": {"Regex": "\\d"}}"#),
            "t.json: pre_tokenizer.pattern is {\"Regex\":\"\\\\d\"}, which is not supported; \
             supported: {\"Regex\":\"[\\\\s\\\\S]\"}",
        ),
        (
            bert(r#""pre_tokenizer": {"type": "ByteLevel"}"#),
            "t.json: model is WordPiece with the pre_tokenizer ByteLevel, which is not supported; \
             supported: BPE, if the pre_tokenizer is ByteLevel",
        ),
        (
            gpt2(r#""dropout": 0.1"#),
            "t.json: model.dropout is 0.1, which is not supported; supported: null: the same text \
             has the same tokens",
        ),
        (
            gpt2(r#""byte_fallback": true"#),
            "t.json: model.byte_fallback is true, which is not supported; supported: false",
        ),
        (
            open(r#"{"model": {"type": "Unigram", "vocab": []}}"#),
            "t.json: model.type is \"Unigram\", which is not supported; supported: BPE, WordPiece, \
             WordLevel",
        ),
        (
            open(r#"{"model": {"type": "BPE", "vocab": {}, "merges": []}}"#),
            "t.json: model is BPE without the pre_tokenizer ByteLevel, which is not supported; \
             supported: BPE over bytes, that is with the pre_tokenizer ByteLevel",
        ),
    ] {
        assert_eq!(message(result), wanted);
    }
}

#[test]
fn files_that_are_not_what_they_should_be() {
    let model = |vocab: &str| {
        format!(r#""model": {{"type": "WordPiece", "unk_token": "a", "vocab": {{{vocab}}}}}"#)
    };
    let file = |more: &str| format!("{{{}, {more}}}", model(r#""a": 0"#));
    for (file, wanted) in [
        (String::new(), "EOF while parsing a value at line 1 column 0; the file is truncated"),
        ("[1]".into(), "t.json: the file has no field \"model\""),
        ("{}".into(), "t.json: the file has no field \"model\""),
        ("{\"model\": 3}".into(), "t.json: model has no field \"vocab\""),
        (format!("{{{}}}", model(r#""a": 0, "b": 0"#)), "\"a\" and \"b\" have the id 0"),
        (format!("{{{}}}", model(r#""a": 0, "a": 1"#)), "the key \"a\" occurs twice"),
        (format!("{{{}}}", model(r#""a": -1"#)), "model.vocab gives \"a\" the id -1; wanted"),
        (format!("{{{}}}", model(r#""a": 4294967295"#)), "ids may leave 65536 holes at most"),
        (format!("{{{}}}", model(r#""b": 0"#)), "the unknown token \"a\" is not in the vocabulary"),
        (file(r#""added_tokens": [{"id": 0, "content": "b"}]"#), "\"b\" have the id 0; wanted"),
        (file(r#""added_tokens": [{"id": 1, "content": "a"}]"#), "\"a\" has the ids 0 and 1"),
        (file(r#""added_tokens": [{"id": 1, "content": ""}]"#), "is empty; wanted a text"),
        (file(r#""added_tokens": {}"#), "added_tokens is an object; wanted a list"),
        (file(r#""decoder": {"type": 1}"#), "decoder.type is a number; wanted a text"),
        (
            file(
                r#""post_processor": {"type": "BertProcessing", "cls": ["a", 7], "sep": ["a", 0]}"#,
            ),
            "id 7 at position 0; the vocabulary has 1 entries",
        ),
        (
            file(r#""padding": {"strategy": "Never", "pad_id": 0, "pad_token": "a"}"#),
            "padding.strategy is \"Never\", which is not supported",
        ),
        ("[".repeat(100_000), "recursion limit"),
    ] {
        let got = message(open(&file));
        assert!(got.contains(wanted), "{file:.99}: {got}");
    }
    let missing = message(Tokenizer::open("/no/such/tokenizer.json"));
    assert!(missing.starts_with("/no/such/tokenizer.json: "), "{missing}");
}

#[test]
fn a_file_cut_anywhere_or_damaged() {
    let tokenizer = WordPieceTrainer::new(60).train(["to be or not to be"]).unwrap();
    let bpe =
        BpeTrainer::new(262).special_tokens(["<|end|>"]).train(["to be or not to be"]).unwrap();
    for whole in [tokenizer.to_json().unwrap(), bpe.to_json().unwrap()] {
        for end in (0..whole.len()).step_by(2) {
            let got = message(Tokenizer::from_json(&whole.as_bytes()[..end], "cut"));
            assert!(got.ends_with("; the file is truncated"), "{end}: {got}");
        }
        let mut bytes = whole.into_bytes();
        for i in (0..bytes.len()).step_by(3) {
            for change in [b'"', b'0', b'}', 0xff] {
                let old = std::mem::replace(&mut bytes[i], change);
                if let Ok(tokenizer) = Tokenizer::from_json(&bytes, "damaged") {
                    // Whatever it says now, it can be used.
                    if let Ok(encoding) = tokenizer.encode("To be<|end|> [CLS] é") {
                        let _ = tokenizer.decode(&encoding.ids);
                    }
                }
                bytes[i] = old;
            }
        }
    }
}

#[test]
fn ranks_that_are_not_what_they_should_be() {
    let read = |text: &str| message(Tokenizer::from_tiktoken::<&str>(text.as_bytes(), "r", []));
    assert_eq!(
        read("IQ== 0\nIg==1\n"),
        "r: line 2 is \"Ig==1\"; wanted a token in base64, a space and its rank"
    );
    for bad in ["IQ= 0", "I*== 0", "IQ== -1", "IQ== 99999999999", "IQ== +1", " 0", "IQ=="] {
        assert!(read(bad).starts_with("r: line 1 is "), "{bad}");
    }
    assert_eq!(
        read("IQ== 0\nIQ== 1"),
        "vocabulary: \"!\" has the ids 0 and 1; wanted one id a token"
    );
    assert_eq!(
        read("IQ== 0\nIg== 0"),
        "vocabulary: \"!\" and \"\\\"\" have the id 0; wanted one each"
    );
    assert_eq!(read(""), "vocabulary: byte 0x00 is no token; ranks need all 256 bytes");
    assert!(Tokenizer::open_tiktoken::<&str>("/no/such/ranks", []).is_err());
}

#[test]
fn settings_that_cannot_be() {
    let tokenizer = WordPieceTrainer::new(60).train(["to be or not to be"]).unwrap();
    let cut = |length| tokenizer.clone().truncation(Truncation::new(length));
    assert_eq!(
        message(cut(1).encode("to be")),
        "truncation: at most 1 tokens, but 2 go around the text; wanted 2 or more"
    );
    assert_eq!(cut(2).encode("to be").unwrap().ids, [2, 3]);
    let slot = Slot::Special { name: "x".into(), ids: vec![0, 99], type_id: 0 };
    let template = Template { single: vec![slot], pair: vec![] };
    assert!(message(tokenizer.clone().template(template)).starts_with("id 99 at position 1; "));
    let added = AddedToken::special("[X]", 0);
    assert_eq!(
        message(tokenizer.added([added])),
        "vocabulary: \"[PAD]\" and the added token \"[X]\" have the id 0; wanted one each"
    );
    let split = Tokenizer::new(Bpe::new(Vocab::default(), [("", ""); 0]).unwrap(), Splitter::Words);
    assert_eq!(
        message(split.to_json()),
        "tokenizer.json: pre_tokenizer is Words, which is not supported; supported: Gpt2 and Whole \
         for byte-pair encoding"
    );
    assert!(message(split.ids("a")).starts_with("\"a\" at byte 0 has no token"));
}
