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

/// The structure of the inputs of an operation: `[In; N]`, `[Maybe; N]`, `Vec<In>`, or a pair of two
/// such structures.
pub trait Inputs: 'static {
    /// The inputs as `X`: as tensors, or as variables.
    type Of<X>;
    /// An `X` for each input, given or missing: their gradients.
    type Each<X>;

    /// Calls `f` with the inputs one after another; `None` stands for one that is missing.
    #[doc(hidden)]
    fn with_list<X: Copy, R>(inputs: &Self::Of<X>, f: impl FnOnce(&[Option<X>]) -> R) -> R;
    /// The same inputs as something else.
    #[doc(hidden)]
    fn convert<X: Copy, Y>(inputs: &Self::Of<X>, f: &mut impl FnMut(X) -> Y) -> Self::Of<Y>;
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
    fn with_list<X: Copy, R>(inputs: &[X; N], f: impl FnOnce(&[Option<X>]) -> R) -> R {
        f(&inputs.map(Some))
    }
    #[inline]
    fn convert<X: Copy, Y>(inputs: &[X; N], f: &mut impl FnMut(X) -> Y) -> [Y; N] {
        inputs.map(f)
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
    fn with_list<X: Copy, R>(inputs: &[Option<X>; N], f: impl FnOnce(&[Option<X>]) -> R) -> R {
        f(inputs)
    }
    #[inline]
    fn convert<X: Copy, Y>(inputs: &[Option<X>; N], f: &mut impl FnMut(X) -> Y) -> [Option<Y>; N] {
        inputs.map(|x| x.map(&mut *f))
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

    fn with_list<X: Copy, R>(inputs: &Vec<X>, f: impl FnOnce(&[Option<X>]) -> R) -> R {
        f(&inputs.iter().copied().map(Some).collect::<Vec<_>>())
    }
    fn convert<X: Copy, Y>(inputs: &Vec<X>, f: &mut impl FnMut(X) -> Y) -> Vec<Y> {
        inputs.iter().copied().map(f).collect()
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
    fn with_list<X: Copy, R>((a, b): &Self::Of<X>, f: impl FnOnce(&[Option<X>]) -> R) -> R {
        A::with_list(a, |a| {
            B::with_list(b, |b| {
                let mut both: SmallVec<[Option<X>; 6]> = SmallVec::from_slice(a);
                both.extend_from_slice(b);
                f(&both)
            })
        })
    }
    #[inline]
    fn convert<X: Copy, Y>((a, b): &Self::Of<X>, f: &mut impl FnMut(X) -> Y) -> Self::Of<Y> {
        (A::convert(a, f), B::convert(b, f))
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

/// Something for each output of an operation, one after another.
pub(crate) type PerOutput<X> = SmallVec<[X; 1]>;

/// What an operation computes: `Tensor<T>`, `[Tensor<T>; M]` or `Vec<Tensor<T>>`, or [`Saving`] one of
/// them.
pub trait Output<T: Float>: 'static {
    /// What is kept for the derivative besides inputs and outputs.
    type Saved: Send + Sync + 'static;
    /// The outputs without what is kept.
    type Bare: AsRef<[Tensor<T>]>;
    /// Gradients as `X`: one, or an `Option` for each output, as none may arrive at some of several.
    type Grads<X>;
    /// The outputs as variables.
    type Vars;

    /// The outputs, and what is kept.
    #[doc(hidden)]
    fn split(self) -> (Self::Bare, Self::Saved);
    /// The gradients of the outputs, as far as there are any.
    #[doc(hidden)]
    fn grads<A, X>(
        list: PerOutput<Option<A>>,
        f: impl FnMut(A) -> Option<X>,
    ) -> Option<Self::Grads<X>>;
    #[doc(hidden)]
    fn map<X, Y>(grads: Self::Grads<X>, f: impl FnMut(X) -> Y) -> Self::Grads<Y>;
    /// The outputs as variables, each with its place.
    #[doc(hidden)]
    fn vars(outputs: Self::Bare, f: impl FnMut(u32, Tensor<T>) -> Var<T>) -> Self::Vars;
}

/// One output, seen as a list.
#[doc(hidden)]
pub struct One<T: Float>(pub(crate) Tensor<T>);

impl<T: Float> AsRef<[Tensor<T>]> for One<T> {
    #[inline]
    fn as_ref(&self) -> &[Tensor<T>] {
        std::slice::from_ref(&self.0)
    }
}

impl<T: Float> Output<T> for Tensor<T> {
    type Saved = ();
    type Bare = One<T>;
    type Grads<X> = X;
    type Vars = Var<T>;

    #[inline]
    fn split(self) -> (One<T>, ()) {
        (One(self), ())
    }
    #[inline]
    fn grads<A, X>(mut list: PerOutput<Option<A>>, mut f: impl FnMut(A) -> Option<X>) -> Option<X> {
        f(list.pop()??)
    }
    #[inline]
    fn map<X, Y>(grad: X, mut f: impl FnMut(X) -> Y) -> Y {
        f(grad)
    }
    #[inline]
    fn vars(outputs: One<T>, mut f: impl FnMut(u32, Tensor<T>) -> Var<T>) -> Var<T> {
        f(0, outputs.0)
    }
}

impl<T: Float, const M: usize> Output<T> for [Tensor<T>; M] {
    type Saved = ();
    type Bare = Self;
    type Grads<X> = [Option<X>; M];
    type Vars = [Var<T>; M];

    fn split(self) -> (Self, ()) {
        (self, ())
    }
    fn grads<A, X>(
        list: PerOutput<Option<A>>,
        mut f: impl FnMut(A) -> Option<X>,
    ) -> Option<[Option<X>; M]> {
        let grads = list.into_iter().map(|grad| grad.and_then(&mut f));
        grads.collect::<SmallVec<[Option<X>; M]>>().into_inner().ok()
    }
    fn map<X, Y>(grads: [Option<X>; M], mut f: impl FnMut(X) -> Y) -> [Option<Y>; M] {
        grads.map(|grad| grad.map(&mut f))
    }
    fn vars(outputs: Self, mut f: impl FnMut(u32, Tensor<T>) -> Var<T>) -> [Var<T>; M] {
        let mut places = 0..;
        outputs.map(|output| f(places.next().unwrap_or_default(), output))
    }
}

impl<T: Float> Output<T> for Vec<Tensor<T>> {
    type Saved = ();
    type Bare = Self;
    type Grads<X> = Vec<Option<X>>;
    type Vars = Vec<Var<T>>;

    fn split(self) -> (Self, ()) {
        (self, ())
    }
    fn grads<A, X>(
        list: PerOutput<Option<A>>,
        mut f: impl FnMut(A) -> Option<X>,
    ) -> Option<Vec<Option<X>>> {
        Some(list.into_iter().map(|grad| grad.and_then(&mut f)).collect())
    }
    fn map<X, Y>(grads: Vec<Option<X>>, mut f: impl FnMut(X) -> Y) -> Vec<Option<Y>> {
        grads.into_iter().map(|grad| grad.map(&mut f)).collect()
    }
    fn vars(outputs: Self, mut f: impl FnMut(u32, Tensor<T>) -> Var<T>) -> Vec<Var<T>> {
        (0..).zip(outputs).map(|(place, output)| f(place, output)).collect()
    }
}

/// Outputs, together with what the derivative needs besides them and the inputs.
#[derive(Debug, Clone)]
pub struct Saving<Y, S>(pub Y, pub S);

impl<T: Float, Y: Output<T, Saved = ()>, S: Send + Sync + 'static> Output<T> for Saving<Y, S> {
    type Saved = S;
    type Bare = Y::Bare;
    type Grads<X> = Y::Grads<X>;
    type Vars = Y::Vars;

    #[inline]
    fn split(self) -> (Y::Bare, S) {
        (self.0.split().0, self.1)
    }
    #[inline]
    fn grads<A, X>(
        list: PerOutput<Option<A>>,
        f: impl FnMut(A) -> Option<X>,
    ) -> Option<Self::Grads<X>> {
        Y::grads(list, f)
    }
    #[inline]
    fn map<X, Z>(grads: Self::Grads<X>, f: impl FnMut(X) -> Z) -> Self::Grads<Z> {
        Y::map(grads, f)
    }
    #[inline]
    fn vars(outputs: Y::Bare, f: impl FnMut(u32, Tensor<T>) -> Var<T>) -> Y::Vars {
        Y::vars(outputs, f)
    }
}
