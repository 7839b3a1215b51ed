//! Other values in the place of parameters.

use std::panic::{AssertUnwindSafe, catch_unwind};

use gradus_autograd::{Param, Result, Var, grad, with_replaced};
use gradus_tensor::Tensor;

#[test]
fn a_step_of_an_inner_loop_is_differentiated() -> Result<()> {
    // loss(w) = (w x - t)²; one inner step, and the outer loss at another point.
    let w = Param::new(Tensor::scalar(0.5_f64));
    let loss = |x: f64, t: f64| w.var().scale(x).shift(-t).square();
    let [slope] = grad(&loss(2.0, 3.0), [&w.var()], None)?;
    let stepped = w.var().sub(&slope.scale(0.1))?;
    let outer = with_replaced([(w.id(), stepped.clone())], || loss(1.0, 2.0));
    // w' = w - 0.4 (2 w - 3) = 0.2 w + 1.2; d/dw (w' - 2)² = 0.4 (w' - 2)
    assert!((stepped.item()? - 1.3).abs() < 1e-12);
    let gradient = outer.backward()?;
    assert!((gradient.get(w.id()).unwrap().item()? - 0.4 * (1.3 - 2.0)).abs() < 1e-12);
    Ok(())
}

#[test]
fn one_within_another_adds_to_it_and_all_end() {
    let (a, b) = (Param::new(Tensor::scalar(1.0_f32)), Param::new(Tensor::scalar(2.0_f32)));
    let values = || (a.var().item().unwrap(), b.var().item().unwrap());
    let number = |x| Var::from(Tensor::scalar(x));
    with_replaced([(a.id(), number(10.0))], || {
        with_replaced([(b.id(), number(20.0))], || assert_eq!(values(), (10.0, 20.0)));
        with_replaced([(a.id(), number(30.0))], || assert_eq!(values(), (30.0, 2.0)));
        assert_eq!(values(), (10.0, 2.0));
    });
    assert_eq!(values(), (1.0, 2.0));
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        with_replaced([(a.id(), number(10.0))], || panic!("on purpose"))
    }));
    assert!(panicked.is_err());
    assert_eq!(values(), (1.0, 2.0));
}

#[test]
fn a_frozen_parameter_is_replaced_as_well() {
    let mut a = Param::new(Tensor::scalar(1.0_f32));
    a.freeze();
    let other = Var::leaf(Tensor::scalar(5.0_f32));
    assert!(with_replaced([(a.id(), other)], || a.var().is_tracked()));
    assert!(!a.var().is_tracked());
}
