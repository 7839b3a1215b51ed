//! Looking at every operation as it runs.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::time::{Duration, Instant};

use crate::graph::Value;
use crate::{Attributes, mode};

/// Which way an operation ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Pass {
    /// From its inputs to its outputs.
    Forward,
    /// From the gradients of its outputs to those of its inputs.
    Backward,
    /// Forward once more, within a [`checkpoint`](crate::checkpoint).
    Again,
}

impl Pass {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Forward => "forward",
            Self::Backward => "backward",
            Self::Again => "repeated forward",
        }
    }
}

/// An operation that has just run.
#[non_exhaustive]
pub struct Event<'a> {
    /// Which way.
    pub pass: Pass,
    /// The name of the operation.
    pub op: &'static str,
    /// What went in: the inputs, or the gradients of the outputs. `None` for what is missing.
    pub inputs: &'a [Option<Value>],
    /// What came out: the outputs, or the gradients of the inputs. `None` for what nobody asked for.
    pub outputs: &'a [Option<Value>],
    /// How long it took.
    pub took: Duration,
    /// Whether it is part of another operation's derivative, whose time contains its own.
    pub inner: bool,
    attributes: &'a dyn Fn() -> Attributes,
}

impl Event<'_> {
    /// The operation's settings.
    pub fn attributes(&self) -> Attributes {
        (self.attributes)()
    }
}

impl fmt::Debug for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pass, op, took, inner, .. } = self;
        write!(f, "{op} ({}) {took:?}{}", pass.word(), if *inner { ", inner" } else { "" })
    }
}

/// Looks at operations; see [`observe`].
pub trait Observer: 'static {
    /// An operation has run.
    fn ran(&mut self, event: &Event<'_>);
}

thread_local! {
    static OBSERVER: RefCell<Option<Box<dyn Observer>>> = const { RefCell::new(None) };
    static INNER: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work`, and shows the observer every operation that this thread runs on variables, forward
/// and backward, recorded or not. What the observer itself computes is not shown to it. An observer
/// inside another takes its place for that time.
///
/// ```
/// use gradus_autograd::{Event, Observer, Var, observe};
/// use gradus_tensor::Tensor;
///
/// #[derive(Default)]
/// struct Log(Vec<String>);
/// impl Observer for Log {
///     fn ran(&mut self, event: &Event<'_>) {
///         self.0.push(format!("{} {:?}", event.op, event.pass));
///     }
/// }
///
/// let x = Var::leaf(Tensor::vector([1.0_f32, 2.0]));
/// let (gradients, log) = observe(Log::default(), || x.exp().sum().backward());
/// assert_eq!(log.0, ["exp Forward", "sum Forward", "sum Backward", "exp Backward"]);
/// # gradients?;
/// # Ok::<(), gradus_autograd::Error>(())
/// ```
pub fn observe<O: Observer, R>(observer: O, work: impl FnOnce() -> R) -> (R, O) {
    use std::rc::Rc;
    /// The observer is needed again at the end, so both hold it.
    struct Shared<O>(Rc<RefCell<O>>);
    impl<O: Observer> Observer for Shared<O> {
        fn ran(&mut self, event: &Event<'_>) {
            self.0.borrow_mut().ran(event);
        }
    }
    /// Puts the one before back, also if the work panics.
    struct Back(Option<Box<dyn Observer>>);
    impl Drop for Back {
        fn drop(&mut self) {
            let outer = self.0.take();
            OBSERVER.with(|place| place.replace(outer));
        }
    }
    let observer = Rc::new(RefCell::new(observer));
    let shared: Box<dyn Observer> = Box::new(Shared(Rc::clone(&observer)));
    let back = Back(OBSERVER.with(|place| place.replace(Some(shared))));
    let result = mode::with(mode::OBSERVED, true, work);
    drop(back);
    match Rc::try_unwrap(observer) {
        Ok(observer) => (result, observer.into_inner()),
        Err(_) => unreachable!("the other holder was dropped"),
    }
}

/// Tells the observer of what ran since `since`.
pub(crate) fn tell(
    pass: Pass,
    op: &'static str,
    attributes: &dyn Fn() -> Attributes,
    inputs: &[Option<Value>],
    outputs: &[Option<Value>],
    since: Instant,
) {
    let took = since.elapsed();
    let event = Event { pass, op, inputs, outputs, took, inner: INNER.get(), attributes };
    // It is not there while it looks, so that it does not see what it does itself.
    let Some(mut observer) = OBSERVER.with(RefCell::take) else { return };
    observer.ran(&event);
    OBSERVER.with(|place| place.replace(Some(observer)));
}

/// Runs `work` as the inside of a derivative.
pub(crate) fn inside<R>(work: impl FnOnce() -> R) -> R {
    struct Back(bool);
    impl Drop for Back {
        fn drop(&mut self) {
            INNER.set(self.0);
        }
    }
    let _back = Back(INNER.replace(true));
    work()
}
