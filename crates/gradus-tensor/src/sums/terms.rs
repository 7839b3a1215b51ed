//! What is added up.

use pulp::Simd;

use crate::Float;

/// `K` terms made of `S` numbers that belong together and, where columns are added up, of `P` numbers of the column.
/// A formula on vectors of any width: one on single numbers would leave it to the compiler to make vectors of it.
pub(crate) trait Terms<T: Float, const S: usize, const P: usize, const K: usize>:
    Copy
{
    fn of<V: Simd>(
        self,
        simd: V,
        x: [T::Vector<V>; S],
        beside: [T::Vector<V>; P],
    ) -> [T::Vector<V>; K];
}

/// The numbers themselves.
#[derive(Clone, Copy)]
pub(crate) struct Numbers;

impl<T: Float> Terms<T, 1, 0, 1> for Numbers {
    #[inline(always)]
    fn of<V: Simd>(self, _: V, x: [T::Vector<V>; 1], []: [T::Vector<V>; 0]) -> [T::Vector<V>; 1] {
        x
    }
}

/// `a b`.
#[derive(Clone, Copy)]
pub(crate) struct Products;

impl<T: Float> Terms<T, 2, 0, 1> for Products {
    #[inline(always)]
    fn of<V: Simd>(
        self,
        simd: V,
        [a, b]: [T::Vector<V>; 2],
        []: [T::Vector<V>; 0],
    ) -> [T::Vector<V>; 1] {
        [T::scaled(simd, a, b)]
    }
}

/// `a b` and `a b c`.
#[derive(Clone, Copy)]
pub(crate) struct TwoProducts;

impl<T: Float> Terms<T, 3, 0, 2> for TwoProducts {
    #[inline(always)]
    fn of<V: Simd>(
        self,
        simd: V,
        [a, b, c]: [T::Vector<V>; 3],
        []: [T::Vector<V>; 0],
    ) -> [T::Vector<V>; 2] {
        let product = T::scaled(simd, a, b);
        [product, T::scaled(simd, product, c)]
    }
}

/// `x - m` and `(x - m)²`, of a number `m` for all.
#[derive(Clone, Copy)]
pub(crate) struct Deviations<T>(pub(crate) T);

impl<T: Float> Terms<T, 1, 0, 2> for Deviations<T> {
    #[inline(always)]
    fn of<V: Simd>(
        self,
        simd: V,
        [x]: [T::Vector<V>; 1],
        []: [T::Vector<V>; 0],
    ) -> [T::Vector<V>; 2] {
        let d = T::subtracted(simd, x, T::splat(simd, self.0));
        [d, T::scaled(simd, d, d)]
    }
}

/// `x - m` and `(x - m)²`, of a number `m` for each column.
#[derive(Clone, Copy)]
pub(crate) struct DeviationsOfColumns;

impl<T: Float> Terms<T, 1, 1, 2> for DeviationsOfColumns {
    #[inline(always)]
    fn of<V: Simd>(
        self,
        simd: V,
        [x]: [T::Vector<V>; 1],
        [m]: [T::Vector<V>; 1],
    ) -> [T::Vector<V>; 2] {
        let d = T::subtracted(simd, x, m);
        [d, T::scaled(simd, d, d)]
    }
}
