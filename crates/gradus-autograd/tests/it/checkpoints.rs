//! Checkpoints: the same bits for less memory.

use gradus_autograd::{Event, Observer, Pass, Result, Var, checkpoint, grad, observe, trace};
use gradus_tensor::{Rng, Tensor};

/// A block with dropout, batch normalisation, a residual path and a part that is used twice.
fn block(x: &Var<f64>, weight: &Var<f64>, rng: &mut Rng) -> Result<Var<f64>> {
    let h = x.linear(weight, None)?.dropout(0.3, rng)?;
    let (h, ..) = h.batch_norm(None, None, 1e-5)?;
    h.sigmoid().mul(&h)?.add(x)?.add(&weight.sum())
}

type Block<'a> = &'a mut dyn FnMut() -> Result<Var<f64>>;

/// The loss of three blocks, and the gradients of the input and the weight.
fn network(within: fn(Block<'_>) -> Result<Var<f64>>) -> Result<Vec<Tensor<f64>>> {
    let mut rng = Rng::new(3);
    let x = Var::leaf(Tensor::normal([4, 5], 0.0, 1.0, &mut rng)?);
    let weight = Var::leaf(Tensor::normal([5, 5], 0.0, 1.0, &mut rng)?);
    let mut h = x.exp();
    for _ in 0..3 {
        let input = h.clone();
        h = within(&mut || block(&input, &weight, &mut rng))?;
    }
    let loss = h.mul(&x)?.mean();
    let value = loss.value().clone();
    let gradients = loss.backward()?;
    let of = |x: &Var<f64>| gradients.of(x).unwrap().clone();
    Ok(vec![value, of(&x), of(&weight), Tensor::uniform([1], 0.0, 1.0, &mut rng)?])
}

#[test]
fn the_same_bits_with_and_without() -> Result<()> {
    let plain = network(|block| block())?;
    assert_eq!(plain, network(|block| checkpoint(block))?);
    assert_eq!(plain, network(|block| checkpoint(|| checkpoint(block)))?);
    // In the middle of other work, and around everything.
    let whole = checkpoint(|| network(|block| block()));
    assert_eq!(plain, whole?);
    Ok(())
}

#[test]
fn derivatives_of_higher_order() -> Result<()> {
    let x = Var::leaf(Tensor::vector([0.3_f64, -0.7]));
    let third = |y: Var<f64>| -> Result<Var<f64>> {
        let [first] = grad(&y.sum(), [&x], None)?;
        let [second] = grad(&first.sum(), [&x], None)?;
        let [third] = grad(&second.sum(), [&x], None)?;
        Ok(third)
    };
    let plain = third(x.sin().exp().mul(&x)?)?;
    let within = third(checkpoint(|| x.sin().exp().mul(&x))?)?;
    assert_eq!(plain.value(), within.value());
    Ok(())
}

#[test]
fn a_graph_that_is_kept_can_run_backward_again() -> Result<()> {
    let x = Var::leaf(Tensor::vector([0.3_f32, -0.7]));
    let loss = checkpoint(|| x.sin().exp()).sum();
    let first = loss.clone().backward()?;
    assert_eq!(first.of(&x), loss.backward()?.of(&x));
    Ok(())
}

#[test]
fn more_than_one_result_may_leave() -> Result<()> {
    let x = Var::leaf(Tensor::vector([0.3_f32, -0.7]));
    let work = || {
        let a = x.sin();
        let b = a.exp();
        (a, b)
    };
    let loss = |(a, b): (Var, Var)| -> Result<_> { a.mul(&b)?.sum().backward() };
    let (plain, within) = (loss(work())?, loss(checkpoint(work))?);
    assert_eq!(plain.of(&x), within.of(&x));
    Ok(())
}

#[derive(Default)]
struct Again(Vec<&'static str>);

impl Observer for Again {
    fn ran(&mut self, event: &Event<'_>) {
        if event.pass == Pass::Again {
            self.0.push(event.op);
        }
    }
}

#[test]
fn each_operation_is_repeated_once_and_those_outside_never() -> Result<()> {
    let x = Var::leaf(Tensor::vector([0.3_f32, -0.7]));
    let outside = x.scale(2.0);
    let y = checkpoint(|| outside.sin().exp()).square().sum();
    let (gradients, again) = observe(Again::default(), || y.backward());
    gradients?;
    assert_eq!(again.0, ["sin", "exp"]);
    Ok(())
}

#[test]
fn a_trace_sees_through_it() {
    let x = Var::leaf(Tensor::vector([0.3_f32, -0.7]));
    let graph = trace(|| checkpoint(|| x.sin()).exp()).graph();
    assert_eq!(graph.nodes().iter().map(|n| n.name()).collect::<Vec<_>>(), ["leaf", "sin", "exp"]);
}
