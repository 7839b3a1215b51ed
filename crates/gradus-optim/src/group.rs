//! Parameters that are updated with settings of their own.

use std::fmt;
use std::sync::Arc;

use gradus_nn::is_within;

use crate::error::not_negative;
use crate::rule::rate;
use crate::settings::{BadSetting, Settings, Value};
use crate::{Error, Result, Schedule};

/// What is different for the parameters of a group.
///
/// ```
/// use gradus_optim::Sgd;
/// use gradus_tensor::Tensor;
/// # use gradus_autograd::Param;
/// # use gradus_nn::{Module, Visitor, VisitorMut};
/// # struct Net { body: Param, head: Param }
/// # impl Module for Net {
/// #     fn visit(&self, v: &mut Visitor<'_>) { v.field("body", &self.body).field("head", &self.head); }
/// #     fn visit_mut(&mut self, v: &mut VisitorMut<'_>) {
/// #         v.field("body", &mut self.body).field("head", &mut self.head);
/// #     }
/// # }
/// // struct Net { body: Param, head: Param }
/// let mut net = Net { body: Param::new(Tensor::scalar(1.0)), head: Param::new(Tensor::scalar(1.0)) };
/// let mut sgd = Sgd::new(0.5)
///     .optimizer()
///     .group("body", |group| group.lr_factor(0.1))
///     .group("head", |group| group.set(|sgd| sgd.lr(0.25).momentum(0.9)));
/// let loss = net.body.var().add(&net.head.var())?;
/// sgd.step(&mut net, &loss.backward()?)?;
/// assert_eq!([net.body.value().item()?, net.head.value().item()?], [0.95, 0.75]);
/// # Ok::<(), gradus_optim::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Group<R> {
    pub(crate) rule: R,
    pub(crate) about: About,
}

/// What a group has beside its rule.
#[derive(Debug, Clone)]
pub(crate) struct About {
    pub(crate) lr_factor: f64,
    pub(crate) schedule: Option<Arc<dyn Schedule>>,
    /// The rate does not follow the optimizer's.
    pub(crate) own_rate: bool,
    /// What could not be set.
    fault: Option<BadSetting>,
}

impl About {
    pub(crate) const REST: Self =
        Self { lr_factor: 1.0, schedule: None, own_rate: false, fault: None };
}

impl<R: Settings> Group<R> {
    pub(crate) fn new(rule: R) -> Self {
        Self { rule, about: About::REST }
    }

    /// Multiplies the learning rate; 0 leaves the parameters as they are.
    pub fn lr_factor(mut self, lr_factor: f64) -> Self {
        self.about.lr_factor = lr_factor;
        self
    }

    /// Takes the place of the rule's learning rate.
    pub fn lr(self, lr: f64) -> Self {
        self.option("lr", Value::Number(lr))
    }

    /// Takes the place of the rule's weight decay.
    pub fn weight_decay(self, weight_decay: f64) -> Self {
        self.option("weight_decay", Value::Number(weight_decay))
    }

    /// Takes the place of a setting of the given name. A rule that has none, or not of this type, fails in
    /// [`validate`](crate::Optimizer::validate) and in every step.
    pub fn option(mut self, name: &str, value: Value) -> Self {
        self.about.own_rate |= name == "lr";
        let fault = self.rule.set(name, value).err();
        self.about.fault = self.about.fault.or(fault);
        self
    }

    /// Takes the place of the rule: any of its settings can be another. A learning rate that is another stays where it is when
    /// the optimizer's is [set by hand](crate::Optimizer::set_lr), as one does that is set by [`lr`](Group::lr).
    pub fn set(self, change: impl FnOnce(R) -> R) -> Self {
        let Self { rule, mut about } = self;
        let before = rate(&rule);
        let rule = change(rule);
        about.own_rate |= rate(&rule) != before;
        Self { rule, about }
    }

    /// Takes the place of the optimizer's schedule.
    pub fn schedule(mut self, schedule: impl Schedule + 'static) -> Self {
        self.about.schedule = Some(Arc::new(schedule));
        self
    }
}

/// Which parameters belong to a group.
#[derive(Clone)]
pub(crate) enum Select {
    Part(String),
    Where(Arc<dyn Fn(&str) -> bool + Send + Sync>),
}

impl Select {
    fn takes(&self, path: &str) -> bool {
        match self {
            Select::Part(part) => is_within(path, part),
            Select::Where(takes) => takes(path),
        }
    }
}

impl fmt::Debug for Select {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Select::Part(part) => write!(f, "`{part}`"),
            Select::Where(_) => write!(f, "by a condition"),
        }
    }
}

/// The groups in the order in which they were added.
#[derive(Debug, Clone, Default)]
pub(crate) struct Groups(Vec<(Select, About)>);

impl Groups {
    pub(crate) fn push(&mut self, select: Select, about: About) {
        self.0.push((select, about));
    }

    /// The number of the first group that takes a path, counted from 1; 0 if none does.
    pub(crate) fn of(&self, path: &str) -> usize {
        self.0.iter().position(|(select, _)| select.takes(path)).map_or(0, |i| i + 1)
    }

    /// A group, by its number.
    pub(crate) fn get(&self, number: usize) -> &About {
        let group = number.checked_sub(1).and_then(|i| self.0.get(i));
        group.map_or(&About::REST, |(_, about)| about)
    }

    /// A part that none of the paths lies in. The name is wrong, most likely; that a condition takes
    /// nothing may well be meant.
    pub(crate) fn unused<'p>(&self, paths: impl Iterator<Item = &'p str> + Clone) -> Option<&str> {
        self.0.iter().find_map(|(select, _)| match select {
            Select::Part(part) if !paths.clone().any(|path| is_within(path, part)) => {
                Some(part.as_str())
            }
            _ => None,
        })
    }

    /// Checks the groups and their rules.
    pub(crate) fn validate<'r, S: Settings + ?Sized + 'r>(
        &self,
        rules: impl Iterator<Item = &'r S>,
    ) -> Result<()> {
        for (i, ((select, about), rule)) in self.0.iter().zip(rules).enumerate() {
            let of = |name: &str| format!("{name}, group {i} ({select:?})");
            let check = about.fault.clone().map_or(Ok(()), Err).and_then(|()| rule.check());
            check.map_err(|bad| Error::from(BadSetting { of: of(&bad.of), ..bad }))?;
            not_negative(&of(rule.about().name), "learning rate factor", about.lr_factor)?;
            about.schedule.as_ref().map_or(Ok(()), |schedule| schedule.validate())?;
        }
        Ok(())
    }
}
