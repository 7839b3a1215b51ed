//! Reading: the model, its vocabulary and its merges.

use serde_json::json;

use super::fields::At;
use crate::text::{Bpe, Model, TextError, Vocab, WordLevel, WordPiece, bytes};

/// The model of a file; `byte_level` says whether its tokens are in GPT-2's alphabet of bytes.
pub(super) fn read(field: &At<'_>, byte_level: bool) -> Result<Model, TextError> {
    // Old files have no type.
    let kind = match field.get("type") {
        Some(kind) => kind.text()?,
        None if field.get("merges").is_some() => "BPE",
        None if field.get("continuing_subword_prefix").is_some() => "WordPiece",
        None => "WordLevel",
    };
    match (kind, byte_level) {
        ("BPE", true) => bpe(field),
        ("WordPiece", false) => word_piece(field),
        ("WordLevel", false) => word_level(field),
        ("BPE", false) => Err(field.unsupported_as(
            "BPE without the pre_tokenizer ByteLevel",
            "BPE over bytes, that is with the pre_tokenizer ByteLevel",
        )),
        ("WordPiece" | "WordLevel", true) => Err(field.unsupported_as(
            &format!("{kind} with the pre_tokenizer ByteLevel"),
            "BPE, if the pre_tokenizer is ByteLevel",
        )),
        _ => Err(field.need("type")?.unsupported("BPE, WordPiece, WordLevel")),
    }
}

fn vocab(field: &At<'_>, bytes_of: impl Fn(&str) -> Vec<u8>) -> Result<Vocab, TextError> {
    let field = field.need("vocab")?;
    let mut pairs = Vec::new();
    for (token, id) in field.object()? {
        let id = id.as_u64().and_then(|id| u32::try_from(id).ok()).ok_or_else(|| {
            field.fault(&format!("gives {token:?} the id {id}; wanted a whole number from 0"))
        })?;
        pairs.push((bytes_of(token), id));
    }
    Vocab::from_pairs(pairs)
}

/// A token in the alphabet of bytes. What is not written in it stands for its own UTF-8.
fn byte_token(text: &str) -> Vec<u8> {
    bytes::from_chars(text).unwrap_or_else(|| text.as_bytes().to_vec())
}

fn bpe(field: &At<'_>) -> Result<Model, TextError> {
    field.only("byte_fallback", &json!(false))?;
    field.only("continuing_subword_prefix", &json!(""))?;
    field.only("end_of_word_suffix", &json!(""))?;
    if let Some(dropout) = field.get("dropout") {
        return Err(dropout.unsupported("null: the same text has the same tokens"));
    }
    let list = field.need("merges")?;
    let mut merges = Vec::new();
    for merge in list.list()? {
        let parts = match merge.texts()?[..] {
            [text] => text.split_once(' '),
            [left, right] => Some((left, right)),
            _ => None,
        };
        let wanted = "is no pair; wanted two tokens, in a list or with a space between";
        let (left, right) = parts.ok_or_else(|| merge.fault(wanted))?;
        merges.push((byte_token(left), byte_token(right)));
    }
    let model = Bpe::new(vocab(field, byte_token)?, merges)?
        .whole_words(field.bool_or("ignore_merges", false)?);
    if !model.has_all_bytes() {
        field.only("fuse_unk", &json!(false))?;
    }
    Ok(match field.get("unk_token") {
        Some(token) => model.unknown(token.text()?)?.into(),
        None => model.into(),
    })
}

fn word_piece(field: &At<'_>) -> Result<Model, TextError> {
    let text_or = |key: &str, default| field.get(key).map_or(Ok(default), |text| text.text());
    let vocab = vocab(field, |token| token.as_bytes().to_vec())?;
    let chars = field.get("max_input_chars_per_word").map_or(Ok(100), |chars| chars.size())?;
    let model = WordPiece::new(vocab, text_or("unk_token", "[UNK]")?)?;
    Ok(model.prefix(text_or("continuing_subword_prefix", "##")?).max_chars(chars).into())
}

fn word_level(field: &At<'_>) -> Result<Model, TextError> {
    let unknown = field.get("unk_token").map(|token| token.text()).transpose()?;
    let vocab = vocab(field, |token| token.as_bytes().to_vec())?;
    Ok(WordLevel::new(vocab, unknown.filter(|token| !token.is_empty()))?.into())
}
