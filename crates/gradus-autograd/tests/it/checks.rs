//! The checks find what is wrong: each mistake that a derivative can have, made on purpose.

use gradus_autograd::check::{self, Cases, inputs};
use gradus_autograd::{At, Error, Function, In, Needs, Op, Result, Scalar, Var};
use gradus_tensor::{Float, Tensor};

#[derive(Debug, Clone, Copy, PartialEq)]
enum Mistake {
    None,
    Derivative,
    Second,
    Fused,
    Wanted,
    Strides,
    Silent,
}

/// `y = x³ z`, right but for one thing.
#[derive(Debug)]
struct Product(Mistake);

impl<T: Float> Op<T> for Product {
    type Inputs = [In; 2];
    type Output = Tensor<T>;
    const NAME: &'static str = "product";

    fn forward(&self, [x, z]: [&Tensor<T>; 2]) -> Result<Tensor<T>> {
        if self.0 == Mistake::Strides && x.as_slice().is_none() {
            return Ok(x.zip("product", z, |x, z| x * z)?);
        }
        Ok(x.zip("product", z, |x, z| x * x * x * z)?)
    }

    fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 2]> {
        let [x, z] = match self.0 {
            Mistake::Second => at.values()?.map(|x| Var::constant(x.clone())),
            _ => at.inputs()?,
        };
        let factor = if self.0 == Mistake::Derivative { 2.0 } else { 3.0 };
        let dx = x.square().mul(&z)?.scale(T::from_f64(factor)).mul(grad)?;
        let dz = x.powf(T::from_f64(3.0)).mul(grad)?;
        // The first gradient depends on whether the second is asked for.
        let dx = if self.0 == Mistake::Wanted && !at.wanted[1] { -dx } else { dx };
        Ok([Some(dx), if self.0 == Mistake::Silent { None } else { Some(dz) }])
    }

    fn vjp_fused(&self, at: &At<'_, T, Self>, grad: Tensor<T>) -> Result<[Option<Tensor<T>>; 2]> {
        if self.0 != Mistake::Fused {
            return at.formula(self, grad);
        }
        let [x, z] = at.values()?;
        let dx = x.zip3("product", z, &grad, |x, z, g| x * x * z * g)?;
        let dz = x.zip("product", &grad, |x, g| x * x * x * g)?;
        Ok([Some(dx), Some(dz)])
    }
}

fn cases(mistake: Mistake) -> Cases {
    Cases::new("product", move |x| Var::apply(Product(mistake), [&x[0], &x[1]]))
        .on("matrices", [inputs::normal([2, 3], 1), inputs::normal([2, 3], 2)])
}

fn complaint(cases: &Cases) -> String {
    match cases.verify() {
        Err(Error::Check { what, detail }) => format!("{what}: {detail}"),
        other => panic!("the mistake was not found: {other:?}"),
    }
}

#[test]
fn what_is_right_passes() {
    cases(Mistake::None).check();
}

#[test]
fn each_mistake_is_found_and_named() {
    for (mistake, says) in [
        (Mistake::Derivative, "product on matrices: derivative: it is "),
        (Mistake::Second, "product on matrices: second derivative: it is "),
        (Mistake::Fused, "product on matrices: derivative: it is "),
        (Mistake::Silent, "product on matrices: derivative: it is "),
        (Mistake::Wanted, "gradients asked for alone and together: they differ: "),
        (Mistake::Strides, "contiguous input and input with reversed axes in memory: they differ"),
    ] {
        let complaint = complaint(&cases(mistake));
        assert!(complaint.contains(says), "{mistake:?}: {complaint}");
    }
}

#[test]
fn check_panics_with_the_same_words() {
    let panic = std::panic::catch_unwind(|| cases(Mistake::Second).check()).unwrap_err();
    let message = panic.downcast_ref::<String>().unwrap();
    assert_eq!(*message, complaint(&cases(Mistake::Second)));
}

#[test]
fn a_wrong_definition_is_found() {
    let other_value = cases(Mistake::None).equals(|x| x[0].mul(&x[1]));
    let says = "product on matrices: the value and its definition: they differ: ";
    assert!(complaint(&other_value).starts_with(says));
    let no_derivative = cases(Mistake::None).equals(|x| x[0].powf(3.0).mul(&x[1].detach()));
    let says = "product on matrices: the derivative and that of the definition: they differ: ";
    assert!(complaint(&no_derivative).starts_with(says));
}

/// `y = eˣ`, with a slope that may be wrong.
#[derive(Debug)]
struct Growth(f64);

impl Function for Growth {
    const NAME: &'static str = "growth";
    const NEEDS: Needs = Needs::Output;

    fn value<S: Scalar>(&self, x: S) -> S {
        x.exp()
    }
    fn slope<S: Scalar>(&self, y: S) -> S {
        y * self.0
    }
}

#[test]
fn the_slope_of_a_function_is_checked() {
    let cases = Cases::new("growth", |x| Ok(x[0].pointwise(Growth(1.001))))
        .on("numbers", [inputs::normal([5], 1)]);
    let complaint = complaint(&cases);
    assert!(complaint.starts_with("growth on numbers: derivative: it is "), "{complaint}");
    Cases::new("growth", |x| Ok(x[0].pointwise(Growth(1.0))))
        .on("numbers", [inputs::normal([5], 1)])
        .check();
}

#[test]
fn a_nan_is_not_taken_for_agreement() {
    let cases = Cases::new("ln", |x| Ok(x[0].ln())).on("minus one", [Tensor::scalar(-1.0)]);
    assert!(complaint(&cases).starts_with("ln on minus one: derivative: it is "));
}

#[test]
fn refusals_are_checked() {
    let zero = || [Tensor::vector([1.0, 2.0])];
    let sums = || Cases::new("sum", |x| x[0].sum_axes(&[0], false)).on("numbers", zero());
    assert_eq!(
        complaint(&sums().refuses("numbers", zero(), "sum: ")),
        "sum on numbers: it must give an error, and does not"
    );
    let says = complaint(&sums().refuses("nothing", [Tensor::scalar(1.0)], "mean: "));
    assert!(says.starts_with("sum on nothing: the error "), "{says}");
    assert!(says.ends_with("does not say \"mean: \""), "{says}");
    sums().refuses("nothing", [Tensor::scalar(1.0)], "sum: axis 0 is out of range").check();
}

#[test]
fn errors_of_the_function_are_failures() {
    let cases =
        Cases::new("sum", |x| x[0].sum_axes(&[1], false)).on("numbers", [Tensor::ones([2])]);
    assert!(complaint(&cases).starts_with("sum on numbers: sum: axis 1 is out of range"));
}

#[test]
fn nothing_to_check_is_a_failure() {
    let cases = Cases::new("exp", |x| Ok(x[0].exp()));
    assert_eq!(complaint(&cases), "exp on none: there is nothing to check");
}

#[test]
fn functions_alone_can_be_checked() {
    let x = inputs::normal([3], 1);
    let wrong = |x: &[Var<f64>]| Var::apply(Product(Mistake::Derivative), [&x[0], &x[0]]);
    let error = check::gradient(wrong, std::slice::from_ref(&x)).unwrap_err().to_string();
    assert!(error.starts_with("derivative: it is "), "{error}");
    let detached = |x: &[Var<f64>]| Var::apply(Product(Mistake::Second), [&x[0], &x[0]]);
    check::gradient(detached, std::slice::from_ref(&x)).unwrap();
    let error = check::second(detached, &[x]).unwrap_err().to_string();
    assert!(error.starts_with("second derivative: it is "), "{error}");
}

#[test]
fn inputs_are_what_they_say() {
    let all = |x: Tensor<f64>, good: fn(f64) -> bool| x.to_vec().into_iter().all(good);
    assert!(all(inputs::positive([1000], 1), |x| (0.5..=2.0).contains(&x)));
    assert!(all(inputs::away_from_zero([1000], 1), |x| (0.5..=2.0).contains(&x.abs())));
    let mut x = inputs::distinct([10, 10], 1).to_vec();
    x.sort_by(f64::total_cmp);
    assert!(x.windows(2).all(|pair| pair[1] - pair[0] > 0.099));
    assert_eq!(inputs::normal([4], 7), inputs::normal([4], 7));
    assert_ne!(inputs::normal([4], 7), inputs::normal([4], 8));
}
