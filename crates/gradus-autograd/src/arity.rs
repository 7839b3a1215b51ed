//! What goes into an operation and what comes out of it, as types.
//!
//! | inputs | type | as tensors |
//! |---|---|---|
//! | two | `[In; 2]` | `[&Tensor<T>; 2]` |
//! | two, and one that may be missing | `([In; 2], [Maybe; 1])` | `([&Tensor<T>; 2], [Option<&Tensor<T>>; 1])` |
//! | any number | `Vec<In>` | `Vec<&Tensor<T>>` |
//!
//! Gradients come back in the same structure, one place for each input. Outputs are `Tensor<T>`,
//! `[Tensor<T>; M]` or `Vec<Tensor<T>>`, or [`Saving`] one of these together with what the derivative
//! will need.

use gradus_tensor::{Float, Tensor};
use smallvec::SmallVec;

use crate::Var;

/// Marks an input that must be given; see [`Inputs`].
#[derive(Debug, Clone, Copy)]
pub struct In;

/// Marks an input that may be missing; see [`Inputs`].
#[derive(Debug, Clone, Copy)]
pub struct Maybe;

/// A list of inputs; `None` stands for one that is missing.
pub(crate) type List<X> = SmallVec<[Option<X>; 4]>;

/// The structure of the inputs of an operation: `[In; N]`, `[Maybe; N]`, `Vec<In>`, or a pair of two
/// such structures.
pub trait Inputs: 'static {
    /// The inputs as `X`: as tensors, or as variables.
    type Of<X>;
    /// An `X` for each input, given or missing: their gradients.
    type Each<X>;

    /// The inputs one after another.
    #[doc(hidden)]
    fn list<X>(inputs: Self::Of<X>, list: &mut List<X>);
    /// The structure of the inputs again, if there are as many as it needs.
    #[doc(hidden)]
    fn of<X>(list: &mut impl Iterator<Item = Option<X>>) -> Option<Self::Of<X>>;
    /// What belongs to each input, one after another.
    #[doc(hidden)]
    fn each<X>(each: Self::Each<X>, list: &mut impl FnMut(X));
    /// The same structure with other things in it.
    #[doc(hidden)]
    fn map<X, Y>(each: Self::Each<X>, f: &mut impl FnMut(X) -> Y) -> Self::Each<Y>;
}

impl<const N: usize> Inputs for [In; N] {
    type Of<X> = [X; N];
    type Each<X> = [X; N];

    #[inline]
    fn list<X>(inputs: [X; N], list: &mut List<X>) {
        list.extend(inputs.into_iter().map(Some));
    }
    #[inline]
    fn of<X>(list: &mut impl Iterator<Item = Option<X>>) -> Option<[X; N]> {
        // Without a list on the heap: this runs for every operation of every step.
        let all: SmallVec<[X; N]> = list.take(N).map_while(|x| x).collect();
        all.into_inner().ok()
    }
    #[inline]
    fn each<X>(each: [X; N], list: &mut impl FnMut(X)) {
        each.into_iter().for_each(list);
    }
    #[inline]
    fn map<X, Y>(each: [X; N], f: &mut impl FnMut(X) -> Y) -> [Y; N] {
        each.map(f)
    }
}

impl<const N: usize> Inputs for [Maybe; N] {
    type Of<X> = [Option<X>; N];
    type Each<X> = [X; N];

    #[inline]
    fn list<X>(inputs: [Option<X>; N], list: &mut List<X>) {
        list.extend(inputs);
    }
    #[inline]
    fn of<X>(list: &mut impl Iterator<Item = Option<X>>) -> Option<[Option<X>; N]> {
        let all: SmallVec<[Option<X>; N]> = list.take(N).collect();
        all.into_inner().ok()
    }
    #[inline]
    fn each<X>(each: [X; N], list: &mut impl FnMut(X)) {
        each.into_iter().for_each(list);
    }
    #[inline]
    fn map<X, Y>(each: [X; N], f: &mut impl FnMut(X) -> Y) -> [Y; N] {
        each.map(f)
    }
}

impl Inputs for Vec<In> {
    type Of<X> = Vec<X>;
    type Each<X> = Vec<X>;

    fn list<X>(inputs: Vec<X>, list: &mut List<X>) {
        list.extend(inputs.into_iter().map(Some));
    }
    fn of<X>(list: &mut impl Iterator<Item = Option<X>>) -> Option<Vec<X>> {
        list.collect()
    }
    fn each<X>(each: Vec<X>, list: &mut impl FnMut(X)) {
        each.into_iter().for_each(list);
    }
    fn map<X, Y>(each: Vec<X>, f: &mut impl FnMut(X) -> Y) -> Vec<Y> {
        each.into_iter().map(f).collect()
    }
}

impl<A: Inputs, B: Inputs> Inputs for (A, B) {
    type Of<X> = (A::Of<X>, B::Of<X>);
    type Each<X> = (A::Each<X>, B::Each<X>);

    #[inline]
    fn list<X>((a, b): Self::Of<X>, list: &mut List<X>) {
        A::list(a, list);
        B::list(b, list);
    }
    #[inline]
    fn of<X>(list: &mut impl Iterator<Item = Option<X>>) -> Option<Self::Of<X>> {
        Some((A::of(list)?, B::of(list)?))
    }
    #[inline]
    fn each<X>((a, b): Self::Each<X>, list: &mut impl FnMut(X)) {
        A::each(a, list);
        B::each(b, list);
    }
    #[inline]
    fn map<X, Y>((a, b): Self::Each<X>, f: &mut impl FnMut(X) -> Y) -> Self::Each<Y> {
        (A::map(a, f), B::map(b, f))
    }
}

/// Outputs of an operation, one after another.
pub(crate) type Outputs<X> = SmallVec<[X; 1]>;

/// What an operation computes: `Tensor<T>`, `[Tensor<T>; M]` or `Vec<Tensor<T>>`, or [`Saving`] one of
/// them.
pub trait Output<T: Float>: 'static {
    /// What is kept for the derivative besides inputs and outputs.
    type Saved: Send + Sync + 'static;
    /// Gradients as `X`: one, or an `Option` for each output, as none may arrive at some of several.
    type Grads<X>;
    /// The outputs as variables.
    type Vars;

    /// The outputs one after another, and what is kept.
    #[doc(hidden)]
    fn split(self) -> (Outputs<Tensor<T>>, Self::Saved);
    #[doc(hidden)]
    fn grads<X>(list: Outputs<Option<X>>) -> Option<Self::Grads<X>>;
    #[doc(hidden)]
    fn map<X, Y>(grads: Self::Grads<X>, f: impl FnMut(X) -> Y) -> Self::Grads<Y>;
    #[doc(hidden)]
    fn vars(list: Outputs<Var<T>>) -> Option<Self::Vars>;
}

impl<T: Float> Output<T> for Tensor<T> {
    type Saved = ();
    type Grads<X> = X;
    type Vars = Var<T>;

    #[inline]
    fn split(self) -> (Outputs<Tensor<T>>, ()) {
        (smallvec::smallvec![self], ())
    }
    #[inline]
    fn grads<X>(mut list: Outputs<Option<X>>) -> Option<X> {
        list.pop()?
    }
    #[inline]
    fn map<X, Y>(grad: X, mut f: impl FnMut(X) -> Y) -> Y {
        f(grad)
    }
    #[inline]
    fn vars(mut list: Outputs<Var<T>>) -> Option<Var<T>> {
        list.pop()
    }
}

impl<T: Float, const M: usize> Output<T> for [Tensor<T>; M] {
    type Saved = ();
    type Grads<X> = [Option<X>; M];
    type Vars = [Var<T>; M];

    fn split(self) -> (Outputs<Tensor<T>>, ()) {
        (self.into_iter().collect(), ())
    }
    fn grads<X>(list: Outputs<Option<X>>) -> Option<[Option<X>; M]> {
        list.into_iter().collect::<SmallVec<[Option<X>; M]>>().into_inner().ok()
    }
    fn map<X, Y>(grads: [Option<X>; M], mut f: impl FnMut(X) -> Y) -> [Option<Y>; M] {
        grads.map(|grad| grad.map(&mut f))
    }
    fn vars(list: Outputs<Var<T>>) -> Option<[Var<T>; M]> {
        list.into_iter().collect::<SmallVec<[Var<T>; M]>>().into_inner().ok()
    }
}

impl<T: Float> Output<T> for Vec<Tensor<T>> {
    type Saved = ();
    type Grads<X> = Vec<Option<X>>;
    type Vars = Vec<Var<T>>;

    fn split(self) -> (Outputs<Tensor<T>>, ()) {
        (self.into(), ())
    }
    fn grads<X>(list: Outputs<Option<X>>) -> Option<Vec<Option<X>>> {
        Some(list.into_vec())
    }
    fn map<X, Y>(grads: Vec<Option<X>>, mut f: impl FnMut(X) -> Y) -> Vec<Option<Y>> {
        grads.into_iter().map(|grad| grad.map(&mut f)).collect()
    }
    fn vars(list: Outputs<Var<T>>) -> Option<Vec<Var<T>>> {
        Some(list.into_vec())
    }
}

/// Outputs, together with what the derivative needs besides them and the inputs.
#[derive(Debug, Clone)]
pub struct Saving<Y, S>(pub Y, pub S);

impl<T: Float, Y: Output<T, Saved = ()>, S: Send + Sync + 'static> Output<T> for Saving<Y, S> {
    type Saved = S;
    type Grads<X> = Y::Grads<X>;
    type Vars = Y::Vars;

    #[inline]
    fn split(self) -> (Outputs<Tensor<T>>, S) {
        (self.0.split().0, self.1)
    }
    #[inline]
    fn grads<X>(list: Outputs<Option<X>>) -> Option<Self::Grads<X>> {
        Y::grads(list)
    }
    #[inline]
    fn map<X, Z>(grads: Self::Grads<X>, f: impl FnMut(X) -> Z) -> Self::Grads<Z> {
        Y::map(grads, f)
    }
    #[inline]
    fn vars(list: Outputs<Var<T>>) -> Option<Y::Vars> {
        Y::vars(list)
    }
}
