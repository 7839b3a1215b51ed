//! What layers do in training and in evaluation.

use gradus_autograd::{Var, no_grad};
use gradus_nn::*;
use gradus_tensor::{Activation, Rng, Tensor};

fn normal(shape: &[usize], seed: u64) -> Var {
    Var::constant(Tensor::random(
        shape,
        gradus_tensor::rand_distr::StandardNormal,
        &mut Rng::new(seed),
    ))
}

#[test]
fn batch_norm_normalises_and_follows() -> Result<()> {
    let layer: BatchNorm2d = BatchNorm2d::new(3).momentum(0.25).init()?;
    let x = Var::constant(normal(&[4, 3, 5, 5], 1).value().map(|x| 3.0 * x + 2.0));
    let y = layer.forward(&x, &mut Context::train(0))?;
    let mean = y.value().mean_axes(&[0, 2, 3], false)?.to_vec();
    let var = y.value().var_axes(&[0, 2, 3], false, 0)?.to_vec();
    assert!(mean.iter().all(|m| m.abs() < 1e-5) && var.iter().all(|v| (v - 1.0).abs() < 1e-4));

    let mean = x.value().mean_axes(&[0, 2, 3], false)?;
    let unbiased = x.value().var_axes(&[0, 2, 3], false, 1)?;
    let near = |a: &Tensor, b: &Tensor| {
        a.to_vec().iter().zip(b.to_vec()).all(|(a, b)| (a - b).abs() < 1e-4)
    };
    assert!(near(&layer.running_mean.get(), &(&mean * 0.25)));
    let followed = &Tensor::full([3], 0.75) + &(&unbiased * 0.25);
    assert!(near(&layer.running_var.get(), &followed));

    // Evaluation uses the running averages, changes nothing, and does not depend on the batch.
    let cx = &mut Context::eval();
    let whole = layer.forward(&x, cx)?;
    let first = layer.forward(&x.slice(0, 0..1)?, cx)?;
    assert_eq!(whole.value().slice(0, 0..1)?, *first.value());
    assert!(near(&layer.running_var.get(), &followed));
    Ok(())
}

#[test]
fn batch_norm_in_evaluation_is_the_same_in_one_pass_and_folded() -> Result<()> {
    let mut rng = Rng::new(3);
    let x = normal(&[4, 3, 6, 6], 4);
    for (bias, activation) in [(false, Activation::Relu), (true, Activation::Identity)] {
        let conv: Conv2d = Conv2d::new(3, 5, 3).padding(1).bias(bias).init(&mut rng)?;
        let norm: BatchNorm2d = BatchNorm2d::new(5).activation(activation).init()?;
        let mut train = Context::train(0);
        for _ in 0..3 {
            norm.forward(&conv.forward(&x, &mut train)?, &mut train)?;
        }
        let cx = &mut Context::eval();
        let recorded = norm.forward(&conv.forward(&x, cx)?, cx)?;
        let plain = no_grad(|| norm.forward(&conv.forward(&x, cx)?, cx))?;
        let folded = conv.folded(&norm)?.forward(&x, cx)?;
        for (other, what) in [(plain, "one pass"), (folded, "folded")] {
            let pairs = recorded.value().to_vec().into_iter().zip(other.value().to_vec());
            assert!(pairs.into_iter().all(|(a, b)| (a - b).abs() < 1e-5), "{what}");
        }
        let residual = normal(&[4, 5, 6, 6], 5);
        let y = conv.forward(&x, cx)?;
        let recorded = norm.forward_add(&y, &residual, cx)?;
        let plain = no_grad(|| norm.forward_add(&y, &residual, cx))?;
        let pairs = recorded.value().to_vec().into_iter().zip(plain.value().to_vec());
        assert!(pairs.into_iter().all(|(a, b)| (a - b).abs() < 1e-5));
    }
    let conv: Conv2d = Conv2d::new(3, 5, 3).activation(Activation::Relu).init(&mut rng)?;
    let error = conv.folded(&BatchNorm2d::new(5).init()?).unwrap_err().to_string();
    assert!(error.contains("activation Relu"), "{error}");
    let conv: Conv2d = Conv2d::new(3, 5, 3).init(&mut rng)?;
    let error = conv.folded(&BatchNorm2d::new(4).init()?).unwrap_err().to_string();
    assert!(error.contains("[5]") || error.contains("axis 0"), "{error}");
    Ok(())
}

#[test]
fn batch_norm_takes_vectors_and_sequences() -> Result<()> {
    let layer: BatchNorm1d = BatchNorm1d::new(4).init()?;
    let cx = &mut Context::train(0);
    assert_eq!(layer.forward(&normal(&[8, 4], 1), cx)?.shape(), [8, 4]);
    assert_eq!(layer.forward(&normal(&[8, 4, 6], 1), cx)?.shape(), [8, 4, 6]);
    Ok(())
}

#[test]
fn dropout_keeps_the_mean_and_depends_on_the_seed_alone() -> Result<()> {
    let x: Var = Var::constant(Tensor::ones([100, 100]));
    let layer = Dropout::new(0.3);
    let y = layer.forward(&x, &mut Context::train(5))?;
    let mean = y.value().mean().item()?;
    assert!((mean - 1.0).abs() < 0.03, "{mean}");
    let mut cx = Context::train(5);
    assert_eq!(layer.forward(&x, &mut cx)?.value(), y.value());
    let second = layer.forward(&x, &mut cx)?;
    assert_ne!(second.value(), y.value(), "each pass drops others");
    // The position of the random numbers can be saved.
    let mut cx = Context::train(5);
    layer.forward(&x, &mut cx)?;
    let mut resumed = Context::train(0);
    resumed.restore_rng(cx.rng_state());
    assert_eq!(layer.forward(&x, &mut resumed)?.value(), second.value());
    assert_eq!(layer.forward(&x, &mut Context::eval())?.value(), x.value());
    Ok(())
}

#[test]
fn a_summary_counts_what_a_network_costs() -> Result<()> {
    let mut rng = Rng::new(0);
    let net: Sequential = Sequential::new()
        .push(Conv2d::new(1, 32, 3).padding(1).init(&mut rng)?)
        .push(BatchNorm2d::new(32).init()?)
        .push(Relu)
        .push(MaxPool2d::new(2))
        .push(Flatten)
        .push(Linear::new(512, 10).bias(false).init(&mut rng)?);
    let summary = Summary::of(&net, &[2, 1, 8, 8])?;
    assert_eq!(summary.params, 32 * 9 + 32 + 64 + 5120);
    assert_eq!(summary.multiply_adds, 2 * (64 * 32 * 9 + 5120));
    assert_eq!(summary.lines.len(), 6);
    let text = summary.to_string();
    assert!(text.contains("Conv2d(1, 32, 3x3)") && text.contains("5,120"), "{text}");
    assert!(!text.contains('\x1b'));
    Ok(())
}

#[test]
fn missing_names_the_parameters_that_the_loss_does_not_reach() -> Result<()> {
    let mut rng = Rng::new(0);
    let used: Linear = Linear::new(2, 2).init(&mut rng)?;
    let unused: Linear = Linear::new(2, 2).init(&mut rng)?;
    let mut both = vec![used, unused];
    let loss = both[0].forward(&normal(&[1, 2], 1), &mut Context::train(0))?.sum();
    let gradients = loss.backward()?;
    assert_eq!(both.missing(&gradients), ["1.weight", "1.bias"]);
    both.freeze("1.");
    assert!(both.missing(&gradients).is_empty());
    Ok(())
}

#[test]
fn frozen_parameters_get_no_gradient() -> Result<()> {
    let mut layer: Linear = Linear::new(2, 2).init(&mut Rng::new(0))?;
    layer.freeze("weight");
    let gradients = layer.forward(&normal(&[3, 2], 1), &mut Context::train(0))?.sum().backward()?;
    assert!(gradients.get(layer.weight.id()).is_none());
    assert!(gradients.get(layer.bias.as_ref().unwrap().id()).is_some());
    Ok(())
}
