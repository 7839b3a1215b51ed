//! A model of two tensors, and losses whose gradients are known beforehand.

use gradus_autograd::{Gradients, Param, Var};
use gradus_nn::{Module, Visitor, VisitorMut};
use gradus_tensor::{Float, Rng, Tensor};

/// A weight and a bias; nothing says what they are used for.
#[derive(Debug, Clone)]
pub struct Pair<T: Float = f32> {
    pub weight: Param<T>,
    pub bias: Param<T>,
}

impl<T: Float> Pair<T> {
    pub fn new(weight: Tensor<T>, bias: Tensor<T>) -> Self {
        Self { weight: Param::new(weight), bias: Param::new(bias) }
    }

    /// The values of the weight, then of the bias.
    pub fn values(&self) -> Vec<T> {
        [self.weight.value().to_vec(), self.bias.value().to_vec()].concat()
    }

    /// Gradients with the given values.
    pub fn gradients(&self, weight: &Tensor<T>, bias: &Tensor<T>) -> Gradients<T> {
        let mut gradients = gradient(&self.weight, weight);
        gradients.merge(gradient(&self.bias, bias)).unwrap();
        gradients
    }
}

impl<T: Float> Module<T> for Pair<T> {
    fn visit(&self, v: &mut Visitor<'_, T>) {
        v.field("fc.weight", &self.weight).field("fc.bias", &self.bias);
    }
    fn visit_mut(&mut self, v: &mut VisitorMut<'_, T>) {
        v.field("fc.weight", &mut self.weight).field("fc.bias", &mut self.bias);
    }
}

/// The gradient of `Σ w c` with respect to `w`, which is `c`.
pub fn gradient<T: Float>(param: &Param<T>, c: &Tensor<T>) -> Gradients<T> {
    param.var().mul(&Var::constant(c.clone())).unwrap().sum().backward().unwrap()
}

/// Numbers in `[-1, 1)`.
pub fn random<T: Float>(shape: &[usize], seed: u64) -> Tensor<T> {
    let mut rng = Rng::new(seed);
    Tensor::<f64>::uniform(shape, -1.0, 1.0, &mut rng).unwrap().map(T::from_f64)
}

/// A pair of a `[3, 4]` weight and a `[4]` bias.
pub fn pair<T: Float>() -> Pair<T> {
    Pair::new(random(&[3, 4], 1), random(&[4], 2))
}

/// The gradients of step `step`.
pub fn gradients<T: Float>(model: &Pair<T>, step: u64) -> Gradients<T> {
    model.gradients(
        &random(model.weight.shape(), 100 + step),
        &random(model.bias.shape(), 200 + step),
    )
}

/// Whether numbers agree up to rounding.
#[track_caller]
pub fn assert_close<T: Float>(got: &[T], want: &[f64], tolerance: f64) {
    assert_eq!(got.len(), want.len());
    for (i, (got, want)) in got.iter().zip(want).enumerate() {
        let error = (got.to_f64() - want).abs();
        assert!(error <= tolerance * want.abs().max(1.0), "element {i}: {got} is not {want}");
    }
}
