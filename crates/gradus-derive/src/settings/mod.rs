//! `#[derive(Settings)]`: a struct of settings is a declaration.
//!
//! The attributes of a field say what it may be, its comment says what it does, and the rest is derived:
//! the constructor, a setter for each field, the list of fields that checks, printing, configuration and
//! tables walk. What the derived code looks like is written out by hand in the documentation of the trait
//! `gradus_tensor::Settings`, and a test there holds the two against each other.
//!
//! The attributes are listed in `attributes.md`.

mod emit;
mod parse;

use proc_macro2::TokenStream;
use syn::{DeriveInput, Error, Path};

/// The code that is derived.
pub(crate) fn expand(input: &DeriveInput, home: Path) -> Result<TokenStream, Error> {
    Ok(emit::emit(input, &parse::Declaration::of(input, home)?))
}
