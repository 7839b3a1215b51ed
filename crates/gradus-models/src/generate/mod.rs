//! Writing: from a model that says how likely each token is to come next, to a text.
//!
//! ```text
//!  tokens so far ─ model ─ logits ─ repetition ─ temperature ─ top-k ─ top-p ─ min-p ─ draw ─ token ┐
//!        ▲                                                                                          │
//!        └──────────────────────────────────────────────────────────────────────────────────────────┘
//! ```
//!
//! | part | what it does |
//! |---|---|
//! | [`Candidates`] | the tokens that may come next, the likeliest first; every filter keeps a beginning of the list |
//! | [`Sampling`] | the settings of the filters, and the draw |
//! | [`Writer`] | draws one token after the other: an iterator |
//! | [`TextStream`] | makes text of the tokens as they come, and stops at a stop string |
//! | [`BeamSearch`] | looks for the likeliest sequence instead of drawing one |
//!
//! The model is a closure here, from the tokens so far to logits, so that all of this serves a [`Gpt`](crate::Gpt)
//! ([`Gpt::write`](crate::Gpt::write)), a decoder that looks at a sentence in another language, or a table of counts.
//! Tokens are `u32`, as tokenizers give them.

mod beam;
mod candidates;
mod min_p;
mod repetition;
mod sampling;
mod temperature;
mod text_stream;
mod top_k;
mod top_p;
mod writer;

pub use beam::{BeamSearch, Hypothesis};
pub use candidates::Candidates;
pub use repetition::penalise;
pub use sampling::Sampling;
pub use text_stream::TextStream;
pub use writer::{Scorer, Writer};
