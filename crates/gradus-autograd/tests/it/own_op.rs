//! Operations of a user's own are written as this crate's are, and checked in the same way.

use gradus_autograd::check::{Cases, inputs};
use gradus_autograd::{At, Function, Fused, Needs, Op, OpMany, Result, Var};
use gradus_tensor::{Error, Float, Tensor};

/// The distance of points: `d = √Σ (x - y)²` along the last axis, `x̄ = d̄ (x - y) / d`, `ȳ = -x̄`.
#[derive(Debug)]
struct Distance;

impl<T: Float> Op<T, 2> for Distance {
    /// `x - y`, which the derivative uses again.
    type Saved = Tensor<T>;
    const KEEPS_OUTPUT: bool = true;

    fn forward(&self, [x, y]: [&Tensor<T>; 2]) -> Result<(Tensor<T>, Tensor<T>)> {
        if x.shape() != y.shape() {
            let wanted = format!("{:?}, the shape of the first", x.shape());
            return Err(Error::shape("distance", y.shape(), wanted).into());
        }
        let gap = x.sub(y)?;
        Ok((gap.map(|g| g * g).sum_axes(&[-1], true)?.sqrt(), gap))
    }

    fn vjp(&self, at: &At<'_, T, Tensor<T>, 2>, grad: &Var<T>) -> Result<[Option<Var<T>>; 2]> {
        let [x, y] = at.inputs()?;
        let along = x.sub(&y)?.div(&at.output()?)?.mul(grad)?;
        Ok([at.want(0, || Ok(along.clone()))?, at.want(1, || Ok(-&along))?])
    }

    fn vjp_fused(&self, at: &At<'_, T, Tensor<T>, 2>, grad: Tensor<T>) -> Result<Fused<T, 2>> {
        let along =
            at.saved.zip3("distance", at.output_value()?, &grad, |g, d, grad| g / d * grad)?;
        Ok(Fused::Yes([at.want(0, || Ok(along.clone()))?, at.want(1, || Ok(-&along))?]))
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

impl<T: Float> Function<T> for Closeness {
    const NEEDS: Needs = Needs::Input;
    fn value(&self, x: T) -> T {
        T::ONE / (T::ONE + x.abs())
    }
    fn slope(&self, x: T) -> T {
        let y = Function::value(self, x);
        if x > T::ZERO { -(y * y) } else { y * y }
    }
    fn slope_var(&self, x: &Var<T>) -> Result<Var<T>> {
        let sign = Var::constant(x.value().map(|x| if x > T::ZERO { -T::ONE } else { T::ONE }));
        x.abs().shift(T::ONE).reciprocal().square().mul(&sign)
    }
}

#[test]
fn a_function_of_one_number() {
    Cases::new("closeness", |x| Ok(x[0].pointwise(Closeness)))
        .on("a matrix", [inputs::away_from_zero([3, 4], 1)])
        .on("one number", [inputs::away_from_zero([0_usize; 0], 1)])
        .check();
    let y = Var::leaf(Tensor::scalar(1.0_f32)).pointwise(Closeness);
    assert!(format!("{y:?}").starts_with("Var(Closeness)"), "{y:?}");
}

/// The sum of any number of tensors of one shape, each times its place in the list.
#[derive(Debug)]
struct Ranked;

impl<T: Float> OpMany<T> for Ranked {
    fn forward(&self, inputs: &[&Tensor<T>]) -> Result<Tensor<T>> {
        let mut sum = inputs[0].zeros_like();
        for (place, x) in inputs.iter().enumerate() {
            sum.add_scaled(x, T::from_f64(place as f64))?;
        }
        Ok(sum)
    }
    fn vjp(
        &self,
        shapes: &[Vec<usize>],
        wanted: &[bool],
        grad: &Var<T>,
    ) -> Result<Vec<Option<Var<T>>>> {
        let part = |place: usize| wanted[place].then(|| grad.scale(T::from_f64(place as f64)));
        Ok((0..shapes.len()).map(part).collect())
    }
}

#[test]
fn an_operation_with_any_number_of_inputs() {
    Cases::new("ranked", |x| Var::apply_many(Ranked, &x.iter().collect::<Vec<_>>()))
        .on("one", [inputs::normal([2, 3], 1)])
        .on("three", [1, 2, 3].map(|seed| inputs::normal([2, 3], seed)))
        .refuses("other shapes", [inputs::normal([2], 1), inputs::normal([3], 2)], "add_scaled: ")
        .check();
}
