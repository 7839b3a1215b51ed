//! The kind of a picture, from its first bytes.

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Png,
    Jpeg,
    Bmp,
    #[cfg(feature = "image")]
    Other(image::ImageFormat),
}

impl Kind {
    /// The kind of a file with this beginning; `None` if it is of no kind that is read.
    pub fn of(start: &[u8]) -> Option<Self> {
        if start.starts_with(b"\x89PNG\r\n\x1a\n") {
            return Some(Self::Png);
        }
        if start.starts_with(&[0xff, 0xd8, 0xff]) {
            return Some(Self::Jpeg);
        }
        // Two letters are little: the length of the second header tells BMP from text.
        if let (b"BM", Some(&[length, 0, 0, 0])) = (start.get(..2)?, start.get(14..18))
            && [12, 40, 52, 56, 64, 108, 124].contains(&length)
        {
            return Some(Self::Bmp);
        }
        Self::other(start)
    }

    #[cfg(not(feature = "image"))]
    fn other(_: &[u8]) -> Option<Self> {
        None
    }

    #[cfg(feature = "image")]
    fn other(start: &[u8]) -> Option<Self> {
        let format = image::guess_format(start).ok()?;
        format.reading_enabled().then_some(Self::Other(format))
    }
}

/// Bytes in hexadecimal, for messages.
pub(super) fn hex(bytes: &[u8]) -> String {
    let bytes: Vec<_> = bytes.iter().map(|b| format!("{b:02x}")).collect();
    bytes.join(" ")
}
