//! Reading: the parts of the file around the model.

use serde_json::{Value, json};

use super::fields::At;
use super::model;
use super::unique::Unique;
use crate::Result;
use crate::text::{
    AddedToken, Cut, Decoder, Form, Model, Normalizer, Padding, Side, Slot, Splitter, Target,
    Template, TextError, Tokenizer, Truncation,
};

/// The tokenizer that a file describes.
pub(super) fn tokenizer(bytes: &[u8], name: &str) -> Result<Tokenizer> {
    let broken = |e: serde_json::Error| {
        let cut = if e.is_eof() { "; the file is truncated" } else { "" };
        TextError::format(name, format!("is not JSON as it should be: {e}{cut}"))
    };
    serde_json::from_slice::<Unique>(bytes).map_err(broken)?;
    let value: Value = serde_json::from_slice(bytes).map_err(broken)?;
    let file = At::new(name, &value);
    file.only("version", &json!("1.0"))?;

    let (splitter, byte_level) =
        file.get("pre_tokenizer").map_or(Ok((Splitter::Whole, None)), |p| splitter(&p))?;
    let model = model::read(&file.need("model")?, byte_level.is_some())?;
    let is_bpe = matches!(model, Model::Bpe(_));
    let mut tokenizer = Tokenizer::new(model, splitter).prefix_space(byte_level.unwrap_or(false));
    match file.get("decoder") {
        Some(field) => tokenizer = tokenizer.decoder(decoder(&field)?),
        None if is_bpe => {}
        None => tokenizer = tokenizer.decoder(Decoder::Spaces),
    }
    if let Some(field) = file.get("normalizer") {
        tokenizer = tokenizer.normalizer(normalizer(&field)?)?;
    }
    if let Some(field) = file.get("added_tokens") {
        let added: Vec<_> = field.list()?.map(|t| added(&t)).collect::<Result<_, _>>()?;
        tokenizer = tokenizer.added(added)?;
    }
    if let Some(field) = file.get("post_processor") {
        tokenizer = post_processor(tokenizer, &field)?;
    }
    let truncation = file.get("truncation").map(|t| truncation(&t)).transpose()?;
    let padding = file.get("padding").map(|p| padding(&p)).transpose()?;
    Ok(tokenizer.truncation(truncation).padding(padding))
}

fn normalizer(field: &At<'_>) -> Result<Normalizer, TextError> {
    Ok(match field.kind()? {
        "NFC" => Normalizer::Form(Form::Nfc),
        "NFD" => Normalizer::Form(Form::Nfd),
        "NFKC" => Normalizer::Form(Form::Nfkc),
        "NFKD" => Normalizer::Form(Form::Nfkd),
        "Lowercase" => Normalizer::Lowercase,
        "StripAccents" => Normalizer::StripAccents,
        "BertNormalizer" => Normalizer::Bert {
            clean_text: field.bool_or("clean_text", true)?,
            handle_chinese_chars: field.bool_or("handle_chinese_chars", true)?,
            strip_accents: field.get("strip_accents").map(|s| s.bool()).transpose()?,
            lowercase: field.bool_or("lowercase", true)?,
        },
        "Sequence" => {
            let steps = field.need("normalizers")?;
            Normalizer::Sequence(steps.list()?.map(|n| normalizer(&n)).collect::<Result<_, _>>()?)
        }
        _ => {
            return Err(field.need("type")?.unsupported(
                "NFC, NFD, NFKC, NFKD, Lowercase, StripAccents, BertNormalizer, Sequence",
            ));
        }
    })
}

/// The splitter; for ByteLevel also whether a space goes before the text.
fn splitter(field: &At<'_>) -> Result<(Splitter, Option<bool>), TextError> {
    let kind = field.kind()?;
    Ok(match kind {
        "ByteLevel" => {
            let regex = field.bool_or("use_regex", true)?;
            let splitter = if regex { Splitter::Gpt2 } else { Splitter::Whole };
            (splitter, Some(field.bool_or("add_prefix_space", true)?))
        }
        "BertPreTokenizer" => (Splitter::Bert, None),
        "WhitespaceSplit" => (Splitter::WhiteSpace, None),
        "UnicodeWords" => (Splitter::Words, None),
        "Split" => {
            field.only("pattern", &json!({ "Regex": super::write::ANY_CHARACTER }))?;
            field.only("behavior", &json!("Isolated"))?;
            field.only("invert", &json!(false))?;
            (Splitter::Characters, None)
        }
        _ => {
            return Err(field.need("type")?.unsupported(
                "ByteLevel, BertPreTokenizer, WhitespaceSplit, UnicodeWords, Split of characters",
            ));
        }
    })
}

fn decoder(field: &At<'_>) -> Result<Decoder, TextError> {
    Ok(match field.kind()? {
        "ByteLevel" | "Fuse" => Decoder::Join,
        "WordPiece" => Decoder::WordPiece {
            prefix: field.get("prefix").map_or(Ok("##"), |prefix| prefix.text())?.into(),
            cleanup: field.bool_or("cleanup", true)?,
        },
        _ => return Err(field.need("type")?.unsupported("ByteLevel, WordPiece, Fuse")),
    })
}

fn added(field: &At<'_>) -> Result<AddedToken, TextError> {
    let special = field.bool_or("special", false)?;
    Ok(AddedToken {
        content: field.need("content")?.text()?.into(),
        id: field.need("id")?.id()?,
        special,
        single_word: field.bool_or("single_word", false)?,
        lstrip: field.bool_or("lstrip", false)?,
        rstrip: field.bool_or("rstrip", false)?,
        normalized: field.bool_or("normalized", !special)?,
    })
}

fn post_processor(tokenizer: Tokenizer, field: &At<'_>) -> Result<Tokenizer> {
    match field.kind()? {
        "ByteLevel" => Ok(tokenizer.trim_offsets(field.bool_or("trim_offsets", true)?)),
        "TemplateProcessing" => {
            let single = slots(&field.need("single")?, field)?;
            let pair = slots(&field.need("pair")?, field)?;
            tokenizer.template(Template { single, pair })
        }
        "BertProcessing" => {
            let token = |key: &str| -> Result<(&str, u32), TextError> {
                let field = field.need(key)?;
                let mut parts = field.list()?;
                match (parts.next(), parts.next(), parts.next()) {
                    (Some(token), Some(id), None) => Ok((token.text()?, id.id()?)),
                    _ => Err(field.fault("is no pair; wanted a token and its id")),
                }
            };
            tokenizer.template(Template::bert(token("cls")?, token("sep")?))
        }
        "Sequence" => field
            .need("processors")?
            .list()?
            .try_fold(tokenizer, |tokenizer, step| post_processor(tokenizer, &step)),
        _ => Err(field
            .need("type")?
            .unsupported("ByteLevel, TemplateProcessing, BertProcessing, Sequence")
            .into()),
    }
}

fn slots(list: &At<'_>, processor: &At<'_>) -> Result<Vec<Slot>, TextError> {
    let slot = |item: At<'_>| -> Result<Slot, TextError> {
        if let Some(sequence) = item.get("Sequence") {
            let type_id = sequence.get("type_id").map_or(Ok(0), |id| id.id())?;
            return match sequence.need("id")?.text()? {
                "A" => Ok(Slot::A { type_id }),
                "B" => Ok(Slot::B { type_id }),
                _ => Err(sequence.need("id")?.unsupported("A, B")),
            };
        }
        let token = item.need("SpecialToken")?;
        let name = token.need("id")?.text()?;
        let ids = processor.need("special_tokens")?.need(name)?.need("ids")?;
        let ids = ids.list()?.map(|id| id.id()).collect::<Result<_, _>>()?;
        let type_id = token.get("type_id").map_or(Ok(0), |id| id.id())?;
        Ok(Slot::Special { name: name.into(), ids, type_id })
    };
    list.list()?.map(slot).collect()
}

fn side(field: &At<'_>) -> Result<Side, TextError> {
    match field.get("direction").map(|d| d.text()).transpose()? {
        None | Some("Right") => Ok(Side::Right),
        Some("Left") => Ok(Side::Left),
        Some(_) => Err(field.need("direction")?.unsupported("Left, Right")),
    }
}

fn truncation(field: &At<'_>) -> Result<Truncation, TextError> {
    field.only("stride", &json!(0))?;
    let cut = match field.get("strategy").map(|s| s.text()).transpose()? {
        None | Some("LongestFirst") => Cut::LongestFirst,
        Some("OnlyFirst") => Cut::OnlyFirst,
        Some("OnlySecond") => Cut::OnlySecond,
        Some(_) => {
            let supported = "LongestFirst, OnlyFirst, OnlySecond";
            return Err(field.need("strategy")?.unsupported(supported));
        }
    };
    Ok(Truncation { max_length: field.need("max_length")?.size()?, cut, side: side(field)? })
}

fn padding(field: &At<'_>) -> Result<Padding, TextError> {
    let strategy = field.need("strategy")?;
    let target = match strategy.get("Fixed") {
        Some(length) => Target::Fixed(length.size()?),
        None if strategy.text().ok() == Some("BatchLongest") => Target::Longest,
        None => return Err(strategy.unsupported("\"BatchLongest\", {\"Fixed\": LENGTH}")),
    };
    Ok(Padding {
        target,
        multiple_of: field.get("pad_to_multiple_of").map(|m| m.size()).transpose()?,
        side: side(field)?,
        id: field.need("pad_id")?.id()?,
        type_id: field.get("pad_type_id").map_or(Ok(0), |id| id.id())?,
        token: field.need("pad_token")?.text()?.into(),
    })
}
