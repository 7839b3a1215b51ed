//! Layers and losses from the outside.
#![allow(missing_docs, reason = "tests")]

mod behaviour;
mod derive;
mod errors;
mod gradients;
mod grouped;
mod pytorch;
mod recurrent;
mod registry;
mod sequential;
mod start;
mod tied;
