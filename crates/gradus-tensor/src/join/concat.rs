//! Tensors joined along an axis that they have (`concat`) or that is new (`stack`).

use smallvec::SmallVec;

use super::memory_order;
use super::part::Part;
use crate::layout::{Dims, Layout, check_rank};
use crate::threads::{PIECE, for_each_piece};
use crate::{Element, Error, Result, Tensor, concrete};

/// Tensors joined along an axis, for an operation of that name.
type Join<T> = fn(&'static str, &[&Tensor<T>], usize) -> Result<Tensor<T>>;

impl<T: Element> Tensor<T> {
    /// The tensors one after the other along `axis`. Their shapes must agree on the other axes.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// let x = Tensor::from_vec(vec![1, 2, 3, 4], [2, 2])?;
    /// let y = Tensor::from_vec(vec![8, 9], [2, 1])?;
    /// assert_eq!(Tensor::concat(&[&x, &y], 1)?.to_vec(), [1_i64, 2, 8, 3, 4, 9]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Value`] if there are no tensors, [`Error::Axis`] if the first has no such axis,
    /// [`Error::Shape`] if another has a shape that does not fit, [`Error::TooLarge`] if memory
    /// cannot address the result.
    pub fn concat(tensors: &[&Tensor<T>], axis: isize) -> Result<Tensor<T>> {
        let op = "concat";
        let first = *tensors.first().ok_or_else(|| nothing(op))?;
        let axis = first.layout.axis(op, axis)?;
        for other in &tensors[1..] {
            if other.rank() != first.rank() {
                let wanted = format!(
                    "rank {}, as the first tensor of shape {:?}",
                    first.rank(),
                    first.shape()
                );
                return Err(Error::shape(op, other.shape(), wanted));
            }
            let differs = |&a: &usize| a != axis && other.shape()[a] != first.shape()[a];
            if let Some(a) = (0..first.rank()).find(differs) {
                let wanted = format!(
                    "{} elements on axis {a}, as the first tensor of shape {:?}; \
                     only axis {axis}, along which they are joined, may differ",
                    first.shape()[a],
                    first.shape()
                );
                return Err(Error::shape(op, other.shape(), wanted));
            }
        }
        joined(op, tensors, axis)
    }

    /// The tensors, all of one shape, one after the other along a new axis, which is `axis` of the
    /// result; `-1` puts it last.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// let (x, y) = (Tensor::vector([1_i64, 2]), Tensor::vector([8, 9]));
    /// assert_eq!(Tensor::stack(&[&x, &y], 0)?.to_vec(), [1, 2, 8, 9]);
    /// assert_eq!(Tensor::stack(&[&x, &y], 1)?.to_vec(), [1, 8, 2, 9]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Value`] if there are no tensors, [`Error::Axis`] if the result has no such axis,
    /// [`Error::Shape`] if the shapes differ, [`Error::TooLarge`] if memory cannot hold the
    /// result.
    pub fn stack(tensors: &[&Tensor<T>], axis: isize) -> Result<Tensor<T>> {
        let op = "stack";
        let first = *tensors.first().ok_or_else(|| nothing(op))?;
        let axis = crate::layout::resolve_axis(op, axis, first.rank() + 1)?;
        if let Some(other) = tensors.iter().find(|x| x.shape() != first.shape()) {
            let wanted = format!("{:?}, the shape of the first tensor", first.shape());
            return Err(Error::shape(op, other.shape(), wanted));
        }
        check_rank(op, first.rank() + 1)?;
        let views: Result<Vec<_>> = tensors.iter().map(|x| x.unsqueeze(axis as isize)).collect();
        let views = views?;
        let views: Vec<_> = views.iter().collect();
        joined(op, &views, axis)
    }
}

fn joined<T: Element>(op: &'static str, tensors: &[&Tensor<T>], axis: usize) -> Result<Tensor<T>> {
    fn bits<T: Element>(
        op: &'static str,
        tensors: &[&Tensor<T>],
        axis: usize,
    ) -> Result<Tensor<T>> {
        concrete!(Bits, join: Join<T>)(op, tensors, axis)
    }
    let tensors: SmallVec<[_; 4]> = tensors.iter().map(|x| x.bits()).collect();
    bits(op, &tensors, axis).map(Tensor::of_bits)
}

fn nothing(op: &'static str) -> Error {
    Error::value(op, "no tensors", "at least one")
}

/// Joins tensors whose shapes agree on all axes but `axis`.
fn join<T: Element>(op: &'static str, tensors: &[&Tensor<T>], axis: usize) -> Result<Tensor<T>> {
    if let [only] = tensors {
        return Ok((*only).clone());
    }
    let too_large = |shape: &[usize]| Error::TooLarge { op, shape: shape.to_vec() };
    let model = tensors.iter().find(|x| !x.is_empty()).unwrap_or(&tensors[0]);
    let mut shape = model.layout.shape.clone();
    shape[axis] = 0;
    let mut starts = Vec::with_capacity(tensors.len());
    for x in tensors {
        starts.push(shape[axis]);
        let end = shape[axis].checked_add(x.shape()[axis]);
        shape[axis] = end.ok_or_else(|| too_large(x.shape()))?;
    }
    Layout::with_room::<T>(op, &shape)?;
    let order = memory_order(&model.layout);
    let layout = Layout::dense(&shape, &order);
    let parts: Vec<_> = (tensors.iter().zip(starts))
        .map(|(x, start)| {
            let mut corner = Dims::from_elem(0, shape.len());
            corner[axis] = start;
            Part::new(x, corner, &layout, &order)
        })
        .collect();
    // Parts lie within each other's reach unless `axis` is the slowest. A piece then takes many
    // repeats of the pattern, so that each part has something to do in it.
    let slower = order.iter().take_while(|&&a| a != axis).map(|&a| shape[a]).product::<usize>();
    let size = if slower > 1 { PIECE.max(16 * (layout.len() / slower)) } else { PIECE };
    Ok(Tensor::build(layout, |out| {
        for_each_piece(out, size, |i, out| parts.iter().for_each(|part| part.write(i * size, out)));
    }))
}
