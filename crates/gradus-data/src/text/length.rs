//! One length for many texts: truncation of the long and padding of the short.
//!
//! Of a pair, [`Cut::LongestFirst`] shortens the longer text until both fit or are of equal length; then
//! the room is halved, and an odd token goes to the longer. These are the rules of the library
//! `tokenizers`.

use super::TextError;
use super::encoding::{Encoding, Token};

/// Which text of a pair is shortened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Cut {
    /// The longer one, then both.
    #[default]
    LongestFirst,
    /// The first one.
    OnlyFirst,
    /// The second one.
    OnlySecond,
}

/// A side of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Side {
    /// The beginning.
    Left,
    /// The end.
    #[default]
    Right,
}

/// How texts are shortened.
///
/// ```
/// use gradus_data::text::{BpeTrainer, Truncation};
/// let tokenizer = BpeTrainer::new(256).train([""])?.truncation(Truncation::new(3));
/// assert_eq!(tokenizer.decode(&tokenizer.encode("tokens")?.ids)?, "tok");
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Truncation {
    /// The most tokens of an encoding, added ones included.
    pub max_length: usize,
    /// Which text of a pair is shortened.
    pub cut: Cut,
    /// The side at which tokens are dropped.
    pub side: Side,
}

impl Truncation {
    /// At most `max_length` tokens; of a pair the longer is cut first, at its end.
    pub fn new(max_length: usize) -> Self {
        Self { max_length, cut: Cut::default(), side: Side::default() }
    }

    /// Shortens one text or two so that `added` more tokens fit.
    pub(crate) fn apply(
        &self,
        a: &mut Vec<Token>,
        b: Option<&mut Vec<Token>>,
        added: usize,
    ) -> Result<(), TextError> {
        let fault = |problem: String| Err(TextError::Truncation { problem });
        let Some(room) = self.max_length.checked_sub(added) else {
            return fault(format!(
                "at most {} tokens, but {added} go around the text; wanted {added} or more",
                self.max_length
            ));
        };
        let (n, m) = (a.len(), b.as_ref().map_or(0, |b| b.len()));
        let Some(excess) = (n + m).checked_sub(room).filter(|&excess| excess > 0) else {
            return Ok(());
        };
        let kept = match (self.cut, b.is_some()) {
            (Cut::OnlySecond, false) => {
                return fault(
                    "the second text is to be cut, but there is one text; use \
                              `LongestFirst` or `OnlyFirst`"
                        .into(),
                );
            }
            (Cut::OnlyFirst, _) if n > excess => (n - excess, m),
            (Cut::OnlySecond, true) if m > excess => (n, m - excess),
            (Cut::LongestFirst, _) => shares(n, m, room),
            (Cut::OnlyFirst, _) | (Cut::OnlySecond, true) => {
                return fault(format!(
                    "texts of {n} and {m} tokens do not fit into {room} by cutting one of them \
                     alone; use `LongestFirst` or a larger length"
                ));
            }
        };
        self.keep(a, kept.0);
        if let Some(b) = b {
            self.keep(b, kept.1);
        }
        Ok(())
    }

    fn keep(&self, tokens: &mut Vec<Token>, count: usize) {
        match self.side {
            Side::Right => tokens.truncate(count),
            Side::Left => {
                tokens.drain(..tokens.len().saturating_sub(count));
            }
        }
    }
}

/// The lengths of two texts that share `room`, if they are longer together.
fn shares(n: usize, m: usize, room: usize) -> (usize, usize) {
    let (short, long) = (n.min(m), n.max(m));
    let (short, long) = match short <= room - short.min(room) {
        true => (short, long.min(room - short)),
        false => (room / 2, room - room / 2),
    };
    if n <= m { (short, long) } else { (long, short) }
}

/// How far texts are padded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Target {
    /// To the longest of the batch.
    Longest,
    /// To this many tokens.
    Fixed(usize),
}

/// How texts are padded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Padding {
    /// The length that is reached.
    pub target: Target,
    /// The length is rounded up to a multiple of this.
    pub multiple_of: Option<usize>,
    /// Where padding goes.
    pub side: Side,
    /// Its id.
    pub id: u32,
    /// Its type.
    pub type_id: u32,
    /// Its token.
    pub token: String,
}

impl Padding {
    /// Padding at the end, to the longest of the batch.
    pub fn longest(token: impl Into<String>, id: u32) -> Self {
        Self {
            target: Target::Longest,
            multiple_of: None,
            side: Side::Right,
            id,
            type_id: 0,
            token: token.into(),
        }
    }

    /// Brings all to one length; those that are longer than a fixed one stay.
    pub(crate) fn apply(&self, batch: &mut [Encoding]) -> Result<(), TextError> {
        let longest = batch.iter().map(Encoding::len).max().unwrap_or(0);
        let mut len = match self.target {
            Target::Longest => longest,
            Target::Fixed(len) => len,
        };
        if let Some(multiple) = self.multiple_of.filter(|&multiple| multiple > 0) {
            len = len.div_ceil(multiple).saturating_mul(multiple);
        }
        if len > Self::MAX && len > longest {
            return Err(TextError::TooLong { len, max: Self::MAX });
        }
        for encoding in batch {
            let count = len.saturating_sub(encoding.len());
            encoding.pad(count, self.id, self.type_id, self.side == Side::Left);
        }
        Ok(())
    }

    /// What a file may ask for.
    const MAX: usize = 1 << 24;
}

#[cfg(test)]
mod tests {
    use super::shares;

    #[test]
    fn the_longer_text_is_cut_first() {
        // n, m, room; then what is kept.
        for (n, m, room, wanted) in [
            (2, 8, 7, (2, 5)),
            (8, 2, 7, (5, 2)),
            (4, 4, 7, (3, 4)),
            (8, 4, 7, (4, 3)),
            (4, 8, 7, (3, 4)),
            (9, 9, 0, (0, 0)),
            (9, 0, 4, (4, 0)),
            (5, 9, 4, (2, 2)),
        ] {
            assert_eq!(shares(n, m, room), wanted, "{n} {m} {room}");
        }
    }
}
