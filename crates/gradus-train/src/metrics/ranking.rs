//! The scores of two classes, kept whole: what ROC-AUC and average precision are made of.
//!
//! Both say how well scores put class 1 before class 0, for every threshold at once; so all scores are kept,
//! 8 bytes for each example, those of each class apart. They depend on the order of the scores alone: equal
//! scores are one threshold, 0 and -0 are equal, and a score that grows with another (a logit, its
//! probability) gives the same values. A NaN has no place in the order and is refused.

use gradus_autograd::Var;
use gradus_tensor::{Float, Tensor};
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// Scores of class 1, and which class each example has.
///
/// Made from a pair `(&scores, &labels)` of one shape, `[N]`, say: scores a tensor or a variable of `f32` or
/// `f64`, labels 0 and 1.
#[derive(Debug, Clone)]
pub struct Scored<'a> {
    /// The scores, in the order of the labels.
    pub scores: Vec<f64>,
    /// The shape of the scores.
    pub shape: &'a [usize],
    /// For each score 1 or 0.
    pub labels: &'a Tensor<i64>,
}

impl<'a, T: Float> From<(&'a Tensor<T>, &'a Tensor<i64>)> for Scored<'a> {
    fn from((scores, labels): (&'a Tensor<T>, &'a Tensor<i64>)) -> Self {
        let values = scores.to_vec().into_iter().map(|x| x.to_f64()).collect();
        Self { scores: values, shape: scores.shape(), labels }
    }
}

impl<'a, T: Float> From<(&'a Var<T>, &'a Tensor<i64>)> for Scored<'a> {
    fn from((scores, labels): (&'a Var<T>, &'a Tensor<i64>)) -> Self {
        (scores.value(), labels).into()
    }
}

/// All scores so far. Their order within a class has no meaning.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Ranking {
    positive: Vec<f64>,
    negative: Vec<f64>,
}

/// How many examples of each class have one score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    pub score: f64,
    pub positive: u64,
    pub negative: u64,
}

impl Ranking {
    /// Takes a batch in, or nothing of it.
    pub fn take(&mut self, op: &'static str, batch: Scored<'_>) -> Result<()> {
        let labels = batch.labels.to_vec();
        if batch.shape != batch.labels.shape() || batch.scores.len() != labels.len() {
            let wanted = format!("labels {:?}, one for each score", batch.shape);
            return Err(gradus_tensor::Error::shape(op, batch.labels.shape(), wanted).into());
        }
        if let Some(i) = labels.iter().position(|label| !matches!(label, 0 | 1)) {
            let got = format!("label {} at position {i}", labels[i]);
            return Err(Error::value(op, got, "1 for the class that is scored, 0 for the other"));
        }
        if let Some(i) = batch.scores.iter().position(|score| score.is_nan()) {
            let got = format!("a score that is NaN at position {i}");
            return Err(Error::value(op, got, "scores that can be put in order"));
        }
        for (&label, score) in labels.iter().zip(batch.scores) {
            let class = if label == 1 { &mut self.positive } else { &mut self.negative };
            class.push(score);
        }
        Ok(())
    }

    pub fn merge(&mut self, other: &Self) {
        self.positive.extend_from_slice(&other.positive);
        self.negative.extend_from_slice(&other.negative);
    }

    pub fn positives(&self) -> u64 {
        self.positive.len() as u64
    }

    pub fn negatives(&self) -> u64 {
        self.negative.len() as u64
    }

    /// The places from the highest score down.
    pub fn places(&self) -> Vec<Place> {
        let positive = self.positive.iter().map(|&score| (score, 1));
        let mut all: Vec<(f64, u64)> =
            positive.chain(self.negative.iter().map(|&score| (score, 0))).collect();
        // Zeros of both signs become one number; there are no NaNs.
        all.iter_mut().for_each(|(score, _)| *score += 0.0);
        all.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        all.chunk_by(|a, b| a.0 == b.0)
            .map(|place| {
                let positive = place.iter().map(|&(_, one)| one).sum();
                Place { score: place[0].0, positive, negative: place.len() as u64 - positive }
            })
            .collect()
    }
}
