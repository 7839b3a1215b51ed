//! The weighted means.

use pulp::{Simd, WithSimd};

use super::block::{BLOCK, Padded, Place, Turned};
use super::heads::{Heads, Sizes, rows};
use super::{AttentionMask, AttentionPass};
use crate::layout::Layout;
use crate::linalg::shared::Shared;
use crate::linalg::small::{COLUMNS, product};
use crate::linalg::{Source, Target};
use crate::memory::Buffer;
use crate::simd::{dispatch, vectorize_at};
use crate::sums::{Total, halved};
use crate::threads::for_each_index;
use crate::{Float, Result, Tensor, concrete};

/// Attention of the queries `q`, `[N, heads, Tq, d]`, to the keys `k`, `[N, heads, Tk, d]`, with the
/// values `v`, `[N, heads, Tk, e]`: `[N, heads, Tq, e]`, in memory with the heads behind the tokens.
///
/// ```
/// use gradus_tensor::{AttentionMask, Tensor, attention};
/// let q = Tensor::<f32>::zeros([1, 1, 2, 4]);
/// let v = Tensor::from_vec(vec![1.0, 3.0], [1, 1, 2, 1])?;
/// // All keys fit equally well; the first query sees the first of them alone.
/// let pass = attention(&q, &q, &v, &AttentionMask::causal())?;
/// assert_eq!(pass.output.to_vec(), [1.0, 2.0]);
/// # Ok::<(), gradus_tensor::Error>(())
/// ```
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape) if the shapes do not fit each other, or the mask does not.
pub fn attention<T: Float>(
    q: &Tensor<T>,
    k: &Tensor<T>,
    v: &Tensor<T>,
    mask: &AttentionMask,
) -> Result<AttentionPass<T>> {
    type Kernel<T> =
        fn(&Tensor<T>, &Tensor<T>, &Tensor<T>, &AttentionMask) -> Result<AttentionPass<T>>;
    concrete!(of_three: Kernel<T>)(q, k, v, mask)
}

fn of_three<T: Float>(
    q: &Tensor<T>,
    k: &Tensor<T>,
    v: &Tensor<T>,
    mask: &AttentionMask,
) -> Result<AttentionPass<T>> {
    let op = "attention";
    let sizes = Sizes::of_three(op, [q, k, v], mask)?;
    let [q, k, v] = [q, k, v].map(rows);
    let shape = [sizes.samples, sizes.heads, sizes.queries, sizes.width];
    Layout::with_room::<T>(op, &shape)?;
    run(&sizes, [&q, &k, &v].map(Heads::of), Layout::dense(&shape, &[0, 2, 1, 3]))
}

/// Attention of a sequence to itself: `qkv` is `[N, T, 3 · heads · d]`, of each token the queries of
/// all heads, their keys, and their values. The result is `[N, T, heads · d]`.
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape) if it has another shape, or the mask does not fit.
pub fn self_attention<T: Float>(
    qkv: &Tensor<T>,
    heads: usize,
    mask: &AttentionMask,
) -> Result<AttentionPass<T>> {
    type Kernel<T> = fn(&Tensor<T>, usize, &AttentionMask) -> Result<AttentionPass<T>>;
    concrete!(of_one: Kernel<T>)(qkv, heads, mask)
}

fn of_one<T: Float>(
    qkv: &Tensor<T>,
    heads: usize,
    mask: &AttentionMask,
) -> Result<AttentionPass<T>> {
    let op = "self_attention";
    let sizes = Sizes::of_one(op, qkv, heads, mask)?;
    let qkv = qkv.contiguous();
    let parts = sizes.split(Shared::to_read(qkv.as_slice().unwrap_or_default()));
    let layout = Layout::contiguous(&[sizes.samples, sizes.queries, heads * sizes.width]);
    run(&sizes, parts, layout)
}

/// The layout is of the output, which in memory is `[N, T, heads, e]`.
fn run<T: Float>(
    sizes: &Sizes,
    parts: [Heads<'_, T>; 3],
    layout: Layout,
) -> Result<AttentionPass<T>> {
    let blocks = sizes.queries.div_ceil(BLOCK);
    let pieces = sizes.samples * sizes.heads * blocks;
    let mut logs = Tensor::build(
        Layout::with_room::<T>("attention", &[sizes.samples, sizes.heads, sizes.queries])?,
        |_| (),
    );
    let shared = Shared::new(logs.as_mut_slice());
    let output = Tensor::build(layout, |out| {
        let out = sizes.tokens_first(Shared::new(out), [sizes.queries, sizes.width]);
        let pass = Forward { sizes, parts, out, logs: shared };
        for_each_index(pieces, sizes.is_large(), |i| {
            let place = Place::new(sizes, i / blocks).with_queries(i % blocks);
            dispatch(ForwardPiece { pass: &pass, place, head: i / blocks });
        });
    });
    Ok(AttentionPass { output, logs })
}

struct Forward<'a, T> {
    sizes: &'a Sizes,
    parts: [Heads<'a, T>; 3],
    out: Heads<'a, T>,
    logs: Shared<'a, T>,
}

/// One block of the queries of one head.
struct ForwardPiece<'a, T> {
    pass: &'a Forward<'a, T>,
    place: Place<'a>,
    head: usize,
}

impl<T: Float> WithSimd for ForwardPiece<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { pass, place, head } = self;
        let (sizes, [q, k, v]) = (pass.sizes, pass.parts);
        let Sizes { dim, width, .. } = *sizes;
        let (count, scale) = (place.queries.1, sizes.scale::<T>());
        let mut scores = Buffer::stale(BLOCK * BLOCK);
        let (mut turned, mut values) = (Turned::new(dim), Padded::new(width));
        let (mut tops, mut sums) = ([T::LOWEST; BLOCK], [Total::ZERO; BLOCK]);
        let (out, out_stride) = place.query_rows(pass.out);

        for block in 0..sizes.keys.div_ceil(BLOCK).max(1) {
            let place = place.with_keys(block);
            if block > 0 && !place.is_seen() {
                break;
            }
            // SAFETY: these are rows of the keys and of the values.
            let (v, size) = unsafe {
                turned.set(place.key_rows(k), place.keys.1);
                (
                    values.rows(place.key_rows(v), place.keys.1, place.key_mask()),
                    place.strip(&[(place.key_rows(v), place.keys.1, width)]),
                )
            };
            for strip in place.strips(size) {
                let seen = place.seen(strip.end - 1);
                let columns = seen.next_multiple_of(COLUMNS);
                let scores = scores.as_mut_slice();
                // SAFETY: these are rows of the queries.
                unsafe {
                    turned.product(simd, place.query_rows(q), strip.clone(), columns, scores)
                };
                vectorize_at(
                    simd,
                    #[inline(always)]
                    || {
                        for i in strip.clone() {
                            let row = &mut scores[i * BLOCK..][..columns];
                            place.hide(i, row, T::LOWEST);
                            let factor = weigh(row, scale, &mut tops[i], &mut sums[i]);
                            if block > 0 {
                                // SAFETY: the rows of these queries are this piece's alone.
                                let out = unsafe {
                                    std::slice::from_raw_parts_mut(out.add(i * out_stride), width)
                                };
                                out.iter_mut().for_each(|x| *x *= factor);
                            }
                        }
                    },
                );
                let start = scores[strip.start * BLOCK..].as_ptr();
                let p = Source::rows(start, BLOCK);
                let out = Target::rows(out.wrapping_add(strip.start * out_stride), out_stride);
                // SAFETY: a value for each key that is seen; the output rows are this piece's.
                unsafe { product(simd, [strip.len(), seen, width], p, v, out, block > 0) };
            }
        }
        // SAFETY: the rows of these queries are this piece's alone.
        let logs = unsafe { pass.logs.slice(head * sizes.queries + place.queries.0, count) };
        for i in 0..count {
            let sum = sums[i].value();
            let none = sum == T::ZERO;
            logs[i] = if none { T::HIGHEST } else { tops[i] + sum.ln() };
            let scale = if none { T::ZERO } else { T::ONE / sum };
            // SAFETY: as above.
            let out = unsafe { std::slice::from_raw_parts_mut(out.add(i * out_stride), width) };
            out.iter_mut().for_each(|x| *x *= scale);
        }
    }
}

/// Scores become weights `exp(scale · s - m)`, with `m` the largest so far; gives the factor by which
/// what was added up before must shrink.
#[inline(always)]
fn weigh<T: Float>(row: &mut [T], scale: T, top: &mut T, sum: &mut Total<T>) -> T {
    let mut most = [T::LOWEST; COLUMNS];
    for part in row.chunks_exact(COLUMNS) {
        for j in 0..COLUMNS {
            most[j] = if part[j] > most[j] { part[j] } else { most[j] };
        }
    }
    let mut new = *top;
    for x in most {
        let x = x * scale;
        new = if x > new { x } else { new };
    }
    let shift = if new == T::LOWEST { T::ZERO } else { new };
    let mut sums = [T::ZERO; COLUMNS];
    for part in row.chunks_exact_mut(COLUMNS) {
        for j in 0..COLUMNS {
            let weight = (part[j] * scale - shift).exp();
            part[j] = weight;
            sums[j] += weight;
        }
    }
    let factor = (*top - shift).exp();
    *top = new;
    let new = halved(sums);
    *sum = sum.scaled(factor).plus(new);
    factor
}
