//! Files written and read again.

use gradus_data::text::{
    AddedToken, BpeTrainer, Cut, Decoder, Form, Invalid, Normalizer, Padding, Side, Splitter,
    Target, Template, Tokenizer, Truncation, Vocab, WordLevel, WordLevelTrainer, WordPieceTrainer,
};

use super::{record, recorded_tokenizer, strings};

const PLAYS: [&str; 3] = [
    "To be, or not to be: that is the question.",
    "Être ou ne pas être",
    "生存还是毁灭，这是个问题",
];

fn again(tokenizer: &Tokenizer) -> Tokenizer {
    Tokenizer::from_json(tokenizer.to_json().unwrap().as_bytes(), "again").unwrap()
}

#[test]
fn what_is_written_is_read_as_it_was() {
    let bpe = BpeTrainer::new(300).special_tokens(["<|a b|>", "<|尾|>"]);
    let tokenizers = [
        bpe.train(PLAYS).unwrap(),
        bpe.clone()
            .normalizer(Normalizer::Sequence(vec![
                Normalizer::Form(Form::Nfkd),
                Normalizer::StripAccents,
                Normalizer::Lowercase,
            ]))
            .train(PLAYS)
            .unwrap()
            .prefix_space(true)
            .trim_offsets(true)
            .template(Template::bert(("<|a b|>", 0), ("<|尾|>", 1)))
            .unwrap(),
        BpeTrainer::new(300).splitter(Splitter::Whole).train(PLAYS).unwrap(),
        WordPieceTrainer::new(120).train(PLAYS).unwrap(),
        WordPieceTrainer::new(120)
            .lowercase(false)
            .special_tokens(["[X]"])
            .train(PLAYS)
            .unwrap()
            .truncation(Truncation { side: Side::Left, cut: Cut::OnlyFirst, max_length: 12 })
            .padding(Padding {
                target: Target::Fixed(14),
                multiple_of: Some(8),
                side: Side::Left,
                type_id: 1,
                ..Padding::longest("[PAD]", 0)
            }),
        WordLevelTrainer::words(20).unknown("<unk>").train(PLAYS).unwrap(),
        WordLevelTrainer::characters(90).train(PLAYS).unwrap(),
        WordLevelTrainer::words(30)
            .splitter(Splitter::WhiteSpace)
            .normalizer(Normalizer::Form(Form::Nfc))
            .train(PLAYS)
            .unwrap(),
    ];
    for tokenizer in &tokenizers {
        let again = again(tokenizer);
        assert_eq!(again.to_json().unwrap(), tokenizer.to_json().unwrap());
        for text in PLAYS {
            let encoding = tokenizer.encode(text).unwrap();
            assert_eq!(again.encode(text).unwrap(), encoding);
            assert_eq!(
                again.decode(&encoding.ids).unwrap(),
                tokenizer.decode(&encoding.ids).unwrap()
            );
        }
    }
}

#[test]
fn files_of_the_library_keep_their_meaning() {
    let record = record();
    for name in ["bert", "bert-cased", "gpt2", "bytes-nfkc"] {
        let tokenizer = recorded_tokenizer(&record, name);
        let again = again(&tokenizer);
        for text in strings(&record["texts"]) {
            assert_eq!(again.encode(text).unwrap(), tokenizer.encode(text).unwrap(), "{text:?}");
        }
        // Everything that the file says is said again; what is left out there is null here.
        let written: serde_json::Value =
            serde_json::from_str(&tokenizer.to_json().unwrap()).unwrap();
        let file = &record["tokenizers"][name]["file"];
        for part in ["added_tokens", "normalizer", "truncation", "padding", "version"] {
            assert_eq!(written[part], file[part], "{name} {part}");
        }
        assert_eq!(written["model"]["vocab"], file["model"]["vocab"], "{name}");
        assert_eq!(written["model"]["merges"], file["model"]["merges"], "{name}");
    }
}

#[test]
fn a_file_is_whole_or_not_there() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("tokenizer.json");
    let tokenizer = WordPieceTrainer::new(80).train(PLAYS).unwrap();
    tokenizer.save(&path).unwrap();
    tokenizer.save(&path).unwrap();
    let names: Vec<_> = dir.path().read_dir().unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names, ["tokenizer.json"]);
    let opened = Tokenizer::open(&path).unwrap();
    assert_eq!(opened.encode(PLAYS[0]).unwrap(), tokenizer.encode(PLAYS[0]).unwrap());
    assert!(tokenizer.save(dir.path().join("no/such/folder")).is_err());
}

#[test]
fn old_files_have_merges_as_text_and_no_type() {
    let file = r#"{"pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": true},
        "model": {"vocab": {"Ġ": 0, "a": 1, "b": 2, "Ġa": 3, "Ġab": 4}, "merges": ["Ġ a", "Ġa b"]}}"#;
    let tokenizer = Tokenizer::from_json(file.as_bytes(), "old").unwrap();
    assert_eq!(tokenizer.ids("ab").unwrap(), [4]);
    assert_eq!(tokenizer.ids(" ab a").unwrap(), [4, 3]);
    assert_eq!(tokenizer.decode(&[4, 2]).unwrap(), " abb");
    assert_eq!(tokenizer.encode("ab a").unwrap().offsets, [0..2, 2..4]);
    let bert = r###"{"pre_tokenizer": {"type": "BertPreTokenizer"}, "model": {"unk_token": "?",
        "continuing_subword_prefix": "##", "vocab": {"?": 0, "a": 1, "##b": 2, "[C]": 3, "[S]": 4}},
        "added_tokens": [{"id": 9, "content": "NEW", "special": false, "normalized": true}],
        "post_processor": {"type": "BertProcessing", "cls": ["[C]", 3], "sep": ["[S]", 4]}}"###;
    let tokenizer = Tokenizer::from_json(bert.as_bytes(), "old").unwrap();
    assert_eq!(tokenizer.encode_pair("ab", "a NEW").unwrap().ids, [3, 1, 2, 4, 1, 9, 4]);
    assert_eq!(tokenizer.encode_pair("ab", "a").unwrap().type_ids, [0, 0, 0, 0, 1, 1]);
    assert_eq!(tokenizer.vocab_size(), 10);
}

#[test]
fn special_tokens_can_be_text() {
    let tokenizer = BpeTrainer::new(257).special_tokens(["<|end|>"]).train([""]).unwrap();
    let text = "a<|end|>";
    assert_eq!(tokenizer.ids(text).unwrap().len(), 2);
    assert_eq!(tokenizer.decode(&tokenizer.ids(text).unwrap()).unwrap(), "a");
    assert_eq!(tokenizer.decode_all(&tokenizer.ids(text).unwrap()).unwrap(), text);
    let strict = tokenizer.special_in_text(false);
    assert_eq!(strict.ids(text).unwrap().len(), 8);
    assert_eq!(strict.decode(&strict.ids(text).unwrap()).unwrap(), text);
}

#[test]
fn offsets_count_the_bytes_that_were_given() {
    let vocab = Vocab::from_tokens(["?", "a", "\u{fffd}"]).unwrap();
    let model = WordLevel::new(vocab, Some("?")).unwrap();
    let tokenizer = Tokenizer::new(model, Splitter::Characters);
    let encoding =
        tokenizer.encode_bytes(b"a\xf0\x9f\x92a\xff\xc3\xa9a", Invalid::Replace).unwrap();
    assert_eq!(encoding.ids, [1, 2, 1, 2, 0, 1]);
    assert_eq!(encoding.offsets, [0..1, 1..4, 4..5, 5..6, 6..8, 8..9]);
}

#[test]
fn added_tokens_in_normalized_text() {
    let token = AddedToken { normalized: true, special: false, ..AddedToken::special("ÉTÉ", 1) };
    let model = WordLevel::new(Vocab::from_tokens(["?"]).unwrap(), Some("?")).unwrap();
    let tokenizer = Tokenizer::new(model, Splitter::WhiteSpace)
        .normalizer(Normalizer::bert(true))
        .unwrap()
        .added([token])
        .unwrap()
        .decoder(Decoder::Spaces);
    let encoding = tokenizer.encode("un e\u{301}te\u{301} passé").unwrap();
    assert_eq!(encoding.ids, [0, 1, 0]);
    assert_eq!(encoding.offsets, [0..2, 3..8, 11..17]);
    assert_eq!(tokenizer.decode(&encoding.ids).unwrap(), "? ÉTÉ ?");
}
