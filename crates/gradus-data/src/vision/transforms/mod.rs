//! Transforms of pictures, masks and boxes: one file each. Names, definitions and defaults are those of
//! torchvision (0.29, `torchvision.transforms.v2`) unless the file says otherwise. Random draws have the
//! same distributions, not the same numbers.

mod adjust;
mod affine;
mod chance;
mod color_jitter;
mod compose;
mod crop;
mod flip;
mod gaussian_blur;
mod mix;
mod pad;
mod perspective;
mod policy;
mod rand_augment;
mod random_affine;
mod random_apply;
mod random_erasing;
mod random_resized_crop;
mod resize;
mod trivial_augment;

pub use adjust::Adjust;
pub use affine::Affine;
pub use color_jitter::ColorJitter;
pub use compose::Compose;
pub use crop::{CenterCrop, Crop, RandomCrop};
pub use flip::{Flip, RandomHorizontalFlip, RandomVerticalFlip};
pub use gaussian_blur::{Blur, GaussianBlur};
pub use mix::{CutMix, MixUp};
pub use pad::{Edge, Pad};
pub use perspective::{Perspective, RandomPerspective};
pub use policy::PolicyChange;
pub use rand_augment::RandAugment;
pub use random_affine::{RandomAffine, RandomRotation};
pub use random_apply::{RandomApply, RandomGrayscale};
pub use random_erasing::RandomErasing;
pub use random_resized_crop::{RandomResizedCrop, ResizedCrop};
pub use resize::{Resize, Resized};
pub use trivial_augment::TrivialAugmentWide;
