//! A walk through time: in each step a product with the recurrent weights, piece by piece, and what
//! follows it.

use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::panels::{Panels, ROWS, Relay, UNITS, product};
use crate::Float;
use crate::linalg::shared::Shared;
use crate::simd::{dispatch, vectorize_at};
use crate::threads::for_each_step;

/// The most columns of a piece: four gates of a group.
const WIDEST: usize = 4 * UNITS;

/// The recurrent weights, and what a step hands to the next.
#[derive(Clone, Copy)]
pub(super) struct Track<'a, T> {
    panels: &'a Panels<T>,
    relay: Shared<'a, T>,
    /// From row to row of the relay.
    stride: usize,
    batch: usize,
    /// Whether the first step has zeros instead of a product.
    from_zero: bool,
}

impl<'a, T: Float> Track<'a, T> {
    pub(super) fn new(
        panels: &'a Panels<T>,
        relay: &'a mut Relay<T>,
        batch: usize,
        from_zero: bool,
    ) -> Self {
        let stride = relay.stride;
        let relay = Shared::new(relay.values.as_mut_slice());
        Self { panels, relay, stride, batch, from_zero }
    }

    /// What the step before handed on: the units of a group, of row `n`. Beyond the last unit they
    /// have no meaning.
    ///
    /// # Safety
    /// The row must have room for them, and nobody may write them during this step.
    #[inline(always)]
    pub(super) unsafe fn before(&self, step: usize, n: usize, start: usize) -> &'a [T; UNITS] {
        let row = step % 2 * self.batch + n;
        // SAFETY: as the caller promises; during this step all write the other half.
        unsafe { &*self.relay.at((row * self.stride + start) as isize).cast() }
    }

    /// Where a step finds room for what it hands to the next: `len` numbers of row `n`.
    ///
    /// # Safety
    /// Nobody else may use these numbers during this step.
    #[inline(always)]
    pub(super) unsafe fn next(
        &self,
        step: usize,
        n: usize,
        start: usize,
        len: usize,
    ) -> &'a mut [T] {
        let row = (step + 1) % 2 * self.batch + n;
        // SAFETY: as the caller promises; others read the half of the step before.
        unsafe { self.relay.slice(row * self.stride + start, len) }
    }
}

/// What a layer does in each step.
pub(super) trait Walk<T: Float>: Sync {
    fn track(&self) -> Track<'_, T>;

    /// What follows the product of some rows, of which a piece has the sums: `[rows, columns]`. It is
    /// compiled for wide vectors if it is marked `#[inline(always)]`.
    fn follow(&self, step: usize, rows: Range<usize>, piece: usize, sums: &[T]);
}

/// Walks `steps` steps of `pieces` pieces each; by several threads if `parallel`.
pub(super) fn walk<T: Float>(walk: &impl Walk<T>, steps: usize, pieces: usize, parallel: bool) {
    for_each_step(steps, pieces, parallel, |step, piece| {
        dispatch(Piece { walk, step, piece, of: PhantomData });
    });
}

/// The work of one piece in one step.
struct Piece<'a, T, W> {
    walk: &'a W,
    step: usize,
    piece: usize,
    of: PhantomData<T>,
}

impl<T: Float, W: Walk<T>> WithSimd for Piece<'_, T, W> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { walk, step, piece, .. } = self;
        let Track { panels, relay, stride, batch, from_zero } = walk.track();
        let width = panels.columns();
        assert!(width <= WIDEST);
        let mut scratch = [const { MaybeUninit::uninit() }; ROWS * WIDEST];
        for top in (0..batch).step_by(ROWS) {
            let rows = ROWS.min(batch - top);
            let sums = &mut scratch[..rows * width];
            if from_zero && step == 0 {
                sums.iter_mut().for_each(|sum| *sum = MaybeUninit::new(T::ZERO));
            } else {
                let from = relay.at(((step % 2 * batch + top) * stride) as isize).cast_const();
                for (i, panel) in panels.of_group(piece).enumerate() {
                    let sizes = [rows, panels.k(), panels.width];
                    let out = (sums[i * panels.width..].as_mut_ptr().cast(), width);
                    // SAFETY: these rows were written in the step before; the sums have room.
                    unsafe { product(simd, sizes, (from, stride), panel, out) };
                }
            }
            // SAFETY: all columns of these rows are written, through pointers alone until now.
            let sums = unsafe { sums.assume_init_ref() };
            vectorize_at(
                simd,
                #[inline(always)]
                || walk.follow(step, top..top + rows, piece, sums),
            );
        }
    }
}
