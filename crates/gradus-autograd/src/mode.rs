//! Switches of the current thread: whether graphs are recorded, whether values are checked.

use std::cell::Cell;

use gradus_tensor::{Float, Tensor};

use crate::{Error, Result};

thread_local! {
    static RECORDING: Cell<bool> = const { Cell::new(true) };
    static CHECKED: Cell<bool> = const { Cell::new(false) };
    /// The operation and the pass at fault.
    static FAULT: Cell<Option<(&'static str, &'static str)>> = const { Cell::new(None) };
}

/// Sets a switch and puts it back, also if the work in between panics.
struct Switched(&'static std::thread::LocalKey<Cell<bool>>, bool);

impl Drop for Switched {
    fn drop(&mut self) {
        self.0.set(self.1);
    }
}

fn with<R>(
    switch: &'static std::thread::LocalKey<Cell<bool>>,
    value: bool,
    work: impl FnOnce() -> R,
) -> R {
    let _back = Switched(switch, switch.replace(value));
    work()
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
    with(&RECORDING, false, work)
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
///     "Ln: the forward pass produced a NaN or an infinity from finite numbers"
/// );
/// ```
///
/// # Errors
/// [`Error::NotFinite`], or the error that `work` itself gives.
pub fn checked<R>(work: impl FnOnce() -> Result<R>) -> Result<R> {
    let outer = FAULT.take();
    let result = with(&CHECKED, true, work);
    match FAULT.replace(outer) {
        Some((op, pass)) => Err(Error::NotFinite { op, pass }),
        None => result,
    }
}

pub(crate) fn is_recording() -> bool {
    RECORDING.get()
}

pub(crate) fn is_checked() -> bool {
    CHECKED.get()
}

/// In checked mode, notes the operation if it is the first to make non-finite numbers out of
/// finite ones.
pub(crate) fn check<'a, T: Float>(
    // A name is looked up where it is told: that would take as long as a tiny operation.
    op: impl FnOnce() -> &'static str,
    pass: &'static str,
    mut inputs: impl Iterator<Item = &'a Tensor<T>>,
    output: &Tensor<T>,
) {
    if is_checked()
        && FAULT.get().is_none()
        && !output.is_finite().all()
        && inputs.all(|x| x.is_finite().all())
    {
        FAULT.set(Some((op(), pass)));
    }
}
