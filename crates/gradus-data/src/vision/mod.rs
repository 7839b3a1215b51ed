//! Pictures: files to bytes, transforms of bytes, batches for a network.

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
mod part;
mod resize;
mod size;
mod transforms;

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
pub use part::Part;
pub use resize::Filter;
pub use size::Size;
pub use transforms::*;
