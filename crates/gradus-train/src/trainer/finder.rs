//! A learning rate, found by trying: the rate grows from step to step by the same factor, and the loss is watched. Where it
//! falls fastest, the rate is good; from where it rises on, it is too large.
//!
//! ```text
//! lrᵢ = from · (to / from)^(i / (n - 1))
//! sᵢ = β sᵢ₋₁ + (1 - β) lossᵢ        shown: sᵢ / (1 - βⁱ⁺¹), β = 0.9
//! ```
//!
//! It ends where the loss is four times the least so far, or not finite. Smith, *Cyclical learning rates for training neural
//! networks*, 2017, section 3.3.

use gradus_nn::{Context, Module};
use gradus_optim::{Optimizer, Rule};
use gradus_serialize::{load, state_dict};
use gradus_tensor::{Float, concrete};

use super::finite;
use super::{AnyOptimizer, Source, Step, Trainer};
use crate::plots::{Curves, Panel};
use crate::{Error, Result};

const BETA: f64 = 0.9;
/// A loss so many times the least one is the end.
const DIVERGED: f64 = 4.0;

/// What [`Trainer::find_lr`] found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LrCurve {
    /// The learning rates.
    pub rates: Vec<f64>,
    /// The mean of the losses up to there, the last ones most.
    pub losses: Vec<f64>,
}

impl LrCurve {
    /// The rate at which the loss fell fastest; `None` if it never fell. The first tenth does not count: there the mean is
    /// over few losses.
    pub fn suggestion(&self) -> Option<f64> {
        let slope = |i: usize| self.losses[i + 1] - self.losses[i - 1];
        let inner = (self.losses.len() / 10).max(1)..self.losses.len().saturating_sub(1);
        let steepest = inner.min_by(|&i, &j| slope(i).total_cmp(&slope(j)))?;
        (slope(steepest) < 0.0).then(|| self.rates[steepest])
    }

    /// The loss over the rate, in powers of ten.
    pub fn plot(&self) -> Curves {
        let powers: Vec<f64> = self.rates.iter().map(|rate| rate.log10()).collect();
        let panel = Panel::new("Loss while the learning rate grows", "mean loss");
        let panel = match self.suggestion() {
            Some(rate) => panel.note(format!("falls fastest at {rate:.1e}")),
            None => panel,
        };
        Curves::new("learning rate, as a power of 10").panel(panel.curve(
            "loss",
            &powers,
            &self.losses,
        ))
    }
}

impl<M, R, T> Trainer<M, Optimizer<R, T>, T>
where
    M: Module<T>,
    R: Rule<T> + Clone,
    T: Float,
{
    /// Tries learning rates from one to the other over a number of steps. The model, the optimizer, the random numbers and the
    /// position of the source are then what they were before.
    ///
    /// ```
    /// use gradus_data::{DataLoader, Digits};
    /// use gradus_nn::{Flatten, Layer, Linear, Sequential};
    /// use gradus_optim::Adam;
    /// use gradus_tensor::Rng;
    /// use gradus_train::plots::Plot;
    /// use gradus_train::{Step, Trainer};
    ///
    /// let train = DataLoader::new(Digits::load()?).batch_size(64).shuffle(2);
    /// let net = Sequential::new().push(Flatten).push(Linear::new(64, 10).init(&mut Rng::new(3))?);
    /// let mut trainer = Trainer::new(net, Adam::new(1e-3).optimizer(), 4);
    /// let curve = trainer.find_lr(&train, 1e-5, 10.0, 60, |net, (images, labels), cx| {
    ///     Step::classification(&net.forward(images, cx)?, labels)
    /// })?;
    /// assert!((1e-3..1.0).contains(&curve.suggestion().unwrap()));
    /// # let place = tempfile::tempdir()?;
    /// # let place = place.path();
    /// curve.plot().save(place.join("lr.png"))?;
    /// # Ok::<(), gradus_train::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Value`] unless 0 < `from` < `to` and there are two steps at least; and whatever the source and `step` give.
    pub fn find_lr<S: Source>(
        &mut self,
        train: &S,
        from: f64,
        to: f64,
        steps: usize,
        mut step: impl FnMut(&M, &S::Batch, &mut Context) -> Result<Step<T>>,
    ) -> Result<LrCurve> {
        let mut climb = Climb::new(from, to, steps)?;
        let (weights, rng, position) =
            (state_dict(&self.model)?, self.context.rng_state(), train.state());
        let mut optimizer = self.optimizer.clone().schedule(|_| 1.0);
        let (model, context) = (&mut self.model, &mut self.context);
        let mut go = || {
            while !climb.ended {
                let before = climb.curve.rates.len();
                for batch in train.batches() {
                    let step = step(model, &batch?, context)?;
                    concrete!(Climb::go: fn(
                        &mut Climb<T>, Step<T>, &mut dyn Module<T>, &mut dyn AnyOptimizer<T>,
                    ) -> Result<()>)(&mut climb, step, model, &mut optimizer)?;
                    if climb.ended {
                        break;
                    }
                }
                climb.ended |= climb.curve.rates.len() == before;
            }
            Ok(())
        };
        let result = go();
        load(&mut self.model, &weights)?;
        self.context.restore_rng(rng);
        train.restore(position)?;
        result.map(|()| climb.curve)
    }
}

/// The search under way.
struct Climb<T> {
    from: f64,
    to: f64,
    steps: usize,
    mean: f64,
    least: f64,
    ended: bool,
    curve: LrCurve,
    of: std::marker::PhantomData<T>,
}

impl<T: Float> Climb<T> {
    fn new(from: f64, to: f64, steps: usize) -> Result<Self> {
        if !(from > 0.0 && to > from && to.is_finite() && steps >= 2) {
            let got = format!("rates from {from} to {to} in {steps} steps");
            let wanted = "0 < from < to, and at least 2 steps";
            return Err(Error::value("Trainer::find_lr", got, wanted));
        }
        let (mean, least, ended, curve) = (0.0, f64::INFINITY, false, LrCurve::default());
        Ok(Self { from, to, steps, mean, least, ended, curve, of: std::marker::PhantomData })
    }

    /// Takes the loss of a step in, and goes down it.
    fn go(
        &mut self,
        step: Step<T>,
        model: &mut dyn Module<T>,
        optimizer: &mut dyn AnyOptimizer<T>,
    ) -> Result<()> {
        let i = self.curve.rates.len();
        let rate = self.from * (self.to / self.from).powf(i as f64 / (self.steps - 1) as f64);
        let loss = step.loss.item()?.to_f64();
        self.mean = BETA * self.mean + (1.0 - BETA) * loss;
        let shown = self.mean / (1.0 - BETA.powi(i as i32 + 1));
        self.ended = !loss.is_finite() || shown > DIVERGED * self.least;
        if self.ended {
            return Ok(());
        }
        self.least = self.least.min(shown);
        self.curve.rates.push(rate);
        self.curve.losses.push(shown);
        let gradients = step.loss.backward()?;
        self.ended = i + 1 == self.steps || finite::check(0, loss, model, &gradients).is_err();
        if !self.ended {
            optimizer.set_lr(rate);
            optimizer.step(model, &gradients)?;
        }
        Ok(())
    }
}
