//! Switches of the current thread: whether graphs are recorded, values checked, operations observed.

use std::cell::Cell;
use std::time::Instant;

use gradus_tensor::{Float, Tensor};

use crate::graph::{Tell, Value};
use crate::observe::{self, Pass};
use crate::{Error, Result, Var};

/// Operations are recorded.
pub(crate) const RECORDING: u8 = 1;
/// Values are looked at: is there a NaN?
pub(crate) const CHECKED: u8 = 2;
/// Constants are recorded as well, and every value is kept.
pub(crate) const TRACING: u8 = 4;
/// Somebody looks at what runs.
pub(crate) const OBSERVED: u8 = 8;
/// Parameters have other values.
pub(crate) const REPLACED: u8 = 16;
/// What the derivative needs is computed again when it comes.
pub(crate) const CHECKPOINT: u8 = 32;

thread_local! {
    static FLAGS: Cell<u8> = const { Cell::new(RECORDING) };
    /// The number of the checkpoint.
    static REGION: Cell<u64> = const { Cell::new(0) };
    /// The operation and the pass at fault.
    static FAULT: Cell<Option<(&'static str, Pass)>> = const { Cell::new(None) };
}

/// Puts a cell of this thread back to what it was, also if the work in between panics.
struct Back<V: Copy + 'static>(&'static std::thread::LocalKey<Cell<V>>, V);

impl<V: Copy> Drop for Back<V> {
    fn drop(&mut self) {
        self.0.set(self.1);
    }
}

/// Runs `work` with some switches on or off.
pub(crate) fn with<R>(switches: u8, on: bool, work: impl FnOnce() -> R) -> R {
    let flags = FLAGS.get();
    FLAGS.set(if on { flags | switches } else { flags & !switches });
    let _back = Back(&FLAGS, flags);
    work()
}

/// Runs `work` as the inside of a checkpoint.
pub(crate) fn within<R>(region: u64, work: impl FnOnce() -> R) -> R {
    let _back = Back(&REGION, REGION.replace(region));
    with(CHECKPOINT, true, work)
}

/// Runs `work` without recording anything: what it computes are constants.
///
/// ```
/// use gradus_autograd::{Var, no_grad};
/// use gradus_tensor::Tensor;
/// let x = Var::leaf(Tensor::scalar(2.0_f32));
/// assert!(!no_grad(|| x.exp()).is_tracked());
/// assert!(x.exp().is_tracked());
/// ```
pub fn no_grad<R>(work: impl FnOnce() -> R) -> R {
    with(RECORDING, false, work)
}

/// Runs `work` in checked mode: if an operation, forward or backward, turns finite numbers into a
/// NaN or an infinity, the result is an error that names the first one that did. Every value is
/// looked at, so it is slower.
///
/// ```
/// use gradus_autograd::{Var, checked};
/// use gradus_tensor::Tensor;
/// let x = Var::leaf(Tensor::scalar(0.0_f32));
/// let error = checked(|| Ok(x.ln())).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "ln: the forward pass produced a NaN or an infinity from finite numbers"
/// );
/// ```
///
/// # Errors
/// [`Error::NotFinite`], or the error that `work` itself gives.
pub fn checked<R>(work: impl FnOnce() -> Result<R>) -> Result<R> {
    let outer = FAULT.take();
    let result = with(CHECKED, true, work);
    match FAULT.replace(outer) {
        Some((op, pass)) => Err(Error::NotFinite { op, pass: pass.word() }),
        None => result,
    }
}

/// The switches at the beginning of an operation, and when that was, if somebody wants to know.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Start {
    flags: u8,
    since: Option<Instant>,
}

/// The beginning of an operation.
#[inline]
pub(crate) fn start() -> Start {
    let flags = FLAGS.get();
    Start { flags, since: (flags & OBSERVED != 0).then(Instant::now) }
}

impl Start {
    pub(crate) fn is_recording(self) -> bool {
        self.flags & RECORDING != 0
    }
    pub(crate) fn is_tracing(self) -> bool {
        self.flags & TRACING != 0
    }
    pub(crate) fn is_watched(self) -> bool {
        self.flags & (CHECKED | OBSERVED) != 0
    }
    /// The checkpoint; 0 if there is none.
    pub(crate) fn region(self) -> u64 {
        if self.flags & CHECKPOINT != 0 { REGION.get() } else { 0 }
    }
}

pub(crate) fn is_on(switch: u8) -> bool {
    FLAGS.get() & switch != 0
}

/// Whether an operation with these inputs will be recorded.
pub(crate) fn will_record<'a, T: Float>(inputs: impl IntoIterator<Item = &'a Var<T>>) -> bool {
    let tracked = || inputs.into_iter().any(Var::is_tracked);
    is_on(RECORDING) && (is_on(TRACING) || tracked())
}

/// Looks at an operation that has run: in checked mode, and for an observer.
pub(crate) fn watch<T: Float, U: Float>(
    start: Start,
    op: &dyn Tell,
    inputs: &[Option<&Var<T>>],
    outputs: &[Tensor<U>],
) {
    let inputs: Vec<Option<Value>> =
        inputs.iter().map(|x| x.map(|x| x.value().clone().into())).collect();
    let outputs: Vec<Option<Value>> = outputs.iter().map(|y| Some(y.clone().into())).collect();
    check(op.name(), Pass::Forward, &inputs, &outputs);
    if let Some(since) = start.since {
        observe::tell(Pass::Forward, op.name(), &|| op.attributes(), &inputs, &outputs, since);
    }
}

/// In checked mode, notes the operation if it is the first to make non-finite numbers out of
/// finite ones.
pub(crate) fn check(
    op: &'static str,
    pass: Pass,
    inputs: &[Option<Value>],
    outputs: &[Option<Value>],
) {
    let finite = |values: &[Option<Value>]| values.iter().flatten().all(Value::is_finite);
    if is_on(CHECKED) && FAULT.get().is_none() && !finite(outputs) && finite(inputs) {
        FAULT.set(Some((op, pass)));
    }
}
