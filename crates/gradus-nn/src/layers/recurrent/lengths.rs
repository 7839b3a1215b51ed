//! Sequences of different lengths in one batch, each of which ends at its own end.
//!
//! The samples are sorted, the longest first. Between one end and the next, those that are not at their end
//! are the first of them, so a slice of the batch goes on from the state that is there, and the rest of the
//! output is zero. What PyTorch does with packed sequences comes out, without the packing.

use gradus_autograd::Var;
use gradus_tensor::{Float, Tensor};

use super::Cell;
use crate::{Error, Result};

/// How the samples of a batch are walked.
pub(super) struct Lengths {
    lengths: Vec<usize>,
    /// Samples, the longest first.
    order: Tensor<i64>,
    /// The place of each sample in that order.
    places: Tensor<i64>,
}

impl Lengths {
    /// `None` if every sample is as long as the batch.
    pub(super) fn new(
        name: &'static str,
        lengths: &[usize],
        [steps, samples]: [usize; 2],
    ) -> Result<Option<Self>> {
        if lengths.len() != samples {
            let got = format!("{} lengths", lengths.len());
            return Err(Error::setting(name, got, format!("one for each of {samples} samples")));
        }
        if let Some((n, length)) = lengths.iter().enumerate().find(|(_, l)| !(1..=steps).contains(l)) {
            let got = format!("length {length} of sample {n}");
            return Err(Error::setting(name, got, format!("1 to {steps}, the steps of the batch")));
        }
        if lengths.iter().all(|&length| length == steps) {
            return Ok(None);
        }
        let mut order: Vec<usize> = (0..samples).collect();
        order.sort_by_key(|&n| std::cmp::Reverse(lengths[n]));
        let mut places = vec![0; samples];
        order.iter().enumerate().for_each(|(place, &n)| places[n] = place as i64);
        let order = order.into_iter().map(|n| n as i64).collect::<Vec<_>>();
        Ok(Some(Self {
            lengths: lengths.to_vec(),
            order: Tensor::vector(order),
            places: Tensor::vector(places),
        }))
    }

    /// Each sample from its own end to its start; what lies beyond its end stays there. Twice is once not.
    pub(super) fn turn<T: Float>(&self, x: &Var<T>) -> Result<Var<T>> {
        let &[steps, samples, features] = x.shape() else { return Ok(x.clone()) };
        let from = |t: usize, n: usize| if t < self.lengths[n] { self.lengths[n] - 1 - t } else { t };
        let rows = (0..steps * samples).map(|i| {
            let (t, n) = (i / samples, i % samples);
            (from(t, n) * samples + n) as i64
        });
        let rows = Tensor::vector(rows.collect::<Vec<_>>());
        let flat = x.reshape([steps * samples, features])?.select(0, &rows)?;
        Ok(flat.reshape([steps, samples, features])?)
    }

    /// [`Cell::read`] for samples of these lengths: zeros behind each one's end, and its state there.
    pub(super) fn read<C: Cell, T: Float>(
        &self,
        x: &Var<T>,
        start: &[Var<T>],
        weights: [&Var<T>; 4],
    ) -> Result<(Var<T>, Vec<Var<T>>)> {
        let (steps, samples, hidden) = (x.shape()[0], x.shape()[1], weights[1].shape()[1]);
        let zeros = |shape: [usize; 3]| Var::constant(Tensor::zeros(shape));
        let x = x.select(1, &self.order)?;
        let mut parts = Vec::with_capacity(start.len());
        for part in start {
            parts.push(part.select(0, &self.order)?);
        }
        let mut ends = self.lengths.clone();
        ends.sort_unstable();
        ends.dedup();
        let (mut outputs, mut ended) = (Vec::new(), Vec::new());
        let (mut from, mut active) = (0, samples);
        for end in ends {
            let going = self.lengths.iter().filter(|&&length| length >= end).count();
            // Those that ended where this stretch begins.
            let mut states = Vec::with_capacity(parts.len());
            for part in &mut parts {
                states.push(part.slice(0, going..active)?);
                *part = part.slice(0, ..going)?;
            }
            ended.push(states);
            let (y, after) = C::read(&x.slice(0, from..end)?.slice(1, ..going)?, &parts, weights)?;
            outputs.push(Var::concat(&[&y, &zeros([end - from, samples - going, hidden])], 1)?);
            (parts, from, active) = (after, end, going);
        }
        outputs.push(zeros([steps - from, samples, hidden]));
        ended.push(parts);
        let y = Var::concat(&outputs.iter().collect::<Vec<_>>(), 0)?.select(1, &self.places)?;
        let last = (0..C::PARTS).map(|i| {
            let sorted: Vec<&Var<T>> = ended.iter().rev().map(|states| &states[i]).collect();
            Ok(Var::concat(&sorted, 0)?.select(0, &self.places)?)
        });
        Ok((y, last.collect::<Result<_>>()?))
    }
}
