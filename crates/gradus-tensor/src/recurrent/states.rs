//! What a recurrent layer puts out: `h` of every step.

use super::Sizes;
use super::panels::{Panels, Relay, UNITS};
use super::walk::Track;
use crate::layout::Layout;
use crate::linalg::shared::Shared;
use crate::{Float, Result, Tensor};

/// The states of all steps, and what hands each to the next step.
pub(super) struct States<T: Float> {
    sizes: Sizes,
    /// `h`, from the first state on: `[T + 1, N, hidden]`.
    all: Tensor<T>,
    /// The output, if its samples come first in memory: then it is no part of all states.
    copy: Option<Tensor<T>>,
    relay: Relay<T>,
}

impl<T: Float> States<T> {
    /// Before the first step, for an output of this layout: only the state `h` to start from.
    pub(super) fn new(op: &'static str, sizes: Sizes, output: Layout, h: &[T]) -> Result<Self> {
        let Sizes { steps, batch, hidden, .. } = sizes;
        let all = Tensor::build(Layout::checked(op, &[steps + 1, batch, hidden])?, |out| {
            out[..h.len()].copy_from_slice(h);
        });
        let samples_first = !output.is_contiguous();
        let copy = samples_first.then(|| Tensor::build(output, |_| ()));
        let mut relay = Relay::new(batch, hidden);
        relay.start(h, hidden);
        Ok(Self { sizes, all, copy, relay })
    }

    /// For the pieces of a walk, whose products are with these weights.
    pub(super) fn share<'a>(&'a mut self, panels: &'a Panels<T>) -> Steps<'a, T> {
        Steps {
            sizes: self.sizes,
            track: Track::new(panels, &mut self.relay, self.sizes.batch, false),
            all: Shared::new(self.all.as_mut_slice()),
            copy: self.copy.as_mut().map(|copy| Shared::new(copy.as_dense_mut())),
        }
    }

    /// The output, and all states.
    pub(super) fn done(self) -> Result<[Tensor<T>; 2]> {
        let output = match self.copy {
            Some(copy) => copy,
            None => self.all.slice(0, 1..)?,
        };
        Ok([output, self.all])
    }
}

/// The same, while all pieces write it.
#[derive(Clone, Copy)]
pub(super) struct Steps<'a, T> {
    sizes: Sizes,
    pub(super) track: Track<'a, T>,
    all: Shared<'a, T>,
    copy: Option<Shared<'a, T>>,
}

impl<T: Float> Steps<'_, T> {
    /// Writes what step `t` makes of sample `n` and a group of units.
    ///
    /// # Safety
    /// Nobody else may use these units of this sample during this step.
    #[inline(always)]
    pub(super) unsafe fn put(&self, t: usize, n: usize, group: usize, h: &[T; UNITS]) {
        let Sizes { steps, batch, hidden, .. } = self.sizes;
        let unit = group * UNITS;
        let count = UNITS.min(hidden - unit);
        // SAFETY: as the caller promises; the rows of the relay have room for whole groups.
        unsafe {
            let out = self.all.slice(((t + 1) * batch + n) * hidden + unit, count);
            super::store(out, h);
            super::store(self.track.next(t, n, unit, UNITS), h);
            if let Some(copy) = self.copy {
                super::store(copy.slice((n * steps + t) * hidden + unit, count), h);
            }
        }
    }
}
