//! Three plays that ship inside the crate: 419,000 characters of Shakespeare.
//!
//! Source: the texts of Project Gutenberg, in the public domain, as the package `shakespeare` distributes them. They
//! begin with the persons, have names shortened in front of what they say, and directions in brackets.

use crate::embedded::unpack;
use crate::{Error, Result};

static FILE: &[u8] = include_bytes!("../data/plays.txt.gz");

/// The embedded plays.
///
/// ```
/// use gradus_data::Plays;
/// let plays = Plays::load()?;
/// assert!(plays.hamlet.contains("To be, or not to be,--that is the question"));
/// assert_eq!(plays.together().len(), 419_125);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plays {
    /// *Hamlet, Prince of Denmark.*
    pub hamlet: String,
    /// *Macbeth.*
    pub macbeth: String,
    /// *Romeo and Juliet.*
    pub romeo_and_juliet: String,
}

impl Plays {
    /// Unpacks the plays, which takes some milliseconds.
    ///
    /// # Errors
    /// [`Error::Value`] if the embedded file was changed to something else.
    pub fn load() -> Result<Self> {
        let text = unpack("Plays::load", FILE, "plays.txt.gz", 1 << 20)?;
        match text.split('\u{c}').collect::<Vec<_>>()[..] {
            [hamlet, macbeth, romeo_and_juliet] => Ok(Self {
                hamlet: hamlet.into(),
                macbeth: macbeth.into(),
                romeo_and_juliet: romeo_and_juliet.into(),
            }),
            ref parts => {
                let got = format!("{} plays", parts.len());
                Err(Error::value("Plays::load", got, "the three of the embedded plays.txt.gz"))
            }
        }
    }

    /// All three, one behind the other.
    pub fn together(&self) -> String {
        [&*self.hamlet, &self.macbeth, &self.romeo_and_juliet].concat()
    }
}
