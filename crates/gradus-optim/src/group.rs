//! Parameters that are updated with settings of their own.

use std::fmt;
use std::sync::Arc;

use gradus_nn::is_within;

use crate::Result;
use crate::error::not_negative;

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
/// let mut sgd = Sgd::new(0.5).optimizer().group("body", |group| group.lr_factor(0.1));
/// let loss = net.body.var().add(&net.head.var())?;
/// sgd.step(&mut net, &loss.backward()?)?;
/// assert_eq!([net.body.value().item()?, net.head.value().item()?], [0.95, 0.5]);
/// # Ok::<(), gradus_optim::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Group {
    pub(crate) lr_factor: f64,
    pub(crate) weight_decay: Option<f64>,
}

impl Group {
    /// Multiplies the learning rate; 0 leaves the parameters as they are.
    pub fn lr_factor(self, lr_factor: f64) -> Self {
        Self { lr_factor, ..self }
    }

    /// Takes the place of the rule's weight decay.
    pub fn weight_decay(self, weight_decay: f64) -> Self {
        Self { weight_decay: Some(weight_decay), ..self }
    }

    /// The group of the parameters that are in no other.
    pub(crate) const REST: Self = Self { lr_factor: 1.0, weight_decay: None };
}

/// Which parameters belong to a group.
#[derive(Clone)]
pub(crate) enum Select {
    Part(String),
    Where(Arc<dyn Fn(&str) -> bool + Send + Sync>),
}

impl Select {
    pub(crate) fn takes(&self, path: &str) -> bool {
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
pub(crate) struct Groups(Vec<(Select, Group)>);

impl Groups {
    pub(crate) fn push(&mut self, select: Select, group: Group) {
        self.0.push((select, group));
    }

    /// The first group that takes a path.
    pub(crate) fn of(&self, path: &str) -> Group {
        let first = self.0.iter().find(|(select, _)| select.takes(path));
        first.map_or(Group::REST, |(_, group)| *group)
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

    pub(crate) fn validate(&self, rule: &str) -> Result<()> {
        for (i, (select, group)) in self.0.iter().enumerate() {
            let of = format!("{rule}, group {i} ({select:?})");
            not_negative(&of, "learning rate factor", group.lr_factor)?;
            not_negative(&of, "weight decay", group.weight_decay.unwrap_or(0.0))?;
        }
        Ok(())
    }
}
