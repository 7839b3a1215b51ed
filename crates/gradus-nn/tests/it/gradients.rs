//! Whole layers against differences: the derivative with respect to the input and to every
//! parameter, first and second order, in doubles.

use gradus_autograd::Var;
use gradus_autograd::check::{gradient, inputs::normal, second};
use gradus_nn::*;
use gradus_tensor::Rng;

/// Checks a layer as a function of its input.
fn check_input(layer: &dyn Layer<f64>, shape: &[usize], train: bool) -> Result<()> {
    let function = |x: &[Var<f64>]| {
        let mut cx = if train { Context::train(3) } else { Context::eval() };
        layer.forward(&x[0], &mut cx).map_err(|e| match e {
            Error::Autograd(e) => e,
            other => panic!("{other}"),
        })
    };
    gradient(function, &[normal(shape, 1)])?;
    second(function, &[normal(shape, 1)])?;
    Ok(())
}

#[test]
fn layers_agree_with_differences() -> Result<()> {
    let rng = &mut Rng::new(0);
    check_input(&Linear::new(3, 4).init(rng)?, &[2, 3], true)?;
    check_input(&Conv2d::new(2, 3, 3).padding(1).stride(2).init(rng)?, &[2, 2, 5, 4], true)?;
    check_input(&Conv2d::new(4, 4, 3).groups(4).init(rng)?, &[2, 4, 5, 5], true)?;
    check_input(&BatchNorm2d::new(3).init()?, &[2, 3, 2, 2], true)?;
    check_input(&BatchNorm2d::new(3).init()?, &[2, 3, 2, 2], false)?;
    check_input(&LayerNorm::new([4]).init()?, &[3, 4], true)?;
    check_input(&Dropout::new(0.4)?, &[5, 4], true)?;
    check_input(&MaxPool2d::new(2), &[2, 2, 4, 5], true)?;
    check_input(&AvgPool2d::new(2), &[2, 2, 4, 5], true)?;
    check_input(&GlobalAvgPool2d, &[2, 3, 4, 5], true)?;
    let net = Sequential::new()
        .push(Conv2d::new(1, 2, 3).padding(1).init(rng)?)
        .push(BatchNorm2d::new(2).init()?)
        .push(Gelu)
        .push(AvgPool2d::new(2))
        .push(Flatten)
        .push(Linear::new(8, 3).init(rng)?)
        .push(Tanh);
    check_input(&net, &[3, 1, 4, 4], true)
}
