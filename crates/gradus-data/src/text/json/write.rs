//! Writing.

use serde_json::{Map, Value, json};

use crate::Result;
use crate::text::{
    AddedToken, Cut, Decoder, Form, Model, Normalizer, Padding, Side, Slot, Splitter, Target,
    Template, TextError, Tokenizer, Truncation, Vocab, bytes,
};

/// A pattern for one character, whatever it is, in any dialect.
pub(super) const ANY_CHARACTER: &str = r"[\s\S]";

/// The file of a tokenizer.
pub(super) fn tokenizer(tokenizer: &Tokenizer) -> Result<String> {
    let is_bpe = matches!(tokenizer.model, Model::Bpe(_));
    let file = json!({
        "version": "1.0",
        "truncation": tokenizer.truncation.as_ref().map(truncation),
        "padding": tokenizer.padding.as_ref().map(padding),
        "added_tokens": tokenizer.added.iter().map(added).collect::<Vec<_>>(),
        "normalizer": tokenizer.normalizer.as_ref().map(normalizer),
        "pre_tokenizer": splitter(tokenizer)?,
        "post_processor": post_processor(tokenizer),
        "decoder": decoder(&tokenizer.decoder, is_bpe)?,
        "model": model(tokenizer),
    });
    Ok(file.to_string())
}

fn side(side: Side) -> &'static str {
    match side {
        Side::Left => "Left",
        Side::Right => "Right",
    }
}

fn truncation(truncation: &Truncation) -> Value {
    let strategy = match truncation.cut {
        Cut::LongestFirst => "LongestFirst",
        Cut::OnlyFirst => "OnlyFirst",
        Cut::OnlySecond => "OnlySecond",
    };
    json!({
        "direction": side(truncation.side),
        "max_length": truncation.max_length,
        "strategy": strategy,
        "stride": 0,
    })
}

fn padding(padding: &Padding) -> Value {
    let strategy = match padding.target {
        Target::Longest => json!("BatchLongest"),
        Target::Fixed(length) => json!({ "Fixed": length }),
    };
    json!({
        "strategy": strategy,
        "direction": side(padding.side),
        "pad_to_multiple_of": padding.multiple_of,
        "pad_id": padding.id,
        "pad_type_id": padding.type_id,
        "pad_token": padding.token,
    })
}

fn added(token: &AddedToken) -> Value {
    json!({
        "id": token.id,
        "content": token.content,
        "single_word": token.single_word,
        "lstrip": token.lstrip,
        "rstrip": token.rstrip,
        "normalized": token.normalized,
        "special": token.special,
    })
}

fn normalizer(of: &Normalizer) -> Value {
    let named = |kind: &str| json!({ "type": kind });
    match of {
        Normalizer::Form(Form::Nfc) => named("NFC"),
        Normalizer::Form(Form::Nfd) => named("NFD"),
        Normalizer::Form(Form::Nfkc) => named("NFKC"),
        Normalizer::Form(Form::Nfkd) => named("NFKD"),
        Normalizer::Lowercase => named("Lowercase"),
        Normalizer::StripAccents => named("StripAccents"),
        Normalizer::Bert { clean_text, handle_chinese_chars, strip_accents, lowercase } => json!({
            "type": "BertNormalizer",
            "clean_text": clean_text,
            "handle_chinese_chars": handle_chinese_chars,
            "strip_accents": strip_accents,
            "lowercase": lowercase,
        }),
        Normalizer::Sequence(steps) => json!({
            "type": "Sequence",
            "normalizers": steps.iter().map(normalizer).collect::<Vec<_>>(),
        }),
    }
}

fn splitter(tokenizer: &Tokenizer) -> Result<Value, TextError> {
    let is_bpe = matches!(tokenizer.model, Model::Bpe(_));
    if tokenizer.prefix_space && !is_bpe {
        let supported = "prefix_space(true) for byte-pair encoding only";
        return Err(unsupported("pre_tokenizer", "prefix_space(true)", supported));
    }
    Ok(match (&tokenizer.splitter, is_bpe) {
        (Splitter::Gpt2 | Splitter::Whole, true) => json!({
            "type": "ByteLevel",
            "add_prefix_space": tokenizer.prefix_space,
            "trim_offsets": tokenizer.trim_offsets,
            "use_regex": tokenizer.splitter == Splitter::Gpt2,
        }),
        (Splitter::Whole, false) => Value::Null,
        (Splitter::Bert, false) => json!({ "type": "BertPreTokenizer" }),
        (Splitter::WhiteSpace, false) => json!({ "type": "WhitespaceSplit" }),
        (Splitter::Words, false) => json!({ "type": "UnicodeWords" }),
        (Splitter::Characters, false) => json!({
            "type": "Split",
            "pattern": { "Regex": ANY_CHARACTER },
            "behavior": "Isolated",
            "invert": false,
        }),
        (splitter, _) => {
            let supported = match is_bpe {
                true => "Gpt2 and Whole for byte-pair encoding",
                false => "Bert, Words, WhiteSpace, Characters and Whole for this model",
            };
            return Err(unsupported("pre_tokenizer", &format!("{splitter:?}"), supported));
        }
    })
}

/// The error for what the file has no word for.
fn unsupported(part: &str, got: &str, supported: &str) -> TextError {
    TextError::Unsupported {
        name: "tokenizer.json".into(),
        part: part.into(),
        got: got.into(),
        supported: supported.into(),
    }
}

fn post_processor(tokenizer: &Tokenizer) -> Value {
    let mut steps = Vec::new();
    if matches!(tokenizer.model, Model::Bpe(_)) || tokenizer.trim_offsets {
        steps.push(json!({
            "type": "ByteLevel",
            "add_prefix_space": tokenizer.prefix_space,
            "trim_offsets": tokenizer.trim_offsets,
            "use_regex": true,
        }));
    }
    if tokenizer.template != Template::bare() {
        steps.push(template(tokenizer));
    }
    match steps.len() {
        0 | 1 => steps.pop().unwrap_or(Value::Null),
        _ => json!({ "type": "Sequence", "processors": steps }),
    }
}

fn template(tokenizer: &Tokenizer) -> Value {
    let Template { single, pair } = &tokenizer.template;
    let mut special = Map::new();
    let text =
        |id: &u32| String::from_utf8_lossy(tokenizer.token(*id).unwrap_or_default()).into_owned();
    for slot in single.iter().chain(pair) {
        if let Slot::Special { name, ids, .. } = slot {
            let tokens: Vec<_> = ids.iter().map(text).collect();
            special.insert(name.clone(), json!({ "id": name, "ids": ids, "tokens": tokens }));
        }
    }
    let slot = |slot: &Slot| match slot {
        Slot::A { type_id } => json!({ "Sequence": { "id": "A", "type_id": type_id } }),
        Slot::B { type_id } => json!({ "Sequence": { "id": "B", "type_id": type_id } }),
        Slot::Special { name, type_id, .. } => {
            json!({ "SpecialToken": { "id": name, "type_id": type_id } })
        }
    };
    json!({
        "type": "TemplateProcessing",
        "single": single.iter().map(slot).collect::<Vec<_>>(),
        "pair": pair.iter().map(slot).collect::<Vec<_>>(),
        "special_tokens": special,
    })
}

fn decoder(decoder: &Decoder, is_bpe: bool) -> Result<Value, TextError> {
    Ok(match decoder {
        Decoder::Join if is_bpe => json!({
            "type": "ByteLevel",
            "add_prefix_space": true,
            "trim_offsets": true,
            "use_regex": true,
        }),
        Decoder::Join => json!({ "type": "Fuse" }),
        Decoder::Spaces if is_bpe => {
            return Err(unsupported(
                "decoder",
                "Spaces",
                "Join and WordPiece for byte-pair encoding",
            ));
        }
        Decoder::Spaces => Value::Null,
        Decoder::WordPiece { prefix, cleanup } => {
            json!({ "type": "WordPiece", "prefix": prefix, "cleanup": cleanup })
        }
    })
}

fn model(tokenizer: &Tokenizer) -> Value {
    let text = |token: &[u8]| String::from_utf8_lossy(token).into_owned();
    let name = |id: Option<u32>, vocab: &Vocab| id.and_then(|id| vocab.token(id)).map(text);
    match &tokenizer.model {
        Model::Bpe(model) => {
            let own = |id: u32| tokenizer.added.iter().find(|added| added.id == id);
            let written = |token: &[u8], id| {
                own(id).map_or_else(|| bytes::to_chars(token), |added| added.content.clone())
            };
            let part = |id| written(model.vocab().token(id).unwrap_or_default(), id);
            let merges = model.listed().into_iter().map(|(a, b)| json!([part(a), part(b)]));
            json!({
                "type": "BPE",
                "dropout": null,
                "unk_token": model.unknown_id().map(part),
                "continuing_subword_prefix": null,
                "end_of_word_suffix": null,
                "fuse_unk": false,
                "byte_fallback": false,
                "ignore_merges": model.takes_whole_words(),
                "vocab": vocab(model.vocab(), &written),
                "merges": merges.collect::<Vec<_>>(),
            })
        }
        Model::WordPiece(model) => {
            let (unknown, prefix, chars) = model.parts();
            json!({
                "type": "WordPiece",
                "unk_token": name(Some(unknown), model.vocab()),
                "continuing_subword_prefix": prefix,
                "max_input_chars_per_word": chars,
                "vocab": vocab(model.vocab(), &|token, _| text(token)),
            })
        }
        Model::WordLevel(model) => json!({
            "type": "WordLevel",
            "unk_token": name(model.unknown_id(), model.vocab()).unwrap_or_default(),
            "vocab": vocab(model.vocab(), &|token, _| text(token)),
        }),
    }
}

fn vocab(vocab: &Vocab, written: &dyn Fn(&[u8], u32) -> String) -> Value {
    let mut ids = Map::new();
    for (token, id) in vocab.iter() {
        ids.insert(written(token, id), json!(id));
    }
    ids.into()
}
