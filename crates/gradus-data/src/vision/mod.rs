//! Pictures: files to bytes, transforms of bytes, batches for a network.
//!
//! | step | here |
//! |---|---|
//! | a file | [`open_image`], [`read_image`], [`ImageReader`] with limits: PNG, JPEG, BMP, and what the crate `image` reads (feature `image`); [`save_png`], [`write_png`] |
//! | a picture in memory | [`Image`]: height, width, channels, bytes; [`Mask`] and [`Boxes`] belong to one |
//! | data sets | [`ImageFolder`]: one folder a class; [`Cifar`]; [`Pictures`] of a [`LabelledImages`](crate::LabelledImages); [`Cached`] in memory, [`Packed`] in a file |
//! | sizes and places | [`Resize`], [`CenterCrop`], [`RandomCrop`], [`RandomResizedCrop`], [`Pad`], [`RandomHorizontalFlip`], [`RandomVerticalFlip`], [`RandomRotation`], [`RandomAffine`], [`RandomPerspective`] |
//! | colours | [`Adjust`], [`ColorJitter`], [`RandomGrayscale`], [`GaussianBlur`] |
//! | policies | [`Compose`], [`RandomApply`], [`RandAugment`], [`TrivialAugmentWide`] |
//! | tensors and batches | [`Image::to_tensor`], [`to_tensors`], [`Normalize`](crate::transforms::Normalize), [`RandomErasing`], [`MixUp`], [`CutMix`] |
//!
//! ```no_run
//! use gradus_data::transforms::Normalize;
//! use gradus_data::vision::{
//!     Compose, ImageFolder, RandAugment, RandomHorizontalFlip, RandomResizedCrop, to_tensors,
//! };
//! use gradus_data::{DataLoader, Dataset};
//!
//! let augment = Compose::new()
//!     .then(RandomResizedCrop::new([224, 224]))
//!     .then(RandomHorizontalFlip::new(0.5)?)
//!     .then(RandAugment::new());
//! let normalize = Normalize::new([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])?;
//! let train = ImageFolder::open("pets/train")?.map(42, to_tensors(augment, normalize));
//! let loader = DataLoader::new(train).batch_size(64).shuffle(42).workers(2);
//! # Ok::<(), gradus_data::Error>(())
//! ```
//!
//! A random transform first draws a [`Change`], a plain value such as "turn by 7°", which is then
//! applied to each [`Part`] of an item: the picture of `(Image, i64)`, or the picture, the mask and the
//! boxes of `(Image, Mask, Boxes)` alike. As everywhere in this crate a seed determines all of it, for
//! any number of workers.

mod boxes;
mod cached;
mod change;
mod cifar;
mod convert;
mod decode;
mod encode;
mod error;
mod folder;
mod image;
mod labelled;
mod mask;
mod packed;
mod part;
mod resize;
mod size;
mod transforms;
mod warp;

pub use boxes::Boxes;
pub use cached::Cached;
pub use change::{Augment, Change, on_items, to_tensors};
pub use cifar::Cifar;
pub use decode::{ImageReader, open_image, read_image};
pub use encode::{save_png, write_png};
pub use error::ImageProblem;
pub use folder::{FolderOptions, ImageFolder};
pub use image::Image;
pub use labelled::Pictures;
pub use mask::Mask;
pub use packed::Packed;
pub use part::Part;
pub use resize::Filter;
pub use size::Size;
pub use transforms::*;
