//! Numbers at the edges: long sums, numbers far from zero, infinities and NaN, and what a mask hides.

use gradus_tensor::sums::Total;
use gradus_tensor::{AttentionMask, AttentionPass, Rng, Tensor, threads};
use gradus_tensor::{attention, attention_grad, layer_norm, layer_norm_grad, self_attention};

/// What sums may be off by, as a share of the sum of the absolute values.
const BOUND: f64 = 1e-6;

/// The ways of adding up one tensor: whole, along an axis, and as it lies when turned, flipped and stepped.
fn sums_of(x: &Tensor<f32>) -> Vec<(&'static str, f32)> {
    let n = x.len();
    let one = |x: &Tensor<f32>| x.sum().item().unwrap();
    // Twice as wide, with the other half not part of it.
    let narrow = x.reshape([n, 1]).unwrap();
    let stepped = Tensor::concat(&[&narrow, &narrow.ones_like()], 1).unwrap();
    let stepped = stepped.slice(1, 0..1).unwrap();
    let column = |x: &Tensor<f32>| x.sum_axes(&[0], false).unwrap().to_vec()[0];
    let pair = narrow.expand([n, 2]).unwrap();
    vec![
        ("whole", one(x)),
        ("flipped", one(&x.flip(0).unwrap())),
        ("one column of two", one(&stepped)),
        ("a column", column(&narrow)),
        ("a column of two", column(&pair.contiguous())),
        ("a column that is repeated", column(&pair)),
        ("a stepped column", column(&stepped)),
        ("the last running sum", x.cumsum(0).unwrap().get([n - 1]).unwrap()),
    ]
}

fn cases(n: usize) -> Vec<(&'static str, Tensor<f32>)> {
    let mut rng = Rng::new(7);
    let alternating = |out: &mut [f32]| {
        out.iter_mut().enumerate().for_each(|(i, x)| *x = [1e4, -1e4 + 0.1][i % 2]);
    };
    vec![
        ("a constant", Tensor::full([n], 0.1)),
        ("far from zero", Tensor::normal([n], 1e4, 1.0, &mut rng).unwrap()),
        ("of both signs in turn", Tensor::filled_by([n], alternating)),
        ("random", Tensor::normal([n], 0.0, 1.0, &mut rng).unwrap()),
    ]
}

/// The exact sum and the sum of absolute values, in double precision.
fn exact(x: &Tensor<f32>) -> [f64; 2] {
    let values = x.as_slice().unwrap();
    let mut sums = [Total::ZERO; 2];
    for &x in values {
        sums = [sums[0].plus(f64::from(x)), sums[1].plus(f64::from(x).abs())];
    }
    sums.map(Total::value)
}

#[test]
fn sums_of_every_length_and_layout() {
    for n in [1, 7, 16, 31, 33, 100, 255, 256, 257, 1000, 8191, 16_385, 100_000, 300_000] {
        for (name, x) in cases(n) {
            let [sum, whole] = exact(&x);
            for (how, got) in sums_of(&x) {
                let off = (f64::from(got) - sum).abs() / whole;
                assert!(
                    off <= BOUND,
                    "{n} numbers, {name}, {how}: {got} for {sum}, off by {off:e}"
                );
            }
        }
    }
}

#[test]
fn sums_along_every_axis_of_wide_and_narrow_tensors() {
    for shape in [[20_000, 2, 3], [3, 20_000, 2], [2, 3, 20_000], [40, 50, 60], [2000, 1, 33]] {
        for (name, x) in cases(shape.iter().product()) {
            let x = x.reshape(shape).unwrap();
            for axes in [&[0][..], &[1], &[2], &[0, 1], &[0, 2], &[1, 2], &[0, 1, 2]] {
                let turned = x.permute(&[2, 0, 1]).unwrap().contiguous();
                let turned = turned.permute(&[1, 2, 0]).unwrap();
                for x in [&x, &turned, &x.flip(0).unwrap(), &x.flip(2).unwrap()] {
                    let (wide, parts) = (x.cast::<f64>(), x.abs().cast::<f64>());
                    let got = x.sum_axes(axes, false).unwrap().cast::<f64>();
                    let gap = got.sub(&wide.sum_axes(axes, false).unwrap()).unwrap().abs();
                    let off = gap.div(&parts.sum_axes(axes, false).unwrap()).unwrap();
                    let off = off.max().unwrap().item().unwrap();
                    assert!(off <= BOUND, "{name}, {shape:?} along {axes:?}: off by {off:e}");
                }
            }
        }
    }
}

/// 400 MB for the largest; the others are views of it or computed from its size.
#[test]
fn sums_of_a_hundred_million_numbers() {
    let n = 100_000_000;
    let x = Tensor::full([n], 0.1_f32);
    let want = f64::from(0.1_f32) * n as f64;
    let near = |got: f32| (f64::from(got) - want).abs() <= BOUND * want;
    assert!(near(x.sum().item().unwrap()));
    assert!(near(x.flip(0).unwrap().sum().item().unwrap()));
    let rows = x.reshape([n / 4, 4]).unwrap();
    for sum in rows.sum_axes(&[0], false).unwrap().to_vec() {
        assert!(near(4.0 * sum));
    }
    let (mean, var) = x.mean_var(&[0], false).unwrap();
    assert_eq!((mean.item().unwrap(), var.item().unwrap()), (0.1, 0.0));
    // A single number, as often as wanted.
    let repeated = Tensor::full([1], 0.1_f32).expand([n]).unwrap();
    assert!(near(repeated.sum().item().unwrap()));
}

#[test]
fn sums_are_the_same_for_any_number_of_threads() {
    for (name, x) in cases(300_000) {
        let run = || {
            let rows = x.reshape([1000, 300]).unwrap();
            let axes = [0, 1].map(|axis| rows.sum_axes(&[axis], false).unwrap().to_vec());
            (sums_of(&x), axes, rows.mean_var(&[0], false).unwrap())
        };
        let one = threads::with_count(1, run).unwrap();
        assert!(one == threads::with_count(3, run).unwrap(), "{name}");
    }
}

#[test]
fn sums_that_were_wrong_elsewhere() {
    let sum = |x: &Tensor<f32>| x.sum().item().unwrap();
    let narrow = Tensor::full([10_000, 2], 0.1_f32).slice(1, 0..1).unwrap();
    for x in [narrow.clone(), narrow.contiguous(), Tensor::full([10_000], 0.1).flip(0).unwrap()] {
        assert!((f64::from(sum(&x)) - 1000.0).abs() <= 1e-3, "{}", sum(&x));
    }
    let running = Tensor::full([200_000], 0.1_f32).cumsum(0).unwrap().get([199_999]).unwrap();
    assert!((f64::from(running) - 20_000.000_3).abs() < 0.003, "{running}");
    for n in 1..200 {
        assert_eq!(Tensor::<f32>::ones([n]).mean().item().unwrap(), 1.0);
    }
}

#[test]
fn infinities_and_nan_go_into_sums_as_ieee_has_it() {
    let [inf, nan] = [f32::INFINITY, f32::NAN];
    for n in [1, 2, 20, 300, 20_000] {
        let with = |first: f32, last: f32| {
            let mut x = Tensor::<f32>::ones([n]);
            x.as_mut_slice()[0] = first;
            x.as_mut_slice()[n - 1] = last;
            x
        };
        for (x, want) in [
            (with(inf, inf), inf),
            (with(-inf, -inf), -inf),
            (with(nan, nan), nan),
            (with(inf, if n > 1 { -inf } else { nan }), nan),
            (with(f32::MAX, f32::MAX), if n > 1 { inf } else { f32::MAX }),
        ] {
            let mut got = sums_of(&x);
            got.push(("mean", x.mean_axes(&[0], false).unwrap().item().unwrap()));
            if !want.is_finite() {
                got.push(("mean_var", x.mean_var(&[0], false).unwrap().0.item().unwrap()));
                let var = x.var_axes(&[0], false, 0).unwrap().item().unwrap();
                assert!(var.is_nan() || want == inf && x.is_finite().all(), "{n} {want} {var}");
            }
            if x.is_finite().all() {
                got.retain(|(name, _)| !name.starts_with("mean"));
            }
            for (name, got) in got {
                assert!(
                    got == want || (got.is_nan() && want.is_nan()),
                    "{n}, {name}: {got}, {want}"
                );
            }
        }
    }
}

#[test]
fn bytes_do_not_wrap_around() {
    let x = Tensor::full([2, 150], 2_u8);
    assert_eq!(x.sum().item().unwrap(), 600);
    assert_eq!(x.sum_axes(&[1], false).unwrap().to_vec(), [300, 300]);
    assert_eq!(x.sum_axes(&[], false).unwrap().to_vec(), vec![2; 300]);
    assert_eq!(x.sum_to(&[1, 1]).unwrap().to_vec(), [600]);
    assert_eq!(x.sum_to(&[2, 150]).unwrap().to_vec(), vec![2; 300]);
    assert_eq!(x.cumsum(1).unwrap().get([0, 149]).unwrap(), 300);
    assert_eq!(Tensor::<u8>::zeros([0]).sum().item().unwrap(), 0);
    // Of `i64` they do, as arithmetic does.
    assert_eq!(Tensor::vector([i64::MAX, 1]).sum().item().unwrap(), i64::MIN);
}

#[test]
fn equal_numbers_have_no_variance() {
    for (n, c) in [(1000, 123_456_789.0_f32), (150_000, 271.46), (7, 14_336.0), (3, 1.7e9)] {
        let x = Tensor::full([n], c);
        for x in [x.clone(), x.flip(0).unwrap(), x.reshape([n, 1]).unwrap()] {
            assert_eq!(x.var_axes(&[0], false, 0).unwrap().to_vec(), [0.0], "{n} of {c}");
            assert_eq!(x.mean_var(&[0], false).unwrap().1.to_vec(), [0.0], "{n} of {c}");
            assert_eq!(x.mean_var(&[0], false).unwrap().0.to_vec(), [c], "{n} of {c}");
        }
        let rows = x.reshape([1, n]).unwrap().expand([3, n]).unwrap().contiguous();
        assert_eq!(rows.var_axes(&[1], false, 1).unwrap().to_vec(), [0.0; 3]);
        assert_eq!(
            rows.transpose(0, 1).unwrap().contiguous().var_axes(&[0], false, 0).unwrap().to_vec(),
            [0.0; 3]
        );
    }
}

#[test]
fn variances_far_from_zero() {
    let mut rng = Rng::new(5);
    for shape in [[3, 5000], [5000, 3], [300, 70]] {
        let x = Tensor::<f32>::normal(shape, 1e4, 1.0, &mut rng).unwrap();
        let wide = x.cast::<f64>();
        for axis in [0, 1] {
            let got = x.var_axes(&[axis], false, 1).unwrap().cast::<f64>();
            let want = wide.var_axes(&[axis], false, 1).unwrap();
            let off = got.sub(&want).unwrap().div(&want).unwrap().abs().max().unwrap();
            assert!(off.item().unwrap() < 3e-6, "{shape:?} along {axis}: {off}");
        }
    }
    let one = Tensor::<f32>::ones([1]);
    assert!(one.var_axes(&[0], false, 1).unwrap().item().unwrap().is_nan());
    assert!(one.var_axes(&[0], false, 5).unwrap().item().unwrap().is_nan());
    assert!(Tensor::<f32>::ones([0]).var_axes(&[0], false, 0).unwrap().item().unwrap().is_nan());
}

/// Rows of equal numbers become 0, and `x̄ = (g - mean g) / √ε`.
#[test]
fn layer_norm_of_equal_numbers() {
    for (n, c) in
        [(7, 255.0), (7, 14_336.0), (7, 3e4), (7, 1e6), (768, 2000.1), (3, 1.7e9_f32), (1, 0.1)]
    {
        let x = Tensor::full([2, n], c);
        let (ones, zeros) = (Tensor::ones([n]), Tensor::zeros([n]));
        let y = layer_norm(&x, &ones, &zeros, 1e-5).unwrap();
        assert!(y.abs().max().unwrap().item().unwrap() < 1e-3, "{n} of {c}: {y}");
        let g = Tensor::linspace(-1.0, 2.0, 2 * n).reshape([2, n]).unwrap();
        let [dx, dweight, _] = layer_norm_grad(&x, &g, &ones, 1e-5).unwrap();
        let want = g.sub(&g.mean_axes(&[1], true).unwrap()).unwrap();
        let want = &want / 1e-5_f32.sqrt();
        let off = dx.sub(&want).unwrap().abs().max().unwrap().item().unwrap();
        assert!(off < 1e-3 * 1e-5_f32.sqrt().recip(), "{n} of {c}: {dx} for {want}");
        assert!(dweight.abs().max().unwrap().item().unwrap() < 1e-3, "{n} of {c}: {dweight}");
    }
}

#[test]
fn layer_norm_far_from_zero() {
    let mut rng = Rng::new(9);
    for n in [5, 64, 768, 3001] {
        // A thousandth of a deviation is what the inputs themselves are rounded by at 1e4.
        let x = Tensor::<f32>::normal([20, n], 1e4, 1.0, &mut rng).unwrap();
        let g = Tensor::<f32>::normal([20, n], 0.0, 1.0, &mut rng).unwrap();
        let (ones, zeros) = (Tensor::ones([n]), Tensor::zeros([n]));
        let y = layer_norm(&x, &ones, &zeros, 1e-5).unwrap().cast::<f64>();
        let grads = layer_norm_grad(&x, &g, &ones, 1e-5).unwrap();
        let (x, g) = (x.cast::<f64>(), g.cast::<f64>());
        let (ones, zeros) = (Tensor::ones([n]), Tensor::zeros([n]));
        let want = layer_norm(&x, &ones, &zeros, 1e-5).unwrap();
        let wanted = layer_norm_grad(&x, &g, &ones, 1e-5).unwrap();
        let off = |a: &Tensor<f64>, b: &Tensor<f64>| {
            a.sub(b).unwrap().abs().max().unwrap().item().unwrap()
                / b.abs().max().unwrap().item().unwrap()
        };
        assert!(off(&y, &want) < 3e-6, "{n}: {}", off(&y, &want));
        for (got, want) in grads.iter().zip(&wanted) {
            assert!(off(&got.cast(), want) < 3e-6, "{n}: {}", off(&got.cast(), want));
        }
    }
    // Long columns of the gradients of weight and bias.
    let (x, g) = (Tensor::<f32>::ones([300_000, 2]), Tensor::full([300_000, 2], 0.1));
    let [_, _, dbias] = layer_norm_grad(&x, &g, &Tensor::ones([2]), 1e-5).unwrap();
    for got in dbias.to_vec() {
        assert!((got - 30_000.0).abs() < 0.03, "{got}");
    }
}

#[test]
fn softmax_and_its_kin_at_infinity() {
    let [inf, nan] = [f32::INFINITY, f32::NAN];
    for pad in [0, 5, 40, 700] {
        let lane = |values: [f32; 2]| {
            let rest = Tensor::full([pad], -inf);
            Tensor::concat(&[&Tensor::vector(values), &rest], 0).unwrap()
        };
        let same = |got: Tensor<f32>, want: &[f32]| {
            let got = &got.to_vec()[..want.len()];
            let equal = |(a, b): (&f32, &f32)| a == b || (a.is_nan() && b.is_nan());
            assert!(got.iter().zip(want).all(equal), "{got:?}, wanted {want:?}");
        };
        let logsumexp = |x: &Tensor<f32>| x.logsumexp(0, true).unwrap();
        for (x, sum, p, log) in [
            ([inf, 0.0], inf, [1.0, 0.0], [0.0, -inf]),
            ([inf, inf], inf, [0.5, 0.5], [-2_f32.ln(), -2_f32.ln()]),
            ([-inf, 0.0], 0.0, [0.0, 1.0], [-inf, 0.0]),
            ([inf, -inf], inf, [1.0, 0.0], [0.0, -inf]),
            ([nan, 0.0], nan, [nan, nan], [nan, nan]),
            ([nan, inf], nan, [nan, nan], [nan, nan]),
            ([-inf, -inf], -inf, [nan, nan], [nan, nan]),
        ] {
            let x = lane(x);
            same(logsumexp(&x), &[sum]);
            same(x.softmax(0).unwrap(), &p);
            same(x.log_softmax(0).unwrap(), &log);
        }
    }
    assert_eq!(Tensor::<f32>::zeros([0]).logsumexp(0, false).unwrap().item().unwrap(), -inf);
}

fn heads(tokens: usize, width: usize, seed: u64) -> Tensor<f32> {
    Tensor::normal([2, 2, tokens, width], 0.0, 1.0, &mut Rng::new(seed)).unwrap()
}

/// With the numbers of one token in every sample and head replaced.
fn with_token(x: &Tensor<f32>, token: usize, value: f32) -> Tensor<f32> {
    let mut x = x.clone();
    let &[_, _, tokens, width] = x.shape() else { unreachable!() };
    for head in x.as_mut_slice().chunks_exact_mut(tokens * width) {
        head[token * width..][..width].fill(value);
    }
    x
}

fn pass_and_grads(
    [q, k, v]: [&Tensor<f32>; 3],
    mask: &AttentionMask,
    grad: &Tensor<f32>,
) -> (AttentionPass<f32>, [Tensor<f32>; 3]) {
    let pass = attention(q, k, v, mask).unwrap();
    let grads = attention_grad([q, k, v], mask, &pass, grad).unwrap();
    (pass, grads)
}

/// Keys and values that a mask hides may hold anything.
#[test]
fn hidden_keys_never_reach_the_output() {
    for (queries, keys, width) in [(5, 5, 4), (20, 20, 16), (130, 130, 32), (7, 70, 16)] {
        let (q, k, v) = (heads(queries, 16, 1), heads(keys, 16, 2), heads(keys, width, 3));
        let grad = heads(queries, width, 4);
        for hidden in [0, keys / 2, keys - 1] {
            let there = Tensor::filled_by([2, keys], |out| {
                out.iter_mut().enumerate().for_each(|(i, there)| *there = i % keys != hidden);
            });
            for mask in [AttentionMask::none(), AttentionMask::causal()] {
                let mask = mask.keys(there.clone());
                let (pass, grads) = pass_and_grads([&q, &k, &v], &mask, &grad);
                for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e30] {
                    let (k, v) = (with_token(&k, hidden, bad), with_token(&v, hidden, bad));
                    let (other, others) = pass_and_grads([&q, &k, &v], &mask, &grad);
                    let what = format!("{queries} × {keys} × {width}, key {hidden}, {bad}");
                    close(&other.output, &pass.output, &what);
                    others.iter().zip(&grads).for_each(|(a, b)| close(a, b, &what));
                    for grad in &others[1..] {
                        let row = grad.index(2, hidden).unwrap();
                        assert!(row.to_vec().iter().all(|&x| x == 0.0), "{what}");
                    }
                }
            }
        }
    }
}

/// Tokens to come may hold anything: the queries before them, and the gradients of keys behind them, are as
/// without it.
#[test]
fn the_future_never_reaches_the_past() {
    for (tokens, width) in [(5, 4), (16, 16), (100, 32), (130, 20)] {
        let [q, k, v] = [1, 2, 3].map(|seed| heads(tokens, width, seed));
        let grad = heads(tokens, width, 4);
        let mask = AttentionMask::causal();
        for token in [1, tokens / 2, tokens - 1] {
            // What queries before the token see and give.
            let before = |x: &Tensor<f32>| x.slice(2, ..token).unwrap().contiguous();
            let parts = [&q, &k, &v].map(before);
            let (pass, grads) = pass_and_grads(parts.each_ref(), &mask, &before(&grad));
            for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
                let what = format!("{tokens} × {width}, token {token}, {bad}");
                let (k, v) = (with_token(&k, token, bad), with_token(&v, token, bad));
                // Nothing comes back from queries at the token and behind it, which see it.
                let mut grad = grad.clone();
                for late in token..tokens {
                    grad = with_token(&grad, late, 0.0);
                }
                let (other, [dq, _, _]) = pass_and_grads([&q, &k, &v], &mask, &grad);
                close(&before(&other.output), &pass.output, &what);
                close(&before(&dq), &grads[0], &what);
            }
            // A query that is not finite reaches no key behind it.
            let q = with_token(&q, token - 1, f32::NAN);
            let (_, [_, dk, dv]) = pass_and_grads([&q, &k, &v], &mask, &grad);
            for grad in [dk, dv] {
                let behind = grad.slice(2, token..).unwrap();
                assert!(behind.is_finite().all(), "{tokens} × {width}, token {token}");
            }
        }
    }
    // The same through one tensor of queries, keys and values.
    let mut qkv = Tensor::<f32>::normal([1, 40, 3 * 32], 0.0, 1.0, &mut Rng::new(3)).unwrap();
    let plain = self_attention(&qkv, 2, &AttentionMask::causal()).unwrap().output;
    qkv.as_mut_slice()[39 * 96..].fill(f32::NAN);
    let other = self_attention(&qkv, 2, &AttentionMask::causal()).unwrap().output;
    let before = |x: &Tensor<f32>| x.slice(1, ..39).unwrap().contiguous();
    close(&before(&other), &before(&plain), "self-attention");
}

#[track_caller]
fn close(a: &Tensor<f32>, b: &Tensor<f32>, what: &str) {
    assert_eq!(a.shape(), b.shape());
    for (a, b) in a.to_vec().into_iter().zip(b.to_vec()) {
        assert!((a - b).abs() <= 1e-5 * (1.0 + b.abs()), "{what}: {a} for {b}");
    }
}
