//! Pictures of bytes from a data set in memory, for transforms of bytes.

use super::Image;
use crate::{Dataset, LabelledImages, Result};

/// What [`LabelledImages::pictures`] makes: items are a picture and its class.
#[derive(Debug, Clone)]
pub struct Pictures(LabelledImages);

impl LabelledImages {
    /// The same items as pictures of bytes, for the transforms of [`vision`](crate::vision); white
    /// becomes 255. Images must have 1 to 4 channels.
    ///
    /// ```
    /// use gradus_data::vision::{RandomCrop, on_items};
    /// use gradus_data::{Dataset, Digits};
    /// let digits = Digits::load()?.images().clone().pictures();
    /// let moved = digits.map(42, on_items(RandomCrop::new([8, 8]).padding(1)));
    /// assert_eq!(moved.get(0)?.0.size(), [8, 8].into());
    /// # Ok::<(), gradus_data::Error>(())
    /// ```
    pub fn pictures(self) -> Pictures {
        Pictures(self)
    }
}

impl Pictures {
    /// The images below.
    pub fn images(&self) -> &LabelledImages {
        &self.0
    }
}

impl Dataset for Pictures {
    type Item = (Image, i64);

    fn len(&self) -> usize {
        self.0.len()
    }

    fn get(&self, index: usize) -> Result<(Image, i64)> {
        let (image, label) = self.0.get(index)?;
        Ok((Image::from_tensor(&image)?, label))
    }
}
