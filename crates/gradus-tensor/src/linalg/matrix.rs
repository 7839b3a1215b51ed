//! Matrices where they lie: [`Matrix`] and [`MatrixMut`] are slices with strides, for whoever asks for a
//! product; [`Source`] and [`Target`] are the same by pointer, for the kernels.

/// A matrix to be read: element `(i, j)` is `values[offset + i * strides[0] + j * strides[1]]`.
#[derive(Clone, Copy)]
pub(crate) struct Matrix<'a, T> {
    pub(crate) values: &'a [T],
    pub(crate) offset: usize,
    pub(crate) strides: [isize; 2],
}

impl<'a, T> Matrix<'a, T> {
    /// A row-major matrix of `columns` columns.
    pub(crate) fn rows(values: &'a [T], columns: usize) -> Self {
        Self { values, offset: 0, strides: [columns as isize, 1] }
    }

    /// The same matrix with rows and columns exchanged.
    pub(crate) fn transposed(self) -> Self {
        Self { strides: [self.strides[1], self.strides[0]], ..self }
    }

    /// The same by pointer.
    ///
    /// # Panics
    /// If a matrix of this shape would reach beyond its slice.
    pub(super) fn source(self, shape: [usize; 2]) -> Source<T> {
        check(self.values.len(), self.offset, shape, self.strides);
        // Not the pointer of `values[offset..]`: with strides below zero the matrix lies before it, and
        // that pointer may be used for what lies behind it only.
        let start = self.values.as_ptr().wrapping_add(self.offset);
        // A stride that is never taken may as well be 1.
        let strides = [0, 1].map(|axis| if shape[axis] <= 1 { 1 } else { self.strides[axis] });
        Source { start, strides }
    }
}

/// A matrix to be written: element `(i, j)` is `values[i * stride + j]`.
pub(crate) struct MatrixMut<'a, T> {
    values: &'a mut [T],
    stride: usize,
}

impl<'a, T> MatrixMut<'a, T> {
    /// Rows that start `stride` elements apart.
    pub(crate) fn rows(values: &'a mut [T], stride: usize) -> Self {
        Self { values, stride }
    }

    /// The same by pointer.
    ///
    /// # Panics
    /// If a matrix of this shape would reach beyond its slice, or if rows of it would overlap.
    pub(super) fn target(self, shape: [usize; 2]) -> Target<T> {
        let stride = self.stride as isize;
        check(self.values.len(), 0, shape, [stride, 1]);
        assert!(shape[0] <= 1 || shape[1] <= self.stride, "rows of a matrix overlap");
        Target { start: self.values.as_mut_ptr(), stride }
    }
}

/// Panics if an element of the matrix would lie outside a slice of `len` elements.
fn check(len: usize, offset: usize, shape: [usize; 2], strides: [isize; 2]) {
    if shape.contains(&0) {
        return;
    }
    let reach = [0, 1].map(|axis| (shape[axis] as isize - 1).saturating_mul(strides[axis]));
    let low = reach.iter().fold(offset as isize, |at, &r| at.saturating_add(r.min(0)));
    let high = reach.iter().fold(offset as isize, |at, &r| at.saturating_add(r.max(0)));
    assert!(low >= 0 && high < len as isize, "a matrix exceeds its slice");
}

/// A matrix to be read, by pointer.
#[derive(Clone, Copy)]
pub(crate) struct Source<T = f32> {
    pub(crate) start: *const T,
    /// From row to row, from column to column.
    pub(crate) strides: [isize; 2],
}

// SAFETY: it is an address. Who reads what is there promises that it may be read.
unsafe impl<T: Sync> Send for Source<T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for Source<T> {}

impl<T> Source<T> {
    /// Rows whose elements lie side by side; they start `stride` apart.
    #[inline(always)]
    pub(crate) fn rows(start: *const T, stride: usize) -> Self {
        Self { start, strides: [stride as isize, 1] }
    }

    /// Columns whose elements lie side by side; they start `stride` apart.
    #[inline(always)]
    pub(crate) fn columns(start: *const T, stride: usize) -> Self {
        Self { start, strides: [1, stride as isize] }
    }

    /// The same matrix from another element on.
    #[inline(always)]
    pub(crate) fn at(self, row: usize, column: usize) -> Self {
        let [down, across] = self.strides;
        let step = (row as isize).wrapping_mul(down);
        let step = step.wrapping_add((column as isize).wrapping_mul(across));
        Self { start: self.start.wrapping_offset(step), ..self }
    }

    /// The same matrix with rows and columns exchanged.
    #[inline(always)]
    pub(crate) fn transposed(self) -> Self {
        Self { strides: [self.strides[1], self.strides[0]], ..self }
    }
}

/// A matrix to be written, by pointer. The elements of a row lie side by side.
#[derive(Clone, Copy)]
pub(crate) struct Target<T> {
    pub(crate) start: *mut T,
    /// From row to row.
    pub(crate) stride: isize,
}

// SAFETY: it is an address. Who writes there promises that nobody else uses these elements.
unsafe impl<T: Send> Send for Target<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Target<T> {}

impl<T> Target<T> {
    /// Rows that start `stride` apart.
    #[inline(always)]
    pub(crate) fn rows(start: *mut T, stride: usize) -> Self {
        Self { start, stride: stride as isize }
    }

    /// The same matrix from another element on.
    #[inline(always)]
    pub(crate) fn at(self, row: usize, column: usize) -> Self {
        let step = (row as isize).wrapping_mul(self.stride).wrapping_add(column as isize);
        Self { start: self.start.wrapping_offset(step), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_may_lie_before_its_first_element() {
        let values = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0];
        let flipped = Matrix { values: &values, offset: 5, strides: [-2, -1] };
        let source = flipped.source([3, 2]).at(2, 1);
        // SAFETY: the element lies in the slice.
        assert_eq!(unsafe { *source.start }, 0.0);
    }

    #[test]
    #[should_panic(expected = "a matrix exceeds its slice")]
    fn a_matrix_beyond_its_slice_is_refused() {
        Matrix::rows(&[1.0; 5], 3).source([2, 3]);
    }

    #[test]
    #[should_panic(expected = "a matrix exceeds its slice")]
    fn a_matrix_before_its_slice_is_refused() {
        Matrix { values: &[1.0; 6], offset: 4, strides: [-2, -1] }.source([3, 2]);
    }

    #[test]
    #[should_panic(expected = "a matrix exceeds its slice")]
    fn a_stride_beyond_all_bounds_is_refused() {
        Matrix { values: &[1.0; 6], offset: 4, strides: [isize::MAX, isize::MIN] }.source([3, 2]);
    }

    #[test]
    #[should_panic(expected = "rows of a matrix overlap")]
    fn rows_to_be_written_may_not_overlap() {
        MatrixMut::rows(&mut [0.0; 9], 2).target([2, 3]);
    }
}
