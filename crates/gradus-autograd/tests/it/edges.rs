//! Numbers at the edges: what is far from zero, what is infinite, and what weighs nothing.

use gradus_autograd::{CrossEntropyOptions, Reduction, Result, Var, grad};
use gradus_tensor::{AttentionMask, Rng, Tensor};

fn gradient(y: Var, x: &Var) -> Vec<f32> {
    y.backward().unwrap().of(x).unwrap().to_vec()
}

/// `ln(1 + eˣ)` and its slope, with and without a weight of 1.
#[test]
fn small_losses_do_not_cancel() -> Result<()> {
    let logits = [-10.0, -15.0, -20.0, -40.0, -80.0_f32];
    for (sign, target) in [(1.0, 0.0), (-1.0, 1.0)] {
        let x = Var::leaf(Tensor::vector(logits.map(|x| sign * x)));
        let z = Var::from(Tensor::full([5], target));
        for weight in [None, Some(Tensor::ones([1])), Some(Tensor::ones([5]))] {
            let losses = x.bce_with_logits(&z, weight.as_ref(), Reduction::None)?;
            let slopes = gradient(losses.sum(), &x);
            for (i, got) in losses.value().to_vec().into_iter().enumerate() {
                let e = f64::from(logits[i]).exp();
                let near = |got: f32, want: f64| (f64::from(got) - want).abs() <= 1e-6 * want.abs();
                assert!(near(got, e.ln_1p()), "{} with {weight:?}: {got}", logits[i]);
                let slope = f64::from(sign) * e / (1.0 + e);
                assert!(near(slopes[i], slope), "{}: slope {}", logits[i], slopes[i]);
            }
        }
    }
    Ok(())
}

#[test]
fn means_of_ones_are_one() -> Result<()> {
    for n in 1..300 {
        let x = Var::leaf(Tensor::<f32>::ones([n]));
        assert_eq!(x.mean().item()?, 1.0, "{n}");
        assert_eq!(x.mean_axes(&[0], false)?.item()?, 1.0, "{n}");
        let zeros = Var::from(Tensor::zeros([n]));
        assert_eq!(x.mse_loss(&zeros, Reduction::Mean)?.item()?, 1.0, "{n}");
        let labels = Tensor::zeros([n]);
        let logits = Var::from(Tensor::<f32>::zeros([n, 2]));
        let loss = logits.cross_entropy(&labels, &CrossEntropyOptions::new())?;
        assert!((loss.item()? - 2_f32.ln()).abs() < 5e-7, "{n}");
        assert_eq!(gradient(x.mean(), &x), vec![1.0 / n as f32; n]);
    }
    Ok(())
}

/// All ways to a variance give the same, and none for equal numbers.
#[test]
fn equal_numbers_have_no_variance() -> Result<()> {
    for (n, c) in [(1000, 123_456_789.0_f32), (150_000, 271.46), (7, 14_336.0)] {
        let x = Var::leaf(Tensor::full([n], c));
        let var = x.var_axes(&[0], false, 0)?;
        assert_eq!(var.item()?, 0.0, "{n} of {c}");
        assert_eq!(gradient(var, &x), vec![0.0; n]);
        assert_eq!(x.value().var_axes(&[0], false, 0)?.item()?, 0.0);
        let rows = Var::leaf(Tensor::full([n, 2], c));
        let (y, mean, var) = rows.batch_norm(None, None, 1e-5)?;
        assert_eq!((mean.to_vec(), var.to_vec()), (vec![c; 2], vec![0.0; 2]));
        assert_eq!(y.value().abs().max()?.item()?, 0.0);
    }
    Ok(())
}

/// Rows of equal numbers: the gradient of the weight is 0, that of the input `(g - mean g) / √ε`, by the kernel
/// and by what can be differentiated again.
#[test]
fn normalisations_of_equal_numbers() -> Result<()> {
    for (n, c) in [(7, 255.0), (7, 3e4), (7, 1e6), (768, 2000.1), (3, 1.7e9_f32)] {
        let x = Var::leaf(Tensor::full([1, n], c));
        let weight = Var::leaf(Tensor::ones([n]));
        let g = Tensor::linspace(-1.0, 2.0, n).reshape([1, n])?;
        let y = x.layer_norm(&weight, None, 1e-5)?;
        assert!(y.value().abs().max()?.item()? < 1e-3, "{n} of {c}: {y:?}");
        let want = &g.sub(&g.mean())? / 1e-5_f32.sqrt();
        let loss = y.mul(&g.clone().into())?.sum();
        let [again, again_weight] = grad(&loss, [&x, &weight], None)?;
        let grads = loss.backward()?;
        let off = |got: &Tensor, want: &Tensor| got.sub(want)?.abs().max()?.item();
        let room = 1e-3 * want.abs().max()?.item()?;
        for dx in [grads.of(&x).unwrap(), again.value()] {
            assert!(off(dx, &want)? <= room, "{n} of {c}: {dx}");
        }
        for dweight in [grads.of(&weight).unwrap(), again_weight.value()] {
            assert!(dweight.abs().max()?.item()? < 1e-3, "{n} of {c}: {dweight}");
        }
    }
    Ok(())
}

/// A mean of rows far from zero is as near as `f32` has numbers; the kernel and the formula agree with `f64`.
#[test]
fn normalisations_far_from_zero() -> Result<()> {
    let mut rng = Rng::new(4);
    let x = Tensor::<f32>::normal([64, 6], 1e4, 1.0, &mut rng)?;
    let wide = Var::from(x.cast::<f64>());
    let x = Var::from(x);
    let worst = |a: &Var, b: &Var<f64>| a.value().cast::<f64>().sub(b.value())?.abs().max()?.item();
    let off = worst(&x.normalize_last(1, 1e-5)?, &wide.normalize_last(1, 1e-5)?)?;
    assert!(off < 1e-5, "layer normalisation is off by {off}");
    let off = worst(&x.batch_norm(None, None, 1e-5)?.0, &wide.batch_norm(None, None, 1e-5)?.0)?;
    assert!(off < 1e-3, "batch normalisation is off by {off}");
    Ok(())
}

#[test]
fn a_fused_gelu_is_right_at_infinity() -> Result<()> {
    let [inf, w] = [f32::INFINITY, 1.0];
    let x = Var::leaf(Tensor::from_vec(vec![-inf, inf], [2, 1])?);
    let w = Var::from(Tensor::full([1, 1], w));
    let y = x.linear_gelu(&w, None)?;
    assert_eq!(y.value().to_vec(), [0.0, inf]);
    assert_eq!(gradient(y.sum(), &x), [0.0, 1.0]);
    Ok(())
}

/// What a class weight or a label takes out does not count, even where it is impossible or NaN.
#[test]
fn what_weighs_nothing_counts_nothing() -> Result<()> {
    let [inf, nan] = [f32::INFINITY, f32::NAN];
    let x = Var::leaf(Tensor::from_vec(vec![-inf, 0.0, 0.0, nan, nan, nan], [2, 3])?);
    let options = CrossEntropyOptions::new().reduction(Reduction::Sum);
    let smooth = options.clone().label_smoothing(0.5).weight(Tensor::vector([0.0, 1.0, 1.0]));
    let loss = x.cross_entropy(&Tensor::vector([1, -100]), &smooth)?;
    assert!((loss.item()? - 2_f32.ln() * (0.5 + 0.5 / 3.0 * 2.0)).abs() < 1e-6);
    let [again] = grad(&loss, [&x], None)?;
    for slopes in [gradient(loss, &x), again.value().to_vec()] {
        assert!(slopes.iter().all(|x| x.is_finite()) && slopes[3..] == [0.0; 3], "{slopes:?}");
    }
    // A weight of zero on an impossible label.
    let x = Var::leaf(Tensor::vector([-inf, 0.0]));
    let options = options.weight(Tensor::vector([0.0, 1.0]));
    assert_eq!(x.cross_entropy(&Tensor::scalar(0), &options)?.item()?, 0.0);
    let dropped = Var::leaf(Tensor::full([1000], nan)).dropout(0.5, &mut Rng::new(1))?;
    assert!(dropped.value().to_vec().contains(&0.0));
    Ok(())
}

/// Padding that holds NaN, in keys and values, through both derivatives.
#[test]
fn padding_never_reaches_the_output() -> Result<()> {
    let mut rng = Rng::new(2);
    let mut normal = || Tensor::<f32>::normal([1, 2, 6, 4], 0.0, 1.0, &mut rng);
    let (q, k, v) = (normal()?, normal()?, normal()?);
    let there = Tensor::from_vec(vec![true, true, true, true, true, false], [1, 6])?;
    let spoil = |x: &Tensor, with: f32| -> Result<Tensor> {
        let bad = Tensor::full([1, 2, 1, 4], with);
        Ok(Tensor::concat(&[&x.slice(2, ..5)?, &bad], 2)?)
    };
    let run = |with: f32| -> Result<Vec<Tensor>> {
        let parts = [q.clone(), spoil(&k, with)?, spoil(&v, with)?].map(Var::leaf);
        let [q, k, v] = parts.each_ref();
        let y = q.attention(k, v, AttentionMask::none().keys(there.clone()))?;
        let loss = y.square().sum();
        let again = grad(&loss, [q, k, v], None)?;
        let grads = loss.backward()?;
        let first = [q, k, v].map(|x| grads.of(x).unwrap().clone());
        Ok([vec![y.value().clone()], first.into(), again.map(Var::into_value).into()].concat())
    };
    let want = run(0.0)?;
    for with in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        for (i, (got, want)) in run(with)?.iter().zip(&want).enumerate() {
            let off = got.sub(want)?.abs().max()?.item()?;
            assert!(off < 1e-5, "{with}, result {i}: {got} for {want}");
        }
    }
    Ok(())
}
