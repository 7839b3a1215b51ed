//! A tree of parameters, and how to walk it.
//!
//! Counting, saving, loading, freezing and updating are all walks. Every parameter has a path such
//! as `encoder.0.weight`: the names of the fields that lead to it.

mod containers;
mod walks;

pub use walks::ModuleExt;

use gradus_autograd::Param;
use gradus_tensor::Float;

use crate::AnyBuffer;

/// Something that owns parameters: a layer, or a network of layers.
///
/// Derive it, with `#[derive(Module)]`, or write it in two lines. Each field has a name of its own: two parameters under one
/// path are an error of whatever goes by paths (an optimizer's step, saving, loading), which names it. One parameter may
/// be shown under several; see [`ModuleExt`].
///
/// ```
/// use gradus_nn::{Buffer, Linear, Module, ModuleExt, Visitor, VisitorMut};
///
/// struct Net {
///     first: Linear,
///     second: Linear,
/// }
///
/// impl Module for Net {
///     fn visit(&self, v: &mut Visitor<'_>) {
///         v.field("first", &self.first).field("second", &self.second);
///     }
///     fn visit_mut(&mut self, v: &mut VisitorMut<'_>) {
///         v.field("first", &mut self.first).field("second", &mut self.second);
///     }
/// }
///
/// let mut rng = gradus_tensor::Rng::new(0);
/// let net = Net {
///     first: Linear::new(4, 3).init(&mut rng)?,
///     second: Linear::new(3, 2).init(&mut rng)?,
/// };
/// assert_eq!(net.paths(), ["first.weight", "first.bias", "second.weight", "second.bias"]);
/// assert_eq!(net.count_params(), 4 * 3 + 3 + 3 * 2 + 2);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a module of `{T}`",
    note = "a field of a derived module that holds no parameters is marked `#[module(skip)]`",
    note = "a builder such as `Linear::new(2, 3)` becomes a layer by `.init(&mut rng)?`",
    note = "all modules in a network have one type of number"
)]
pub trait Module<T: Float = f32> {
    /// Shows the visitor every field.
    fn visit(&self, visitor: &mut Visitor<'_, T>);

    /// Shows the visitor every field, to be changed.
    fn visit_mut(&mut self, visitor: &mut VisitorMut<'_, T>);
}

/// What a walk finds at the end of a path.
#[derive(Debug, Clone, Copy)]
pub enum Entry<'a, T: Float = f32> {
    /// A tensor that training changes.
    Param(&'a Param<T>),
    /// A tensor that is state, but is not trained.
    Buffer(&'a dyn AnyBuffer),
}

/// What a walk finds at the end of a path, to be changed.
#[derive(Debug)]
pub enum EntryMut<'a, T: Float = f32> {
    /// A tensor that training changes.
    Param(&'a mut Param<T>),
    /// A tensor that is state, but is not trained.
    Buffer(&'a mut dyn AnyBuffer),
}

macro_rules! visitor {
    ($(#[$doc:meta])* $visitor:ident, $entry:ident, $visit:ident, $($mutable:tt)?) => {
        $(#[$doc])*
        pub struct $visitor<'v, T: Float = f32> {
            path: String,
            found: &'v mut dyn FnMut(&str, $entry<'_, T>),
        }

        impl<'v, T: Float> $visitor<'v, T> {
            /// A walk that calls `found` with the path of each parameter and buffer.
            pub fn new(found: &'v mut dyn FnMut(&str, $entry<'_, T>)) -> Self {
                Self { path: String::new(), found }
            }

            /// Walks into a field.
            pub fn field<M: Module<T> + ?Sized>(
                &mut self,
                name: impl std::fmt::Display,
                module: &$($mutable)? M,
            ) -> &mut Self {
                use std::fmt::Write;
                let parent = self.path.len();
                let dot = if parent == 0 { "" } else { "." };
                // Writing to a string cannot fail.
                let _ = write!(self.path, "{dot}{name}");
                module.$visit(self);
                self.path.truncate(parent);
                self
            }

            pub(super) fn entry(&mut self, entry: $entry<'_, T>) {
                (self.found)(&self.path, entry);
            }
        }
    };
}
visitor! {
    /// A walk over a module.
    Visitor, Entry, visit,
}
visitor! {
    /// A walk over a module that may change it.
    VisitorMut, EntryMut, visit_mut, mut
}

/// Whether a path is that of a part of the model, or lies below it; all paths lie below the empty one.
///
/// ```
/// use gradus_nn::is_within;
/// assert!(is_within("blocks.1.weight", "blocks.1") && is_within("head", "head"));
/// assert!(!is_within("blocks.10.weight", "blocks.1"));
/// ```
pub fn is_within(path: &str, part: &str) -> bool {
    let part = part.strip_suffix('.').unwrap_or(part);
    let rest = path.strip_prefix(part);
    rest.is_some_and(|rest| part.is_empty() || rest.is_empty() || rest.starts_with('.'))
}
