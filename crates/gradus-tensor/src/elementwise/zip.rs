//! The loops that every elementwise operation runs through: one, two or three operands to a new
//! tensor, or one operand into a tensor in place.
//!
//! The result keeps the order of axes in memory that its largest operand has, so that
//! channels-last images stay channels-last.

use super::rows::{Strided, inplace_row, map_row, turn, zip_row, zip3_row};
use super::walk::{Block, ONE, Plan, THREE, TWO, Walk, alone};
use crate::layout::Layout;
use crate::linalg::shared::Shared;
use crate::simd::vectorize_for;
use crate::threads::{PIECE, for_each_piece};
use crate::{Element, Result, Tensor, concrete};

/// A tensor of a dense layout, whose blocks `fill` writes.
fn build<T: Element, const N: usize>(
    (layout, walk): (Layout, Walk<N>),
    plan: &Plan<N>,
    fill: &(dyn Fn(&mut [T], Block<N>) + Sync),
) -> Tensor<T> {
    Tensor::build(layout, |out| {
        let (len, out) = (out.len(), Shared::new(out));
        (plan.each_block)(&walk, len, &|block| {
            // SAFETY: a walk comes to each element of the result once.
            fill(unsafe { out.slice(block.to, block.rows * block.len) }, block);
        });
    })
}

/// Elements, and where they lie.
#[derive(Clone, Copy)]
pub(super) struct Operand<'a, T> {
    pub(super) values: &'a [T],
    pub(super) layout: &'a Layout,
}

/// Two operands broadcast together; see [`Tensor::zip`].
#[inline]
pub(super) fn zip<T: Element, U: Element, V: Element>(
    op: &'static str,
    x: Operand<'_, T>,
    y: Operand<'_, U>,
    f: impl Fn(T, U) -> V + Sync,
) -> Result<Tensor<V>> {
    let both = (TWO.join)(op, [x.layout, y.layout])?;
    Ok(build(both, &TWO, &|out, block| {
        vectorize_for::<T, U, V, _>(
            #[inline(always)]
            || {
                block.each(
                    out,
                    #[inline(always)]
                    |out, row| {
                        let (a, b) =
                            (Strided::new(x.values, row, 0), Strided::new(y.values, row, 1));
                        zip_row(out, a, b, &f);
                    },
                );
            },
        );
    }))
}

impl<T: Element> Tensor<T> {
    pub(super) fn operand(&self) -> Operand<'_, T> {
        Operand { values: self.buffer.as_slice(), layout: &self.layout }
    }

    /// `f` of every element.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// let x = Tensor::vector([1.0, 4.0]);
    /// assert_eq!(x.map(|x: f32| x.sqrt() as f64).to_vec(), [1.0, 2.0]);
    /// ```
    pub fn map<U: Element>(&self, f: impl Fn(T) -> U + Sync + Send) -> Tensor<U> {
        let values = self.buffer.as_slice();
        build(alone(&self.layout), &ONE, &|out, block| {
            vectorize_for::<T, U, U, _>(
                #[inline(always)]
                || {
                    block.each(
                        out,
                        #[inline(always)]
                        |out, row| map_row(out, Strided::new(values, row, 0), &f),
                    );
                },
            );
        })
    }

    /// A copy of the elements under a dense layout of the same shape.
    pub(crate) fn copied_to(&self, layout: Layout) -> Self {
        fn kernel<T: Element>(x: &Tensor<T>, layout: Layout) -> Tensor<T> {
            let walk = (ONE.walk)(&layout, [&x.layout]);
            build((layout, walk), &ONE, &|out, block| {
                let values = x.buffer.as_slice();
                if block.steps == [1] && block.strides != [1] {
                    return turn(out, values, block);
                }
                block.each(out, |out, row| {
                    let from = Strided::new(values, row, 0);
                    match from.slice(out.len()) {
                        Some(from) => out.copy_from_slice(from),
                        None => out.iter_mut().enumerate().for_each(|(i, o)| *o = from.at(i)),
                    }
                });
            })
        }
        fn bits<T: Element>(x: &Tensor<T>, layout: Layout) -> Tensor<T> {
            concrete!(Bits, kernel: fn(&Tensor<T>, Layout) -> Tensor<T>)(x, layout)
        }
        Self::of_bits(bits(self.bits(), layout))
    }

    /// As [`map`](Tensor::map), for loops that are not worth several widths of vectors.
    pub(super) fn map_narrow<U: Element>(&self, f: impl Fn(T) -> U + Sync) -> Tensor<U> {
        let values = self.buffer.as_slice();
        build(alone(&self.layout), &ONE, &|out, block| {
            block.each(out, |out, row| map_row(out, Strided::new(values, row, 0), &f));
        })
    }

    /// Replaces every element by that of `other`, which is broadcast to this shape. The elements keep
    /// their order in memory.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// let mut x = Tensor::<f32>::zeros([2, 2]).transpose(0, 1)?;
    /// x.assign(&Tensor::vector([1.0, 2.0]))?;
    /// assert_eq!((x.to_vec(), x.strides()), (vec![1.0, 2.0, 1.0, 2.0], &[1, 2][..]));
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Shape`](crate::Error::Shape) if `other` does not broadcast to this shape.
    pub fn assign(&mut self, other: &Tensor<T>) -> Result<()> {
        fn kernel<T: Element>(x: &mut Tensor<T>, y: &Tensor<T>) -> Result<()> {
            x.zip_inplace("assign", y, |_, y| y)
        }
        fn bits<T: Element>(x: &mut Tensor<T>, y: &Tensor<T>) -> Result<()> {
            concrete!(Bits, kernel: fn(&mut Tensor<T>, &Tensor<T>) -> Result<()>)(x, y)
        }
        bits(self.bits_mut(), other.bits())
    }

    /// `f` of every pair of elements, the shapes broadcast together. `op` is the name that an
    /// error gives.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// let x = Tensor::vector([3.0_f32, 5.0]);
    /// let y = x.zip("hypot", &Tensor::scalar(4.0), |x, y: f32| x.hypot(y))?;
    /// assert_eq!(y.to_vec()[0], 5.0);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Broadcast`](crate::Error::Broadcast) if the shapes do not fit.
    pub fn zip<U: Element, V: Element>(
        &self,
        op: &'static str,
        other: &Tensor<U>,
        f: impl Fn(T, U) -> V + Sync + Send,
    ) -> Result<Tensor<V>> {
        zip(op, self.operand(), other.operand(), f)
    }

    /// `f` of every triple of elements, the shapes broadcast together.
    ///
    /// # Errors
    /// [`Error::Broadcast`](crate::Error::Broadcast) if the shapes do not fit.
    pub fn zip3<U: Element, V: Element, W: Element>(
        &self,
        op: &'static str,
        second: &Tensor<U>,
        third: &Tensor<V>,
        f: impl Fn(T, U, V) -> W + Sync + Send,
    ) -> Result<Tensor<W>> {
        let all = (THREE.join)(op, [&self.layout, &second.layout, &third.layout])?;
        let (x, y, z) = (self.operand(), second.operand(), third.operand());
        Ok(build(all, &THREE, &|out, block| {
            // Two of them say enough: the third is a mask, or of the type of the others.
            vectorize_for::<U, V, W, _>(
                #[inline(always)]
                || {
                    block.each(
                        out,
                        #[inline(always)]
                        |out, row| {
                            let (a, b) =
                                (Strided::new(x.values, row, 0), Strided::new(y.values, row, 1));
                            zip3_row(out, a, b, Strided::new(z.values, row, 2), &f);
                        },
                    );
                },
            );
        }))
    }

    /// Replaces every element `x` by `f(x)`.
    ///
    /// Copies the elements first if other tensors share them.
    pub fn map_inplace(&mut self, f: impl Fn(T) -> T + Sync + Send) {
        for_each_piece(self.as_dense_mut(), PIECE, |_, piece| {
            vectorize_for::<T, T, T, _>(
                #[inline(always)]
                || {
                    for x in &mut *piece {
                        *x = f(*x);
                    }
                },
            );
        });
    }

    /// Replaces every element `x` by `f(x, y)`, with `other` broadcast to the shape of this tensor.
    ///
    /// Copies the elements first if other tensors share them.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// let mut x = Tensor::vector([1.0, 2.0]);
    /// x.zip_inplace("add", &Tensor::scalar(0.5), |x, y| x + y)?;
    /// assert_eq!(x.to_vec(), [1.5, 2.5]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Shape`](crate::Error::Shape) if `other` does not broadcast to this shape.
    pub fn zip_inplace<U: Element>(
        &mut self,
        op: &'static str,
        other: &Tensor<U>,
        f: impl Fn(T, U) -> T + Sync + Send,
    ) -> Result<()> {
        let values = other.buffer.as_slice();
        inplace(self, op, &other.layout, &|out, block| {
            vectorize_for::<T, U, U, _>(
                #[inline(always)]
                || {
                    block.each(
                        out,
                        #[inline(always)]
                        |out, row| inplace_row(out, Strided::new(values, row, 0), &f),
                    );
                },
            );
        })
    }
}

/// Calls `work` with each block of a tensor, to be changed, and where that lies which belongs to it of a
/// layout that is broadcast to it.
fn inplace<T: Element>(
    x: &mut Tensor<T>,
    op: &'static str,
    other: &Layout,
    work: &(dyn Fn(&mut [T], Block<1>) + Sync),
) -> Result<()> {
    let expanded;
    let other = match other.shape == x.layout.shape {
        true => other,
        false => {
            expanded = other.broadcast(op, x.shape())?;
            &expanded
        }
    };
    // After this the elements are dense and belong to this tensor alone.
    x.as_dense_mut();
    let (walk, len) = ((ONE.walk)(&x.layout, [other]), x.len());
    let out = Shared::new(x.as_dense_mut());
    (ONE.each_block)(&walk, len, &|block| {
        // SAFETY: a walk comes to each element once.
        work(unsafe { out.slice(block.to, block.rows * block.len) }, block);
    });
    Ok(())
}
