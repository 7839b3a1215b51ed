//! A file of text.

use std::fs;
use std::path::Path;

use crate::text::{Invalid, TextError, utf8};
use crate::{Error, Result};

/// The text of a file, without a mark of the byte order at its beginning.
///
/// ```no_run
/// use gradus_data::read_text;
/// use gradus_data::text::Invalid;
/// let text = read_text("tiny-shakespeare.txt", Invalid::Refuse)?;
/// # Ok::<(), gradus_data::Error>(())
/// ```
///
/// # Errors
/// [`Error::File`] if it cannot be read; [`Error::Value`] with the first byte at fault if it is not UTF-8 and `invalid`
/// says to refuse that.
pub fn read_text(path: impl AsRef<Path>, invalid: Invalid) -> Result<String> {
    let path = path.as_ref();
    let bytes = fs::read(path).map_err(|source| Error::File { path: path.into(), source })?;
    let text = utf8(&bytes, invalid).map_err(|error| match error {
        TextError::Utf8 { offset } => {
            let got = format!("{}, which is not UTF-8 at byte {offset}", path.display());
            let wanted = "a text in UTF-8: convert it, or read it with Invalid::Replace";
            Error::value("read_text", got, wanted)
        }
        other => other.into(),
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(&text).to_string())
}
