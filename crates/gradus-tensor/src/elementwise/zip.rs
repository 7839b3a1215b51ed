//! The loops that every elementwise operation runs through: one, two or three operands to a new
//! tensor, or one operand into a tensor in place.
//!
//! The result keeps the order of axes in memory that its largest operand has, so that
//! channels-last images stay channels-last.
//!
//! The loops are plain ones: what an iterator's `for_each` is given would, when `f` is long, be
//! compiled apart, without wide vectors.

use super::Walk;
use crate::layout::{Dims, Layout, broadcast_shape};
use crate::simd::vectorize;
use crate::threads::{PIECE, for_each_piece};
use crate::{Element, Result, Tensor};

/// A row of an operand: element `i` is `values[i * stride]`.
#[derive(Clone, Copy)]
struct Row<'a, T> {
    values: &'a [T],
    offset: usize,
    stride: isize,
}

impl<'a, T: Element> Row<'a, T> {
    #[inline(always)]
    fn at(&self, i: usize) -> T {
        self.values[(self.offset as isize + i as isize * self.stride) as usize]
    }

    /// The row as a slice, if its elements are neighbours.
    #[inline(always)]
    fn slice(&self, n: usize) -> Option<&'a [T]> {
        (self.stride == 1).then(|| &self.values[self.offset..self.offset + n])
    }
}

impl<T: Element> Tensor<T> {
    fn row(&self, offset: usize, stride: isize) -> Row<'_, T> {
        Row { values: self.buffer.as_slice(), offset, stride }
    }

    /// `f` of every element.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// let x = Tensor::vector([1.0, 4.0]);
    /// assert_eq!(x.map(|x: f32| x.sqrt() as f64).to_vec(), [1.0, 2.0]);
    /// ```
    pub fn map<U: Element>(&self, f: impl Fn(T) -> U + Sync + Send) -> Tensor<U> {
        self.map_to(self.layout.packed(), f)
    }

    /// A copy of the elements under a dense layout of the same shape.
    pub(crate) fn copied_to(&self, layout: Layout) -> Self {
        self.map_to(layout, |x| x)
    }

    fn map_to<U: Element>(&self, layout: Layout, f: impl Fn(T) -> U + Sync + Send) -> Tensor<U> {
        let walk = Walk::new(&layout, [&self.layout]);
        let [stride] = walk.strides();
        Tensor::build(layout, |out| {
            for_each_piece(out, PIECE, |i, piece| {
                let start = i * PIECE;
                vectorize(
                    #[inline(always)]
                    || {
                        walk.rows(
                            start,
                            start + piece.len(),
                            #[inline(always)]
                            |to, n, [a]| {
                                let out = &mut piece[to - start..to - start + n];
                                let a = self.row(a, stride);
                                if let Some(a) = a.slice(n) {
                                    for (o, &a) in out.iter_mut().zip(a) {
                                        *o = f(a);
                                    }
                                } else {
                                    for (i, o) in out.iter_mut().enumerate() {
                                        *o = f(a.at(i));
                                    }
                                }
                            },
                        );
                    },
                );
            });
        })
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
        let shape = broadcast_shape(op, self.shape(), other.shape())?;
        let a = self.layout.broadcast(op, &shape)?;
        let b = other.layout.broadcast(op, &shape)?;
        let layout = result_layout(shape, &[&self.layout, &other.layout]);
        let walk = Walk::new(&layout, [&a, &b]);
        let strides = walk.strides();
        Ok(Tensor::build(layout, |out| {
            for_each_piece(out, PIECE, |i, piece| {
                let start = i * PIECE;
                vectorize(
                    #[inline(always)]
                    || {
                        walk.rows(
                            start,
                            start + piece.len(),
                            #[inline(always)]
                            |to, n, [a, b]| {
                                let out = &mut piece[to - start..to - start + n];
                                let (a, b) = (self.row(a, strides[0]), other.row(b, strides[1]));
                                zip_row(out, a, b, &f);
                            },
                        );
                    },
                );
            });
        }))
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
        let shape = broadcast_shape(op, self.shape(), second.shape())?;
        let shape = broadcast_shape(op, &shape, third.shape())?;
        let a = self.layout.broadcast(op, &shape)?;
        let b = second.layout.broadcast(op, &shape)?;
        let c = third.layout.broadcast(op, &shape)?;
        let layout = result_layout(shape, &[&self.layout, &second.layout, &third.layout]);
        let walk = Walk::new(&layout, [&a, &b, &c]);
        let strides = walk.strides();
        Ok(Tensor::build(layout, |out| {
            for_each_piece(out, PIECE, |i, piece| {
                let start = i * PIECE;
                vectorize(
                    #[inline(always)]
                    || {
                        walk.rows(
                            start,
                            start + piece.len(),
                            #[inline(always)]
                            |to, n, [a, b, c]| {
                                let out = &mut piece[to - start..to - start + n];
                                let (a, b) = (self.row(a, strides[0]), second.row(b, strides[1]));
                                zip3_row(out, a, b, third.row(c, strides[2]), &f);
                            },
                        );
                    },
                );
            });
        }))
    }

    /// Replaces every element `x` by `f(x)`.
    ///
    /// Copies the elements first if other tensors share them.
    pub fn map_inplace(&mut self, f: impl Fn(T) -> T + Sync + Send) {
        for_each_piece(self.as_dense_mut(), PIECE, |_, piece| {
            vectorize(
                #[inline(always)]
                || {
                    for x in piece {
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
        let b = other.layout.broadcast(op, self.shape())?;
        // After this the elements are dense and belong to this tensor alone.
        self.as_dense_mut();
        let walk = Walk::new(&self.layout.clone(), [&b]);
        let [stride] = walk.strides();
        for_each_piece(self.as_dense_mut(), PIECE, |i, piece| {
            let start = i * PIECE;
            vectorize(
                #[inline(always)]
                || {
                    walk.rows(
                        start,
                        start + piece.len(),
                        #[inline(always)]
                        |to, n, [b]| {
                            let out = &mut piece[to - start..to - start + n];
                            let b = other.row(b, stride);
                            if let Some(b) = b.slice(n) {
                                for (x, &b) in out.iter_mut().zip(b) {
                                    *x = f(*x, b);
                                }
                            } else if b.stride == 0 {
                                let b = b.at(0);
                                for x in out {
                                    *x = f(*x, b);
                                }
                            } else {
                                for (i, x) in out.iter_mut().enumerate() {
                                    *x = f(*x, b.at(i));
                                }
                            }
                        },
                    );
                },
            );
        });
        Ok(())
    }
}

/// The layout of a result: that of the first operand with the full shape and no repeated elements,
/// packed; row-major if every operand is repeated.
fn result_layout(shape: Dims, operands: &[&Layout]) -> Layout {
    match operands.iter().find(|operand| operand.shape == shape && !operand.repeats()) {
        Some(operand) => operand.packed(),
        None => Layout::contiguous(&shape),
    }
}

#[inline(always)]
fn zip_row<T: Element, U: Element, V: Element>(
    out: &mut [V],
    a: Row<'_, T>,
    b: Row<'_, U>,
    f: &impl Fn(T, U) -> V,
) {
    let n = out.len();
    match (a.slice(n), b.slice(n)) {
        (Some(a), Some(b)) => {
            for (o, (&a, &b)) in out.iter_mut().zip(a.iter().zip(b)) {
                *o = f(a, b);
            }
        }
        (Some(a), None) if b.stride == 0 => {
            let b = b.at(0);
            for (o, &a) in out.iter_mut().zip(a) {
                *o = f(a, b);
            }
        }
        (None, Some(b)) if a.stride == 0 => {
            let a = a.at(0);
            for (o, &b) in out.iter_mut().zip(b) {
                *o = f(a, b);
            }
        }
        _ => {
            for (i, o) in out.iter_mut().enumerate() {
                *o = f(a.at(i), b.at(i));
            }
        }
    }
}

#[inline(always)]
fn zip3_row<T: Element, U: Element, V: Element, W: Element>(
    out: &mut [W],
    a: Row<'_, T>,
    b: Row<'_, U>,
    c: Row<'_, V>,
    f: &impl Fn(T, U, V) -> W,
) {
    let n = out.len();
    match (a.slice(n), b.slice(n), c.slice(n)) {
        (Some(a), Some(b), Some(c)) => {
            for (i, o) in out.iter_mut().enumerate() {
                *o = f(a[i], b[i], c[i]);
            }
        }
        _ => {
            for (i, o) in out.iter_mut().enumerate() {
                *o = f(a.at(i), b.at(i), c.at(i));
            }
        }
    }
}
