//! From the frames of a recogniser to words: what comes after a network that was trained with the loss of
//! connectionist temporal classification (CTC).
//!
//! The network gives for each frame the logarithms of the probabilities of its classes, `[frames, classes]`; class
//! 0 is the blank. Here are
//!
//! | step | |
//! |---|---|
//! | characters as classes and back | [`Alphabet`] |
//! | the best class of each frame | [`greedy`] |
//! | the best text over all paths, with a language model or without | [`BeamSearch`], [`Prior`] |
//! | how likely a text is by itself | [`NGram`], [`CharacterPrior`], [`WordPrior`] |
//! | when a known text was said | [`align`], [`timed_words`] |
//!
//! ```
//! use gradus_models::decode::{Alphabet, BeamSearch, greedy};
//! use gradus_tensor::Tensor;
//!
//! let alphabet = Alphabet::new("ab")?;
//! // Two frames; the blank is the likeliest in each, but "a" has more paths: "a-", "-a" and "aa".
//! let p = Tensor::<f32>::from_vec(vec![0.6, 0.4, 1e-9, 0.6, 0.4, 1e-9], [2, 3])?.ln();
//! assert_eq!(alphabet.text(&greedy(&p, 0)?.labels), "");
//! let best = &BeamSearch::new().decode(&p, &())?[0];
//! assert_eq!(alphabet.text(&best.labels), "a");
//! assert!((best.log_probability.exp() - 0.64).abs() < 1e-6);
//! # Ok::<(), gradus_nn::Error>(())
//! ```

mod align;
mod alphabet;
mod arpa;
mod beam;
mod frames;
mod greedy;
mod kneser_ney;
mod ngram;
mod prior;

pub use align::*;
pub use alphabet::*;
pub use beam::*;
pub use greedy::*;
pub use ngram::*;
pub use prior::*;
