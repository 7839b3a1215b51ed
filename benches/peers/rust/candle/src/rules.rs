//! The update rules: candle's own, and SGD with momentum, which it lacks.

use candle_core::{Result, Tensor, Var};
use candle_nn::{AdamW, Optimizer, ParamsAdamW, SGD};

pub enum Rule {
    Sgd(SGD),
    AdamW(AdamW),
    Momentum(Momentum),
}

impl Rule {
    /// Gradients of the loss, and one step along them. Running statistics are among the variables too;
    /// they have no gradient and stay as they are.
    pub fn step(&mut self, loss: &Tensor) -> Result<()> {
        match self {
            Self::Sgd(rule) => rule.backward_step(loss),
            Self::AdamW(rule) => rule.backward_step(loss),
            Self::Momentum(rule) => rule.backward_step(loss),
        }
    }
}

pub fn sgd(variables: Vec<Var>, lr: f64) -> Result<Rule> {
    SGD::new(variables, lr).map(Rule::Sgd)
}

/// Without decay it is Adam.
pub fn adamw(variables: Vec<Var>, lr: f64, weight_decay: f64) -> Result<Rule> {
    AdamW::new(variables, ParamsAdamW { lr, weight_decay, ..Default::default() }).map(Rule::AdamW)
}

/// v ← μ v + g + λ p;  p ← p − lr v, as PyTorch defines it.
pub struct Momentum {
    velocities: Vec<(Var, Tensor)>,
    lr: f64,
    momentum: f64,
    weight_decay: f64,
}

pub fn momentum(variables: Vec<Var>, lr: f64, momentum: f64, weight_decay: f64) -> Result<Rule> {
    let zero = |p: Var| {
        let velocity = p.zeros_like()?;
        Ok((p, velocity))
    };
    let velocities = variables.into_iter().map(zero).collect::<Result<_>>()?;
    Ok(Rule::Momentum(Momentum { velocities, lr, momentum, weight_decay }))
}

impl Momentum {
    fn backward_step(&mut self, loss: &Tensor) -> Result<()> {
        let gradients = loss.backward()?;
        for (p, velocity) in &mut self.velocities {
            if let Some(gradient) = gradients.get(p) {
                let gradient = (gradient + (p.as_tensor() * self.weight_decay)?)?;
                *velocity = ((&*velocity * self.momentum)? + gradient)?.detach();
                p.set(&(p.as_tensor() - (&*velocity * self.lr)?)?)?;
            }
        }
        Ok(())
    }
}
