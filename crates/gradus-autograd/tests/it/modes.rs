//! `no_grad`, `detach`, and the mode that finds where a NaN came from.

use std::panic::{AssertUnwindSafe, catch_unwind};

use gradus_autograd::{At, Error, In, Op, Result, Var, checked, grad, no_grad};
use gradus_tensor::{Float, Tensor};

use crate::number;

#[test]
fn no_grad_records_nothing_and_ends() {
    let x = number(2.0_f32);
    let y = no_grad(|| {
        let inner = no_grad(|| x.exp());
        assert!(!inner.is_tracked());
        // Still on after an inner one ended.
        x.mul(&x).unwrap()
    });
    assert!(!y.is_tracked());
    assert_eq!(y.backward().unwrap_err(), Error::Constant);
    assert!(x.exp().is_tracked());
    let concatenated = no_grad(|| Var::stack(&[&x, &x], 0).unwrap());
    assert!(!concatenated.is_tracked());
}

#[test]
fn switches_are_put_back_after_a_panic() {
    let x = number(0.0_f32);
    let panicked = catch_unwind(AssertUnwindSafe(|| no_grad(|| panic!("on purpose"))));
    assert!(panicked.is_err() && x.exp().is_tracked());
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        checked(|| -> Result<()> {
            x.ln();
            panic!("on purpose")
        })
    }));
    assert!(panicked.is_err());
    // The fault that was found before the panic is not blamed on what follows.
    assert!(checked(|| Ok(x.exp())).is_ok());
}

#[test]
fn switches_belong_to_one_thread() {
    let x = number(2.0_f32);
    no_grad(|| {
        std::thread::scope(|scope| {
            assert!(scope.spawn(|| x.exp().is_tracked()).join().unwrap());
        });
        assert!(!x.exp().is_tracked());
    });
}

#[test]
fn detach_cuts_the_gradient_and_keeps_the_value() {
    let x = number(3.0_f32);
    let y = x.square();
    let z = y.detach().mul(&x).unwrap();
    assert_eq!(z.item(), Ok(27.0));
    assert_eq!(z.backward().unwrap().of(&x).unwrap().item(), Ok(9.0));
    let [through] = grad(&y.detach(), [&x], None).unwrap();
    assert_eq!(through.item(), Ok(0.0));
}

fn fault<R>(work: impl FnOnce() -> Result<R>) -> Option<(&'static str, &'static str)> {
    match checked(work) {
        Err(Error::NotFinite { op, pass }) => Some((op, pass)),
        _ => None,
    }
}

#[test]
fn checked_names_the_first_operation_forward() {
    let x = Var::leaf(Tensor::vector([1.0_f32, 0.0]));
    let found = fault(|| x.exp().sub(&x.scale(2.0))?.mul(&x.ln())?.sqrt().sum().backward());
    assert_eq!(found, Some(("ln", "forward")));
    assert_eq!(fault(|| Ok(x.scale(1e30).exp())), Some(("exp", "forward")));
    // Without tracked inputs as well.
    assert_eq!(fault(|| Ok(x.detach().reciprocal())), Some(("reciprocal", "forward")));
    assert_eq!(fault(|| no_grad(|| x.div(&x))), Some(("div", "forward")));
}

#[test]
fn checked_names_the_first_operation_backward() {
    let x = Var::leaf(Tensor::vector([1.0_f32, 0.0]));
    let loss = x.sqrt().scale(2.0).sum();
    assert!(loss.item().unwrap().is_finite());
    let kept = loss.clone();
    assert_eq!(fault(|| kept.backward()), Some(("sqrt", "backward")));
    // Derivatives that are differentiated again.
    let found = fault(|| grad(&loss, [&x], None));
    assert!(matches!(found, Some(("reciprocal", "forward") | ("sqrt", "backward"))), "{found:?}");
}

/// Joins its inputs, with a derivative that divides by zero.
#[derive(Debug)]
struct BadJoin;

impl<T: Float> Op<T> for BadJoin {
    type Inputs = Vec<In>;
    type Output = Tensor<T>;
    const NAME: &'static str = "bad_join";

    fn forward(&self, inputs: Vec<&Tensor<T>>) -> Result<Tensor<T>> {
        Ok(Tensor::concat(&inputs, 0)?)
    }
    fn vjp(&self, at: &At<'_, T, Self>, _: &Var<T>) -> Result<Vec<Option<Var<T>>>> {
        let infinite = |i| Some(Var::constant(Tensor::full(at.shape(i), T::HIGHEST)));
        Ok((0..at.len()).map(infinite).collect())
    }
}

/// `y = x`, with a derivative that is NaN.
#[derive(Debug)]
struct BadCopy<T> {
    _unused: T,
}

impl<T: Float> Op<T> for BadCopy<T> {
    type Inputs = [In; 1];
    type Output = Tensor<T>;
    const NAME: &'static str = "bad_copy";

    fn forward(&self, [x]: [&Tensor<T>; 1]) -> Result<Tensor<T>> {
        Ok(x.clone())
    }
    fn vjp(&self, _: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 1]> {
        Ok([Some(Var::constant(grad.value().map(|_| T::from_f64(f64::NAN))))])
    }
}

#[test]
fn checked_names_operations_of_the_user() {
    let x = Var::leaf(Tensor::vector([1.0_f32, 2.0]));
    let many = fault(|| Var::apply(BadJoin, vec![&x, &x])?.sum().backward());
    assert_eq!(many, Some(("bad_join", "backward")));
    let one = fault(|| Var::apply(BadCopy { _unused: 0.0 }, [&x])?.sum().backward());
    assert_eq!(one, Some(("bad_copy", "backward")));
}

#[test]
fn checked_does_not_blame_what_was_infinite_before() {
    let x = Var::leaf(Tensor::vector([f32::NEG_INFINITY, 0.0]));
    let y = checked(|| Ok(x.scale(2.0).exp()));
    assert_eq!(y.unwrap().value().to_vec(), [0.0, 1.0]);
}

#[test]
fn checked_ends_and_may_be_nested() {
    let x = number(0.0_f32);
    // The inner one reports its own fault, and the outer one none.
    let outer = checked(|| {
        assert_eq!(fault(|| Ok(x.ln())), Some(("ln", "forward")));
        Ok(x.exp())
    });
    assert!(outer.is_ok());
    // The outer one remembers its fault across an inner one without.
    let outer = fault(|| {
        let y = x.ln();
        assert!(checked(|| Ok(x.exp())).is_ok());
        Ok(y)
    });
    assert_eq!(outer, Some(("ln", "forward")));
    // The outer one still looks after an inner one ended.
    let outer = fault(|| {
        checked(|| Ok(x.exp()))?;
        Ok(x.reciprocal())
    });
    assert_eq!(outer, Some(("reciprocal", "forward")));
    // And outside, nothing does.
    assert!(x.ln().item().unwrap().is_infinite());
    assert!(checked(|| Ok(x.exp())).is_ok());
}

#[test]
fn checked_passes_errors_on() {
    let x = Var::leaf(Tensor::<f32>::ones([2]));
    let error = checked(|| x.add(&Var::constant(Tensor::ones([3])))).unwrap_err();
    assert!(error.to_string().starts_with("add: shapes [2] and [3] do not broadcast"));
}
