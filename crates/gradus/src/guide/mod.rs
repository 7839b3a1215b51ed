//! The guide: from a first tensor to a network of your own, in five short chapters.
//!
//! 1. [`tensors`]: arrays, views, broadcasting.
//! 2. [`gradients`]: variables and derivatives.
//! 3. [`networks`]: layers, modules, a loop by hand.
//! 4. [`training`]: the trainer, checkpoints, resume.
//! 5. [`speed`]: where time and memory go.

pub mod gradients;
pub mod networks;
pub mod speed;
pub mod tensors;
pub mod training;
