//! Sums over the batches of an epoch, which survive a stop in its middle to the last bit.

use gradus_tensor::Float;

use super::Step;
use crate::metrics::{AnyMetric, Goal, Unit};
use crate::{History, Result};

/// The mean loss over the batches seen so far, and what metrics found in them.
#[derive(Default)]
pub struct Tally {
    loss: f64,
    items: u64,
    metrics: Vec<Sums>,
}

/// The sums of a metric.
enum Sums {
    Here(AnyMetric),
    /// From a checkpoint: its type is known when a step gives one of that name again.
    Saved(Saved),
}

/// What is known of a metric without its type.
struct Saved {
    name: String,
    goal: Goal,
    unit: Unit,
    value: f64,
    sums: Vec<u8>,
}

impl Tally {
    /// Takes a batch in; gives its loss.
    ///
    /// # Errors
    /// If the loss is not one number, or a metric does not go together with the one of its name.
    pub(super) fn add<T: Float>(&mut self, step: &Step<T>) -> Result<f64> {
        let loss = step.loss.item()?.to_f64();
        for metric in &step.metrics {
            let place = self.metrics.iter().position(|sums| sums.name() == metric.name());
            let Some(place) = place else {
                self.metrics.push(Sums::Here(metric.clone()));
                continue;
            };
            let sums = &mut self.metrics[place];
            if let Sums::Saved(saved) = sums {
                *sums = Sums::Here(metric.with_bytes(&saved.sums)?);
            }
            if let Sums::Here(sums) = sums {
                sums.merge(metric)?;
            }
        }
        self.loss += loss * step.items as f64;
        self.items = self.items.saturating_add(step.items as u64);
        Ok(loss)
    }

    /// The mean loss over all items; NaN if there were none.
    pub fn loss(&self) -> f64 {
        self.loss / self.items as f64
    }

    /// How many items there were.
    pub fn items(&self) -> u64 {
        self.items
    }

    /// The value of a metric by name, `"loss"` among them; `None` if no step gave it.
    pub fn value(&self, name: &str) -> Option<f64> {
        self.find(name).map(|(value, _)| value)
    }

    /// The value of a metric, and which values are better.
    pub(super) fn find(&self, name: &str) -> Option<(f64, Goal)> {
        if name == "loss" {
            return Some((self.loss(), Goal::Lower));
        }
        let sums = self.metrics.iter().find(|sums| sums.name() == name)?;
        Some((sums.value(), sums.goal()))
    }

    /// Names and values: the loss, then the metrics in the order in which they came.
    pub fn values(&self) -> Vec<(String, f64)> {
        let metrics = self.metrics.iter().map(|sums| (sums.name(), sums.value()));
        [("loss".to_string(), self.loss())].into_iter().chain(metrics).collect()
    }

    /// The same, with names of columns.
    pub(super) fn columns(&self, part: &str) -> Vec<(String, f64)> {
        let name = |(name, value)| (format!("{part}_{name}"), value);
        self.values().into_iter().map(name).collect()
    }

    /// Tells a history how its columns are to be shown.
    pub(super) fn explain(&self, part: &str, history: &mut History) {
        for sums in &self.metrics {
            history.explain(&format!("{part}_{}", sums.name()), sums.goal(), sums.unit());
        }
    }

    /// For a line of text: `loss 0.0123 accuracy 99.50 %`.
    pub(super) fn line(&self) -> String {
        let mut line = format!("loss {:.4}", self.loss());
        for sums in &self.metrics {
            line += &format!(" {} {}", sums.name(), sums.unit().show(sums.value()));
        }
        line
    }
}

impl Sums {
    fn name(&self) -> String {
        match self {
            Self::Here(metric) => metric.name(),
            Self::Saved(saved) => saved.name.clone(),
        }
    }

    fn goal(&self) -> Goal {
        match self {
            Self::Here(metric) => metric.goal(),
            Self::Saved(saved) => saved.goal,
        }
    }

    fn unit(&self) -> Unit {
        match self {
            Self::Here(metric) => metric.unit(),
            Self::Saved(saved) => saved.unit,
        }
    }

    fn value(&self) -> f64 {
        match self {
            Self::Here(metric) => metric.value(),
            Self::Saved(saved) => saved.value,
        }
    }
}

/// As bytes: two numbers and the count of metrics; then for each the length of its name, the name, goal, unit, value, the
/// length of its sums, the sums. Numbers are little-endian, of 8 bytes.
impl Tally {
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        let mut put = |bytes: &[u8]| out.extend_from_slice(bytes);
        put(&self.loss.to_bits().to_le_bytes());
        put(&self.items.to_le_bytes());
        for sums in &self.metrics {
            let name = sums.name();
            let bytes = match sums {
                Sums::Here(metric) => metric.to_bytes()?,
                Sums::Saved(saved) => saved.sums.clone(),
            };
            put(&(name.len() as u64).to_le_bytes());
            put(name.as_bytes());
            put(&[u8::from(sums.goal() == Goal::Higher), u8::from(sums.unit() == Unit::Percent)]);
            put(&sums.value().to_bits().to_le_bytes());
            put(&(bytes.len() as u64).to_le_bytes());
            put(&bytes);
        }
        Ok(out)
    }

    /// The sums from such bytes; `None` if they are none.
    pub(super) fn from_bytes(mut bytes: &[u8]) -> Option<Self> {
        let (loss, items) = (f64::from_bits(number(&mut bytes)?), number(&mut bytes)?);
        let mut metrics = Vec::new();
        while !bytes.is_empty() {
            let name = text(&mut bytes)?;
            let [goal, unit] = *take(&mut bytes, 2)? else { return None };
            let value = f64::from_bits(number(&mut bytes)?);
            let length = number(&mut bytes)?;
            let sums = take(&mut bytes, length)?.to_vec();
            let goal = if goal == 1 { Goal::Higher } else { Goal::Lower };
            let unit = if unit == 1 { Unit::Percent } else { Unit::Plain };
            metrics.push(Sums::Saved(Saved { name, goal, unit, value, sums }));
        }
        Some(Self { loss, items, metrics })
    }
}

/// So many bytes off the front, if there are so many.
fn take<'b>(bytes: &mut &'b [u8], length: u64) -> Option<&'b [u8]> {
    let (front, rest) = bytes.split_at_checked(usize::try_from(length).ok()?)?;
    *bytes = rest;
    Some(front)
}

fn number(bytes: &mut &[u8]) -> Option<u64> {
    Some(u64::from_le_bytes(take(bytes, 8)?.try_into().ok()?))
}

fn text(bytes: &mut &[u8]) -> Option<String> {
    let length = number(bytes)?;
    String::from_utf8(take(bytes, length)?.to_vec()).ok()
}
