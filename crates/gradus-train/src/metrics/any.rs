//! A metric of any kind, for a loop that is handed whatever metrics a step computes.

use std::any::{Any, type_name};
use std::fmt;

use super::{Goal, Metric, Unit, codec};
use crate::{Error, Result};

/// A [`Metric`] whose kind is not known where it is kept.
///
/// ```
/// use gradus_tensor::Tensor;
/// use gradus_train::metrics::{Accuracy, AnyMetric, Metric};
///
/// let scores: Tensor = Tensor::from_vec(vec![2.0, 1.0, 0.0, 3.0], [2, 2])?;
/// let first = Accuracy::new().of((&scores, &Tensor::vector([0, 0])))?;
/// let second = Accuracy::new().of((&scores, &Tensor::vector([0, 1])))?;
///
/// let mut epoch = AnyMetric::new(first);
/// epoch.merge(&second.into())?;
/// assert_eq!(epoch.to_string(), "accuracy 75.00 %");
///
/// // Its sums as bytes, and back: any metric of the kind knows how to read them.
/// let again = AnyMetric::new(Accuracy::new()).with_bytes(&epoch.to_bytes()?)?;
/// assert_eq!(again.value(), 0.75);
/// # Ok::<(), gradus_train::Error>(())
/// ```
pub struct AnyMetric(Box<dyn Erased>);

impl AnyMetric {
    /// Forgets the kind of a metric.
    pub fn new(metric: impl Metric) -> Self {
        Self(Box::new(metric))
    }

    /// What its column is called.
    pub fn name(&self) -> String {
        self.0.name()
    }

    /// Which direction is better.
    pub fn goal(&self) -> Goal {
        self.0.goal()
    }

    /// How its value is shown.
    pub fn unit(&self) -> Unit {
        self.0.unit()
    }

    /// The value for all that was taken in; NaN where that says nothing.
    pub fn value(&self) -> f64 {
        self.0.value()
    }

    /// Takes in what another took in, after what was here before.
    ///
    /// # Errors
    /// [`Error::Value`] if the two are of different kinds, and as [`Metric::merge`].
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        self.0.merge(other)
    }

    /// The sums as bytes, every bit of them.
    ///
    /// # Errors
    /// [`Error::Value`] if the metric's `Serialize` fails.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        self.0.to_bytes()
    }

    /// A metric of the kind of this one with the sums in `bytes`, which are not trusted.
    ///
    /// # Errors
    /// [`Error::Value`] if these are not the bytes of such a metric.
    pub fn with_bytes(&self, bytes: &[u8]) -> Result<Self> {
        self.0.with_bytes(bytes)
    }

    /// The metric itself, if it is of the kind that is asked for.
    pub fn get<M: Metric>(&self) -> Option<&M> {
        self.0.any().downcast_ref()
    }
}

impl<M: Metric> From<M> for AnyMetric {
    fn from(metric: M) -> Self {
        Self::new(metric)
    }
}

impl Clone for AnyMetric {
    fn clone(&self) -> Self {
        self.0.clone_box()
    }
}

impl fmt::Debug for AnyMetric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({} = {})", self.0.kind(), self.name(), self.value())
    }
}

/// Name and value with its unit.
impl fmt::Display for AnyMetric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name(), self.unit().show(self.value()))
    }
}

/// [`Metric`] without what an object cannot have.
trait Erased: Send {
    fn name(&self) -> String;
    fn goal(&self) -> Goal;
    fn unit(&self) -> Unit;
    fn value(&self) -> f64;
    fn merge(&mut self, other: &AnyMetric) -> Result<()>;
    fn to_bytes(&self) -> Result<Vec<u8>>;
    fn with_bytes(&self, bytes: &[u8]) -> Result<AnyMetric>;
    fn clone_box(&self) -> AnyMetric;
    fn any(&self) -> &dyn Any;
    fn kind(&self) -> &'static str;
}

impl<M: Metric> Erased for M {
    fn name(&self) -> String {
        Metric::name(self)
    }

    fn goal(&self) -> Goal {
        Metric::goal(self)
    }

    fn unit(&self) -> Unit {
        Metric::unit(self)
    }

    fn value(&self) -> f64 {
        Metric::value(self)
    }

    fn merge(&mut self, other: &AnyMetric) -> Result<()> {
        let Some(same) = other.get::<M>() else {
            return Err(Error::value(
                "AnyMetric::merge",
                format!("{} named {:?}", other.0.kind(), other.name()),
                format!("{}, of which {:?} is", type_name::<M>(), Metric::name(self)),
            ));
        };
        Metric::merge(self, same)
    }

    fn to_bytes(&self) -> Result<Vec<u8>> {
        let wanted = "a metric that can be written";
        codec::encode(self).map_err(|why| {
            Error::value("AnyMetric::to_bytes", format!("{:?}: {why}", Metric::name(self)), wanted)
        })
    }

    fn with_bytes(&self, bytes: &[u8]) -> Result<AnyMetric> {
        let read: Self = codec::decode(bytes).map_err(|why| {
            let got = format!("{} bytes for {:?}: {why}", bytes.len(), Metric::name(self));
            Error::value("AnyMetric::with_bytes", got, "what to_bytes wrote for such a metric")
        })?;
        Ok(AnyMetric::new(read))
    }

    fn clone_box(&self) -> AnyMetric {
        AnyMetric::new(self.clone())
    }

    fn any(&self) -> &dyn Any {
        self
    }

    fn kind(&self) -> &'static str {
        type_name::<M>()
    }
}
