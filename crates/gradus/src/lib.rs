//! Deep learning from the mathematics up.
//!
//! *Gradus* is Latin for a step: the step down the gradient, and the steps of a staircase. Each
//! crate stands on the ones below it, and this one, the top step, opens them all:
//!
//! | module | what it knows |
//! |---|---|
//! | [`train`] | trainer, metrics, progress, plots, run folders |
//! | [`models`] | known networks, with the names of torchvision and Hugging Face |
//! | [`serialize`] | checkpoints, safetensors |
//! | [`data`] | data sets, transforms, samplers, loaders |
//! | [`optim`] | update rules, schedules, clipping |
//! | [`nn`] | layers, losses, initialisation |
//! | [`autograd`] | variables, operations and their derivatives |
//! | [`tensor`] | arrays, kernels, threads, random numbers |
//!
//! Start with the [`guide`]. Most programs need the [`prelude`] alone:
//!
//! ```
#![doc = include_str!("../examples/quickstart.rs")]
//! ```
#![forbid(unsafe_code)]

pub mod guide;

pub use gradus_autograd as autograd;
pub use gradus_data as data;
pub use gradus_models as models;
pub use gradus_serialize as serialize;
pub use gradus_tensor as tensor;
pub use gradus_train as train;

/// Layers, losses and initialisation: [`gradus_nn`], with the derive macro's paths set to this
/// crate.
pub mod nn {
    pub use gradus_derive::{FacadeModule as Module, FacadeSettings as Settings};
    pub use gradus_nn::*;
}

/// Rules and schedules: [`gradus_optim`], with the derive macro's paths set to this crate.
///
/// ```
/// use gradus::optim::{Schedule, Settings, schedule};
///
/// /// Falls as one over the step.
/// #[derive(Settings)]
/// struct Harmonic {
///     /// How many steps it takes to fall to a half.
///     #[above(0)]
///     half: f64,
/// }
/// schedule!(Harmonic, |self, step| 1.0 / (1.0 + step as f64 / self.half));
///
/// assert_eq!(Harmonic::new(10.0).factor(10), 0.5);
/// ```
pub mod optim {
    pub use gradus_derive::FacadeSettings as Settings;
    pub use gradus_optim::*;
}

pub use gradus_train::{Error, Result};

/// What most programs use: `use gradus::prelude::*;`.
///
/// Its `Result` is that of layers, for `forward`; a program's `main` returns [`gradus::Result`](Result),
/// into which the errors of every crate convert.
pub mod prelude {
    pub use crate::autograd::{Gradients, Param, Var, checked, grad, no_grad};
    pub use crate::data::{DataLoader, Dataset, Digits, Mnist};
    pub use crate::nn::{
        AvgPool2d, BatchNorm1d, BatchNorm2d, Context, Conv2d, Dropout, Embedding, Flatten, Gelu,
        GlobalAvgPool2d, Gru, Init, Layer, LayerNorm, Linear, Lstm, MaxPool2d, Module, ModuleExt,
        Relu, Result, Sequential, Summary, bce_with_logits, cross_entropy, mse_loss,
    };
    pub use crate::optim::{Adam, AdamW, Sgd};
    pub use crate::serialize::Checkpoint;
    pub use crate::tensor::{Activation, Float, Rng, Tensor};
    pub use crate::train::{Step, Trainer};
}

/// What runs on this machine: the widest vector instructions found, the threads, and the memory
/// pool.
///
/// ```
/// println!("{}", gradus::runtime_info());
/// ```
pub fn runtime_info() -> String {
    let memory = tensor::memory::stats();
    format!(
        "gradus {}: vectors {}, {} threads, {} MiB in tensors, {} MiB kept for reuse",
        env!("CARGO_PKG_VERSION"),
        tensor::simd::level(),
        tensor::threads::count(),
        memory.live >> 20,
        memory.cached >> 20,
    )
}
