//! The loop behind an optimizer's step: a tensor, the state that belongs to it, and a gradient, in
//! one pass over memory.
//!
//! The tensor and its state are changed where they lie. Only if somebody else shares the tensor's
//! elements (a graph that is still held keeps the parameters it was made from) do the new ones go to
//! other memory, in the same pass. The gradient is read under any layout. The pieces of work depend
//! on the size alone, so the bits are the same on any number of threads.

use super::rows::Strided;
use super::walk::{Block, ONE};
use crate::layout::Layout;
use crate::linalg::shared::Shared;
use crate::simd::vectorize_for;
use crate::{Element, Error, Result, Tensor};

impl<T: Element> Tensor<T> {
    /// Calls `f` with every element of this tensor, the elements of the `state` tensors at the same
    /// index, and that of `grad`; `f` may change all but the last. All have the same shape.
    ///
    /// Other tensors that share elements of this one keep the old values. State tensors take over
    /// the memory order of this tensor. `f` should be marked `#[inline(always)]`: what is compiled
    /// apart does not get wide vectors.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// let mut weight = Tensor::vector([1.0, 2.0]);
    /// let mut velocity = Tensor::vector([0.5, 0.5]);
    /// let grad = Tensor::vector([2.0, -2.0]);
    /// weight.update("momentum", [&mut velocity], &grad, |w, [v], g| {
    ///     *v = 0.5 * *v + g;
    ///     *w -= *v;
    /// })?;
    /// assert_eq!(velocity.to_vec(), [2.25, -1.75]);
    /// assert_eq!(weight.to_vec(), [-1.25, 3.75]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Shape`], before anything is written, if a state tensor or `grad` has another shape.
    pub fn update<const N: usize>(
        &mut self,
        op: &'static str,
        state: [&mut Tensor<T>; N],
        grad: &Tensor<T>,
        f: impl Fn(&mut T, [&mut T; N], T) + Sync + Send,
    ) -> Result<()> {
        let gradient = grad.buffer.as_slice();
        update(self, op, state, grad, &|values, mut state, block| {
            vectorize_for::<T, T, T, _>(
                #[inline(always)]
                || {
                    let state = state.each_mut().map(
                        #[inline(always)]
                        |state| &mut **state,
                    );
                    run(values, state, gradient, block, &f);
                },
            );
        })
    }

    /// The elements, to be written, in the memory order of a dense layout of the same shape.
    fn as_dense_mut_like(&mut self, layout: &Layout) -> &mut [T] {
        // The stride of an axis of size 1 says nothing about the order.
        let same = self.shape().iter().zip(self.strides().iter().zip(&layout.strides));
        if !same.into_iter().all(|(&n, (here, there))| n == 1 || here == there) {
            *self = self.copied_to(layout.packed());
        }
        self.as_dense_mut()
    }
}

/// What is done with a block of the tensor and of each state, and where the gradient is that belongs to it.
type Work<'a, T, const N: usize> = dyn Fn(&mut [T], [&mut [T]; N], Block<1>) + Sync + 'a;

/// Calls `work` with each block; compiled for each number of states, not for each rule.
fn update<T: Element, const N: usize>(
    x: &mut Tensor<T>,
    op: &'static str,
    state: [&mut Tensor<T>; N],
    grad: &Tensor<T>,
    work: &Work<'_, T, N>,
) -> Result<()> {
    for other in state.iter().map(|tensor| &**tensor).chain([grad]) {
        if other.shape() != x.shape() {
            let wanted = format!("{:?}, the shape of the tensor to update", x.shape());
            return Err(Error::shape(op, other.shape(), wanted));
        }
    }
    let layout = x.layout.packed();
    let state = state.map(|slot| Shared::new(slot.as_dense_mut_like(&layout)));
    let (walk, len) = ((ONE.walk)(&layout, [&grad.layout]), layout.len());
    let blocks = |values: Shared<'_, T>, old: Option<&[T]>| {
        (ONE.each_block)(&walk, len, &|block| {
            let (to, len) = (block.to, block.rows * block.len);
            // SAFETY: a walk comes to each element once.
            let (values, state) =
                unsafe { (values.slice(to, len), state.map(|slot| slot.slice(to, len))) };
            if let Some(old) = old {
                values.copy_from_slice(&old[to..to + len]);
            }
            work(values, state, block);
        });
    };
    if x.layout.is_dense() && !x.is_shared() {
        blocks(Shared::new(x.as_dense_mut()), None);
        return Ok(());
    }
    let old = x.packed();
    let old = old.as_dense().unwrap_or_default();
    *x = Tensor::build(layout, |new| blocks(Shared::new(new), Some(old)));
    Ok(())
}

/// `f` of every element of a block.
#[inline(always)]
fn run<T: Element, const N: usize>(
    values: &mut [T],
    mut state: [&mut [T]; N],
    gradient: &[T],
    block: Block<1>,
    f: &impl Fn(&mut T, [&mut T; N], T),
) {
    for r in 0..block.rows {
        let here = r * block.len;
        let values = &mut values[here..][..block.len];
        let grad = Strided::new(gradient, block.row(r), 0);
        // The same length for all, as the compiler needs to know to leave out checks.
        let mut state = state.each_mut().map(|slot| &mut slot[here..][..block.len]);
        match grad.slice(block.len) {
            Some(grad) => {
                for (i, value) in values.iter_mut().enumerate() {
                    f(value, state.each_mut().map(|slot| &mut slot[i]), grad[i]);
                }
            }
            None => {
                for (i, value) in values.iter_mut().enumerate() {
                    f(value, state.each_mut().map(|slot| &mut slot[i]), grad.at(i));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tensor of the given shape whose axes lie in memory in the given order.
    fn laid_out(shape: &[usize], order: &[usize], first: f64) -> Tensor<f64> {
        let values = Tensor::filled_by(shape, |out| {
            out.iter_mut().enumerate().for_each(|(i, x)| *x = first + i as f64);
        });
        values.copied_to(Layout::dense(shape, order))
    }

    #[test]
    fn every_layout_gives_what_the_row_major_one_gives() {
        let shape = [3, 1, 4, 5];
        let orders = [[0, 1, 2, 3], [0, 2, 3, 1], [3, 2, 1, 0], [1, 3, 0, 2]];
        let mut results = Vec::new();
        for a in orders {
            for b in orders {
                for c in orders {
                    let mut x = laid_out(&shape, &a, 0.0);
                    let mut state = [laid_out(&shape, &b, 100.0), laid_out(&shape, &c, 200.0)];
                    let grad = laid_out(&shape, &c, 0.5);
                    let [m, v] = &mut state;
                    x.update("test", [m, v], &grad, |x, [m, v], g| {
                        *m += g;
                        *v += *m * *x;
                        *x -= *v;
                    })
                    .unwrap();
                    let [m, v] = state;
                    results.push([x.to_vec(), m.to_vec(), v.to_vec()]);
                }
            }
        }
        assert_eq!(results[0][1][..2], [100.5, 102.5]);
        assert!(results.iter().all(|result| *result == results[0]));
    }

    #[test]
    fn gradients_may_be_views_and_parameters_shared() {
        let mut x = Tensor::vector([1.0, 2.0, 3.0]);
        let before = x.clone();
        let grad = Tensor::vector([0.0, 1.0, 2.0]).flip(0).unwrap();
        x.update("test", [], &grad, |x, [], g| *x += 10.0 * g).unwrap();
        x.update("test", [], &Tensor::scalar(0.5).expand([3]).unwrap(), |x, [], g| *x += g)
            .unwrap();
        assert_eq!(x.to_vec(), [21.5, 12.5, 3.5]);
        assert_eq!(before.to_vec(), [1.0, 2.0, 3.0]);
    }

    #[test]
    fn another_shape_is_an_error_and_nothing_is_written() {
        let mut x = Tensor::vector([1.0, 2.0]);
        let mut slot = Tensor::zeros([2]);
        let error = x.update("adam", [&mut slot], &Tensor::zeros([1]), |x, [_], _| *x = 9.0);
        let wanted = "adam: got shape [1], wanted [2], the shape of the tensor to update";
        assert_eq!(error.unwrap_err().to_string(), wanted);
        assert_eq!(x.to_vec(), [1.0, 2.0]);
        let mut empty = Tensor::<f32>::zeros([0, 3]);
        empty.update("adam", [], &Tensor::zeros([0, 3]), |_, [], _| ()).unwrap();
    }
}
