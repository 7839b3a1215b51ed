//! A rule of a user's that looks at all parameters at once, with states of odd shapes and numbers of the whole.

use gradus_optim::settings::BadSetting;
use gradus_optim::{All, At, Decay, Error, Formula, Result, Settings, rule};
use gradus_tensor::{Float, Tensor};

use super::common::{Pair, assert_close, gradients, pair};

/// Steps of one length for all parameters together, and a mean of that gradient's length.
#[derive(Settings, Debug, Clone, PartialEq)]
#[settings(check = Normed::odd)]
struct Normed {
    /// The length of a step.
    #[at_least(0)]
    lr: f64,
    /// How many sums are kept for a parameter.
    #[at_least(1)]
    #[default(3)]
    sums: usize,
}

impl Normed {
    fn odd(&self) -> Result<(), BadSetting> {
        match self.sums % 2 {
            0 => Err(BadSetting::new("Normed", format!("sums {}", self.sums), "an odd number")),
            _ => Ok(()),
        }
    }
}

impl Formula for Normed {
    /// Sums that start at 7, as a vector, and a number.
    fn start<T: Float>(&self, _param: &Tensor<T>) -> Vec<Tensor<T>> {
        vec![Tensor::full([self.sums], T::from_f64(7.0)), Tensor::scalar(T::ONE)]
    }

    fn update<T: Float>(&self, _at: &mut At<T>) -> Result<()> {
        Err(Error::setting("Normed", "one parameter", "all"))
    }

    fn update_all<T: Float>(&self, all: &mut All<'_, T>) -> Result<()> {
        let squares = |at: &At<T>| -> f64 {
            let scale = at.step.grad_scale;
            at.grad.to_vec().iter().map(|g| (g.to_f64() * scale).powi(2)).sum()
        };
        let norm = all.params.iter().map(squares).sum::<f64>().sqrt();
        all.numbers.resize(1, 0.0);
        all.numbers[0] = 0.9 * all.numbers[0] + 0.1 * norm;
        for at in all.params.iter_mut() {
            let [grad_sum, size] = [at.grad.sum(), Tensor::scalar(T::from_f64(at.step.lr / norm))];
            at.state[0] = at.state[0].add(&grad_sum)?;
            at.state[1] = at.state[1].mul(&size)?;
            let [param, grad] = at.decayed(Decay::NONE)?;
            at.param = param.sub(&grad.mul(&size)?)?;
        }
        Ok(())
    }
}
rule!(Normed);

#[test]
fn all_parameters_at_once() {
    let (mut straight, mut stopped): (Pair, Pair) = (pair(), pair());
    let build = || Normed::new(0.5).optimizer().clip_norm(0.2);
    let mut optimizer = build();
    let mut state = optimizer.state();
    for step in 0..4 {
        let before = straight.values();
        let g = gradients(&straight, step);
        optimizer.step(&mut straight, &g).unwrap();
        let length: f32 =
            straight.values().iter().zip(&before).map(|(a, b)| (a - b).powi(2)).sum::<f32>().sqrt();
        assert_close(&[length], &[0.5], 1e-6);

        let mut fresh = build();
        fresh.load_state(state).unwrap();
        let g = gradients(&stopped, step);
        fresh.step(&mut stopped, &g).unwrap();
        state = fresh.state();
    }
    assert_eq!(straight.values(), stopped.values());
    assert_eq!(optimizer.state(), state);
    let shapes: Vec<_> = state.tensors["fc.bias"].iter().map(|t| t.shape().to_vec()).collect();
    assert_eq!(shapes, [vec![3], vec![], vec![]]);
    // 0.2 · (1 − 0.9⁴), in doubles, whatever the parameters are.
    assert!((state.numbers["rule"][0] - 0.06878).abs() < 1e-12);
}

#[test]
fn its_settings_and_states_are_checked_as_ours_are() {
    let two = Normed::new(0.5).sums(2).optimizer::<f32>().validate().unwrap_err().to_string();
    assert_eq!(two, "Normed: got sums 2, wanted an odd number");
    let mut model = pair::<f32>();
    let g = gradients(&model, 0);
    let mut three = Normed::new(0.5).optimizer();
    three.step(&mut model, &g).unwrap();
    let mut five = Normed::new(0.5).sums(5).optimizer();
    five.load_state(three.state()).unwrap();
    assert_eq!(
        five.step(&mut model, &g).unwrap_err().to_string(),
        "step: the state kept for `fc.weight` has the shapes [[3], []], which Normed does not keep for a \
         parameter of shape [3, 4]; does the state belong to another model, or to other settings?"
    );
}
