//! Whole layers against differences: the derivative with respect to the input and to every
//! parameter, first and second order, in doubles.

use gradus_autograd::Var;
use gradus_autograd::check::{gradient, inputs::normal, second};
use gradus_nn::*;
use gradus_tensor::{Rng, Tensor};

type Run<'a> = &'a dyn Fn(&[Var<f64>], &mut Context) -> Result<Var<f64>>;

/// Checks a module as a function of its inputs and of its parameters, which are put in the place of its
/// own.
fn check(net: &dyn Module<f64>, inputs: &[&[usize]], run: Run<'_>) -> Result<()> {
    for cx in [|| Context::train(3), Context::eval] {
        let function = |x: &[Var<f64>]| {
            let (inputs, params) = x.split_at(inputs.len());
            let params = net.paths().into_iter().zip(params.iter().cloned());
            let y = net.with_params(params, || run(inputs, &mut cx()));
            y.and_then(|y| y).map_err(|e| match e {
                Error::Autograd(e) => e,
                other => panic!("{other}"),
            })
        };
        let mut all: Vec<Tensor<f64>> = inputs.iter().map(|shape| normal(*shape, 1)).collect();
        net.for_each_param(|_, param| all.push(param.value().clone()));
        gradient(function, &all)?;
        second(function, &all)?;
    }
    Ok(())
}

/// A layer of one input.
fn layer(layer: &dyn Layer<f64>, shape: &[usize]) -> Result<()> {
    // The trait of layers has that of modules above it.
    struct Wrap<'a>(&'a dyn Layer<f64>);
    impl Module<f64> for Wrap<'_> {
        fn visit(&self, visitor: &mut Visitor<'_, f64>) {
            self.0.visit(visitor);
        }
        fn visit_mut(&mut self, _: &mut VisitorMut<'_, f64>) {}
    }
    check(&Wrap(layer), &[shape], &|x, cx| layer.forward(&x[0], cx))
}

#[test]
fn layers_agree_with_differences() -> Result<()> {
    let rng = &mut Rng::new(0);
    layer(&Linear::new(3, 4).init(rng)?, &[2, 3])?;
    layer(&Linear::new(3, 4).bias(false).init(rng)?, &[2, 3])?;
    layer(&Conv2d::new(2, 3, 3).padding(1).stride(2).init(rng)?, &[2, 2, 5, 4])?;
    layer(&Conv2d::new(4, 4, 3).groups(4).bias(false).init(rng)?, &[2, 4, 5, 5])?;
    layer(&BatchNorm2d::new(3).init()?, &[2, 3, 2, 2])?;
    layer(&LayerNorm::new([4]).init()?, &[3, 4])?;
    layer(&Dropout::new(0.4), &[5, 4])?;
    layer(&MaxPool2d::new(2), &[2, 2, 4, 5])?;
    layer(&AvgPool2d::new(2), &[2, 2, 4, 5])?;
    layer(&GlobalAvgPool2d, &[2, 3, 4, 5])?;
    layer(&Softmax::new(1), &[2, 3])?;
    let net = Sequential::new()
        .push(Conv2d::new(1, 2, 3).padding(1).init(rng)?)
        .push(BatchNorm2d::new(2).init()?)
        .push(Gelu)
        .push(AvgPool2d::new(2))
        .push(Flatten)
        .push(Linear::new(8, 3).init(rng)?)
        .push(Tanh);
    layer(&net, &[3, 1, 4, 4])?;
    let sequence = Conv1d::new(2, 3, 2).padding([[1, 0]]).init(rng)?;
    layer(&sequence, &[2, 2, 4])?;
    let up = ConvTranspose2d::new(2, 2, 3).stride(2).padding(1).extra(1).init(rng)?;
    layer(&up, &[1, 2, 2, 3])
}

#[test]
fn layers_of_sequences_agree_with_differences() -> Result<()> {
    let rng = &mut Rng::new(0);
    let words = Embedding::new(5, 3).init(rng)?;
    let of = Tensor::from_vec(vec![1, 4, 0, 1], [2, 2])?;
    check(&words, &[], &|_, cx| words.forward(&of, cx))?;
    let lstm = Lstm::new(3, 2).layers(2).init(rng)?;
    check(&lstm, &[&[3, 2, 3]], &|x, cx| {
        let (y, (h, c)) = lstm.forward(&x[0], None, cx)?;
        Ok(y.sum().add(&h.mul(&c)?.sum())?)
    })?;
    let gru = Gru::new(3, 2).init(rng)?;
    check(&gru, &[&[3, 2, 3]], &|x, cx| Ok(gru.forward(&x[0], None, cx)?.0))?;
    let both = Lstm::new(2, 2).bidirectional(true).init(rng)?;
    check(&both, &[&[3, 2, 2]], &|x, cx| {
        let (y, (h, c)) = both.forward(&x[0], Sequence::new().lengths(&[2, 3]), cx)?;
        Ok(Var::concat(&[&y.flatten(0)?, &h.flatten(0)?, &c.flatten(0)?], 0)?)
    })?;
    let attention = MultiheadAttention::new(4, 2).init(rng)?;
    check(&attention, &[&[2, 3, 4]], &|x, cx| {
        attention.forward(&x[0], gradus_tensor::AttentionMask::causal(), cx)
    })?;
    check(&attention, &[&[2, 3, 4], &[2, 5, 4]], &|x, cx| {
        attention.attend(&x[0], &x[1], &x[1], gradus_tensor::AttentionMask::none(), cx)
    })?;
    let there = Tensor::from_vec((0..8).map(|i| i != 5).collect(), [2, 4])?;
    let grouped = GroupedAttention::new(4, 2).groups(1).rotary(100.0).bias(true);
    for settings in [grouped, grouped.window(2), grouped.causal(false)] {
        let layer = settings.init(rng)?;
        check(&layer, &[&[2, 4, 4]], &|x, cx| layer.forward(&x[0], Some(&there), cx))?;
    }
    Ok(())
}

#[test]
fn losses_agree_with_differences() -> Result<()> {
    let labels = Tensor::vector([0, 2]);
    let none: &dyn Module<f64> = &Flatten;
    check(none, &[&[2, 3]], &|x, _| cross_entropy(&x[0], &labels))?;
    check(none, &[&[2, 3], &[2, 3]], &|x, _| mse_loss(&x[0], &x[1]))?;
    check(none, &[&[2, 3], &[2, 3]], &|x, _| bce_with_logits(&x[0], &x[1]))
}
