//! Operations of a user's own are written as this crate's are, and checked in the same way.

use gradus_autograd::check::{Cases, inputs};
use gradus_autograd::{At, Function, In, Keeps, Needs, Op, Result, Saving, Scalar, Var};
use gradus_tensor::{Error, Float, Tensor};

/// The distance of points: `d = √Σ (x - y)²` along the last axis, `x̄ = d̄ (x - y) / d`, `ȳ = -x̄`.
#[derive(Debug)]
struct Distance;

impl<T: Float> Op<T> for Distance {
    type Inputs = [In; 2];
    /// `x - y`, which the derivative uses again.
    type Output = Saving<Tensor<T>, Tensor<T>>;
    const NAME: &'static str = "distance";

    fn forward(&self, [x, y]: [&Tensor<T>; 2]) -> Result<Self::Output> {
        if x.shape() != y.shape() {
            let wanted = format!("{:?}, the shape of the first", x.shape());
            return Err(Error::shape("distance", y.shape(), wanted).into());
        }
        let gap = x.sub(y)?;
        Ok(Saving(gap.map(|g| g * g).sum_axes(&[-1], true)?.sqrt(), gap))
    }

    fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 2]> {
        let [x, y] = at.inputs()?;
        let along = x.sub(&y)?.div(&at.output()?)?.mul(grad)?;
        Ok([at.want(0, || Ok(along.clone()))?, at.want(1, || Ok(-&along))?])
    }

    fn vjp_fused(&self, at: &At<'_, T, Self>, grad: Tensor<T>) -> Result<[Option<Tensor<T>>; 2]> {
        let along =
            at.saved.zip3("distance", at.output_value()?, &grad, |g, d, grad| g / d * grad)?;
        Ok([at.want(0, || Ok(along.clone()))?, at.want(1, || Ok(-&along))?])
    }

    fn keeps(&self, _: &[bool]) -> Keeps {
        Keeps::INPUTS | Keeps::OUTPUTS
    }
}

#[test]
fn an_operation_with_two_inputs() {
    Cases::new("distance", |x| Var::apply(Distance, [&x[0], &x[1]]))
        .equals(|x| Ok(x[0].sub(&x[1])?.square().sum_axes(&[-1], true)?.sqrt()))
        .on("points", [inputs::normal([4, 3], 1), inputs::normal([4, 3], 2)])
        .on("no points", [inputs::normal([0, 3], 1), inputs::normal([0, 3], 2)])
        .refuses(
            "other points",
            [inputs::normal([4, 3], 1), inputs::normal([3], 2)],
            "distance: got shape [3], wanted [4, 3], the shape of the first",
        )
        .check();
}

/// `y = 1 / (1 + |x|)`
#[derive(Debug)]
struct Closeness;

impl Function for Closeness {
    const NAME: &'static str = "closeness";
    const NEEDS: Needs = Needs::Input;

    fn value<S: Scalar>(&self, x: S) -> S {
        S::ONE / (x.abs() + 1.0)
    }

    fn slope<S: Scalar>(&self, x: S) -> S {
        let y = Function::value(self, x);
        x.if_above(0.0, -(y * y), y * y)
    }
}

#[test]
fn a_function_of_one_number() {
    Cases::new("closeness", |x| Ok(x[0].pointwise(Closeness)))
        .on("a matrix", [inputs::away_from_zero([3, 4], 1)])
        .on("one number", [inputs::away_from_zero([0_usize; 0], 1)])
        .check();
    let y = Var::leaf(Tensor::scalar(1.0_f32)).pointwise(Closeness);
    assert!(format!("{y:?}").starts_with("Var(closeness)"), "{y:?}");
}

/// The sum of any number of tensors of one shape, each times its place in the list.
#[derive(Debug)]
struct Ranked;

impl<T: Float> Op<T> for Ranked {
    type Inputs = Vec<In>;
    type Output = Tensor<T>;
    const NAME: &'static str = "ranked";

    fn forward(&self, inputs: Vec<&Tensor<T>>) -> Result<Tensor<T>> {
        let mut sum = inputs[0].zeros_like();
        for (place, x) in inputs.iter().enumerate() {
            sum.add_scaled(x, T::from_f64(place as f64))?;
        }
        Ok(sum)
    }

    fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<Vec<Option<Var<T>>>> {
        let part = |place: usize| at.want(place, || Ok(grad.scale(T::from_f64(place as f64))));
        (0..at.len()).map(part).collect()
    }

    fn keeps(&self, _: &[bool]) -> Keeps {
        Keeps::NOTHING
    }
}

#[test]
fn an_operation_with_any_number_of_inputs() {
    Cases::new("ranked", |x| Var::apply(Ranked, x.iter().collect()))
        .on("one", [inputs::normal([2, 3], 1)])
        .on("three", [1, 2, 3].map(|seed| inputs::normal([2, 3], seed)))
        .refuses("other shapes", [inputs::normal([2], 1), inputs::normal([3], 2)], "add_scaled: ")
        .check();
}
