//! What transforms change: a picture, and what belongs to its pixels. An item is a part or a tuple of
//! parts, so one random draw changes a picture, its mask and its boxes alike.

use gradus_tensor::{Element, Tensor};

use super::{Boxes, Change, Image, Mask, Size};
use crate::{Error, Result};

/// A part of an item. [`Image`], [`Mask`] and [`Boxes`] are changed; labels, text and tensors stay as
/// they are; of a tuple each part is changed, and those with pixels must agree in their size.
///
/// For a type of your own that has nothing to do with pixels, such as a label, an empty `impl` is
/// enough:
///
/// ```
/// use gradus_data::vision::{Flip, Image, Part};
/// struct Price(f64);
/// impl Part for Price {}
///
/// let item = (Image::new([1, 2], 1, vec![1, 2])?, Price(9.5));
/// let (image, price) = item.change(&Flip::Horizontal)?;
/// assert_eq!((image.pixels(), price.0), (&[2, 1][..], 9.5));
/// # Ok::<(), gradus_data::Error>(())
/// ```
pub trait Part: Sized {
    /// The size of the picture that it is or belongs to; `None` for what has no pixels.
    fn size(&self) -> Option<Size> {
        None
    }

    /// The part after a change.
    ///
    /// # Errors
    /// Those of the change; [`Error::Value`] if the parts of an item differ in size.
    fn change(self, change: &dyn Change) -> Result<Self> {
        let _ = change;
        Ok(self)
    }

    /// About how much memory it takes, for a cache.
    fn bytes(&self) -> usize {
        size_of::<Self>()
    }
}

impl Part for Image {
    fn size(&self) -> Option<Size> {
        Some(Image::size(self))
    }
    fn change(self, change: &dyn Change) -> Result<Self> {
        change.image(self)
    }
    fn bytes(&self) -> usize {
        size_of::<Self>() + self.pixels().len()
    }
}

impl Part for Mask {
    fn size(&self) -> Option<Size> {
        Some(Mask::size(self))
    }
    fn change(self, change: &dyn Change) -> Result<Self> {
        change.mask(self)
    }
    fn bytes(&self) -> usize {
        size_of::<Self>() + self.classes().len()
    }
}

impl Part for Boxes {
    fn size(&self) -> Option<Size> {
        Some(Boxes::size(self))
    }
    fn change(self, change: &dyn Change) -> Result<Self> {
        change.boxes(self)
    }
    fn bytes(&self) -> usize {
        size_of::<Self>() + self.corners().len() * 24
    }
}

macro_rules! labels {
    ($($t:ty),*) => { $( impl Part for $t {} )* };
}
labels!(i64, f32, f64, u8, bool, usize, ());

impl Part for String {
    fn bytes(&self) -> usize {
        size_of::<Self>() + self.len()
    }
}

impl<T: Element> Part for Tensor<T> {
    fn bytes(&self) -> usize {
        size_of::<Self>() + self.len() * size_of::<T>()
    }
}

/// The size that all parts with pixels have.
fn agreed(sizes: &[Option<Size>]) -> Result<()> {
    let mut known = sizes.iter().flatten();
    let first = known.next();
    match known.find(|&size| Some(size) != first) {
        Some(other) => {
            let got = format!("parts of {} and of {other}", first.unwrap_or(other));
            Err(Error::value("transform", got, "a picture, its mask and its boxes of one size"))
        }
        None => Ok(()),
    }
}

macro_rules! tuples {
    ($($name:ident.$i:tt)*) => {
        impl<$($name: Part),*> Part for ($($name,)*) {
            fn size(&self) -> Option<Size> {
                [$(self.$i.size()),*].into_iter().flatten().next()
            }
            fn change(self, change: &dyn Change) -> Result<Self> {
                agreed(&[$(self.$i.size()),*])?;
                Ok(($(self.$i.change(change)?,)*))
            }
            fn bytes(&self) -> usize {
                [$(self.$i.bytes()),*].iter().sum()
            }
        }
    };
}
tuples!(A.0 B.1);
tuples!(A.0 B.1 C.2);
tuples!(A.0 B.1 C.2 D.3);
