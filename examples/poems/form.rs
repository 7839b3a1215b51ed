//! The form of a quatrain: four lines of five characters, each with a sign behind it.

use gradus::data::text::{Invalid, Tokenizer, WordLevelTrainer};
use gradus::data::{Error, TokenWindows, read_text};
use gradus::models::Gpt;
use gradus::models::generate::{Sampling, Writer};
use gradus::prelude::*;

/// Characters of a line with the sign at its end, and of a poem.
const LINE: usize = 6;
pub const LENGTH: usize = 4 * LINE;
/// For characters that are rare, in front of a poem, and the signs.
const SPECIAL: [&str; 7] = ["<unknown>", "<poem>", "，", "。", "？", "！", "；"];

/// The poems, each with the token in front of it that says so: windows of 25 tokens.
pub fn poems(path: &str) -> gradus::Result<(Tokenizer, TokenWindows)> {
    let file = read_text(path, Invalid::Refuse)?;
    let lines: Vec<&str> = file.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let is_sign = |c: char| SPECIAL[2..].contains(&c.to_string().as_str());
    let in_form = |line: &&str| {
        let signs = line.chars().enumerate().all(|(i, c)| is_sign(c) == (i % LINE == 5));
        signs && line.chars().count() == LENGTH
    };
    if let Some(i) = lines.iter().position(|line| !in_form(line)) {
        let wanted = "four lines of five characters, each with a sign behind it";
        let start: String = lines[i].chars().take(30).collect();
        return Err(wrong(format!("{start:?}, poem {} of {path}", i + 1), wanted));
    }
    let trainer = WordLevelTrainer::characters(10_000).min_count(2).unknown(SPECIAL[0]);
    let characters = trainer.special_tokens([SPECIAL[1]]).train(&lines)?;
    let text = lines.join(SPECIAL[1]);
    let tokens = characters.ids(&[SPECIAL[1], &text, SPECIAL[1]].concat())?;
    Ok((characters, TokenWindows::new(&tokens, 1 + LENGTH)?))
}

fn wrong(got: String, wanted: &str) -> gradus::Error {
    Error::value("poems", got, wanted).into()
}

/// A poem, a line under the other.
pub fn poem(net: &Gpt, characters: &Tokenizer, heads: &str, seed: u64) -> gradus::Result<String> {
    let firsts = characters.ids(heads)?;
    if firsts.len() > 4 || firsts.contains(&0) {
        return Err(wrong(format!("{heads:?}"), "up to four characters that stand in the poems"));
    }
    let never = SPECIAL.map(|token| characters.id(token).unwrap_or(0));
    let mut scorer = net.scorer();
    let in_form = |tokens: &[u32]| {
        let mut logits = scorer(tokens)?;
        let (line, place) = ((tokens.len() - 1) / LINE, (tokens.len() - 1) % LINE);
        let only = match place {
            0 => firsts.get(line).copied(),
            5 => Some(never[2 + line % 2]),
            _ => None,
        };
        for (token, logit) in (0..).zip(&mut logits) {
            let may = only.map_or(!never.contains(&token), |only| only == token);
            *logit = if may { *logit } else { f64::NEG_INFINITY };
        }
        Ok(logits)
    };
    let sampling = Sampling::new().temperature(0.8).top_p(0.9).repetition(1.2);
    let written = Writer::new(in_form, &[never[1]], sampling, seed)?.take(LENGTH);
    let written = written.collect::<Result<Vec<_>>>()?;
    let lines = written.chunks(LINE).map(|line| characters.decode_all(line));
    Ok(lines.collect::<Result<Vec<_>, _>>()?.join("\n"))
}
