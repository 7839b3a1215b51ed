//! Pictures: files to bytes, transforms of bytes, batches for a network.

mod convert;
mod decode;
mod encode;
mod error;
mod image;
mod resize;
mod size;

pub use decode::{ImageReader, open_image, read_image};
pub use encode::{save_png, write_png};
pub use error::ImageProblem;
pub use image::Image;
pub use resize::Filter;
pub use size::Size;
