//! The metrics that settings name: which they are, and that they exist.
//!
//! What a step gives is known when it has run. So a batch of validation is judged before the first epoch, if a name asks
//! for more than its loss; what training alone can give is known after one step.

use gradus_autograd::no_grad;
use gradus_nn::Context;
use gradus_tensor::Float;

use super::Tally;
use super::moment::Moment;
use super::parts::{Part, Parts};
use super::run::nothing;
use super::settings::Settings;
use super::state::Run;
use crate::metrics::Goal;
use crate::{Error, Result};

/// A metric that a setting names: whose, and where its value is taken from.
struct Named<'n> {
    op: &'static str,
    name: &'n str,
    /// Without the part.
    bare: &'n str,
    part: Part,
}

impl<'n> Named<'n> {
    /// In validation where there is some, or where the name says.
    fn new(op: &'static str, name: &'n str, validates: bool) -> Self {
        let (part, bare) = match (name.strip_prefix("train_"), name.strip_prefix("validation_")) {
            (Some(bare), _) => (Part::Train, bare),
            (_, Some(bare)) => (Part::Validation, bare),
            _ if validates => (Part::Validation, name),
            _ => (Part::Train, name),
        };
        Self { op, name, bare, part }
    }

    fn all(settings: &'n Settings, validates: bool) -> [Self; 2] {
        [("Trainer::best", &settings.best), ("Trainer::observe", &settings.observe)]
            .map(|(op, name)| Self::new(op, name, validates))
    }

    /// The value, and which values are better.
    fn of(&self, tally: Option<&Tally>) -> Result<(f64, Goal)> {
        let part = if self.part == Part::Train { "training" } else { "validation" };
        let found = tally.and_then(|tally| tally.find(self.bare));
        found.ok_or_else(|| {
            let wanted = match tally {
                Some(tally) => {
                    let names: Vec<_> = tally.values().into_iter().map(|(name, _)| name).collect();
                    format!("one that the steps of {part} give: {}", names.join(", "))
                }
                None => format!("one of training, since there is no {part} data"),
            };
            Error::value(self.op, format!("the metric {:?}", self.name), wanted)
        })
    }
}

/// What the schedules are told, and the value by which the best epoch is found.
pub(super) fn values(
    settings: &Settings,
    trained: &Tally,
    validated: Option<&Tally>,
) -> Result<(f64, (f64, Goal))> {
    let value = |named: &Named<'_>| match named.part {
        Part::Train => named.of(Some(trained)),
        Part::Validation => named.of(validated),
    };
    let [best, observe] = Named::all(settings, validated.is_some());
    Ok((value(&observe)?.0, value(&best)?))
}

impl<T: Float> Run<'_, T> {
    /// Whether validation gives what is asked of it. Its position stays.
    pub(super) fn check_names(&self, parts: &mut dyn Parts<T>) -> Result<()> {
        if self.state.epoch >= self.state.settings.epochs {
            return Ok(());
        }
        let names = Named::all(&self.state.settings, parts.validates());
        let mut tally = None;
        for name in names.iter().filter(|name| name.part == Part::Validation) {
            if parts.validates() && name.bare != "loss" && tally.is_none() {
                tally = Some(first_batch(parts)?);
            }
            if name.bare != "loss" || !parts.validates() {
                name.of(tally.as_ref())?;
            }
        }
        Ok(())
    }

    /// Whether training gives what is asked of it, after a step.
    pub(super) fn check_trained(&self, parts: &dyn Parts<T>) -> Result<()> {
        Named::all(&self.state.settings, parts.validates())
            .iter()
            .filter(|name| name.part == Part::Train)
            .try_for_each(|name| name.of(Some(&self.state.tally)).map(drop))
    }
}

/// What the first batch of validation gives.
fn first_batch<T: Float>(parts: &mut dyn Parts<T>) -> Result<Tally> {
    parts.begin(Part::Validation);
    let start = parts.position(Part::Validation);
    let (mut tally, mut moment) = (Tally::default(), Moment::new(1));
    let mut context = Context::eval().naming(parts.model());
    let mut judge = || -> Result<()> {
        if !parts.fetch()? {
            return Err(nothing("validation"));
        }
        tally.add(&no_grad(|| parts.step(&mut moment, &mut context))?).map(drop)
    };
    let judged = judge();
    parts.restore(Part::Validation, start)?;
    judged.map(|()| tally)
}
