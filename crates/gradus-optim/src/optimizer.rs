//! What applies a rule to every parameter of a model.

use std::sync::Arc;

use gradus_autograd::Gradients;
use gradus_nn::{Module, Visitor, VisitorMut};
use gradus_tensor::{Float, concrete};

use crate::driver::{Driver, load_state, state, step, validate};
use crate::group::Select;
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
pub struct Optimizer<R, T: Float = f32> {
    rule: R,
    driver: Driver<T>,
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
}

impl<T: Float, R: Rule<T>> Optimizer<R, T> {
    /// A rule for all parameters: one group, the same learning rate for every step, no clipping.
    pub fn new(rule: R) -> Self {
        Self { rule, driver: Driver::new() }
    }

    /// Sets apart the parameters at or below `part`. A parameter belongs to the first group that takes
    /// it, in the order in which they are added.
    ///
    /// A step fails if there is no such parameter. Names count as a whole: `encoder` takes
    /// `encoder.weight` but not `encoder2.weight`. Where a name will not do, there is
    /// [`group_where`](Optimizer::group_where).
    pub fn group(mut self, part: &str, set: impl FnOnce(Group) -> Group) -> Self {
        self.driver.groups.push(Select::Part(part.into()), set(Group::REST));
        self
    }

    /// Sets apart the parameters for whose path `takes` holds; there may be none. A parameter
    /// belongs to the first group that takes it, in the order in which they are added.
    pub fn group_where(
        mut self,
        takes: impl Fn(&str) -> bool + Send + Sync + 'static,
        set: impl FnOnce(Group) -> Group,
    ) -> Self {
        self.driver.groups.push(Select::Where(Arc::new(takes)), set(Group::REST));
        self
    }

    /// Multiplies the learning rate by a function of the step.
    pub fn schedule(mut self, schedule: impl Schedule + 'static) -> Self {
        self.driver.schedule = Arc::new(schedule);
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

    /// The rule.
    pub fn rule(&self) -> &R {
        &self.rule
    }

    /// How many steps were taken.
    pub fn steps(&self) -> u64 {
        self.driver.steps
    }

    /// The learning rate of the next step, before the factors of the groups.
    pub fn lr(&self) -> f64 {
        self.driver.lr(&self.rule)
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
        concrete!(validate: fn(&Driver<T>, &dyn Rule<T>) -> Result<()>)(&self.driver, &self.rule)
    }

    /// Updates the parameters of a model by one step down their gradients.
    ///
    /// Everything is checked before anything is written: after an error the model and the optimizer
    /// are what they were.
    ///
    /// # Errors
    /// Of [`Error`](crate::Error): `Setting` if a setting is outside its domain; `GradientShape` or
    /// `StateShape` if a gradient, or what is kept for a parameter, has not the parameter's shape;
    /// `NoGradients` if no parameter that is not frozen has a gradient; `SamePath` if two parameters have
    /// one path; `EmptyGroup` if nothing lies in the part of a group.
    pub fn step<M: Module<T> + ?Sized>(
        &mut self,
        model: &mut M,
        gradients: &Gradients<T>,
    ) -> Result<StepReport> {
        concrete!(
            step: fn(&mut Driver<T>, &dyn Rule<T>, &mut dyn Module<T>, &Gradients<T>) -> Result<StepReport>
        )(&mut self.driver, &self.rule, &mut Model(model), gradients)
    }

    /// What the optimizer remembers, to be saved. The tensors are shared, not copied.
    pub fn state(&self) -> OptimizerState<T> {
        concrete!(state: fn(&Driver<T>, &dyn Rule<T>) -> OptimizerState<T>)(
            &self.driver,
            &self.rule,
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
    /// [`Error::State`](crate::Error::State) if the state is of another rule, or has another number of tensors for a
    /// parameter than the rule. The optimizer is then what it was.
    pub fn load_state(&mut self, state: OptimizerState<T>) -> Result<()> {
        concrete!(
            load_state: fn(&mut Driver<T>, &dyn Rule<T>, OptimizerState<T>) -> Result<()>
        )(&mut self.driver, &self.rule, state)
    }
}

/// A model whose type is forgotten.
struct Model<'m, M: ?Sized>(&'m mut M);

impl<T: Float, M: Module<T> + ?Sized> Module<T> for Model<'_, M> {
    fn visit(&self, visitor: &mut Visitor<'_, T>) {
        self.0.visit(visitor);
    }
    fn visit_mut(&mut self, visitor: &mut VisitorMut<'_, T>) {
        self.0.visit_mut(visitor);
    }
}
