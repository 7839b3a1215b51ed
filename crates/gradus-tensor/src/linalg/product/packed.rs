//! Products with a matrix that is packed already.

use super::{Panels, Product, Right, dots};
use crate::Float;
use crate::linalg::Epilogue;
use crate::linalg::lanes::Lanes;
use crate::linalg::matrix::{Matrix, MatrixMut, Source};
use crate::linalg::packed::{Area, Columns, Packed};

impl<T: Lanes> Packed<T> {
    /// Copies a matrix of `k × n`, by several threads if `parallel` and it is large.
    ///
    /// # Safety
    /// All its elements must be readable.
    pub(super) unsafe fn of([k, n]: [usize; 2], b: Source<T>, parallel: bool) -> Self {
        let area = |_, column| Area { from: b.at(0, column), size: [k, n - column] };
        // SAFETY: as the caller promises.
        unsafe { Self::new([1, k], Columns::Tiles(Panels::new::<T>(n)), parallel, area) }
    }
}

impl<T: Float> Packed<T> {
    /// Copies a matrix of `k × n` for [`product`](Self::product), by several threads if `parallel` and
    /// it is large. (The transpose of weights, a [`Matrix`] with exchanged strides, packs as well as
    /// any.)
    ///
    /// # Panics
    /// If the matrix reaches beyond its slice.
    pub(crate) fn matrix(size: [usize; 2], b: Matrix<'_, T>, parallel: bool) -> Self {
        // SAFETY: `source` makes sure that every element lies in the slice.
        unsafe { Self::of(size, b.source(size), parallel) }
    }

    /// Whether a product of `m × n` is worth packing for. Few rows or columns are scalar products,
    /// which read the matrix as it lies.
    pub(crate) fn helps([m, n]: [usize; 2]) -> bool {
        m.min(n) > dots::FEW
    }

    /// `C = A B` of these sizes for this `B`, finished by `epilogue`.
    ///
    /// # Panics
    /// If `B` is no [`matrix`](Self::matrix) of this size, a matrix reaches beyond its slice, rows of `C`
    /// overlap, or the bias has not `n` elements.
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
        let (panels, copy) = (Panels::new::<T>(n), self.panel(0));
        let len = k * panels.vectors * panels.lanes;
        assert!(self.k() == k && copy.len() == len, "a packed matrix of another size");
        let (a, c, b) = (a.source([m, k]), c.target([m, n]), Right::Packed(copy));
        // SAFETY: all elements lie in slices that are borrowed until this returns, that of `C` mutably, so
        // that it overlaps no other; no two elements of `C` coincide; the bias has `n`.
        unsafe { Product::new([m, k, n], a, b, c, epilogue.finish(n)) }.compute(parallel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Rng, Tensor};

    /// Against the plain definition, from a `B` of rows and of columns, with room between rows of `C`.
    fn agree<T: Float>(tolerance: f64) {
        for [m, k, n] in [[1, 1, 1], [5, 7, 3], [6, 300, 50], [130, 20, 100], [9, 0, 17]] {
            let numbers = |len: usize, seed| {
                Tensor::normal([len], T::ZERO, T::ONE, &mut Rng::new(seed)).unwrap().to_vec()
            };
            let (a, b, bias) = (numbers(m * k, 1), numbers(k * n, 2), numbers(n, 3));
            for turned in [false, true] {
                let matrix = match turned {
                    true => Matrix::rows(&b, k).transposed(),
                    false => Matrix::rows(&b, n),
                };
                let packed = Packed::matrix([k, n], matrix, true);
                let mut c = vec![T::ONE; m * (n + 2)];
                let out = MatrixMut::rows(&mut c, n + 2);
                let epilogue = Epilogue { bias: Some(&bias), ..Epilogue::default() };
                packed.product([m, k, n], Matrix::rows(&a, k), out, epilogue, true);
                for (i, row) in c.chunks_exact(n + 2).enumerate() {
                    for (j, got) in row[..n].iter().enumerate() {
                        let b = |p: usize| if turned { b[j * k + p] } else { b[p * n + j] };
                        let sum: f64 = (0..k).map(|p| a[i * k + p].to_f64() * b(p).to_f64()).sum();
                        let gap = (got.to_f64() - sum - bias[j].to_f64()).abs();
                        assert!(gap < tolerance, "{m} × {k} × {n}: {gap} at {i}, {j}");
                    }
                    assert_eq!(row[n..], [T::ONE; 2]);
                }
            }
        }
    }

    #[test]
    fn products_are_what_the_definition_says() {
        agree::<f32>(1e-4);
        agree::<f64>(1e-12);
    }
}
