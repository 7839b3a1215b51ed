//! The driver: applies a rule to every parameter of a model.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use gradus_autograd::{Gradients, Param};
use gradus_nn::{Module, ModuleExt};
use gradus_tensor::Float;

use crate::clip::sum_of_squares;
use crate::error::not_negative;
use crate::group::{Groups, Select};
use crate::schedules::Constant;
use crate::state::Slots;
use crate::{Error, Group, OptimizerState, Result, Rule, Schedule, Step};

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
    groups: Groups,
    schedule: Arc<dyn Schedule>,
    clip_norm: Option<f64>,
    steps: u64,
    slots: BTreeMap<String, Slots<T>>,
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
        let schedule = Arc::new(Constant::new(1.0));
        let (groups, slots) = (Groups::default(), BTreeMap::new());
        Self { rule, groups, schedule, clip_norm: None, steps: 0, slots }
    }

    /// Sets apart the parameters whose path starts with `prefix`. A parameter belongs to the first
    /// group that takes it, in the order in which they are added.
    ///
    /// A step fails if there is no such parameter. `encoder` takes `encoder2.weight` too;
    /// `encoder.` does not.
    pub fn group(mut self, prefix: &str, set: impl FnOnce(Group) -> Group) -> Self {
        self.groups.push(Select::Prefix(prefix.into()), set(Group::REST));
        self
    }

    /// Sets apart the parameters for whose path `takes` holds; there may be none. A parameter
    /// belongs to the first group that takes it, in the order in which they are added.
    pub fn group_where(
        mut self,
        takes: impl Fn(&str) -> bool + Send + Sync + 'static,
        set: impl FnOnce(Group) -> Group,
    ) -> Self {
        self.groups.push(Select::Where(Arc::new(takes)), set(Group::REST));
        self
    }

    /// Multiplies the learning rate by a function of the step.
    pub fn schedule(self, schedule: impl Schedule + 'static) -> Self {
        Self { schedule: Arc::new(schedule), ..self }
    }

    /// Scales all gradients of a step together so that their norm, taken as one vector, is at most
    /// `limit`, which must be above 0. With `f64::INFINITY` the norm is only reported.
    ///
    /// The direction of the step stays the same. Pascanu, Mikolov and Bengio, *On the difficulty of
    /// training recurrent neural networks*, 2013, algorithm 1.
    pub fn clip_norm(self, limit: f64) -> Self {
        Self { clip_norm: Some(limit), ..self }
    }

    /// The rule.
    pub fn rule(&self) -> &R {
        &self.rule
    }

    /// How many steps were taken.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// The learning rate of the next step, before the factors of the groups.
    pub fn lr(&self) -> f64 {
        self.rule.lr() * self.schedule.factor(self.steps)
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
    /// [`Error::Setting`] if a number is outside its domain.
    pub fn validate(&self) -> Result<()> {
        let name = self.rule.name();
        not_negative(name, "learning rate", self.rule.lr())?;
        not_negative(name, "weight decay", self.rule.weight_decay())?;
        self.rule.validate()?;
        self.groups.validate(name)?;
        self.schedule.validate()?;
        let factor = format!("a schedule's factor at step {} of", self.steps);
        not_negative(name, &factor, self.schedule.factor(self.steps))?;
        match self.clip_norm {
            Some(limit) if limit.is_nan() || limit <= 0.0 => {
                Err(Error::setting(name, format!("clip_norm {limit}"), "a number > 0"))
            }
            _ => Ok(()),
        }
    }

    /// Updates the parameters of a model by one step down their gradients.
    ///
    /// Everything is checked before anything is written: after an error the model and the optimizer
    /// are what they were.
    ///
    /// # Errors
    /// [`Error::Setting`] if a setting is outside its domain; [`Error::GradientShape`] or
    /// [`Error::StateShape`] if a gradient, or what is kept for a parameter, has not the parameter's
    /// shape; [`Error::NoGradients`] if no parameter that is not frozen has a gradient;
    /// [`Error::SamePath`] if two parameters have one path; [`Error::EmptyGroup`] if no path starts
    /// with a group's prefix.
    pub fn step<M: Module<T> + ?Sized>(
        &mut self,
        model: &mut M,
        gradients: &Gradients<T>,
    ) -> Result<StepReport> {
        self.validate()?;
        let (updated, grad_norm) = self.plan(model, gradients)?;
        let lr = self.lr();
        let grad_scale = match (grad_norm, self.clip_norm) {
            (Some(norm), Some(limit)) if norm > limit => limit / norm,
            _ => 1.0,
        };
        let mut result = Ok(());
        model.for_each_param_mut(|path, param| {
            if let (Ok(()), Some(gradient)) = (&result, wanted(param, gradients)) {
                let group = self.groups.of(path);
                if !self.slots.contains_key(path) {
                    let slots = Slots::new(self.rule.slots(), param.shape());
                    self.slots.insert(path.to_string(), slots);
                }
                let Some(slots) = self.slots.get_mut(path) else { return };
                slots.updates = slots.updates.saturating_add(1);
                let step = Step {
                    number: slots.updates,
                    lr: lr * group.lr_factor,
                    weight_decay: group.weight_decay.unwrap_or(self.rule.weight_decay()),
                    grad_scale,
                };
                result = self.rule.update(param.value_mut(), gradient, &mut slots.tensors, step);
            }
        });
        result?;
        self.steps = self.steps.saturating_add(1);
        Ok(StepReport { lr, grad_norm, updated })
    }

    /// Checks that a step is possible; the number of parameters that it will update, and the norm
    /// of their gradients if that is wanted.
    fn plan<M: Module<T> + ?Sized>(
        &self,
        model: &M,
        gradients: &Gradients<T>,
    ) -> Result<(usize, Option<f64>)> {
        let mut paths = BTreeSet::new();
        let mut first = None;
        let (mut trained, mut updated, mut squares) = (0, 0, 0.0);
        let mut result = Ok(());
        model.for_each_param(|path, param| {
            if result.is_err() {
                return;
            }
            first.get_or_insert_with(|| path.to_string());
            if !paths.insert(path.to_string()) {
                result = Err(Error::SamePath { path: path.into() });
                return;
            }
            trained += usize::from(!param.is_frozen());
            if let Some(gradient) = wanted(param, gradients) {
                updated += 1;
                let (path, wanted) = (path.to_string(), param.shape().to_vec());
                let slots = self.slots.get(&path).into_iter().flat_map(|slots| &slots.tensors);
                if gradient.shape() != param.shape() {
                    let got = gradient.shape().to_vec();
                    result = Err(Error::GradientShape { path, got, wanted });
                } else if let Some(slot) = slots.into_iter().find(|s| s.shape() != param.shape()) {
                    let got = slot.shape().to_vec();
                    result = Err(Error::StateShape { path, got, wanted });
                } else if self.clip_norm.is_some() {
                    squares += sum_of_squares(gradient);
                }
            }
        });
        result?;
        if let (Some(prefix), Some(first)) =
            (self.groups.unused(paths.iter().map(String::as_str)), first)
        {
            return Err(Error::EmptyGroup { prefix: prefix.into(), first });
        }
        if trained > 0 && updated == 0 {
            return Err(Error::NoGradients { params: trained });
        }
        Ok((updated, self.clip_norm.map(|_| squares.sqrt())))
    }

    /// What the optimizer remembers, to be saved. The tensors are shared, not copied.
    pub fn state(&self) -> OptimizerState<T> {
        let tensors = self.slots.iter().map(|(path, slots)| (path.clone(), slots.save())).collect();
        OptimizerState { rule: self.rule.name().into(), step: self.steps, tensors }
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
    /// [`Error::State`] if the state is of another rule, or has another number of tensors for a
    /// parameter than the rule. The optimizer is then what it was.
    pub fn load_state(&mut self, state: OptimizerState<T>) -> Result<()> {
        let OptimizerState { rule, step, tensors } = state;
        if rule != self.rule.name() {
            let [got, wanted] = [&rule, self.rule.name()].map(|name| format!("a state of {name}"));
            return Err(Error::State { got, wanted });
        }
        let count = self.rule.slots();
        let load = |(path, tensors): (String, _)| {
            let slots = Slots::load(&path, count, tensors)?;
            Ok((path, slots))
        };
        self.slots = tensors.into_iter().map(load).collect::<Result<_>>()?;
        self.steps = step;
        Ok(())
    }
}

/// The gradient of a parameter, if it is to be used.
fn wanted<'g, T: Float>(
    param: &Param<T>,
    gradients: &'g Gradients<T>,
) -> Option<&'g gradus_tensor::Tensor<T>> {
    gradients.get(param.id()).filter(|_| !param.is_frozen())
}
