//! Products with a matrix that is packed already.

use std::any::TypeId;
use std::slice;

use super::pack::Source;
use super::{Panels, Product, Right, dot, tiles};
use crate::Float;
use crate::linalg::packed::{Area, Columns, Packed};
use crate::linalg::{Epilogue, Matrix, MatrixMut, check_extent};

impl Packed<f32> {
    /// Copies a matrix of `k × n`, by several threads if `parallel` and it is large.
    ///
    /// # Safety
    /// All its elements must be readable.
    pub(super) unsafe fn of([k, n]: [usize; 2], b: Source, parallel: bool) -> Self {
        let area = |_, column| {
            let Source { start, strides } = b.at(0, column);
            Area { start, strides, size: [k, n - column] }
        };
        // SAFETY: as the caller promises.
        unsafe { Self::new([1, k], Columns::Tiles(Panels::new(n)), parallel, area) }
    }
}

impl<T: Float> Packed<T> {
    /// Copies a matrix of `k × n` for [`product`](Self::product), by several threads if `parallel` and
    /// it is large. (The transpose of weights, a [`Matrix`] with exchanged strides, packs as well as
    /// any.) Nothing if the numbers are not `f32`: the products of others are made by a library, from
    /// the matrix as it lies.
    ///
    /// # Panics
    /// If the matrix reaches beyond its slice.
    pub(crate) fn matrix([k, n]: [usize; 2], b: Matrix<'_, T>, parallel: bool) -> Option<Self> {
        check_extent(b.values.len(), b.offset, [k, n], b.strides);
        let area = |_, column: usize| {
            let at = b.offset as isize + column as isize * b.strides[1];
            let start = b.values.as_ptr().wrapping_offset(at);
            Area { start, strides: b.strides, size: [k, n - column] }
        };
        let columns = Columns::Tiles(Panels::new(n));
        // SAFETY: `check_extent` made sure that every element lies in the slice.
        is_f32::<T>().then(|| unsafe { Self::new([1, k], columns, parallel, area) })
    }

    /// Whether a product of `m × n` is worth packing for. Few rows or columns are scalar products,
    /// which read the matrix as it lies.
    pub(crate) fn helps([m, n]: [usize; 2]) -> bool {
        is_f32::<T>() && m.min(n) > dot::ROWS
    }

    /// `C = A B` of these sizes for this `B`, finished by `epilogue`. The steps of `k` or the rows of `A`
    /// must lie side by side, as must the columns of `C`.
    ///
    /// # Panics
    /// If they do not, or `B` is no [`matrix`](Self::matrix) of this size, or a matrix reaches beyond its
    /// slice.
    pub(crate) fn product(
        &self,
        [m, k, n]: [usize; 3],
        a: Matrix<'_, T>,
        c: MatrixMut<'_, T>,
        epilogue: Epilogue<'_, T>,
        parallel: bool,
    ) {
        if m == 0 || n == 0 {
            return;
        }
        let (panels, copy) = (Panels::new(n), self.panel(0));
        let len = k * panels.vectors * panels.lanes;
        assert!(is_f32::<T>() && copy.len() == len, "a packed matrix of another size");
        assert!(c.strides[1] == 1, "the columns of a product with a packed matrix have gaps");
        assert!(c.strides[0] >= n as isize || m == 1, "the rows of a product overlap");
        assert!(a.strides.contains(&1), "a matrix times a packed one has gaps in both directions");
        check_extent(a.values.len(), a.offset, [m, k], a.strides);
        check_extent(c.values.len(), 0, [m, n], c.strides);
        assert!(epilogue.bias.is_none_or(|b| b.len() == n), "a bias of another length");
        let start = a.values.as_ptr().wrapping_add(a.offset).cast();
        let a = Source { start, strides: a.strides };
        let epilogue = Epilogue {
            accumulate: epilogue.accumulate,
            alpha: epilogue.alpha.to_f64() as f32,
            // SAFETY: `T` is f32.
            bias: epilogue.bias.map(|b| unsafe { slice::from_raw_parts(b.as_ptr().cast(), n) }),
            activation: epilogue.activation,
        };
        let p = Product::new([m, k, n], a, c.values.as_mut_ptr().cast(), c.strides[0], epilogue);
        // SAFETY: `T` is f32. The extents were checked above, and so was the size of the panels.
        unsafe {
            let copy = slice::from_raw_parts(copy.as_ptr().cast(), len);
            tiles(p, Right::Panels(copy), parallel);
        }
    }
}

fn is_f32<T: 'static>() -> bool {
    TypeId::of::<T>() == TypeId::of::<f32>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Rng, Tensor};

    /// Against the plain definition, from a `B` of rows and of columns, with room between rows of `C`.
    #[test]
    fn products_are_what_the_definition_says() {
        for [m, k, n] in [[1, 1, 1], [5, 7, 3], [6, 300, 50], [130, 20, 100], [9, 0, 17]] {
            let numbers = |len: usize, seed| {
                let x: Tensor<f32> = Tensor::normal([len], 0.0, 1.0, &mut Rng::new(seed)).unwrap();
                x.to_vec()
            };
            let (a, b, bias) = (numbers(m * k, 1), numbers(k * n, 2), numbers(n, 3));
            for turned in [false, true] {
                let matrix = match turned {
                    true => Matrix::rows(&b, k).transposed(),
                    false => Matrix::rows(&b, n),
                };
                let packed = Packed::matrix([k, n], matrix, true).unwrap();
                let mut c = vec![9.0_f32; m * (n + 2)];
                let out = MatrixMut { values: &mut c, strides: [n as isize + 2, 1] };
                let epilogue = Epilogue { bias: Some(&bias), ..Epilogue::default() };
                packed.product([m, k, n], Matrix::rows(&a, k), out, epilogue, true);
                for (i, row) in c.chunks_exact(n + 2).enumerate() {
                    for (j, &got) in row[..n].iter().enumerate() {
                        let b = |p: usize| if turned { b[j * k + p] } else { b[p * n + j] };
                        let sum: f64 = (0..k).map(|p| f64::from(a[i * k + p] * b(p))).sum();
                        let gap = (f64::from(got) - sum - f64::from(bias[j])).abs();
                        assert!(gap < 1e-4, "{m} × {k} × {n}: {gap} at {i}, {j}");
                    }
                    assert_eq!(row[n..], [9.0; 2]);
                }
            }
        }
    }
}
