//! What the engine refuses, and what it says.

use std::panic::{AssertUnwindSafe, catch_unwind};

use gradus_autograd::{At, Error, In, Keeps, Op, Param, Result, Var, grad};
use gradus_tensor::{Float, Tensor};

#[test]
fn a_loss_of_many_elements() {
    let x = Var::leaf(Tensor::<f32>::ones([2, 3]));
    let error = x.exp().backward().unwrap_err();
    assert_eq!(error, Error::NotScalar { op: "backward", shape: vec![2, 3] });
    assert_eq!(
        error.to_string(),
        "backward: the loss has shape [2, 3], wanted one element; reduce it with sum() or mean()"
    );
    assert_eq!(
        grad(&x.exp(), [&x], None).unwrap_err().to_string(),
        "grad: the loss has shape [2, 3], wanted one element; reduce it with sum() or mean(), or \
         give a weight for each element"
    );
    let none = Var::leaf(Tensor::<f32>::ones([0]));
    assert_eq!(none.backward().unwrap_err(), Error::NotScalar { op: "backward", shape: vec![0] });
}

#[test]
fn a_loss_that_depends_on_nothing() {
    let error = Var::constant(Tensor::scalar(1.0_f32)).exp().backward().unwrap_err();
    assert_eq!(error, Error::Constant);
    assert_eq!(
        error.to_string(),
        "backward: the loss depends on no parameter, so it has no gradient; was it computed from \
         constants or frozen parameters, detached, or inside no_grad?"
    );
}

#[test]
fn a_constant_has_no_gradient() {
    let (x, y) = (Var::leaf(Tensor::<f32>::ones([2])), Var::from(Tensor::ones([2])));
    let error = grad(&x.mul(&y).unwrap().sum(), [&x, &y], None).unwrap_err();
    assert_eq!(error, Error::Untracked { input: 1, shape: vec![2] });
    assert_eq!(
        error.to_string(),
        "grad: input 1, of shape [2], is a constant; make it with Var::leaf, or take it from a \
         parameter that is not frozen"
    );
}

#[test]
fn a_weight_of_another_shape() {
    let x = Var::leaf(Tensor::<f32>::ones([2, 3]));
    let error = grad(&x.exp(), [&x], Some(&Var::constant(Tensor::ones([3])))).unwrap_err();
    assert_eq!(error.to_string(), "grad: got shape [3], wanted [2, 3], the shape of the output");
}

#[test]
fn operands_that_do_not_fit() {
    let (x, y) = (Var::leaf(Tensor::<f32>::ones([2, 3])), Var::leaf(Tensor::ones([4])));
    let says = x.add(&y).unwrap_err().to_string();
    let panic = catch_unwind(AssertUnwindSafe(|| &x + &y)).unwrap_err();
    assert_eq!(panic.downcast_ref::<String>(), Some(&says));
}

/// `y = Σ x` for the caller, whose derivative forgets to repeat the gradient.
#[derive(Debug)]
struct WrongShape {
    fused: bool,
}

impl<T: Float> Op<T> for WrongShape {
    type Inputs = [In; 2];
    type Output = Tensor<T>;
    const NAME: &'static str = "wrong_shape";

    fn forward(&self, [_, y]: [&Tensor<T>; 2]) -> Result<Tensor<T>> {
        Ok(y.sum())
    }
    fn vjp(&self, _: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 2]> {
        Ok([None, Some(grad.clone())])
    }
    fn vjp_fused(&self, at: &At<'_, T, Self>, grad: Tensor<T>) -> Result<[Option<Tensor<T>>; 2]> {
        if self.fused { Ok([None, Some(grad)]) } else { at.formula(self, grad) }
    }
}

#[derive(Debug)]
struct WrongShapeOfMany {
    gradients: usize,
}

impl<T: Float> Op<T> for WrongShapeOfMany {
    type Inputs = Vec<In>;
    type Output = Tensor<T>;
    const NAME: &'static str = "wrong_shape_of_many";

    fn forward(&self, inputs: Vec<&Tensor<T>>) -> Result<Tensor<T>> {
        Ok(inputs[1].sum())
    }
    fn vjp(&self, _: &At<'_, T, Self>, grad: &Var<T>) -> Result<Vec<Option<Var<T>>>> {
        let all = vec![None, Some(grad.clone()), None];
        Ok(all.into_iter().take(self.gradients).collect())
    }
}

#[test]
fn a_derivative_of_the_wrong_shape() {
    let (x, y) = (Var::leaf(Tensor::<f32>::ones([1])), Var::leaf(Tensor::ones([2, 3])));
    let says = "wrong_shape: the derivative for input 1 has shape [], wanted [2, 3]";
    for fused in [true, false] {
        let z = Var::apply(WrongShape { fused }, [&x, &y]).unwrap();
        assert_eq!(grad(&z, [&y], None).unwrap_err().to_string(), says);
        assert_eq!(z.backward().unwrap_err().to_string(), says);
    }
    let z = Var::apply(WrongShapeOfMany { gradients: 2 }, vec![&x, &y]).unwrap();
    assert_eq!(
        z.backward().unwrap_err().to_string(),
        "wrong_shape_of_many: the derivative for input 1 has shape [], wanted [2, 3]"
    );
    for gradients in [1, 3] {
        let z = Var::apply(WrongShapeOfMany { gradients }, vec![&x, &y]).unwrap();
        let says = format!(
            "wrong_shape_of_many: the derivative gives {gradients} gradients, wanted 2, one for each input"
        );
        assert_eq!(z.backward().unwrap_err().to_string(), says);
    }
}

#[derive(Debug)]
enum Reads {
    Inputs,
    Values,
    Output,
    OutputValue,
}

/// Keeps nothing, and reads it all the same.
#[derive(Debug)]
struct Forgetful(Reads);

impl<T: Float> Op<T> for Forgetful {
    type Inputs = [In; 1];
    type Output = Tensor<T>;
    const NAME: &'static str = "forgetful";

    fn forward(&self, [x]: [&Tensor<T>; 1]) -> Result<Tensor<T>> {
        Ok(x.clone())
    }
    fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 1]> {
        let read = match self.0 {
            Reads::Inputs => at.inputs().map(|[x]| x.into_value()),
            Reads::Values => at.values().map(|[x]| x.clone()),
            Reads::Output => at.output().map(Var::into_value),
            Reads::OutputValue => at.output_value().cloned(),
        };
        Ok([Some(grad.mul(&Var::constant(read?))?)])
    }
    fn keeps(&self, _: &[bool]) -> Keeps {
        Keeps::NOTHING
    }
}

#[test]
fn a_derivative_that_reads_what_was_not_kept() {
    let x = Var::leaf(Tensor::<f32>::scalar(1.0));
    let (inputs, output) = (
        "forgetful: the derivative needs input 0, which is not kept; `Op::keeps` must name it",
        "forgetful: the derivative needs output 0, which is not kept; `Op::keeps` must name it",
    );
    for (reads, says) in [
        (Reads::Inputs, inputs),
        (Reads::Values, inputs),
        (Reads::Output, output),
        (Reads::OutputValue, output),
    ] {
        let error = Var::apply(Forgetful(reads), [&x]).unwrap().backward().unwrap_err();
        assert_eq!(error.to_string(), says);
    }
}

#[test]
fn gradients_of_a_parameter_that_changed_its_shape() {
    let mut weight = Param::new(Tensor::<f32>::ones([2]));
    let mut gradients = weight.var().sum().backward().unwrap();
    // One element would broadcast.
    weight.set(Tensor::ones([1]));
    let error = gradients.merge(weight.var().sum().backward().unwrap()).unwrap_err();
    assert_eq!(error.to_string(), "merge: got shape [1], wanted [2], as before for this parameter");
}
