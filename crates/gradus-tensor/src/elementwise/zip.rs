//! The loops that every elementwise operation runs through: one, two or three operands to a new
//! tensor, or one operand into a tensor in place.
//!
//! The result keeps the order of axes in memory that its largest operand has, so that
//! channels-last images stay channels-last.
//!
//! The loops are plain ones: what an iterator's `for_each` is given would, when `f` is long, be
//! compiled apart, without wide vectors.

use super::walk::{ONE, Plan, Row, THREE, TWO};
use crate::layout::{Dims, Layout, broadcast_shape};
use crate::linalg::shared::Shared;
use crate::simd::vectorize_for;
use crate::threads::{PIECE, for_each_piece};
use crate::{Element, Result, Tensor, concrete};

/// Elements at equal distances: element `i` is `values[start + i * stride]`.
#[derive(Clone, Copy)]
pub(super) struct Strided<'a, T> {
    values: &'a [T],
    start: usize,
    stride: isize,
}

impl<'a, T: Element> Strided<'a, T> {
    /// The elements of an operand that belong to a row of the result.
    #[inline(always)]
    pub(super) fn new<const N: usize>(values: &'a [T], row: Row<N>, operand: usize) -> Self {
        Self { values, start: row.at[operand], stride: row.strides[operand] }
    }

    #[inline(always)]
    pub(super) fn at(&self, i: usize) -> T {
        self.values[(self.start as isize + i as isize * self.stride) as usize]
    }

    /// As a slice, if they are neighbours.
    #[inline(always)]
    pub(super) fn slice(&self, n: usize) -> Option<&'a [T]> {
        (self.stride == 1).then(|| &self.values[self.start..self.start + n])
    }
}

/// A tensor of a dense layout, whose rows `fill` writes.
fn build<T: Element, const N: usize>(
    layout: Layout,
    operands: [&Layout; N],
    plan: &Plan<N>,
    fill: &(dyn Fn(&mut [T], Row<N>) + Sync),
) -> Tensor<T> {
    let walk = (plan.walk)(&layout, operands);
    Tensor::build(layout, |out| {
        let (len, out) = (out.len(), Shared::new(out));
        // SAFETY: a walk comes to each element of the result once.
        (plan.each_row)(&walk, len, &|row| fill(unsafe { out.slice(row.to, row.len) }, row));
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
    let (layout, [a, b]) = broadcast(op, [x.layout, y.layout])?;
    Ok(build(layout, [&a, &b], &TWO, &|out, row| {
        let (a, b) = (Strided::new(x.values, row, 0), Strided::new(y.values, row, 1));
        vectorize_for::<T, U, V, _>(
            #[inline(always)]
            || zip_row(out, a, b, &f),
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
        self.map_to(self.layout.packed(), f)
    }

    /// A copy of the elements under a dense layout of the same shape.
    pub(crate) fn copied_to(&self, layout: Layout) -> Self {
        fn kernel<T: Element>(x: &Tensor<T>, layout: Layout) -> Tensor<T> {
            build(layout, [&x.layout], &ONE, &|out, row| {
                let from = Strided::new(x.buffer.as_slice(), row, 0);
                match from.slice(out.len()) {
                    Some(from) => out.copy_from_slice(from),
                    None => out.iter_mut().enumerate().for_each(|(i, o)| *o = from.at(i)),
                }
            })
        }
        concrete!(Element, kernel: fn(&Tensor<T>, Layout) -> Tensor<T>)(self, layout)
    }

    fn map_to<U: Element>(&self, layout: Layout, f: impl Fn(T) -> U + Sync + Send) -> Tensor<U> {
        let values = self.buffer.as_slice();
        build(layout, [&self.layout], &ONE, &|out, row| {
            let a = Strided::new(values, row, 0);
            vectorize_for::<T, U, U, _>(
                #[inline(always)]
                || match a.slice(out.len()) {
                    Some(a) => {
                        for (o, &a) in out.iter_mut().zip(a) {
                            *o = f(a);
                        }
                    }
                    None => {
                        for (i, o) in out.iter_mut().enumerate() {
                            *o = f(a.at(i));
                        }
                    }
                },
            );
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
        concrete!(Element, kernel: fn(&mut Tensor<T>, &Tensor<T>) -> Result<()>)(self, other)
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
        let layouts = [&self.layout, &second.layout, &third.layout];
        let (layout, [a, b, c]) = broadcast(op, layouts)?;
        let (x, y, z) = (self.operand(), second.operand(), third.operand());
        Ok(build(layout, [&a, &b, &c], &THREE, &|out, row| {
            let (a, b) = (Strided::new(x.values, row, 0), Strided::new(y.values, row, 1));
            let c = Strided::new(z.values, row, 2);
            // Two of them say enough: the third is a mask, or of the type of the others.
            vectorize_for::<U, V, W, _>(
                #[inline(always)]
                || zip3_row(out, a, b, c, &f),
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
        inplace(self, op, other, &|out, b| {
            vectorize_for::<T, U, U, _>(
                #[inline(always)]
                || match b.slice(out.len()) {
                    Some(b) => {
                        for (x, &b) in out.iter_mut().zip(b) {
                            *x = f(*x, b);
                        }
                    }
                    None if b.stride == 0 => {
                        let b = b.at(0);
                        for x in out {
                            *x = f(*x, b);
                        }
                    }
                    None => {
                        for (i, x) in out.iter_mut().enumerate() {
                            *x = f(*x, b.at(i));
                        }
                    }
                },
            );
        })
    }
}

/// Calls `work` with each row of a tensor, to be changed, and what belongs to it of another that is
/// broadcast to it.
fn inplace<T: Element, U: Element>(
    x: &mut Tensor<T>,
    op: &'static str,
    other: &Tensor<U>,
    work: &(dyn Fn(&mut [T], Strided<'_, U>) + Sync),
) -> Result<()> {
    let b = other.layout.broadcast(op, x.shape())?;
    let values = other.buffer.as_slice();
    // After this the elements are dense and belong to this tensor alone.
    x.as_dense_mut();
    let (walk, len) = ((ONE.walk)(&x.layout, [&b]), x.len());
    let out = Shared::new(x.as_dense_mut());
    (ONE.each_row)(&walk, len, &|row| {
        // SAFETY: a walk comes to each element once.
        work(unsafe { out.slice(row.to, row.len) }, Strided::new(values, row, 0));
    });
    Ok(())
}

/// The layout of a result, and the operands broadcast to it.
fn broadcast<const N: usize>(
    op: &'static str,
    operands: [&Layout; N],
) -> Result<(Layout, [Layout; N])> {
    let mut shape = operands[0].shape.clone();
    for other in &operands[1..] {
        shape = broadcast_shape(op, &shape, &other.shape)?;
    }
    let mut layouts = operands.map(Layout::clone);
    for layout in &mut layouts {
        *layout = layout.broadcast(op, &shape)?;
    }
    Ok((result_layout(shape, &operands), layouts))
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
    a: Strided<'_, T>,
    b: Strided<'_, U>,
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
    a: Strided<'_, T>,
    b: Strided<'_, U>,
    c: Strided<'_, V>,
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
