//! Text of tokens, piece by piece as they come.
//!
//! A token may end in the middle of a character: what is not whole is held back until it is. So is what could be
//! the beginning of a stop string, since that is not shown.

/// An iterator over pieces of text, from one over tokens. Pieces are not empty, and together they are the text of all
/// tokens, up to the first stop string.
///
/// `decode` gives the bytes of all tokens so far; for more tokens they must begin with those for fewer, as they do for
/// characters and byte-level byte-pair encoding. Bytes that are no UTF-8 become U+FFFD.
///
/// ```
/// use gradus_models::generate::TextStream;
/// let tokens = [72, 105, 0xe2, 0x82, 0xac, 33, 10, 10, 88].map(Ok::<u32, std::fmt::Error>);
/// let bytes = |tokens: &[u32]| Ok(tokens.iter().map(|&token| token as u8).collect());
/// let text = TextStream::new(tokens, bytes).stop("\n\n");
/// let pieces = text.collect::<Result<Vec<String>, std::fmt::Error>>()?;
/// assert_eq!(pieces, ["H", "i", "€", "!"]);
/// # Ok::<(), std::fmt::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct TextStream<I, D> {
    tokens: I,
    decode: D,
    stops: Vec<String>,
    come: Vec<u32>,
    /// How many bytes of the text were given out.
    given: usize,
    ended: bool,
}

impl<I: Iterator, D> TextStream<I, D> {
    /// Tokens, and what makes bytes of them.
    pub fn new(tokens: impl IntoIterator<IntoIter = I>, decode: D) -> Self {
        let (tokens, stops, come) = (tokens.into_iter(), Vec::new(), Vec::new());
        Self { tokens, decode, stops, come, given: 0, ended: false }
    }

    /// Ends before this text, or before another that was named. An empty one is left out.
    #[must_use]
    pub fn stop(mut self, text: impl Into<String>) -> Self {
        self.stops.push(text.into());
        self.stops.retain(|stop| !stop.is_empty());
        self
    }

    /// What can be shown of a text of which more may come, and whether it ends there.
    fn shown(&self, text: &str) -> (usize, bool) {
        let from = self.given;
        let Some(rest) = text.get(from..) else { return (from, false) };
        if let Some(end) = self.stops.iter().filter_map(|stop| rest.find(stop.as_str())).min() {
            return (from + end, true);
        }
        let begins = |end: &str| self.stops.iter().any(|stop| stop.starts_with(end));
        let held = rest.char_indices().find(|(i, _)| begins(&rest[*i..]));
        (held.map_or(text.len(), |(i, _)| from + i), false)
    }
}

/// The text of bytes of which more may come: without a character that has only begun.
fn whole(bytes: &[u8]) -> String {
    let mut text = String::new();
    let mut chunks = bytes.utf8_chunks().peekable();
    while let Some(chunk) = chunks.next() {
        text.push_str(chunk.valid());
        let begun = chunks.peek().is_none() && begins_a_character(chunk.invalid());
        if !chunk.invalid().is_empty() && !begun {
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    text
}

/// Whether more bytes can make a character of these.
fn begins_a_character(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}

impl<I, D, E, F> Iterator for TextStream<I, D>
where
    I: Iterator<Item = Result<u32, E>>,
    D: FnMut(&[u32]) -> Result<Vec<u8>, F>,
    F: From<E>,
{
    type Item = Result<String, F>;

    fn next(&mut self) -> Option<Result<String, F>> {
        while !self.ended {
            let token = self.tokens.next();
            // The last token, or an error, gives out what was held back first.
            let more = match token {
                Some(Ok(token)) => {
                    self.come.push(token);
                    true
                }
                Some(Err(error)) => {
                    self.ended = true;
                    return Some(Err(error.into()));
                }
                None => false,
            };
            self.ended = !more;
            let bytes = match (self.decode)(&self.come) {
                Ok(bytes) => bytes,
                Err(error) => {
                    self.ended = true;
                    return Some(Err(error));
                }
            };
            let text = match more {
                true => whole(&bytes),
                false => String::from_utf8_lossy(&bytes).into_owned(),
            };
            let (mut end, stops) = self.shown(&text);
            self.ended |= stops;
            if !more && !stops {
                end = text.len();
            }
            if let Some(piece) = text.get(self.given..end).filter(|piece| !piece.is_empty()) {
                self.given = end;
                return Some(Ok(piece.to_string()));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Result<T> = std::result::Result<T, String>;

    /// The pieces of a text whose tokens are its bytes.
    fn pieces(text: &[u8], stops: &[&str]) -> Result<Vec<String>> {
        let tokens = text.iter().map(|&byte| Ok::<_, String>(u32::from(byte)));
        let decode = |tokens: &[u32]| Ok::<_, String>(tokens.iter().map(|&t| t as u8).collect());
        let stream = TextStream::new(tokens, decode);
        stops.iter().fold(stream, |stream, stop| stream.stop(*stop)).collect()
    }

    #[test]
    fn characters_come_whole() -> Result<()> {
        assert_eq!(pieces("aé床🙂".as_bytes(), &[])?, ["a", "é", "床", "🙂"]);
        assert_eq!(pieces(b"a\xffb\xe5\xba", &[])?, ["a", "\u{fffd}", "b", "\u{fffd}"]);
        assert_eq!(pieces(b"\xe5\xbaz", &[])?, ["\u{fffd}z"]);
        assert!(pieces(b"", &[])?.is_empty());
        Ok(())
    }

    #[test]
    fn stop_strings_are_not_shown() -> Result<()> {
        let text =
            |text: &str, stops: &[&str]| Ok::<_, String>(pieces(text.as_bytes(), stops)?.concat());
        assert_eq!(text("one\n\ntwo", &["\n\n"])?, "one");
        assert_eq!(text("one\ntwo", &["\n\n"])?, "one\ntwo");
        assert_eq!(text("one\n", &["\n\n"])?, "one\n");
        assert_eq!(text("aabaac", &["aac"])?, "aab");
        assert_eq!(text("xabcab", &["bcz", "ab", ""])?, "x");
        assert_eq!(text("春眠不觉晓。处处", &["。"])?, "春眠不觉晓");
        assert_eq!(pieces(b"ab\n\nc", &["\n\n"])?, ["a", "b"]);
        assert_eq!(pieces(b"a\nb", &["\n\n"])?, ["a", "\nb"]);
        Ok(())
    }

    #[test]
    fn errors_come_through() {
        let tokens = [Ok(65), Err("gone".to_string()), Ok(66)];
        let decode = |tokens: &[u32]| Ok::<_, String>(tokens.iter().map(|&t| t as u8).collect());
        let all: Vec<_> = TextStream::new(tokens, decode).collect();
        assert_eq!(all, [Ok("A".to_string()), Err("gone".to_string())]);
    }
}
