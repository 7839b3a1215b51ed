//! Stands in until the metrics are there.
#![allow(clippy::wrong_self_convention)]
use crate::Result;
use gradus_tensor::{Float, Tensor};
use std::any::Any;

/// Goal
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// .
    Higher,
    /// .
    Lower,
}
/// Unit
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// .
    Number,
    /// .
    Percent,
}

/// Metric
pub trait Metric: Clone + Send + 'static {
    /// .
    type Batch<'a>;
    /// .
    fn name(&self) -> String;
    /// .
    fn goal(&self) -> Goal;
    /// .
    fn unit(&self) -> Unit;
    /// .
    fn add(&mut self, batch: Self::Batch<'_>) -> Result<()>;
    /// .
    fn merge(&mut self, other: &Self) -> Result<()>;
    /// .
    fn value(&self) -> f64;
    /// .
    fn bytes(&self) -> Vec<u8>;
    /// .
    fn restore(&mut self, bytes: &[u8]) -> Option<()>;
    /// .
    fn of(mut self, batch: Self::Batch<'_>) -> Result<Self> {
        self.add(batch)?;
        Ok(self)
    }
}
/// Any
pub trait AnyMetric: Send {
    /// .
    fn name(&self) -> String;
    /// .
    fn goal(&self) -> Goal;
    /// .
    fn unit(&self) -> Unit;
    /// .
    fn value(&self) -> f64;
    /// .
    fn merge(&mut self, other: &dyn AnyMetric) -> Result<()>;
    /// .
    fn to_bytes(&self) -> Result<Vec<u8>>;
    /// .
    fn from_bytes(&self, bytes: &[u8]) -> Result<Box<dyn AnyMetric>>;
    /// .
    fn boxed(&self) -> Box<dyn AnyMetric>;
    /// .
    fn as_any(&self) -> &dyn Any;
}
impl<M: Metric> AnyMetric for M {
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
    fn merge(&mut self, other: &dyn AnyMetric) -> Result<()> {
        match other.as_any().downcast_ref::<M>() {
            Some(o) => Metric::merge(self, o),
            None => Err(crate::Error::value("merge", "x", "y")),
        }
    }
    fn to_bytes(&self) -> Result<Vec<u8>> {
        Ok(self.bytes())
    }
    fn from_bytes(&self, bytes: &[u8]) -> Result<Box<dyn AnyMetric>> {
        let mut m = self.clone();
        m.restore(bytes).ok_or_else(|| crate::Error::value("from_bytes", "x", "y"))?;
        Ok(Box::new(m))
    }
    fn boxed(&self) -> Box<dyn AnyMetric> {
        Box::new(self.clone())
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}
/// Accuracy
#[derive(Clone, Default)]
pub struct Accuracy {
    right: u64,
    all: u64,
}
impl Accuracy {
    /// .
    pub fn new() -> Self {
        Self::default()
    }
    /// .
    pub fn of<T: Float>(mut self, (s, l): (&Tensor<T>, &Tensor<i64>)) -> Result<Self> {
        let s: Tensor<f32> = s.cast();
        self.right += super::count_correct(&s, l)? as u64;
        self.all += l.len() as u64;
        Ok(self)
    }
}
impl Metric for Accuracy {
    type Batch<'a> = (&'a Tensor<f32>, &'a Tensor<i64>);
    fn name(&self) -> String {
        "accuracy".into()
    }
    fn goal(&self) -> Goal {
        Goal::Higher
    }
    fn unit(&self) -> Unit {
        Unit::Percent
    }
    fn add(&mut self, (s, l): Self::Batch<'_>) -> Result<()> {
        self.right += super::count_correct(s, l)? as u64;
        self.all += l.len() as u64;
        Ok(())
    }
    fn merge(&mut self, o: &Self) -> Result<()> {
        self.right += o.right;
        self.all += o.all;
        Ok(())
    }
    fn value(&self) -> f64 {
        self.right as f64 / self.all as f64
    }
    fn bytes(&self) -> Vec<u8> {
        [self.right.to_le_bytes(), self.all.to_le_bytes()].concat()
    }
    fn restore(&mut self, b: &[u8]) -> Option<()> {
        self.right = u64::from_le_bytes(b.get(..8)?.try_into().ok()?);
        self.all = u64::from_le_bytes(b.get(8..16)?.try_into().ok()?);
        Some(())
    }
}
