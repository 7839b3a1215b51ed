//! Averages of weights, which often predict better than the last weights do.
//!
//! ```text
//! exponential     a ← a + (1 - d) (w - a)          after every step
//! stochastic      a ← a + (w - a) / (n + 1)        after every epoch from a given one on; n so far
//! ```
//!
//! Both start as the first weights that they are shown. Polyak and Juditsky, *Acceleration of stochastic approximation
//! by averaging*, 1992; Tarvainen and Valpola, *Mean teachers are better role models*, 2017, section 2; Izmailov and
//! others, *Averaging weights leads to wider optima and better generalization*, 2018, algorithm 1.

use gradus_nn::{Module, ModuleExt};
use gradus_serialize::StateDict;
use gradus_tensor::{Float, Tensor};

use crate::{Error, Result};

/// Which average of the weights a trainer keeps. Validation is made with the averaged weights, and `best.ckpt` has them.
///
/// Buffers are those of the model as it stands: the statistics of a batch normalisation were collected under the weights
/// of training.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeightAverage(Kind);

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Exponential(f64),
    Stochastic(u64),
}

impl WeightAverage {
    /// The exponential moving average (EMA), after every step; `decay` is a little less than 1, such as 0.999.
    pub fn exponential(decay: f64) -> Self {
        Self(Kind::Exponential(decay))
    }

    /// The mean over the ends of epochs from the given one on (SWA), counted from 1.
    pub fn stochastic(from_epoch: u64) -> Self {
        Self(Kind::Stochastic(from_epoch))
    }

    pub(super) fn validate(self) -> Result<()> {
        match self.0 {
            Kind::Exponential(decay) if !(0.0..1.0).contains(&decay) => {
                let got = format!("decay {decay}");
                Err(Error::value("WeightAverage::exponential", got, "a number from 0 to below 1"))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn about(self) -> String {
        match self.0 {
            Kind::Exponential(decay) => format!("exponential {decay}"),
            Kind::Stochastic(from) => format!("stochastic {from}"),
        }
    }
}

/// An average in the making.
#[derive(Clone)]
pub(super) struct Averaged<T: Float> {
    of: WeightAverage,
    /// How many weights it is the mean of.
    pub(super) count: u64,
    /// In the order of the model's parameters, each of them once.
    params: Vec<Tensor<T>>,
}

impl<T: Float> Averaged<T> {
    pub(super) fn new(of: WeightAverage) -> Self {
        Self { of, count: 0, params: Vec::new() }
    }

    /// After a step.
    pub(super) fn step(&mut self, model: &dyn Module<T>) -> Result<()> {
        match self.of.0 {
            Kind::Exponential(decay) => self.add(model, 1.0 - decay),
            Kind::Stochastic(_) => Ok(()),
        }
    }

    /// At the end of an epoch, which is counted from 1.
    pub(super) fn epoch(&mut self, model: &dyn Module<T>, epoch: u64) -> Result<()> {
        match self.of.0 {
            Kind::Stochastic(from) if epoch >= from => {
                self.add(model, 1.0 / (self.count as f64 + 1.0))
            }
            _ => Ok(()),
        }
    }

    fn add(&mut self, model: &dyn Module<T>, weight: f64) -> Result<()> {
        self.count = self.count.saturating_add(1);
        if self.params.is_empty() {
            model.for_each_param(|_, param| self.params.push(param.value().clone()));
            return Ok(());
        }
        let (mut averages, mut result) = (self.params.iter_mut(), Ok(()));
        model.for_each_param(|_, param| {
            if let (Ok(()), Some(average)) = (&result, averages.next()) {
                result = param
                    .value()
                    .sub(average)
                    .and_then(|way| average.add_scaled(&way, T::from_f64(weight)));
            }
        });
        Ok(result?)
    }

    /// Exchanges the weights of the model and their averages, if there are any yet. Twice is as if never.
    pub(super) fn swap(&mut self, model: &mut dyn Module<T>) {
        let mut averages = self.params.iter_mut();
        model.for_each_param_mut(|_, param| {
            if let Some(average) = averages.next() {
                std::mem::swap(param.value_mut(), average);
            }
        });
    }

    /// The averages by path, to be saved.
    pub(super) fn save(&self, model: &dyn Module<T>) -> StateDict {
        let mut dict = StateDict::new();
        let mut averages = self.params.iter();
        model.for_each_param(|path, _| {
            if let Some(average) = averages.next() {
                dict.insert(path, average.clone());
            }
        });
        dict
    }

    /// Takes saved averages in.
    pub(super) fn load(
        of: WeightAverage,
        model: &dyn Module<T>,
        dict: &StateDict,
        count: u64,
    ) -> Result<Self> {
        let (mut params, mut result) = (Vec::new(), Ok(()));
        model.for_each_param(|path, param| match dict.tensor::<T>(path) {
            _ if result.is_err() => {}
            Ok(average) if average.shape() == param.shape() => params.push(average),
            Ok(average) => {
                let got = format!("an average of shape {:?} for {path}", average.shape());
                result = Err(Error::value("Trainer::resume", got, format!("{:?}", param.shape())));
            }
            Err(error) => result = Err(error.into()),
        });
        result.map(|()| Self { of, count, params })
    }
}
