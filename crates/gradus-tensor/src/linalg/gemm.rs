//! The one door to the library that multiplies matrices.

use std::any::TypeId;

use gemm::Parallelism;

use crate::{Float, threads};

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
}

/// A matrix to be written.
pub(crate) struct MatrixMut<'a, T> {
    pub(crate) values: &'a mut [T],
    pub(crate) strides: [isize; 2],
}

impl<'a, T> MatrixMut<'a, T> {
    /// A row-major matrix of `columns` columns.
    pub(crate) fn rows(values: &'a mut [T], columns: usize) -> Self {
        Self { values, strides: [columns as isize, 1] }
    }
}

/// Work, in multiplications, below which one thread is faster than several.
const PARALLEL: usize = 48 * 48 * 256;

/// `C = A B`, or `C += A B` if `accumulate`, for `A` of `m × k`, `B` of `k × n`, `C` of `m × n`.
///
/// Each element of `C` is summed up by one thread in an order that depends on the sizes alone.
///
/// # Panics
/// If a matrix reaches beyond its slice.
pub(crate) fn gemm<T: Float>(
    [m, k, n]: [usize; 3],
    a: Matrix<'_, T>,
    b: Matrix<'_, T>,
    c: MatrixMut<'_, T>,
    accumulate: bool,
    parallel: bool,
) {
    if m == 0 || n == 0 {
        return;
    }
    // Sums of no terms. The matrices have no elements then, and may start anywhere.
    if k == 0 {
        check_extent(c.values.len(), 0, [m, n], c.strides);
        for place in (0..if accumulate { 0 } else { m * n }).map(|i| [i / n, i % n]) {
            let [row, column] = [0, 1].map(|axis| place[axis] as isize * c.strides[axis]);
            c.values[(row + column) as usize] = T::ZERO;
        }
        return;
    }
    check_extent(a.values.len(), a.offset, [m, k], a.strides);
    check_extent(b.values.len(), b.offset, [k, n], b.strides);
    check_extent(c.values.len(), 0, [m, n], c.strides);
    let parallelism = if parallel && threads::count() > 1 && m * n * k >= PARALLEL {
        Parallelism::Rayon(0)
    } else {
        Parallelism::None
    };
    let (alpha, beta) = (if accumulate { T::ONE } else { T::ZERO }, T::ONE);
    // The library dispatches on the type by itself; both of ours are among those it knows.
    debug_assert!([TypeId::of::<f32>(), TypeId::of::<f64>()].contains(&TypeId::of::<T>()));
    // SAFETY: `check_extent` made sure that every element of the three matrices lies inside its
    // slice. `c` is borrowed mutably, so it overlaps neither of the others, and its strides come
    // from dense layouts, so that no two of its elements coincide.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            c.values.as_mut_ptr(),
            c.strides[1],
            c.strides[0],
            accumulate,
            a.values.as_ptr().add(a.offset),
            a.strides[1],
            a.strides[0],
            b.values.as_ptr().add(b.offset),
            b.strides[1],
            b.strides[0],
            alpha,
            beta,
            false,
            false,
            false,
            parallelism,
        );
    }
}

/// Panics if an element of the matrix would lie outside a slice of `len` elements.
fn check_extent(len: usize, offset: usize, shape: [usize; 2], strides: [isize; 2]) {
    if shape.contains(&0) {
        return assert!(offset <= len, "a matrix starts beyond its slice");
    }
    let reach = [0, 1].map(|axis| (shape[axis] as isize - 1) * strides[axis]);
    let low: isize = reach.iter().map(|&r| r.min(0)).sum();
    let high: isize = reach.iter().map(|&r| r.max(0)).sum();
    let offset = offset as isize;
    assert!(offset + low >= 0 && offset + high < len as isize, "a matrix exceeds its slice");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "a matrix exceeds its slice")]
    fn a_matrix_beyond_its_slice_is_refused() {
        let (a, b, mut c) = ([1.0_f32; 5], [1.0; 6], [0.0; 4]);
        let a = Matrix::rows(&a, 3);
        gemm([2, 3, 2], a, Matrix::rows(&b, 2), MatrixMut::rows(&mut c, 2), false, false);
    }
}
