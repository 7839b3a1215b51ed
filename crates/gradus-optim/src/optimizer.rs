//! What applies a rule to every parameter of a model.

use std::sync::Arc;

use gradus_autograd::{Gradients, Var};
use gradus_nn::Module;
use gradus_tensor::{Float, concrete};

use crate::driver::{Driver, Given, Loss, Objective, Rules, load_state, state, step, validate};
use crate::group::Select;
use crate::settings::Value;
use crate::vary::Varied;
use crate::{Group, OptimizerState, Result, Rule, Schedule};

/// A rule applied to all parameters of a model, with groups, a schedule and clipping.
///
/// What is kept for each parameter is keyed by its path, so an optimizer goes with one model.
/// Frozen parameters and parameters without a gradient are left as they are.
///
/// A NaN or an infinity in a gradient goes into the parameters, as the formula says. To be safe
/// from it, look at [`Gradients::global_norm`] before a step, or at the loss.
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_nn::{Context, Layer, Linear};
/// use gradus_optim::{AdamW, Cosine, Warmup};
/// use gradus_tensor::{Rng, Tensor};
///
/// let mut layer: Linear = Linear::new(2, 1).init(&mut Rng::new(0))?;
/// let mut optimizer = AdamW::new(0.1)
///     .optimizer()
///     .group_where(|path| path.ends_with("bias"), |group| group.weight_decay(0.0))
///     .schedule(Warmup::new(10).then(Cosine::new(90)))
///     .clip_norm(1.0);
/// let x = Var::constant(Tensor::from_vec(vec![0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0], [4, 2])?);
/// let y = Var::constant(Tensor::from_vec(vec![1.0, 3.0, 0.0, 2.0], [4, 1])?);
/// for _ in 0..100 {
///     let error = layer.forward(&x, &mut Context::eval())?.sub(&y)?;
///     optimizer.step(&mut layer, &error.mul(&error)?.mean().backward()?)?;
/// }
/// assert_eq!((optimizer.steps(), optimizer.lr()), (100, 0.0));
/// # Ok::<(), gradus_optim::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Optimizer<R, T: Float = f32> {
    /// That of the parameters in no group, then those of the groups.
    rules: Vec<R>,
    driver: Driver<T>,
    varied: Vec<Varied>,
}

/// What a step did.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct StepReport {
    /// The learning rate of the step, before the factors of the groups.
    pub lr: f64,
    /// The norm of all gradients that were used, before clipping; only known if there is clipping.
    pub grad_norm: Option<f64>,
    /// How many parameters were updated.
    pub updated: usize,
    /// The loss before the step; only known after [`Optimizer::step_with`].
    pub loss: Option<f64>,
}

impl<T: Float, R: Rule<T>> Optimizer<R, T> {
    /// A rule for all parameters: one group, the same learning rate for every step, no clipping.
    pub fn new(rule: R) -> Self {
        Self { rules: vec![rule], driver: Driver::new(), varied: Vec::new() }
    }

    /// Sets apart the parameters at or below `part`. A parameter belongs to the first group that takes
    /// it, in the order in which they are added.
    ///
    /// A step fails if there is no such parameter. Names count as a whole: `encoder` takes
    /// `encoder.weight` but not `encoder2.weight`. Where a name will not do, there is
    /// [`group_where`](Optimizer::group_where).
    pub fn group(self, part: &str, set: impl FnOnce(Group<R>) -> Group<R>) -> Self
    where
        R: Clone,
    {
        self.select(Select::Part(part.into()), set)
    }

    /// Sets apart the parameters for whose path `takes` holds; there may be none. A parameter
    /// belongs to the first group that takes it, in the order in which they are added.
    pub fn group_where(
        self,
        takes: impl Fn(&str) -> bool + Send + Sync + 'static,
        set: impl FnOnce(Group<R>) -> Group<R>,
    ) -> Self
    where
        R: Clone,
    {
        self.select(Select::Where(Arc::new(takes)), set)
    }

    fn select(mut self, select: Select, set: impl FnOnce(Group<R>) -> Group<R>) -> Self
    where
        R: Clone,
    {
        let Group { rule, about } = set(Group::new(self.rules[0].clone()));
        self.driver.groups.push(select, about);
        self.rules.push(rule);
        self
    }

    /// Multiplies the learning rate by a function of the step.
    pub fn schedule(mut self, schedule: impl Schedule + 'static) -> Self {
        self.driver.schedule = Arc::new(schedule);
        self
    }

    /// Multiplies a number among the rule's settings by a function of the step: the momentum, say, or `beta1`. Groups whose rule has
    /// no such number are left as they are.
    ///
    /// ```
    /// use gradus_optim::{OneCycle, Optimizer, Sgd};
    /// // The momentum of PyTorch's `OneCycleLR`: 0.95 at first, 0.85 where the rate is highest, 0.95 at the end.
    /// let momentum = OneCycle::new(100).start_div(0.85 / 0.95).final_div(1.0);
    /// let sgd: Optimizer<Sgd> = Sgd::new(0.1)
    ///     .momentum(0.85)
    ///     .optimizer()
    ///     .schedule(OneCycle::new(100))
    ///     .vary("momentum", momentum);
    /// # sgd.validate()?;
    /// # Ok::<(), gradus_optim::Error>(())
    /// ```
    pub fn vary(mut self, setting: &str, schedule: impl Schedule + 'static) -> Self {
        self.varied.push(Varied::new(setting, schedule));
        self
    }

    /// Scales all gradients of a step together so that their norm, taken as one vector, is at most
    /// `limit`, which must be above 0. With `f64::INFINITY` the norm is only reported.
    ///
    /// The direction of the step stays the same. Pascanu, Mikolov and Bengio, *On the difficulty of
    /// training recurrent neural networks*, 2013, algorithm 1.
    pub fn clip_norm(mut self, limit: f64) -> Self {
        self.driver.clip_norm = Some(limit);
        self
    }

    /// Holds every number of every gradient within `limit` of zero, before anything else; `limit` must be above 0.
    ///
    /// Unlike [`clip_norm`](Optimizer::clip_norm) this may change the direction of the step.
    pub fn clip_value(mut self, limit: f64) -> Self {
        self.driver.clip_value = Some(limit);
        self
    }

    /// Goes up the gradients, not down.
    pub fn maximize(mut self, maximize: bool) -> Self {
        self.driver.maximize = maximize;
        self
    }

    /// The rule of the parameters that are in no group.
    pub fn rule(&self) -> &R {
        &self.rules[0]
    }

    /// Sets the learning rate by hand, before the schedule and the factors of groups; groups that have a
    /// rate of their own keep it. From then on the rates are part of the [state](Optimizer::state).
    ///
    /// ```
    /// use gradus_optim::{Optimizer, Sgd};
    /// let mut sgd: Optimizer<Sgd> = Sgd::new(0.1).optimizer();
    /// sgd.set_lr(0.01);
    /// assert_eq!((sgd.lr(), *sgd.rule()), (0.01, Sgd::new(0.01)));
    /// ```
    pub fn set_lr(&mut self, lr: f64) {
        self.driver.by_hand = true;
        for (group, rule) in self.rules.iter_mut().enumerate() {
            if group == 0 || !self.driver.groups.get(group).own_rate {
                // A rule without a rate has none to set.
                let _ = rule.set("lr", Value::Number(lr));
            }
        }
    }

    /// Changes the rules of all groups in the course of training: a momentum, say. The change is not part of the
    /// [state](Optimizer::state).
    pub fn change(&mut self, change: impl Fn(&mut R)) {
        self.rules.iter_mut().for_each(change);
    }

    /// Tells the schedule the value of a metric that it listens to, after an epoch, say; see [`Plateau`](crate::Plateau).
    pub fn observe(&mut self, metric: f64) {
        self.driver.observe(self.rules.len(), metric);
    }

    /// How many steps were taken.
    pub fn steps(&self) -> u64 {
        self.driver.steps
    }

    /// The learning rate of the next step, before the factors of the groups.
    pub fn lr(&self) -> f64 {
        self.driver.lr(&self.rules[0], 0)
    }

    /// Checks every setting. A step does so, too.
    ///
    /// ```
    /// use gradus_optim::{Adam, Optimizer};
    /// let adam: Optimizer<Adam> = Adam::new(-1.0).optimizer();
    /// let message = adam.validate().unwrap_err().to_string();
    /// assert_eq!(message, "Adam: got learning rate -1, wanted a finite number >= 0");
    /// ```
    ///
    /// # Errors
    /// [`Error::Setting`](crate::Error::Setting) if a number is outside its domain.
    pub fn validate(&self) -> Result<()> {
        self.varied.iter().try_for_each(|varied| varied.validate(&self.rules))?;
        concrete!(validate: fn(&Driver<T>, &Rules<'_, T>) -> Result<()>)(
            &self.driver,
            &self.rules(),
        )
    }

    /// Updates the parameters of a model by one step down their gradients.
    ///
    /// Everything is checked before anything is written: after an error the model and the optimizer
    /// are what they were.
    ///
    /// # Errors
    /// Of [`Error`](crate::Error): `Setting` if a setting is outside its domain; `GradientShape` or
    /// `StateShape` if a gradient, or what is kept for a parameter, has not the shape that it must have;
    /// `NoGradients` if no parameter that is not frozen has a gradient; `SamePath` if two parameters have
    /// one path; `EmptyGroup` if nothing lies in the part of a group; `NeedsLoss` if the rule needs
    /// [`step_with`](Optimizer::step_with).
    pub fn step<M: Module<T> + ?Sized>(
        &mut self,
        model: &mut M,
        gradients: &Gradients<T>,
    ) -> Result<StepReport> {
        self.run(&mut Given(model), Some(gradients))
    }

    /// Computes the loss of a model and its gradients, and updates the parameters by one step down them.
    ///
    /// Any rule can be given the loss; those that compute it several times in a step, such as
    /// [`Lbfgs`](crate::Lbfgs) and [`Sam`](crate::Sam), must be.
    ///
    /// ```
    /// use gradus_autograd::Param;
    /// use gradus_optim::Lbfgs;
    /// use gradus_tensor::Tensor;
    ///
    /// let mut w = Param::new(Tensor::vector([3.0_f64, -1.0]));
    /// let mut lbfgs = Lbfgs::new(1.0).optimizer();
    /// let report = lbfgs.step_with(&mut w, |w| Ok(w.var().square().sum()))?;
    /// assert_eq!(report.loss, Some(10.0));
    /// assert!(w.value().to_vec().iter().all(|w| w.abs() < 1e-9));
    /// # Ok::<(), gradus_optim::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of the loss, and of [`step`](Optimizer::step). The model and the optimizer are then what they were.
    pub fn step_with<M: Module<T> + ?Sized>(
        &mut self,
        model: &mut M,
        loss: impl FnMut(&M) -> gradus_nn::Result<Var<T>>,
    ) -> Result<StepReport> {
        self.run(&mut Loss { model: Given(model), loss }, None)
    }

    fn run(
        &mut self,
        objective: &mut dyn Objective<T>,
        gradients: Option<&Gradients<T>>,
    ) -> Result<StepReport> {
        let Self { rules, driver, varied } = self;
        for varied in varied {
            varied.validate(rules)?;
            varied.set(rules, driver.steps);
        }
        let rules: Vec<&dyn Rule<T>> = rules.iter().map(|rule| rule as _).collect();
        concrete!(
            step: fn(
                &mut Driver<T>, &Rules<'_, T>, &mut dyn Objective<T>, Option<&Gradients<T>>,
            ) -> Result<StepReport>
        )(driver, &rules, objective, gradients)
    }

    fn rules(&self) -> Vec<&dyn Rule<T>> {
        self.rules.iter().map(|rule| rule as _).collect()
    }

    /// What the optimizer remembers, to be saved. The tensors are shared, not copied.
    pub fn state(&self) -> OptimizerState<T> {
        concrete!(state: fn(&Driver<T>, &Rules<'_, T>) -> OptimizerState<T>)(
            &self.driver,
            &self.rules(),
        )
    }

    /// Goes on from a saved state. Settings are not part of it: build the optimizer with the same.
    ///
    /// ```
    /// # use gradus_autograd::Param;
    /// # use gradus_tensor::Tensor;
    /// use gradus_optim::Adam;
    /// # let mut model = Param::new(Tensor::scalar(1.0_f32));
    /// let mut adam = Adam::new(0.1).optimizer();
    /// # let gradients = model.var().sin().backward()?;
    /// adam.step(&mut model, &gradients)?;
    /// let mut again = Adam::new(0.1).optimizer();
    /// again.load_state(adam.state())?;
    /// assert_eq!(again.state(), adam.state());
    /// # Ok::<(), gradus_optim::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::State`](crate::Error::State) if the state is of another rule, or of other groups or another schedule where they are part of
    /// it. The optimizer is then what it was. Whether the tensors are those of the model is seen by the next step.
    pub fn load_state(&mut self, state: OptimizerState<T>) -> Result<()> {
        let Self { rules, driver, .. } = self;
        let all: Vec<&dyn Rule<T>> = rules.iter().map(|rule| rule as _).collect();
        let rates = concrete!(
            load_state: fn(&mut Driver<T>, &Rules<'_, T>, OptimizerState<T>) -> Result<Option<Vec<f64>>>
        )(driver, &all, state)?;
        for (rule, lr) in rules.iter_mut().zip(rates.into_iter().flatten()) {
            // A rule without a rate has none to set.
            let _ = rule.set("lr", Value::Number(lr));
        }
        Ok(())
    }
}
