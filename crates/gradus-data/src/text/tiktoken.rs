//! Ranks in the form of tiktoken: in each line a token in base64 and its rank, which is its id.
//!
//! Source: the files of <https://github.com/openai/tiktoken>; base64: RFC 4648, section 4. The text is
//! split by GPT-2's pattern, which is right for the ranks of GPT-2 (`r50k_base`, `gpt2`); those of later
//! models want other patterns.

use std::fs;
use std::path::Path;

use super::{AddedToken, Bpe, Splitter, TextError, Tokenizer, Vocab};
use crate::{Error, Result};

impl Tokenizer {
    /// Reads a file of ranks; `special` are the tokens beside them, with their ids.
    ///
    /// ```no_run
    /// use gradus_data::text::Tokenizer;
    /// let gpt2 = Tokenizer::open_tiktoken("gpt2.tiktoken", [("<|endoftext|>", 50256)])?;
    /// # Ok::<(), gradus_data::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::File`] if it cannot be read; otherwise as [`Tokenizer::from_tiktoken`].
    pub fn open_tiktoken<S: Into<String>>(
        path: impl AsRef<Path>,
        special: impl IntoIterator<Item = (S, u32)>,
    ) -> Result<Self> {
        let path = path.as_ref();
        let bytes = fs::read(path).map_err(|source| Error::File { path: path.into(), source })?;
        Self::from_tiktoken(&bytes, &path.display().to_string(), special)
    }

    /// Reads the content of a file of ranks; `name` stands for it in errors.
    ///
    /// # Errors
    /// [`TextError::Format`] if a line is not a token and a rank, [`TextError::Vocab`] if a token or a
    /// rank occurs twice or a byte has none.
    pub fn from_tiktoken<S: Into<String>>(
        bytes: &[u8],
        name: &str,
        special: impl IntoIterator<Item = (S, u32)>,
    ) -> Result<Self> {
        let mut pairs = Vec::new();
        for (i, line) in bytes.split(|&byte| byte == b'\n').enumerate() {
            let line = line.trim_ascii();
            if line.is_empty() {
                continue;
            }
            pairs.push(entry(line).ok_or_else(|| {
                let start = String::from_utf8_lossy(&line[..line.len().min(40)]);
                let problem = format!(
                    "line {} is {start:?}; wanted a token in base64, a space and its rank",
                    i + 1
                );
                TextError::format(name, problem)
            })?);
        }
        let model = Bpe::from_ranks(Vocab::from_pairs(pairs)?)?;
        let added = special.into_iter().map(|(token, id)| AddedToken::special(token, id));
        Tokenizer::new(model, Splitter::Gpt2).added(added)
    }
}

/// Token and rank.
fn entry(line: &[u8]) -> Option<(Vec<u8>, u32)> {
    let (token, rank) = std::str::from_utf8(line).ok()?.split_once(' ')?;
    let token = base64(token.as_bytes())?;
    let rank = rank.bytes().all(|byte| byte.is_ascii_digit()).then(|| rank.parse().ok())??;
    (!token.is_empty()).then_some((token, rank))
}

/// Bytes from base64 with padding.
fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let (groups, []) = text.as_chunks::<4>() else { return None };
    let mut bytes = Vec::with_capacity(3 * groups.len());
    for (i, group) in groups.iter().enumerate() {
        let padding = group.iter().rev().take_while(|&&c| c == b'=').count();
        if padding > 2 || padding > 0 && i + 1 < groups.len() {
            return None;
        }
        let mut word = 0_u32;
        for &c in &group[..4 - padding] {
            let digit = match c {
                b'A'..=b'Z' => c - b'A',
                b'a'..=b'z' => c - b'a' + 26,
                b'0'..=b'9' => c - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                _ => return None,
            };
            word = word << 6 | u32::from(digit);
        }
        word <<= 6 * padding;
        bytes.extend_from_slice(&word.to_be_bytes()[1..4 - padding]);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn base64_as_in_the_rfc() {
        for (text, wanted) in
            [("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYmFy", "foobar")]
        {
            assert_eq!(base64(text.as_bytes()).unwrap(), wanted.as_bytes());
        }
        for bad in ["Z", "Zg=", "Zg==Zg==", "Z===", "====", "Zm9*", "Zm 9"] {
            assert_eq!(base64(bad.as_bytes()), None, "{bad}");
        }
    }
}
