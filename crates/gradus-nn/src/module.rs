//! A tree of parameters, and how to walk it.
//!
//! Counting, saving, loading, freezing and updating are all walks. Every parameter has a path such
//! as `encoder.0.weight`: the names of the fields that lead to it.

use std::collections::BTreeMap;

use gradus_autograd::{Gradients, Param};
use gradus_tensor::Float;

use crate::Buffer;

/// Something that owns parameters: a layer, or a network of layers.
///
/// Derive it, with `#[derive(Module)]`, or write it in two lines:
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
    Buffer(&'a Buffer<T>),
}

/// What a walk finds at the end of a path, to be changed.
#[derive(Debug)]
pub enum EntryMut<'a, T: Float = f32> {
    /// A tensor that training changes.
    Param(&'a mut Param<T>),
    /// A tensor that is state, but is not trained.
    Buffer(&'a mut Buffer<T>),
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

            fn entry(&mut self, entry: $entry<'_, T>) {
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

impl<T: Float> Module<T> for Param<T> {
    fn visit(&self, visitor: &mut Visitor<'_, T>) {
        visitor.entry(Entry::Param(self));
    }
    fn visit_mut(&mut self, visitor: &mut VisitorMut<'_, T>) {
        visitor.entry(EntryMut::Param(self));
    }
}

impl<T: Float> Module<T> for Buffer<T> {
    fn visit(&self, visitor: &mut Visitor<'_, T>) {
        visitor.entry(Entry::Buffer(self));
    }
    fn visit_mut(&mut self, visitor: &mut VisitorMut<'_, T>) {
        visitor.entry(EntryMut::Buffer(self));
    }
}

impl<T: Float, M: Module<T> + ?Sized> Module<T> for Box<M> {
    fn visit(&self, visitor: &mut Visitor<'_, T>) {
        (**self).visit(visitor);
    }
    fn visit_mut(&mut self, visitor: &mut VisitorMut<'_, T>) {
        (**self).visit_mut(visitor);
    }
}

/// Nothing, or the module that is there.
impl<T: Float, M: Module<T>> Module<T> for Option<M> {
    fn visit(&self, visitor: &mut Visitor<'_, T>) {
        self.iter().for_each(|module| module.visit(visitor));
    }
    fn visit_mut(&mut self, visitor: &mut VisitorMut<'_, T>) {
        self.iter_mut().for_each(|module| module.visit_mut(visitor));
    }
}

/// The modules, under the names 0, 1, 2, …
impl<T: Float, M: Module<T>> Module<T> for [M] {
    fn visit(&self, visitor: &mut Visitor<'_, T>) {
        self.iter().enumerate().for_each(|(i, module)| {
            visitor.field(i, module);
        });
    }
    fn visit_mut(&mut self, visitor: &mut VisitorMut<'_, T>) {
        self.iter_mut().enumerate().for_each(|(i, module)| {
            visitor.field(i, module);
        });
    }
}

/// As those of a slice.
impl<T: Float, M: Module<T>> Module<T> for Vec<M> {
    fn visit(&self, visitor: &mut Visitor<'_, T>) {
        self.as_slice().visit(visitor);
    }
    fn visit_mut(&mut self, visitor: &mut VisitorMut<'_, T>) {
        self.as_mut_slice().visit_mut(visitor);
    }
}

/// As those of a slice.
impl<T: Float, M: Module<T>, const N: usize> Module<T> for [M; N] {
    fn visit(&self, visitor: &mut Visitor<'_, T>) {
        self.as_slice().visit(visitor);
    }
    fn visit_mut(&mut self, visitor: &mut VisitorMut<'_, T>) {
        self.as_mut_slice().visit_mut(visitor);
    }
}

/// The modules, under their keys.
impl<T: Float, M: Module<T>> Module<T> for BTreeMap<String, M> {
    fn visit(&self, visitor: &mut Visitor<'_, T>) {
        self.iter().for_each(|(name, module)| {
            visitor.field(name, module);
        });
    }
    fn visit_mut(&mut self, visitor: &mut VisitorMut<'_, T>) {
        self.iter_mut().for_each(|(name, module)| {
            visitor.field(name, module);
        });
    }
}

macro_rules! tuples {
    ($(($($module:ident $i:tt),*);)*) => { $(
        /// The modules, under the names 0, 1, 2, …
        impl<T: Float, $($module: Module<T>),*> Module<T> for ($($module,)*) {
            fn visit(&self, visitor: &mut Visitor<'_, T>) {
                visitor$(.field($i, &self.$i))*;
            }
            fn visit_mut(&mut self, visitor: &mut VisitorMut<'_, T>) {
                visitor$(.field($i, &mut self.$i))*;
            }
        }
    )* };
}
tuples! {
    (A 0);
    (A 0, B 1);
    (A 0, B 1, C 2);
    (A 0, B 1, C 2, D 3);
}

/// The walks that are wanted most. Every [`Module`] has them.
pub trait ModuleExt<T: Float = f32>: Module<T> {
    /// Calls `found` with the path of each parameter and buffer.
    fn for_each(&self, mut found: impl FnMut(&str, Entry<'_, T>)) {
        self.visit(&mut Visitor::new(&mut found));
    }

    /// Calls `found` with the path of each parameter and buffer, to be changed.
    fn for_each_mut(&mut self, mut found: impl FnMut(&str, EntryMut<'_, T>)) {
        self.visit_mut(&mut VisitorMut::new(&mut found));
    }

    /// Calls `found` with the path of each parameter.
    fn for_each_param(&self, mut found: impl FnMut(&str, &Param<T>)) {
        self.for_each(|path, entry| {
            if let Entry::Param(param) = entry {
                found(path, param);
            }
        });
    }

    /// Calls `found` with the path of each parameter, to be changed.
    fn for_each_param_mut(&mut self, mut found: impl FnMut(&str, &mut Param<T>)) {
        self.for_each_mut(|path, entry| {
            if let EntryMut::Param(param) = entry {
                found(path, param);
            }
        });
    }

    /// The paths of all parameters.
    fn paths(&self) -> Vec<String> {
        let mut paths = Vec::new();
        self.for_each_param(|path, _| paths.push(path.to_string()));
        paths
    }

    /// How many numbers training changes.
    fn count_params(&self) -> usize {
        let mut count = 0;
        self.for_each_param(|_, param| count += param.value().len());
        count
    }

    /// Leaves the parameters at or below `part` out of training, and says how many they are: those at
    /// `1.weight` for `"1"`, but not those at `10.weight`. The empty text means all.
    ///
    /// Buffers are no parameters: a batch normalisation that is frozen still moves its running averages
    /// under [`Context::train`](crate::Context::train), as in PyTorch. To hold those too, run the frozen
    /// part with a [`Context::eval`](crate::Context::eval) of its own.
    ///
    /// ```
    /// use gradus_nn::{BatchNorm1d, Context, Layer, Linear, Module, ModuleExt};
    /// use gradus_autograd::Var;
    /// use gradus_tensor::{Rng, Tensor};
    ///
    /// #[derive(Module)]
    /// struct Net { body: (Linear, BatchNorm1d), head: Linear }
    ///
    /// let mut rng = Rng::new(0);
    /// let body = (Linear::new(4, 3).init(&mut rng)?, BatchNorm1d::new(3).init()?);
    /// let mut net = Net { body, head: Linear::new(3, 2).init(&mut rng)? };
    /// assert_eq!(net.freeze("body"), 4);
    ///
    /// let (mut cx, mut still) = (Context::train(1), Context::eval());
    /// let x = Var::constant(Tensor::ones([5, 4]));
    /// let (linear, norm) = &net.body;
    /// let features = norm.forward(&linear.forward(&x, &mut still)?, &mut still)?;
    /// let y = net.head.forward(&features, &mut cx)?;
    /// assert_eq!(norm.running_mean.get(), Tensor::zeros([3]));
    /// # assert!(y.is_tracked());
    /// # Ok::<(), gradus_nn::Error>(())
    /// ```
    fn freeze(&mut self, part: &str) -> usize {
        let mut count = 0;
        self.for_each_param_mut(|path, param| {
            if is_within(path, part) {
                param.freeze();
                count += 1;
            }
        });
        count
    }

    /// Takes the parameters at or below `part` into training again, and says how many they are.
    fn unfreeze(&mut self, part: &str) -> usize {
        let mut count = 0;
        self.for_each_param_mut(|path, param| {
            if is_within(path, part) {
                param.unfreeze();
                count += 1;
            }
        });
        count
    }

    /// The paths of the parameters that are not frozen and that no gradient reached. In a network
    /// that is put together right there are none.
    fn missing(&self, gradients: &Gradients<T>) -> Vec<String> {
        let mut missing = Vec::new();
        self.for_each_param(|path, param| {
            if !param.is_frozen() && gradients.get(param.id()).is_none() {
                missing.push(path.to_string());
            }
        });
        missing
    }
}

impl<T: Float, M: Module<T> + ?Sized> ModuleExt<T> for M {}

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
