//! Height and width, in pixels and in this order, as the shape of a tensor has them.

use std::fmt;

use crate::{Error, Result};

/// The size of a picture in pixels; `[height, width].into()` makes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Size {
    /// The number of rows.
    pub height: usize,
    /// The number of columns.
    pub width: usize,
}

/// What a picture in memory may have at most, in bytes: what reading allows at most, four channels of
/// it, is far below. A transform that asks for more has a wrong argument.
const MOST: usize = 1 << 32;

impl Size {
    /// The number of pixels, if it can be counted.
    pub fn area(self) -> Option<usize> {
        self.height.checked_mul(self.width)
    }

    /// The number of pixels.
    ///
    /// # Errors
    /// [`Error::Value`] unless there are pixels and their bytes fit into 4 GiB.
    pub(crate) fn memory(self, op: &'static str, channels: usize) -> Result<usize> {
        let bytes = self.area().and_then(|area| area.checked_mul(channels.max(1)));
        match (bytes, self.area()) {
            (Some(1..=MOST), Some(area)) => Ok(area),
            _ => Err(Error::value(op, format!("{self}"), "at least one pixel and at most 4 GiB")),
        }
    }
}

impl From<[usize; 2]> for Size {
    fn from([height, width]: [usize; 2]) -> Self {
        Self { height, width }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} rows x {} columns", self.height, self.width)
    }
}
