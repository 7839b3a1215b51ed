//! Known networks, each written out in a file to be read: step 7 of Gradus.
//!
//! ```
//! use gradus_autograd::Var;
//! use gradus_models::ResNet;
//! use gradus_nn::{Context, Layer, Summary};
//! use gradus_serialize::{load, state_dict};
//! use gradus_tensor::{Rng, Tensor};
//!
//! let mut rng = Rng::new(0);
//! let settings = ResNet::new(18, 10).small_images(true).width(8);
//! let mut net: ResNet = settings.init(&mut rng)?;
//! println!("{}", Summary::of(&net, &[1, 3, 32, 32])?);
//!
//! // Weights go by name. With `safetensors::read("resnet18.safetensors")?.tensors`, those of torchvision.
//! let trained: ResNet = settings.init(&mut rng)?;
//! load(&mut net, &state_dict(&trained)?)?;
//!
//! let images = Var::from(Tensor::zeros([2, 3, 32, 32]));
//! assert_eq!(net.forward(&images, &mut Context::eval())?.shape(), [2, 10]);
//! assert_eq!(net.features(&images, &mut Context::eval())?.shape(), [2, 64]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | model | for | names of |
//! |---|---|---|
//! | [`LeNet`] | digits | PyTorch's tutorial |
//! | [`ResNet`] | images | torchvision |
//! | [`MobileNetV2`] | images on small machines | torchvision |
//! | [`EfficientNet`] | images, more for the same work | torchvision |
//! | [`VisionTransformer`] | images, as words | torchvision |
//! | [`UNet`] | each pixel of an image | its own |
//! | [`KeywordCnn`] | spoken words | its own |
//! | [`BiLstmCtc`], [`Crnn`] | speech, as letters | their own |
//! | [`Conformer`] | speech, as letters | torchaudio's layers |
//! | [`Whisper`] | speech, as text | transformers |
//! | [`SileroVad`] | sound: does somebody speak? | Silero |
//! | [`mlp`] | vectors | PyTorch's `nn.Sequential` |
//! | [`Gpt`] | text that goes on | transformers |
//! | [`Bert`] | vectors of words and sentences | transformers |
//! | [`Transformer`] | translations | PyTorch's `nn.Transformer` |
//! | [`BagOfEmbeddings`], [`TextCnn`], [`BiLstmAttention`], each a [`TextClassifier`] | classes of texts | their own |
//!
//! [`generate`] writes with them: sampling, a stream of tokens, beam search.
//! [`decode`] makes texts of what a recogniser of speech says: beam search, language models, alignment.
//!
//! * A model is a struct of layers, all of them public: take it apart, or copy its file and change it.
//! * Settings come first, then parameters: `LeNet::new(10).init(&mut rng)?`.
//! * **Names and shapes of parameters are those of the table**, so that trained weights load by name through
//!   `gradus_serialize`; the README says what was compared with what.
//! * `features` gives what the last layer reads, for another head on a trained body.
//! * Errors name the model, what it got and what it wanted.

#![forbid(unsafe_code)]

pub mod generate;

mod bert;
mod common;
pub mod decode;
mod efficientnet;
mod filtered;
mod gpt;
mod keyword_cnn;
mod lenet;
mod mlp;
mod mobilenet_v2;
mod resnet;
mod silero;
mod speech;
mod stochastic_depth;
mod text;
mod transformer;
mod unet;
mod vit;
mod whisper;

pub use bert::*;
pub use efficientnet::*;
pub use gpt::*;
pub use keyword_cnn::*;
pub use lenet::*;
pub use mlp::*;
pub use mobilenet_v2::*;
pub use resnet::*;
pub use silero::*;
pub use speech::*;
pub use text::*;
pub use transformer::*;
pub use unet::*;
pub use vit::*;
pub use whisper::*;

/// The example of the README is compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
