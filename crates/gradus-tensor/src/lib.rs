//! Shared, copy-on-write n-dimensional arrays on pooled memory, with kernels that use every vector
//! lane and every core of an ordinary computer. The ground floor of
//! Gradus, and useful alone.
//!
//! # A short tour
//!
//! ```
//! use gradus_tensor::{Rng, Tensor};
//!
//! // A tensor has a type of element (f32 unless said otherwise) and a shape, which is known when
//! // the program runs.
//! let x = Tensor::from_vec(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [2, 3])?;
//! assert_eq!((x.shape(), x.rank(), x.len()), (&[2, 3][..], 2, 6));
//!
//! // Views share its memory. A tensor that is written to parts from the others first.
//! let columns = x.transpose(0, 1)?;
//! let mut tail = x.slice(1, 1..)?;
//! tail.as_mut_slice().fill(0.0);
//! assert_eq!(columns.to_vec(), [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
//!
//! // Shapes broadcast. What can fail gives a Result; operators panic with the same text instead.
//! let row = Tensor::vector([10.0, 20.0, 30.0]);
//! assert_eq!((&x + &row).to_vec(), [11.0, 22.0, 33.0, 14.0, 25.0, 36.0]);
//! let error = x.add(&columns).unwrap_err().to_string();
//! assert!(error.starts_with("add: shapes [2, 3] and [3, 2] do not broadcast: axis -1"));
//!
//! // Axes are numbered from 0, or from the end with -1. A reduction keeps them if told to.
//! assert_eq!(x.sum_axes(&[-1], false)?.to_vec(), [6.0, 15.0]);
//! assert_eq!(x.mean_axes(&[0], true)?.shape(), [1, 3]);
//! assert_eq!(x.matmul(&columns)?.to_vec(), [14.0, 32.0, 32.0, 77.0]);
//!
//! // Elements are chosen by whole numbers, by truth values, or by their size.
//! let last = x.select(1, &Tensor::vector([2]))?;
//! assert_eq!(last.to_vec(), [3.0, 6.0]);
//! let large = x.greater(&Tensor::scalar(3.5))?;
//! assert_eq!(large.choose(&x, &Tensor::scalar(0.0))?.to_vec(), [0.0, 0.0, 0.0, 4.0, 5.0, 6.0]);
//! assert_eq!(x.topk(2, -1)?.1.to_vec(), [2, 1, 2, 1]);
//!
//! // A seed determines every random number, on any machine and any number of threads.
//! let weights = Tensor::<f32>::normal([3, 4], 0.0, 0.02, &mut Rng::new(7))?;
//! assert_eq!(weights, Tensor::normal([3, 4], 0.0, 0.02, &mut Rng::new(7))?);
//!
//! // ndarray is one step away in either direction.
//! let array = weights.view().mapv(|w| w * w);
//! assert_eq!(Tensor::from(array), weights.mul(&weights)?);
//! # Ok::<(), gradus_tensor::Error>(())
//! ```
//!
//! # Where to find what
//!
//! * making tensors: [`Tensor::from_vec`], [`zeros`](Tensor::zeros), [`full`](Tensor::full),
//!   [`arange`](Tensor::arange), [`linspace`](Tensor::linspace), [`eye`](Tensor::eye);
//!   [`uniform`](Tensor::uniform), [`normal`](Tensor::normal), [`bernoulli`](Tensor::bernoulli) and
//!   any other distribution through [`random`](Tensor::random);
//! * views, which never copy: [`slice`](Tensor::slice), [`index`](Tensor::index),
//!   [`permute`](Tensor::permute), [`expand`](Tensor::expand), [`flip`](Tensor::flip),
//!   [`split`](Tensor::split), and [`reshape`](Tensor::reshape) wherever strides can say it;
//! * element by element: [`add`](Tensor::add) and the like, [`exp`](Tensor::exp) and the like,
//!   [`less`](Tensor::less) and the like, [`cast`](Tensor::cast), or any function of yours through
//!   [`map`](Tensor::map) and [`zip`](Tensor::zip);
//! * along axes: [`sum_axes`](Tensor::sum_axes), [`var_axes`](Tensor::var_axes),
//!   [`max_axes`](Tensor::max_axes), [`argmax`](Tensor::argmax), [`softmax`](Tensor::softmax),
//!   [`logsumexp`](Tensor::logsumexp), [`cumsum`](Tensor::cumsum), [`sort`](Tensor::sort),
//!   [`topk`](Tensor::topk), or any function of a lane through [`map_lanes`](Tensor::map_lanes);
//! * by index: [`select`](Tensor::select), [`gather`](Tensor::gather),
//!   [`index_add`](Tensor::index_add), [`scatter_add`](Tensor::scatter_add),
//!   [`one_hot`](Tensor::one_hot);
//! * put together: [`concat`](Tensor::concat), [`stack`](Tensor::stack), [`pad`](Tensor::pad);
//! * products: [`matmul`](Tensor::matmul), [`linear`](Tensor::linear), [`conv2d`]; pools of
//!   pixels: [`max_pool2d`], [`avg_pool2d`].
//!
//! # What holds everywhere
//!
//! * **Any layout goes.** Transposed, sliced, flipped, repeated, empty or of rank 0: every
//!   operation takes every tensor, and results keep the order in memory of what they came from, so
//!   that channels-last images stay channels-last.
//! * **The same bits on any number of threads.** Work is cut by its size, never by the number of
//!   [`threads`].
//! * **A result is an error exactly where it is undefined**, and the [`Error`] names the operation,
//!   what it got and what would have fitted.
//! * **Memory is used again.** Freed blocks go back to a [`memory`] pool, so a loop that does the
//!   same work in every turn asks the system for nothing after its first.
//! * **The widest vectors of the machine are used**, chosen when the program runs ([`simd`]); a
//!   default build is a fast build.

pub mod concrete;
pub mod functions;
#[allow(unsafe_code, reason = "it owns raw memory")]
pub mod memory;
pub mod settings;
pub mod simd;
pub mod sums;
#[allow(unsafe_code, reason = "pieces of one slice go to several threads")]
pub mod threads;

mod activation;
mod any_tensor;
#[allow(unsafe_code, reason = "heads are written side by side, tiles take pointers")]
mod attention;
mod axes;
#[allow(unsafe_code, reason = "a tensor is seen as the bits of its elements")]
mod bits;
#[allow(unsafe_code, reason = "a slice of f32 is seen as what it is")]
mod cast;
mod conv;
mod create;
mod display;
mod dtype;
mod element;
mod elementwise;
mod error;
mod half;
mod index;
mod join;
mod layout;
#[allow(unsafe_code, reason = "kernels read and write by pointer")]
mod linalg;
mod masks;
mod norm;
mod pool2d;
mod random;
mod random_mask;
#[allow(unsafe_code, reason = "threads write side by side, tiles take pointers")]
mod recurrent;
mod reduce;
mod shape;
mod sort;
#[allow(unsafe_code, reason = "a view of ndarray is made from a pointer and strides")]
mod tensor;

pub use activation::{Activation, PerActivation};
pub use any_tensor::AnyTensor;
pub use attention::{
    AttentionMask, AttentionPass, attention, attention_grad, self_attention, self_attention_grad,
};
pub use axes::{Axes, Padding};
pub use conv::{Conv2dSpec, ConvSpec, conv2d, conv2d_input_grad, conv2d_weight_grad, conv2d_with};
pub use dtype::Dtype;
pub use element::{Element, Float, Number};
pub use elementwise::{Cast, Wide};
pub use error::{Error, Result};
/// Implements [`trait@Settings`] for a struct; see [`settings`].
pub use gradus_derive::Settings;
pub use half::{BF16, F16};
pub use layout::MAX_RANK;
pub use linalg::{linear_gelu_grad, linear_grad};
pub use norm::{NormGrads, batch_norm_grad, channel_norm, layer_norm, layer_norm_grad};
pub use pool2d::{
    Pool2dSpec, PoolSpec, avg_pool2d, avg_pool2d_grad, max_pool2d, max_pool2d_gather,
    max_pool2d_grad,
};
pub use random::{Rng, RngState};
pub use recurrent::{GruPass, LstmPass, gru, gru_grad, lstm, lstm_grad};
pub use settings::Settings;
pub use tensor::Tensor;

// The versions of the packages that this crate's types and distributions come from.
pub use ndarray;
pub use ndarray_rand::rand_distr;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
