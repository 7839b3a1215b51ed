//! Text to ids: the steps of [`Tokenizer`], and its methods that go this way.

use std::borrow::Cow;
use std::ops::Range;

use super::aligned::Aligned;
use super::encoding::{Encoding, Token};
use super::model::Scratch;
use super::utf8::{Invalid, Shifts, utf8};
use super::{AddedToken, TextError, Tokenizer};
use crate::Result;

impl Tokenizer {
    /// The ids of a text alone: no template, truncation or padding.
    ///
    /// # Errors
    /// [`TextError::NoToken`] if a piece of text has no token and the model names none for the unknown,
    /// [`TextError::TooLong`] for 4 GiB of text or more.
    pub fn ids(&self, text: &str) -> Result<Vec<u32>> {
        let mut ids = Vec::with_capacity(text.len() / 4);
        self.each(text, |id, _| ids.push(id))?;
        Ok(ids)
    }

    /// A text as ids.
    ///
    /// ```
    /// use gradus_data::text::WordPieceTrainer;
    /// let tokenizer = WordPieceTrainer::new(60).train(["To be, or not to be"])?;
    /// let text = "Not to bé!";
    /// let encoding = tokenizer.encode(text)?;
    /// assert_eq!(encoding.special_mask.first(), Some(&true)); // [CLS]
    /// assert_eq!(&text[encoding.offsets[encoding.len() - 3].clone()], "bé");
    /// # Ok::<(), gradus_data::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Tokenizer::ids`]; [`TextError::Truncation`] if the truncation leaves no room.
    pub fn encode(&self, text: &str) -> Result<Encoding> {
        self.padded(self.around(self.tokens(text)?, None)?)
    }

    /// Two texts as ids.
    ///
    /// ```
    /// use gradus_data::text::WordPieceTrainer;
    /// let tokenizer = WordPieceTrainer::new(60).train(["to be or not to be"])?;
    /// let pair = tokenizer.encode_pair("to be", "be")?; // [CLS] to be [SEP] be [SEP]
    /// assert_eq!(pair.type_ids, [0, 0, 0, 0, 1, 1]);
    /// # Ok::<(), gradus_data::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Tokenizer::encode`].
    pub fn encode_pair(&self, a: &str, b: &str) -> Result<Encoding> {
        self.padded(self.around(self.tokens(a)?, Some(self.tokens(b)?))?)
    }

    /// Bytes as ids; the offsets count these bytes.
    ///
    /// ```
    /// use gradus_data::text::{BpeTrainer, Invalid};
    /// let tokenizer = BpeTrainer::new(256).train([""])?;
    /// assert!(tokenizer.encode_bytes(b"a\xff", Invalid::Refuse).is_err());
    /// let encoding = tokenizer.encode_bytes(b"a\xff", Invalid::Replace)?;
    /// assert_eq!(tokenizer.decode(&encoding.ids)?, "a\u{fffd}");
    /// # Ok::<(), gradus_data::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Tokenizer::encode`]; [`TextError::Utf8`] if the bytes are not UTF-8 and are to be refused.
    pub fn encode_bytes(&self, bytes: &[u8], invalid: Invalid) -> Result<Encoding> {
        let text = utf8(bytes, invalid)?;
        let mut encoding = self.encode(&text)?;
        if let Cow::Owned(_) = text {
            let shifts = Shifts::of(bytes);
            for range in &mut encoding.offsets {
                *range = shifts.source(range.start)..shifts.source(range.end);
            }
        }
        Ok(encoding)
    }

    /// Texts as ids, padded together.
    ///
    /// ```
    /// use gradus_data::text::{Padding, WordLevelTrainer};
    /// let trainer = WordLevelTrainer::words(9).special_tokens(["<pad>"]);
    /// let tokenizer = trainer.train(["to be or not"])?.padding(Padding::longest("<pad>", 0));
    /// let batch = tokenizer.encode_batch(&["to be", "or"])?;
    /// assert_eq!(batch[1].attention_mask, [true, false]);
    /// # Ok::<(), gradus_data::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Tokenizer::encode`].
    pub fn encode_batch<S: AsRef<str>>(&self, texts: &[S]) -> Result<Vec<Encoding>> {
        let one = |text: &S| self.around(self.tokens(text.as_ref())?, None);
        self.pad(texts.iter().map(one).collect::<Result<_>>()?)
    }

    /// Pairs of texts as ids, padded together.
    ///
    /// # Errors
    /// As [`Tokenizer::encode`].
    pub fn encode_pairs<A, B>(&self, pairs: &[(A, B)]) -> Result<Vec<Encoding>>
    where
        A: AsRef<str>,
        B: AsRef<str>,
    {
        let tokens = |text: &str| self.tokens(text);
        let one = |(a, b): &(A, B)| self.around(tokens(a.as_ref())?, Some(tokens(b.as_ref())?));
        self.pad(pairs.iter().map(one).collect::<Result<_>>()?)
    }

    /// Truncation and template.
    fn around(&self, mut a: Vec<Token>, mut b: Option<Vec<Token>>) -> Result<Encoding> {
        if let Some(truncation) = &self.truncation {
            let added = self.template.added(b.is_some());
            truncation.apply(&mut a, b.as_mut(), added)?;
        }
        Ok(self.template.apply(&a, b.as_deref()))
    }

    fn padded(&self, encoding: Encoding) -> Result<Encoding> {
        Ok(self.pad(vec![encoding])?.pop().unwrap_or_default())
    }

    fn pad(&self, mut batch: Vec<Encoding>) -> Result<Vec<Encoding>> {
        if let Some(padding) = &self.padding {
            padding.apply(&mut batch)?;
        }
        Ok(batch)
    }

    /// The tokens of a text with their places.
    fn tokens(&self, text: &str) -> Result<Vec<Token>> {
        let mut tokens = Vec::with_capacity(text.len() / 4);
        self.each(text, |id, place| {
            tokens.push(Token { id, range: place() });
        })?;
        Ok(tokens)
    }

    /// Calls `f` with each id, and with what finds its place in the text.
    fn each(&self, text: &str, mut f: impl FnMut(u32, &dyn Fn() -> Range<usize>)) -> Result<()> {
        if text.len() > Aligned::MAX {
            return Err(TextError::TooLong { len: text.len(), max: Aligned::MAX }.into());
        }
        let wanted = |token: &AddedToken| self.special_in_text || !token.special;
        self.pool.with(|scratch| {
            for piece in self.raw.cut(text, wanted) {
                if let Some(id) = piece.token {
                    f(id, &|| piece.range.clone());
                    continue;
                }
                let start = piece.range.start;
                let source = &text[piece.range];
                let part = match &self.normalizer {
                    Some(normalizer) => normalizer.align(source)?,
                    None => Aligned::same(source),
                };
                for piece in self.normalized.cut(&part.text, wanted) {
                    if let Some(id) = piece.token {
                        f(id, &|| shift(part.source(piece.range.clone()), start));
                        continue;
                    }
                    if self.prefix_space && !part.text[piece.range.clone()].starts_with(' ') {
                        let spaced = part.after_space(piece.range);
                        self.words(&spaced, 0..spaced.text.len(), start, scratch, &mut f)?;
                    } else {
                        self.words(&part, piece.range, start, scratch, &mut f)?;
                    }
                }
            }
            Ok(())
        })
    }

    /// The tokens of a part of the text that begins at `start`.
    fn words(
        &self,
        part: &Aligned<'_>,
        range: Range<usize>,
        start: usize,
        scratch: &mut Scratch,
        f: &mut impl FnMut(u32, &dyn Fn() -> Range<usize>),
    ) -> Result<()> {
        let text = &part.text[range.clone()];
        let mut fault = None;
        self.splitter.each(text, |word| {
            if fault.is_some() {
                return;
            }
            let at = range.start + word.start;
            let source = |inner| shift(part.source(shift(inner, at)), start);
            let made = self.model.word(&text[word.clone()], scratch, |id, inner| {
                f(id, &|| match self.trim_offsets {
                    true => shift(trimmed(part, shift(inner.clone(), at)), start),
                    false => source(inner.clone()),
                });
            });
            if let Err(inner) = made {
                let bytes = &text.as_bytes()[word][inner.clone()];
                let piece = String::from_utf8_lossy(bytes).into_owned();
                fault = Some(TextError::NoToken { piece, offset: source(inner).start });
            }
        });
        fault.map_or(Ok(()), |fault| Err(fault.into()))
    }
}

/// The place of a range without the spaces that it begins and ends with; its end, if it has nothing else.
fn trimmed(part: &Aligned<'_>, range: Range<usize>) -> Range<usize> {
    let bytes = &part.text.as_bytes()[range.clone()];
    let solid = |byte: &u8| *byte != b' ';
    match (bytes.iter().position(solid), bytes.iter().rposition(solid)) {
        (Some(first), Some(last)) => part.source(range.start + first..range.start + last + 1),
        _ => {
            let end = part.source(range).end;
            end..end
        }
    }
}

fn shift(range: Range<usize>, by: usize) -> Range<usize> {
    range.start + by..range.end + by
}
