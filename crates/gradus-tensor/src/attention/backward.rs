//! The gradients of queries, keys and values.

use std::slice;

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
use crate::sums::{Products, sums_at};
use crate::threads::for_each_index;
use crate::{Error, Float, Result, Tensor, concrete};

/// The gradients of [`attention`](crate::attention) with respect to `q`, `k` and `v`, in memory with
/// the heads behind the tokens.
///
/// # Errors
/// [`Error::Shape`] if the shapes do not fit each other, the pass or the mask.
pub fn attention_grad<T: Float>(
    parts: [&Tensor<T>; 3],
    mask: &AttentionMask,
    pass: &AttentionPass<T>,
    grad: &Tensor<T>,
) -> Result<[Tensor<T>; 3]> {
    type Kernel<T> = fn(
        [&Tensor<T>; 3],
        &AttentionMask,
        &AttentionPass<T>,
        &Tensor<T>,
    ) -> Result<[Tensor<T>; 3]>;
    concrete!(three_grads: Kernel<T>)(parts, mask, pass, grad)
}

fn three_grads<T: Float>(
    [q, k, v]: [&Tensor<T>; 3],
    mask: &AttentionMask,
    pass: &AttentionPass<T>,
    grad: &Tensor<T>,
) -> Result<[Tensor<T>; 3]> {
    let op = "attention_grad";
    let sizes = Sizes::of_three(op, [q, k, v], mask)?;
    check(op, &sizes, pass, grad)?;
    let kept = [q, k, v, &pass.output, grad].map(rows);
    let [q, k, v, o, grad] = kept.each_ref().map(Heads::of);
    let like = |tokens: usize, width: usize| {
        let shape = [sizes.samples, sizes.heads, tokens, width];
        Tensor::build(Layout::dense(&shape, &[0, 2, 1, 3]), |_| ())
    };
    let Sizes { queries, keys, dim, width, .. } = sizes;
    let [mut dq, mut dk, mut dv] = [like(queries, dim), like(keys, dim), like(keys, width)];
    let grads = [
        sizes.tokens_first(Shared::new(dq.as_dense_mut()), [queries, dim]),
        sizes.tokens_first(Shared::new(dk.as_dense_mut()), [keys, dim]),
        sizes.tokens_first(Shared::new(dv.as_dense_mut()), [keys, width]),
    ];
    run(&Backward { sizes: &sizes, parts: [q, k, v], o, grad, grads, pass });
    Ok([dq, dk, dv])
}

/// The gradient of [`self_attention`](crate::self_attention) with respect to `qkv`.
///
/// # Errors
/// [`Error::Shape`] if the shapes do not fit each other, the pass or the mask.
pub fn self_attention_grad<T: Float>(
    qkv: &Tensor<T>,
    heads: usize,
    mask: &AttentionMask,
    pass: &AttentionPass<T>,
    grad: &Tensor<T>,
) -> Result<Tensor<T>> {
    type Kernel<T> =
        fn(&Tensor<T>, usize, &AttentionMask, &AttentionPass<T>, &Tensor<T>) -> Result<Tensor<T>>;
    concrete!(one_grad: Kernel<T>)(qkv, heads, mask, pass, grad)
}

fn one_grad<T: Float>(
    qkv: &Tensor<T>,
    heads: usize,
    mask: &AttentionMask,
    pass: &AttentionPass<T>,
    grad: &Tensor<T>,
) -> Result<Tensor<T>> {
    let op = "self_attention_grad";
    let sizes = Sizes::of_one(op, qkv, heads, mask)?;
    check(op, &sizes, pass, grad)?;
    let kept = [qkv, &pass.output, grad].map(Tensor::contiguous);
    let [qkv, o, grad] = kept.each_ref().map(|x| Shared::to_read(x.as_slice().unwrap_or_default()));
    let [o, grad] = [o, grad].map(|x| sizes.tokens_first(x, [sizes.queries, sizes.width]));
    Ok(Tensor::build(Layout::contiguous(kept[0].shape()), |out| {
        let grads = sizes.split(Shared::new(out));
        run(&Backward { sizes: &sizes, parts: sizes.split(qkv), o, grad, grads, pass });
    }))
}

fn check<T: Float>(
    op: &'static str,
    sizes: &Sizes,
    pass: &AttentionPass<T>,
    grad: &Tensor<T>,
) -> Result<()> {
    let rows = [sizes.samples, sizes.heads, sizes.queries];
    if pass.logs.shape() != rows {
        let wanted = format!("a pass over [samples, heads, queries] = {rows:?}");
        return Err(Error::shape(op, pass.logs.shape(), wanted));
    }
    match grad.shape() == pass.output.shape() {
        true => Ok(()),
        false => {
            let wanted = format!("{:?}, the shape of the output", pass.output.shape());
            Err(Error::shape(op, grad.shape(), wanted))
        }
    }
}

struct Backward<'a, T: Float> {
    sizes: &'a Sizes,
    parts: [Heads<'a, T>; 3],
    o: Heads<'a, T>,
    grad: Heads<'a, T>,
    grads: [Heads<'a, T>; 3],
    pass: &'a AttentionPass<T>,
}

fn run<T: Float>(pass: &Backward<'_, T>) {
    let sizes = pass.sizes;
    for_each_index(sizes.samples * sizes.heads, sizes.is_large(), |head| {
        dispatch(BackwardPiece { pass, head });
    });
}

/// One head.
struct BackwardPiece<'a, T: Float> {
    pass: &'a Backward<'a, T>,
    head: usize,
}

impl<T: Float> WithSimd for BackwardPiece<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { pass, head } = self;
        let (sizes, [q, k, v], [dq, dk, dv]) = (pass.sizes, pass.parts, pass.grads);
        let Sizes { queries, keys, dim, width, .. } = *sizes;
        let (scale, place) = (sizes.scale::<T>(), Place::new(sizes, head));
        let logs = &pass.pass.logs.as_slice().unwrap_or_default()[head * queries..][..queries];
        let mut dots = Buffer::stale(queries);
        let row = |of: Heads<'_, T>, i: usize, len: usize| {
            // SAFETY: a row of what is only read.
            unsafe { slice::from_raw_parts(of.row(place.sample, place.head, i).cast_const(), len) }
        };
        vectorize_at(
            simd,
            #[inline(always)]
            || {
                for (i, out) in dots.as_mut_slice().iter_mut().enumerate() {
                    let rows = [row(pass.o, i, width), row(pass.grad, i, width)];
                    let [dot] = sums_at(simd, rows, Products);
                    *out = dot;
                }
            },
        );
        let (mut weights, mut slopes) =
            (Buffer::stale(BLOCK * BLOCK), Buffer::stale(BLOCK * BLOCK));
        let (mut turned_k, mut turned_v) = (Turned::new(dim), Turned::new(width));
        let (mut copy_k, mut copy_q) = (Padded::new(dim), Padded::new(dim));
        let mut copy_grad = Padded::new(width);

        for block in 0..keys.div_ceil(BLOCK).max(1) {
            let place = place.with_keys(block);
            let (key_rows, mask) = (place.key_rows(k), place.key_mask());
            // SAFETY: these are rows of the keys and of the values.
            let k = unsafe {
                turned_k.set(key_rows, place.keys.1);
                turned_v.set(place.key_rows(v), place.keys.1);
                copy_k.rows(key_rows, place.keys.1, mask)
            };
            let mut fresh = true;
            for query_block in 0..queries.div_ceil(BLOCK) {
                let place = place.with_queries(query_block);
                if block > 0 && !place.is_seen() {
                    continue;
                }
                let first = place.queries.0;
                let (logs, dots) = (&logs[first..], &dots.as_slice()[first..]);
                let (weights, slopes) = (weights.as_mut_slice(), slopes.as_mut_slice());
                let (q_rows, grad_rows) = (place.query_rows(q), place.query_rows(pass.grad));
                let (there, count) = (place.keys.1, place.queries.1);
                // SAFETY: these are rows of the keys, the queries and the gradient.
                let size = unsafe {
                    place.strip(&[
                        (key_rows, there, dim),
                        (q_rows, count, dim),
                        (grad_rows, count, width),
                    ])
                };
                for strip in place.strips(size) {
                    let seen = place.seen(strip.end - 1);
                    let columns = seen.next_multiple_of(COLUMNS);
                    let (q, grad) = (place.query_rows(q), place.query_rows(pass.grad));
                    // SAFETY: these are rows of the queries and of the gradient.
                    unsafe {
                        turned_k.product(simd, q, strip.clone(), columns, weights);
                        turned_v.product(simd, grad, strip.clone(), columns, slopes);
                    }
                    vectorize_at(
                        simd,
                        #[inline(always)]
                        || {
                            for i in strip.clone() {
                                let weights = &mut weights[i * BLOCK..][..columns];
                                let slopes = &mut slopes[i * BLOCK..][..columns];
                                let (log, dot) = (logs[i], dots[i]);
                                for (p, ds) in weights.iter_mut().zip(&mut *slopes) {
                                    *p = (*p * scale - log).exp();
                                    *ds = *p * (*ds - dot) * scale;
                                }
                                place.hide(i, weights, T::ZERO);
                                place.hide(i, slopes, T::ZERO);
                            }
                        },
                    );
                    let start = slopes[strip.start * BLOCK..].as_ptr();
                    let ds = Source::rows(start, BLOCK);
                    let (out, stride) = place.query_rows(dq);
                    let out = Target::rows(out.wrapping_add(strip.start * stride), stride);
                    // SAFETY: a key for each slope; the gradients of a head are this piece's.
                    unsafe { product(simd, [strip.len(), seen, dim], ds, k, out, block > 0) };
                }
                // SAFETY: these are rows of the queries and of the gradient.
                let (q, grad) = unsafe {
                    let grad = copy_grad.rows(grad_rows, count, None);
                    (copy_q.rows(q_rows, count, None), grad)
                };
                for key in (0..place.keys.1).step_by(size) {
                    let rows = size.min(place.keys.1 - key);
                    // The strips that see none of these keys have no weights for them.
                    let first = place.strips(size).find(|strip| place.seen(strip.end - 1) > key);
                    let first = first.map_or(place.queries.1, |strip| strip.start);
                    let count = place.queries.1 - first;
                    for (matrix, b, out, width) in
                        [(&*weights, grad, dv, width), (&*slopes, q, dk, dim)]
                    {
                        let start = matrix.as_ptr().wrapping_add(first * BLOCK + key);
                        let a = Source::columns(start, BLOCK);
                        let b = b.at(first, 0);
                        let (out, stride) = place.key_rows(out);
                        let out = Target::rows(out.wrapping_add(key * stride), stride);
                        // SAFETY: a weight or slope for each of these queries and keys.
                        unsafe { product(simd, [rows, count, width], a, b, out, !fresh) };
                    }
                }
                fresh = false;
            }
            let hidden = |key: usize| mask.is_some_and(|mask| !mask[key]);
            for key in (0..place.keys.1).filter(|&key| fresh || hidden(key)) {
                for (out, width) in [(dk, dim), (dv, width)] {
                    let (out, stride) = place.key_rows(out);
                    // SAFETY: the gradients of a head are this piece's.
                    unsafe { slice::from_raw_parts_mut(out.add(key * stride), width) }
                        .fill(T::ZERO);
                }
            }
        }
    }
}
