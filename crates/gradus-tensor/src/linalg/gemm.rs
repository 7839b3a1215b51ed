//! The one door to products of matrices: our own kernels for `f32`, the gemm crate for `f64`.

use std::any::TypeId;
use std::slice;

use gemm::Parallelism;

use super::f32;
use crate::{Activation, Float};

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

/// What happens to the product `A B` on its way to `C`:
/// `C = activation(alpha · A B + C if accumulate + bias)`.
///
/// It is done in the last pass over `C`, while the sums are in registers.
#[derive(Clone, Copy)]
pub(crate) struct Epilogue<'a, T> {
    /// Whether to add to what is in `C`.
    pub(crate) accumulate: bool,
    /// A factor for the product.
    pub(crate) alpha: T,
    /// A number for each column of `C`.
    pub(crate) bias: Option<&'a [T]>,
    /// The last step.
    pub(crate) activation: Activation,
}

impl<T: Float> Default for Epilogue<'_, T> {
    fn default() -> Self {
        Self { accumulate: false, alpha: T::ONE, bias: None, activation: Activation::Identity }
    }
}

impl<T: Float> Epilogue<'_, T> {
    /// `C = A B`, or `C += A B`.
    pub(crate) fn adding(accumulate: bool) -> Self {
        Self { accumulate, ..Self::default() }
    }
}

/// `C = A B` for `A` of `m × k`, `B` of `k × n`, `C` of `m × n`, finished by `epilogue`; by several
/// threads if `parallel` and it is large.
///
/// Each element of `C` is summed up by one thread in an order that depends on the sizes alone.
///
/// # Panics
/// If a matrix reaches beyond its slice, or the bias has not `n` elements.
pub(crate) fn gemm<T: Float>(
    [m, k, n]: [usize; 3],
    a: Matrix<'_, T>,
    b: Matrix<'_, T>,
    c: MatrixMut<'_, T>,
    epilogue: Epilogue<'_, T>,
    parallel: bool,
) {
    if m == 0 || n == 0 {
        return;
    }
    // Matrices without elements may start anywhere.
    let nothing = Matrix { values: &[], offset: 0, strides: [1, 1] };
    let [a, b] = if k == 0 { [nothing; 2] } else { [a, b] };
    check_extent(a.values.len(), a.offset, [m, k], a.strides);
    check_extent(b.values.len(), b.offset, [k, n], b.strides);
    check_extent(c.values.len(), 0, [m, n], c.strides);
    assert!(epilogue.bias.is_none_or(|b| b.len() == n), "a bias of another length");
    let c_strides = plain(c.strides, [m, n]);
    if TypeId::of::<T>() == TypeId::of::<f32>() && c_strides[1] == 1 {
        let a_strides = plain(a.strides, [m, k]);
        let b_strides = plain(b.strides, [k, n]);
        let epilogue = Epilogue {
            accumulate: epilogue.accumulate,
            alpha: epilogue.alpha.to_f64() as f32,
            // SAFETY: `T` is f32.
            bias: epilogue.bias.map(|b| unsafe { slice::from_raw_parts(b.as_ptr().cast(), n) }),
            activation: epilogue.activation,
        };
        let a = a.values[a.offset..].as_ptr().cast();
        let b = b.values[b.offset..].as_ptr().cast();
        let c = c.values.as_mut_ptr().cast();
        // SAFETY: `T` is f32. `check_extent` made sure that every element of the three matrices
        // lies inside its slice. `c` is borrowed mutably, so it overlaps neither of the others, and
        // its strides come from dense layouts, so that no two of its elements coincide.
        unsafe {
            let (a, b, c) = ((a, a_strides), (b, b_strides), (c, c_strides));
            f32::gemm([m, k, n], a, b, c, epilogue, parallel);
        }
        return;
    }
    library([m, k, n], a, b, c, epilogue);
}

/// The strides, with 1 where it makes no difference.
fn plain(strides: [isize; 2], sizes: [usize; 2]) -> [isize; 2] {
    [0, 1].map(|axis| if sizes[axis] <= 1 { 1 } else { strides[axis] })
}

/// The same by the gemm crate, on one thread, in two passes over `C`: for `f64`, and for a `C` whose
/// columns have gaps. The matrices are within their slices and not empty, but for `k`.
fn library<T: Float>(
    [m, k, n]: [usize; 3],
    a: Matrix<'_, T>,
    b: Matrix<'_, T>,
    c: MatrixMut<'_, T>,
    epilogue: Epilogue<'_, T>,
) {
    let accumulate = epilogue.accumulate;
    // The library dispatches on the type by itself; both of ours are among those it knows.
    debug_assert!([TypeId::of::<f32>(), TypeId::of::<f64>()].contains(&TypeId::of::<T>()));
    if k > 0 {
        // SAFETY: the caller made sure that every element of the three matrices lies inside its
        // slice. `c` is borrowed mutably, so it overlaps neither of the others, and its strides
        // come from dense layouts, so that no two of its elements coincide.
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
                T::ONE,
                epilogue.alpha,
                false,
                false,
                false,
                Parallelism::None,
            );
        }
    }
    if k > 0 && epilogue.bias.is_none() && epilogue.activation == Activation::Identity {
        return;
    }
    for i in 0..m {
        for j in 0..n {
            let at = i as isize * c.strides[0] + j as isize * c.strides[1];
            let place = &mut c.values[at as usize];
            let product = if k > 0 || accumulate { *place } else { T::ZERO };
            let bias = epilogue.bias.map_or(T::ZERO, |b| b[j]);
            *place = epilogue.activation.apply(product + bias);
        }
    }
}

/// Panics if an element of the matrix would lie outside a slice of `len` elements.
pub(super) fn check_extent(len: usize, offset: usize, shape: [usize; 2], strides: [isize; 2]) {
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
        gemm(
            [2, 3, 2],
            a,
            Matrix::rows(&b, 2),
            MatrixMut::rows(&mut c, 2),
            Epilogue::default(),
            false,
        );
    }
}
