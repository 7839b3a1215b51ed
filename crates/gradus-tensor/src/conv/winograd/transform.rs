//! The matrices of the points `0, a, -a, b, -b, ∞` on one axis, as sums.
//!
//! With `N(p)` the product of the differences of `p` from the other points:
//!
//! * `Bᵀ` has the coefficients of `x (x² - a²) (x² - b²) / (x - p)` as the row of `p`, and those of the
//!   whole product as that of `∞`;
//! * `G` has the rows `[1, p, p²] / N(p)`, and `[0, 0, 1]`;
//! * `A` has the rows `[1, p, p², p³]`, and `[0, 0, 0, 1]`.
//!
//! Rows of `p` and `-p` share their even and odd parts.

use std::f32::consts::{FRAC_1_SQRT_2, SQRT_2};

use pulp::Simd;

use super::{IN, OUT};

/// The points beside 0 and ∞; `A2`, `B2` are their squares, and `A2 · B2 = 1`.
const A: f32 = FRAC_1_SQRT_2;
const B: f32 = SQRT_2;
const A2: f32 = 0.5;
const B2: f32 = 2.0;
/// `1 / N(±a)`, `1 / N(±b)`; `1 / N(0)` is 1.
const N_A: f32 = 1.0 / (2.0 * A2 * (A2 - B2));
const N_B: f32 = 1.0 / (2.0 * B2 * (B2 - A2));

/// A number of vectors in a square.
pub(super) type Square<S, const N: usize> = [[<S as Simd>::f32s; N]; N];

/// `even ± p · odd`.
#[inline(always)]
fn pair<S: Simd>(simd: S, even: S::f32s, odd: S::f32s, p: f32) -> [S::f32s; 2] {
    [
        simd.mul_add_e_f32s(simd.splat_f32s(p), odd, even),
        simd.mul_add_e_f32s(simd.splat_f32s(-p), odd, even),
    ]
}

/// `x + factor · y`.
#[inline(always)]
fn plus<S: Simd>(simd: S, x: S::f32s, factor: f32, y: S::f32s) -> S::f32s {
    simd.mul_add_e_f32s(simd.splat_f32s(factor), y, x)
}

/// `factor · x`.
#[inline(always)]
fn times<S: Simd>(simd: S, x: S::f32s, factor: f32) -> S::f32s {
    simd.mul_f32s(x, simd.splat_f32s(factor))
}

/// `Bᵀ d`, for the inputs of a tile.
#[inline(always)]
fn of_input<S: Simd>(simd: S, d: [S::f32s; IN]) -> [S::f32s; IN] {
    let first = plus(simd, simd.add_f32s(d[4], d[0]), -(A2 + B2), d[2]);
    let [a, minus_a] = pair(simd, plus(simd, d[4], -B2, d[2]), plus(simd, d[3], -B2, d[1]), A);
    let [b, minus_b] = pair(simd, plus(simd, d[4], -A2, d[2]), plus(simd, d[3], -A2, d[1]), B);
    let last = plus(simd, simd.add_f32s(d[5], d[1]), -(A2 + B2), d[3]);
    [first, a, minus_a, b, minus_b, last]
}

/// `G g`, for the taps of a kernel.
#[inline(always)]
fn of_kernel<S: Simd>(simd: S, g: [S::f32s; 3]) -> [S::f32s; IN] {
    let even = times(simd, plus(simd, g[0], A2, g[2]), N_A);
    let [a, minus_a] = pair(simd, even, times(simd, g[1], N_A), A);
    let even = times(simd, plus(simd, g[0], B2, g[2]), N_B);
    let [b, minus_b] = pair(simd, even, times(simd, g[1], N_B), B);
    [g[0], a, minus_a, b, minus_b, g[2]]
}

/// `Aᵀ m`, for the products at the points.
#[inline(always)]
fn to_output<S: Simd>(simd: S, m: [S::f32s; IN]) -> [S::f32s; OUT] {
    let (even_a, odd_a) = (simd.add_f32s(m[1], m[2]), simd.sub_f32s(m[1], m[2]));
    let (even_b, odd_b) = (simd.add_f32s(m[3], m[4]), simd.sub_f32s(m[3], m[4]));
    [
        simd.add_f32s(m[0], simd.add_f32s(even_a, even_b)),
        plus(simd, times(simd, odd_b, B), A, odd_a),
        plus(simd, times(simd, even_b, B2), A2, even_a),
        plus(simd, plus(simd, m[5], B * B2, odd_b), A * A2, odd_a),
    ]
}

/// `A y`, for the gradients of a tile's outputs.
#[inline(always)]
fn of_output<S: Simd>(simd: S, y: [S::f32s; OUT]) -> [S::f32s; IN] {
    let [a, minus_a] = pair(simd, plus(simd, y[0], A2, y[2]), plus(simd, y[1], A2, y[3]), A);
    let [b, minus_b] = pair(simd, plus(simd, y[0], B2, y[2]), plus(simd, y[1], B2, y[3]), B);
    [y[0], a, minus_a, b, minus_b, y[3]]
}

/// `Gᵀ u`, for the sums at the points.
#[inline(always)]
fn to_kernel<S: Simd>(simd: S, u: [S::f32s; IN]) -> [S::f32s; 3] {
    let (even_a, odd_a) = (simd.add_f32s(u[1], u[2]), simd.sub_f32s(u[1], u[2]));
    let (even_b, odd_b) = (simd.add_f32s(u[3], u[4]), simd.sub_f32s(u[3], u[4]));
    [
        plus(simd, plus(simd, u[0], N_A, even_a), N_B, even_b),
        plus(simd, times(simd, odd_b, B * N_B), A * N_A, odd_a),
        plus(simd, plus(simd, u[5], B2 * N_B, even_b), A2 * N_A, even_a),
    ]
}

/// The same on both axes of a square.
macro_rules! both_axes {
    ($(#[$doc:meta])* $name:ident = $one:ident: $from:literal -> $to:literal) => {
        $(#[$doc])*
        #[inline(always)]
        pub(super) fn $name<S: Simd>(simd: S, x: Square<S, $from>) -> Square<S, $to> {
            let mut half = [[simd.splat_f32s(0.0); $from]; $to];
            for j in 0..$from {
                let mut column = [x[0][j]; $from];
                for (i, place) in column.iter_mut().enumerate() {
                    *place = x[i][j];
                }
                let column = $one(simd, column);
                for (i, value) in column.into_iter().enumerate() {
                    half[i][j] = value;
                }
            }
            let mut whole = [[simd.splat_f32s(0.0); $to]; $to];
            for (row, half) in whole.iter_mut().zip(half) {
                *row = $one(simd, half);
            }
            whole
        }
    };
}

both_axes!(/** `Bᵀ d B`. */ inputs = of_input: 6 -> 6);
both_axes!(/** `G g Gᵀ`. */ kernels = of_kernel: 3 -> 6);
both_axes!(/** `Aᵀ m A`. */ outputs = to_output: 6 -> 4);
both_axes!(/** `A y Aᵀ`. */ output_grads = of_output: 4 -> 6);
both_axes!(/** `Gᵀ u G`. */ kernel_grads = to_kernel: 6 -> 3);
