use super::*;
use crate::{Rng, threads};

fn normal<T: Float>(shape: &[usize], seed: u64) -> Tensor<T> {
    let x = Tensor::<f64>::normal(shape, 0.0, 1.0, &mut Rng::new(seed)).unwrap();
    x.map(T::from_f64)
}

/// Output and the three gradients, of samples, heads, queries, keys, numbers in a key and in a value.
fn run<T: Float>(
    [n, h, tq, tk, d, e]: [usize; 6],
    turned: bool,
    mask: &AttentionMask,
) -> Vec<Tensor<T>> {
    let of = |t: usize, d: usize, seed: u64| {
        let x = normal(&[n, h, t, d], seed);
        let swap = |x: Tensor<T>| x.transpose(1, 2).unwrap();
        if turned { swap(swap(x).contiguous()) } else { x }
    };
    let (q, k, v, grad) = (of(tq, d, 1), of(tk, d, 2), of(tk, e, 3), of(tq, e, 4));
    let pass = attention(&q, &k, &v, mask).unwrap();
    let grads = attention_grad([&q, &k, &v], mask, &pass, &grad).unwrap();
    [pass.output].into_iter().chain(grads).collect()
}

/// The same by the formulas, with all matrices in memory.
fn plain([n, h, tq, tk, d, e]: [usize; 6], mask: &AttentionMask) -> Vec<Tensor<f64>> {
    let of = |t: usize, d: usize, seed: u64| normal::<f64>(&[n, h, t, d], seed);
    let (q, k, v, grad) = (of(tq, d, 1), of(tk, d, 2), of(tk, e, 3), of(tq, e, 4));
    let turn = |x: &Tensor<f64>| x.transpose(2, 3).unwrap();
    let scale = 1.0 / (d.max(1) as f64).sqrt();
    let s = q.matmul(&turn(&k)).unwrap().map(|x| x * scale);
    let seen = mask.pairs([tq, tk]).unwrap().unwrap_or_else(|| Tensor::full([1, 1, 1, 1], true));
    let s = seen.choose(&s, &Tensor::scalar(f64::NEG_INFINITY)).unwrap();
    // A query that sees nothing has weights 0 / 0: none.
    let p = s.softmax(3).unwrap().map(|p| if p.is_nan() { 0.0 } else { p });
    let o = p.matmul(&v).unwrap();
    let dv = turn(&p).matmul(&grad).unwrap();
    let dots = o.mul(&grad).unwrap().sum_axes(&[3], true).unwrap();
    let dp = grad.matmul(&turn(&v)).unwrap().sub(&dots).unwrap();
    let ds = p.mul(&dp).unwrap().map(|x| x * scale);
    vec![o, ds.matmul(&k).unwrap(), turn(&ds).matmul(&q).unwrap(), dv]
}

fn near<T: Float>(got: &Tensor<T>, wanted: &Tensor<f64>, tolerance: f64, what: &str) {
    assert_eq!(got.shape(), wanted.shape(), "{what}");
    for (a, b) in got.to_vec().into_iter().zip(wanted.to_vec()) {
        let gap = (a.to_f64() - b).abs();
        assert!(gap <= tolerance * (1.0 + b.abs()), "{what}: {a:?} instead of {b}");
    }
}

#[test]
fn blocks_give_what_the_formulas_give_on_any_number_of_threads() {
    for sizes in [
        [1, 1, 1, 1, 1, 1],
        [2, 3, 5, 5, 4, 4],
        [1, 2, 64, 64, 32, 32],
        [2, 1, 70, 70, 16, 20],
        [1, 2, 130, 130, 33, 7],
        [1, 1, 3, 200, 8, 8],
        [1, 1, 200, 3, 8, 8],
        [2, 2, 65, 129, 16, 48],
        [1, 1, 4, 4, 0, 2],
        [1, 1, 4, 4, 2, 0],
        [0, 2, 3, 3, 2, 2],
        [1, 2, 0, 3, 2, 2],
        [1, 2, 3, 0, 2, 2],
    ] {
        let [n, _, _, tk, ..] = sizes;
        let there = Tensor::filled_by([n, tk], |out| {
            out.iter_mut().enumerate().for_each(|(i, there)| *there = i % 7 != 1 && i % 3 != 2);
        });
        let masks = [
            AttentionMask::none(),
            AttentionMask::causal(),
            AttentionMask::none().keys(there.clone()),
            AttentionMask::causal().keys(there),
        ];
        for (i, mask) in masks.iter().enumerate() {
            let wanted = plain(sizes, mask);
            for turned in [false, true] {
                let one = threads::with_count(1, || run::<f32>(sizes, turned, mask)).unwrap();
                let three = threads::with_count(3, || run::<f32>(sizes, turned, mask)).unwrap();
                assert!(one == three, "threads change bits for {sizes:?}");
                let double = run::<f64>(sizes, turned, mask);
                for (part, wanted) in wanted.iter().enumerate() {
                    let what = format!("{sizes:?}, mask {i}, result {part}");
                    near(&one[part], wanted, 3e-5, &what);
                    near(&double[part], wanted, 1e-12, &what);
                }
            }
        }
    }
}

#[test]
fn queries_keys_and_values_may_lie_side_by_side() {
    let [n, t, h, d] = [2, 70, 3, 5];
    let qkv = normal::<f64>(&[n, t, 3 * h * d], 1);
    let grad = normal::<f64>(&[n, t, h * d], 2);
    let mask = AttentionMask::causal();
    let pass = self_attention(&qkv, h, &mask).unwrap();
    let dqkv = self_attention_grad(&qkv, h, &mask, &pass, &grad).unwrap();

    let five = qkv.reshape([n, t, 3, h, d]).unwrap().permute(&[2, 0, 3, 1, 4]).unwrap();
    let parts = [0, 1, 2].map(|i| five.index(0, i).unwrap());
    let [q, k, v] = parts.each_ref();
    let apart = attention(q, k, v, &mask).unwrap();
    let heads = |x: &Tensor<f64>| x.reshape([n, t, h, d]).unwrap().transpose(1, 2).unwrap();
    assert_eq!(heads(&pass.output), apart.output);
    let grads = attention_grad([q, k, v], &mask, &apart, &heads(&grad)).unwrap();
    let dqkv = dqkv.reshape([n, t, 3, h, d]).unwrap().permute(&[2, 0, 3, 1, 4]).unwrap();
    for (i, grad) in grads.iter().enumerate() {
        assert_eq!(&dqkv.index(0, i).unwrap(), grad);
    }
}

#[test]
fn large_scores_do_not_overflow() {
    let q = Tensor::<f32>::full([1, 1, 2, 4], 100.0);
    let v = Tensor::linspace(0.0, 129.0, 130).reshape([1, 1, 130, 1]).unwrap();
    let k = v.expand([1, 1, 130, 4]).unwrap();
    let y = attention(&q, &k, &v, &AttentionMask::none()).unwrap();
    assert_eq!(y.output.to_vec(), [129.0, 129.0]);
}

#[test]
fn what_does_not_fit_is_refused() {
    let of = |shape: &[usize]| Tensor::<f32>::zeros(shape);
    let says = |q: &[usize], k: &[usize], v: &[usize], mask: AttentionMask, text: &str| {
        let error = attention(&of(q), &of(k), &of(v), &mask).unwrap_err();
        assert_eq!(error.to_string(), text);
    };
    let (none, five) = (AttentionMask::none, &[1, 2, 5, 4][..]);
    says(
        &[2, 5, 4],
        five,
        five,
        none(),
        "attention: got shape [2, 5, 4], wanted queries [samples, heads, tokens, size]",
    );
    says(
        five,
        &[1, 2, 5, 3],
        five,
        none(),
        "attention: got shape [1, 2, 5, 3], wanted keys that fit the queries, [1, 2, 5, 4]",
    );
    says(
        five,
        &[1, 2, 6, 4],
        five,
        none(),
        "attention: got shape [1, 2, 5, 4], wanted a value for each key, [1, 2, 6, 4]",
    );
    let short = none().keys(Tensor::full([1, 4], true));
    says(five, five, five, short, "attention: got shape [1, 4], wanted a mask of the keys [1, 5]");
    let error = self_attention(&of(&[1, 5, 8]), 2, &none()).unwrap_err().to_string();
    assert_eq!(
        error,
        "self_attention: got shape [1, 5, 8], wanted [samples, tokens, 3 · 2 heads · size]"
    );
}
