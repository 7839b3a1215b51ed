//! A tokenizer: its parts, one after the other.
//!
//! 1. Special tokens are cut out of the text (`added.rs`).
//! 2. The rest is normalized (`normalizer/`) and cut into words (`splitter/`).
//! 3. The model makes tokens of each word (`model/`); their places go back to the original text.
//! 4. Long texts are cut, the template puts tokens around them, short ones are padded.
//!
//! The steps stand in `encode.rs`, the way back in `decode.rs`.

use super::added::{AddedToken, Finder};
use super::model::{Model, Pool};
use super::{Decoder, Normalizer, Padding, Splitter, Template, TextError, Truncation};
use crate::Result;

/// Text to ids and back.
///
/// It is made by a trainer, from a file ([`Tokenizer::open`], [`Tokenizer::open_tiktoken`]) or of parts.
///
/// ```
/// use gradus_data::text::BpeTrainer;
/// let tokenizer = BpeTrainer::new(260).train(["low lower lowest"])?;
/// let encoding = tokenizer.encode("slower")?;
/// assert_eq!(encoding.ids.len(), 4);
/// assert_eq!(encoding.offsets, [0..1, 1..4, 4..5, 5..6]);
/// assert_eq!(tokenizer.decode(&encoding.ids)?, "slower");
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Tokenizer {
    pub(crate) normalizer: Option<Normalizer>,
    pub(crate) splitter: Splitter,
    pub(crate) prefix_space: bool,
    pub(crate) model: Model,
    pub(crate) trim_offsets: bool,
    pub(crate) template: Template,
    pub(crate) decoder: Decoder,
    pub(crate) truncation: Option<Truncation>,
    pub(crate) padding: Option<Padding>,
    pub(crate) added: Vec<AddedToken>,
    pub(super) raw: Finder,
    pub(super) normalized: Finder,
    pub(super) special_in_text: bool,
    pub(super) pool: Pool,
}

impl Tokenizer {
    /// A splitter and a model; nothing is normalized, added, cut or padded.
    pub fn new(model: impl Into<Model>, splitter: Splitter) -> Self {
        let model = model.into();
        let decoder = match &model {
            Model::WordPiece(model) => {
                Decoder::WordPiece { prefix: model.parts().1.into(), cleanup: true }
            }
            Model::WordLevel(_) if !splitter.joins() => Decoder::Spaces,
            Model::Bpe(_) | Model::WordLevel(_) => Decoder::Join,
        };
        Self {
            normalizer: None,
            splitter,
            prefix_space: false,
            model,
            trim_offsets: false,
            template: Template::bare(),
            decoder,
            truncation: None,
            padding: None,
            added: Vec::new(),
            raw: Finder::none(),
            normalized: Finder::none(),
            special_in_text: true,
            pool: Pool::default(),
        }
    }

    /// Normalizes text before it is split.
    ///
    /// # Errors
    /// As [`Tokenizer::added`].
    pub fn normalizer(mut self, normalizer: Normalizer) -> Result<Self> {
        self.normalizer = Some(normalizer);
        let added = std::mem::take(&mut self.added);
        self.added(added)
    }

    /// Adds tokens that are found before anything else.
    ///
    /// # Errors
    /// [`TextError::Vocab`] if one is empty, if its id belongs to another token, or if its text has
    /// another id.
    pub fn added(mut self, tokens: impl IntoIterator<Item = AddedToken>) -> Result<Self> {
        for token in tokens {
            self.check_added(&token)?;
            self.added.push(token);
        }
        self.raw = Finder::new(&self.added, false, None)?;
        self.normalized = Finder::new(&self.added, true, self.normalizer.as_ref())?;
        Ok(self)
    }

    fn check_added(&self, token: &AddedToken) -> Result<(), TextError> {
        let AddedToken { content, id, .. } = token;
        let fault = |problem: String| Err(TextError::vocab(problem));
        if content.is_empty() {
            return fault(format!("the added token with the id {id} is empty; wanted a text"));
        }
        if let Some(old) = self.id(content).filter(|old| old != id) {
            return fault(format!(
                "the added token {content:?} has the ids {old} and {id}; wanted one id a token"
            ));
        }
        if let Some(old) = self.token(*id).filter(|old| *old != content.as_bytes()) {
            let old = String::from_utf8_lossy(old);
            return fault(format!(
                "{old:?} and the added token {content:?} have the id {id}; wanted one each"
            ));
        }
        Ok(())
    }

    /// What goes around texts.
    ///
    /// # Errors
    /// [`TextError::Id`] if it names an id that no token has.
    pub fn template(mut self, template: Template) -> Result<Self> {
        for (position, id) in template.ids().enumerate() {
            self.known(position, id)?;
        }
        self.template = template;
        Ok(self)
    }

    /// How tokens become text.
    #[must_use]
    pub fn decoder(mut self, decoder: Decoder) -> Self {
        self.decoder = decoder;
        self
    }

    /// How long texts are cut; `None` leaves them.
    #[must_use]
    pub fn truncation(mut self, truncation: impl Into<Option<Truncation>>) -> Self {
        self.truncation = truncation.into();
        self
    }

    /// How short texts are padded; `None` leaves them.
    #[must_use]
    pub fn padding(mut self, padding: impl Into<Option<Padding>>) -> Self {
        self.padding = padding.into();
        self
    }

    /// Whether the offsets of a token leave out the spaces that it begins or ends with.
    #[must_use]
    pub fn trim_offsets(mut self, yes: bool) -> Self {
        self.trim_offsets = yes;
        self
    }

    /// Whether a text that does not begin with a space is treated as if it did.
    #[must_use]
    pub fn prefix_space(mut self, yes: bool) -> Self {
        self.prefix_space = yes;
        self
    }

    /// Whether special tokens are found in texts (they are, if nothing is said). Say no for text from
    /// strangers: then `<|endoftext|>` in it is text like any other.
    #[must_use]
    pub fn special_in_text(mut self, yes: bool) -> Self {
        self.special_in_text = yes;
        self
    }

    /// The model.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// One more than the largest id, added tokens included: the rows of a table of embeddings.
    pub fn vocab_size(&self) -> usize {
        let added = self.added.iter().map(|token| token.id as usize + 1).max().unwrap_or(0);
        self.model.vocab().len().max(added)
    }

    /// The id of a token.
    pub fn id(&self, token: &str) -> Option<u32> {
        let added = self.added.iter().find(|added| added.content == token);
        added.map(|added| added.id).or_else(|| self.model.vocab().id(token))
    }

    /// The bytes of a token.
    pub fn token(&self, id: u32) -> Option<&[u8]> {
        let added = || self.added.iter().find(|added| added.id == id);
        self.model.vocab().token(id).or_else(|| added().map(|added| added.content.as_bytes()))
    }
}
