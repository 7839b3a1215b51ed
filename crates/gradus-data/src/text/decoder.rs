//! From tokens back to text.

/// How the texts of tokens are put together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Decoder {
    /// One after the other: bytes, characters.
    #[default]
    Join,
    /// With a space between them: words.
    Spaces,
    /// With a space between them, but not before a piece with the prefix, which loses it.
    WordPiece {
        /// What pieces within a word begin with.
        prefix: String,
        /// Drop the space before `.`, `?`, `!`, `,` and English contractions.
        cleanup: bool,
    },
}

/// What loses the space before it in cleaned text.
const CLOSE: [&str; 9] = [".", "?", "!", ",", "n't", "'m", "'s", "'ve", "'re"];

impl Decoder {
    /// Appends the tokens to `out`.
    pub(crate) fn decode<'a>(&self, tokens: impl Iterator<Item = &'a [u8]>, out: &mut Vec<u8>) {
        for (i, token) in tokens.enumerate() {
            let (space, token) = match self {
                _ if i == 0 => (false, token),
                Self::Join => (false, token),
                Self::Spaces => (true, token),
                Self::WordPiece { prefix, cleanup } => {
                    let close = |end: &&str| token.starts_with(end.as_bytes());
                    match token.strip_prefix(prefix.as_bytes()) {
                        Some(rest) => (false, rest),
                        None => (!(*cleanup && CLOSE.iter().any(close)), token),
                    }
                }
            };
            if space {
                out.push(b' ');
            }
            out.extend_from_slice(token);
        }
    }
}
