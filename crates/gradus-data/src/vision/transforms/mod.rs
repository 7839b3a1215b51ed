//! Transforms of pictures, masks and boxes: one file each. Names, definitions and defaults are those of
//! torchvision (0.29, `torchvision.transforms.v2`) unless the file says otherwise.

mod chance;
mod compose;
mod crop;
mod flip;
mod pad;
mod random_resized_crop;
mod resize;

pub use compose::Compose;
pub use crop::{CenterCrop, Crop, RandomCrop};
pub use flip::{Flip, RandomHorizontalFlip, RandomVerticalFlip};
pub use pad::{Edge, Pad};
pub use random_resized_crop::{RandomResizedCrop, ResizedCrop};
pub use resize::{Resize, Resized};
