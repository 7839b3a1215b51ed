//! The ids, offsets and texts of the Python packages `tokenizers` and `tiktoken`.
//!
//! Ids and decoded texts are equal. So are offsets, but where that library is off: after a composition it
//! keeps the place of the first character alone, and where marks are put in order it mixes their places up.

use std::collections::HashSet;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use gradus_data::text::{
    Cut, Normalizer, Padding, Side, Splitter, Target, Template, Tokenizer, Truncation,
};
use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

use super::{numbers, record, recorded_tokenizer, strings};

/// How offsets are compared.
#[derive(Clone, Copy, PartialEq)]
enum Offsets {
    /// They are equal unless marks change their order.
    Equal,
    /// They cover those of the record.
    Cover,
}

/// Compares ids, offsets and decoded texts; gives the texts whose marks change their order.
fn compare(tokenizer: &Tokenizer, texts: &[&str], made: &Value, how: Offsets) -> usize {
    let made = made.as_array().unwrap();
    assert_eq!(made.len(), texts.len());
    let tokenizer = tokenizer.clone().template(Template::bare()).unwrap();
    let mut reordered = 0;
    for (text, made) in texts.iter().zip(made) {
        let got = tokenizer.encode(text).unwrap();
        assert_eq!(got.ids, numbers(&made[0]), "{text:?}");
        assert_eq!(tokenizer.ids(text).unwrap(), got.ids, "{text:?}");
        assert_eq!(tokenizer.decode(&got.ids).unwrap(), made[2].as_str().unwrap(), "{text:?}");
        let wanted: Vec<Range<usize>> =
            made[1].as_array().unwrap().iter().map(|pair| range(&numbers(pair))).collect();
        if how == Offsets::Equal && in_order(text) {
            assert_eq!(got.offsets, wanted, "{text:?}");
        } else {
            reordered += usize::from(got.offsets != wanted);
            let covers = |(a, b): (&Range<usize>, &Range<usize>)| {
                a.start <= b.start && a.end >= b.end || a.is_empty() && b.is_empty()
            };
            let all = got.offsets.iter().zip(&wanted).all(covers);
            assert!(all || !in_order(text), "{text:?}: {:?} {wanted:?}", got.offsets);
        }
        // Whatever they are, they can be used.
        assert!(got.offsets.iter().all(|range| text.get(range.clone()).is_some()), "{text:?}");
    }
    reordered
}

fn range(pair: &[u32]) -> Range<usize> {
    pair[0] as usize..pair[1] as usize
}

/// Whether the marks of a text, control characters left out, are in the order of the normal forms.
fn in_order(text: &str) -> bool {
    let clean = Normalizer::Bert {
        clean_text: true,
        handle_chinese_chars: false,
        strip_accents: None,
        lowercase: false,
    };
    let text = clean.normalize(text).unwrap();
    text.nfd().eq(text.chars().flat_map(UnicodeNormalization::nfd))
}

#[test]
fn the_committed_record() {
    let record = record();
    let texts = strings(&record["texts"]);
    assert!(texts.len() > 250);
    for (name, how) in [
        ("bert", Offsets::Equal),
        ("bert-cased", Offsets::Equal),
        ("gpt2", Offsets::Equal),
        ("bytes-nfkc", Offsets::Cover),
    ] {
        let tokenizer = recorded_tokenizer(&record, name);
        compare(&tokenizer, &texts, &record["tokenizers"][name]["made"], how);
    }
}

#[test]
fn the_large_record() {
    let Some(folder) = std::env::var_os("GRADUS_TOKENIZERS").map(PathBuf::from) else {
        println!("skipped: set GRADUS_TOKENIZERS to a folder that tests/tokenizers.py wrote");
        return;
    };
    let read = |name: &str| -> Value {
        serde_json::from_slice(&fs::read(folder.join(name)).unwrap()).unwrap()
    };
    let (list, rows) = (read("texts.json"), read("points.json"));
    let (texts, rows) = (strings(&list), strings(&rows));

    let gpt2 = Tokenizer::open(folder.join("gpt2-tokenizer.json")).unwrap();
    compare(&gpt2, &texts, &read("gpt2.json"), Offsets::Equal);
    for text in &texts {
        let ids = gpt2.ids(text).unwrap();
        assert_eq!(gpt2.decode_bytes(&ids).unwrap(), text.as_bytes());
    }
    println!("GPT-2: {} texts are equal", texts.len());

    // That library's table of categories is of 2016: newer punctuation, marks and controls are letters
    // to it, and two signs have moved out of punctuation since.
    let newer = newer(&read("bert-points.json"));
    let made = read("bert.json");
    let old = |text: &str| !text.chars().any(|c| newer.contains(&c));
    let kept = texts.iter().zip(made.as_array().unwrap()).filter(|(text, _)| old(text));
    let (kept, made): (Vec<&str>, Vec<Value>) = kept.map(|(t, m)| (*t, m.clone())).unzip();
    let bert = Tokenizer::open(folder.join("bert-tokenizer.json")).unwrap();
    let reordered = compare(&bert, &kept, &made.into(), Offsets::Equal);
    println!(
        "BERT: {} texts are equal ({reordered} of them with other offsets); {} texts have one of {} \
         newer characters",
        kept.len(),
        texts.len() - kept.len(),
        newer.len()
    );

    let Some(shared) = shared() else {
        println!("skipped: no shared/data/speech/assets; set GRADUS_SHARED for tiktoken's ranks");
        return;
    };
    let ranks = shared.join("data/speech/assets/gpt2.tiktoken");
    let tiktoken = Tokenizer::open_tiktoken(ranks, [("<|endoftext|>", 50256)]).unwrap();
    let tiktoken = tiktoken.special_in_text(false);
    for (texts, name) in [(&texts, "tiktoken.json"), (&rows, "points-gpt2.json")] {
        for (text, made) in texts.iter().zip(read(name).as_array().unwrap()) {
            assert_eq!(tiktoken.ids(text).unwrap(), numbers(made), "{text:?}");
        }
        println!("tiktoken: {} texts of {name} are equal", texts.len());
    }
    // Written as a file of the other kind, the same ids come out.
    let again = Tokenizer::from_json(tiktoken.to_json().unwrap().as_bytes(), "again").unwrap();
    let again = again.special_in_text(false);
    for text in texts.iter().chain(&rows) {
        assert_eq!(again.ids(text).unwrap(), tiktoken.ids(text).unwrap(), "{text:?}");
    }
}

/// The characters that BERT's parts here treat otherwise than the library `tokenizers`.
fn newer(points: &Value) -> HashSet<char> {
    let mut newer = HashSet::new();
    for point in points.as_array().unwrap() {
        let c = char::from_u32(point[0].as_u64().unwrap() as u32).unwrap();
        let text = Normalizer::bert(true).normalize(&format!("a{c}b")).unwrap();
        let words: Vec<_> = Splitter::Bert.split(&text).collect();
        if words != strings(&point[1]) {
            newer.insert(c);
        }
    }
    assert!(newer.len() < 800, "{}", newer.len());
    newer
}

/// The project's shared folder: `GRADUS_SHARED`, or beside one of the folders above this crate.
fn shared() -> Option<PathBuf> {
    let given = std::env::var_os("GRADUS_SHARED").map(PathBuf::from);
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|dir| dir.join("shared"));
    let file = "data/speech/assets/gpt2.tiktoken";
    given.into_iter().chain(above).find(|dir| dir.join(file).is_file())
}

#[test]
fn pairs_cut_and_padded() {
    let record = record();
    let file = recorded_tokenizer(&record, "bert");
    let cases = record["pairs"].as_array().unwrap();
    assert_eq!(cases.len(), 48);
    for case in cases {
        let tokenizer = file.clone().truncation(truncation(case)).padding(padding(case));
        let batch = case["batch"].as_array().unwrap();
        let got = if batch[0].is_array() {
            let pairs: Vec<_> = batch.iter().map(strings).map(|pair| (pair[0], pair[1])).collect();
            tokenizer.encode_pairs(&pairs)
        } else {
            tokenizer.encode_batch(&strings(&case["batch"]))
        };
        let place = format!("{} {}", case["truncation"], case["padding"]);
        let Some(wanted) = case["encodings"].as_array() else {
            assert!(got.is_err(), "{place}");
            continue;
        };
        for (got, wanted) in got.unwrap().iter().zip(wanted) {
            let bits = |mask: &[bool]| mask.iter().map(|&bit| u32::from(bit)).collect::<Vec<_>>();
            assert_eq!(got.ids, numbers(&wanted[0]), "{place}");
            assert_eq!(got.type_ids, numbers(&wanted[1]), "{place}");
            assert_eq!(bits(&got.attention_mask), numbers(&wanted[2]), "{place}");
            assert_eq!(bits(&got.special_mask), numbers(&wanted[3]), "{place}");
        }
    }
}

fn side(name: &Value) -> Side {
    if name == "Left" { Side::Left } else { Side::Right }
}

fn truncation(case: &Value) -> Option<Truncation> {
    case["truncation"].as_object().map(|t| Truncation {
        max_length: t["max_length"].as_u64().unwrap() as usize,
        cut: match t["strategy"].as_str().unwrap() {
            "LongestFirst" => Cut::LongestFirst,
            "OnlyFirst" => Cut::OnlyFirst,
            _ => Cut::OnlySecond,
        },
        side: side(&t["direction"]),
    })
}

fn padding(case: &Value) -> Option<Padding> {
    case["padding"].as_object().map(|p| Padding {
        target: match p["strategy"]["Fixed"].as_u64() {
            Some(length) => Target::Fixed(length as usize),
            None => Target::Longest,
        },
        multiple_of: p["pad_to_multiple_of"].as_u64().map(|m| m as usize),
        side: side(&p["direction"]),
        ..Padding::longest("[PAD]", 0)
    })
}
