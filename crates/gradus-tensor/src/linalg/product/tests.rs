//! Every way through a product against its definition.

use crate::linalg::{Epilogue, Matrix, MatrixMut, gemm};
use crate::{Activation, Float, Rng, threads};

/// Small whole numbers: their sums are exact, so that every order of the terms gives the same.
fn numbers<T: Float>(n: usize, rng: &mut Rng) -> Vec<T> {
    (0..n).map(|_| T::from_f64(rng.below(7) as f64 - 3.0)).collect()
}

/// A matrix of `shape`: along its rows, along its columns, with gaps in both directions, or backwards.
fn laid<T: Copy>(values: &[T], shape: [usize; 2], layout: usize) -> Matrix<'_, T> {
    let [rows, columns] = shape.map(|size| size as isize);
    let (offset, strides) = match layout {
        0 => (0, [columns + 3, 1]),
        1 => (0, [1, rows + 2]),
        2 => (1, [2 * columns, 2]),
        _ => ((rows - 1).max(0) * columns, [-columns, 1]),
    };
    Matrix { values, offset: offset as usize, strides }
}

fn element<T: Copy>(m: Matrix<'_, T>, i: usize, j: usize) -> T {
    let at = m.offset as isize + i as isize * m.strides[0] + j as isize * m.strides[1];
    m.values[at as usize]
}

/// `C` by the formula, in a matrix whose rows are `stride` apart.
fn defined<T: Float>(
    [m, k, n]: [usize; 3],
    a: Matrix<'_, T>,
    b: Matrix<'_, T>,
    (c, stride): (&mut [T], usize),
    e: Epilogue<'_, T>,
) {
    for (i, j) in (0..m).flat_map(|i| (0..n).map(move |j| (i, j))) {
        let place = &mut c[i * stride + j];
        let sum = (0..k).fold(T::ZERO, |sum, p| sum + element(a, i, p) * element(b, p, j));
        let before = if e.accumulate { *place } else { T::ZERO };
        let bias = e.bias.map_or(T::ZERO, |bias| bias[j]);
        *place = e.activation.apply(e.alpha * sum + before + bias);
    }
}

fn agree<T: Float>(sizes: [usize; 3], rng: &mut Rng) {
    let [m, k, n] = sizes;
    // Room for every layout.
    let a = numbers::<T>(2 * m * k + 3 * m + 2 * k + 2, rng);
    let b = numbers::<T>(2 * k * n + 3 * k + 2 * n + 2, rng);
    let bias = numbers::<T>(n, rng);
    let stride = n + 5;
    let before = numbers::<T>(m * stride, rng);
    for (i, j) in (0..4).flat_map(|i| (0..4).map(move |j| (i, j))) {
        let (a, b) = (laid(&a, [m, k], i), laid(&b, [k, n], j));
        let plain = Epilogue::default();
        let relu = Activation::Relu;
        let all =
            Epilogue { accumulate: true, alpha: T::from_f64(2.0), bias: Some(&bias), ..plain };
        let epilogues = [plain, Epilogue::adding(true), Epilogue { activation: relu, ..all }, all];
        // One of them after the other, since there are many sizes.
        let epilogue = epilogues[(m + n + k + i + 2 * j) % 4];
        let [mut got, mut want] = [before.clone(), before.clone()];
        gemm(sizes, a, b, MatrixMut::rows(&mut got, stride), epilogue, true);
        defined(sizes, a, b, (&mut want, stride), epilogue);
        assert_eq!(got, want, "{}: {sizes:?}, layouts {i} and {j}", T::NAME);
    }
}

fn all_sizes<T: Float>() {
    let mut rng = Rng::new(30);
    for m in 1..27 {
        for n in [1, 2, 3, 5, 8, 9, 15, 16, 17, 31, 33, 48, 50, 65] {
            agree::<T>([m, 11, n], &mut rng);
        }
    }
    for k in [0, 1, 2, 7, 8, 9, 255, 256, 257, 600] {
        for [m, n] in [[1, 9], [3, 40], [9, 3], [14, 21]] {
            agree::<T>([m, k, n], &mut rng);
        }
    }
    for sizes in [[129, 20, 35], [300, 3, 70], [140, 270, 50], [64, 64, 300]] {
        agree::<T>(sizes, &mut rng);
    }
}

#[test]
fn products_of_singles_are_what_is_defined() {
    all_sizes::<f32>();
}

#[test]
fn products_of_doubles_are_what_is_defined() {
    all_sizes::<f64>();
}

fn same_bits<T: Float>() {
    for sizes in [[200, 300, 100], [2, 3000, 100], [100, 700, 3], [64, 784, 128], [2000, 27, 64]] {
        let [m, k, n] = sizes;
        // Fractions that no sum holds exactly.
        let mut rng = Rng::new(31);
        let mut some = |n| -> Vec<T> {
            (0..n).map(|_| T::from_f64(1.0 / (1.0 + rng.below(1000) as f64))).collect()
        };
        let (a, b) = (some(m * k), some(k * n));
        let product = |count| {
            let mut c = vec![T::ZERO; m * n];
            let (a, b) = (Matrix::rows(&a, k), Matrix::rows(&b, k).transposed());
            threads::with_count(count, || {
                gemm(sizes, a, b, MatrixMut::rows(&mut c, n), Epilogue::default(), true);
            })
            .unwrap();
            c
        };
        assert_eq!(product(1), product(3), "{}: {sizes:?}", T::NAME);
    }
}

#[test]
fn the_bits_do_not_depend_on_the_number_of_threads() {
    same_bits::<f32>();
    same_bits::<f64>();
}

#[test]
#[should_panic(expected = "a bias of another length")]
fn a_bias_of_another_length_is_refused() {
    let (a, mut c) = (Matrix::rows(&[1.0; 4], 2), [0.0; 4]);
    let epilogue = Epilogue { bias: Some(&[1.0; 3]), ..Epilogue::default() };
    gemm([2; 3], a, a, MatrixMut::rows(&mut c, 2), epilogue, false);
}
