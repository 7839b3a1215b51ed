//! Tokenizers: what stands in the other files of this name, and helpers for them.
//!
//! `text.json` was made by `tests/tokenizers.py` with the Python packages; a larger record of the same
//! kind is compared where the environment variable `GRADUS_TOKENIZERS` names its folder.

#[path = "text_bad_input.rs"]
mod bad_input;
#[path = "text_files.rs"]
mod files;
#[path = "text_recorded.rs"]
mod recorded;
#[path = "text_training.rs"]
mod training;

use gradus_data::text::Tokenizer;
use serde_json::Value;

/// The committed record.
fn record() -> Value {
    serde_json::from_str(include_str!("text.json")).unwrap()
}

/// A tokenizer of the record, as this crate reads it.
fn recorded_tokenizer(record: &Value, name: &str) -> Tokenizer {
    let file = record["tokenizers"][name]["file"].to_string();
    Tokenizer::from_json(file.as_bytes(), name).unwrap()
}

/// The texts of a list.
fn strings(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

/// The ids of a list.
fn numbers(list: &Value) -> Vec<u32> {
    list.as_array().unwrap().iter().map(|id| id.as_u64().unwrap() as u32).collect()
}

#[test]
fn threads_share_a_tokenizer() {
    let record = record();
    let tokenizer = recorded_tokenizer(&record, "gpt2");
    let texts = strings(&record["texts"]);
    let all = || -> Vec<_> { texts.iter().map(|text| tokenizer.ids(text).unwrap()).collect() };
    let wanted = all();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(all)).collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), wanted);
        }
    });
}
