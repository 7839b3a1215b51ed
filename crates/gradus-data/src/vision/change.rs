//! The two steps of a random transform: a draw gives a [`Change`], a plain value, and the change is
//! applied to each part of an item. Chance is in the draw alone.

use std::fmt::Debug;

use gradus_tensor::{Rng, Tensor};

use super::{Boxes, Image, Mask, Part, Size};
use crate::transforms::Transform;
use crate::{Error, Result};

/// A change without chance: "turn by 7°", "crop rows 3 to 20". A change of colours needs
/// [`image`](Self::image) only. **A change that moves pixels must write all four.**
pub trait Change: Debug + Send + Sync {
    /// The size of what becomes of a picture of size `before`.
    fn size(&self, before: Size) -> Size {
        before
    }

    /// The changed picture.
    ///
    /// # Errors
    /// If the picture does not have what the change needs.
    fn image(&self, image: Image) -> Result<Image>;

    /// The changed mask.
    ///
    /// # Errors
    /// As [`image`](Self::image).
    fn mask(&self, mask: Mask) -> Result<Mask> {
        Ok(mask)
    }

    /// The changed boxes.
    ///
    /// # Errors
    /// As [`image`](Self::image).
    fn boxes(&self, boxes: Boxes) -> Result<Boxes> {
        Ok(boxes)
    }
}

/// Something to do to items, by chance or not. Every [`Change`] that can be cloned is one, without
/// chance.
///
/// ```
/// use gradus_data::vision::{Augment, Image, RandomCrop};
/// use gradus_tensor::Rng;
/// let crop = RandomCrop::new([2, 2]);
/// let image = Image::filled([4, 4], &[7])?;
/// // First the draw, then the change; `apply` does both.
/// let drawn = crop.draw(image.size(), &mut Rng::new(5))?;
/// assert_eq!(drawn, crop.draw(image.size(), &mut Rng::new(5))?);
/// assert_eq!(crop.apply(image, &mut Rng::new(5))?.size(), [2, 2].into());
/// # Ok::<(), gradus_data::Error>(())
/// ```
pub trait Augment: Send + Sync {
    /// What a draw gives.
    type Change: Change;

    /// Draws a change for a picture of this size. All chance comes from `rng`.
    ///
    /// # Errors
    /// [`Error::Value`] if nothing can be done to a picture of this size.
    fn draw(&self, size: Size, rng: &mut Rng) -> Result<Self::Change>;

    /// The item after a change that is drawn now.
    ///
    /// # Errors
    /// [`Error::Value`] if the item has no picture; those of the draw and of the change.
    fn apply<P: Part>(&self, item: P, rng: &mut Rng) -> Result<P>
    where
        Self: Sized,
    {
        let nothing = || Error::value("transform", "an item without a picture", "one with pixels");
        let size = item.size().ok_or_else(nothing)?;
        item.change(&self.draw(size, rng)?)
    }
}

impl<C: Change + Clone> Augment for C {
    type Change = C;
    fn draw(&self, _size: Size, _rng: &mut Rng) -> Result<C> {
        Ok(self.clone())
    }
}

/// A change that may not take place, and several, one after the other.
macro_rules! some {
    ($($several:ident),*) => { $(
        impl<C: Change> Change for $several<C> {
            fn size(&self, before: Size) -> Size {
                self.iter().fold(before, |size, change| change.size(size))
            }
            fn image(&self, image: Image) -> Result<Image> {
                self.iter().try_fold(image, |image, change| change.image(image))
            }
            fn mask(&self, mask: Mask) -> Result<Mask> {
                self.iter().try_fold(mask, |mask, change| change.mask(mask))
            }
            fn boxes(&self, boxes: Boxes) -> Result<Boxes> {
                self.iter().try_fold(boxes, |boxes, change| change.boxes(boxes))
            }
        }
    )* };
}
some!(Option, Vec);

/// A change behind a pointer.
impl<C: Change + ?Sized> Change for Box<C> {
    fn size(&self, before: Size) -> Size {
        (**self).size(before)
    }
    fn image(&self, image: Image) -> Result<Image> {
        (**self).image(image)
    }
    fn mask(&self, mask: Mask) -> Result<Mask> {
        (**self).mask(mask)
    }
    fn boxes(&self, boxes: Boxes) -> Result<Boxes> {
        (**self).boxes(boxes)
    }
}

/// A transform of items, as [`Dataset::map`](crate::Dataset::map) takes it.
///
/// ```
/// use gradus_data::vision::{Compose, Image, RandomHorizontalFlip, Resize, on_items};
/// use gradus_data::{DataLoader, Dataset, Result};
/// # struct Cats;
/// # impl Dataset for Cats {
/// #     type Item = (Image, i64);
/// #     fn len(&self) -> usize { 8 }
/// #     fn get(&self, _: usize) -> Result<(Image, i64)> { Ok((Image::filled([9, 12], &[5, 6, 7])?, 1)) }
/// # }
/// let augment = Compose::new().then(Resize::exact([8, 8])).then(RandomHorizontalFlip::new(0.5)?);
/// let loader = DataLoader::new(Cats.map(42, on_items(augment))).batch_size(4).workers(1);
/// for batch in loader.iter() {
///     let (images, labels) = batch?;
///     assert_eq!((images.shape(), labels.len()), (&[4, 3, 8, 8][..], 4));
/// }
/// # Ok::<(), gradus_data::Error>(())
/// ```
pub fn on_items<P: Part>(augment: impl Augment) -> impl Fn(P, &mut Rng) -> Result<P> + Send + Sync {
    move |item, rng| augment.apply(item, rng)
}

/// A transform of (picture, label) pairs that ends with a tensor: first bytes are changed, then the
/// picture becomes `[C, H, W]` from 0 to 1, then that is changed, for example by
/// [`Normalize`](crate::transforms::Normalize).
///
/// ```
/// use gradus_data::transforms::Normalize;
/// use gradus_data::vision::{Image, Resize, to_tensors};
/// use gradus_tensor::Rng;
/// let prepare = to_tensors(Resize::exact([2, 2]), Normalize::new([0.5; 3], [0.5; 3])?);
/// let (x, label) = prepare((Image::filled([4, 4], &[255; 3])?, 7_i64), &mut Rng::new(0))?;
/// assert_eq!((x.shape(), x.max()?.item()?, label), (&[3, 2, 2][..], 1.0, 7));
/// # Ok::<(), gradus_data::Error>(())
/// ```
pub fn to_tensors<L: Part>(
    augment: impl Augment,
    then: impl Transform,
) -> impl Fn((Image, L), &mut Rng) -> Result<(Tensor, L)> + Send + Sync {
    move |item, rng| {
        let (image, label) = augment.apply(item, rng)?;
        Ok((then.apply(&image.to_tensor(), rng)?, label))
    }
}
